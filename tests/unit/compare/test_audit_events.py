"""Who changed a setting, in every form that the log may have."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from graphpolicy.compare.audit_events import changed, events, moment, touching
from graphpolicy.compare.author_words import called
from graphpolicy.model import POLICY, Event, Path

ANA = {"user": {"userPrincipalName": "ana@contoso.com"}, "app": None}
TAP = "TemporaryAccessPass"


def record(at: str, *modified: tuple[str, Any, Any], by: Any = ANA) -> dict[str, Any]:
    return {
        "activityDateTime": at,
        "initiatedBy": by,
        "targetResources": [
            {
                "modifiedProperties": [
                    {"displayName": name, "oldValue": old, "newValue": new}
                    for name, old, new in modified
                ]
            }
        ],
    }


def author(
    happened: Sequence[Event],
    resource: str,
    path: Path,
    explains: Callable[[Any], bool] = lambda _: True,
) -> Event | None:
    """The newest event that changed a setting, if it left the live value."""
    event, left = next(touching(happened, resource, path), (None, ()))
    return event if all(map(explains, left)) else None


def whole(length: int, snooze: int = 1) -> dict[str, Any]:
    return {
        "registrationEnforcement": {"campaign": {"snoozeDurationInDays": snooze}},
        "authenticationMethodConfigurations": [{"id": TAP, "defaultLength": length}],
    }


LENGTH = ("defaultLength",)
EARLY, LATE = "2026-05-01T10:00:00.0000000Z", "2026-05-02T02:10:59Z"


@pytest.mark.parametrize(
    "modified",
    [
        (f"{TAP}.defaultLength", '"8"', '"12"'),
        (f"{TAP}.defaultLength", "8", "12"),
        (f"{TAP}.DefaultLength", None, "12"),
        (f"Authentication method {TAP}: defaultLength", "eight", "twelve"),
        ("Authentication Methods Policy", json.dumps(whole(8)), json.dumps(whole(12))),
        ("Policy", whole(8), whole(12)),
        (TAP, json.dumps({"id": TAP, "defaultLength": 8}), json.dumps({"id": TAP})),
    ],
    ids=lambda row: str(row[0])[:20],
)
def test_the_one_who_changed_it_is_found_in_every_form(modified: tuple[str, Any, Any]) -> None:
    happened = events([record(EARLY, modified)])
    found = author(happened, TAP, LENGTH)
    assert found is not None
    assert (called(found.author), moment(found.at)) == ("ana@contoso.com", "2026-05-01 10:00 UTC")


@pytest.mark.parametrize(
    "modified",
    [
        ("Voice.defaultLength", '"8"', '"12"'),
        (f"{TAP}.isUsableOnce", '"False"', '"True"'),
        (f"{TAP}.defaultLength", '"12"', '"12"'),
        ("Authentication Methods Policy", json.dumps(whole(12)), json.dumps(whole(12, 5))),
        ("", None, None),
        ("...", "{", "}"),
    ],
    ids=lambda row: str(row[0])[:20],
)
def test_nobody_is_named_for_what_somebody_else_changed(modified: tuple[str, Any, Any]) -> None:
    assert author(events([record(EARLY, modified)]), TAP, LENGTH) is None


def test_the_newest_counts_in_whatever_order_the_log_answers() -> None:
    bob = {"app": {"displayName": "pipeline", "appId": "1"}}
    early = record(EARLY, (f"{TAP}.defaultLength", "8", "10"))
    late = record(LATE, (f"{TAP}.defaultLength", "10", "12"), by=bob)
    for order in ([early, late], [late, early]):
        found = author(events(order), TAP, LENGTH)
        assert found is not None
        assert (called(found.author), moment(found.at)) == (
            "the application pipeline",
            "2026-05-02 02:10 UTC",
        )


def test_a_member_of_an_object_that_moved_as_a_whole_is_told_apart() -> None:
    old = {"displayAppInformationRequiredState": {"state": "enabled"}, "other": {"state": "x"}}
    new = {"displayAppInformationRequiredState": {"state": "disabled"}, "other": {"state": "x"}}
    modified = ("MicrosoftAuthenticator.featureSettings", json.dumps(old), json.dumps(new))
    happened = events([record(EARLY, modified)])
    feature = ("featureSettings", "displayAppInformationRequiredState", "state")
    assert author(happened, "MicrosoftAuthenticator", feature)
    assert author(happened, "MicrosoftAuthenticator", ("featureSettings", "other", "state")) is None


def test_a_setting_of_the_policy_itself_needs_no_name_of_a_method() -> None:
    path = ("registrationEnforcement", "campaign", "snoozeDurationInDays")
    texts = json.dumps(whole(8)), json.dumps(whole(8, 5))
    for modified in (
        ("Authentication Methods Policy", *texts),
        ("registrationEnforcement.campaign.snoozeDurationInDays", "1", "5"),
    ):
        assert author(events([record(EARLY, modified)]), POLICY, path)


def test_the_order_of_a_list_is_no_change() -> None:
    old, new = '[{"id": "a"}, {"id": "b"}]', '[{"id": "b"}, {"id": "a"}]'
    happened = events([record(EARLY, (f"{TAP}.includeTargets", old, new))])
    assert author(happened, TAP, ("includeTargets",)) is None


@pytest.mark.parametrize(
    ("by", "who"),
    [
        ({"user": {"id": "42"}}, "42"),
        ({"user": {}, "app": {"appId": "7"}}, "the application 7"),
        ({"user": None, "app": None}, "somebody unknown"),
        (None, "somebody unknown"),
    ],
)
def test_who_it_was_is_said_as_well_as_the_log_does(by: Any, who: str) -> None:
    [event] = events(["no record", record(EARLY, by=by)])
    assert called(event.author) == who


def test_a_record_without_anything_is_borne() -> None:
    odd = {"targetResources": ["x", {"modifiedProperties": ["y"]}, {}], "activityDateTime": None}
    [event] = events([odd])
    assert (event.at, event.modified) == ("", ())
    assert moment(event.at) == ""


@pytest.mark.parametrize(
    ("modified", "told"),
    [
        (("Voice.state", '"enabled"', '"disabled"'), ("Voice.state",)),
        (("Voice.state", '"enabled"', '"enabled"'), ()),
        (("Policy", json.dumps(whole(8)), json.dumps(whole(12))), (f"{TAP}.defaultLength",)),
        (("Policy", whole(8), whole(8, 5)), (f"{POLICY}.registrationEnforcement",)),
        (("Policy", None, json.dumps(whole(12))), ("Policy",)),
        (("Policy", {"a": 1}, {"a": 2}), ("Policy",)),
    ],
    ids=str,
)
def test_what_an_event_changed_is_told_as_far_as_it_is_known(
    modified: tuple[str, Any, Any], told: tuple[str, ...]
) -> None:
    [event] = events([record(EARLY, modified)])
    assert changed(event) == told


DEEP = "[" * 3000 + "]" * 3000
BRANCH: Any = []
for _ in range(60):
    BRANCH = [BRANCH, "\\"]


@pytest.mark.parametrize(
    "answered",
    [
        {"targetResources": [{"modifiedProperties": 5}]},
        {"targetResources": 5, "initiatedBy": 5, "activityDateTime": 5},
        {"targetResources": [5, None, {"modifiedProperties": [5, None, {}]}]},
        record(EARLY, ("Policy", DEEP, DEEP + "]")),
        record(EARLY, ("Policy", {"authenticationMethodConfigurations": 5}, {})),
        record(EARLY, ("Policy", {"authenticationMethodConfigurations": [5]}, BRANCH)),
    ],
    ids=lambda answered: str(answered)[:60],
)
def test_whatever_the_log_answers_is_borne(answered: Any) -> None:
    happened = events([answered, 5, None, []])
    assert len(happened) == 1
    assert author(happened, TAP, LENGTH) is None
    changed(happened[0])


def test_a_record_that_left_another_value_than_the_live_one_names_nobody() -> None:
    """Somebody, or Microsoft, changed the setting again without a record."""
    [newest] = events([record(EARLY, (f"{TAP}.defaultLength", 8, 12))])
    assert author([newest], TAP, LENGTH, lambda value: bool(value == 12)) == newest
    assert author([newest], TAP, LENGTH, lambda value: bool(value == 10)) is None


def test_who_created_a_strength_is_found_beside_records_of_the_policy() -> None:
    policy = record(LATE, ("Voice.state", '"disabled"', '"enabled"'))
    made = record(EARLY, ("allowedCombinations", None, '["fido2"]'))
    made["activityDisplayName"] = "Authentication Strength Policy Create"
    made["targetResources"][0]["displayName"] = "Keys"
    happened = events([policy, made])
    found = {
        title: author(happened, title, ())
        for title in ("authenticationStrengthPolicies/Keys", "Voice", "Duo")
    }
    assert {title: event and event.at for title, event in found.items()} == {
        "authenticationStrengthPolicies/Keys": EARLY,
        "Voice": None,
        "Duo": None,
    }


def test_who_changed_a_strength_is_found_by_its_name_and_by_the_combination() -> None:
    def options(*models: str) -> str:
        kind = "#microsoft.graph.fido2CombinationConfiguration"
        entry = {"@odata.type": kind, "id": "7", "appliesToCombinations": ["fido2"]}
        return json.dumps([{**entry, "allowedAAGUIDs": models}] if models else [])

    one = record(EARLY, ("combinationConfigurations", options("a"), options("b")))
    two = record(LATE, ("allowedCombinations", '["fido2"]', '["fido2", "password,sms"]'))
    for each in (one, two):
        each["activityDisplayName"] = "Authentication Strength Policy Update"
        each["targetResources"][0]["displayName"] = "Keys"
    happened, keys = events([one, two]), "authenticationStrengthPolicies/Keys"
    fido2 = ("combinationConfigurations", "fido2", "allowedAAGUIDs")
    certificates = ("combinationConfigurations", "x509CertificateMultiFactor", "allowedPolicyOIDs")
    found = {
        (title, path[-1]): author(happened, title, path, explains)
        for title in (keys, "authenticationStrengthPolicies/Others", POLICY)
        for path, explains in (
            (fido2, lambda value: value == ["b"]),
            (("allowedCombinations",), lambda value: len(value) == 2),
            (certificates, bool),
            (("description",), bool),
        )
    }
    assert {key: event.at for key, event in found.items() if event} == {
        (keys, "allowedAAGUIDs"): EARLY,
        (keys, "allowedCombinations"): LATE,
    }
    assert changed(happened[0]) == (f"{keys}.allowedCombinations",)
