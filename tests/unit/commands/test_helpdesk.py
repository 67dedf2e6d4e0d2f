"""Who may be helped: policy, house rules, groups and roles as the directory has them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.commands.mfa_reset import reset
from graphpolicy.commands.tap_issue import issue
from graphpolicy.helpdesk.access_pass import PassRequest
from graphpolicy.helpdesk.house_rules import HouseRules
from graphpolicy.helpdesk.outcomes import Issuance
from graphpolicy.helpdesk.reset import Reset, ResetOptions
from graphpolicy.journal.ledger import entries
from tests.faults.scene import Scene
from tests.faults.test_reset import MIA
from tests.faults.test_revoke import Yes, desk, without_pass

NOOR, READER, GLASS = "noor.haddad@contoso.com", "reader@contoso.com", "BG-01@contoso.com"
PILOT, ZURICH = "0d1c2b3a-0000-4000-8000-000000000001", "0d1c2b3a-0000-4000-8000-00000000000c"
UNIT = "0a000000-0000-4000-8000-000000000001"
NO_ROLES = HouseRules({"refuse": [{"role": "any"}]})


def both(scene: Scene, user: str, house: HouseRules, reason: str = "") -> tuple[Issuance, Reset]:
    """The result of a pass for somebody, and of a dry run of their reset."""
    place = desk(scene, "tap issue", house=house, reason=reason)
    made = asyncio.run(issue(place, user, PassRequest(), Yes()))
    dry = asyncio.run(reset(place, user, ResetOptions(dry_run=True), lambda _: False))
    return made, dry


def refusing(result: Issuance | Reset) -> list[str]:
    return [each.rule for each in result.findings if each.level == "error"]


@pytest.mark.parametrize(
    ("house", "user", "reason", "expected"),
    [
        (HouseRules({"requireReason": True}), MIA, "", "helpdesk-reason"),
        (HouseRules({"ticketPattern": "INC[0-9]{7}"}), MIA, "", "helpdesk-reason"),
        (HouseRules({"ticketPattern": "INC[0-9]{7}"}), MIA, "x", "helpdesk-ticket"),
        (NO_ROLES, READER, "", "helpdesk-role"),
        (HouseRules({"refuse": [{"group": "SG-MFA-Pilot-P"}]}), NOOR, "", "helpdesk-group"),
        (HouseRules({}, [{"user": "bg-01@contoso.com"}]), GLASS, "", "helpdesk-emergency"),
        (HouseRules({}, [{"group": "Break-glass accounts"}]), GLASS, "", "helpdesk-emergency"),
    ],
)
def test_house_rules_refuse_a_pass_and_a_reset_alike(
    tmp_path: Path, house: HouseRules, user: str, reason: str, expected: str
) -> None:
    scene = without_pass(tmp_path)
    for result in both(scene, user, house, reason):
        assert (refusing(result), result.ending, result.exit_code) == ([expected], "refused", 6)
        assert all(each.help for each in result.findings)
    assert {each.method for each in scene.mock.requests} == {"GET"}
    assert entries(str(scene.state))[0]["rules"] == [expected]


@pytest.mark.parametrize(
    ("holder", "grant", "says"),
    [
        (MIA, {"eligible": True}, "User Administrator, eligible"),
        (MIA, {"unit": UNIT}, f"User Administrator, for /administrativeUnits/{UNIT}"),
        (MIA, {"unit": UNIT, "eligible": True}, "User Administrator, eligible, for /admin"),
        (ZURICH, {"eligible": True}, "User Administrator, eligible"),
    ],
)
def test_a_role_counts_also_while_it_is_eligible_or_for_a_part(
    tmp_path: Path, holder: str, grant: dict[str, Any], says: str
) -> None:
    scene = without_pass(tmp_path)
    user = MIA if holder == MIA else NOOR
    assert [refusing(each) for each in both(scene, user, NO_ROLES)] == [[], []]
    scene.mock.grant_role("User Administrator", holder, **grant)
    for result in both(scene, user, NO_ROLES):
        assert refusing(result) == ["helpdesk-role"]
        assert says in result.findings[0].message
    scene.mock.add_fault("status", path_contains="roleDefinitions", status=403, times=None)
    assert [refusing(each) for each in both(scene, user, NO_ROLES)] == [["helpdesk-role"]] * 2


@pytest.mark.parametrize("why", ["license_400", "refused_403", "token"])
def test_roles_that_cannot_be_read_are_not_verified_and_that_is_said(
    tmp_path: Path, why: str
) -> None:
    scene = without_pass(tmp_path)
    if why == "token":
        names = ["UserAuthenticationMethod.ReadWrite.All", "User.Read.All", "GroupMember.Read.All"]
        scene.sign_in.held = scene.mock.issue_token([*names, "Policy.Read.AuthenticationMethod"])
    else:
        scene.mock.set_switches(role_eligibility=why)
    for result in both(scene, MIA, NO_ROLES):
        (note,) = result.findings
        assert (note.rule, note.level) == ("helpdesk-role-not-verified", "note")
        assert note.message.startswith("not verified: whether Mia Lopez")
    assert entries(str(scene.state))[-1]["notes"] == ["helpdesk-role-not-verified"]
    assert [refusing(each) for each in both(scene, READER, NO_ROLES)] == [["helpdesk-role"]] * 2


@pytest.mark.parametrize(
    ("wish", "live", "rule"),
    [
        (PassRequest(), {"state": "disabled"}, "tap-disabled"),
        (PassRequest(30), {}, "tap-lifetime"),
        (PassRequest(500), {}, "tap-lifetime"),
        (PassRequest(once=False), {"isUsableOnce": True}, "tap-one-time"),
        (
            PassRequest(),
            {"excludeTargets": [{"targetType": "group", "id": PILOT}]},
            "tap-not-included",
        ),
    ],
)
def test_what_the_live_policy_would_refuse_is_not_sent(
    tmp_path: Path, wish: PassRequest, live: dict[str, Any], rule: str
) -> None:
    scene = without_pass(tmp_path)
    if live:
        scene.mock.portal("TemporaryAccessPass", live)
    result = asyncio.run(issue(desk(scene, "tap issue"), MIA, wish, Yes()))
    assert (refusing(result), result.exit_code) == ([rule], 6)
    assert {each.method for each in scene.mock.requests} == {"GET"}
    assert entries(str(scene.state))[-1]["rules"] == [rule]


def test_a_membership_through_another_group_counts(tmp_path: Path) -> None:
    scene = without_pass(tmp_path)
    target = [{"targetType": "group", "id": PILOT}]
    scene.mock.portal("TemporaryAccessPass", {"includeTargets": target})
    made, _ = both(scene, NOOR, HouseRules({}))
    assert made.ending == "issued"
    refused, _ = both(scene, "kofi.mensah@contoso.com", HouseRules({}))
    assert (refused.exit_code, refusing(refused)) == (6, ["tap-not-included"])
