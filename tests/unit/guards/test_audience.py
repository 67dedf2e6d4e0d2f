"""Who is included and excluded."""

from __future__ import annotations

import pytest

from graphpolicy.guards import GUARDS
from graphpolicy.guards.plan_view import Emergency
from graphpolicy.model import EVERYONE, POLICY, Account, DirectoryUser
from tests.unit.build import ALL, A, B, C, group
from tests.unit.guards.policies import (
    APP,
    SMS,
    Case,
    Values,
    check,
    features,
    found,
    message,
    off,
    on,
    preferred,
    seen,
    shown,
)

AUDIENCE: dict[str, Case] = {
    "an exclusion loses one of two": (
        "exclusion-shrinks",
        {APP: on(exclude=(A, C))},
        {APP: on(exclude=(C,))},
        [("warning", APP, "excludeTargets")],
    ),
    "an exclusion is emptied": (
        "exclusion-shrinks",
        {APP: on(exclude=(A,))},
        {APP: on()},
        [("error", APP, "excludeTargets")],
    ),
    "an exclusion is replaced": (
        "exclusion-shrinks",
        {APP: on(exclude=(A,))},
        {APP: on(exclude=(C,))},
        [("warning", APP, "excludeTargets")],
    ),
    "an exclusion grows": ("exclusion-shrinks", {APP: on()}, {APP: on(exclude=(A,))}, []),
    "an exclusion in another case and order": (
        "exclusion-shrinks",
        {APP: on(exclude=(A, C))},
        {APP: on(exclude=(C.upper(), A))},
        [],
    ),
    "an exclusion of a method that is off": (
        "exclusion-shrinks",
        {APP: {**off(), "excludeTargets": [group(A)]}},
        {APP: off()},
        [],
    ),
    "a feature's exclusion": (
        "exclusion-shrinks",
        {APP: features(companionAppAllowedState=shown("enabled", ALL, group(A)))},
        {APP: features(companionAppAllowedState=shown("enabled"))},
        [("warning", APP, "featureSettings.companionAppAllowedState.excludeTarget")],
    ),
    "the exclusion of a feature that is off": (
        "exclusion-shrinks",
        {APP: features(companionAppAllowedState=shown("enabled", ALL, group(A)))},
        {APP: features(companionAppAllowedState=shown("disabled"))},
        [],
    ),
    "everyone becomes a group": (
        "inclusion-shrinks",
        {APP: on()},
        {APP: on(A)},
        [("warning", APP, "includeTargets")],
    ),
    "a group of two is left out": (
        "inclusion-shrinks",
        {SMS: on(A, B)},
        {SMS: on(A)},
        [("warning", SMS, "includeTargets")],
    ),
    "a group that was excluded anyway is left out": (
        "inclusion-shrinks",
        {SMS: on(A, B, exclude=(B,))},
        {SMS: on(A, exclude=(B,))},
        [],
    ),
    "a group becomes everyone": ("inclusion-shrinks", {APP: on(A)}, {APP: on()}, []),
    "somebody is newly excluded": (
        "inclusion-shrinks",
        {APP: on()},
        {APP: on(exclude=(A,))},
        [("warning", APP, "excludeTargets")],
    ),
    "somebody is newly excluded from a weak method": (
        "inclusion-shrinks",
        {SMS: on()},
        {SMS: on(exclude=(A,))},
        [("warning", SMS, "excludeTargets")],
    ),
    "a method that nobody keeps": (
        "inclusion-shrinks",
        {SMS: on()},
        {SMS: on(exclude=(EVERYONE,))},
        [],
    ),
    "a method that is switched off": ("inclusion-shrinks", {APP: on()}, {APP: off()}, []),
    "a preference that stays on for fewer": (
        "inclusion-shrinks",
        {POLICY: preferred("enabled", ALL)},
        {POLICY: preferred("default", group(A))},
        [("warning", POLICY, "systemCredentialPreferences.includeTargets")],
    ),
    "somebody is newly excluded from a preference": (
        "inclusion-shrinks",
        {POLICY: preferred("enabled", ALL)},
        {
            POLICY: {
                "systemCredentialPreferences": {
                    "state": "enabled",
                    "includeTargets": [ALL],
                    "excludeTargets": [group(A)],
                }
            }
        },
        [],
    ),
    "a preference that is switched off": (
        "inclusion-shrinks",
        {POLICY: preferred("enabled", ALL)},
        {POLICY: preferred("disabled", group(A))},
        [],
    ),
    "a group is added": (
        "inclusion-widens",
        {APP: on(A)},
        {APP: on(A, B)},
        [("warning", APP, "includeTargets")],
    ),
    "a group is added to everyone": ("inclusion-widens", {APP: on()}, {APP: on(ALL, A)}, []),
    "a group is added and excluded": (
        "inclusion-widens",
        {APP: on(A)},
        {APP: on(A, B, exclude=(B,))},
        [],
    ),
    "a method is switched on": ("inclusion-widens", {APP: off()}, {APP: on()}, []),
    "a weak method has a guard of its own": ("inclusion-widens", {SMS: on(A)}, {SMS: on()}, []),
}


@pytest.mark.parametrize("case", AUDIENCE.values(), ids=AUDIENCE.keys())
def test_an_audience(case: Case) -> None:
    check(case)


SAID: dict[str, tuple[str, Values, Values, str]] = {
    "whom an exclusion lets in": (
        "exclusion-shrinks",
        {APP: on(exclude=(A,))},
        {APP: on()},
        (
            f"MicrosoftAuthenticator.excludeTargets would no longer exclude Pilot ({A}); "
            "nobody would be excluded"
        ),
    ),
    "whom an inclusion leaves out": (
        "inclusion-shrinks",
        {POLICY: preferred("enabled", ALL)},
        {POLICY: preferred("enabled", group(A))},
        f"systemCredentialPreferences would no longer include everyone, only Pilot ({A})",
    ),
}


@pytest.mark.parametrize("case", SAID.values(), ids=SAID.keys())
def test_what_it_says(case: tuple[str, Values, Values, str]) -> None:
    rule, before, after, expected = case
    assert message(rule, before, after) == expected


def test_an_exclusion_of_which_only_dead_groups_are_left_is_empty() -> None:
    before, after = {APP: on(exclude=(A, C))}, {APP: on(exclude=(A,))}
    assert found("exclusion-shrinks", before, after, gone=frozenset({A})) == [
        ("error", APP, "excludeTargets")
    ]


def test_the_way_out_is_about_whoever_is_left_out() -> None:
    def way_out(before: Values, after: Values) -> str:
        (finding,) = GUARDS["inclusion-shrinks"](seen(before, after))
        return finding.help

    for_all = way_out({SMS: on()}, {SMS: on(A)})
    assert for_all == "make sure that everyone outside these groups has another method"
    assert way_out({SMS: on(A, B)}, {SMS: on(A)}) == "make sure that they have another method"


def test_an_inclusion_of_which_nobody_is_left() -> None:
    policy = {"state": "enabled", "systemCredentialPreferences": on()}
    emptied = {**policy, "systemCredentialPreferences": on(A, exclude=(A,))}
    said = message("inclusion-shrinks", {POLICY: policy}, {POLICY: emptied})
    assert said == (
        "systemCredentialPreferences would no longer include everyone, so nobody would be left"
    )


def test_whoever_no_longer_exists_is_nobodys_loss() -> None:
    gone = frozenset({A})
    listed = {APP: on(B, A)}, {APP: on(B)}
    assert found("inclusion-shrinks", *listed, gone=gone) == []
    excluded = {APP: on(exclude=(A, C))}, {APP: on(exclude=(C,))}
    assert found("exclusion-shrinks", *excluded, gone=gone) == []
    freed = {SMS: on(exclude=(A,))}, {SMS: on()}
    assert found("weak-method-enabled", *freed, gone=gone) == []


def test_an_exclusion_that_loses_emergency_access() -> None:
    before, after = {APP: on(exclude=(B, C))}, {APP: on(exclude=(C,))}
    named = Emergency(said=True, protected=frozenset({B}))
    assert found("exclusion-shrinks", before, after, emergency=named) == [
        ("error", APP, "excludeTargets")
    ]
    assert f"Break-glass accounts ({B}) is emergency access" in message(
        "exclusion-shrinks", before, after, emergency=named
    )
    somebody = DirectoryUser("bg-01", C, frozenset({B}), None)
    for account in (
        Account("bg-01", C, frozenset({B})),
        Account("group", A, group=True, inner=frozenset({B})),
        Account("group", A, group=True, people=(somebody,)),
    ):
        nested = Emergency(said=True, accounts=(account,))
        assert found("exclusion-shrinks", before, after, emergency=nested) == [
            ("error", APP, "excludeTargets")
        ]
