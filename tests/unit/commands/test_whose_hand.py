"""Whose hand the differences of one night show, from a tenant's audit log and our records."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from graphpolicy.commands.plan import plan_tenant
from graphpolicy.graph.errors import refusal
from graphpolicy.mock import DEFAULT_APPLICATION, Mock
from graphpolicy.model import Author, Change, Declared, Desired, OwnRuns, OwnWrite, Tenant, Version
from graphpolicy.plan.make import PlanContext, Planned
from tests.laws.mock_tenant import InProcess

EVENING = datetime(2026, 11, 29, 20, tzinfo=UTC)
TENANT = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
FILE = {"Sms": "enabled", "Voice": "enabled", "Email": "disabled", "Fido2": "disabled"}
SINCE = "2026-11-29T20:30:00"
ROOT = "/v1.0/policies/authenticationMethodsPolicy"


class Signed(InProcess):
    """Graph as the mock answers it, with a token of the hour."""

    def _ask(self, method: str, version: Version, url: str, body: Any = None) -> Any:
        token = self.mock.issue_token()
        answer = self.mock.ask(method, f"/{version}{url}", body, token=token)
        if answer.status >= 400:
            raw = json.dumps(answer.body).encode()
            raise refusal(method, url, answer.status, answer.headers, raw)
        return answer


def evening(**switches: Any) -> Mock:
    """The tenant as its file says, at eight o'clock."""
    mock = Mock(clock=lambda: EVENING)
    for method, state in FILE.items():
        mock.portal(method, {"state": state})
    mock.advance(3600)
    mock.set_switches(**switches)
    return mock


def patch(mock: Mock, method: str, state: str) -> str:
    """Change a state as an application does; the id of the request."""
    kind = mock.configuration(method)["@odata.type"]
    url = f"{ROOT}/authenticationMethodConfigurations/{method}"
    done = mock.ask("PATCH", url, {"@odata.type": kind, "state": state})
    assert done.status in (200, 204), done.body
    return str(done.headers["request-id"])


def look(
    mock: Mock, hours: float = 6, *, own: OwnRuns | None = None, since: str = SINCE
) -> tuple[dict[str, Change], Planned]:
    """What a drift finds some hours later, by method."""
    mock.advance(hours * 3600)
    date = mock.ask("GET", ROOT, token=mock.issue_token()).headers["Date"]
    now = parsedate_to_datetime(date)
    occasion = PlanContext(
        f"{now:%Y-%m-%d}",
        own={TENANT.id: own or OwnRuns()},
        now=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        since=since,
    )
    resources = tuple(Declared(method, {"state": state}, {}) for method, state in FILE.items())
    graph: Any = Signed(mock)
    made = asyncio.run(
        plan_tenant(graph, Desired("p.yaml", TENANT, resources), occasion, attribute=True)
    )
    assert isinstance(made, Planned)
    return {change.resource: change for change in made.plan.changes}, made


def author(change: Change) -> Author:
    assert change.author
    return change.author


@pytest.mark.parametrize("format_", ["changed_only", "full_payload"])
@pytest.mark.parametrize("correlated", ["other", "request_id", "client_request_id"])
def test_ours_an_applications_a_persons_and_microsofts_hand_are_told_apart(
    format_: str, correlated: str
) -> None:
    mock = evening(audit_format=format_, audit_correlation=correlated, september_2026="no_record")
    assert mock.ask("GET", ROOT).status == 200  # it does so once somebody asks
    sent = "2026-11-29T21:00:03Z"
    request = patch(mock, "Voice", "disabled")
    run = OwnWrite("run-7", "ana", sent, request, "Voice", ("state",), "disabled")
    run = replace(run, earliest="2026-11-29T20:55:03", latest="2026-11-29T21:05:03")
    patch(mock, "Sms", "disabled")
    mock.portal("Email", {"state": "enabled"}, "oncall@contoso.com")
    found, _ = look(mock, own=OwnRuns((run,)))
    kinds = {method: author(change).kind for method, change in found.items()}
    assert kinds == {
        "Voice": "ourselves",
        "Sms": "application",
        "Email": "user",
        "Fido2": "microsoft",
    }
    ours, other, person = (author(found[each]) for each in ("Voice", "Sms", "Email"))
    assert (ours.id, ours.name, ours.request_id) == ("run-7", "ana", request)
    assert other.id == DEFAULT_APPLICATION  # the one that our runs use, by another's hand
    assert (person.name, person.ip_address) == ("oncall@contoso.com", "203.0.113.7")
    assert all(each.correlation_id for each in (ours, other, person))


@pytest.mark.parametrize("said", ["no_actor", "no_record", "administrator"])
@pytest.mark.parametrize("format_", ["changed_only", "full_payload"])
def test_september_2026_is_microsofts_unless_an_administrator_is_on_record(
    said: str, format_: str
) -> None:
    mock = evening(september_2026=said, audit_format=format_)
    assert mock.ask("GET", ROOT).status == 200
    found, _ = look(mock)
    [change] = found.values()
    kind = "user" if said == "administrator" else "microsoft"
    assert (change.resource, author(change).kind) == ("Fido2", kind)
    assert (change.notice.since if change.notice else "") == (
        "" if said == "administrator" else "2026-09-01"
    )


def test_a_log_that_may_not_be_read_names_nobody_but_what_was_announced_and_is_one_line() -> None:
    mock = evening(september_2026="no_record")
    assert mock.ask("GET", ROOT).status == 200
    mock.portal("Sms", {"state": "disabled"})
    mock.add_fault("status", times=None, path_contains="auditLogs", status=403)
    found, made = look(mock)
    assert {author(each).kind for each in found.values()} == {"unknown"}
    assert found["Fido2"].notice is not None
    notes = [each for each in made.plan.findings if each.rule == "audit-log-not-read"]
    assert len(notes) == 1
    asked = [each for each in mock.requests if "auditLogs" in each.path]
    assert len(asked) == 1


def test_a_log_that_is_behind_names_nobody() -> None:
    mock = evening(september_2026="no_record", audit_delay_s=900)
    assert mock.ask("GET", ROOT).status == 200
    mock.portal("Sms", {"state": "disabled"})
    young, _ = look(mock, 0.1)
    assert {author(each).kind for each in young.values()} == {"unknown"}
    assert "not yet in the audit log" in author(young["Sms"]).why
    old, _ = look(mock, 1)
    assert {name: author(each).kind for name, each in old.items()} == {
        "Fido2": "microsoft",
        "Sms": "user",
    }


@pytest.mark.parametrize(("kept", "kind"), [(30, "microsoft"), (7, "unknown")])
def test_a_log_that_is_too_short_names_nobody(kept: int, kind: str) -> None:
    mock = evening(september_2026="no_record", audit_kept_days=kept)
    assert mock.ask("GET", ROOT).status == 200
    seen = OwnRuns((), {("Fido2", "state"): "disabled"}, f"{SINCE}Z")
    for since, own in ((SINCE, None), ("", seen)):
        found, _ = look(mock, 20 * 24 if since else 0, since=since, own=own)
        assert author(found["Fido2"]).kind == kind


def test_a_log_with_more_records_than_are_read_names_nobody_for_what_is_before_them() -> None:
    mock = evening(september_2026="no_record")
    assert mock.ask("GET", ROOT).status == 200
    mock.advance(60)
    for number in range(101):
        mock.portal("TemporaryAccessPass", {"defaultLength": 8 + number % 2})
    found, _ = look(mock)
    assert author(found["Fido2"]).kind == "unknown"
    assert "reaches back to 2026-11-29 21:01 UTC only" in author(found["Fido2"]).why
