"""What a read after a write shows."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.compare.readback import (
    anything_of_it_shows,
    enforced_as_before,
    moved_beside,
    moved_since_plan,
    not_shown,
    shows_another,
)
from graphpolicy.compare.requests import Write
from graphpolicy.compare.resolve import resolve
from graphpolicy.model import Declared, Directory, Observed
from graphpolicy.plan.make import make_plan
from tests.laws.situations import OCCASION
from tests.unit.build import ALL, NOBODY, A, B, file_of, group, held

FEATURE = {"state": "default", "includeTarget": ALL, "excludeTarget": NOBODY}
AUTHENTICATOR = held(
    MicrosoftAuthenticator={
        "state": "enabled",
        "includeTargets": [ALL],
        "featureSettings": {
            "displayAppInformationRequiredState": FEATURE,
            "displayLocationInformationRequiredState": FEATURE,
            "numberMatchingRequiredState": {**FEATURE, "state": "disabled"},
        },
    }
)["MicrosoftAuthenticator"]
FIDO2 = held(Fido2={"passkeyProfiles": [], "defaultPasskeyProfile": None, "includeTargets": [ALL]})[
    "Fido2"
]


def write_of(document: dict[str, Any], tree: dict[str, Any]) -> tuple[Write, dict[Any, Any]]:
    """The one write of a file, and the documents that it was planned from."""
    name = document["id"]
    whole = {"authenticationMethodConfigurations": [document]}
    live = Observed({"v1.0": whole, "beta": whole})
    resolution = resolve(file_of([Declared(name, tree, {})]), Directory(), live)
    [write] = make_plan(resolution, live, Directory(), OCCASION).writes
    return write, {"v1.0": document, "beta": document}


def features(**changed: Any) -> dict[str, Any]:
    settings = {**AUTHENTICATOR["featureSettings"], **changed}
    return {**AUTHENTICATOR, "featureSettings": settings}


WANTED = {"state": "disabled", "featureSettings": {
    "displayAppInformationRequiredState": {"state": "enabled"},
    "displayLocationInformationRequiredState": {"state": "default"},
}}  # fmt: skip
APP = {"displayAppInformationRequiredState": {**FEATURE, "state": "enabled"}}
LOCATION = {"displayLocationInformationRequiredState": {**FEATURE, "state": "enabled"}}

MOVED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": (AUTHENTICATOR, []),
    "something that the write does not carry": ({**AUTHENTICATOR, "includeTargets": []}, []),
    "an undeclared setting that it carries as it is live": (
        features(numberMatchingRequiredState=FEATURE),
        [],
    ),
    "what it would change, to what is wanted": (
        features(**APP),
        ["featureSettings.displayAppInformationRequiredState.state"],
    ),
    "a declared setting beside what it would change": (
        features(**LOCATION),
        ["featureSettings.displayLocationInformationRequiredState.state"],
    ),
    "the method's state": ({**AUTHENTICATOR, "state": "disabled"}, ["state"]),
}


@pytest.mark.parametrize("case", MOVED.values(), ids=MOVED.keys())
def test_what_moved_since_the_plan(case: tuple[dict[str, Any], list[str]]) -> None:
    now, expected = case
    write, _ = write_of(AUTHENTICATOR, WANTED)
    assert moved_since_plan(write, {"v1.0": now, "beta": now}, "global") == expected


def test_a_write_shows_when_each_of_its_settings_does() -> None:
    write, before = write_of(AUTHENTICATOR, WANTED)
    half = {**AUTHENTICATOR, "state": "disabled"}
    assert not_shown(write, {"v1.0": half, "beta": half}, "global") == [
        "featureSettings.displayAppInformationRequiredState.state"
    ]
    done = {**features(**APP), "state": "disabled"}
    assert not_shown(write, {"v1.0": done, "beta": done}, "global") == []
    assert moved_beside(write, before, {"v1.0": done, "beta": done}) == []


def test_a_setting_that_is_no_longer_returned_does_not_show() -> None:
    write, _ = write_of(AUTHENTICATOR, {"featureSettings": WANTED["featureSettings"]})
    gone = {**AUTHENTICATOR, "featureSettings": {}}
    assert not_shown(write, {"beta": gone}, "global") == [
        "featureSettings.displayAppInformationRequiredState.state"
    ]


def test_number_matching_that_ends_on_for_everyone_shows() -> None:
    write, _ = write_of(
        AUTHENTICATOR,
        {"featureSettings": {"numberMatchingRequiredState": {"state": "enabled"}}},
    )
    assert write.alone
    for state in ("enabled", "default"):
        now = features(numberMatchingRequiredState={**FEATURE, "state": state})
        assert not_shown(write, {"beta": now}, "global") == []


def test_a_sibling_that_moved_is_named_and_unknown_ones_count() -> None:
    document = {**AUTHENTICATOR, "brandNew": {"a": 1}}
    write, before = write_of(document, {"state": "disabled"})
    now = {**document, "state": "disabled", "brandNew": {"a": 2}, "includeTargets": []}
    assert moved_beside(write, before, {"v1.0": now, "beta": now}) == [
        "includeTargets",
        "brandNew",
    ]


def test_what_graph_recalculates_is_no_side_effect() -> None:
    profile = {"id": A, "name": "Keys", "passkeyTypes": "synced"}
    write, before = write_of(FIDO2, {"passkeyProfiles": [profile]})
    now = {**FIDO2, "passkeyProfiles": [profile], "defaultPasskeyProfile": A}
    assert moved_beside(write, before, {"v1.0": now, "beta": now}) == []


def test_number_matching_is_put_back_where_it_alone_has_moved() -> None:
    write, before = write_of(AUTHENTICATOR, WANTED)
    now = {**features(**APP, numberMatchingRequiredState=FEATURE), "state": "disabled"}
    moved = moved_beside(write, before, {"v1.0": now, "beta": now})
    assert moved == ["featureSettings.numberMatchingRequiredState.state"]
    body = enforced_as_before(write, before, {"v1.0": now, "beta": now}, moved)
    assert body is not None
    settings = body["featureSettings"]
    assert settings["numberMatchingRequiredState"] == {**FEATURE, "state": "disabled"}
    assert settings["displayAppInformationRequiredState"]["state"] == "enabled"
    assert enforced_as_before(write, before, {"beta": now}, [*moved, "includeTargets"]) is None


def profile(id_: str, name: str) -> dict[str, Any]:
    restrictions = {"isEnforced": False, "enforcementType": "allow", "aaGuids": []}
    return {
        "id": id_,
        "name": name,
        "passkeyTypes": "synced",
        "attestationEnforcement": "disabled",
        "keyRestrictions": restrictions,
    }


NEW = {name: value for name, value in profile("", "New").items() if name != "id"}

IDS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "as proposed": (NEW, "", True),
    "chosen by Graph": (NEW, A, True),
    "chosen by Graph against the file's": ({**NEW, "id": B}, A, False),
}


@pytest.mark.parametrize("case", IDS.values(), ids=IDS.keys())
def test_the_id_of_a_new_profile(case: tuple[dict[str, Any], str, bool]) -> None:
    declared, given, shows = case
    target = {**group("all_users"), "allowedPasskeyProfiles": []}
    tree = {"passkeyProfiles": [declared], "includeTargets": [target]}
    write, _ = write_of(FIDO2, {**tree, "defaultPasskeyProfile": given or B})
    proposed = write.comparison.declared.tree["passkeyProfiles"][0]["id"]
    now = {
        **FIDO2,
        "passkeyProfiles": [profile(given or proposed, "New")],
        "defaultPasskeyProfile": given or B,
    }
    assert (not_shown(write, {"v1.0": now}, "global") == []) == shows


def test_of_a_write_something_shows_when_a_property_that_it_carries_has_moved() -> None:
    write, before = write_of(AUTHENTICATOR, {"state": "disabled"})
    assert write.tops == ("state",)
    assert not anything_of_it_shows(write, before, before)
    beside = {**AUTHENTICATOR, "includeTargets": [], "featureSettings": {}}
    assert not anything_of_it_shows(write, before, {"v1.0": beside, "beta": beside})
    spelled = {**AUTHENTICATOR, "state": "Enabled"}
    assert not anything_of_it_shows(write, before, {"v1.0": spelled, "beta": spelled})
    for state in ("disabled", "default", None):
        now = {**AUTHENTICATOR, "state": state}
        assert anything_of_it_shows(write, before, {"v1.0": AUTHENTICATOR, "beta": now})
    assert anything_of_it_shows(write, before, {"v1.0": AUTHENTICATOR})


TARGETS = {"includeTargets": [group(A)]}
FIDO2_KEYS = held(
    Fido2={
        "keyRestrictions": {"isEnforced": True, "enforcementType": "allow", "aaGuids": [A]},
        "passkeyProfiles": [],
        "includeTargets": [ALL],
    }
)["Fido2"]
OF_KEYS = {"keyRestrictions": {"aaGuids": [B]}}
APP_ON = {"featureSettings": {"displayAppInformationRequiredState": {"state": "enabled"}}}
APP_STATE = "featureSettings.displayAppInformationRequiredState.state"


def keys(*models: str) -> dict[str, Any]:
    return {"keyRestrictions": {**FIDO2_KEYS["keyRestrictions"], "aaGuids": list(models)}}


ANOTHER: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], list[str]]] = {
    "what was before": (AUTHENTICATOR, {"state": "disabled"}, {}, []),
    "what was sent": (AUTHENTICATOR, {"state": "disabled"}, {"state": "disabled"}, []),
    "what Graph falls back to": (AUTHENTICATOR, {"state": "disabled"}, {"state": "default"}, []),
    "no value": (AUTHENTICATOR, {"state": "disabled"}, {"state": None}, []),
    "a third value": (AUTHENTICATOR, {"state": "disabled"}, {"state": "paused"}, ["state"]),
    "old and new targets": (
        AUTHENTICATOR,
        TARGETS,
        {"includeTargets": [ALL, group(A.upper(), authenticationMode="any")]},
        [],
    ),
    "neither of the targets": (AUTHENTICATOR, TARGETS, {"includeTargets": []}, []),
    "somebody else's target": (
        AUTHENTICATOR,
        TARGETS,
        {"includeTargets": [group(A), group(B)]},
        ["includeTargets"],
    ),
    "old and new models": (FIDO2_KEYS, OF_KEYS, keys(A, B), []),
    "another model": (FIDO2_KEYS, OF_KEYS, keys(B, NOBODY["id"]), ["keyRestrictions.aaGuids"]),
    "no features": (AUTHENTICATOR, APP_ON, {"featureSettings": None}, []),
    "a feature with a third state": (
        AUTHENTICATOR,
        APP_ON,
        features(displayAppInformationRequiredState={**FEATURE, "state": "disabled"}),
        [APP_STATE],
    ),
}


@pytest.mark.parametrize("case", ANOTHER.values(), ids=ANOTHER.keys())
def test_a_write_shows_another_value(
    case: tuple[dict[str, Any], dict[str, Any], dict[str, Any], list[str]],
) -> None:
    live, tree, changed, expected = case
    write, _ = write_of(live, tree)
    now = {**live, **changed}
    assert shows_another(write, {"v1.0": now, "beta": now}) == expected


def test_profiles_that_others_added_are_no_other_value() -> None:
    write, _ = write_of(FIDO2, {"passkeyProfiles": [profile(A, "Ours")]})
    now = {**FIDO2, "passkeyProfiles": [profile(A, "Ours"), profile(B, "Theirs")]}
    assert shows_another(write, {"v1.0": now, "beta": now}) == []


def test_what_is_sent_alone_is_no_part_of_another_write() -> None:
    """Number matching has a request of its own: neither hides what moved under the other."""
    fewer: dict[str, Any] = {"numberMatchingRequiredState": {"includeTarget": group(A)}}
    shown: Any = WANTED["featureSettings"]
    tree = {"featureSettings": {**shown, **fewer}}
    live = Observed(
        {
            version: {"authenticationMethodConfigurations": [AUTHENTICATOR]}
            for version in ("v1.0", "beta")
        }
    )
    declared = file_of([Declared("MicrosoftAuthenticator", tree, {})])
    writes = make_plan(resolve(declared, Directory(), live), live, Directory(), OCCASION).writes
    assert {write.alone for write in writes} == {True, False}
    for write in writes:
        assert moved_since_plan(write, write.comparison.documents, "global") == []


def test_a_version_that_is_not_answered_again_has_lost_everything_but_what_is_enforced() -> None:
    enforced = {**AUTHENTICATOR, "featureSettings": {"numberMatchingRequiredState": FEATURE}}
    write, before = write_of(enforced, {"state": "disabled"})
    moved = moved_beside(write, before, {"v1.0": {**enforced, "state": "disabled"}})
    assert moved == ["includeTargets"]


def test_number_matching_that_was_for_some_has_moved_where_it_is_no_longer_answered() -> None:
    some = {**FEATURE, "includeTarget": group(A)}
    live = {**AUTHENTICATOR, "featureSettings": {"numberMatchingRequiredState": some}}
    write, before = write_of(live, {"state": "disabled"})
    gone = {**live, "state": "disabled", "featureSettings": {}}
    assert moved_beside(write, before, {"v1.0": gone, "beta": gone})


def test_another_spelling_has_not_moved_and_hides_nothing_that_has() -> None:
    live = {**features(numberMatchingRequiredState=FEATURE), "includeTargets": [group(A)]}
    write, before = write_of(live, {"state": "disabled"})
    spelled = {
        **features(numberMatchingRequiredState={**FEATURE, "state": "enabled"}),
        "includeTargets": [group(A.upper())],
    }
    now = {**spelled, "state": "Enabled"}
    assert moved_since_plan(write, {"v1.0": now, "beta": now}, "global") == []
    assert moved_beside(write, before, {"v1.0": now, "beta": now}) == []
    moved = {**live, "newThing": 1}
    write, before = write_of(moved, {"state": "disabled"})
    now = {**spelled, "state": "disabled", "newThing": 2}
    assert moved_beside(write, before, {"v1.0": now, "beta": now}) == ["newThing"]


def test_the_body_that_puts_number_matching_back_says_what_it_is_of() -> None:
    write, before = write_of(AUTHENTICATOR, WANTED)
    path = "featureSettings.numberMatchingRequiredState.state"
    noisy = {**features(numberMatchingRequiredState={**FEATURE, "x@odata.type": "#x"})}
    body = enforced_as_before(write, before, {"v1.0": noisy, "beta": noisy}, [path])
    assert body is not None
    assert body["@odata.type"] == (
        "#microsoft.graph.microsoftAuthenticatorAuthenticationMethodConfiguration"
    )
    assert "x@odata.type" not in str(body)
    assert enforced_as_before(write, {"v1.0": AUTHENTICATOR}, {"beta": noisy}, [path]) is None
