"""Did you mean."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from graphpolicy.model.did_you_mean import closest
from tests.growth import growth

SETTINGS = (
    "state",
    "includeTargets",
    "excludeTargets",
    "featureSettings",
    "numberMatchingRequiredState",
    "displayAppInformationRequiredState",
    "displayLocationInformationRequiredState",
    "isUsableOnce",
    "id",
)


@pytest.mark.parametrize(
    ("word", "choice"),
    [
        ("featureSetings", "featureSettings"),
        ("featuresettings", "featureSettings"),
        ("feature_settings", "featureSettings"),
        ("FEATURE-SETTINGS", "featureSettings"),
        ("includeTarget", "includeTargets"),
        ("inlcudeTargets", "includeTargets"),
        ("exculdeTargts", "excludeTargets"),
        ("sate", "state"),
        ("satte", "state"),
        ("ID", "id"),
        ("numberMatching", "numberMatchingRequiredState"),
        ("display", None),
        ("ip", None),
        ("stuff", None),
        ("lifetime", None),
        ("", None),
        ("-", None),
        ("x" * 1000, None),
    ],
)
def test_a_slip_is_forgiven_and_what_is_far_away_is_not(word: str, choice: str | None) -> None:
    assert closest(word, SETTINGS) == choice


def test_enabled_and_disabled_are_not_each_others_slips() -> None:
    assert closest("enabled", ["disabled"]) is None
    assert closest("enable", ["disabled", "enabled"]) == "enabled"
    assert closest("disable", ["disabled", "enabled"]) == "disabled"


def test_of_equals_the_first_by_name_is_taken_in_any_order() -> None:
    assert closest("cat", ["rat", "bat"]) == "bat"
    assert closest("cat", ["bat", "rat"]) == "bat"


def test_nothing_to_choose_from() -> None:
    assert closest("state", []) is None


def test_an_endless_word_costs_nothing() -> None:
    assert closest("a" * 1_000_000, SETTINGS) is None
    assert growth(lambda size: closest("a" * size, SETTINGS), 10_000, 1_000_000) < 150


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=8))
def test_it_answers_a_choice_or_nothing_and_the_word_itself_if_it_may(
    word: str, choices: list[str]
) -> None:
    assert closest(word, choices) in {None, *choices}
    assert closest(word, [*choices, word]) is not None
    assert closest(word, choices) == closest(word, reversed(choices))
