"""What differs, what is not possible, and what a plan's digest covers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.compare.conformance import repeated
from graphpolicy.compare.diff import compare, for_everyone
from graphpolicy.compare.documents import documents_of, external_methods, versions_needed
from graphpolicy.compare.resolve import resolve
from graphpolicy.model import POLICY, Cloud, Directory, Observed, Place, Resolved, Tenant
from graphpolicy.plan.make import make_plan
from graphpolicy.plan.verdict import Report, undoing
from tests.laws.generated import observed
from tests.laws.situations import OCCASION, desired
from tests.unit.build import ALL, NOBODY, A, external, group, held, planned, read, rules

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
    assert versions_needed([Resolved(name, tree, {})], cloud) == expected


def test_what_would_be_covers_what_is_not_declared_wherever_it_was_read() -> None:
    features = {"displayAppInformationRequiredState": FEATURE}
    document = held(MicrosoftAuthenticator={**SMS, "featureSettings": features})
    declared = Resolved("MicrosoftAuthenticator", {"state": "disabled"}, {})
    comparison = compare(declared, {"v1.0": document["MicrosoftAuthenticator"]}, "global")
    assert comparison.after("global") == {**SMS, "state": "disabled", "featureSettings": features}


def digest(tenant: Tenant, file: str = "policy.yaml") -> str:
    live = observed(held(Sms=SMS, MicrosoftAuthenticator=SMS))
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
    """Graph may leave out a target that means nobody; the file may still have it."""
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
    """A setting that is on is not reported as off because v1.0 leaves it out."""
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


def test_what_is_not_offered_is_named_with_its_place_and_the_way_out() -> None:
    place = Place("contoso.yaml", 7, 9)
    declared = Resolved("Voice", {"isOfficePhoneAllowed": True}, {("isOfficePhoneAllowed",): place})
    [finding] = compare(declared, {"v1.0": held(Voice=SMS)["Voice"]}, "global").findings
    assert finding.message == (
        "this tenant does not offer Voice.isOfficePhoneAllowed: Graph does not return it"
    )
    assert finding.help.startswith("remove it from the file")
    assert (finding.resource, finding.path, finding.source) == (
        "Voice",
        "isOfficePhoneAllowed",
        place,
    )


def test_a_setting_of_a_version_that_could_not_be_read_is_not_offered() -> None:
    declared = Resolved("Voice", {"callerIdNumber": "+4930123456"}, {})
    made = compare(declared, {"v1.0": held(Voice=SMS)["Voice"]}, "global")
    assert made.differences == []
    assert [(found.rule, found.path) for found in made.findings] == [
        ("not-offered", "callerIdNumber")
    ]


@pytest.mark.parametrize("value", [False, "disabled", "default", [], "", None])
def test_what_is_off_or_left_alone_asks_for_nothing(value: Any) -> None:
    declared = Resolved("Voice", {"callerIdNumber": value}, {})
    [finding] = compare(declared, {"v1.0": {}, "beta": {"id": "Voice"}}, "global").findings
    assert (finding.level, finding.help) == ("note", "")
    assert finding.message == (
        "this tenant does not offer Voice.callerIdNumber, and the file declares it off: nothing to "
        "do"
    )


def test_an_external_method_is_known_by_its_name_or_its_id_and_by_its_type() -> None:
    duo, other = external(), external("d0500000-0000-4000-8000-00000000000b", "Other")
    stranger = {**duo, "@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration"}
    nameless = {"displayName": "Duo"}
    live = read(other, stranger, nameless, {}, duo)
    for name in ("Duo", duo["id"], duo["id"].upper()):
        assert documents_of(Resolved("External", {}, {}, name), live) == {"v1.0": duo}
    for name in ("duo", "", "None"):
        assert documents_of(Resolved("External", {}, {}, name), live) == {}


def test_where_an_external_method_is_missing_the_help_names_those_that_are_there() -> None:
    asked = Resolved("External", {"state": "enabled"}, {}, "Duo")
    for live, said in (
        (read(external(name="Duo Security")), "'Duo Security'"),
        (read(), "no other"),
    ):
        [found] = compare(asked, {}, "global", external_methods(live, [asked])).findings
        assert (found.rule, found.level) == ("not-offered", "error")
        assert said in found.help


@pytest.mark.parametrize(
    ("state", "also", "level"),
    [("enabled", (), "error"), ("disabled", (), "note"), ("enabled", ("Cisco",), "note")],
    ids=["it may be on", "none is on", "the file names it"],
)
def test_an_external_method_that_is_off_and_missing_may_be_on_under_another_name(
    state: str, also: tuple[str, ...], level: str
) -> None:
    asked = [Resolved("External", {"state": "disabled"}, {}, name) for name in ("Duo", *also)]
    live = read({**external(name="Cisco"), "state": state})
    [found] = compare(asked[0], {}, "global", external_methods(live, asked)).findings
    assert (found.rule, found.level) == ("not-offered", level)


def test_a_method_is_found_by_its_id_in_any_case() -> None:
    live = Observed({"beta": read({"id": "qrCodePin"}, {}).documents["v1.0"]})
    assert documents_of(Resolved("QRCodePin", {}, {}), live) == {"beta": {"id": "qrCodePin"}}
    assert documents_of(Resolved("Sms", {}, {}), live) == {}


def test_in_china_every_setting_is_of_beta() -> None:
    beta, other = held(Sms={**SMS, "state": "disabled"})["Sms"], held(Sms=SMS)["Sms"]
    made = compare(Resolved("Sms", {"state": "enabled"}, {}), {"beta": beta}, "china")
    assert [difference.home for difference in made.differences] == ["beta"]
    assert made.before("china")["state"] == "disabled"
    both = compare(Resolved("Sms", {}, {}), {"v1.0": other, "beta": beta}, "china")
    assert both.before("china")["state"] == "disabled"
    assert both.after("china")["state"] == "disabled"
    assert both.before("global")["state"] == "enabled"


def test_what_would_be_lays_an_object_over_what_is_live() -> None:
    live = held(Fido2={"keyRestrictions": {"isEnforced": False, "aaGuids": [A]}})["Fido2"]
    declared = Resolved("Fido2", {"keyRestrictions": {"isEnforced": True}}, {})
    after = compare(declared, {"v1.0": live}, "global").after("global")
    assert after["keyRestrictions"] == {"isEnforced": True, "aaGuids": [A]}


@pytest.mark.parametrize(
    ("feature", "everyone"),
    [
        ({"state": "enabled"}, True),
        ({"state": "Default", "includeTarget": ALL, "excludeTarget": NOBODY}, True),
        ({"state": "disabled"}, False),
        ({}, False),
        ({"state": "enabled", "includeTarget": group(A)}, False),
        ({"state": "enabled", "includeTarget": ALL, "excludeTarget": group(A)}, False),
        ({"state": "enabled", "excludeTarget": group(A)}, False),
    ],
)
def test_whom_a_feature_reaches(feature: dict[str, Any], everyone: bool) -> None:
    assert for_everyone(feature) == everyone


MATCHING = "numberMatchingRequiredState"
MATCHED = f"featureSettings.{MATCHING}"


@pytest.mark.parametrize(
    ("declared", "level", "words"),
    [
        ({"state": "enabled"}, "note", f"Microsoft has enforced {MATCHED} for everyone since "),
        ({"includeTarget": ALL}, "note", f"Microsoft has enforced {MATCHED} for everyone since "),
        ({"state": "disabled"}, "error", f"{MATCHED} can't be limited to fewer people: Microsoft "),
        (
            {"excludeTarget": group(A)},
            "error",
            f"{MATCHED} can't be limited to fewer people: Microsoft ",
        ),
    ],
)
@pytest.mark.parametrize(
    "shown", [{}, {MATCHING: None}, {MATCHING: {}}, {MATCHING: {"state": None}}]
)
def test_number_matching_that_is_not_returned(
    declared: Any, level: str, words: str, shown: Any
) -> None:
    tree = {"featureSettings": {MATCHING: declared}}
    live = held(MicrosoftAuthenticator={"featureSettings": shown})
    made = compare(
        Resolved("MicrosoftAuthenticator", tree, {}),
        {"beta": live["MicrosoftAuthenticator"]},
        "global",
    )
    [finding] = made.findings
    assert (finding.level, made.differences) == (level, [])
    assert finding.message.startswith(words)
    assert finding.path == MATCHED
    if level == "error":
        assert finding.message.endswith("and this tenant no longer returns it")
        assert finding.help == "remove it from the file, or declare it enabled for all_users"
    else:
        assert finding.help == ""


def test_number_matching_that_means_the_same_is_bound_and_noted() -> None:
    live = held(MicrosoftAuthenticator={"featureSettings": {MATCHING: FEATURE}})
    tree = {"featureSettings": {MATCHING: {"state": "enabled"}}}
    made = compare(
        Resolved("MicrosoftAuthenticator", tree, {}),
        {"beta": live["MicrosoftAuthenticator"]},
        "global",
    )
    assert made.settings == [(f"{MATCHED}.state", "enabled", "default")]
    assert [finding.message for finding in made.findings] == [
        f"{MATCHED} is default for everyone, which means the same as what the file declares"
    ]


def test_a_migration_that_is_not_kept_is_named() -> None:
    live = {**held(**{POLICY: {}})[POLICY], "policyMigrationState": None}
    declared = Resolved(POLICY, {"policyMigrationState": "migrationInProgress"}, {})
    made = compare(declared, {"v1.0": live}, "global")
    [finding] = made.findings
    assert made.differences == []
    assert finding.message.startswith("this tenant has no value for policyMigrationState, which ")
    assert finding.help == "remove it from the file"


def test_a_method_without_its_switch_or_whom_it_reaches_is_never_taken_for_off() -> None:
    """Whatever the file asks for, such an answer does not show whether it is in force."""
    wrong: list[Any] = []
    for name, tree in (
        ("Sms", {"state": "disabled"}),
        ("Voice", {"state": "enabled"}),
        ("Email", {"includeTargets": []}),
        ("Voice", {"excludeTargets": []}),
        ("Fido2", {"keyRestrictions": {"isEnforced": False}}),
        (
            "MicrosoftAuthenticator",
            {"featureSettings": {"displayAppInformationRequiredState": {"state": "disabled"}}},
        ),
    ):
        bare: dict[str, Any] = {"keyRestrictions": {}} if name == "Fido2" else {}
        if "featureSettings" in tree:
            bare = {"featureSettings": {"displayAppInformationRequiredState": {}}}
        made = planned(held(**{name: bare}), {name: tree})
        drift = Report("drift", (undoing(made.plan),))
        seen = (rules(made), made.plan.refused, drift.exit_code)
        if seen != ({"setting-not-told": "error"}, "setting-not-told", 2):
            wrong.append((name, tree, seen))
    assert wrong == []


def test_a_method_that_comes_twice_is_an_error_where_what_is_managed_differs() -> None:
    one, other = dict(SMS), {**SMS, "state": "disabled"}
    methods = [{**each, "id": "Sms"} for each in (one, other)]
    twice = Observed({"v1.0": {"authenticationMethodConfigurations": methods}})
    for tree, level in (({"state": SMS["state"]}, "error"), ({"includeTargets": []}, "warning")):
        declared = Resolved("Sms", tree, {})
        assert [(f.rule, f.level) for f in repeated(declared, twice, "global")] == [
            ("method-repeated", level)
        ]
    assert not list(
        repeated(Resolved("Sms", {"state": "x"}, {}), observed(held(Sms=one)), "global")
    )
