"""Strengths, created and changed in several requests: what trouble leaves, and what undoes them.

The matrix of test_matrix.py, sampled: the creation, the action, and an option changed and added.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.mock import Mock
from graphpolicy.model import Desired
from graphpolicy.plan.verdict import Report
from tests.faults.scene import Killed, Scene, Truth, code, told
from tests.faults.test_matrix import FATAL, FEW, SURVIVED, no_bug, traces
from tests.laws import mock_tenant

POLICY = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
authenticationStrengthPolicies:
  Company keys:
    description: Keys
    allowedCombinations: [windowsHelloForBusiness, fido2]
    combinationConfigurations:
      fido2:
        allowedAAGUIDs: [fa2b99dc-9e39-4257-8f92-4a30d23c4118, c0ffee00-0000-4000-8000-000000000001]
  New keys:
    description: New
    allowedCombinations: [fido2, x509CertificateMultiFactor]
    combinationConfigurations:
      fido2: {allowedAAGUIDs: [fa2b99dc-9e39-4257-8f92-4a30d23c4118]}
"""
IDS = re.compile("/[0-9a-f]{8}-[0-9a-f-]{27}$")
OLD, NEW = "authenticationStrengthPolicies/Company keys", "authenticationStrengthPolicies/New keys"
EMPTIED = {(NEW, "description"): "", (NEW, "allowedCombinations"): []}
DEMAND = {"id": "ca000000-0000-4000-8000-0000000000ff", "displayName": "All: new keys"}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path, Mock(seed="strengths"))


@pytest.fixture
def desired(tmp_path: Path) -> Desired:
    return mock_tenant.desired(tmp_path / "policy.yaml", POLICY)


def rules(report: Report) -> set[str]:
    return {found.rule for item in report.plans for found in getattr(item, "findings", ())}


def test_a_created_strength_is_undone_by_emptying_it(scene: Scene, desired: Desired) -> None:
    before = scene.truth()
    assert code(scene.apply(desired)) == 0
    there = scene.truth()
    report = scene.rollback(scene.runs[-1].name, desired)
    assert code(report) == 0
    assert "not-restorable" in rules(report)  # it stays
    assert scene.truth() == before | EMPTIED
    assert code(scene.apply(desired)) == 0
    assert scene.truth() == there


def demanded(scene: Scene, **more: Any) -> None:
    of = next(row["id"] for row in scene.mock.strengths() if row["displayName"] == "New keys")
    scene.mock.tenant().demands.append({**DEMAND, "strength": of, **more})


def named_by_a_disabled_policy(scene: Scene) -> None:
    demanded(scene, state="disabled")


def use_unread(scene: Scene) -> None:
    demanded(scene)
    scene.mock.add_fault("status", path_contains="/usage", status=403, times=99)


def gone(scene: Scene) -> None:
    scene.mock.portal(NEW, None)


def renamed(scene: Scene) -> None:
    scene.mock.portal(NEW, {"displayName": "Newer keys"})


def never_empty(scene: Scene) -> None:
    scene.mock.set_switches(strength_empty="reject_400")


@pytest.mark.parametrize(
    "trouble", [demanded, named_by_a_disabled_policy, use_unread, gone, renamed, never_empty]
)
def test_a_created_strength_that_can_t_be_emptied_is_left_and_told(
    scene: Scene, desired: Desired, trouble: Callable[[Scene], None]
) -> None:
    """Everything else is undone."""
    before = scene.truth()
    assert code(scene.apply(desired)) == 0
    trouble(scene)
    there = scene.truth()
    report = scene.rollback(scene.runs[-1].name, desired)
    assert "not-restorable" in rules(report)
    assert code(report) == (5 if trouble is never_empty else 0)
    here = scene.truth()
    assert {path: value for path, value in here.items() if path[0] == OLD} == {
        path: value for path, value in before.items() if path[0] == OLD
    }
    if trouble is never_empty:  # Graph refuses at the end, so what can be undone of it is
        assert here[NEW, "allowedCombinations"] == there[NEW, "allowedCombinations"]
        [refused] = [each for each in report.results[desired.tenant.id] if each.exit_code]
        assert (refused.title, refused.outcome) == (NEW, "failed")
    else:
        assert {p: v for p, v in here.items() if p[0] != OLD} == {
            p: v for p, v in there.items() if p[0] != OLD
        }


@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_a_strength_in_use_is_not_loosened_before_graph_refuses_to_empty_it(
    scene: Scene, tmp_path: Path, state: str
) -> None:
    lifted = "allowedCombinations: []\n    combinationConfigurations: {fido2: {allowedAAGUIDs: []}}"
    text = f"{POLICY.partition('  Company keys:')[0]}  Company keys:\n    {lifted}\n"
    emptied = mock_tenant.desired(tmp_path / "emptied.yaml", text)
    scene.mock.undemand("ca000000-0000-4000-8000-000000000002")
    of = next(row["id"] for row in scene.mock.strengths() if row["displayName"] == "Company keys")
    scene.mock.demand({**DEMAND, "strength": of, "state": state})
    before = scene.truth()
    report = scene.apply(emptied)
    assert code(report) == 1
    assert scene.truth() == before


WRITES = {
    "action": ("POST", "updateAllowedCombinations"),
    "option changed": ("PATCH", "combinationConfigurations"),
    "created": ("POST", "authenticationStrengthPolicies"),
    "option added": ("POST", "combinationConfigurations"),
}
"""Method and end of the URL, without an id, of a write of each kind."""
REQUESTS = 17

FAULTS = (
    "429, seconds",
    "503, a time",
    "500",
    "no answer, nothing done",
    "no answer, all done",
    "400",
    "not persisted",
)
ONCE = {"500", "no answer, nothing done"}
CREATIONS = {"created", "option added"}
"""After these faults a creation is read for, not repeated: the next run creates it."""

EDITS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "creates it": (NEW, {"allowedCombinations": ["sms"]}),
    "deletes one": (OLD, None),
    "renames one": (OLD, {"displayName": "Other keys"}),
    "changes one": (OLD, {"allowedCombinations": ["fido2", "sms"]}),
    "describes one": (OLD, {"description": "theirs"}),
}


@dataclass
class Stage:
    """A scene before an apply, and the states between which it moves the tenant."""

    scene: Scene
    desired: Desired
    old: Truth
    new: Truth
    bring_back: Callable[[], None]
    writes: dict[str, int]
    """Where a write of each kind is among the requests of an apply."""
    judged: set[str] = field(default_factory=set)

    def apply(self) -> Report | None:
        """None if the process was killed."""
        try:
            return self.scene.apply(self.desired)
        except Killed:
            return None


@pytest.fixture
def stage(scene: Scene, desired: Desired) -> Stage:
    old, bring_back = scene.truth(), scene.save()
    scene.mock.clear_requests()
    assert code(scene.apply(desired)) == 0
    assert len(scene.mock.requests) == REQUESTS
    sent = [
        (each.method, IDS.sub("", each.path).rpartition("/")[2]) for each in scene.mock.requests
    ]
    writes = {name: sent.index(write) for name, write in WRITES.items()}
    return Stage(scene, desired, old, scene.truth(), bring_back, writes)


def test_faults_at_each_kind_of_write(stage: Stage) -> None:
    for name in FAULTS:
        for write, at in stage.writes.items():
            stage.bring_back()
            {**SURVIVED, **FATAL}[name](stage.scene, at)
            report = stage.apply()
            assert report
            survives = name in SURVIVED and not (write in CREATIONS and name in ONCE)
            with told(stage.scene, f"{name} at {write}", report):
                assert (code(report) == 0) == survives
                judge(stage, report)


@FEW
def test_a_kill_at_any_moment(stage: Stage, every: int) -> None:
    for at in range(1, 2 * REQUESTS + 1, every):
        stage.bring_back()
        stage.scene.kill_at = at
        with told(stage.scene, f"killed at {at}", None):
            judge(stage, stage.apply())


@pytest.mark.parametrize("name", EDITS)
def test_a_second_administrator(stage: Stage, name: str) -> None:
    """Nothing exists twice, no other edit is lost, and the reported outcomes are true."""
    resource, change = EDITS[name]
    before = (stage.writes[write] - 1 for write in WRITES if write != "action")
    for at in (2, *before):  # during the plan, and just before writes
        stage.bring_back()
        edit = {"resource": resource, "set": change, "when": "after"}
        stage.scene.mock.add_fault("interleave", after=at, edit=edit)
        report = stage.apply()
        with told(stage.scene, f"{name} at {at}", report):
            no_bug(report)
            stage.scene.end_faults()
            once(stage)
            outcomes_are_true(stage, report, edited=resource)
            again = stage.scene.apply(stage.desired)
            no_bug(again)
            assert code(again) == 0
            assert stage.scene.plan(stage.desired).plan.changes == ()
            once(stage)


def test_an_option_that_somebody_deletes_just_before_us_is_gone(
    scene: Scene, tmp_path: Path
) -> None:
    keys = POLICY.partition("  New keys:")[0].partition("        allowedAAGUIDs:")[0]
    lifted = mock_tenant.desired(tmp_path / "lifted.yaml", f"{keys}        allowedAAGUIDs: []\n")
    edit = {"resource": OLD, "set": {"combinationConfigurations": []}, "when": "before"}
    scene.mock.add_fault("interleave", method="DELETE", edit=edit)
    report = scene.apply(lifted)
    assert [each.status for each in scene.mock.requests if each.method == "DELETE"] == [404]
    assert code(report) == 0
    assert {each.outcome for each in report.results[lifted.tenant.id]} == {"verified"}


def test_a_change_that_the_action_replaces_is_told(stage: Stage) -> None:
    """It can't be seen before: Graph's answer has the earlier value."""
    stage.bring_back()
    edit = {"resource": OLD, "set": {"allowedCombinations": ["fido2", "sms"]}, "when": "after"}
    stage.scene.mock.add_fault("interleave", after=stage.writes["action"] - 1, edit=edit)
    report = stage.apply()
    assert report
    assert code(report) == 5  # written, and the rest was not tried
    found = {each.outcome: each for each in report.results[stage.desired.tenant.id]}
    assert (found["conflict"].title, found["conflict"].written) == (OLD, True)
    assert found["conflict"].paths == ("allowedCombinations",)
    stage.scene.end_faults()
    assert code(stage.scene.apply(stage.desired)) == 0


def judge(stage: Stage, report: Report | None) -> None:
    """What must be true after an apply, whatever happened during it."""
    scene = stage.scene
    scene.end_faults()
    no_bug(report)
    once(stage)
    outcomes_are_true(stage, report)
    here = scene.truth()
    for path, value in here.items():
        known = [stage.old.get(path), stage.new.get(path, value)]
        if path[0] in (OLD, NEW) and isinstance(value, list):  # between, both sets
            known += [[], sorted({*stage.old.get(path, ()), *stage.new.get(path, ())})]
        assert value in known, path
    if report and code(report) == 0:
        assert here == stage.new
    place = repr((here, traces(scene)))
    if place in stage.judged:
        return
    stage.judged.add(place)
    back = scene.save()
    run = scene.runs[-1].name if scene.runs else None
    assert code(scene.apply(stage.desired)) == 0
    assert scene.truth() == stage.new
    once(stage)
    if run:
        back()
        assert code(scene.rollback(run, stage.desired)) in (0, 6)
        emptied = EMPTIED if (NEW, "description") in here else {}
        assert scene.truth() == stage.old | emptied


def outcomes_are_true(stage: Stage, report: Report | None, edited: str = "") -> None:
    """For a strength that nobody else edits: verified writes show, writes without effect do not."""
    here = stage.scene.truth()
    results = report.results.get(stage.desired.tenant.id, ()) if report else ()
    last = {(each.title, *path.split(".")): each for each in results for path in each.paths}
    for path, result in last.items():
        if path[0] != edited:
            shows = here.get(path) == stage.new[path]
            assert shows == (result.outcome == "verified" or result.written), (path, result)


def once(stage: Stage) -> None:
    names = [row["displayName"] for row in stage.scene.mock.strengths()]
    assert len(names) == len(set(names)), names
