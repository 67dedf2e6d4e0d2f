"""Resets of many people: kills at every boundary, and faults that concern everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from graphpolicy.commands.mfa_reset import BulkOptions, reset_many
from graphpolicy.helpdesk.reset import PlannedReset, ResetOptions, Resets
from graphpolicy.journal.ledger import entries
from tests.faults.scene import Killed, Scene
from tests.faults.test_reset import MIA, desk_of

PEOPLE = [MIA, "kofi.mensah@contoso.com", "noor.haddad@contoso.com"]
BOUNDARIES = 57
"""Of all requests of these three: twice as many, from the first look to the end of sessions."""


class Yes:
    """Answers yes for many people."""

    def reset_many(self, planned: Sequence[PlannedReset], done: int, since: str) -> bool:
        del planned, done, since
        return True


def run(scene: Scene, at_once: int = 1) -> Resets:
    scene.passed = 0
    work = reset_many(
        desk_of(scene), PEOPLE, ResetOptions(), Yes().reset_many, BulkOptions(at_once)
    )
    try:
        return asyncio.run(work)
    except BaseExceptionGroup as group:  # several requests were under way
        raise (Killed() if group.subgroup(Killed) else group) from group


def left(scene: Scene) -> list[str]:
    registered, key = scene.mock.tenant().registered, scene.mock.tenant().directory.key
    return [name for name in PEOPLE if registered.kinds_of(key(name))]


@pytest.mark.parametrize("boundary", range(1, BOUNDARIES, 3))
def test_after_a_kill_the_same_command_goes_on_with_the_others(
    tmp_path: Path, boundary: int
) -> None:
    scene = Scene(tmp_path)
    scene.kill_at = boundary
    with pytest.raises(Killed):
        run(scene)
    done = {
        line["user"]["userPrincipalName"]
        for line in entries(str(scene.state))
        if line["event"] == "finished"
    }
    scene.kill_at = None
    scene.mock.clear_requests()
    found = run(scene)
    assert (found.exit_code, left(scene)) == (0, [])
    assert {each.person.name for each in found.results if each.ending == "done_before"} == done
    assert found.count("done_before", "reset") == len(PEOPLE)


@pytest.mark.parametrize("status", [401, 429])
@pytest.mark.parametrize("after", [0, 2])
def test_what_would_meet_everybody_ends_it_at_once(tmp_path: Path, status: int, after: int) -> None:
    scene = Scene(tmp_path)
    scene.sign_in.renewable = False
    scene.mock.add_fault("status", status=status, method="DELETE", after=after, times=None)
    found = run(scene)
    assert found.exit_code == (5 if after else 4 if status == 401 else 1)
    assert found.error.startswith("stopped: ")
    assert [each.ending for each in found.results][1:] == ["not_begun", "not_begun"]
    scene.mock.clear_faults()
    assert (run(scene, at_once=3).exit_code, left(scene)) == (0, [])


@pytest.mark.parametrize(("failing", "stopped"), [((0, 2), False), ((0, 1), True)])
def test_failures_in_a_row_end_it_and_others_do_not(
    tmp_path: Path, failing: tuple[int, int], stopped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphpolicy.commands.mfa_reset.STREAK", 2)
    scene = Scene(tmp_path)
    for number in failing:
        key = scene.mock.tenant().directory.key(PEOPLE[number])
        scene.mock.add_fault("status", status=400, method="DELETE", path_contains=key, times=None)
    found = run(scene)
    assert (
        found.error.startswith("stopped: nothing could be deleted for 2 people in a row") == stopped
    )
    assert [each.ending for each in found.results][2] == ("not_begun" if stopped else "failed")


def test_throttling_is_waited_out_and_everybody_is_done(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.mock.add_fault("status", status=429, retry_after="1", probability=0.2, seed=7, times=20)
    found = run(scene, at_once=8)
    assert (found.exit_code, left(scene)) == (0, [])
    assert any("Graph asks to wait 1 s (429)" in line for line in scene.said)


@pytest.mark.parametrize("status", [400, 404])
def test_a_name_that_graph_does_not_take_is_told_and_nothing_is_done(
    tmp_path: Path, status: int
) -> None:
    scene = Scene(tmp_path)
    scene.mock.add_fault(
        "status", status=status, method="GET", path_contains=f"users/{PEOPLE[1]}", times=None
    )
    found = run(scene)
    assert found.error.startswith("nothing was done: 1 of 3 people")
    assert sorted(each.ending for each in found.results) == ["failed", "not_begun", "not_begun"]
    assert left(scene) == PEOPLE


def test_a_journal_that_can_not_be_written_begins_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    (tmp_path / ".graphpolicy").write_text("a file", encoding="utf-8")
    with pytest.raises(Exception, match="helpdesk"):
        run(scene)
    assert left(scene) == PEOPLE
