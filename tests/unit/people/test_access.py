"""Who may use what: a table of cases, each with what decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from graphpolicy.catalogue.registered import kind_of
from graphpolicy.people.access import Someone, may_use, may_use_registered
from tests.unit.build import ALL, A, B, C
from tests.unit.guards.policies import FIDO2, keys, off, on, passkeys, profile

KEY, OTHER = (f"2fc0579f-8113-47ea-b116-555a8db9202{n}" for n in "ab")
ME = Someone(C, frozenset({A}))
ALONE = Someone(C, frozenset())
UNREAD = Someone(C, None)

TARGETS: dict[str, tuple[Mapping[str, Any], Someone, bool | None]] = {
    "everyone is included": (on(), ALONE, True),
    "it is off": (off(), ME, False),
    "a group of theirs is included": (on(A), ME, True),
    "they are included themselves": (on(C), ALONE, True),
    "another group is included": (on(B), ME, False),
    "an exclusion wins": (on(exclude=(A,)), ME, False),
    "an exclusion of them wins": (on(A, exclude=(C,)), ME, False),
    "another group is excluded": (on(exclude=(B,)), ME, True),
    "their groups are not known, and don't matter": (on(), UNREAD, True),
    "their groups are not known, and may include them": (on(A), UNREAD, None),
    "their groups are not known, and may exclude them": (on(exclude=(A,)), UNREAD, None),
    "they are excluded, whatever their groups are": (on(exclude=(C,)), UNREAD, False),
    "nobody is included": ({**on(), "includeTargets": []}, UNREAD, False),
    "Graph does not show the targets": ({"state": "enabled"}, ALONE, True),
}


def test_whom_targets_let_in() -> None:
    wrong = {
        name: may_use(values, who).yes
        for name, (values, who, expected) in TARGETS.items()
        if may_use(values, who).yes is not expected
    }
    assert wrong == {}


APP, VOICE = "MicrosoftAuthenticator", "Voice"
FOR_A = on(
    {**ALL, "id": A, "allowedPasskeyProfiles": [A]},
    {**ALL, "allowedPasskeyProfiles": [B]},
    passkeyProfiles=[
        profile(A, keyRestrictions=keys(KEY)),
        profile(B, keyRestrictions=keys(OTHER)),
    ],
)
REGISTERED: dict[str, tuple[str, str, str, Mapping[str, Any], Someone, bool | None]] = {
    "a key that the one profile accepts": (
        *("fido2", KEY, FIDO2),
        passkeys(profile(A, keyRestrictions=keys(KEY))),
        *(ME, True),
    ),
    "a key that it does not accept": (
        *("fido2", OTHER, FIDO2),
        passkeys(profile(A, keyRestrictions=keys(KEY))),
        *(ME, False),
    ),
    "a key that a profile of their group accepts": ("fido2", KEY, FIDO2, FOR_A, ME, True),
    "a key that only a profile of others accepts": ("fido2", KEY, FIDO2, FOR_A, ALONE, False),
    "a key that the older settings block": (
        *("fido2", KEY, FIDO2),
        on(keyRestrictions=keys(KEY, type_="block")),
        *(ME, False),
    ),
    "codes that the app may give": (
        "softwareOath",
        "",
        APP,
        on(isSoftwareOathEnabled=True),
        ME,
        True,
    ),
    "codes that it may not": ("softwareOath", "", APP, on(isSoftwareOathEnabled=False), ME, False),
    "codes of which the tenant does not tell": ("softwareOath", "", APP, on(), ME, None),
    "codes of another app": ("softwareOath", "", "SoftwareOath", on(), ME, True),
    "an office phone, by default": ("phone/office", "", VOICE, on(), ME, False),
    "an office phone that may be called": (
        *("phone/office", "", VOICE),
        on(isOfficePhoneAllowed=True),
        *(ME, True),
    ),
    "a mobile phone": ("phone/mobile", "", VOICE, on(), ME, True),
    "anything where the method is off": ("phone/office", "", VOICE, off(), ME, False),
}


@pytest.mark.parametrize("case", REGISTERED.values(), ids=REGISTERED.keys())
def test_what_of_theirs_a_method_accepts(case: Any) -> None:
    name, model, through, values, who, expected = case
    type_, _, phone = name.partition("/")
    kind = kind_of(type_, phone=phone)
    assert kind is not None
    assert may_use_registered(values, who, kind, through, model=model).yes is expected
