"""What an expectation demands of one method, and whose membership decides about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet

from graphpolicy.model import EVERYONE, Json
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import Allowed, Someone, may_use_some
from graphpolicy.people.keys import given_profiles
from graphpolicy.people.reach import reach
from graphpolicy.rules.references import Reference


@dataclass(frozen=True, slots=True)
class Demand:
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
        """The targets whose members decide about the people of a group; nobody is in gone ones."""
        if self.values is None or not (found := reach(self.values)).on:
            return frozenset()
        every = found.exclude | found.include
        if found.everyone or any(each.value == who for each in found.include):
            every = found.exclude | {each for each, _ in given_profiles(self.values)}
        return frozenset(each for each in every if each.value not in {who, EVERYONE, *gone})

    def alone(self, who: str, gone: AbstractSet[str]) -> Allowed:
        """What the policy alone says of the people of a group; `yes` is None if they decide.

        Of all users it speaks of those who are in none of the groups, where these break it.
        """
        if who == EVERYONE:
            others = self.allows(Someone("", frozenset({who})))
            if others.yes is not self.wanted:
                return others
        unsure = frozenset(each.value for each in self.groups(who, gone))
        return self.allows(Someone("", frozenset({who}), unsure))
