"""What reading again says of a write."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.model import Declared, Directory, Observed
from graphpolicy.plan import make_plan
from graphpolicy.readback import enforced_as_before, moved_beside, moved_since_plan, not_shown
from graphpolicy.requests import Write
from graphpolicy.resolve import resolve
from tests.laws.situations import OCCASION
from tests.unit.core.build import ALL, NOBODY, A, B, file_of, group, held

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
    assert not_shown(write, before, {"v1.0": half, "beta": half}, "global") == [
        "featureSettings.displayAppInformationRequiredState.state"
    ]
    done = {**features(**APP), "state": "disabled"}
    assert not_shown(write, before, {"v1.0": done, "beta": done}, "global") == []
    assert moved_beside(write, before, {"v1.0": done, "beta": done}) == []


def test_a_setting_that_is_no_longer_returned_does_not_show() -> None:
    write, before = write_of(AUTHENTICATOR, {"featureSettings": WANTED["featureSettings"]})
    gone = {**AUTHENTICATOR, "featureSettings": {}}
    assert not_shown(write, before, {"beta": gone}, "global") == [
        "featureSettings.displayAppInformationRequiredState.state"
    ]


def test_number_matching_that_ends_on_for_everyone_shows() -> None:
    write, before = write_of(
        AUTHENTICATOR,
        {"featureSettings": {"numberMatchingRequiredState": {"state": "enabled"}}},
    )
    assert write.alone
    for state in ("enabled", "default"):
        now = features(numberMatchingRequiredState={**FEATURE, "state": state})
        assert not_shown(write, before, {"beta": now}, "global") == []


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
    write, before = write_of(FIDO2, {**tree, "defaultPasskeyProfile": given or B})
    proposed = write.comparison.declared.tree["passkeyProfiles"][0]["id"]
    now = {
        **FIDO2,
        "passkeyProfiles": [profile(given or proposed, "New")],
        "defaultPasskeyProfile": given or B,
    }
    assert (not_shown(write, before, {"v1.0": now}, "global") == []) == shows
