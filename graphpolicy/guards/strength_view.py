"""Authentication strengths before and after a plan, for the guards that judge them.

A strength and this policy are two places of the portal. Each guard judges both, before the plan and
after it, whichever of the two the plan changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set as AbstractSet

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.model import Demand, Strength, Unread
from graphpolicy.model.records import dataclass
from graphpolicy.people.satisfied_strengths import ENDING, Side, methods_of
from graphpolicy.rules.custom_strengths import strength_of

COMBINATIONS = "allowedCombinations"
OPTIONS = "combinationConfigurations"


@dataclass(frozen=True, slots=True)
class StrengthBeforeAfter:
    """One strength before and after the plan; `own` is what a file declares of it."""

    before: Strength | None
    after: Strength
    own: BeforeAfter | None

    @property
    def changed(self) -> bool:
        return bool(self.own) and self.own.before != self.own.after  # type: ignore[union-attr]

    @property
    def demands(self) -> tuple[Demand, ...]:
        """The policies that require it, as far as they are known."""
        found = self.after.demanded_by
        return found if isinstance(found, tuple) else ()

    @property
    def title(self) -> str:
        return f"the authentication strength {self.after.name!r}"

    @property
    def use(self) -> str:
        """Which policies require it, as the end of a sentence; '' if none does."""
        known = self.after.demanded_by
        if isinstance(known, Unread):
            return (
                "it is not known whether Conditional Access requires it, because its use can't be "
                f"read ({known.why})"
            )
        return f"Conditional Access requires it {required_by(self.demands)}" if self.demands else ""


def required_by(demands: Iterable[Demand]) -> str:
    """The policies that require a strength, and who must satisfy it."""
    said = []
    for each in demands:
        known = {"some": "", "": "it is not known who it applies to"}
        notes = [known.get(each.who, f"from {each.who}"), "report-only" if each.report_only else ""]
        about = ", ".join(filter(None, notes))
        said.append(f"{each.name!r} ({about})" if about else repr(each.name))
    return f"in {', '.join(said)}"


def strengths(view: PlanView) -> Iterator[StrengthBeforeAfter]:
    """Every strength of the tenant, and those that the plan creates."""
    own = {both.title: both for both in view.listed if both.kind == STRENGTHS}
    live = view.strengths if isinstance(view.strengths, tuple) else ()
    for strength in live:
        both = own.pop(f"{STRENGTHS}/{strength.name}", None) if strength.custom else None
        yield StrengthBeforeAfter(strength, _after(both, strength) if both else strength, both)
    for both in own.values():
        name = both.title.removeprefix(f"{STRENGTHS}/")
        before = strength_of(both.before, name) if both.before else None
        yield StrengthBeforeAfter(before, strength_of(both.after, name), both)


def _after(both: BeforeAfter, live: Strength) -> Strength:
    made = strength_of(both.after, live.name)
    return Strength(
        live.id, live.name, made.combinations, made.models, live.demanded_by, custom=True
    )


def sides_of(view: PlanView) -> tuple[Side, Side]:
    """The methods that strengths can need, before and after the plan."""
    methods = view.of(ENDING)
    return {m.kind: m.before for m in methods}, {m.kind: m.after for m in methods}


def worth_asking(
    known: Iterable[Strength], methods: AbstractSet[str], changed: AbstractSet[str]
) -> list[Strength]:
    """The strengths whose use matters to a plan: it changes them, or methods that they need.

    `methods` are those that it narrows, `changed` the titles of strengths that it changes.
    """
    return [
        each
        for each in known
        if (each.custom and f"{STRENGTHS}/{each.name}" in changed)
        or any(methods & methods_of(one) for one in each.combinations)
    ]


def place(view: PlanView, both: StrengthBeforeAfter) -> tuple[BeforeAfter, str]:
    """What a finding about a strength is about: its declaration, else the method that changes."""
    if both.own is not None:
        return both.own, COMBINATIONS
    needs = {method for way in both.after.combinations for method in methods_of(way)}
    changing = [m for m in view.of(ENDING) if m.kind in needs and m.before != m.after]
    ended = [method for method in changing if not method.reaches.anybody]
    of = (ended or changing)[0]
    if ended:
        return of, of.ending
    keys = (row.name for row in reversed(RESOURCES[of.kind].properties) if row.narrows)
    return of, next((key for key in keys if of.before.get(key) != of.after.get(key)), "state")
