"""Every fault at every request that counts people: an apply warns, and continues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphpolicy.graph.retry import BUDGET_SECONDS
from graphpolicy.model import Plan
from graphpolicy.plan.verdict import Report
from tests.faults.scene import OCCASION, Scene, code
from tests.laws import mock_tenant

POLICY = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
emergencyAccess: {none: a tenant of the tests}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Sms: {state: disabled}
    Voice: {excludeTargets: [{id: 0d1c2b3a-0000-4000-8000-00000000000a}]}
"""
REPORT, USERS, MEMBERS = "userRegistrationDetails", "v1.0/users", "transitiveMembers/"
FAULTS: Mapping[str, dict[str, Any]] = {
    "403": {"kind": "status", "status": 403},
    "404": {"kind": "status", "status": 404},
    "400": {"kind": "status", "status": 400},
    "500 for ever": {"kind": "status", "status": 500},
    "429 for ever": {"kind": "status", "status": 429, "retry_after": "60"},
    "no answer for ever": {"kind": "reset_before"},
    "always cut short": {"kind": "truncated"},
    "too slow": {"kind": "slow", "seconds": 200},
}


def counted(report: Report) -> tuple[list[str], Plan]:
    [plan] = report.plans
    assert isinstance(plan, Plan)
    return [each.level for each in plan.findings if each.rule == "people-not-counted"], plan


def test_an_apply_warns_and_goes_on_where_people_cannot_be_counted(tmp_path: Path) -> None:
    scene = Scene(tmp_path, plan_context=replace(OCCASION, count="taking"))
    desired = mock_tenant.desired(tmp_path / "policy.yaml", POLICY)
    bring_back = scene.save()
    assert code(scene.apply(desired)) == 0
    new = scene.truth()
    paths = {each.path for each in scene.mock.requests}
    assert [
        part for part in (REPORT, USERS, MEMBERS) if not any(part in each for each in paths)
    ] == []
    wrong = []
    for part in (REPORT, USERS, MEMBERS):
        for name in FAULTS if part == REPORT else ("403", "404", "500 for ever"):
            bring_back()
            scene.mock.add_fault(times=None, path_contains=part, **FAULTS[name])
            begun = scene.now
            levels, plan = counted(report := scene.apply(desired))
            waited = scene.now - begun
            told = set(levels) or {"gone"}
            fine = {"gone"} if part == MEMBERS and name == "404" else {"warning"}
            if part == REPORT:
                assert plan.impact is not None
                assert not hasattr(plan.impact, "everyone"), name
            if (code(report), scene.truth() == new, told) != (0, True, fine):
                wrong.append((part, name, code(report), told))
            assert waited <= 2 * BUDGET_SECONDS, (part, name)
    assert wrong == []
