"""Patterns for tickets: those that could take long are refused."""

from __future__ import annotations

import pytest

from graphpolicy.helpdesk.ticket import LONGEST_REASON, matches, trouble
from tests.growth import growth


@pytest.mark.parametrize(
    "pattern",
    [
        r"INC[0-9]{7}",
        r"[A-Z]{2,9}-\d{1,6}",
        r"(?i)inc\d{7}",
        r"INC[0-9]{7}|CHG[0-9]{7}",
        r"^#\d{4,8}$",
        r"\bSR ?[0-9]{5}\b",
        r"[]a]{1,9}x",
        r"[\]]{2,9}",
        r"|".join([r".{0,20}.{0,20}.{0,20}x"] * 8),
        r"#[(*+]{2}",
        r"\(IT\)[0-9]{4}",
    ],
)
def test_literals_classes_and_counts_are_fine_and_quick_on_the_worst_text(pattern: str) -> None:
    assert trouble(pattern) == ""

    def on_the_worst(length: int) -> None:
        for letter in "aA1#x-.":
            matches(pattern, letter * length)

    assert growth(on_the_worst, LONGEST_REASON // 4, LONGEST_REASON) < 12


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a+)+$", "not a literal, a class or a count"),
        ("(a|a)*b", "not a literal, a class or a count"),
        ("(INC|CHG)[0-9]{7}", "not a literal, a class or a count"),
        ("INC[0-9]+", "not a literal, a class or a count"),
        ("INC[0-9]{7,}", "not a literal, a class or a count"),
        ("INC[0-9]{1,7}?", "not a literal, a class or a count"),
        ("INC[0-9]{1,7}+", "not a literal, a class or a count"),
        ("a{,3}b", "not a literal, a class or a count"),
        (".*x", "not a literal, a class or a count"),
        ("a?" * 4 + "b", "more than 3 variable counts"),
        ("a{1,9}" * 4, "more than 3 variable counts"),
        ("[0-9]{21}", "{21}"),
        ("INC[0-9]{0}", "so what it repeats never occurs"),
        ("INC[0-9]{0,0}", "so what it repeats never occurs"),
        ("INC[0-9]{07}", "leading zero"),
        ("INC[0-9]{00,7}", "leading zero"),
        ("INC[0-9]{7,4}", "not a regular expression"),
        ("(?=a)b", "not a literal, a class or a count"),
        ("(?P<x>a)", "not a literal, a class or a count"),
        (r"(a)\1", "not a literal, a class or a count"),
        (r"INC\Z", "not a literal, a class or a count"),
        ("", "matches empty text"),
        ("a*", "matches empty text"),
        ("(", "not a regular expression"),
        ("[[a]b]", "not a regular expression"),
        ("x{1,99999999999}", "not a regular expression"),
        ("a" * 201, "longer than 200"),
    ],
)
def test_what_is_wrong_with_a_pattern(pattern: str, why: str) -> None:
    assert why in trouble(pattern)
    assert bool(trouble(pattern)) == bool(why)


def test_a_ticket_may_stand_anywhere_in_a_reason() -> None:
    assert matches("INC[0-9]{7}", "phone lost, INC0012345")
    assert not matches("INC[0-9]{7}", "phone lost, INC12")


@pytest.mark.parametrize("pattern", ["INC[0-9]{7}", "CHG[0-9]{4}|INC[0-9]{7}", "(?i)inc[0-9]{7}"])
def test_a_part_of_a_longer_word_or_ticket_is_no_ticket(pattern: str) -> None:
    held = {text: matches(pattern, text) for text in (*WHOLE, *PARTS)}
    assert held == {**dict.fromkeys(WHOLE, True), **dict.fromkeys(PARTS, False)}


WHOLE = ("INC0012345", "phone lost (INC0012345)", "INC0012345: phone lost", "#INC0012345, lost")
PARTS = (
    "INC00123456",
    "XINC0012345",
    "INC0012345a",
    "INC0012345_2",
    "OLD-INC0012345",
    "INC0012345-2",
)
