"""Rules about passkey profiles."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.model import Declared, ProfileName
from graphpolicy.rules import broken_declarations, broken_rules
from graphpolicy.rules.subject import Subject
from tests.unit.build import ALL, A, B, C, group, held, planned, rules
from tests.unit.declared import named, said


def keys(enforced: bool = True, type_: str = "allow", models: tuple[str, ...] = ()) -> Any:
    return {"isEnforced": enforced, "enforcementType": type_, "aaGuids": list(models)}


def profile(name: str, *, types: str = "deviceBound", attested: bool = False, **more: Any) -> Any:
    attestation = "registrationOnly" if attested else "disabled"
    return {
        "name": name,
        "passkeyTypes": types,
        "attestationEnforcement": attestation,
        "keyRestrictions": keys(enforced=False),
        **more,
    }


def allowed(target: Any, *names: str) -> Any:
    return {**target, "allowedPasskeyProfiles": [ProfileName(name) for name in names]}


STRICT, LOOSE = profile("Strict", attested=True), profile("Loose", types="deviceBound,synced")
ADMINS = named("Admins")

PROFILES: dict[str, tuple[list[Any], list[Any], list[str]]] = {
    "a looser one for everyone": (
        [STRICT, LOOSE],
        [allowed(ADMINS, "Strict"), allowed(ALL, "Loose")],
        ["'Strict' restricts nobody: everyone may also use 'Loose'"],
    ),
    "a looser one for the same group": (
        [STRICT, LOOSE],
        [allowed(ADMINS, "Strict", "Loose")],
        ["'Strict' restricts nobody: 'Admins' may also use 'Loose'"],
    ),
    "a looser one for another group": (
        [STRICT, LOOSE],
        [allowed(ADMINS, "Strict"), allowed(named("Staff"), "Loose")],
        [],
    ),
    "a stricter one for everyone": (
        [STRICT, LOOSE],
        [allowed(ADMINS, "Loose"), allowed(ALL, "Strict")],
        [],
    ),
    "another one, neither looser nor stricter": (
        [profile("Synced", types="synced"), profile("Bound", types="deviceBound")],
        [allowed(ADMINS, "Bound"), allowed(ALL, "Synced")],
        [],
    ),
    "the same under another name": (
        [STRICT, {**STRICT, "name": "Twin"}],
        [allowed(ADMINS, "Strict"), allowed(ALL, "Twin")],
        [],
    ),
    "one of which the file does not say all": (
        [STRICT, {"name": "Loose", "passkeyTypes": "deviceBound,synced"}],
        [allowed(ADMINS, "Strict"), allowed(ALL, "Loose")],
        [],
    ),
    "one of which the file says that it is restricted, and not how": (
        [profile("Some", keyRestrictions={"enforcementType": "allow"}), LOOSE],
        [allowed(ADMINS, "Some"), allowed(ALL, "Loose")],
        [],
    ),
    "one whose list of models is not said": (
        [profile("Some", keyRestrictions={"isEnforced": True}), LOOSE],
        [allowed(ADMINS, "Some"), allowed(ALL, "Loose")],
        [],
    ),
    "one that is nowhere": ([STRICT], [allowed(ADMINS, "Strict"), allowed(ALL, "Loose")], []),
    "fewer models for some": (
        [
            profile("One", keyRestrictions=keys(models=(A,))),
            profile("Two", keyRestrictions=keys(models=(A.upper(), B))),
        ],
        [allowed(ADMINS, "One"), allowed(ALL, "Two")],
        ["'One' restricts nobody: everyone may also use 'Two'"],
    ),
    "other models for some": (
        [
            profile("One", keyRestrictions=keys(models=(A,))),
            profile("Two", keyRestrictions=keys(models=(B, C))),
        ],
        [allowed(ADMINS, "One"), allowed(ALL, "Two")],
        [],
    ),
    "models for some, every model but others for everyone": (
        [
            profile("One", keyRestrictions=keys(models=(A,))),
            profile("Most", keyRestrictions=keys(type_="block", models=(B,))),
        ],
        [allowed(ADMINS, "One"), allowed(ALL, "Most")],
        ["'One' restricts nobody: everyone may also use 'Most'"],
    ),
    "a model for some that is blocked for everyone else": (
        [
            profile("One", keyRestrictions=keys(models=(A,))),
            profile("Most", keyRestrictions=keys(type_="block", models=(A,))),
        ],
        [allowed(ADMINS, "One"), allowed(ALL, "Most")],
        [],
    ),
    "more blocked for some": (
        [
            profile("Few", keyRestrictions=keys(type_="block", models=(A, B))),
            profile("Most", keyRestrictions=keys(type_="block", models=(B,))),
        ],
        [allowed(ADMINS, "Few"), allowed(ALL, "Most")],
        ["'Few' restricts nobody: everyone may also use 'Most'"],
    ),
}


@pytest.mark.parametrize("case", PROFILES.values(), ids=PROFILES.keys())
def test_a_looser_passkey_profile_for_the_same_people(
    case: tuple[list[Any], list[Any], list[str]],
) -> None:
    profiles, targets, expected = case
    tree = {"passkeyProfiles": profiles, "includeTargets": targets}
    found = list(broken_declarations(Declared("Fido2", tree, {})))
    assert {finding.rule for finding in found} <= {"passkey-profile-bypassed"}
    assert len(found) == len(expected)
    for finding, said_ in zip(found, expected, strict=True):
        assert said_ in finding.message
        assert finding.path == "includeTargets"


def test_a_looser_profile_that_is_live_is_known_by_its_id() -> None:
    live = {
        "includeTargets": [{**ALL, "allowedPasskeyProfiles": [A.upper()]}],
        "passkeyProfiles": [{**LOOSE, "id": A}, {**STRICT, "id": B}],
    }
    tree = {
        "includeTargets": [
            {**group(C), "allowedPasskeyProfiles": [B]},
            {**ALL, "allowedPasskeyProfiles": [A]},
        ]
    }
    assert rules(planned(held(Fido2=live), {"Fido2": tree})) == {
        "passkey-profile-bypassed": "warning"
    }


def test_two_profiles_of_one_id_in_a_file() -> None:
    tree = {"passkeyProfiles": [{**STRICT, "id": A}, {**LOOSE, "id": A.upper()}]}
    assert said("Fido2", tree) == [("duplicate-entry", "error", "passkeyProfiles")]


def test_a_profile_that_attests_what_is_synced_is_told_where_it_is_declared_only() -> None:
    both = profile("Both", types="deviceBound,synced", attested=True)
    tree = {"passkeyProfiles": [LOOSE, both]}
    assert said("Fido2", tree) == [("passkey-synced-attestation", "warning", "passkeyProfiles")]
    beside = Subject("Fido2", "Fido2", "Fido2", {"passkeyProfiles": [LOOSE]}, tree)
    assert list(broken_rules(beside)) == []
