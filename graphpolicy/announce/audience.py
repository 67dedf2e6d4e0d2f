"""The people that a switch reaches before and after a plan, and who gains or loses it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graphpolicy.guards.plan_view import Reach
from graphpolicy.model.records import dataclass
from graphpolicy.rules.references import ALL, Reference

NOBODY = Reach(on=False, include=frozenset(), exclude=frozenset())


@dataclass(frozen=True, slots=True)
class Audience:
    """The people of a point: included, excluded, and named groups with no change.

    `special` is the name of a text for people that no target describes, such as guests.
    """

    include: frozenset[Reference] = frozenset()
    exclude: frozenset[Reference] = frozenset()
    unchanged: frozenset[Reference] = frozenset()
    special: str = ""


def may(reach: Reach, who: Reference) -> bool:
    """Whether a group, or everyone, has it. An exclusion wins."""
    return reach.on and who not in reach.exclude and (who in reach.include or ALL in reach.include)


def within(inner: Reach, outer: Reach) -> Reach:
    """A feature's reach, limited to the people that its method reaches.

    If both name groups, their common members are not known from the ids, so the feature's groups
    are used.
    """
    include = outer.include if ALL in inner.include else inner.include
    return Reach(inner.on and outer.on, include, inner.exclude | outer.exclude)


def gained(before: Reach, after: Reach) -> Audience | None:
    """The people that have it after but not before; None if nobody does."""
    return _moved(before, after, lambda who: may(after, who) and not may(before, who))


def lost(before: Reach, after: Reach) -> Audience | None:
    """The people that had it before but not after; None if nobody did."""
    return _moved(before, after, lambda who: may(before, who) and not may(after, who))


def reached(reach: Reach) -> Audience | None:
    """Everybody that it reaches; None if it reaches nobody."""
    return _moved(NOBODY, reach, lambda who: may(reach, who))


def _moved(before: Reach, after: Reach, moves: Callable[[Reference], bool]) -> Audience | None:
    named = {ALL} | before.include | before.exclude | after.include | after.exclude
    include = frozenset(who for who in named if moves(who))
    if not include:
        return None
    stays = named - include - {ALL}
    if ALL in include:
        include = frozenset({ALL})
    return Audience(
        include,
        frozenset(who for who in stays if not may(after, who) and who in after.exclude),
        frozenset(_same(stays, before, after))
        if ALL in include or not (include & after.exclude)
        else frozenset(),
    )


def _same(who: Iterable[Reference], before: Reach, after: Reach) -> set[Reference]:
    """The groups that have it both before and after."""
    return {one for one in who if may(before, one) and may(after, one)}
