"""What differs, what can't be had, and what a plan's digest is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.diff import compare, versions_needed
from graphpolicy.model import POLICY, Cloud, Declared, Directory, Tenant
from graphpolicy.plan import make_plan
from graphpolicy.resolve import resolve
from tests.laws.generated import observed
from tests.laws.situations import OCCASION, desired
from tests.unit.core.build import ALL, NOBODY, A, group, held, planned, rules

SMS = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
FEATURE = {"state": "default", "includeTarget": ALL}

ASKED: dict[str, tuple[str, Any, str]] = {
    "a method that is on": ("Sms", {"state": "enabled"}, "error"),
    "a method that is off": ("Sms", {"state": "disabled"}, "note"),
    "a method that is off and says whom it would reach": (
        "Sms",
        {"state": "disabled", "includeTargets": [ALL]},
        "note",
    ),
    "targets alone": ("Sms", {"includeTargets": [ALL]}, "error"),
    "no exclusion": ("Sms", {"excludeTargets": []}, "note"),
    "a switch that is on": ("Voice", {"isOfficePhoneAllowed": True}, "error"),
    "a switch that is off": ("Voice", {"isOfficePhoneAllowed": False}, "note"),
    "a number": ("QRCodePin", {"pinLength": 8}, "error"),
    "restrictions that are not enforced": (
        "Fido2",
        {"keyRestrictions": {"isEnforced": False, "enforcementType": "block", "aaGuids": [A]}},
        "note",
    ),
    "restrictions that are enforced": ("Fido2", {"keyRestrictions": {"isEnforced": True}}, "error"),
    "an exclusion of nobody": (
        "MicrosoftAuthenticator",
        {"featureSettings": {"displayAppInformationRequiredState": {"excludeTarget": NOBODY}}},
        "note",
    ),
}


@pytest.mark.parametrize("case", ASKED.values(), ids=ASKED.keys())
def test_of_a_method_that_the_tenant_lacks(case: tuple[str, Any, str]) -> None:
    name, tree, level = case
    made = planned(held(Email=SMS), {name: tree})
    assert made.plan.changes == ()
    assert rules(made) == {"not-offered": level}


def test_a_setting_that_is_not_returned_is_not_offered_and_the_rest_is_planned() -> None:
    tree = {"state": "disabled", "isOfficePhoneAllowed": True}
    made = planned(held(Voice=SMS), {"Voice": tree})
    assert [change.path for change in made.plan.changes] == ["state"]
    assert ("not-offered", "isOfficePhoneAllowed") in [(f.rule, f.path) for f in made.plan.findings]
    assert made.plan.requests[0].body.keys() == {"@odata.type", "state"}


def test_nobody_is_there_where_a_feature_has_no_exclusion() -> None:
    live = {"featureSettings": {"displayAppInformationRequiredState": FEATURE}}
    excluding = {"displayAppInformationRequiredState": {"excludeTarget": NOBODY}}
    made = planned(
        held(MicrosoftAuthenticator=live),
        {"MicrosoftAuthenticator": {"featureSettings": excluding}},
    )
    assert (made.plan.changes, made.plan.findings) == ((), ())
    excluding["displayAppInformationRequiredState"] = {"excludeTarget": group(A)}
    made = planned(
        held(MicrosoftAuthenticator=live),
        {"MicrosoftAuthenticator": {"featureSettings": excluding}},
    )
    [change] = made.plan.changes
    assert (change.before_label, change.after_label) == ("nobody", A)


def test_an_object_that_is_null_can_be_set() -> None:
    live = {"systemCredentialPreferences": None}
    tree = {"systemCredentialPreferences": {"state": "enabled", "excludeTargets": []}}
    made = planned(held(**{POLICY: live}), {POLICY: tree}).plan
    assert [(change.before, change.after) for change in made.changes] == [(None, "enabled")]
    [request] = made.requests
    assert request.body == {
        "systemCredentialPreferences": {"state": "enabled", "excludeTargets": []}
    }


NEEDED: dict[str, tuple[str, Any, Cloud, tuple[str, ...]]] = {
    "v1.0 alone": ("Voice", {"state": "enabled"}, "global", ("v1.0",)),
    "both for a setting of beta": ("Voice", {"callerIdNumber": "1"}, "global", ("v1.0", "beta")),
    "both for a sibling of a setting of beta": (
        "MicrosoftAuthenticator",
        {"featureSettings": {"displayAppInformationRequiredState": {"state": "enabled"}}},
        "usgov",
        ("v1.0", "beta"),
    ),
    "beta alone in China": ("Voice", {"state": "enabled"}, "china", ("beta",)),
}


@pytest.mark.parametrize("case", NEEDED.values(), ids=NEEDED.keys())
def test_what_must_be_read(case: tuple[str, Any, Cloud, tuple[str, ...]]) -> None:
    name, tree, cloud, expected = case
    assert versions_needed([Declared(name, tree, {})], cloud) == expected


def test_what_would_be_covers_what_is_not_declared_wherever_it_was_read() -> None:
    features = {"displayAppInformationRequiredState": FEATURE}
    document = held(MicrosoftAuthenticator={**SMS, "featureSettings": features})
    declared = Declared("MicrosoftAuthenticator", {"state": "disabled"}, {})
    comparison = compare(declared, {"v1.0": document["MicrosoftAuthenticator"]}, "global")
    assert comparison.after("global") == {**SMS, "state": "disabled", "featureSettings": features}


def digest(tenant: Tenant, file: str = "policy.yaml") -> str:
    live = observed(held(Sms=SMS))
    policy = replace(desired({"Sms": {"state": "disabled"}}), tenant=tenant, file=file)
    return make_plan(resolve(policy, Directory(), live), live, Directory(), OCCASION).plan.digest


def test_a_digest_is_of_one_tenant_in_one_cloud_and_of_no_name() -> None:
    here = Tenant("contoso", A)
    assert digest(here) == digest(Tenant("renamed", A), "moved.yaml")
    assert digest(here) != digest(Tenant("contoso", A.replace("0", "1")))
    assert digest(here) != digest(Tenant("contoso", A, "usgov"))
    assert digest(here).startswith("sha256:")
    assert len(digest(here)) == len("sha256:") + 64


def test_a_digest_ignores_what_is_not_managed() -> None:
    tree = {"Sms": {"state": "disabled"}}
    other = planned(held(Sms={**SMS, "excludeTargets": [group(A)]}), tree).plan
    assert planned(held(Sms=SMS), tree).plan.digest == other.digest


@pytest.mark.parametrize("missing", ["includeTarget", "excludeTarget"])
def test_number_matching_without_a_target_reaches_everyone(missing: str) -> None:
    """Graph may leave out a target that is nobody's; the file may still say so."""
    live = {"state": "default", "includeTarget": ALL, "excludeTarget": NOBODY}
    feature = {name: value for name, value in live.items() if name != missing}
    wanted = {"state": "enabled", "includeTarget": ALL, "excludeTarget": NOBODY}
    name = "numberMatchingRequiredState"
    made = planned(
        held(MicrosoftAuthenticator={"featureSettings": {name: feature}}),
        {"MicrosoftAuthenticator": {"featureSettings": {name: wanted}}},
    )
    assert made.plan.changes == ()
    assert rules(made)["number-matching-enforced"] == "note"


def test_what_one_version_hides_and_another_shows_in_the_same_plan_is_compared() -> None:
    """A setting that is on is not said to be off because v1.0 leaves it out."""
    live = {"isSoftwareOathEnabled": True, "featureSettings": {"companionAppAllowedState": FEATURE}}
    documents = observed(held(MicrosoftAuthenticator=live), ("v1.0", "beta"))
    for item in documents.documents["v1.0"]["authenticationMethodConfigurations"]:
        item.pop("isSoftwareOathEnabled", None)
    trees = {
        "MicrosoftAuthenticator": {
            "isSoftwareOathEnabled": False,
            "featureSettings": {"companionAppAllowedState": FEATURE},
        }
    }
    known = Directory()
    made = make_plan(resolve(desired(trees), known, documents), documents, known, OCCASION)
    assert [(change.path, change.api) for change in made.plan.changes] == [
        ("isSoftwareOathEnabled", "beta")
    ]
    [request] = made.plan.requests
    assert (request.api, request.body["isSoftwareOathEnabled"]) == ("beta", False)
    assert "not-offered" not in rules(made)
