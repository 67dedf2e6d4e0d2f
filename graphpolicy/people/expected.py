"""What an expectation claims of methods, and the people that it is about, as far as they are known.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set as AbstractSet
from dataclasses import field

from graphpolicy.model import EVERYONE, Directory, DirectoryUser, Expectation, Json, Members, Unread
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import Allowed, Someone, may_use_some
from graphpolicy.people.keys import given_profiles
from graphpolicy.people.reach import reach
from graphpolicy.rules.references import Reference

NOT_READ = Unread("who is in the groups was not read", "plan from the tenant itself")


@dataclass(frozen=True, slots=True)
class Claim:
    """A method that people must be able to use, or must not if `wanted` is false.

    `id` is that of its configuration. `values` are None if the tenant has no such method.
    """

    title: str
    id: str
    values: Mapping[str, Json] | None
    wanted: bool

    def allows(self, who: Someone) -> Allowed:
        """Whether somebody may use the method."""
        if self.values is None:
            return Allowed(False, f"this tenant has no {self.title}")
        return may_use_some(self.values, who, self.title)

    def groups(self, who: str, gone: AbstractSet[str]) -> frozenset[Reference]:
        """The targets whose members decide about the people of a group; `gone` ones have none."""
        if self.values is None or not (found := reach(self.values)).on:
            return frozenset()
        every = found.exclude | found.include
        if found.everyone or any(each.value == who for each in found.include):
            every = found.exclude | {each for each, _ in given_profiles(self.values)}
        return frozenset(each for each in every if each.value not in {who, EVERYONE, *gone})

    def alone(self, who: str, gone: AbstractSet[str]) -> Allowed:
        """What the policy alone says of the people of a group; `yes` is None if members decide.

        For all users, people who are in none of the groups are enough to break the expectation.
        """
        if who == EVERYONE:
            others = self.allows(Someone("", frozenset({who})))
            if others.yes is not self.wanted:
                return others
        unsure = frozenset(each.value for each in self.groups(who, gone))
        return self.allows(Someone("", frozenset({who}), unsure))


@dataclass(frozen=True, slots=True)
class Cohort:
    """People that the policy treats alike. `ids` are None if they are not counted."""

    who: Someone
    ids: AbstractSet[str] | None = None


@dataclass
class ExpectedPeople:
    """The people of one expectation. `gone` are folded ids of objects that no longer exist.

    `unread` collects why something about them is not known.
    """

    entry: Expectation
    directory: Directory
    gone: AbstractSet[str]
    unread: list[Unread] = field(default_factory=list)

    def crowds(self, claims: Iterable[Claim]) -> list[Cohort] | None:
        """The people by what decides about them; None if there is nobody."""
        who = str(self.entry.who).casefold()
        if self.entry.person:
            return self.one(who)
        members, gone = self.directory.members, self.gone
        named = members.get(who), self.directory.enabled.get(who)
        if who in gone or (who != EVERYONE and Members() in named):
            return None
        if all(claim.alone(who, gone).yes is not None for claim in claims):
            return [Cohort(Someone("", frozenset({who})))]
        needed = frozenset(one for claim in claims for one in claim.groups(who, gone))
        inside = {each.value: self.members(each) for each in needed}
        unsure = frozenset(id_ for id_, people in inside.items() if people is None)
        known = {id_: people for id_, people in inside.items() if people is not None}
        if who == EVERYONE:
            people: AbstractSet[str] = frozenset().union(*known.values())
            others = [Cohort(Someone("", frozenset({who})))]
            others += [Cohort(Someone("", frozenset({who}), unsure))] if unsure else []
        else:
            own = self.members(Reference("group", "id", who))
            if own is None:
                return [Cohort(Someone("", frozenset({who}), frozenset(inside)))]
            people, others = own, []
        alike: dict[frozenset[str], set[str]] = {}
        for person in people:
            within = frozenset(id_ for id_, some in known.items() if person in some)
            alike.setdefault(within, set()).add(person)
        return others + [
            Cohort(Someone("", within | {who}, unsure), ids) for within, ids in alike.items()
        ]

    def one(self, name: str) -> list[Cohort] | None:
        found = self.directory.people.get(name, NOT_READ)
        if isinstance(found, DirectoryUser):
            return [Cohort(Someone(found.id, found.within), {found.id})]
        if found is None:
            return None
        self.unread.append(found)
        return [Cohort(Someone("", None))]

    def members(self, group: Reference) -> AbstractSet[str] | None:
        """The people in a group; None if they could not be read."""
        if group.type == "user":
            return frozenset({group.value})
        found = self.directory.members.get(group.value, Members(unread=NOT_READ))
        if found.unread is None:
            return found.ids
        self.unread.append(found.unread)
        return None

    def lacking(self, method: str) -> tuple[frozenset[str], Unread | None]:
        """Who has not registered a method and, if some people are not known, why."""
        who = str(self.entry.who).casefold()
        person = self.directory.people.get(who)
        if not self.entry.person:
            people = self.directory.enabled.get(who, Members(unread=NOT_READ))
        elif isinstance(person, DirectoryUser):
            people = Members(frozenset({person.id}))
        else:
            people = Members(unread=person or NOT_READ)
        known = {id_: self.directory.registered.get(id_) for id_ in people.ids}
        lacking = frozenset(
            id_ for id_, has in known.items() if isinstance(has, frozenset) and method not in has
        )
        unread = next((has for has in known.values() if isinstance(has, Unread)), people.unread)
        missing = sum(has is None for has in known.values())
        if missing and unread is None:
            unread = Unread(
                f"{missing} {'person is' if missing == 1 else 'people are'} not in the "
                "registration report",
                "plan again in two days: the report knows a new person after up to 36 hours",
            )
        return lacking, unread
