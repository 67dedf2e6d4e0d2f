"""Who made the differences of one night, from a tenant's audit log and the records of runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import click
import pytest

from graphpolicy.commands.plan import plan_tenant
from graphpolicy.commands.run_recorder import RunRecorder
from graphpolicy.github.drift_result import looks
from graphpolicy.graph.failures import refusal
from graphpolicy.mock import DEFAULT_APPLICATION, Mock
from graphpolicy.model import (
    Author,
    Change,
    Declared,
    Desired,
    KeptSnapshot,
    Observed,
    OwnRuns,
    OwnWrite,
    Tenant,
    Version,
)
from graphpolicy.plan.make import Planned
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, render
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
    mock: Mock,
    hours: float = 6,
    *,
    own: OwnRuns | None = None,
    kept: KeptSnapshot | None = None,
    file: Mapping[str, str] = FILE,
    **more: Any,
) -> tuple[dict[str, Change], Planned]:
    """What a drift finds some hours later, by method."""
    mock.advance(hours * 3600)
    date = mock.ask("GET", ROOT, token=mock.issue_token()).headers["Date"]
    now = parsedate_to_datetime(date)
    plan_context = PlanContext(
        f"{now:%Y-%m-%d}",
        own={TENANT.id: own or OwnRuns()},
        now=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        kept={TENANT.id: kept} if kept else {},
        **{"since": "" if kept else SINCE, **more},
    )
    resources = tuple(Declared(method, {"state": state}, {}) for method, state in file.items())
    graph: Any = Signed(mock)
    made = asyncio.run(
        plan_tenant(graph, Desired("p.yaml", TENANT, resources), plan_context, attribute=True)
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
    assert other.id == DEFAULT_APPLICATION  # the application of the runs, used by another program
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


UNDECLARED: dict[str, tuple[dict[str, Any], bool, str, int]] = {
    "Microsoft, with a record of nobody": ({"september_2026": "no_actor"}, True, "microsoft", 0),
    "Microsoft, without a record": ({"september_2026": "no_record"}, True, "microsoft", 0),
    "an administrator": ({"september_2026": "administrator"}, True, "user", 2),
    "a log that may not be read": ({"september_2026": "no_record"}, False, "unknown", 2),
}


@pytest.mark.parametrize("case", UNDECLARED.values(), ids=UNDECLARED)
def test_what_microsoft_switches_on_in_no_file_is_told_and_fails_only_where_it_may_be_another(
    case: tuple[dict[str, Any], bool, str, int],
) -> None:
    switches, readable, kind, code = case
    mock = evening()
    then = Observed({version: mock.policy(version) for version in ("v1.0", "beta")})
    mock.set_switches(**switches)
    assert mock.ask("GET", ROOT).status == 200
    if not readable:
        mock.add_fault("status", times=None, path_contains="auditLogs", status=403)
    kept = KeptSnapshot("p.snapshot.json", "p.snapshot.json", observed=then, taken_at=f"{SINCE}Z")
    for strict, expected in ((False, code), (True, 2)):
        declared = {method: FILE[method] for method in ("Sms", "Voice", "Email")}
        changes, made = look(mock, 0 if strict else 6, kept=kept, strict=strict, file=declared)
        assert changes == {}
        found = made.plan.unmanaged
        names = {item.name for item in found}
        campaign = "registrationEnforcement.authenticationMethodsRegistrationCampaign"
        assert {
            "Fido2.state",
            "Fido2.includeTargets",
            "Fido2.passkeyProfiles",
            f"authenticationMethodsPolicy.{campaign}.includeTargets",
        } <= names
        assert {item.changed_by[0].kind for item in found} == {kind}
        assert all(item.changed_by[0].notice for item in found) is (kind != "user")
        report = Report("drift", (made.plan,))
        assert report.exit_code == expected
        said = {"microsoft": "by Microsoft", "user": "admin@contoso.com"}.get(kind, "unknown")
        for format_ in ("text", "markdown", "html"):
            shown = " ".join(click.unstyle(render(report, format_, Style())).split())
            assert said in shown
            assert (("matches the change that Microsoft announced for 2026-09-01") in shown) is (
                kind != "user"
            )
        [seen] = looks(json.loads(render(report, "json", Style())))
        assert all(said.removeprefix("by ") in each.who for each in seen.differences + seen.besides)


def test_an_application_of_microsofts_may_switch_on_what_is_in_no_file() -> None:
    mock = evening()
    then = Observed({version: mock.policy(version) for version in ("v1.0", "beta")})
    kept = KeptSnapshot("p.snapshot.json", "p.snapshot.json", observed=then, taken_at=f"{SINCE}Z")
    mock.portal("QRCodePin", {"state": "enabled"})
    for app, code in (
        ({"appId": "b5a60e17-278b-4c92-a4e2-b9262e66bb28", "displayName": "x"}, 0),
        ({"appId": "evil", "displayName": "Azure MFA StrongAuthenticationService"}, 2),
    ):
        mock.world.tenants[TENANT.id].audit[-1]["initiatedBy"] = {"user": None, "app": app}
        _, made = look(mock, 1, kept=kept)
        [item] = made.plan.unmanaged
        assert (item.name, item.turned_on) == ("QRCodePin.state", True)
        assert Report("drift", (made.plan,)).exit_code == code


def test_the_record_of_a_run_has_no_address_of_a_device(tmp_path: Path) -> None:
    mock = evening()
    then = Observed({version: mock.policy(version) for version in ("v1.0", "beta")})
    kept = KeptSnapshot("p.snapshot.json", "p.snapshot.json", observed=then, taken_at=f"{SINCE}Z")
    for method in ("Email", "QRCodePin"):
        mock.portal(method, {"state": "enabled"}, "oncall@contoso.com")
    changes, made = look(mock, kept=kept)
    [undeclared] = made.plan.unmanaged
    assert author(changes["Email"]).ip_address == undeclared.changed_by[0].ip_address != ""
    recorder = RunRecorder(str(tmp_path), {}, lambda: "2026-11-30T03:00:00Z")
    record = recorder.begin(made, "apply", {})
    text = (record.folder.path / "plan.json").read_text(encoding="utf-8")
    assert text.count("oncall@contoso.com") == 2
    assert "203.0.113.7" not in text
