"""Patterns for tickets: what is refused before it can keep anybody waiting."""

from __future__ import annotations

import time

import pytest

from graphpolicy.helpdesk.ticket import LONGEST_REASON, matches, trouble


@pytest.mark.parametrize(
    "pattern",
    [
        r"INC[0-9]{7}",
        r"[A-Z]+-\d+",
        r"(?i)inc\d{7}",
        r"(?:INC|CHG)[0-9]{7}",
        r"^#\d{4,8}$",
        r"[]a]+x",
        r"[\]]{2,}",
        r".*.*x",
        r"a{,3}b",
    ],
)
def test_a_pattern_that_people_write_is_fine_and_is_quick_on_the_worst_text(pattern: str) -> None:
    assert trouble(pattern) == ""
    started = time.process_time()
    for letter in "aA1#x-.":
        matches(pattern, letter * LONGEST_REASON)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a+)+$", "could take very long"),
        ("(a|a)*b", "could take very long"),
        ("(a|b|ab)+c", "could take very long"),
        ("(a{1,10}){1,10}", "could take very long"),
        ("a?" * 30 + "a" * 30, "could take very long"),
        (".*.*.*x", "could take very long"),
        ("(?=a)b", "looks around"),
        ("(?P<x>a)", "names groups"),
        (r"(a)\1", "refers back"),
        ("", "fits an empty text"),
        ("a*", "fits an empty text"),
        ("(", "no regular expression"),
        ("[[a]b]", "no regular expression"),
        ("x{1,99999999999}", "no regular expression"),
        ("a" * 201, "longer than 200"),
        ("(" * 99 + "a" + ")" * 99 + "+", ""),
    ],
)
def test_what_is_wrong_with_a_pattern(pattern: str, why: str) -> None:
    assert why in trouble(pattern)
    assert bool(trouble(pattern)) == bool(why)


def test_a_ticket_may_stand_anywhere_in_a_reason() -> None:
    assert matches("INC[0-9]{7}", "phone lost, INC0012345")
    assert not matches("INC[0-9]{7}", "phone lost, INC12")
