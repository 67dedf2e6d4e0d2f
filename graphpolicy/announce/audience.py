"""Whom a switch reaches before and after a plan, and for whom that is something new. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graphpolicy.guards.reach import Reach
from graphpolicy.model.records import dataclass
from graphpolicy.rules.references import ALL, Reference

NOBODY = Reach(on=False, include=frozenset(), exclude=frozenset())


@dataclass(frozen=True, slots=True)
class Whom:
    """People in three parts: who is concerned, who is left out, for whom nothing changes.

    `special` is the name of a text for people whom no target stands for.
    """

    include: frozenset[Reference] = frozenset()
    exclude: frozenset[Reference] = frozenset()
    unchanged: frozenset[Reference] = frozenset()
    special: str = ""


def may(reach: Reach, who: Reference) -> bool:
    """Whether a group, or everyone, has it; an exclusion wins."""
    return reach.on and who not in reach.exclude and (who in reach.include or ALL in reach.include)


def within(inner: Reach, outer: Reach) -> Reach:
    """A feature's reach among the people whom its method reaches.

    Where both name groups and neither everyone, who is in both can't be told from ids: the
    feature's groups stand for them.
    """
    include = outer.include if ALL in inner.include else inner.include
    return Reach(inner.on and outer.on, include, inner.exclude | outer.exclude)


def gained(before: Reach, after: Reach) -> Whom | None:
    """Who has after what they did not have before; None where nobody does."""
    return _moved(before, after, lambda who: may(after, who) and not may(before, who))


def lost(before: Reach, after: Reach) -> Whom | None:
    """Who had before what they don't have after; None where nobody did."""
    return _moved(before, after, lambda who: may(before, who) and not may(after, who))


def reached(reach: Reach) -> Whom | None:
    """Everybody whom it reaches; None where nobody is."""
    return _moved(NOBODY, reach, lambda who: may(reach, who))


def _moved(before: Reach, after: Reach, moves: Callable[[Reference], bool]) -> Whom | None:
    named = {ALL} | before.include | before.exclude | after.include | after.exclude
    include = frozenset(who for who in named if moves(who))
    if not include:
        return None
    stays = named - include - {ALL}
    if ALL in include:
        include = frozenset({ALL})
    return Whom(
        include,
        frozenset(who for who in stays if not may(after, who) and who in after.exclude),
        frozenset(_same(stays, before, after))
        if ALL in include or not (include & after.exclude)
        else frozenset(),
    )


def _same(who: Iterable[Reference], before: Reach, after: Reach) -> set[Reference]:
    """Of some groups those that keep what they had."""
    return {one for one in who if may(before, one) and may(after, one)}
