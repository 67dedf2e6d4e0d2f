"""Names of different groups that a reader may confuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphpolicy.compare.resolve import resolve
from graphpolicy.model import Account, Directory, Named
from graphpolicy.plan.make import make_plan
from graphpolicy.rules.lookalikes import Mention, look_alikes, skeleton
from tests.laws.generated import observed
from tests.laws.situations import OCCASION, desired
from tests.unit.build import A, B, held

PAIRS = [
    ("SG-MFA-Pilot", "SG-MFA-Pil\u043et"),  # Cyrillic
    ("SG-MFA-Pilot", "SG-MFA-PiIot"),
    ("SG-MFA-Pilot", "SG-MFA-Pi1ot"),
    ("SG-MFA-Pilot", "SG-MFA-Pi|ot"),
    ("Office", "0ffice"),
    ("Remote admins", "Rernote admins"),
    ("Pilot", "\uff30\uff49\uff4c\uff4f\uff54"),  # full width
    ("Pilot", "\U0001d40f\U0001d422\U0001d425\U0001d428\U0001d42d"),  # mathematical bold
    ("Pilot users", "Pilot  users"),
    ("Pilot users", "Pilot\u00a0users"),
    ("Pilot", "Pilot "),
    ("Pilot", "Pi\u200blot"),
    ("Pilot", "\u03a1ilot"),  # Greek
    ("caf\u00e9", "cafe\u0301"),
    ("caf\u00e9 \u043e", "caf\u00e9 o"),
    ("Break-glass", "Break\u2010glass"),
    ("O'Brien", "O\u2019Brien"),
    ("team\u2800a", "team a"),
]
APART = [
    ("Pilot", "Pilots"),
    ("SG-Tier-2", "SG-Tier-3"),
    ("Sales", "sales"),
    ("cafe", "caf\u00e9"),
    ("\u65e5\u672c", "\u4e2d\u56fd"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_names_that_look_alike_are_told_once_and_apart(one: str, other: str) -> None:
    both = [Mention(one, A), Mention(other, B), Mention(other, B.upper())]
    (found,) = look_alikes(both)
    assert (found.rule, found.level) == ("look-alike-names", "warning")
    assert {A, B} == {id_ for id_ in (A, B) if id_ in found.message}
    assert one.isascii() or ascii(one) in found.message
    assert other.isascii() or ascii(other) in found.message


@pytest.mark.parametrize(("one", "other"), APART)
def test_other_names_are_none(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_one_group_is_one_however_it_is_written() -> None:
    assert not list(look_alikes([Mention("Pilot", A), Mention("Pi1ot", A.upper())]))
    assert not list(look_alikes([Mention("Pilot", A), Mention("Pilot", "")]))
    assert list(look_alikes([Mention("Pilot", A), Mention("Pi1ot", "")]))
    assert list(look_alikes([Mention("Pilot", A), Mention("Pilot", B)]))


def test_every_place_where_a_plan_names_groups_counts() -> None:
    policy = replace(
        desired(held()),
        emergency_access=[{"user": "a@b.c"}, {"group": "Break-glass"}],
        helpdesk={"refuse": [{"role": "any"}, {"group": "Executives"}]},
        aliases=(Named("Pilot", A),),
    )
    live = observed(held(), ("v1.0", "beta"))
    directory = Directory(
        names={B: "Pi1ot", A[:-1] + "d": "Break\u2010glass", A[:-1] + "e": "Execut\u0456ves"},
        accounts=(Account("a", "1"), Account("b", A[:-1] + "f", group=True)),
        refused=(Account("c", A[:-1] + "0", group=True),),
    )
    made = make_plan(resolve(policy, directory, live), live, directory, OCCASION)
    told = [each.message for each in made.plan.findings if each.rule == "look-alike-names"]
    assert len(told) == 3
