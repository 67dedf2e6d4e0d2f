"""Guards on who is included and excluded."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.guards.method_ends import ended
from graphpolicy.guards.methods import WEAK
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.guards.reach import Shift, reach, shifts
from graphpolicy.model import POLICY, Finding
from graphpolicy.model.tree import member, word
from graphpolicy.rules.references import ALL, SINGLES, Reference, audiences, references, single


def inclusion_shrinks(situation: PlanView) -> Iterator[Finding]:
    """People lose a method that others keep, by inclusion or by exclusion.

    If nobody keeps the method, `method-ends` reports it. Exclusions from a registration campaign
    are ignored: they take nothing from people.
    """
    for shift in _every(situation):
        if not shift.path and shift.both.kind != POLICY and ended(situation, shift.both):
            continue
        lost = situation.living(shift.left_out)
        if lost:
            left = situation.living(shift.after.include - shift.after.exclude)
            only = f"only {situation.label(left)}" if left else "so nobody would be left"
            yield shift.both.finding(
                "inclusion-shrinks",
                f"{shift.name} would no longer include {situation.label(lost)}, {only}",
                _check(lost),
                shift.at("includeTargets"),
            )
        barred = situation.living(shift.shut_out)
        if barred and shift.both.kind != POLICY:
            yield shift.both.finding(
                "inclusion-shrinks",
                f"{shift.name} would exclude {situation.label(barred)}",
                _check(barred),
                shift.at("excludeTargets"),
                entry=single(barred),
            )


def inclusion_widens(situation: PlanView) -> Iterator[Finding]:
    """More people may use a method that was on. Weak methods have a guard of their own."""
    for shift in _every(situation):
        if shift.taken_in and shift.both.kind not in WEAK:
            yield shift.both.finding(
                "inclusion-widens",
                f"{shift.name} would also include {situation.label(shift.taken_in)}",
                "make sure that all of them should be included",
                shift.at("includeTargets"),
                entry=single(shift.taken_in),
            )


def exclusion_shrinks(situation: PlanView) -> Iterator[Finding]:
    """An exclusion loses somebody: an error if it ends up empty or loses emergency access.

    A misspelt group once emptied such a list and locked a tenant out.
    """
    for shift in _every(situation):
        emptied = not situation.living(shift.after.exclude)
        yield from _freed(situation, shift.both, shift.at("excludeTargets"), shift.let_in, emptied)
    for both in situation.resources:
        if not reach(both.after).on:
            continue
        for path, before in audiences(both.before):
            after = member(both.after, *path)
            if SINGLES[1] in before and word(member(after, "state")) != "disabled":
                freed = frozenset(references(before[SINGLES[1]]))
                freed -= frozenset(references(member(after, SINGLES[1])))
                yield from _freed(situation, both, ".".join((*path, SINGLES[1])), freed, False)


def _freed(
    situation: PlanView, both: BeforeAfter, path: str, freed: frozenset[Reference], emptied: bool
) -> Iterator[Finding]:
    freed = situation.living(freed)
    if not freed:
        return
    guarded = frozenset(who for who in freed if who.value in situation.emergency.ids)
    yield both.finding(
        "exclusion-shrinks",
        f"{both.title}.{path} would no longer exclude {situation.label(freed)}"
        + (f"; {situation.label(guarded)} is emergency access" if guarded else "")
        + ("; nobody would be excluded" if emptied else ""),
        "keep in the list everyone who must stay excluded",
        path,
        "error" if emptied or guarded else "warning",
    )


def _every(situation: PlanView) -> Iterator[Shift]:
    for both in situation.resources:
        yield from shifts(both)


def _check(who: frozenset[Reference]) -> str:
    if ALL in who:
        return "make sure that everyone outside these groups has another method"
    return "make sure that they have another method"
