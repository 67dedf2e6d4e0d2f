"""Rules about values that must fit together: in a file alone, and in the result of a plan."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.model import POLICY, Altered
from tests.unit.build import ALL, NOBODY, A, B, C, group, held, planned, rules
from tests.unit.declared import APP, CAMPAIGN, alias, campaign, named, said, with_feature

USER = {"targetType": "user", "id": A}
LISTED = ("includeTargets", "excludeTargets")

TARGETS: dict[str, tuple[str, Any, list[tuple[str, str, str]]]] = {
    "an exclusion that equals the inclusion, by name": (
        "Sms",
        {side: [named("A"), named("B")] for side in LISTED},
        [("exclusion-equals-inclusion", "warning", "excludeTargets")],
    ),
    "an exclusion that has more than the inclusion": (
        "Sms",
        {"includeTargets": [group(A)], "excludeTargets": [group(B), group(A.upper())]},
        [("exclusion-equals-inclusion", "warning", "excludeTargets")],
    ),
    "one of two that is excluded, by id beside a name": (
        "Sms",
        {"includeTargets": [named("A", A), named("B")], "excludeTargets": [group(A)]},
        [("included-and-excluded", "warning", "excludeTargets")],
    ),
    "a name and an id, which may be one group": (
        "Sms",
        {"includeTargets": [named("A")], "excludeTargets": [group(A)]},
        [],
    ),
    "two names that differ in case are two groups": (
        "Sms",
        {"includeTargets": [named("Finance")], "excludeTargets": [named("finance")]},
        [],
    ),
    "a group and a role of one id": (
        "MicrosoftAuthenticator",
        {
            "featureSettings": {
                APP: {
                    "includeTarget": {"targetType": "role", "id": A},
                    "excludeTarget": group(A),
                }
            }
        },
        [],
    ),
    "everyone but a group": ("Sms", {"includeTargets": [ALL], "excludeTargets": [group(A)]}, []),
    "nobody included and nobody excluded": ("Sms", {side: [] for side in LISTED}, []),
    "a feature that excludes whom it includes": (
        "MicrosoftAuthenticator",
        {"featureSettings": {APP: {"includeTarget": named("A"), "excludeTarget": named("A")}}},
        [("exclusion-equals-inclusion", "warning", f"featureSettings.{APP}.excludeTarget")],
    ),
    "a feature for everyone and without exclusion": (
        "MicrosoftAuthenticator",
        {"featureSettings": {APP: {"includeTarget": ALL, "excludeTarget": NOBODY}}},
        [],
    ),
    "a campaign that excludes whom it includes": (
        POLICY,
        campaign(includeTargets=[group(A)], excludeTargets=[group(A)]),
        [("exclusion-equals-inclusion", "warning", ".".join((*CAMPAIGN, "excludeTargets")))],
    ),
    "single users": (
        "Sms",
        {"includeTargets": [ALL, USER], "excludeTargets": [{**USER, "id": B}]},
        [("user-target", "warning", "includeTargets"), ("user-target", "warning", LISTED[1])],
    ),
    "single users of a campaign": (POLICY, campaign(includeTargets=[USER]), []),
    "a name and an id that turned out to be one group": (
        "Sms",
        {"includeTargets": [group(A), group(A.upper(), isUsableForSignIn=False)]},
        [("duplicate-entry", "error", "includeTargets")],
    ),
    "a feature for a group that the method excludes": (
        "MicrosoftAuthenticator",
        with_feature(named("A"), includeTargets=[ALL], excludeTargets=[named("A")]),
        [("feature-outside-method", "warning", f"featureSettings.{APP}.includeTarget")],
    ),
    "a feature for a group that the method does not list": (
        "MicrosoftAuthenticator",
        with_feature(named("A"), includeTargets=[named("B")]),
        [("feature-outside-method", "note", f"featureSettings.{APP}.includeTarget")],
    ),
    "a feature that is off for such a group": (
        "MicrosoftAuthenticator",
        with_feature(named("A"), "disabled", includeTargets=[named("B")]),
        [],
    ),
    "a feature for a group that may be one that is listed": (
        "MicrosoftAuthenticator",
        with_feature(named("A"), includeTargets=[named("B"), group(C)]),
        [],
    ),
    "a feature for a role": (
        "MicrosoftAuthenticator",
        with_feature({"targetType": "role", "id": A}, includeTargets=[group(B)]),
        [],
    ),
    "a feature for everyone of a method for some": (
        "MicrosoftAuthenticator",
        with_feature(ALL, includeTargets=[group(B)]),
        [],
    ),
    "aliases of a base, which stand for whatever a tenant says": (
        "MicrosoftAuthenticator",
        with_feature(alias("a"), includeTargets=[alias("b")], excludeTargets=[alias("c")]),
        [("feature-outside-method", "note", f"featureSettings.{APP}.includeTarget")],
    ),
    "an alias that is included and excluded": (
        "Sms",
        {"includeTargets": [alias("a"), ALL], "excludeTargets": [alias("a")]},
        [("included-and-excluded", "warning", "excludeTargets")],
    ),
    "lists that a base alters": (
        "Fido2",
        {"includeTargets": Altered([ALL], []), "excludeTargets": Altered([], [ALL])},
        [],
    ),
    "a feature for one of the method's groups": (
        "MicrosoftAuthenticator",
        with_feature(group(B.upper()), includeTargets=[group(A), group(B)]),
        [],
    ),
    "a feature of a method whose targets are not declared": (
        "MicrosoftAuthenticator",
        with_feature(group(B)),
        [],
    ),
}


@pytest.mark.parametrize("case", TARGETS.values(), ids=TARGETS.keys())
def test_who_is_included_and_excluded(case: tuple[str, Any, list[tuple[str, str, str]]]) -> None:
    resource, tree, expected = case
    assert said(resource, tree) == expected


SETTINGS: dict[str, tuple[str, Any, list[tuple[str, str]]]] = {
    "snoozes of a managed campaign": (
        POLICY,
        campaign(
            state="default", snoozeDurationInDays=3, enforceRegistrationAfterAllowedSnoozes=True
        ),
        [("campaign-without-effect", "warning"), ("campaign-without-effect", "warning")],
    ),
    "snoozes of a campaign that is on": (
        POLICY,
        campaign(state="enabled", snoozeDurationInDays=3),
        [],
    ),
    "a managed campaign by itself": (POLICY, campaign(state="default"), []),
    "email off with codes for guests": (
        "Email",
        {"state": "disabled", "allowExternalIdToUseEmailOtp": "enabled"},
        [("email-external-codes", "error")],
    ),
    "email off with codes for guests left to Microsoft": (
        "Email",
        {"state": "disabled", "allowExternalIdToUseEmailOtp": "default"},
        [("email-external-codes", "warning")],
    ),
    "email off and codes off": (
        "Email",
        {"state": "disabled", "allowExternalIdToUseEmailOtp": "disabled"},
        [],
    ),
    "email on with codes for guests": (
        "Email",
        {"state": "enabled", "allowExternalIdToUseEmailOtp": "enabled"},
        [],
    ),
    "email off and nothing said of codes": ("Email", {"state": "disabled"}, []),
    "lifetimes in order": (
        "TemporaryAccessPass",
        {"minimumLifetimeInMinutes": 60, "maximumLifetimeInMinutes": 60},
        [],
    ),
    "a minimum above the maximum": (
        "TemporaryAccessPass",
        {"minimumLifetimeInMinutes": 61, "maximumLifetimeInMinutes": 60},
        [("tap-lifetime-order", "error")],
    ),
    "three bindings of one priority": (
        "X509Certificate",
        {"certificateUserBindings": [{"priority": 1}] * 3},
        [("binding-priority", "error")] * 2,
    ),
}


@pytest.mark.parametrize("case", SETTINGS.values(), ids=SETTINGS.keys())
def test_settings_that_decide_each_other(case: tuple[str, Any, list[tuple[str, str]]]) -> None:
    resource, tree, expected = case
    assert [(rule, level) for rule, level, _ in said(resource, tree)] == expected


UNTOUCHED: dict[str, tuple[str, Any, Any, dict[str, str]]] = {
    "an error that the plan makes": (
        "Email",
        {"state": "enabled", "allowExternalIdToUseEmailOtp": "enabled"},
        {"state": "disabled"},
        {"email-external-codes": "error", "method-ends": "warning", "people-not-counted": "note"},
    ),
    "an error that is live and declared": (
        "Email",
        {"state": "disabled", "allowExternalIdToUseEmailOtp": "enabled"},
        {"state": "disabled"},
        {"email-external-codes": "warning"},
    ),
    "an error that is live beside what is declared": (
        "Email",
        {"state": "disabled", "allowExternalIdToUseEmailOtp": "enabled", "includeTargets": [ALL]},
        {"includeTargets": []},
        {},
    ),
    "a warning that the plan makes": (
        "Sms",
        {"state": "disabled", "includeTargets": [ALL], "excludeTargets": [group(A)]},
        {"includeTargets": [group(A)]},
        {"exclusion-equals-inclusion": "warning"},
    ),
    "a warning that is live and declared": (
        "Sms",
        {"includeTargets": [group(A)], "excludeTargets": [group(A)]},
        {"includeTargets": [group(A)]},
        {"exclusion-equals-inclusion": "note"},
    ),
    "a warning about a list to which the plan adds": (
        "Sms",
        {"includeTargets": [{"targetType": "user", "id": A}]},
        {"includeTargets": [{"targetType": "user", "id": A}, group(B)]},
        {"weak-method-enabled": "error", "user-target": "warning"},
    ),
    "a declared snooze beside a live state": (
        POLICY,
        campaign(state="default", snoozeDurationInDays=1),
        campaign(snoozeDurationInDays=2),
        {"campaign-without-effect": "warning"},
    ),
    "live snoozes beside a declared state": (
        POLICY,
        campaign(state="enabled", snoozeDurationInDays=1),
        campaign(state="default"),
        {},
    ),
}


@pytest.mark.parametrize("case", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_live_and_declared_values_together(case: tuple[str, Any, Any, dict[str, str]]) -> None:
    name, live, tree, expected = case
    assert rules(planned(held(**{name: live}), {name: tree})) == expected
