"""Accounts that must get in when everything else fails."""

from __future__ import annotations

import pytest

from graphpolicy.guards import Emergency
from graphpolicy.guards.situation import emergency_of
from graphpolicy.model import POLICY, Account
from tests.unit.core.build import A, B, C
from tests.unit.core.guards.policies import (
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
    "a pass and e-mail are no help": (
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
    "passes and e-mail are switched off": ({TAP: on(), "Email": on()}, {TAP: off()}, False),
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
