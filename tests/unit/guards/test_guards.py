"""Findings about what a plan would do, and about values that belong together."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import pytest

from graphpolicy import guards, rules as rules_room
from graphpolicy.guards import GUARDS
from graphpolicy.model import POLICY, Declared, Directory
from graphpolicy.rules import broken_declarations
from graphpolicy.rules.table import RULES
from tests.unit.build import ALL, NOBODY, A, B, group, held, planned, rules

GONE = Directory(gone=frozenset({A}))
SMS = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
FEATURE = {"state": "default", "includeTarget": ALL, "excludeTarget": NOBODY}

DANGLING: dict[str, tuple[Any, Any, str | None]] = {
    "in a list that the file does not touch": (
        {"Sms": {**SMS, "excludeTargets": [group(A)]}},
        {"Sms": {"state": "disabled"}},
        "warning",
    ),
    "written by the file, where it is already": (
        {"Sms": {**SMS, "excludeTargets": [group(A)]}},
        {"Sms": {"excludeTargets": [group(A), group(B)]}},
        "warning",
    ),
    "written anew into an inclusion": (
        {"Sms": SMS},
        {"Sms": {"includeTargets": [group(A)]}},
        "warning",
    ),
    "written anew into an exclusion": (
        {"Sms": SMS},
        {"Sms": {"excludeTargets": [group(A.upper())]}},
        "error",
    ),
    "taken out by the file": (
        {"Sms": {**SMS, "excludeTargets": [group(A)]}},
        {"Sms": {"excludeTargets": []}},
        None,
    ),
    "written anew into a feature's exclusion": (
        {
            "MicrosoftAuthenticator": {
                "featureSettings": {"displayAppInformationRequiredState": FEATURE}
            }
        },
        {
            "MicrosoftAuthenticator": {
                "featureSettings": {
                    "displayAppInformationRequiredState": {"excludeTarget": group(A)}
                }
            }
        },
        "error",
    ),
}


@pytest.mark.parametrize("case", DANGLING.values(), ids=DANGLING.keys())
def test_a_target_that_is_gone(case: tuple[Any, Any, str | None]) -> None:
    live, trees, level = case
    found = rules(planned(held(**live), trees, directory=GONE))
    assert found.get("dangling-target") == level


def test_a_directory_that_may_not_be_read_is_said_and_nothing_is_gone() -> None:
    made = planned(
        held(Sms={**SMS, "excludeTargets": [group(A)]}),
        {"Sms": {"state": "disabled"}},
        directory=Directory(readable=False),
    )
    assert rules(made) == {
        "last-mfa-method": "error",
        "method-ends": "warning",
        "directory-not-read": "note",
        "people-not-counted": "note",
    }


PROFILE = {
    "id": A,
    "name": "Keys",
    "passkeyTypes": "synced",
    "attestationEnforcement": "disabled",
    "keyRestrictions": {"isEnforced": False},
}
FIDO2 = {"passkeyProfiles": [], "isAttestationEnforced": True, "includeTargets": [ALL]}

ENTRIES: dict[str, tuple[str, Any, Any, list[str]]] = {
    "a new profile that lacks what Graph needs": (
        "Fido2",
        {**FIDO2, "passkeyProfiles": [PROFILE]},
        {"passkeyProfiles": [{"id": B, "name": "New", "passkeyTypes": "synced"}]},
        ["incomplete-entry"],
    ),
    "an old profile of which little is written": (
        "Fido2",
        {**FIDO2, "passkeyProfiles": [PROFILE]},
        {"passkeyProfiles": [{"id": A, "name": "Keys", "passkeyTypes": "deviceBound"}]},
        ["method-ends", "restriction-loosened", "people-not-counted"],
    ),
    "the first profile": (
        "Fido2",
        FIDO2,
        {"passkeyProfiles": [PROFILE]},
        [
            "irreversible-change",
            "method-ends",
            "restriction-loosened",
            "passkey-target-without-profile",
            "people-not-counted",
        ],
    ),
    "a setting of old where there are profiles": (
        "Fido2",
        {**FIDO2, "passkeyProfiles": [PROFILE]},
        {"isAttestationEnforced": False},
        ["passkey-legacy-and-profiles", "retiring-setting"],
    ),
    "a setting of old where there are none": (
        "Fido2",
        {**FIDO2, "isAttestationEnforced": False},
        {"isAttestationEnforced": True},
        ["retiring-setting"],
    ),
    "a setting of old as it is": (
        "Fido2",
        {**FIDO2, "passkeyProfiles": [PROFILE]},
        {"isAttestationEnforced": True},
        ["retiring-setting"],
    ),
    "a new binding without its fields": (
        "X509Certificate",
        {"certificateUserBindings": []},
        {"certificateUserBindings": [{"priority": 1}]},
        ["incomplete-entry"],
    ),
    "two bindings of one priority": (
        "X509Certificate",
        {"certificateUserBindings": [{"priority": 1}, {"priority": 1}]},
        {},
        ["binding-priority"],
    ),
    "a campaign's new target without a method": (
        POLICY,
        {
            "registrationEnforcement": {
                "authenticationMethodsRegistrationCampaign": {"includeTargets": []}
            }
        },
        {
            "registrationEnforcement": {
                "authenticationMethodsRegistrationCampaign": {"includeTargets": [ALL]}
            }
        },
        ["incomplete-entry", "inclusion-widens"],
    ),
    "attestation of synced passkeys": (
        "Fido2",
        {"passkeyProfiles": [PROFILE]},
        {"passkeyProfiles": [{**PROFILE, "attestationEnforcement": "registrationOnly"}]},
        ["passkey-synced-attestation"],
    ),
    "attestation of passkeys that are bound to a device": (
        "Fido2",
        {"passkeyProfiles": [{**PROFILE, "passkeyTypes": "deviceBound"}]},
        {
            "passkeyProfiles": [
                {
                    **PROFILE,
                    "passkeyTypes": "deviceBound",
                    "attestationEnforcement": "registrationOnly",
                }
            ]
        },
        [],
    ),
    "two groups that prefer the strongest method": (
        POLICY,
        {"systemCredentialPreferences": {"includeTargets": [ALL]}},
        {"systemCredentialPreferences": {"includeTargets": [group(A), group(B)]}},
        ["system-preferred-one-group", "inclusion-shrinks"],
    ),
    "one group that does, and two that did": (
        POLICY,
        {
            "systemCredentialPreferences": {
                "state": "default",
                "includeTargets": [group(A), group(B)],
            }
        },
        {"systemCredentialPreferences": {"state": "enabled", "includeTargets": [group(B)]}},
        ["inclusion-shrinks"],
    ),
    "lifetimes in order": (
        "TemporaryAccessPass",
        {"minimumLifetimeInMinutes": 60, "maximumLifetimeInMinutes": 480},
        {"minimumLifetimeInMinutes": 480},
        [],
    ),
    "a declared minimum above the live maximum": (
        "TemporaryAccessPass",
        {"minimumLifetimeInMinutes": 60, "maximumLifetimeInMinutes": 480},
        {"minimumLifetimeInMinutes": 481},
        ["tap-lifetime-order"],
    ),
}


@pytest.mark.parametrize("case", ENTRIES.values(), ids=ENTRIES.keys())
def test_what_a_plan_would_leave_behind(case: tuple[str, Any, Any, list[str]]) -> None:
    name, live, tree, expected = case
    assert list(rules(planned(held(**{name: live}), {name: tree}))) == expected


DECLARATIONS: dict[str, tuple[str, Any, list[str]]] = {
    "profiles and a setting of old": (
        "Fido2",
        {"passkeyProfiles": [PROFILE], "isAttestationEnforced": True},
        ["isAttestationEnforced"],
    ),
    "no profiles and a setting of old": (
        "Fido2",
        {"passkeyProfiles": [], "isAttestationEnforced": True},
        [],
    ),
    "profiles and a setting of old that is off": (
        "Fido2",
        {"passkeyProfiles": [PROFILE], "isAttestationEnforced": False},
        [],
    ),
    "a default lifetime below the minimum": (
        "TemporaryAccessPass",
        {"minimumLifetimeInMinutes": 60, "defaultLifetimeInMinutes": 10},
        ["defaultLifetimeInMinutes"],
    ),
}


@pytest.mark.parametrize("case", DECLARATIONS.values(), ids=DECLARATIONS.keys())
def test_what_a_file_may_declare_together(case: tuple[str, Any, list[str]]) -> None:
    name, tree, expected = case
    found = broken_declarations(Declared(name, tree, {}))
    assert [finding.path for finding in found if finding.level == "error"] == expected


def written(room: ModuleType, judged: str) -> set[object]:
    """The functions of a room that find mistakes of a plan, or of a resource."""
    return {
        function
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
        for name, function in inspect.getmembers(
            importlib.import_module(found.name), inspect.isfunction
        )
        if function.__module__ == found.name
        and not name.startswith("_")
        and list(inspect.get_annotations(function).values()) == [judged, "Iterator[Finding]"]
    }


def test_every_guard_that_is_written_is_asked() -> None:
    """A function of guards/ that judges a whole plan has a row in GUARDS, or never runs."""
    assert written(guards, "PlanView") == set(GUARDS.values())


def test_every_guard_has_the_settings_that_it_judges() -> None:
    """`explain` shows it there. The rule that counts changes judges no setting."""
    assert {rule for rule in GUARDS if not RULES[rule].settings} == {"too-many-changes"}


def test_every_rule_that_is_written_is_asked() -> None:
    """A function that judges a resource must be called by rules or guards, or it never runs."""
    asked = [*vars(rules_room).values(), *vars(guards).values()]
    found = written(rules_room, "Subject") | written(guards, "Subject")
    assert len(found) > 5
    assert [each for each in found if each not in asked] == []
