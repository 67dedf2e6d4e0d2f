"""Guards on what Conditional Access demands: can any of the people that it is for satisfy it?

Groups decide that if a policy is for some groups and a method for others. Then, and only then,
members are read (`undecided`), and a finding may change by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.catalogue.permissions import ROLE_IDS
from graphpolicy.guards.plan_view import PlanView
from graphpolicy.guards.strength_view import (
    OPTIONS,
    StrengthBeforeAfter,
    place,
    required_by,
    sides_of,
    strengths,
)
from graphpolicy.model import Demand, Finding, Level, Party, Strength, Unread
from graphpolicy.model.records import dataclass
from graphpolicy.people.keys import FIDO2, blocks
from graphpolicy.people.satisfied_strengths import (
    ENDING,
    NOTHING_KNOWN,
    TEXT,
    YES,
    KnownMembers,
    Side,
    StrengthVerdict,
    any_can,
    known_of,
    methods_of,
    satisfying,
)
from graphpolicy.rules.custom_strengths import spelled
from graphpolicy.rules.references import Reference

FIRST_FACTOR = "sms as a first factor (isUsableForSignIn)"
MODE = "fido2"
"""The mode of passkeys; a strength may name the models that count."""


@dataclass(frozen=True, slots=True)
class JudgedDemand:
    """Whether anybody could satisfy a strength that a policy requires from them.

    `by_members` is whether members of groups decide, so that it may change without any plan.
    """

    demand: Demand
    was: StrengthVerdict
    now: StrengthVerdict
    by_members: bool


def judge(
    both: StrengthBeforeAfter,
    sides: tuple[Side, Side],
    demands: Iterable[Demand],
    known: KnownMembers,
) -> Iterator[JudgedDemand]:
    """Each demand before and after the plan; if the plan takes the strength from everybody, the
    members of groups before it do not matter.
    """
    demands = tuple(demands)
    if not demands:
        return
    before, after = sides
    old, new = both.before, both.after
    ended = old is not None and satisfying(old, before) and not satisfying(new, after)

    def verdicts(demand: Demand, known: KnownMembers) -> tuple[StrengthVerdict, StrengthVerdict]:
        was = YES if ended or old is None else any_can(old, before, demand, known)
        return was, any_can(new, after, demand, known)

    for demand in demands:
        first, last = verdicts(demand, NOTHING_KNOWN)
        by_members = last.yes is None or (first.yes is None and not last.yes)
        yield JudgedDemand(demand, *verdicts(demand, known), by_members)


def touched(both: StrengthBeforeAfter, sides: tuple[Side, Side]) -> bool:
    """Whether the plan changes the strength, or a method that it needs."""
    needs = {method for way in both.after.combinations for method in methods_of(way)}
    before, after = sides
    return both.changed or any(before.get(each) != after.get(each) for each in needs)


def binding(both: StrengthBeforeAfter) -> list[Demand]:
    return [each for each in both.demands if not each.report_only]


def undecided(view: PlanView) -> frozenset[Party]:
    """The people whose groups decide whether anybody could satisfy a strength after the plan.

    If nobody could, also the groups that decide whether anybody could before it: if nobody could,
    the plan is not to blame.
    """
    sides, known = sides_of(view), known_of(view.members)
    found: set[Party] = set()
    listed = [both for both in strengths(view) if touched(both, sides)]
    for both in (*listed, *filter(None, map(of_this_policy, listed))):
        for judged in judge(both, sides, binding(both), known):
            found |= judged.now.parties if judged.now.yes is not False else judged.was.parties
    return frozenset(found)


def of_this_policy(both: StrengthBeforeAfter) -> StrengthBeforeAfter | None:
    """The strength with only the combinations that this policy governs; None if it has no other."""

    def without(strength: Strength) -> Strength:
        return replace(strength, combinations=tuple(filter(methods_of, strength.combinations)))

    if all(map(methods_of, both.after.combinations)):
        return None
    return replace(both, before=both.before and without(both.before), after=without(both.after))


def strength_unsatisfiable(view: PlanView) -> Iterator[Finding]:
    """Nobody could satisfy a strength, or models count that no passkey profile accepts."""
    if isinstance(view.strengths, Unread):
        yield from _not_listed(view, view.strengths)
    sides, known = sides_of(view), known_of(view.members)
    before, after = sides
    for both in strengths(view):
        if both.after.demanded_by == () and not both.changed:
            continue
        judged = list(judge(both, sides, binding(both), known))
        stuck = [each for each in judged if each.now.yes is False]
        if not satisfying(both.after, after):
            was = both.before is not None and bool(satisfying(both.before, before))
            yield from _nobody(view, both, stuck, _why(both, after), new=was)
        elif stuck:
            for by_members in (False, True):
                if part := [each for each in stuck if each.by_members is by_members]:
                    why = _why(both, after, part, known)
                    for finding in _nobody(view, both, part, why):
                        yield replace(finding, volatile=by_members)
        elif both.changed or before.get(FIDO2) != after.get(FIDO2):
            yield from _models(view, both, sides)
        if touched(both, sides):
            reasons = unknown(view, judged, known)
            use = both.after.demanded_by
            if (
                isinstance(use, Unread)
                and any_can(both.after, after, Demand(""), known).yes is None
            ):
                reasons |= {DEPENDS: use.fix}
            about = ("strength-unsatisfiable", f"satisfy {both.title}")
            yield from not_verified(view, both, judged, reasons, about)


def _nobody(
    view: PlanView,
    both: StrengthBeforeAfter,
    stuck: Sequence[JudgedDemand],
    why: str,
    *,
    new: bool = False,
) -> Iterator[Finding]:
    """The finding if the plan is to blame or the strength is in a file.

    `new` is whether somebody could satisfy it before the plan, and nobody can after it.
    """
    demands = [each.demand for each in stuck]
    level: Level = "warning"
    if new or both.changed or any(each.was.yes is not False for each in stuck):
        unread = isinstance(both.after.demanded_by, Unread) and both.own is None
        level = "note" if unread else _level(demands)
    elif both.own is None:
        return
    use = f"Conditional Access requires it {required_by(demands)}" if demands else both.use
    use = f"; {use}" if use else ""
    of, path = place(view, both)
    yield of.finding(
        "strength-unsatisfiable",
        f"nobody could satisfy {both.title}, because {why}{use}",
        "enable a method that it accepts for these people, accept its models in a passkey profile, "
        "or change the strength in the same plan",
        path,
        level,
    )


def _why(
    both: StrengthBeforeAfter,
    after: Side,
    stuck: Sequence[JudgedDemand] = (),
    known: KnownMembers = NOTHING_KNOWN,
) -> str:
    """Why nobody can satisfy a strength; with `stuck`, why none of the people concerned can."""
    strength = both.after
    if not strength.combinations:
        return "it has no combinations"
    anything = replace(strength, models=None)
    profiles = strength.models is not None and (
        all(any_can(anything, after, each.demand, known).yes for each in stuck)
        if stuck
        else bool(satisfying(anything, after))
    )
    ways = [each for each in strength.combinations if not (profiles and MODE in each)]
    whose = " that the people concerned may use" if stuck else ""
    said = [f"no passkey profile{whose} accepts its models"] if profiles else []
    if ways:
        names = (FIRST_FACTOR if each == TEXT else spelled(each) for each in ways)
        said.append(f"this policy does not let the people concerned use {' or '.join(names)}")
    told = ", and ".join(said)
    by_members = any(each.by_members for each in stuck)
    return f"with the members that the groups have now, {told}" if by_members else told


DEPENDS = "that depends on groups"


def unknown(view: PlanView, judged: Iterable[JudgedDemand], known: KnownMembers) -> dict[str, str]:
    """Why it is not known whether the people concerned can, each with what to do about it."""
    reasons: dict[str, str] = {}
    for each in judged:
        if each.now.yes is None and not each.demand.who:
            reasons[DEPENDS] = (
                "grant Policy.Read.All, which shows who a Conditional Access policy is for"
            )
        for party in sorted(each.now.parties):
            if why := known.why(party[1]):
                where = f"that depends on {_label(view, party)}: {why.why}"
                reasons[where] = why.fix
    return reasons


def not_verified(
    view: PlanView,
    both: StrengthBeforeAfter,
    judged: Iterable[JudgedDemand],
    reasons: Mapping[str, str],
    about: tuple[str, str],
) -> Iterator[Finding]:
    """A note where there are such reasons; `about` are its rule, and what may not be possible."""
    demands = [each.demand for each in judged if each.now.yes is None]
    by = f"Conditional Access requires it {required_by(demands)}" if demands else both.use
    rule, what = about
    if reasons:
        of, path = place(view, both)
        yield of.finding(
            rule,
            f"it is not verified that any of the people concerned can {what}: "
            f"{'; '.join(reasons)}; {by}",
            "; ".join(dict.fromkeys(reasons.values())),
            path,
            "note",
        )


def _not_listed(view: PlanView, unread: Unread) -> Iterator[Finding]:
    """A note for each method that would be for other groups, if the strengths are not known."""
    for method in view.of(ENDING):
        old, new = method.reached, method.reaches
        fewer = old.include - new.include or new.exclude - old.exclude
        if method.in_effect and new.by_groups and fewer:
            yield method.finding(
                "strength-unsatisfiable",
                "the authentication strengths could not be read, so it is not verified that any "
                f"of the people concerned can satisfy one that needs {method.title} ({unread.why})",
                unread.fix,
                "includeTargets" if old.include != new.include else "excludeTargets",
                "note",
            )


def _label(view: PlanView, party: Party) -> str:
    """Some people in words."""
    kind, id_ = party
    if kind == "role":
        names = {id_: name for name, id_ in ROLE_IDS.items()}
        return f"who has the role {names.get(id_, id_)}"
    if kind == "guests":
        return "who is a guest"
    return f"who is in {view.label([Reference(kind, 'id', id_)])}"


def _level(demands: Iterable[Demand]) -> Level:
    widely = any(each.who in ("everyone", "administrators") for each in demands)
    return "error" if widely else "warning"


def _models(
    view: PlanView, both: StrengthBeforeAfter, sides: tuple[Side, Side]
) -> Iterator[Finding]:
    """Models that count for a strength, and that no profile accepts: all of them for one of the
    file, else those that a profile accepted before the plan.
    """
    models, (before, after) = both.after.models, (side.get(FIDO2, {}) for side in sides)
    if not models or not after:
        return
    told = refused = {model for model in models if blocks(after, model, None)}
    of, path = both.own, f"{OPTIONS}.fido2.allowedAAGUIDs"
    level: Level = "warning" if refused == models else "note"
    if of is None:
        of, path = place(view, both)
        told = {model for model in refused if not blocks(before, model, None)}
        level = "note" if isinstance(both.after.demanded_by, Unread) else level
    if told:
        yield of.finding(
            "strength-unsatisfiable",
            f"{both.title} accepts the models {', '.join(sorted(told))}, but no passkey profile "
            f"does{f'; {both.use}' if both.use else ''}",
            "accept them in a passkey profile, or remove them from the strength",
            path,
            level,
        )
