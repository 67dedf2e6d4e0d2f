"""Who made a live value, from records, runs and announcements: never without proof."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.catalogue import RESOURCES
from graphpolicy.compare.audit_events import events
from graphpolicy.compare.author_words import author_of, by_whom
from graphpolicy.compare.authors import Evidence, MovedSetting, authors, event_authors
from graphpolicy.model import POLICY, AuditLog, Author, Notice, OwnRuns, OwnWrite, Unread
from graphpolicy.render.plan_json import author_json

NOW, ENDS = "2026-11-30T03:00:00", "2026-11-30T02:45:00"
WEEK = "2026-11-23T03:00:00"
SEEN = "2026-11-29T12:00:00Z"
OLD = {POLICY: "2026-11-29T20:00:00.1234567Z"}
LATE = "2026-11-29T22:00:00.0000000Z"
KIND = RESOURCES["Sms"].at(("state",)).kind
MOVED = MovedSetting("Sms", ("state",), "enabled", "disabled", KIND, SEEN)
NOTICE = Notice("about", "2026-09-01", "https://learn.microsoft.com/x")
ANA = {"user": {"id": "7", "userPrincipalName": "ana@contoso.com", "ipAddress": "203.0.113.7"}}
PIPELINE = {"app": {"appId": "a1", "displayName": "pipeline", "servicePrincipalId": "s1"}}
MFA = "b5a60e17-278b-4c92-a4e2-b9262e66bb28"


def record(by: Any, new: str = "enabled", at: str = LATE, old: str = "disabled") -> dict[str, Any]:
    change = {"displayName": "Sms.state", "oldValue": f'"{old}"', "newValue": f'"{new}"'}
    return {
        "activityDateTime": at,
        "correlationId": "c-1",
        "initiatedBy": by,
        "targetResources": [{"modifiedProperties": [change]}],
    }


def evidence(*records: Any, **more: Any) -> Evidence:
    return Evidence(**{"log": AuditLog(events(records), WEEK, ENDS), "modified": OLD, **more})


def write(after: str = "enabled", at: str = LATE, **more: Any) -> OwnWrite:
    about = {"earliest": "2026-11-29T21:55:00", "latest": "2026-11-29T22:05:00", **more}
    return OwnWrite("run-1", "ana", at, "r-1", "Sms", ("state",), after, **about)


def kinds(found: tuple[Author, ...]) -> list[str]:
    return [each.kind for each in found]


def test_a_record_names_a_person_or_an_application_with_what_is_needed_to_find_them() -> None:
    [ana] = authors(evidence(record(ANA)), MOVED)
    assert ana == Author("user", "ana@contoso.com", "7", LATE, "203.0.113.7", "c-1")
    [pipeline] = authors(evidence(record(PIPELINE)), MOVED)
    assert pipeline == Author("application", "pipeline", "a1", LATE, "", "c-1")


def test_an_application_of_microsofts_is_known_by_its_id_and_never_by_its_name() -> None:
    own = {"app": {"appId": MFA.upper(), "displayName": "anything"}}
    [author] = authors(evidence(record(own)), MOVED)
    assert (author.kind, author.name) == ("microsoft", "Azure MFA StrongAuthenticationService")
    for app in ({"appId": "evil"}, {"appId": None, "servicePrincipalId": "s2"}):
        named = {"app": {"displayName": "Azure MFA StrongAuthenticationService", **app}}
        assert kinds(authors(evidence(record(named)), MOVED)) == ["application"]


def test_who_creates_or_deletes_a_strength_is_named_and_nobody_else() -> None:
    keys = "authenticationStrengthPolicies/Keys"
    strength = {"displayName": "Keys", "allowedCombinations": ["fido2"]}
    whole = MovedSetting(keys, (), strength, None, since=SEEN)
    modified = {keys: "2026-11-29T20:00:00Z"}

    def about(activity: str, by: Any, name: str = "Keys") -> dict[str, Any]:
        change = {"displayName": "allowedCombinations", "oldValue": None, "newValue": '["fido2"]'}
        return {
            **record(by),
            "activityDisplayName": f"Authentication Strength Policy {activity}",
            "targetResources": [{"displayName": name, "modifiedProperties": [change]}],
        }

    for moved, activity in ((whole, "Create"), (replace(whole, live=None, was=strength), "Delete")):
        by_ana = evidence(about(activity, ANA), modified=modified)
        assert [(each.kind, each.name) for each in authors(by_ana, moved)] == [
            ("user", "ana@contoso.com")
        ]
        other = evidence(about(activity, ANA, "Others"), modified=modified)
        assert kinds(authors(other, moved)) == ["microsoft"]
        mine = replace(write(), resource=keys, path=("allowedCombinations",), after=["fido2"])
        ours = evidence(about(activity, PIPELINE), own=OwnRuns((mine,)), modified=modified)
        assert kinds(authors(ours, moved)) == ["ourselves"]


def test_the_newest_hand_stands_first_and_the_last_known_value_ends_the_search() -> None:
    early, middle = "2026-11-29T13:00:00Z", "2026-11-29T14:00:00Z"
    before = record(ANA, at="2026-11-28T00:00:00Z")
    several = [record(ANA, at=middle, new="other"), record(PIPELINE), before]
    assert kinds(authors(evidence(*several), MOVED)) == ["application", "user"]
    back = record(PIPELINE, new="disabled", at=middle, old="enabled")
    found = authors(evidence(record(ANA, at=early), back, record(ANA)), MOVED)
    assert [author.at for author in found] == [LATE]


@pytest.mark.parametrize("actor", [{"user": None, "app": None}, None, {}], ids=str)
def test_a_record_without_an_actor_is_microsofts_if_nobody_else_has_one(actor: Any) -> None:
    [author] = authors(evidence(record(actor)), MOVED)
    assert (author.kind, author.at, author.correlation_id) == ("microsoft", LATE, "c-1")
    early = record(ANA, new="other", at="2026-11-29T13:00:00Z")
    assert kinds(authors(evidence(early, record(actor)), MOVED)) == ["unknown", "user"]


def test_without_a_record_in_the_whole_window_it_was_microsoft() -> None:
    [author] = authors(evidence(), replace(MOVED, notice=NOTICE))
    assert (author.kind, author.notice) == ("microsoft", NOTICE)
    assert "matches the change that Microsoft announced for 2026-09-01" in by_whom([author])
    assert kinds(authors(evidence(), MOVED)) == ["microsoft"]


VAGUE = {**record(ANA), "targetResources": []}
DOUBTS: dict[str, tuple[Evidence, MovedSetting, str]] = {
    "the log could not be read": (evidence(log=Unread("403", "ask")), MOVED, "not be read"),
    "nobody knows since when": (evidence(), replace(MOVED, since=""), "how far back"),
    "it does not reach back": (
        evidence(),
        replace(MOVED, since="2026-11-20T00:00:00Z"),
        "reaches back to 2026-11-23 03:00 UTC only",
    ),
    "nor to what was announced": (
        evidence(),
        replace(MOVED, since="", notice=NOTICE),
        "reaches back to 2026-11-23",
    ),
    "a person says since when": (evidence(since="2026-11-01T00:00:00"), MOVED, "reaches back"),
    "it is too young": (
        evidence(modified={POLICY: "2026-11-30T02:50:00Z"}),
        MOVED,
        "not yet in the audit log",
    ),
    "it was right just now, or a clock is wrong": (
        evidence(),
        replace(MOVED, since="2026-12-30T00:00:00Z"),
        "not yet in the audit log",
    ),
    "Graph does not say when": (evidence(modified={}), MOVED, "not yet in the audit log"),
    "it was changed again": (evidence(record(ANA, new="other")), MOVED, "another value"),
    "its time is odd, too": (
        evidence({"initiatedBy": ["ana"], "activityDateTime": 7}),
        MOVED,
        "shape",
    ),
    "a list is an object": (evidence({**VAGUE, "targetResources": {}}), MOVED, "shape"),
    "a record is vague": (evidence(VAGUE), MOVED, "does not say what it changed"),
}


@pytest.mark.parametrize("case", DOUBTS.values(), ids=DOUBTS)
def test_where_it_may_have_been_somebody_nobody_is_named(
    case: tuple[Any, MovedSetting, str],
) -> None:
    known, moved, why = case
    first, *_ = authors(known, moved)
    assert (first.kind, first.notice) == ("unknown", moved.notice)
    assert why in first.why


def test_records_of_other_settings_and_of_microsoft_leave_no_doubt() -> None:
    other = record(ANA)
    other["targetResources"][0]["modifiedProperties"][0]["displayName"] = "Voice.state"
    old = {**VAGUE, "activityDateTime": "2026-11-29T11:59:59Z"}
    theirs = {**VAGUE, "initiatedBy": {"app": {"appId": MFA}}}
    assert kinds(authors(evidence(other, old, theirs), MOVED)) == ["microsoft"]


def test_a_run_of_ours_is_told_by_the_id_of_its_request_or_by_time_and_value() -> None:
    ours = evidence(record(PIPELINE), own=OwnRuns((write(),)))
    [author] = authors(ours, MOVED)
    assert author == Author("ourselves", "ana", "run-1", LATE, "", "c-1", "r-1")
    assert by_whom([author]) == "our run run-1 (ana), 2026-11-29 22:00 UTC"
    far = replace(write(), earliest="", latest="")
    by_id = {**record(PIPELINE), "correlationId": "r-1"}
    assert kinds(authors(evidence(by_id, own=OwnRuns((far,))), MOVED)) == ["ourselves"]
    found = authors(evidence(record(PIPELINE), own=OwnRuns((far,))), MOVED)
    assert sorted(kinds(found)) == ["application", "ourselves"]
    other = OwnRuns((write("other"),))
    assert kinds(authors(evidence(record(PIPELINE), own=other), MOVED))[0] == "application"


def test_a_run_of_ours_is_known_without_the_log_where_it_left_the_live_value() -> None:
    unread = Unread("403", "ask")
    assert kinds(authors(evidence(log=unread, own=OwnRuns((write(),))), MOVED)) == ["ourselves"]
    left = OwnRuns((write("other"),))
    assert kinds(authors(evidence(log=unread, own=left), MOVED)) == ["unknown", "ourselves"]
    assert authors(Evidence(own=left), MOVED) == ()


def test_what_a_run_has_seen_is_where_the_search_begins() -> None:
    early = record(ANA, at="2026-11-29T13:00:00Z")
    moved = replace(MOVED, since="")
    seen = OwnRuns((), {("Sms", "state"): "disabled"}, "2026-11-29T14:00:00Z")
    assert kinds(authors(evidence(early, own=seen), moved)) == ["microsoft"]
    elsewhere = replace(seen, seen={("Sms", "state"): "enabled"})
    assert kinds(authors(evidence(early, own=elsewhere), moved)) == ["user"]
    back = OwnRuns((write("disabled", "2026-11-29T14:00:00Z"),))
    assert kinds(authors(evidence(early, own=back), moved)) == ["microsoft"]


@pytest.mark.parametrize(("text", "live", "was"), [("False", False, True), ("12", 12, 8)])
def test_values_are_compared_as_the_log_writes_them(text: str, live: Any, was: Any) -> None:
    back, there = record(ANA, new=str(was), at=SEEN, old=text), record(PIPELINE, new=text)
    moved = replace(MOVED, live=live, was=was, kind=None, since="")
    assert kinds(authors(evidence(back, there), moved)) == ["application"]


def test_our_json_of_an_author_leads_back_to_it_without_the_address_of_a_device() -> None:
    author = Author("user", "ana", "7", LATE, "203.0.113.7", "c", "r", "why", NOTICE)
    assert author_of(author_json(author)) == replace(author, ip_address="")
    assert author_json(Author("unknown"))["name"] is None


def test_a_value_that_somebody_set_shortly_before_a_run_set_it_too_is_theirs() -> None:
    before, own, again = "2026-11-29T21:58:00Z", LATE, "2026-11-29T22:04:00Z"
    log = events([record(PIPELINE, at=again), record(PIPELINE, at=own), record(ANA, at=before)])
    second = replace(write(at=again, latest="2026-11-29T22:09:00"), run="run-2", request_id="r-2")
    found = {each.at: each.id for each in event_authors(log, [write(), second])}
    assert found == {again: "run-2", own: "run-1", before: "7"}
