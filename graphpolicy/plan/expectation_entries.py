"""The expectations of two versions of a policy: lost, new or changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from graphpolicy.model import EVERYONE, Expectation, Json, Protection
from graphpolicy.plan.digest import expectation_terms

EXPECTED = ("canUse", "cannotUse", "has")


def expectation_entries(
    before: Iterable[Expectation],
    after: Iterable[Expectation],
    names: Mapping[str, str],
) -> Iterator[Protection]:
    """Expectations; one that asks for less than in the base, or later, is weaker."""
    old, new = ([(_people(each, names), _terms(each)) for each in side] for side in (before, after))
    gone = [each for each in old if each not in new]
    come = [each for each in new if each not in old]
    for who in dict.fromkeys(who for who, _ in (*gone, *come)):
        asks = [terms for other, terms in new if other in (who, EVERYONE)]
        sides = ([terms for other, terms in side if other == who] for side in (gone, come))
        for was, is_ in zip_longest(*sides):
            weaker = was is not None and not _asked(was, asks)
            yield Protection("expect", who, was, is_, weaker=weaker)


def _asked(was: Mapping[str, Json], asks: Iterable[Mapping[str, Json]]) -> bool:
    """Whether these expectations together ask all that one asked, and not later."""
    now = {
        (name, method)
        for each in asks
        if each.get("from", "") <= was.get("from", "")
        for name in EXPECTED
        for method in each.get(name, ())
    }
    return all((name, method) in now for name in EXPECTED for method in was.get(name, ()))


def _people(each: Expectation, names: Mapping[str, str]) -> str:
    """The people that an expectation is about, as the name of its entry."""
    who = str(each.who)
    if each.person:
        return f"person {who.casefold()}"
    return who if who == EVERYONE else f"group {names.get(who.casefold(), who)}"


def _terms(each: Expectation) -> dict[str, Json]:
    """What it says beside that name; for a group also the id, as the name may not be unique."""
    terms = expectation_terms(each)
    who = terms.pop("people", EVERYONE)
    terms.pop("person", None)
    return terms if who == EVERYONE else {"id": who, **terms}
