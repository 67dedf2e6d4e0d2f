"""The people that a method, or a setting with targets, applies to; an exclusion wins."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from graphpolicy.model import Json, Use
from graphpolicy.model.tree import member, word
from graphpolicy.rules.references import ALL, LISTS, Reference, references


class Reach(NamedTuple):
    """An effective audience."""

    on: bool
    include: frozenset[Reference]
    exclude: frozenset[Reference]

    @property
    def everyone(self) -> bool:
        """Whether all users are included, apart from the exclusions."""
        return self.on and ALL in self.include

    @property
    def anybody(self) -> bool:
        return self.on and not self.include <= self.exclude

    @property
    def by_groups(self) -> bool:
        """Whether the groups of a person decide."""
        return self.on and (ALL not in self.include or bool(self.exclude))

    def use(self, who: Reference) -> Use:
        """Whether a group is excluded, included, covered by everyone, or none of these."""
        if not self.on:
            return "no"
        if who in self.exclude:
            return "excluded"
        if who in self.include:
            return "yes"
        return "everyone" if self.everyone else "no"


def reach(values: Json, names: tuple[str, str] = LISTS) -> Reach:
    """Who an object with targets applies to: everyone if Graph does not show its targets."""
    include, exclude = names
    shown = isinstance(values, Mapping) and values.get(include) is not None
    return Reach(
        word(member(values, "state")) != "disabled",
        frozenset(references(values[include])) if shown else frozenset({ALL}),
        frozenset(references(member(values, exclude))),
    )


def joined(found: Reach, nested: Mapping[str, Collection[str]]) -> Reach:
    """A reach with the groups whose members are all in an included one.

    `nested` are groups by folded id, each with the groups that contain all of its people.
    """
    inner = {
        Reference("group", "id", id_)
        for id_, outer in nested.items()
        if any(Reference("group", "id", each) in found.include for each in outer)
    }
    return found._replace(include=found.include | inner)
