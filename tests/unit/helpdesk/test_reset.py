"""How a reset ended, and with which people a later run continues."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.helpdesk.actions import UnfinishedDeletion, done_before, unsettled
from graphpolicy.helpdesk.person import Person
from graphpolicy.helpdesk.registered_methods import Preference
from graphpolicy.helpdesk.reset import (
    DeletionState,
    MethodFate,
    PlannedReset,
    ResetOptions,
    Sessions,
    job_of,
    judged,
    own_pass,
)
from tests.unit.helpdesk.test_registered_methods import methods, row

MIA = Person("1", "mia@contoso.com", "Mia")
KEY, TOKEN = methods(row("fido2"), row("softwareOath"))
NOTHING = ("", "", 0)


def planned(wish: ResetOptions = ResetOptions()) -> PlannedReset:  # noqa: B008 - frozen
    found = methods(row("fido2"), row("temporaryAccessPass"), row("retinaScan"), row("password"))
    return PlannedReset(MIA, found, Preference(), wish)


@pytest.mark.parametrize(
    ("states", "sessions", "ending", "code"),
    [
        (("gone", "gone"), "ended", "reset", 0),
        (("gone", "gone"), "unsaid", "reset", 0),
        ((), "ended", "reset", 0),
        (("gone", "left"), "ended", "partly", 5),
        (("gone", "unknown"), "kept", "partly", 5),
        (("left", "left"), "not_tried", "failed", 4),
        (("left", "left"), "kept", "failed", 4),
        (("gone", "gone"), "failed", "partly", 5),
        ((), "failed", "failed", 4),
        (("accepted",), "kept", "partly", 5),
    ],
)
def test_what_a_reset_is_worth(
    states: tuple[DeletionState, ...], sessions: Sessions, ending: str, code: int
) -> None:
    fates = [
        MethodFate(method, state, "" if state == "gone" else "why", exit_code=4)
        for method, state in zip((KEY, TOKEN), states, strict=False)
    ]
    failure = ("sessions: why", "", 4) if sessions == "failed" else NOTHING
    result = judged(planned(), fates, sessions, "", failure)
    assert (result.ending, result.exit_code) == (ending, code)
    assert bool(result.error) == bool(code)


def test_what_is_deleted_kept_and_not_known() -> None:
    with_pass, without = planned(), planned(ResetOptions(passes=False))
    assert [each.label for each in with_pass.chosen] == [
        "passkey (FIDO2)",
        "Temporary Access Pass",
    ]
    assert [each.label for each in without.chosen] == ["passkey (FIDO2)"]
    assert [each.label for each in without.kept] == ["Temporary Access Pass"]
    assert len(with_pass.unknown) == 1
    assert not PlannedReset(MIA, (), Preference(), ResetOptions()).empty
    assert PlannedReset(MIA, (), Preference(), ResetOptions(sessions=False)).empty


def test_ones_own_pass_is_for_somebody_else_to_delete() -> None:
    assert [each.rule for each in own_pass("1", planned())] == ["tap-own"]
    assert not own_pass("1", planned(ResetOptions(passes=False)))
    assert not own_pass("2", planned())


def line(event: str, user: str = "", **more: Any) -> dict[str, Any]:
    about = {"user": {"id": user}} if user else {}
    return {"event": event, "job": "j", "tenant": "t", "at": f"at {event}", **about, **more}


def test_a_run_that_was_cut_off_is_gone_on_with() -> None:
    lines = [
        line("job_begun", at="Monday"),
        line("begun", "1"),
        line("finished", "1"),
        line("begun", "2"),
        line("partly", "2"),
        line("finished", "3", job="another"),
        line("finished", "4", tenant="another"),
    ]
    assert done_before(lines, "t", "j") == ("Monday", frozenset({"1"}))
    more = [*lines, line("job_begun", at="Tuesday"), line("finished", "2")]
    assert done_before(more, "t", "j") == ("Monday", frozenset({"1", "2"}))
    assert done_before([*more, line("job_finished")], "t", "j") == ("", frozenset())
    assert done_before([line("job_begun")], "t", "j") == ("", frozenset())


def test_a_job_is_the_same_people_and_the_same_wish() -> None:
    other = Person("2", "kofi@contoso.com", "")
    job = job_of([MIA, other], ResetOptions())
    assert job_of([other, MIA], ResetOptions(dry_run=True)) == job
    assert job_of([MIA], ResetOptions()) != job
    assert job_of([MIA, other], ResetOptions(passes=False)) != job


def test_a_deletion_is_open_until_a_line_says_what_became_of_it() -> None:
    def line(event: str, id_: str, tenant: str = "t") -> dict[str, Any]:
        user = {"id": "1", "userPrincipalName": "mia@contoso.com"}
        return {"event": event, "tenant": tenant, "user": user, "method": {"type": "x", "id": id_}}

    lines = [
        *(line("deleting", each) for each in "abcd"),
        line("deleted", "a"),
        line("not_deleted", "b"),
        line("deleting", "b"),
        line("deleting", "e", "other"),
        {"event": "deleting", "tenant": "t"},
    ]
    assert [each.method["id"] for each in unsettled(lines, "t")] == ["c", "d", "b"]
    assert not unsettled([*lines, *(line("deleted", each) for each in "bcd")], "t")


def test_what_was_registered_anew_is_another_one() -> None:
    (phone,) = methods(row("phone", id="p", createdDateTime="2026-02-01T00:00:00Z"))
    kept = {"type": phone.type, "id": "p", "createdDateTime": phone.created}
    assert UnfinishedDeletion(MIA, kept, "", "").listed([phone])
    assert not UnfinishedDeletion(
        MIA, {**kept, "createdDateTime": "2025-01-01T00:00:00Z"}, "", ""
    ).listed([phone])
    assert UnfinishedDeletion(MIA, {"type": phone.type, "id": "p"}, "", "").listed([phone])
    assert not UnfinishedDeletion(MIA, kept, "", "").listed([])
