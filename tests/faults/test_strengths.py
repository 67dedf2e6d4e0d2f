"""Strengths, created and changed in several requests: what trouble leaves, and what undoes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graphpolicy.mock import Mock
from graphpolicy.model import Desired
from graphpolicy.plan.verdict import Report
from tests.faults.scene import Scene, code
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


def demanded(scene: Scene) -> None:
    of = next(row["id"] for row in scene.mock.strengths() if row["displayName"] == "New keys")
    scene.mock.tenant().demands.append({**DEMAND, "strength": of})


def gone(scene: Scene) -> None:
    scene.mock.portal(NEW, None)


def renamed(scene: Scene) -> None:
    scene.mock.portal(NEW, {"displayName": "Newer keys"})


def never_empty(scene: Scene) -> None:
    scene.mock.set_switches(strength_empty="reject_400")


@pytest.mark.parametrize("trouble", [demanded, gone, renamed, never_empty])
def test_a_created_strength_that_can_t_be_emptied_is_left_and_told(
    scene: Scene, desired: Desired, trouble: Callable[[Scene], None]
) -> None:
    """All else is undone."""
    before = scene.truth()
    assert code(scene.apply(desired)) == 0
    trouble(scene)
    there = scene.truth()
    run = scene.runs[-1].name
    moved = trouble in (gone, renamed)
    if moved:
        assert code(scene.rollback(run, desired)) == 3
        assert scene.truth() == there
    report = scene.rollback(run, desired, override=moved)
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
