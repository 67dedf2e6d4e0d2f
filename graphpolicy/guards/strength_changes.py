"""Guards on changes of an authentication strength: it accepts less or more, and who requires it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.guards.plan_view import PlanView
from graphpolicy.guards.strength_view import COMBINATIONS, OPTIONS, StrengthBeforeAfter, strengths
from graphpolicy.model import Finding, Json, Unread
from graphpolicy.rules.custom_strengths import restrictions, spelled

Words = tuple[str, str]
"""A path, and what happens there."""


def strength_narrowed(view: PlanView) -> Iterator[Finding]:
    """A strength that Conditional Access requires would no longer accept something."""
    for both in strengths(view):
        if both.own is None or both.before is None or not both.changed:
            continue
        lost = set(both.before.combinations) - set(both.after.combinations)
        if lost:
            yield from _narrowed(both, COMBINATIONS, f"{_listed(lost)} would no longer satisfy it")
        for path, change in _lost(both, both.own.before, both.own.after):
            yield from _narrowed(both, path, change)


def _narrowed(both: StrengthBeforeAfter, path: str, change: str) -> Iterator[Finding]:
    own, known = both.own, both.after.demanded_by
    assert own is not None  # noqa: S101 - a strength that no file declares does not change
    if isinstance(known, Unread):
        text = f"{both.title}: {change}; {both.use}"
        yield own.finding("strength-narrowed", text, known.fix, path, "note")
    elif known:
        yield own.finding(
            "strength-narrowed",
            f"{both.title}: {change}, and {both.use}: people who have nothing else lose access",
            "make sure that these people have another way that it accepts, then acknowledge this",
            path,
            "warning" if all(each.report_only for each in known) else None,
        )


def strength_loosened(view: PlanView) -> Iterator[Finding]:
    """A strength that Conditional Access may require would accept more."""
    for both in strengths(view):
        if both.own is None or both.before is None or both.after.demanded_by == ():
            continue
        new = set(both.after.combinations) - set(both.before.combinations)
        what = [(COMBINATIONS, f"{_listed(new)} would also satisfy it")] if new else []
        what += _gained(both, both.own.before, both.own.after)
        for path, change in what if both.changed else ():
            yield both.own.finding(
                "strength-loosened",
                f"{both.title}: {change}",
                "make sure that this is intended; a looser rule for fewer people may be enough",
                path,
            )


def _lost(
    both: StrengthBeforeAfter, old: Mapping[str, Json], new: Mapping[str, Json]
) -> Iterator[Words]:
    """What the advanced options of a strength no longer accept, as (path, words)."""
    for (combination, path), ids, all_others in _tighter(both, old, new):
        words = f"only {ids} would count" if all_others else f"{ids} would no longer count"
        yield path, f"{words} for {combination}"


def _gained(
    both: StrengthBeforeAfter, old: Mapping[str, Json], new: Mapping[str, Json]
) -> Iterator[Words]:
    """What the advanced options of a strength newly accept."""
    for (combination, path), ids, all_others in _tighter(both, new, old):
        words = f"anything would count, not only {ids}" if all_others else f"{ids} would also count"
        yield path, f"{words} for {combination}"


def _tighter(
    both: StrengthBeforeAfter, wide: Mapping[str, Json], narrow: Mapping[str, Json]
) -> Iterator[tuple[tuple[str, str], str, bool]]:
    """What one side accepts and the other does not, as ((combination, path), ids, all others).

    The ids are those that the other side lacks, or with `all others` the only ones that it accepts.
    """
    allowed = {",".join(sorted(each)) for each in both.after.combinations}
    accepted = restrictions(wide)
    for (combination, option), ids in restrictions(narrow).items():
        where = (combination, f"{OPTIONS}.{combination}.{option}")
        other = accepted.get((combination, option))
        if combination.casefold() in allowed and (other is None or other - ids):
            left = ids if other is None else other - ids
            yield where, ", ".join(sorted(left)), other is None


def strength_in_use(view: PlanView) -> Iterator[Finding]:
    """What a reviewer of a changed strength needs to know: who requires it, or that it is new."""
    known = view.strengths if isinstance(view.strengths, tuple) else ()
    own = {both.title for both in view.listed}
    names = (each.name for each in known if each.custom)
    others = [repr(name) for name in names if f"{STRENGTHS}/{name}" not in own]
    for both in strengths(view):
        if both.own is None or not both.changed:
            continue
        if both.before is None:
            text = f"the tenant has no authentication strength {both.after.name!r}: it is created"
            if others:
                text += f"; strengths in no file: {', '.join(others)}"
            fix = "if one of these was renamed, write its new name instead" if others else ""
            yield both.own.finding("strength-in-use", text, fix, "")
        elif both.demands:
            text = f"{both.title}: {both.use}"
            yield both.own.finding("strength-in-use", text, "", "")


def _listed(combinations: Iterable[frozenset[str]]) -> str:
    return " and ".join(sorted(map(spelled, combinations)))
