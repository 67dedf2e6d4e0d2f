"""Which requests a plan needs, what they contain, and their order."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.compare.diff import compare
from graphpolicy.compare.documents import documents_of, known_as, versions_of
from graphpolicy.compare.requests import blocked, writes
from graphpolicy.model import POLICY, Declared
from tests.laws.generated import head, observed
from tests.unit.build import ALL, NOBODY, A, B, C, group, held, planned

FEATURE = {"state": "default", "includeTarget": ALL, "excludeTarget": NOBODY}
OFF = {"state": "disabled", "includeTargets": [ALL], "excludeTargets": []}
ON = {**OFF, "state": "enabled"}


def order(live: Any, trees: Any) -> list[str]:
    return [request.title for request in planned(live, trees).plan.requests]


ORDERS = {
    "what is enabled goes before what is disabled": (
        {"Sms": ON, "Email": OFF},
        {"Sms": {"state": "disabled"}, "Email": {"state": "enabled"}},
        ["Email", "Sms"],
    ),
    "what reaches more groups goes before what reaches fewer": (
        {"Sms": ON, "Email": {**ON, "includeTargets": [group(A)]}},
        {"Sms": {"includeTargets": [group(A)]}, "Email": {"includeTargets": [ALL]}},
        ["Email", "Sms"],
    ),
    "a smaller exclusion lets people in": (
        {"Sms": ON, "Email": {**ON, "excludeTargets": [group(A), group(B)]}},
        {"Sms": {"excludeTargets": [group(A)]}, "Email": {"excludeTargets": [group(B)]}},
        ["Email", "Sms"],
    ),
    "what only trades groups goes between": (
        {
            "Sms": ON,
            "Voice": {**ON, "includeTargets": [group(A)]},
            "Email": {**ON, "includeTargets": [group(A)]},
        },
        {
            "Sms": {"includeTargets": [group(A)]},
            "Voice": {"includeTargets": [group(B)]},
            "Email": {"includeTargets": [group(A), group(C)]},
        },
        ["Email", "Voice", "Sms"],
    ),
    "the state decides over the targets beside it": (
        {"Sms": ON, "Email": OFF},
        {
            "Sms": {"state": "disabled", "excludeTargets": []},
            "Email": {"state": "enabled", "includeTargets": [group(A)]},
        },
        ["Email", "Sms"],
    ),
    "a feature that is switched on lets nobody in": (
        {
            "MicrosoftAuthenticator": {
                **ON,
                "featureSettings": {"displayAppInformationRequiredState": FEATURE},
            },
            "Email": OFF,
        },
        {
            "MicrosoftAuthenticator": {
                "includeTargets": [group(A)],
                "featureSettings": {"displayAppInformationRequiredState": {"state": "enabled"}},
            },
            "Email": {"state": "enabled"},
        },
        ["Email", "MicrosoftAuthenticator"],
    ),
    "number matching goes after all else": (
        {
            "MicrosoftAuthenticator": {
                **ON,
                "featureSettings": {
                    "numberMatchingRequiredState": {**FEATURE, "state": "disabled"}
                },
            },
            "Sms": ON,
        },
        {
            "MicrosoftAuthenticator": {
                "featureSettings": {"numberMatchingRequiredState": {"state": "enabled"}}
            },
            "Sms": {"state": "disabled"},
        },
        ["Sms", "MicrosoftAuthenticator"],
    ),
    "a migration that is completed shuts the legacy policies out": (
        {POLICY: {"policyMigrationState": "preMigration"}, "Email": OFF},
        {POLICY: {"policyMigrationState": "migrationComplete"}, "Email": {"state": "enabled"}},
        ["Email", POLICY],
    ),
    "a migration that is taken back lets them in again": (
        {POLICY: {"policyMigrationState": "migrationComplete"}, "Email": ON},
        {"Email": {"state": "disabled"}, POLICY: {"policyMigrationState": "preMigration"}},
        [POLICY, "Email"],
    ),
}


@pytest.mark.parametrize("case", ORDERS.values(), ids=ORDERS.keys())
def test_order(case: tuple[Any, Any, list[str]]) -> None:
    live, trees, expected = case
    assert order(held(**live), trees) == expected
    assert order(held(**live), dict(reversed(trees.items()))) == expected


def test_a_restriction_comes_and_goes_with_its_combination() -> None:
    certificates, options = "x509CertificateMultiFactor", "combinationConfigurations"
    live: dict[str, Any] = {
        STRENGTHS: {
            "allowedCombinations": ["fido2"],
            options: {"fido2": {"allowedAAGUIDs": [A]}},
        },
        "Sms": ON,
        "Email": OFF,
    }
    trees: dict[str, Any] = {
        "Sms": {"state": "disabled"},
        STRENGTHS: {
            "allowedCombinations": [certificates],
            options: {
                "fido2": {"allowedAAGUIDs": []},
                certificates: {"allowedPolicyOIDs": ["1.2.3"]},
            },
        },
        "Email": {"state": "enabled"},
    }
    paths = [request.paths[0] for request in planned(held(**live), trees).plan.requests]
    new = f"{options}.{certificates}.allowedPolicyOIDs"
    assert paths == [
        "allowedCombinations",
        new,
        "state",
        "state",  # it narrows, and may fail: then the restriction is still there
        f"{options}.fido2.allowedAAGUIDs",
        "allowedCombinations",
    ]


CRL = {"state": "disabled", "exemptedCertificateAuthoritiesSubjectKeyIdentifiers": []}
X509 = {**OFF, "crlValidationConfiguration": CRL, "requireCertificateSidAlignment": False}
VERSIONS = {
    "v1.0 where that has everything": ("Sms", OFF, {"state": "enabled"}, ["v1.0"]),
    "beta whole where one setting is there alone": (
        "Voice",
        {**OFF, "callerIdNumber": "1", "isOfficePhoneAllowed": False},
        {"state": "enabled", "callerIdNumber": "2"},
        ["beta"],
    ),
    "beta where a sibling below the same property is there alone": (
        "MicrosoftAuthenticator",
        {**OFF, "featureSettings": {"displayAppInformationRequiredState": FEATURE}},
        {"featureSettings": {"displayAppInformationRequiredState": {"state": "enabled"}}},
        ["beta"],
    ),
    "beta where the method is there alone": (
        "HardwareOath",
        OFF,
        {"state": "enabled"},
        ["beta"],
    ),
    "v1.0 for what that has alone": (
        "X509Certificate",
        X509,
        {"state": "enabled", "crlValidationConfiguration": {"state": "enabled"}},
        ["v1.0"],
    ),
    "both where neither has everything that changes": (
        "X509Certificate",
        X509,
        {
            "state": "enabled",
            "crlValidationConfiguration": {"state": "enabled"},
            "requireCertificateSidAlignment": True,
        },
        ["beta", "v1.0"],
    ),
    "one where only one of the two changes": (
        "X509Certificate",
        X509,
        {
            "crlValidationConfiguration": {"state": "disabled"},
            "requireCertificateSidAlignment": True,
        },
        ["beta"],
    ),
}


@pytest.mark.parametrize("case", VERSIONS.values(), ids=VERSIONS.keys())
def test_version(case: tuple[str, Any, Any, list[str]]) -> None:
    name, live, tree, expected = case
    made = planned(held(**{name: live}), {name: tree}).plan
    assert [request.api for request in made.requests] == expected
    carried = [path for request in made.requests for path in request.paths]
    assert sorted(carried) == sorted(change.path for change in made.changes)


def test_each_property_of_the_policy_itself_goes_alone() -> None:
    live = {
        "policyMigrationState": "preMigration",
        "reconfirmationInDays": 90,
        "systemCredentialPreferences": {"state": "default", "includeTargets": [ALL]},
    }
    tree = {
        "policyMigrationState": "migrationInProgress",
        "reconfirmationInDays": 180,
        "systemCredentialPreferences": {"state": "enabled"},
    }
    made = planned(held(**{POLICY: live}), {POLICY: tree}).plan
    assert {(request.api, *request.body) for request in made.requests} == {
        ("beta", "policyMigrationState"),
        ("v1.0", "reconfirmationInDays"),
        ("beta", "systemCredentialPreferences"),
    }
    assert {request.url for request in made.requests} == {f"/policies/{POLICY}"}


def test_a_body_carries_the_whole_property_and_only_that() -> None:
    live = {
        **OFF,
        "keyRestrictions": {"isEnforced": False, "enforcementType": "block", "aaGuids": [A]},
    }
    made = planned(held(Fido2=live), {"Fido2": {"keyRestrictions": {"isEnforced": True}}}).plan
    [request] = made.requests
    assert request.body == {
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "keyRestrictions": {"isEnforced": True, "enforcementType": "block", "aaGuids": [A]},
    }
    assert request.paths == ("keyRestrictions.isEnforced",)


def test_an_address_has_the_id_as_the_version_written_to_spells_it() -> None:
    declared = Declared("QRCodePin", {"pinLength": 10}, {})
    row = RESOURCES["QRCodePin"]
    documents = {
        "v1.0": {**head(row), "id": "qrCodePin", "pinLength": 8},
        "beta": {**head(row), "pinLength": 8},
    }
    [write] = writes([compare(declared, documents, "global")])  # type: ignore[arg-type]
    request = write.request(documents)  # type: ignore[arg-type]
    assert request.url.endswith("/authenticationMethodConfigurations/qrCodePin")


def test_a_value_that_graph_hides_is_never_written_back() -> None:
    rule = {
        "x509CertificateRuleType": "unknownFutureValue",
        "identifier": "1.2.3",
        "x509CertificateAuthenticationMode": "x509CertificateSingleFactor",
    }
    mode = {"x509CertificateAuthenticationDefaultMode": "x509CertificateSingleFactor"}
    live = {"authenticationModeConfiguration": {**mode, "rules": [rule]}}
    wanted = {"x509CertificateAuthenticationDefaultMode": "x509CertificateMultiFactor"}
    made = planned(
        held(X509Certificate=live), {"X509Certificate": {"authenticationModeConfiguration": wanted}}
    ).plan
    assert [blocked(request) for request in made.requests] == [True]
    assert made.refused == "unknown-value"


def test_documents_are_matched_without_case() -> None:
    live = observed(held(Sms=OFF))
    [item] = live.documents["v1.0"]["authenticationMethodConfigurations"]
    item["id"] = "SMS"
    assert documents_of(Declared("Sms", {}, {}), live)["v1.0"] is item


def test_a_strength_is_no_part_of_the_policy_in_the_version_that_it_was_written_in() -> None:
    written = [(known_as(STRENGTHS, f"{STRENGTHS}/Keys"), "v1.0"), (known_as("Sms", "Sms"), "beta")]
    assert versions_of(written) == ("beta",)  # type: ignore[arg-type]
    assert versions_of(written[:1]) == ()  # type: ignore[arg-type]


OPTIONS, SINGLE, MULTI = (
    "combinationConfigurations",
    "x509CertificateSingleFactor",
    "x509CertificateMultiFactor",
)
SHARED = {"allowedIssuerSkis": ["0a"], "allowedPolicyOIDs": ["1.2.3"]}
NONE: dict[str, Any] = {"allowedIssuerSkis": [], "allowedPolicyOIDs": []}
OTHER = {**SHARED, "allowedIssuerSkis": ["0b"]}


@pytest.mark.parametrize(
    ("declared", "sent"),
    [
        ({SINGLE: OTHER, MULTI: OTHER}, ("PATCH", [MULTI, SINGLE], OTHER)),
        ({SINGLE: NONE}, ("PATCH", [MULTI], SHARED)),
        ({SINGLE: NONE, MULTI: SHARED}, ("PATCH", [MULTI], SHARED)),
        ({SINGLE: NONE, MULTI: OTHER}, ("PATCH", [MULTI], OTHER)),
        ({SINGLE: NONE, MULTI: NONE}, ("DELETE", None, {})),
        ({SINGLE: OTHER}, None),
        ({SINGLE: OTHER, MULTI: SHARED}, None),
        ({SINGLE: {"allowedPolicyOIDs": []}}, None),
    ],
)
def test_an_entry_for_two_combinations_changes_for_both_or_not_at_all(
    declared: Any, sent: Any
) -> None:
    live = {**head(RESOURCES[STRENGTHS]), OPTIONS: {SINGLE: SHARED, MULTI: SHARED}}
    plan = planned({STRENGTHS: live}, {STRENGTHS: {OPTIONS: declared}}).plan
    last = plan.requests[-1] if plan.requests else None
    if sent is None:
        assert (plan.refused, plan.requests, plan.changes) == ("configuration-shared", (), ())
        return
    assert plan.refused != "configuration-shared"
    assert last is not None
    body = {name: value for name, value in last.body.items() if name in SHARED}
    assert (last.method, last.body.get("appliesToCombinations"), body) == sent
