"""`expect`: whether the policy, as it would be after the plan, is what a file expects of it. Pure.

What follows from the policy alone is judged without knowing anybody; `asked` says who must be read
for the rest. What could not be read never counts as kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import field, replace

from graphpolicy.compare.resolve import Ids
from graphpolicy.guards.plan_view import PlanView
from graphpolicy.model import (
    EVERYONE,
    Desired,
    Directory,
    Expectation,
    Finding,
    Json,
    Observed,
    Unread,
)
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import Allowed, Someone
from graphpolicy.people.expected import NOT_READ, Claim, ExpectedPeople
from graphpolicy.rules.references import ALL

BROKEN, NOBODY = "expectation-broken", "expectation-names-nobody"
MOST = 10**12
"""Stands for people who were not counted; more than there are."""


@dataclass(frozen=True, slots=True)
class PeopleToRead:
    """Who must be read to judge expectations; all ids and names are folded.

    `groups` are those whose people decide, `named` those that an entry is about, so that somebody
    must be in them. `people` are persons: whether their groups decide, too. `holding` are groups,
    or all users, and `holders` persons, whose registered methods are to be read.
    """

    groups: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    people: Mapping[str, bool] = field(default_factory=dict)
    holding: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()


def due(
    expectations: Iterable[Expectation], today: str, known: Iterable[Expectation] | None
) -> tuple[list[Expectation], list[Expectation]]:
    """The expectations to judge today, and those that are judged only after a merge.

    `known` are those of the base if the plan is one of a pull request, else None: it must not show
    its author anything about a person, or about what people have registered.
    """
    before = None if known is None else [_question(each) for each in known]
    judged: list[Expectation] = []
    later: list[Expectation] = []
    for each in expectations:
        if each.since <= today:
            private = each.person or each.has
            hidden = private and before is not None and _question(each) not in before
            (later if hidden else judged).append(each)
    return judged, later


def _question(each: Expectation) -> Json:
    """What it asks; two entries that ask the same are equal in it, however they are written."""
    lists = (each.can_use, each.cannot_use, each.has)
    titles = [sorted(method.title for method in methods) for methods in lists]
    return [str(each.who).casefold(), each.person, titles, each.since]


def asked(expectations: Iterable[Expectation], seen: PlanView) -> PeopleToRead:
    """Who must be read: nobody where the answer follows from the policy alone."""
    groups: set[str] = set()
    named: set[str] = set()
    holding: set[str] = set()
    people: dict[str, bool] = {}
    holders: set[str] = set()
    for each in expectations:
        claims, who = _claims(each, seen), str(each.who).casefold()
        if each.has:
            (holders if each.person else holding).add(who)
        if each.person:
            unknown = Someone("", None)
            open_ = any(claim.allows(unknown).yes is None for claim in claims)
            people[who] = people.get(who, False) or open_
            continue
        open_ = any(claim.alone(who, seen.gone).yes is None for claim in claims)
        if who != EVERYONE:
            (groups if open_ else named).add(who)
        for claim in claims if open_ else ():
            needed = claim.groups(who, seen.gone)
            groups |= {each.value for each in needed if each.type == "group"}
    named -= groups | holding
    return PeopleToRead(
        frozenset(groups), frozenset(named), people, frozenset(holding), frozenset(holders)
    )


def expectation_findings(
    expectations: Iterable[Expectation],
    seen: PlanView,
    directory: Directory,
    *,
    names: bool = False,
) -> Iterator[Finding]:
    """What is broken, names nobody, or could not be checked. `names` adds the ids of the people."""
    for each in expectations:
        found = _Judged(each, seen, directory)
        yield from found.findings(names)


def _claims(each: Expectation, seen: PlanView) -> list[Claim]:
    # A rollback declares an external method by its id: the policy's name for it is in the tenant.
    known = {str(both.after.get("displayName")): both for both in seen.resources}
    known |= {name: both for both in seen.resources for name in (both.id, both.title)}
    pairs = [(method.title, True) for method in each.can_use]
    pairs += [(method.title, False) for method in each.cannot_use]
    return [
        Claim(title, both.id if both else title, both.after if both else None, wanted)
        for title, wanted in pairs
        for both in [known.get(title)]
    ]


@dataclass
class _Judged:
    """One expectation and what is known about its people."""

    entry: Expectation
    seen: PlanView
    directory: Directory

    def findings(self, names: bool) -> Iterator[Finding]:
        claims = _claims(self.entry, self.seen)
        people = ExpectedPeople(self.entry, self.directory, self.seen.gone)
        crowds = people.crowds(claims)
        if crowds is None:
            yield self.found(
                NOBODY,
                f"{self.entry.text} is about nobody: {self.nobody}",
                "correct the entry, or remove it",
            )
            return
        broken: dict[str, list[AbstractSet[str] | None]] = {}
        failing: dict[str, Claim] = {}
        unregistered: list[str] = []
        unknown: dict[str, Unread] = {}
        for claim in claims:
            for crowd in crowds:
                allowed = claim.allows(crowd.who)
                if allowed.yes is None:
                    unknown[claim.title] = next(iter(people.unread), NOT_READ)
                elif allowed.yes is not claim.wanted:
                    broken.setdefault(self.why(claim, allowed), []).append(crowd.ids)
                    failing[claim.id] = claim
        for method in self.entry.has:
            lacking, why = people.lacking(method.title)
            if lacking:
                broken[f"without a registration for {method.title}"] = [lacking]
                unregistered.append(method.title)
            if why:
                unknown[f"registrations for {method.title}"] = why
        if broken:
            yield self.broken(broken, list(failing.values()), unregistered, names=names)
        if unknown:
            yield self.unverified(unknown)

    @property
    def nobody(self) -> str:
        if self.entry.person:
            return "that person is not in the directory"
        gone = str(self.entry.who).casefold() in self.seen.gone
        return "that group is not in the directory" if gone else "that group has no people in it"

    def why(self, claim: Claim, allowed: Allowed) -> str:
        by = "" if allowed.by in (None, ALL) else allowed.by.label(self.seen.names)
        if allowed.yes:
            return f"{claim.title} is open to them" + (f" through {by}" if by else "")
        return allowed.why + (f" by {by}" if by else "")

    def broken(
        self,
        broken: Mapping[str, list[AbstractSet[str] | None]],
        failing: Sequence[Claim],
        unregistered: Sequence[str],
        *,
        names: bool,
    ) -> Finding:
        """`broken` are the people by reason; `failing` and `unregistered` say of which methods."""
        every = [ids for some in broken.values() for ids in some]
        counted = frozenset().union(*(ids for ids in every if ids is not None))
        people = None if None in every else len(counted)
        # The greatest number first; people who were not counted are the most.
        rows = sorted((-_count(ids), why) for why, ids in broken.items())
        alone = len(rows) == 1 or self.entry.person
        said = [why if alone or -count >= MOST else f"{-count} {why}" for count, why in rows]
        ways = ["change who may use it"] * bool(failing)
        ways += ["let them register it"] * bool(unregistered)
        resources = {*(each.id for each in failing), *unregistered}
        return self.found(
            BROKEN,
            f"{self.entry.text} fails{self.for_people(people, failing)}: {'; '.join(said)}",
            f"{' and '.join(ways)}, or change the entry if it is no longer right",
            resource=next(iter(resources)) if len(resources) == 1 else "",
            people=people,
            names=tuple(sorted(counted)) if names else (),
        )

    def for_people(self, people: int | None, claims: Iterable[Claim]) -> str:
        """The people that it fails for, as words that follow a verb. `claims` failed."""
        who = str(self.entry.who).casefold()
        if self.entry.person:
            return ""
        if people is not None:
            return f" for {people} {'person' if people == 1 else 'people'}"
        if who != EVERYONE:
            return " for everybody in the group"
        named = sorted(one.title for one in claims if one.groups(who, self.seen.gone))
        outside = f" outside the groups of {' and '.join(named)}" if named else ""
        return f" for everyone{outside}"

    def unverified(self, unknown: Mapping[str, Unread]) -> Finding:
        reasons = dict.fromkeys(unknown.values())
        return self.found(
            "expectation-not-verified",
            f"{self.entry.text} could not be checked for {', '.join(unknown)}: "
            f"{'; '.join(each.why for each in reasons)}",
            "; ".join(dict.fromkeys(each.fix for each in reasons)),
            level="warning",
        )

    def found(self, rule: str, message: str, fix: str, **more: Json) -> Finding:
        about = {"level": "error", "source": self.entry.place, **more}
        return Finding(rule, message=message, help=fix, **about)


def _count(several: Iterable[AbstractSet[str] | None]) -> int:
    """How many people these are; `MOST` if some of them were not counted."""
    return sum(MOST if ids is None else len(ids) for ids in several)


def without_unclear(desired: Desired, directory: Directory, observed: Observed) -> Desired:
    """The same files without the expectations about names that stand for no group, or several."""
    ids = Ids(replace(desired, resources=()), directory, observed)
    kept = []
    for each in desired.expectations:
        ids.unresolved.clear()
        ids.id_of(each.who)
        if not ids.unresolved:
            kept.append(each)
    return replace(desired, expectations=tuple(kept))


def unclear(error: Finding) -> Finding:
    """The finding that an expectation can't be judged: a name in it stands for no group, or
    several.
    """
    return replace(error, message=f"an expectation can't be judged: {error.message}")


def not_judged(later: Iterable[Expectation]) -> Iterator[Finding]:
    """A note for each expectation of a pull request that would show something private."""
    for each in later:
        yield Finding(
            "expectation-not-judged",
            "note",
            f"{each.text} is judged after the merge: here it would show something about people "
            "that the author of a pull request may not know",
            source=each.place,
        )
