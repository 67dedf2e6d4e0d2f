"""A policy raises the level of a guard and sets its number, and lowers no level."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.catalogue.facts import Facts
from graphpolicy.guards import guarded, judge
from graphpolicy.guards.levels import Levels, read_levels
from graphpolicy.guards.plan_view import BeforeAfter, Emergency, PlanView, view_of
from graphpolicy.model import Directory
from tests.laws.generated import observed
from tests.unit.build import A, held, planned
from tests.unit.guards.policies import APP, on

SAID = Emergency(said=True)
SHRINKS = PlanView((BeforeAfter(APP, APP, APP, on(), on(A)),), changes=2)
"""Everyone becomes a group, in two changes."""


def test_a_level_is_raised_and_never_lowered() -> None:
    def levels(asked: Any) -> list[str]:
        levels, wrong = read_levels(asked)
        assert wrong == ()
        seen = PlanView(SHRINKS.resources, emergency=SAID, levels=levels)
        return [finding.level for finding in guarded(seen)]

    assert levels({}) == ["warning"]
    assert levels({"inclusion-shrinks": "error"}) == ["error"]
    assert levels({"inclusion-widens": "error"}) == ["warning"]
    lower = PlanView(
        SHRINKS.resources, emergency=SAID, levels=Levels({"inclusion-shrinks": "note"})
    )
    assert [finding.level for finding in guarded(lower)] == ["warning"]


def test_a_number_is_set() -> None:
    levels, wrong = read_levels({"too-many-changes": {"atMost": 1}})
    assert wrong == ()
    seen = PlanView(SHRINKS.resources, changes=2, levels=levels)
    assert "too-many-changes" in {finding.rule for finding in guarded(seen)}
    assert "too-many-changes" not in {finding.rule for finding in guarded(SHRINKS)}


MISUSED: dict[str, tuple[Any, str]] = {
    "a rule that is none": ({"inclusion-shrink": "error"}, "'inclusion-shrink' is not a rule"),
    "a rule that is no guard": (
        {"tap-lifetime-order": "error"},
        "'tap-lifetime-order' is a rule whose level is fixed",
    ),
    "a level that is none": (
        {"inclusion-shrinks": "fatal"},
        "'inclusion-shrinks' can't be 'fatal'",
    ),
    "no level": ({"inclusion-shrinks": None}, "'inclusion-shrinks' can't be None"),
    "a lower level": (
        {"last-mfa-method": "warning"},
        "'last-mfa-method' is of level error, and a policy can't lower it to warning",
    ),
    "switched off": ({"inclusion-shrinks": "off"}, "'inclusion-shrinks' can't be 'off'"),
    "a number for a guard that does not count": (
        {"inclusion-shrinks": {"atMost": 3}},
        "'inclusion-shrinks' does not count",
    ),
    "a number that is none": (
        {"too-many-changes": {"atMost": True}},
        "'too-many-changes' takes a number",
    ),
    "a negative number": (
        {"too-many-changes": {"atMost": -1}},
        "'too-many-changes' takes a number",
    ),
    "something else beside the number": (
        {"too-many-changes": {"atMost": 1, "level": "error"}},
        "'too-many-changes' takes a number",
    ),
}


@pytest.mark.parametrize("case", MISUSED.values(), ids=MISUSED.keys())
def test_what_can_not_be_asked_of_guards(case: tuple[Any, str]) -> None:
    asked, expected = case
    levels, (misuse,) = read_levels({**asked, "inclusion-widens": "error"})
    assert misuse.message == expected
    assert misuse.fix
    assert levels == Levels({"inclusion-widens": "error"})


def test_what_is_left_to_microsoft_is_told_only_where_a_policy_asks_for_it() -> None:
    """At the level that the file sets, and not for what the plan leaves as it is."""
    name = "displayAppInformationRequiredState"

    def told(state: str, levels: Levels) -> dict[str, str]:
        truth = held(**{APP: {"featureSettings": {name: {"state": state}}}})
        tree = {APP: {"featureSettings": {name: {"state": "default"}}}}
        compared = planned(truth, tree).comparisons
        seen = view_of(
            compared,
            {comparison.id: comparison.after("global") for comparison in compared},
            observed(truth),
            Directory(),
            names={},
            emergency=Emergency(),
            levels=levels,
            facts=Facts.shipped(),
            cloud="global",
        )
        return {finding.rule: finding.level for finding in judge(compared, (), Directory(), seen)}

    asked, _ = read_levels({"microsoft-managed": "error"})
    assert told("default", Levels()) == {}
    assert told("default", asked) == {}
    assert told("disabled", asked) == {"microsoft-managed": "error"}
