"""What was changed outside of the files, and what a plan may do about it."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.compare.author_words import NO_WINDOW, by_whom
from graphpolicy.guards.drift_and_freeze import frozen, not_attributed, reverting
from graphpolicy.model import AuditLog, Author, Cause, Change, Place, Scope, Unread
from tests.unit.build import by

BY = (by("night@contoso.com", "2026-11-24T02:10:33.1234567Z").author,)
EDIT: dict[str, Any] = {"resource": "TemporaryAccessPass", "path": "defaultLength", "cause": "edit"}


def change(cause: Cause = "drift", **other: Any) -> Change:
    row: dict[str, Any] = {
        "resource": "Voice",
        "path": "state",
        "before": "disabled",
        "after": "enabled",
        "before_label": "disabled",
        "after_label": "enabled",
        "api": "v1.0",
        "source": Place("contoso.yaml", 7, 5),
        "cause": cause,
        "title": other.get("resource", "Voice"),
    }
    return Change(**{**row, **other})


def test_drift_is_not_undone_along_with_an_edit_and_who_did_it_is_named() -> None:
    [found] = reverting([change(**EDIT), change(changed_by=BY)])
    assert (found.level, found.resource, found.path) == ("error", "Voice", "state")
    assert found.message == (
        "Voice.state was changed in the tenant, from enabled to disabled (by night@contoso.com, "
        "2026-11-24 02:10 UTC), and this plan would undo that together with the edit"
    )
    assert found.source == Place("contoso.yaml", 7, 5)
    assert "hold" in found.help


def test_what_both_have_changed_is_said_of_both() -> None:
    [found] = reverting([change("both", before_label="Night shift", after_label="Factory floor")])
    assert found.message == (
        "Voice.state was changed in the tenant, to Night shift, and in the files, to Factory floor:"
        " this plan would overwrite the change in the tenant"
    )


@pytest.mark.parametrize("causes", [["drift", "drift"], ["edit"], ["unknown"], []])
def test_a_plan_of_one_kind_is_left_alone(causes: list[Cause]) -> None:
    assert not list(reverting([change(cause) for cause in causes]))


FREEZE = Scope("", (), "year end", "cfo@contoso.com", "2026-12-31", Place("contoso.yaml", 2, 9))


def test_a_freeze_refuses_what_would_be_written_until_its_day_is_over() -> None:
    [told] = frozen(FREEZE, "2026-12-31", [change()])
    assert (told.rule, told.level, told.source) == ("tenant-frozen", "error", FREEZE.place)
    assert told.message == "this tenant is frozen until 2026-12-31 (cfo@contoso.com: year end)"
    assert "tenant.freeze" in told.help
    [told] = frozen(FREEZE, "2026-12-31", [])
    assert (told.rule, told.level) == ("tenant-frozen", "note")
    [told] = frozen(FREEZE, "2027-01-01", [change()])
    assert (told.rule, told.level, told.source) == ("freeze-expired", "warning", FREEZE.place)
    assert told.message == (
        "the freeze of this tenant expired on 2026-12-31 (cfo@contoso.com: year end)"
    )
    assert not list(frozen(None, "2026-12-31", [change()]))


def test_an_audit_log_that_was_not_read_is_told_where_somebody_could_be_named() -> None:
    unread = Unread("Graph refused it: 403", "ask for the permission")
    [told] = not_attributed([change()], unread)
    assert (told.rule, told.level) == ("audit-log-not-read", "note")
    assert told.message == (
        "the audit log could not be read, so it is not known who changed what (Graph refused "
        "it: 403)"
    )
    assert told.help == "ask for the permission"
    assert not list(not_attributed([change(**EDIT)], unread))
    assert not list(not_attributed([change()], AuditLog()))


def test_that_nobody_can_be_known_is_told_once_for_all_differences() -> None:
    nobody = (Author("unknown", why=NO_WINDOW),)
    found = [change(changed_by=nobody), change(changed_by=nobody), change(changed_by=BY)]
    [told] = not_attributed(found, AuditLog())
    assert (told.rule, told.level) == ("author-unknown", "note")
    assert "2 of the 3 differences" in told.message
    assert "--since" in told.help
    assert by_whom(nobody) == ""
    assert by_whom((Author("unknown", why="not yet"),))


def test_a_base_with_errors_is_told_once_for_the_whole_plan() -> None:
    [told] = reverting([change("unknown"), change("unknown")], base_lost=True)
    assert (told.rule, told.level, told.resource) == (
        "reverts-outside-change",
        "error",
        "authenticationMethodsPolicy",
    )
    assert "the files in the base have errors" in told.message
    assert "--base" in told.help
    assert "--allow reverts-outside-change" in told.help
    assert not list(reverting([], base_lost=True))
