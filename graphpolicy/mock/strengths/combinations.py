"""Combinations of authentication methods: which there are, and how strong each is."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from ..graph.errors import GraphError
from ..rules import enforces
from ..tables import data

_JOINT: Final = ","


@cache
def _known() -> dict[frozenset[str], str]:
    """Every valid combination by its parts, as Graph writes it."""
    table = data("strengths.json")
    return {_parts(each): each for each in (*table["combinations"], *table["unlisted"])}


@cache
def _ranks() -> dict[str, int]:
    """How many of the built-in strengths allow a combination, which tells how strong it is."""
    ranks: dict[str, int] = {}
    for row in data("strengths.json")["builtIn"]:
        for each in row["allowedCombinations"]:
            ranks[each] = ranks.get(each, 0) + 1
    return {**{each: 1 for each in data("strengths.json")["unlisted"] if _JOINT in each}, **ranks}


def _parts(text: str) -> frozenset[str]:
    return frozenset(each.strip() for each in text.split(_JOINT))


def same(text: str) -> str:
    """A combination as Graph writes it, whatever the order and the spaces of its parts."""
    return _known().get(_parts(text), text)


def valid(texts: Iterable[Any]) -> list[str]:
    """Combinations as Graph writes them, each once; those that do not exist are refused."""
    found = [str(each) for each in texts]
    wrong = [each for each in found if _parts(each) not in _known()]
    if wrong:
        named = ", ".join(_JOINT.join(_pascal(each)) for each in wrong)
        raise GraphError(
            "strength-combination", f"Invalid authentication method mode combination(s): {named}"
        )
    return list(dict.fromkeys(map(same, found)))


def _pascal(text: str) -> Iterator[str]:
    for each in text.split(_JOINT):
        name = each.strip()
        yield f"{name[:1].upper()}{name[1:]}"


def _ranked(combinations: Iterable[str]) -> list[int]:
    return [_ranks().get(each, 0) for each in combinations]


@enforces("strength-satisfies")
def satisfies(combinations: Iterable[str]) -> str:
    """Which requirement a strength with these combinations satisfies: `mfa` or `none`."""
    ranks = _ranked(combinations)
    return "mfa" if min(ranks, default=0) > 0 else "none"


def weaker(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether the second ones allow something weaker than the first, or nothing as strong."""
    old, new = _ranked(before), _ranked(after)
    if not old or not new:
        return bool(old)
    return max(new) < max(old) or min(new) < min(old)
