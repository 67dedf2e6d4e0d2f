"""What people accepted: until when, for how many people, by which owner, and what has no effect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.guards.acknowledgements import accepted
from graphpolicy.model import ADMINISTRATORS, Acknowledgement, Finding, Place, Scope
from tests.laws.situations import TODAY

WEAK = Finding("weak-method-enabled", "error", "SMS would be on", "", "Sms", "includeTargets")
BY = "ana@contoso.com until 2026-11-24: trial"


def entry(
    resource: str = "Sms",
    path: str = "",
    expires: str = TODAY,
    rule: str = WEAK.rule,
    at_most: int | None = None,
) -> Acknowledgement:
    steps = tuple(path.split(".")) if path else ()
    return Acknowledgement(
        rule, Scope(resource, steps, "trial", "ana@contoso.com", expires), at_most
    )


def judged(
    *entries: Acknowledgement, finding: Finding = WEAK, allowed: Any = (), titles: Any = None
) -> tuple[str, list[str]]:
    """The owner who accepted the finding, and the rules of added findings."""
    first, *more = accepted([finding], entries, allowed, titles or {}, TODAY)
    return first.acknowledged, [each.rule for each in more]


@pytest.mark.parametrize(
    "one",
    [entry(), entry(""), entry(path="includeTargets"), entry(expires="2027-01-01")],
)
def test_a_finding_is_accepted_for_its_resource_and_path_until_the_day_is_over(
    one: Acknowledgement,
) -> None:
    by, more = judged(one)
    assert by.startswith("ana@contoso.com until ")
    assert by.endswith(": trial")
    assert more == []


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (entry(expires="2026-11-23"), "acknowledgement-expired"),
        (entry("Voice"), "acknowledgement-unused"),
        (entry(path="excludeTargets"), "acknowledgement-unused"),
        (entry(path="includeTargets.id"), "acknowledgement-unused"),
        (entry(rule="tap-too-open"), "acknowledgement-unused"),
    ],
)
def test_what_accepts_nothing_is_a_finding_itself(one: Acknowledgement, why: str) -> None:
    assert judged(one) == ("", [why])


@pytest.mark.parametrize(
    ("people", "at_most", "within"),
    [(5, 5, True), (4, 5, True), (6, 5, False), (None, 5, False), (0, 0, True), (1, 0, False)],
)
def test_a_number_of_people_is_counted_again(
    people: int | None, at_most: int, within: bool
) -> None:
    finding = Finding(WEAK.rule, "error", "x", "", "Sms", "includeTargets", people=people)
    by, more = judged(entry(at_most=at_most), finding=finding)
    assert (bool(by), more) == (within, [] if within else ["acknowledgement-exceeded"])


def test_what_is_exceeded_says_by_how_many_and_whom_to_ask() -> None:
    finding = Finding(WEAK.rule, "error", "x", "", "Sms", "includeTargets", people=6)
    _, found = accepted([finding], [entry(at_most=5)], (), {}, TODAY)
    assert found.message == (
        "weak-method-enabled was accepted for at most 5 people, but they are now 6"
    )
    assert "ana@contoso.com (trial)" in found.help
    assert (found.level, found.resource, found.path) == ("warning", "Sms", "includeTargets")
    of = replace(finding, circle=ADMINISTRATORS)
    _, found = accepted([of], [replace(entry(at_most=1), people=ADMINISTRATORS)], (), {}, TODAY)
    assert "at most 1 administrator," in found.message


def test_another_that_is_wide_enough_makes_up_for_one_that_is_exceeded() -> None:
    finding = Finding(WEAK.rule, "error", "x", "", "Sms", "includeTargets", people=6)
    assert judged(entry(at_most=5), entry(at_most=6), finding=finding) == (BY, [])


def test_a_rule_may_be_allowed_for_one_run_and_the_policy_comes_first() -> None:
    assert judged(allowed={WEAK.rule}) == ("--allow, for this run", [])
    assert judged(entry(), allowed={WEAK.rule}) == (BY, [])
    assert judged(allowed={"tap-too-open"}) == ("", ["allowed-not-fired"])


def test_an_external_method_goes_by_what_the_file_calls_it() -> None:
    finding = Finding(WEAK.rule, "error", "x", "", "d0500000", "state")
    assert judged(entry("Duo"), finding=finding, titles={"d0500000": "Duo"}) == (BY, [])
    assert judged(entry("Duo"), finding=finding)[0] == ""


@pytest.mark.parametrize(
    "finding",
    [
        Finding(WEAK.rule, "note", "x", "", "Sms", "includeTargets"),
        Finding("tap-lifetime-order", "error", "x", "", "Sms", "includeTargets"),
    ],
)
def test_neither_a_note_nor_a_mistake_in_the_file_can_be_accepted(finding: Finding) -> None:
    by, more = judged(entry(rule=finding.rule), finding=finding, allowed={finding.rule})
    assert by == ""
    assert sorted(more) == ["acknowledgement-unused", "allowed-not-fired"]


def test_an_error_about_a_state_can_be_accepted() -> None:
    finding = Finding("not-offered", "error", "x", "", "Sms", "includeTargets")
    assert judged(entry(rule="not-offered"), finding=finding) == (BY, [])


DEEP = Finding(
    "context-weakened", "warning", "m", "", "Authenticator", "featureSettings.name.state"
)


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("featureSettings", True),
        ("featureSettings.name", True),
        ("featureSettings.name.state", True),
        ("featureSettings.other", False),
        ("feature", False),
    ],
)
def test_a_path_covers_what_is_below_it(path: str, covered: bool) -> None:
    by, _ = judged(entry("Authenticator", path, rule=DEEP.rule), finding=DEEP)
    assert bool(by) is covered


def test_a_finding_about_the_plan_as_a_whole_is_covered_by_no_path() -> None:
    whole = Finding("too-many-changes", "warning", "m", "", "Sms")
    assert judged(entry(rule=whole.rule), finding=whole)[0]
    assert not judged(entry(path="state", rule=whole.rule), finding=whole)[0]


@pytest.mark.parametrize(
    ("people", "words"), [(None, "they can't be counted here"), (6, "they are now 6")]
)
def test_why_an_acceptance_was_exceeded_is_told(people: int | None, words: str) -> None:
    finding = replace(WEAK, people=people)
    one = entry(at_most=5)
    placed = replace(one, scope=replace(one.scope, place=Place("a.yaml", 3, 5)))
    _, told = accepted([finding], [placed], (), {}, TODAY)
    assert told.message == f"{WEAK.rule} was accepted for at most 5 people, but {words}"
    assert (told.level, told.resource, told.path) == ("warning", "Sms", "includeTargets")
    assert told.source == Place("a.yaml", 3, 5)
    assert told.help == "ask ana@contoso.com (trial), or remove atMost"


def test_an_allowed_rule_that_is_silent_is_a_note_with_the_way_out() -> None:
    _, told = accepted([WEAK], (), [WEAK.rule, "tap-too-open"], {}, TODAY)
    assert (told.rule, told.level) == ("allowed-not-fired", "note")
    assert "--allow tap-too-open" in told.message
    assert told.help


def test_an_acceptance_of_people_is_not_called_unused_where_nobody_was_counted() -> None:
    people = entry("", rule="lockout", at_most=1)
    uncounted = Finding("people-not-counted", "note", "not counted")
    assert judged(people, finding=uncounted) == ("", [])
    assert judged(entry("", rule="tap-too-open"), finding=uncounted)[1] == [
        "acknowledgement-unused"
    ]
    assert judged(people, finding=Finding("setting-differs", "note", "x"))[1] == [
        "acknowledgement-unused"
    ]


def test_who_accepted_too_few_people_is_not_told_to_accept_any_number() -> None:
    locked_out = Finding("lockout", "error", "2 people", "let them register", people=2)
    [_, exceeded] = accepted([locked_out], [entry("", rule="lockout", at_most=1)], (), {}, TODAY)
    assert "remove atMost" not in exceeded.help
