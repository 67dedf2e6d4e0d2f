"""Who may use what: a table of cases, each with what decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from graphpolicy.catalogue.registered import KINDS as KINDS_OF_METHODS, kind_of, reported_as
from graphpolicy.people.access import Someone, may_use, may_use_registered, may_use_some
from tests.unit.build import ALL, A, B, C, group
from tests.unit.guards.policies import FIDO2, keys, off, on, passkeys, profile

KEY, OTHER = (f"2fc0579f-8113-47ea-b116-555a8db9202{n}" for n in "ab")
ME = Someone(C, frozenset({A}))
ALONE = Someone(C, frozenset())
UNREAD = Someone(C, None)
PERHAPS_A = Someone(C, frozenset(), frozenset({A}))

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
    "a group that they may be in is included": (on(A), PERHAPS_A, None),
    "a group that they may be in is excluded": (on(exclude=(A,)), PERHAPS_A, None),
    "it is included, and another one is excluded": (on(A, exclude=(B,)), PERHAPS_A, None),
    "they are not included, and may be excluded": (on(B, exclude=(A,)), PERHAPS_A, False),
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


NONE = keys()
"""An allow list without a model."""
SOME: dict[str, tuple[Mapping[str, Any], Someone, bool | None]] = {
    "every key is accepted": (on(), ME, True),
    "some keys are accepted": (on(keyRestrictions=keys(KEY)), ME, True),
    "no key is accepted": (on(keyRestrictions=NONE), ME, False),
    "they are excluded anyway": (on(exclude=(A,), keyRestrictions=NONE), ME, False),
    "their profile accepts no key": (passkeys(profile(A, keyRestrictions=NONE)), ME, False),
    "a second profile of theirs accepts one": (
        passkeys(profile(A, keyRestrictions=NONE), profile(B), allowed=(A, B)),
        ME,
        True,
    ),
    "a profile accepts keys that they may have through an unread group": (
        on(
            {**ALL, "allowedPasskeyProfiles": [A]},
            {**ALL, "id": B, "allowedPasskeyProfiles": [B]},
            passkeyProfiles=[profile(A, keyRestrictions=NONE), profile(B)],
        ),
        Someone(C, frozenset({A}), frozenset({B})),
        None,
    ),
}


def test_a_method_of_which_nothing_is_accepted_is_one_that_they_cannot_use() -> None:
    wrong = {
        name: may_use_some(values, who).yes
        for name, (values, who, expected) in SOME.items()
        if may_use_some(values, who).yes is not expected
    }
    assert wrong == {}


def test_what_decides_is_named() -> None:
    by = {
        "everyone": may_use(on(A), ALONE).by,
        "the exclusion": may_use(on(exclude=(A, B)), ME).by,
        "the group": may_use(on(B, A), ME).by,
        "all users before a group": may_use(on(A, ALL), ME).by,
    }
    assert {name: found and found.value for name, found in by.items()} == {
        "everyone": None,
        "the exclusion": A,
        "the group": A,
        "all users before a group": "all_users",
    }


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
    "a key of an unknown model, where some are accepted": ("fido2", "", FIDO2, FOR_A, ME, None),
    "a key of an unknown model, where all are accepted": (
        *("fido2", "", FIDO2),
        passkeys(profile(A)),
        *(ME, True),
    ),
    "a key of an unknown model, where none is accepted": (
        *("fido2", "", FIDO2),
        passkeys(profile(A, keyRestrictions=keys())),
        *(ME, False),
    ),
    "a key that only a profile of a group that they may be in accepts": (
        *("fido2", KEY, FIDO2),
        FOR_A,
        *(PERHAPS_A, None),
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


KINDS: dict[str, tuple[str, str, Mapping[str, Any], bool | None]] = {
    "synced passkeys, where they are accepted": (
        *("synced", ""),
        passkeys(profile(A, "deviceBound,synced")),
        True,
    ),
    "synced passkeys, where device-bound ones are": ("synced", "", passkeys(profile(A)), False),
    "approving in the app, in any mode": ("", "push", on(), True),
    "approving in the app, where their target has that mode": (
        *("", "push"),
        on({**group(A), "authenticationMode": "push"}),
        True,
    ),
    "approving in the app, where their target has the other mode": (
        *("", "push"),
        on({**group(A), "authenticationMode": "deviceBasedPush"}),
        False,
    ),
    "approving in the app, where the target of others has that mode": (
        *("", "push"),
        on({**group(A), "authenticationMode": "deviceBasedPush"}, group(B)),
        False,
    ),
}


def test_types_of_passkeys_and_modes_of_targets() -> None:
    wrong = {}
    for name, (type_, mode, values, expected) in KINDS.items():
        kind = kind_of("microsoftAuthenticator" if mode else "fido2")
        assert kind is not None
        through = APP if mode else FIDO2
        may = may_use_registered(values, ME, kind, through, type_=type_, mode=mode)
        if may.yes is not expected:
            wrong[name] = may.yes
    assert wrong == {}


def test_every_name_of_the_report_is_one_kind() -> None:
    names = [name.casefold() for kind in KINDS_OF_METHODS for name in kind.reported]
    assert len(names) == len(set(names))
    assert {reported_as(name) for name in names} == {
        kind for kind in KINDS_OF_METHODS if kind.reported
    }
    assert reported_as("retinaScan") is None
