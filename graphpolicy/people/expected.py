"""The people of an expectation: those whom the policy treats alike, and those who lack a method.

Pure: it knows what was read of them, and says what was not.
"""

from __future__ import annotations

from collections.abc import Iterable, Set as AbstractSet
from dataclasses import field

from graphpolicy.model import EVERYONE, Directory, Expectation, Members, Person, Unread
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import Someone
from graphpolicy.people.demands import Demand
from graphpolicy.rules.references import Reference

NOT_READ = Unread("who is in the groups was not read", "plan from the tenant itself")


@dataclass(frozen=True, slots=True)
class Crowd:
    """People whom the policy treats alike. `ids` are None if they are not counted."""

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

    def crowds(self, demands: Iterable[Demand]) -> list[Crowd] | None:
        """The people by what decides about them; None if there is nobody."""
        who = str(self.entry.who).casefold()
        if self.entry.person:
            return self.one(who)
        members, gone = self.directory.members, self.gone
        named = members.get(who), self.directory.enabled.get(who)
        if who in gone or (who != EVERYONE and Members() in named):
            return None
        if all(demand.alone(who, gone).yes is not None for demand in demands):
            return [Crowd(Someone("", frozenset({who})))]
        needed = frozenset(one for demand in demands for one in demand.groups(who, gone))
        inside = {each.value: self.members(each) for each in needed}
        unsure = frozenset(id_ for id_, people in inside.items() if people is None)
        known = {id_: people for id_, people in inside.items() if people is not None}
        if who == EVERYONE:
            people: AbstractSet[str] = frozenset().union(*known.values())
            others = [Crowd(Someone("", frozenset({who})))]
            others += [Crowd(Someone("", frozenset({who}), unsure))] if unsure else []
        else:
            own = self.members(Reference("group", "id", who))
            if own is None:
                return [Crowd(Someone("", frozenset({who}), frozenset(inside)))]
            people, others = own, []
        alike: dict[frozenset[str], set[str]] = {}
        for person in people:
            within = frozenset(id_ for id_, some in known.items() if person in some)
            alike.setdefault(within, set()).add(person)
        return others + [
            Crowd(Someone("", within | {who}, unsure), ids) for within, ids in alike.items()
        ]

    def one(self, name: str) -> list[Crowd] | None:
        found = self.directory.people.get(name, NOT_READ)
        if isinstance(found, Person):
            return [Crowd(Someone(found.id, found.within), {found.id})]
        if found is None:
            return None
        self.unread.append(found)
        return [Crowd(Someone("", None))]

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
        """Who has not registered a method, and why that is not known of others, if so."""
        who = str(self.entry.who).casefold()
        person = self.directory.people.get(who)
        if not self.entry.person:
            people = self.directory.enabled.get(who, Members(unread=NOT_READ))
        elif isinstance(person, Person):
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
