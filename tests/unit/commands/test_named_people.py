"""The people of `emergencyAccess` and `helpdesk.refuse`: what plan and doctor find."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY
from graphpolicy.commands.doctor import _named
from graphpolicy.commands.mfa_reset import reset
from graphpolicy.commands.tap_issue import issue
from graphpolicy.graph.failures import GraphError
from graphpolicy.helpdesk.access_pass import PassRequest
from graphpolicy.helpdesk.house_rules import HouseRules
from graphpolicy.helpdesk.reset import ResetOptions
from graphpolicy.model import Desired, Finding, Json, Version
from graphpolicy.plan.plan_context import PlanContext
from tests.faults.scene import Scene
from tests.faults.test_revoke import Yes, desk, without_pass
from tests.laws.situations import TODAY
from tests.unit.commands.test_read_only import read

GLASS, PILOT = (f"0d1c2b3a-0000-4000-8000-00000000000{n}" for n in (2, 1))
MIA_ID, GONE = (f"0e5e0000-0000-4000-8000-0000000000{n}" for n in ("08", "ff"))
FIRST = "{user: bg-01@contoso.com}"
OTHER = "name-of-another"
MISSING = "emergency-account-not-found"
REFUSE = "helpdesk-group-not-found"


def policy(block: str, sms: str) -> str:
    return (
        "version: 1\ntenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}\n"
        f"{block}\nauthenticationMethodsPolicy:\n"
        f"  authenticationMethodConfigurations: {{Sms: {{state: {sms}}}}}\n"
    )


def doctors(scene: Scene, desired: Desired) -> dict[str, Finding]:
    """The findings of doctor, by rule."""

    async def look() -> tuple[Finding, ...]:
        graph = scene.tenant(desired.tenant)
        live: dict[Version, Json] = {
            "v1.0": await graph.get("v1.0", AUTHENTICATION_METHODS_POLICY.url)
        }
        return await _named(graph, desired, live, TODAY)

    return {each.rule: each for each in asyncio.run(look())}


@pytest.mark.parametrize(
    ("block", "rule", "keeps"),
    [
        (f"emergencyAccess: [{{group: Break-glass accounts, id: {PILOT}}}]", OTHER, "error"),
        (f"emergencyAccess: [{{user: bg-01@contoso.com, id: {MIA_ID}}}]", OTHER, "error"),
        (
            f"helpdesk: {{refuse: [{{role: any}}, {{group: SG-MFA-Pilot-P, id: {GLASS}}}]}}",
            OTHER,
            "error",
        ),
        ("emergencyAccess: [{group: Nobody knows it}]", MISSING, "warning"),
        ("emergencyAccess: [{user: nobody@contoso.com}]", MISSING, "warning"),
        (f"emergencyAccess: [{{user: bg-01@contoso.com, id: {GONE}}}]", MISSING, "warning"),
        (f"emergencyAccess: [{{group: Break-glass accounts, id: {MIA_ID}}}]", MISSING, "warning"),
        ("emergencyAccess: [{group: All employees}]", MISSING, ""),
        ("emergencyAccess: [{group: Duplicate group}]", MISSING, "warning"),
        ("emergencyAccess: [{group: break-glass accounts}]", MISSING, "warning"),
        ("helpdesk: {refuse: [{group: Nobody knows it}]}", REFUSE, "error"),
        (f"helpdesk: {{refuse: [{{group: Board, id: {GONE}}}]}}", REFUSE, "error"),
    ],
)
def test_an_entry_that_is_nobody_or_somebody_else(
    tmp_path: Path, block: str, rule: str, keeps: str
) -> None:
    scene = Scene(tmp_path, plan_context=PlanContext(TODAY))
    takes = read(tmp_path, policy(block, "disabled"))
    plan = scene.plan(takes).plan
    assert {each.rule: each.level for each in plan.findings}[rule] == "error"
    assert rule in str(plan.refused)
    assert {each.method for each in scene.mock.requests} == {"GET"}
    found = doctors(scene, takes)[rule]
    assert (found.level, found.source and found.source.line) == ("error", 3)
    kept = scene.plan(read(tmp_path, policy(block, "enabled"))).plan
    assert {each.rule: each.level for each in kept.findings}.get(rule, "") == keeps


@pytest.mark.parametrize(
    ("block", "name", "column"),
    [
        (f"helpdesk: {{refuse: [{{group: SG-MFA-Pilot-P, id: {GLASS}}}]}}", "SG-MFA-Pilot-P", 21),
        ("helpdesk: {refuse: [{role: any}, {group: Nobody}]}", "Nobody", 34),
        (
            f"emergencyAccess: [{FIRST}, {{group: SG-MFA-Pilot-P, id: {GLASS}}}]",
            "SG-MFA-Pilot-P",
            46,
        ),
    ],
)
def test_an_entry_that_is_somebody_else_helps_nobody(
    tmp_path: Path, block: str, name: str, column: int
) -> None:
    """It is not known who the house rules mean."""
    scene = without_pass(tmp_path)
    desired = read(tmp_path, policy(block, "enabled"))
    place, user = desk(scene, house=HouseRules.of(desired)), "kofi.mensah@contoso.com"
    for act in (
        issue(place, user, PassRequest(), Yes()),
        reset(place, user, ResetOptions(), nobody_asks),
    ):
        with pytest.raises(GraphError) as told:
            asyncio.run(act)
        assert (told.value.exit_code, name in told.value.text) == (6, True)
        assert f"{desired.file}:3:{column}: " in told.value.text
    assert {each.method for each in scene.mock.requests} == {"GET"}


def nobody_asks(_: object) -> bool:
    raise AssertionError
