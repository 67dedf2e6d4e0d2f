"""Which values are the same, how one is laid over another, and what of it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import (
    Bool,
    Enum,
    Flags,
    Int,
    Kind,
    Strings,
    Target,
    Targets,
    Text,
)
from graphpolicy.catalogue.values import leaves, overlay, same, sendable
from tests.unit.build import ALL, NOBODY, A, B, group

STATE = Enum(("default", "enabled"))
TYPES = Flags(("deviceBound", "synced"))


def kind(resource: str, *path: str) -> Kind:
    rows: Any = RESOURCES[resource].properties
    for name in path:
        found: Kind = next(row.kind for row in rows if row.name == name)
        rows = getattr(found, "members", ())
    return found


MODES = kind("MicrosoftAuthenticator", "includeTargets")
SMS = kind("Sms", "includeTargets")
PASSKEYS = kind("Fido2", "includeTargets")
FEATURE = kind("MicrosoftAuthenticator", "featureSettings", "displayAppInformationRequiredState")
FEATURES = kind("MicrosoftAuthenticator", "featureSettings")
PROFILES = kind("Fido2", "passkeyProfiles")
BINDINGS = kind("X509Certificate", "certificateUserBindings")
RULES = kind("X509Certificate", "authenticationModeConfiguration", "rules")
SCOPES = kind("X509Certificate", "certificateAuthorityScopes")

SAME: dict[str, tuple[Kind, Any, Any]] = {
    "an enum member in another case": (STATE, "Enabled", "enabled"),
    "flags in another order": (TYPES, "synced,deviceBound", "deviceBound, synced"),
    "identifiers in another order and case": (Strings(), ["AB", "cd"], ["CD", "ab"]),
    "no list and the empty list": (Strings(), None, []),
    "no targets and the empty list": (Targets(), None, []),
    "nobody and no target, in a feature": (Target(nobody=True), NOBODY, None),
    "nobody, whatever its type": (Target(nobody=True), NOBODY, {**NOBODY, "targetType": "role"}),
    "targets in another order and case": (
        Targets(),
        [group(A), group(B)],
        [group(B.upper()), group(A)],
    ),
    "a target with annotations and keys of old": (
        MODES,
        [group(A)],
        [group(A, featureSettings=None, **{"@odata.type": "x"})],
    ),
    "registration that is not required and none said": (
        MODES,
        [group(A)],
        [group(A, isRegistrationRequired=False)],
    ),
    "no profiles allowed and none said": (
        PASSKEYS,
        [group(A)],
        [group(A, allowedPasskeyProfiles=[])],
    ),
    "bindings in another order": (
        BINDINGS,
        [{"priority": 1}, {"priority": 2}],
        [{"priority": 2}, {"priority": 1}],
    ),
    "a scope's authority in another case": (
        SCOPES,
        [{"subjectKeyIdentifier": "AB"}],
        [{"subjectKeyIdentifier": "ab", "includeTargets": []}],
    ),
    "an empty object and none": (FEATURE, {}, None),
}


@pytest.mark.parametrize("case", SAME.values(), ids=SAME.keys())
def test_the_same(case: tuple[Kind, Any, Any]) -> None:
    of, left, right = case
    assert same(of, left, right)
    assert same(of, right, left)


DIFFERENT: dict[str, tuple[Kind, Any, Any]] = {
    "false and nothing": (Bool(), False, None),
    "zero and nothing": (Int(), 0, None),
    "texts in another case": (Text(), "Alpha", "alpha"),
    "default and enabled": (STATE, "default", "enabled"),
    "a group and a user of one id": (Targets(), [group(A)], [{"targetType": "user", "id": A}]),
    "a target that nobody stands for, outside features": (Target(), ALL, None),
    "sign-in that is off and none said": (SMS, [group(A, isUsableForSignIn=False)], [group(A)]),
    "registration that is required": (MODES, [group(A, isRegistrationRequired=True)], [group(A)]),
    "profiles that are allowed": (PASSKEYS, [group(A, allowedPasskeyProfiles=[B])], [group(A)]),
}


@pytest.mark.parametrize("case", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_not_the_same(case: tuple[Kind, Any, Any]) -> None:
    of, left, right = case
    assert not same(of, left, right)
    assert not same(of, right, left)


OVERLAYS: dict[str, tuple[Kind, Any, Any, Any]] = {
    "what means the same stays as it is live": (
        TYPES,
        "synced,deviceBound",
        "deviceBound,synced",
        "synced,deviceBound",
    ),
    "an entry keeps its unwritten members and its spelling": (
        MODES,
        [group(A.upper(), authenticationMode="push", brandNew=1)],
        [group(A, isRegistrationRequired=True)],
        [group(A.upper(), authenticationMode="push", brandNew=1, isRegistrationRequired=True)],
    ),
    "entries that are not written go, new ones come last": (
        MODES,
        [group(A), ALL],
        [group(B), group(A, authenticationMode="any")],
        [group(A, authenticationMode="any"), group(B)],
    ),
    "the empty list takes everything": (MODES, [ALL], [], []),
    "the empty list is said where there was none": (MODES, None, [], []),
    "profiles that are not written stay": (
        PROFILES,
        [{"id": A, "name": "one"}, {"id": B, "name": "two"}],
        [{"id": B, "name": "two", "passkeyTypes": "synced"}],
        [{"id": A, "name": "one"}, {"id": B, "name": "two", "passkeyTypes": "synced"}],
    ),
    "a profile is renamed by its id": (
        PROFILES,
        [{"id": A, "name": "old", "passkeyTypes": "synced"}],
        [{"id": A, "name": "new"}],
        [{"id": A, "name": "new", "passkeyTypes": "synced"}],
    ),
    "an object keeps its other members": (
        FEATURE,
        {"state": "default", "includeTarget": ALL, "brandNew": 1},
        {"state": "enabled"},
        {"state": "enabled", "includeTarget": ALL, "brandNew": 1},
    ),
    "a scope's targets are laid over as any": (
        SCOPES,
        [{"subjectKeyIdentifier": "AB", "publicKeyInfrastructureIdentifier": "p"}],
        [{"subjectKeyIdentifier": "ab", "includeTargets": [group(A)]}],
        [
            {
                "subjectKeyIdentifier": "AB",
                "publicKeyInfrastructureIdentifier": "p",
                "includeTargets": [group(A)],
            }
        ],
    ),
    "a rule is paired by all that identifies it": (
        RULES,
        [
            {
                "x509CertificateRuleType": "policyOID",
                "identifier": "1.2",
                "x509CertificateRequiredAffinityLevel": "low",
            }
        ],
        [{"x509CertificateRuleType": "issuerSubject", "identifier": "1.2"}],
        [{"x509CertificateRuleType": "issuerSubject", "identifier": "1.2"}],
    ),
}


@pytest.mark.parametrize("case", OVERLAYS.values(), ids=OVERLAYS.keys())
def test_overlay(case: tuple[Kind, Any, Any, Any]) -> None:
    of, live, declared, expected = case
    assert overlay(of, live, declared) == expected


NUMBER_MATCHING = {"numberMatchingRequiredState": {"state": "enabled"}}
SENT: dict[str, tuple[Kind, Any, str, Any]] = {
    "no annotation and no null": (
        FEATURE,
        {"state": "enabled", "excludeTarget": None, "x@odata.context": "y"},
        "",
        {"state": "enabled"},
    ),
    "no key of old on a target": (MODES, [group(A, outlookMobileAllowedState="x")], "", [group(A)]),
    "a single target as a target": (
        Target(),
        group(A, featureSettings=1, **{"@odata.type": "x"}),
        "",
        group(A),
    ),
    "number matching never as a sibling": (FEATURES, NUMBER_MATCHING, "", {}),
    "number matching where it is what changes": (
        FEATURES,
        NUMBER_MATCHING,
        "numberMatchingRequiredState",
        NUMBER_MATCHING,
    ),
    "what is unknown as it is, without annotations and nulls": (
        FEATURE,
        {"brandNew": {"a": [{"b": None, "c@odata.type": "d", "e": 1}], "f": None}},
        "",
        {"brandNew": {"a": [{"e": 1}]}},
    ),
}


@pytest.mark.parametrize("case", SENT.values(), ids=SENT.keys())
def test_what_is_sent(case: tuple[Kind, Any, str, Any]) -> None:
    of, value, alone, expected = case
    assert sendable(of, value, alone) == expected


def test_leaves_open_objects_and_name_what_is_unknown() -> None:
    rows = RESOURCES["X509Certificate"].properties
    document = {
        "id": "X509Certificate",
        "@odata.type": "x",
        "state": "enabled",
        "issuerHintsConfiguration": {"state": "disabled", "brandNew": 1},
        "crlValidationConfiguration": None,
        "certificateUserBindings": [{"priority": 1}],
    }
    found = {path: (type(of).__name__, value) for path, of, value in leaves(rows, document, {"id"})}
    assert found == {
        ("state",): ("Enum", "enabled"),
        ("issuerHintsConfiguration", "state"): ("Enum", "disabled"),
        ("issuerHintsConfiguration", "brandNew"): ("NoneType", 1),
        ("crlValidationConfiguration",): ("Object", None),
        ("certificateUserBindings",): ("Collection", [{"priority": 1}]),
    }
