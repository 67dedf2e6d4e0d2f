"""What a guard judges: the whole policy before and after the plan, managed or not, and who each
part of it applies to.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import field
from functools import cached_property

from graphpolicy.catalogue import EXTERNAL, METHODS, RESOURCES
from graphpolicy.catalogue.facts import Facts
from graphpolicy.compare.comparison import Comparison
from graphpolicy.compare.documents import is_of
from graphpolicy.guards.levels import Levels
from graphpolicy.model import (
    Account,
    Cloud,
    Counted,
    Directory,
    Json,
    Members,
    Observed,
    Path,
    Strength,
    Unread,
)
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member
from graphpolicy.people.reach import Reach, reach
from graphpolicy.rules.references import LISTS, Reference, audiences
from graphpolicy.rules.subject import JudgedResource


@dataclass(frozen=True)
class BeforeAfter(JudgedResource):
    """One resource before and after the plan, in Graph's shape; equal if nothing changes.

    Every guard asks for the same audiences, so each is made once.
    """

    before: Mapping[str, Json]
    after: Mapping[str, Json]

    @cached_property
    def reached(self) -> Reach:
        """Who it applied to before the plan."""
        return reach(self.before)

    @cached_property
    def reaches(self) -> Reach:
        """Who it applies to after the plan."""
        return reach(self.after)

    @property
    def ending(self) -> str:
        """The setting that ends it: its state, or who may use it."""
        return "includeTargets" if self.reaches.on else "state"

    @property
    def in_effect(self) -> bool:
        """Whether it applies to anybody, before and after."""
        return self.reached.anybody and self.reaches.anybody

    @cached_property
    def shifts(self) -> tuple[Shift, ...]:
        """Every pair of target lists that is in effect before and after."""
        return tuple(_shifts(self))


@dataclass(frozen=True, slots=True)
class Emergency:
    """What is known about emergency access. `said` is whether the policy has `emergencyAccess`.

    `protected` are the folded ids of what it names that are known without looking accounts up.
    """

    said: bool = False
    protected: frozenset[str] = frozenset()
    accounts: tuple[Account, ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        """The folded ids of the accounts, their members, and all groups that these are in."""
        ids = {account.id for account in self.accounts} | self.protected
        for account in self.accounts:
            ids |= account.inner | (account.within or frozenset())
            for person in account.people or ():
                ids |= (person.within or frozenset()) | {person.id}
        return frozenset(ids)


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as guards see it. `changes` counts the settings that it changes.

    `names` are by folded id, `gone` the folded ids of deleted objects, `sizes` what `sizes` says of
    them, `strengths` the authentication strengths, or why they can't be
    read, `members` the people of groups by folded id, where what strengths need depends on them.
    `resources` are the policy and its methods, `listed` the declared resources of other kinds; one
    that the plan creates has nothing before it.
    """

    resources: tuple[BeforeAfter, ...]
    changes: int = 0
    sizes: tuple[int, int] = (0, 0)
    names: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    emergency: Emergency = field(default_factory=Emergency)
    levels: Levels = field(default_factory=Levels)
    facts: Facts = field(default_factory=Facts.shipped)
    cloud: Cloud = "global"
    strengths: tuple[Strength, ...] | Unread = ()
    listed: tuple[BeforeAfter, ...] = ()
    members: Mapping[str, Members] = field(default_factory=dict)
    impact: Counted | Unread | None = None
    nested: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Groups by folded id whose people are all known to be in other groups, with those."""

    def of(self, kinds: Iterable[str]) -> list[BeforeAfter]:
        """The resources of these rows of the catalogue."""
        wanted = frozenset(kinds)
        return [both for both in self.resources if both.kind in wanted]

    def label(self, who: Iterable[Reference]) -> str:
        """Some targets in words, in a stable order."""
        return ", ".join(sorted(each.label(self.names) for each in who)) or "nobody"

    def living(self, who: Iterable[Reference]) -> frozenset[Reference]:
        """The targets that still exist: nobody loses anything with a deleted group."""
        return frozenset(each for each in who if each.value not in self.gone)


def view_of(
    comparisons: Sequence[Comparison],
    after: Mapping[str, Mapping[str, Json]],
    observed: Observed,
    directory: Directory,
    *,
    names: Mapping[str, str],
    emergency: Emergency,
    levels: Levels,
    facts: Facts,
    cloud: Cloud,
) -> PlanView:
    """The view of a plan. `after` has each compared resource as it would be, by id."""
    compared = [
        BeforeAfter(
            comparison.resource.id,
            comparison.id,
            comparison.declared.title,
            comparison.before(cloud),
            after[comparison.id],
        )
        for comparison in comparisons
        if comparison.documents or comparison.wanted
    ]
    listed = tuple(both for both in compared if RESOURCES[both.kind].by_name)
    compared = [both for both in compared if not RESOURCES[both.kind].by_name]
    known = {both.id.casefold() for both in compared}
    return PlanView(
        (*compared, *left_alone(observed, known)),
        sum(len(comparison.differences) for comparison in comparisons),
        names=names,
        gone=directory.gone,
        emergency=emergency,
        levels=levels,
        facts=facts,
        cloud=cloud,
        strengths=directory.strengths,
        listed=listed,
        members=directory.members,
        impact=directory.impact,
    )


def sizes(observed: Observed, resources: Iterable[BeforeAfter]) -> tuple[int, int]:
    """The bytes of the whole policy before a plan, and after it."""
    before = size(next(iter(observed.documents.values()), {}))
    changed = [both for both in resources if both.after is not both.before]
    return before, before + sum(size(both.after) - size(both.before) for both in changed)


def size(values: Json) -> int:
    """Bytes of a value as compact JSON. Annotations are left out, since they may not count."""
    text = json.dumps(_bare(values), separators=(",", ":"), ensure_ascii=False)
    return len(text.encode(errors="surrogatepass"))  # a name may hold half a character


def _bare(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _bare(member) for name, member in value.items() if "@" not in name}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def emergency_of(
    data: Json, names: Mapping[str, str], accounts: tuple[Account, ...] = ()
) -> Emergency:
    """`emergencyAccess` with the ids that are known; `names` are by folded id."""
    entries = data if isinstance(data, list) else []
    groups = {entry["group"] for entry in entries if "group" in entry and "id" not in entry}
    written = {str(entry["id"]).casefold() for entry in entries if "id" in entry}
    named = {id_ for id_, name in names.items() if name in groups}
    known = tuple(account for account in accounts if account.id)
    looked_up = {account.id for account in known}
    return Emergency(data is not None, frozenset(written | named | looked_up), known)


def left_alone(observed: Observed, known: AbstractSet[str]) -> Iterator[BeforeAfter]:
    """The methods that the file does not declare: the plan does not change them.

    `known` are the folded ids of the others.
    """
    by_id = {row.id.casefold(): row.id for row in METHODS}
    seen = set(known)
    for _, item in observed.methods:
        id_ = str(item.get("id", ""))
        external = is_of(EXTERNAL, item)
        kind = EXTERNAL.id if external else by_id.get(id_.casefold())
        if kind and id_.casefold() not in seen:
            seen.add(id_.casefold())
            title = str(item.get("displayName") or id_) if external else kind
            yield BeforeAfter(kind, id_, title, item, item)


@dataclass(frozen=True, slots=True)
class Shift:
    """One pair of target lists before and after the plan, in effect both times."""

    both: BeforeAfter
    path: Path
    before: Reach
    after: Reach

    @property
    def name(self) -> str:
        """Its name in messages: the method, or the setting of the policy."""
        return self.path[-1] if self.path else self.both.title

    @property
    def left_out(self) -> frozenset[Reference]:
        """Who is no longer included, everyone included."""
        if self.after.everyone:
            return frozenset()
        return self.before.include - self.before.exclude - self.after.include

    @property
    def taken_in(self) -> frozenset[Reference]:
        """Who is newly included, everyone included."""
        if self.before.everyone:
            return frozenset()
        return self.after.include - self.after.exclude - self.before.include

    @property
    def shut_out(self) -> frozenset[Reference]:
        """Who is newly excluded."""
        return self.after.exclude - self.before.exclude

    @property
    def let_in(self) -> frozenset[Reference]:
        """Who is no longer excluded."""
        return self.before.exclude - self.after.exclude

    def at(self, name: str) -> str:
        """The dotted path of one of its members."""
        return ".".join((*self.path, name))


def _shifts(both: BeforeAfter) -> Iterator[Shift]:
    for path, after in audiences(both.after):
        before = member(both.before, *path)
        if not isinstance(before, Mapping) or not any(name in after for name in LISTS):
            continue
        old, new = reach(before), reach(after)
        if both.reached.on and both.reaches.on and old.on and new.on:
            yield Shift(both, path, old, new)
