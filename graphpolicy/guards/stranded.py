"""The guard on required strengths that only methods outside this policy would still satisfy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graphpolicy.guards.demands import (
    binding,
    judge,
    not_verified,
    of_this_policy,
    touched,
    unknown,
)
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.guards.strength_view import place, required_by, sides_of, strengths
from graphpolicy.model import POLICY, Finding, Unread
from graphpolicy.people.satisfied_strengths import ENDING, known_of, methods_of, satisfying


def strength_stranded(view: PlanView) -> Iterator[Finding]:
    """Only methods outside this policy still satisfy a required strength: a method ends, or it no
    longer applies to any of the people who must satisfy the strength.
    """
    yield from _for_all(view)
    sides, known = sides_of(view), known_of(view.members)
    for both in filter(None, map(of_this_policy, strengths(view))):
        if not binding(both) and not touched(both, sides):
            continue
        gone = not satisfying(both.after, sides[1])
        if not both.after.combinations or (gone and _ended(view)):
            continue  # another finding says it, about the strength or the method
        judged = list(judge(both, sides, binding(both), known))
        stuck = [each for each in judged if each.now.yes is False and each.was.yes is not False]
        for by_members in (False, True):
            if part := [each.demand for each in stuck if each.by_members is by_members]:
                of, path = place(view, both)
                now = "with the members that the groups have now, " if by_members else ""
                yield replace(
                    of.finding(
                        "strength-stranded",
                        f"{now}the people who must satisfy {both.title} could no longer use any "
                        f"method of this policy for it; Conditional Access requires it "
                        f"{required_by(part)}",
                        "keep a method that it accepts for these people, or change the strength "
                        "first",
                        path,
                    ),
                    volatile=by_members,
                )
        if touched(both, sides):
            what = f"satisfy {both.title} with a method of this policy"
            told = [each for each in judged if each.demand.who]
            reasons = unknown(view, told, known)
            yield from not_verified(view, both, told, reasons, ("strength-stranded", what))


def _ended(view: PlanView) -> list[BeforeAfter]:
    """The methods that nobody can use after the change."""
    return [m for m in view.of(ENDING) if m.reached.anybody and not m.reaches.anybody]


def _for_all(view: PlanView) -> Iterator[Finding]:
    """A method ends, and only methods outside this policy still satisfy a required strength."""
    ended = _ended(view)
    if not ended:
        return
    if isinstance(view.strengths, Unread):
        yield Finding(
            "strength-stranded",
            "note",
            "the authentication strengths could not be read, so it is not known whether "
            f"Conditional Access requires one that needs {', '.join(both.title for both in ended)} "
            f"({view.strengths.why})",
            view.strengths.fix,
            POLICY,
        )
        return
    before, after = sides_of(view)
    for both in strengths(view):
        left = satisfying(both.after, after)
        if both.before is None or both.after.demanded_by == () or not left:
            continue  # if nothing is left, strength-unsatisfiable says so
        was = [each for each in satisfying(both.before, before) if methods_of(each)]
        if any(map(methods_of, left)):
            continue
        for method in ended:
            if any(method.kind in methods_of(each) for each in was):
                yield method.finding(
                    "strength-stranded",
                    f"{both.title} needs {method.title}, and no other method of this policy would "
                    f"satisfy it; {both.use}",
                    "keep the method for those people, or change the strength first",
                    method.ending,
                    "note" if isinstance(both.after.demanded_by, Unread) else None,
                )
