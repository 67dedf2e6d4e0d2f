"""What an emergency account has registered, before and after a plan."""

from __future__ import annotations

import pytest

from graphpolicy.guards import Emergency
from graphpolicy.model import Account, Person
from tests.unit.core.build import A, B, C
from tests.unit.core.guards.policies import (
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
)

RULE = "emergency-access-locked-out"
KEY = "2fc0579f-8113-47ea-b116-555a8db9202a"
OTHER = "90a3ccdf-635c-4729-a248-9b709135078f"


def account(*registered: str, within: frozenset[str] | None = frozenset()) -> Account:
    """One person with these kinds registered; a key is of the model `KEY`."""
    has = frozenset((kind, KEY if kind == "fido2" else "") for kind in registered)
    return Account("bg-01", C, within, people=(Person("bg-01", has),))


STRICT = profile(A, keyRestrictions=keys(KEY))
STRICTER = profile(A, keyRestrictions=keys(OTHER))
LOOSE = profile(B, keyRestrictions=keys(enforced=False))

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


def test_the_message_names_the_person_and_what_is_registered() -> None:
    emergency = Emergency(said=True, accounts=(account("fido2", "password"),))
    said = message(RULE, {FIDO2: on(), APP: on()}, {FIDO2: off()}, emergency=emergency)
    assert said == (
        f"bg-01 is emergency access, and nothing that is registered there (fido2 {KEY}) would be "
        "accepted"
    )
