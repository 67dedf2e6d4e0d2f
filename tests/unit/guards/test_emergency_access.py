"""Accounts that must get in when everything else fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphpolicy.guards import GUARDS
from graphpolicy.guards.emergency_access import takes_a_method, unknown_accounts
from graphpolicy.guards.plan_view import Emergency, emergency_of
from graphpolicy.model import POLICY, Account, DirectoryUser, Place, Unread
from tests.unit.build import A, B, C
from tests.unit.guards.policies import (
    APP,
    FIDO2,
    NAMES,
    SMS,
    TAP,
    Values,
    features,
    found,
    keys,
    off,
    on,
    passkeys,
    profile,
    seen,
    shown,
)

NAME = "displayAppInformationRequiredState"


def test_what_the_file_says_of_emergency_access() -> None:
    entries = [{"group": "Break-glass accounts"}, {"user": "bg@contoso.com", "id": A.upper()}]
    assert emergency_of(entries, NAMES) == Emergency(True, frozenset({A, B}))
    assert emergency_of({"none": "a test tenant"}, NAMES) == Emergency(True)
    assert emergency_of(None, NAMES) == Emergency(False)
    pinned = [{"group": "Break-glass accounts", "id": C}]
    assert emergency_of(pinned, NAMES) == Emergency(True, frozenset({C}))


IN_A = Account("bg-01@contoso.com", C, frozenset({A}))
IN_NONE = Account("bg-01@contoso.com", C, frozenset())
UNREAD = Account("bg-01@contoso.com", C)

LOCKED_OUT: dict[str, tuple[Account, Values, Values, str | None]] = {
    "its only method is switched off": (IN_NONE, {APP: on(), TAP: on()}, {APP: off()}, "error"),
    "a pass and email are no help": (
        IN_NONE,
        {APP: on(), TAP: on(), "Email": on()},
        {APP: off()},
        "error",
    ),
    "another method is left": (IN_NONE, {APP: on(), FIDO2: on()}, {APP: off()}, None),
    "another method is left for others": (
        IN_NONE,
        {APP: on(), FIDO2: on(A)},
        {APP: off()},
        "error",
    ),
    "another method is left for a group that it is in": (
        IN_A,
        {APP: on(), FIDO2: on(A)},
        {APP: off()},
        None,
    ),
    "its group is excluded": (IN_A, {APP: on()}, {APP: on(exclude=(A,))}, "error"),
    "it is excluded itself": (IN_NONE, {APP: on()}, {APP: on(exclude=(C.upper(),))}, "error"),
    "its group is no longer included": (IN_A, {APP: on(A, B)}, {APP: on(B)}, "error"),
    "it had nothing before": (IN_NONE, {APP: on(A)}, {APP: off()}, None),
    "another group is excluded": (IN_A, {APP: on()}, {APP: on(exclude=(B,))}, None),
    "its groups are unknown and everything is switched off": (
        UNREAD,
        {APP: on()},
        {APP: off()},
        "error",
    ),
    "its groups are unknown and a group is excluded": (
        UNREAD,
        {APP: on()},
        {APP: on(exclude=(B,))},
        "warning",
    ),
    "its groups are unknown and a group is switched off": (
        UNREAD,
        {APP: on(A)},
        {APP: off()},
        "warning",
    ),
    "its groups are unknown and everyone is included elsewhere": (
        UNREAD,
        {APP: on(A), FIDO2: on()},
        {APP: off()},
        None,
    ),
    "its groups are unknown and nobody is included any more": (
        UNREAD,
        {APP: on()},
        {APP: {**on(), "includeTargets": []}},
        "error",
    ),
    "its groups are unknown and something else changes": (
        UNREAD,
        {APP: on(A, isSoftwareOathEnabled=True)},
        {APP: on(A, isSoftwareOathEnabled=False)},
        None,
    ),
}


@pytest.mark.parametrize("case", LOCKED_OUT.values(), ids=LOCKED_OUT.keys())
def test_an_emergency_account_without_a_method(
    case: tuple[Account, Values, Values, str | None],
) -> None:
    account, before, after, level = case
    emergency = Emergency(said=True, accounts=(account,))
    levels = [
        level
        for level, *_ in found("emergency-access-locked-out", before, after, emergency=emergency)
    ]
    assert levels == ([level] if level else [])


def team(*within: frozenset[str] | None) -> Account:
    """A group with somebody for each set of groups; what is registered is not known."""
    people = tuple(
        DirectoryUser(f"bg-{n}", f"id-{n}", groups, None) for n, groups in enumerate(within)
    )
    return Account("group 'Night shift'", C, frozenset(), group=True, people=people)


TEAMS: dict[str, tuple[Account, Values, Values, list[tuple[str, int | None, str]]]] = {
    "one is in a group that is excluded": (
        team(frozenset({A, C}), frozenset({C})),
        {APP: on()},
        {APP: on(exclude=(A,))},
        [("error", 1, "1 of 2 people in group 'Night shift' (emergency access) would be")],
    ),
    "two are": (
        team(frozenset({A}), frozenset({A}), frozenset()),
        {APP: on()},
        {APP: on(exclude=(A,))},
        [("error", 2, "2 of 3 people in group 'Night shift' (emergency access) would")],
    ),
    "all of them are, as members": (
        team(frozenset({A, C}), frozenset({C})),
        {APP: on()},
        {APP: on(exclude=(C,))},
        [("error", 2, "group 'Night shift' (emergency access) would be left without")],
    ),
    "nobody knows who is in it": (
        team(),
        {APP: on()},
        {APP: off()},
        [("error", None, "group 'Night shift' (emergency access) would be left without")],
    ),
    "the groups of one are not known": (
        team(None),
        {APP: on()},
        {APP: on(exclude=(A,))},
        [("warning", 1, "may be left without a usable method; the groups that it is in could")],
    ),
    "two lose different methods": (
        team(frozenset({A}), frozenset({B})),
        {APP: on(A), FIDO2: on(B)},
        {APP: off(), FIDO2: off()},
        [
            ("error", 1, "1 of 2 people in group 'Night shift' (emergency access)"),
            ("error", 1, "1 of 2 people in group 'Night shift' (emergency access)"),
        ],
    ),
    "one is included through another group alone": (
        team(frozenset({A})),
        {APP: on()},
        {APP: on(A)},
        [],
    ),
}


@pytest.mark.parametrize("case", TEAMS.values(), ids=TEAMS)
def test_each_in_an_emergency_group_is_judged_by_all_of_their_groups(
    case: tuple[Account, Values, Values, list[tuple[str, int | None, str]]],
) -> None:
    account, before, after, expected = case
    emergency = Emergency(said=True, accounts=(account,))
    told = list(GUARDS["emergency-access-locked-out"](seen(before, after, emergency=emergency)))
    assert [(one.level, one.people) for one in told] == [row[:2] for row in expected]
    for one, (*_, words) in zip(told, expected, strict=True):
        assert words in one.message


def test_the_setting_that_takes_the_method_away_is_named() -> None:
    emergency = Emergency(said=True, accounts=(IN_A,))
    rule = "emergency-access-locked-out"
    assert found(rule, {APP: on()}, {APP: on(exclude=(A,))}, emergency=emergency) == [
        ("error", APP, "excludeTargets")
    ]
    assert found(rule, {APP: on(A)}, {APP: on(B)}, emergency=emergency) == [
        ("error", APP, "includeTargets")
    ]


MISSING: dict[str, tuple[Values, Values, bool]] = {
    "a method is switched off": ({APP: on(), FIDO2: on()}, {APP: off()}, True),
    "a method for fewer": ({FIDO2: on()}, {FIDO2: on(A)}, True),
    "a method that excludes more": ({FIDO2: on()}, {FIDO2: on(exclude=(A,))}, True),
    "fewer models of keys": (
        {FIDO2: on(keyRestrictions=keys(A, B))},
        {FIDO2: on(keyRestrictions=keys(A))},
        True,
    ),
    "more models of keys": (
        {FIDO2: on(keyRestrictions=keys(A))},
        {FIDO2: on(keyRestrictions=keys(A, B))},
        False,
    ),
    "attestation, which registered keys don't need": (
        {FIDO2: on(isAttestationEnforced=False)},
        {FIDO2: on(isAttestationEnforced=True)},
        False,
    ),
    "a profile that people may no longer use": (
        {FIDO2: passkeys(profile(A), profile(B, "synced"), allowed=(A, B))},
        {FIDO2: passkeys(profile(A), profile(B, "synced"), allowed=(A,))},
        True,
    ),
    "profiles that accept what the settings of old did": (
        {FIDO2: on(passkeyProfiles=[])},
        {FIDO2: passkeys(profile(A, "deviceBound,synced"))},
        False,
    ),
    "weak methods are switched off": (
        {SMS: on(), "Voice": on()},
        {SMS: off(), "Voice": off()},
        False,
    ),
    "passes and email are switched off": ({TAP: on(), "Email": on()}, {TAP: off()}, False),
    "a method is switched on": ({APP: off()}, {APP: on()}, False),
    "a method that was off is for fewer": (
        {APP: off()},
        {APP: {**on(A), "state": "disabled"}},
        False,
    ),
    "a feature changes": (
        {APP: features(**{NAME: shown("enabled")})},
        {APP: features(**{NAME: shown("disabled")})},
        False,
    ),
}


@pytest.mark.parametrize("case", MISSING.values(), ids=MISSING.keys())
def test_a_policy_that_does_not_name_emergency_accounts(case: tuple[Values, Values, bool]) -> None:
    before, after, fires = case
    rule = "emergency-access-missing"
    expected = [("error", POLICY, "emergencyAccess")] if fires else []
    assert found(rule, before, after) == expected
    assert found(rule, before, after, emergency=Emergency(said=True)) == []


LOOKED_UP = Account(
    "user 'bg-01'", A, frozenset(), people=(DirectoryUser("bg-01", A, frozenset(), None),)
)
WHY = Unread("Graph refused it: 403", "ask for the permission")
KNOWN = Account("user 'bg-01'", A, frozenset())
REST = (
    "of emergencyAccess could not be looked up with its groups, so it is only partly checked "
    "whether it keeps a method"
)
WHO = (
    "the members of user 'bg-01' of emergencyAccess could not be looked up, so it is not checked "
    "whether each of them keeps a registered method"
)
WHAT = (
    "what is registered for user 'bg-01' of emergencyAccess could not be read, so it is not "
    "checked whether the policy still accepts it"
)
NOT_FOUND = "emergency-account-not-found"
TOLD: dict[str, tuple[Account, tuple[str, str, str] | None]] = {
    "one that was looked up": (KNOWN, None),
    "one whose people were looked up as well": (
        replace(LOOKED_UP, people=(DirectoryUser("bg-01", A, frozenset(), frozenset()),)),
        None,
    ),
    "one that is not there": (
        Account("user 'bg-01'", ""),
        (
            "emergency-account-not-found",
            "user 'bg-01' of emergencyAccess is not in the directory: it protects nobody",
            "correct the name, or write the id of the right account",
        ),
    ),
    "one of which there are several": (
        Account("group 'x'", "", group=True, unread=Unread("stands for several groups", "say it")),
        (
            "emergency-account-not-found",
            "group 'x' of emergencyAccess stands for several groups: it protects nobody",
            "say it",
        ),
    ),
    "one that may not be looked up": (
        Account("user 'bg-01'", "", readable=False, unread=WHY),
        (
            "emergency-account-not-verified",
            f"user 'bg-01' {REST} (Graph refused it: 403)",
            "ask for the permission",
        ),
    ),
    "one whose groups may not be looked up": (
        Account("user 'bg-01'", A),
        (
            "emergency-account-not-verified",
            f"user 'bg-01' {REST}",
            "grant GroupMember.Read.All and User.ReadBasic.All",
        ),
    ),
    "one of which nobody knows who is in it": (
        replace(KNOWN, people=None),
        (
            "emergency-account-not-verified",
            WHO,
            "grant GroupMember.Read.All",
        ),
    ),
    "one of which nobody knows what is registered": (
        LOOKED_UP,
        (
            "emergency-account-not-verified",
            WHAT,
            "grant UserAuthenticationMethod.Read.All",
        ),
    ),
}


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_what_is_not_known_of_an_account_is_told(
    case: tuple[Account, tuple[str, str, str] | None],
) -> None:
    account, expected = case
    told = list(unknown_accounts([account], {}, changes=True, taking=False))
    assert [(one.rule, one.message, one.help) for one in told] == ([expected] if expected else [])
    levels = {"emergency-account-not-found": "warning", "emergency-account-not-verified": "note"}
    assert all(one.level == levels[one.rule] for one in told)
    taken = list(unknown_accounts([account], {}, changes=True, taking=True))
    assert all((one.level == "error") == (one.rule == NOT_FOUND) for one in taken)
    kept = unknown_accounts([account], {}, changes=False, taking=False)
    assert all(one.rule == NOT_FOUND for one in kept)


def test_an_empty_group_protects_nobody() -> None:
    [told] = unknown_accounts([replace(KNOWN, empty=True)], {}, changes=True, taking=True)
    assert (told.rule, told.level, "has no members" in told.message) == (NOT_FOUND, "error", True)


@pytest.mark.parametrize(
    ("other", "rule", "level"),
    [((C,), "name-of-another", "error"), ((), "group-renamed", "warning")],
)
def test_a_name_beside_the_id_of_something_else(
    other: tuple[str, ...], rule: str, level: str
) -> None:
    place = Place("contoso.yaml", 3, 5)
    account = replace(KNOWN, called="Interns", other=other)
    places = {("emergencyAccess", 0): place}
    [told] = unknown_accounts([account], places, changes=False, taking=False)
    assert (told.rule, told.level, told.source) == (rule, level, place)
    assert "'Interns'" in told.message
    assert all(each in told.message for each in other)


@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        ({SMS: on()}, {SMS: off()}, True),
        ({SMS: on()}, {SMS: on(B)}, True),
        ({SMS: on()}, {SMS: on(exclude=(B,))}, True),
        ({SMS: off()}, {SMS: on()}, False),
        ({SMS: on(B)}, {SMS: on()}, False),
        ({SMS: off()}, {SMS: off()}, False),
    ],
)
def test_taking_a_method_from_anybody(
    before: dict[str, Values], after: dict[str, Values], taken: bool
) -> None:
    assert takes_a_method(seen(before, after).resources) is taken


def test_a_policy_without_emergency_access_is_told_what_it_narrows_and_the_way_out() -> None:
    before, after = {APP: on(), FIDO2: on()}, {APP: off(), FIDO2: off()}
    [told] = GUARDS["emergency-access-missing"](seen(before, after))
    assert told.message == (
        "the plan narrows MicrosoftAuthenticator, Fido2, and the policy does not say which "
        "accounts must keep a method in an emergency"
    )
    assert told.help == "list them under emergencyAccess, or write emergencyAccess: {none: REASON}"
    assert (told.level, told.resource, told.path) == ("error", POLICY, "emergencyAccess")


def test_the_way_out_of_a_lock_out_is_another_method() -> None:
    emergency = Emergency(said=True, accounts=(IN_NONE,))
    rule = "emergency-access-locked-out"
    [told] = GUARDS[rule](seen({APP: on()}, {APP: off()}, emergency=emergency))
    assert told.help == (
        "keep a method for it, other than a pass or email: include it, or don't exclude it"
    )
    assert told.message == (
        "bg-01@contoso.com (emergency access) would be left without a usable method"
    )
    kept = seen({APP: on(exclude=(B,))}, {APP: on(B, exclude=(B,))}, emergency=emergency)
    [told] = GUARDS[rule](kept)
    assert told.path == "includeTargets"
