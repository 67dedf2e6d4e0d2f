"""What a policy needs against what a token has: by the least permission, a higher one, a role."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.model import Declared, Desired, Named, Rollout, Tenant, Wave
from graphpolicy.plan.permission_check import CheckedPermission, checked, identity
from graphpolicy.plan.verb_permissions import VerbPermission, needed, needs, scopes

TENANT = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
ADMINISTRATOR = "0526716b-113d-4c15-b2c8-68e3c22b9f80"


def policy(*targets: Any) -> Desired:
    tree = {"includeTargets": [{"targetType": "group", "id": each} for each in targets]}
    return Desired("policy.yaml", TENANT, (Declared("Sms", tree, {}),))


def of_plan(desired: Desired) -> tuple[VerbPermission, ...]:
    return tuple(need for need in needs(desired) if need.verb != "impact")


def against(desired: Desired, **claims: Any) -> dict[str, CheckedPermission]:
    held = identity({"tid": TENANT.id, **claims})
    return {item.need.permission.scope: item for item in checked(of_plan(desired), held)}


def states(found: dict[str, CheckedPermission]) -> dict[str, str]:
    return {scope: item.state for scope, item in found.items()}


def test_what_a_policy_needs_depends_on_what_it_says() -> None:
    plain = [need.permission.scope for need in of_plan(policy("all_users"))]
    assert plain == [
        "Policy.Read.AuthenticationMethod",
        "Directory.Read.All",
        "AuditLog.Read.All and Directory.Read.All",
        "Policy.ReadWrite.AuthenticationMethod",
    ]
    named = of_plan(policy(Named("Pilot"), Named("Factory floor")))
    assert [need.why for need in named if need.permission.scope == "GroupMember.Read.All"] == [
        "looks up 2 groups by name"
    ]
    pinned = of_plan(policy(Named("Pilot", "0d1c2b3a-0000-4000-8000-000000000001")))
    assert len(pinned) == len(plain)
    assert [need.required for need in pinned] == [True, False, False, True]


def test_emergency_accounts_want_to_be_found() -> None:
    kept = [{"user": "bg-01@contoso.com"}, {"group": "Break-glass accounts"}]
    methods = "UserAuthenticationMethod.Read.All"
    signed_in = "User.Read.All and AuditLog.Read.All"
    for accounts, wanted in (
        (kept, ["User.Read.All", "GroupMember.Read.All", methods, signed_in]),
        (kept[1:], ["User.Read.All", "GroupMember.Read.All", methods, signed_in]),
        ({"none": "a test tenant"}, []),
    ):
        found = of_plan(replace(policy("all_users"), emergency_access=accounts))
        optional = [need.permission.scope for need in found if not need.required]
        audit = "AuditLog.Read.All and Directory.Read.All"
        assert optional == [*wanted, "Directory.Read.All", audit]


def test_counting_people_wants_more_and_requires_nothing() -> None:
    wanted = [each for each in needs(policy("all_users")) if each.verb == "impact"]
    assert [each.permission.scope for each in wanted] == [
        "AuditLog.Read.All",
        "GroupMember.Read.All",
        "User.Read.All",
        "UserAuthenticationMethod.Read.All",
    ]
    assert not any(each.required for each in wanted)
    declared = Declared(STRENGTHS, {"description": "For administrators"}, {}, "Keys")
    strengths = needs(Desired("policy.yaml", TENANT, (declared,)))
    assert not any(each.verb == "impact" for each in strengths)


def test_a_method_that_is_switched_off_wants_the_strengths_to_be_read() -> None:
    desired = Desired("policy.yaml", TENANT, (Declared("Sms", {"state": "disabled"}, {}),))
    [need] = [each for each in needs(desired) if "strengths" in each.why]
    assert (need.permission.scope, need.required) == ("Policy.Read.AuthenticationMethod", False)


def test_strengths_want_who_must_satisfy_them_to_be_read() -> None:
    declared = Declared(STRENGTHS, {"description": "For administrators"}, {}, "Keys")
    found = needs(Desired("policy.yaml", TENANT, (declared,)))
    [need] = [each for each in found if each.permission.scope == "Policy.Read.All"]
    assert (need.verb, need.permission.role, need.required) == ("plan", "Global Reader", False)
    scopes = {each.permission.scope: each.required for each in found if each.verb == "plan"}
    for scope in (
        "GroupMember.Read.All",
        "RoleManagement.Read.Directory",
        "RoleEligibilitySchedule.Read.Directory",
    ):
        assert scopes[scope] is False, scope


@pytest.mark.parametrize(
    ("roles", "wanted"),
    [
        ([], ["missing"] * 5),
        (["Policy.Read.AuthenticationMethod"], ["held", *["missing"] * 4]),
        (["Policy.Read.All", "Group.Read.All"], ["held", "held", *["missing"] * 3]),
        (["Policy.ReadWrite.AuthenticationMethod"], ["held", *["missing"] * 3, "held"]),
        (["Directory.Read.All"], ["missing", "held", "held", "missing", "missing"]),
        (["AuditLog.Read.All"], ["missing"] * 5),
        (
            ["AuditLog.Read.All", "Directory.Read.All"],
            ["missing", "held", "held", "held", "missing"],
        ),
    ],
)
def test_an_application(roles: list[str], wanted: list[str]) -> None:
    found = against(policy(Named("Pilot")), roles=roles)
    assert list(states(found).values()) == wanted


def test_what_serves_is_named() -> None:
    found = against(policy("all_users"), roles=["Policy.Read.All"])
    assert found["Policy.Read.AuthenticationMethod"].by == "Policy.Read.All"


@pytest.mark.parametrize(
    ("wids", "wanted"),
    [
        ([], {"plan": "missing", "apply": "missing"}),
        ([READER], {"plan": "held", "apply": "missing"}),
        ([ADMINISTRATOR], {"plan": "held", "apply": "held"}),
    ],
)
def test_a_person_needs_a_role_as_well(wids: list[str], wanted: dict[str, str]) -> None:
    scopes = "Policy.ReadWrite.AuthenticationMethod Directory.Read.All"
    found = against(policy("all_users"), scp=scopes, wids=wids, upn="ana@contoso.com")
    read = found["Policy.Read.AuthenticationMethod"]
    write = found["Policy.ReadWrite.AuthenticationMethod"]
    assert {"plan": read.state, "apply": write.state} == wanted
    if wanted["apply"] == "missing":
        assert write.by == "the Entra role Authentication Policy Administrator"
    assert found["Directory.Read.All"].state == "held"


def test_of_an_opaque_token_nothing_is_known() -> None:
    assert identity({}) is None
    assert {item.state for item in checked(needs(policy("all_users")), None)} == {"unknown"}


def test_claims_of_other_types_are_nothing() -> None:
    held = identity({"tid": TENANT.id, "roles": "Policy.Read.All", "exp": "soon", "appid": 7})
    assert held is not None
    assert (held.permissions, held.expires, held.application) == (frozenset(), 0, "")


READ, WRITE = "Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod"
MEMBERS, USERS = "GroupMember.Read.All", "User.Read.All"
AUDIT = ("AuditLog.Read.All", "Directory.Read.All")


def test_a_persons_sign_in_asks_for_what_the_command_needs_and_no_more() -> None:
    plain = policy("all_users")
    kept = replace(plain, emergency_access=[{"user": "bg-01@contoso.com"}])
    wave = Wave("pilot", "all_users", "2026-12-01", registered="Fido2", at_least=90)
    rolling = replace(plain, rollouts=(Rollout("keys", (wave,)),))
    helped = replace(plain, helpdesk={"refuse": [{"role": "Global Administrator"}]})
    roles = {"RoleManagement.Read.Directory"}  # it includes that for eligible roles
    for command, policies, asked in (
        ("plan", [plain], {READ, MEMBERS}),
        ("plan", [kept], {READ, MEMBERS, USERS}),
        ("plan", [plain, kept], {READ, MEMBERS, USERS}),
        ("plan", [rolling], {READ, MEMBERS, USERS, "AuditLog.Read.All"}),
        ("pull", [], {READ, MEMBERS}),
        ("doctor", [plain], {READ, MEMBERS}),
        ("apply", [plain], {WRITE, MEMBERS}),
        ("rollback", [], {WRITE, MEMBERS}),
        ("drift", [plain], {READ, *AUDIT}),
        ("history", [], set(AUDIT)),
        ("impact", [plain], {READ, MEMBERS, USERS, "AuditLog.Read.All"}),
        ("tap list", [], {READ, MEMBERS, USERS, "UserAuthMethod-TAP.Read.All"}),
        ("tap issue", [], {READ, MEMBERS, USERS, "UserAuthMethod-TAP.ReadWrite.All"}),
        ("tap list", [helped], {READ, MEMBERS, USERS, "UserAuthMethod-TAP.Read.All", *roles}),
        ("mfa list", [], {READ, MEMBERS, USERS, "UserAuthenticationMethod.Read.All"}),
        (
            "mfa reset",
            [],
            {
                *(READ, MEMBERS, USERS, "UserAuthenticationMethod.ReadWrite.All"),
                "User.RevokeSessions.All",
            },
        ),
    ):
        found = scopes(needed(tuple(command.split()), policies))
        assert set(found) == asked, (command, found)
    counting = scopes(needed(("plan",), [plain], people=True))
    assert set(counting) == {READ, MEMBERS, USERS, "AuditLog.Read.All"}
