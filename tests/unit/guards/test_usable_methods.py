"""What an emergency account has registered, before and after a plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphpolicy.guards import GUARDS
from graphpolicy.guards.plan_view import Emergency
from graphpolicy.model import Account, DirectoryUser
from tests.unit.build import ALL, A, B, C, group
from tests.unit.guards.policies import (
    APP,
    FIDO2,
    SMS,
    TAP,
    X509,
    Values,
    found,
    keys,
    message,
    off,
    on,
    passkeys,
    profile,
    seen,
)

RULE = "emergency-access-locked-out"
KEY = "2fc0579f-8113-47ea-b116-555a8db9202a"
OTHER = "90a3ccdf-635c-4729-a248-9b709135078f"


def account(*registered: str, within: frozenset[str] | None = frozenset()) -> Account:
    """One person with these kinds registered; a key is of the model `KEY`."""
    has = frozenset((kind, KEY if kind == "fido2" else "") for kind in registered)
    return Account("bg-01", C, within, people=(DirectoryUser("bg-01", C, within, has),))


STRICT = profile(A, keyRestrictions=keys(KEY))
STRICTER = profile(A, keyRestrictions=keys(OTHER))
LOOSE = profile(B, keyRestrictions=keys(enforced=False))
SPLIT = on(
    group(A, allowedPasskeyProfiles=[A]),
    group(B, allowedPasskeyProfiles=[B]),
    passkeyProfiles=[STRICT, LOOSE],
)
FOR_ALL = on(
    group(A, allowedPasskeyProfiles=[A]),
    {**ALL, "allowedPasskeyProfiles": [B]},
    passkeyProfiles=[STRICT, LOOSE],
)

CASES: dict[str, tuple[Account, Values, Values, list[tuple[str, str, str]]]] = {
    "a method that it has ends, another that it has not is left": (
        account("fido2"),
        {FIDO2: on(), APP: on()},
        {FIDO2: off()},
        [("error", FIDO2, "state")],
    ),
    "a method that it has ends, another that it has is left": (
        account("fido2", "microsoftauthenticator"),
        {FIDO2: on(), APP: on()},
        {FIDO2: off()},
        [],
    ),
    "it has something of the device": (
        account("fido2", "windowshelloforbusiness"),
        {FIDO2: on(), APP: on()},
        {FIDO2: off()},
        [],
    ),
    "it may have a certificate": (
        account("fido2"),
        {FIDO2: on(), X509: on()},
        {FIDO2: off()},
        [("warning", FIDO2, "state")],
    ),
    "it may be in the group that may use certificates": (
        account("fido2", within=None),
        {FIDO2: on(), X509: on(A)},
        {FIDO2: off()},
        [("warning", FIDO2, "state")],
    ),
    "it may be in the group that may use certificates, and may use what it has not": (
        account("fido2", within=None),
        {FIDO2: on(), X509: on(A), APP: on()},
        {FIDO2: off()},
        [("warning", FIDO2, "state")],
    ),
    "it is not in the group that may use certificates": (
        account("fido2"),
        {FIDO2: on(), X509: on(A), APP: on()},
        {FIDO2: off()},
        [("error", FIDO2, "state")],
    ),
    "its codes may not come from the Authenticator": (
        account("softwareoath"),
        {"SoftwareOath": on(), APP: on(isSoftwareOathEnabled=False)},
        {"SoftwareOath": off()},
        [("error", "SoftwareOath", "state")],
    ),
    "the Authenticator that gives no codes still takes a push": (
        account("microsoftauthenticator"),
        {FIDO2: on(), APP: on(isSoftwareOathEnabled=False)},
        {APP: off(isSoftwareOathEnabled=False)},
        [("error", APP, "state")],
    ),
    "its codes may come from the Authenticator": (
        account("softwareoath"),
        {"SoftwareOath": on(), APP: on()},
        {"SoftwareOath": off()},
        [],
    ),
    "a phone is not enough of what is gone": (
        account("phone"),
        {SMS: on(), APP: on()},
        {SMS: off()},
        [("error", SMS, "state")],
    ),
    "a pass and a password are nothing": (
        account("temporaryaccesspass", "password"),
        {TAP: on(), APP: on(), FIDO2: on()},
        {FIDO2: off()},
        [],
    ),
    "the model of its key is no longer listed": (
        account("fido2"),
        {FIDO2: on(keyRestrictions=keys(KEY)), APP: on()},
        {FIDO2: on(keyRestrictions=keys(OTHER))},
        [("error", FIDO2, "keyRestrictions")],
    ),
    "the model of its key is blocked": (
        account("fido2"),
        {FIDO2: on(keyRestrictions=keys(enforced=False)), APP: on()},
        {FIDO2: on(keyRestrictions=keys(KEY, type_="block"))},
        [("error", FIDO2, "keyRestrictions")],
    ),
    "another model is blocked": (
        account("fido2"),
        {FIDO2: on(keyRestrictions=keys(enforced=False)), APP: on()},
        {FIDO2: on(keyRestrictions=keys(OTHER, type_="block"))},
        [],
    ),
    "the profile no longer lists the model": (
        account("fido2"),
        {FIDO2: passkeys(STRICT), APP: on()},
        {FIDO2: passkeys(STRICTER)},
        [("error", FIDO2, "passkeyProfiles")],
    ),
    "another profile still accepts it": (
        account("fido2"),
        {FIDO2: passkeys(STRICT, LOOSE, allowed=(A, B)), APP: on()},
        {FIDO2: passkeys(STRICTER, LOOSE, allowed=(A, B))},
        [],
    ),
    "another profile still accepts it, for others": (
        account("fido2", within=frozenset({A})),
        {FIDO2: SPLIT, APP: on()},
        {FIDO2: {**SPLIT, "passkeyProfiles": [STRICTER, LOOSE]}},
        [("error", FIDO2, "passkeyProfiles")],
    ),
    "another profile still accepts it, for everyone": (
        account("fido2", within=frozenset({A})),
        {FIDO2: FOR_ALL, APP: on()},
        {FIDO2: {**FOR_ALL, "passkeyProfiles": [STRICTER, LOOSE]}},
        [],
    ),
    "another profile may accept it, if its groups were known": (
        account("fido2", within=None),
        {FIDO2: FOR_ALL, APP: on()},
        {FIDO2: {**FOR_ALL, "passkeyProfiles": [STRICTER, LOOSE]}},
        [],
    ),
    "its group is no longer included": (
        account("fido2", within=frozenset({A})),
        {FIDO2: on(A), APP: on()},
        {FIDO2: on(B)},
        [("error", FIDO2, "includeTargets")],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_registered_counts(
    case: tuple[Account, Values, Values, list[tuple[str, str, str]]],
) -> None:
    who, before, after, expected = case
    emergency = Emergency(said=True, accounts=(who,))
    assert found(RULE, before, after, emergency=emergency) == expected
    assert found(RULE, before, before, emergency=emergency) == []


def test_the_message_names_the_entry_and_what_is_registered() -> None:
    emergency = Emergency(said=True, accounts=(account("fido2", "password"),))
    said = message(RULE, {FIDO2: on(), APP: on()}, {FIDO2: off()}, emergency=emergency)
    assert said == (
        "the policy would no longer accept any registered method of bg-01 "
        f"(emergency access) (fido2 {KEY})"
    )


def test_the_message_says_what_may_be_left_and_names_all_that_is_registered() -> None:
    emergency = Emergency(said=True, accounts=(account("fido2", "phone"),))
    before: Values = {FIDO2: on(), SMS: on(), X509: on(), APP: on()}
    said = message(RULE, before, {FIDO2: off(), SMS: off()}, emergency=emergency)
    assert said == (
        "the policy would no longer accept any registered method of bg-01 "
        f"(emergency access) (fido2 {KEY}, phone); "
        "a certificate or a hardware token may still be accepted"
    )


def people(count: int, within: frozenset[str] = frozenset()) -> Account:
    """A group of people who have a key each, and are in these groups besides."""
    own = frozenset({("fido2", KEY)})
    each = (
        DirectoryUser(f"bg-{number:02}", f"id-{number}", within, own) for number in range(count)
    )
    return Account("group 'Break-glass'", C, frozenset(), group=True, people=tuple(each))


def test_people_who_lose_the_same_are_told_together_and_counted() -> None:
    emergency = Emergency(said=True, accounts=(people(7),))
    seen_ = seen({FIDO2: on(), APP: on()}, {FIDO2: off()}, emergency=emergency)
    [finding] = GUARDS[RULE](seen_)
    assert finding.message == (
        "the policy would no longer accept any registered method of group 'Break-glass' "
        "(emergency access) "
        f"(fido2 {KEY})"
    )
    assert finding.people == len(finding.names) == 7
    assert finding.help == "keep accepting what is registered, or register another method first"


def test_people_who_lose_different_things_are_told_apart() -> None:
    app = DirectoryUser(
        "bg-07", "id-7", frozenset({A}), frozenset({("microsoftauthenticator", "")})
    )
    mixed = people(1)
    mixed = replace(mixed, people=(*(mixed.people or ()), app))
    emergency = Emergency(said=True, accounts=(mixed,))
    before: Values = {FIDO2: on(), APP: on(), SMS: on()}
    assert found(RULE, before, {FIDO2: off(), APP: off()}, emergency=emergency) == [
        ("error", FIDO2, "state"),
        ("error", APP, "state"),
    ]
