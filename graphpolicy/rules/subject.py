"""What a rule or a guard judges: one resource, how a finding about it is made, and its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Collection, Kind
from graphpolicy.catalogue.values import identity
from graphpolicy.model import Cloud, Declared, Finding, Level, Place, Written
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member
from graphpolicy.rules.references import reference
from graphpolicy.rules.table import RULES


@dataclass(frozen=True, slots=True)
class JudgedResource:
    """One resource: `kind` is its id in the catalogue, `id` its id in Graph, `title` its name."""

    kind: str
    id: str
    title: str

    @property
    def is_method(self) -> bool:
        """Whether it is a method of the policy, not the policy or a resource beside it."""
        return RESOURCES[self.kind].is_method

    def finding(
        self,
        rule: str,
        message: str,
        fix: str,
        path: str,
        level: Level | None = None,
        *,
        entry: Written = None,
        people: int | None = None,
    ) -> Finding:
        """A finding about one setting, or one entry of it. `level` is by default the rule's own.

        `path` is dotted. `people` is how many it affects, if the rule counts them.
        """
        chosen = level or RULES[rule].level
        assert chosen != "off"  # noqa: S101 - a rule that is off is given its level or not asked
        return Finding(rule, chosen, message, fix, self.id, path, people=people, entry=entry)


@dataclass(frozen=True, slots=True)
class Subject(JudgedResource):
    """One resource to be judged, in Graph's shape.

    `tree` is what the file declares. `values` are what is or would be in force: offline the same
    tree, in a plan together with live values. Both may have names (`Named`, `ProfileName`) for ids.
    `facts` are Microsoft's limits and defaults for the tenant's `cloud`.
    """

    tree: Mapping[str, Written]
    values: Mapping[str, Written]
    facts: Facts = field(default_factory=Facts.shipped)
    cloud: Cloud = "global"
    names: Mapping[str, str] = field(default_factory=dict)
    """The known names of groups by folded id."""

    @classmethod
    def declared(
        cls, declared: Declared, facts: Facts | None = None, cloud: Cloud = "global"
    ) -> Subject:
        """A resource as a file declares it, by itself. `facts` are by default the shipped ones."""
        kind, title, tree = declared.resource, declared.title, declared.tree
        return cls(kind, title, title, tree, tree, facts or Facts.shipped(), cloud)


def place_of(declared: Declared, found: Finding) -> Place | None:
    """The place of a finding about a resource. If a list has the entry twice, the last one."""
    path = tuple(found.path.split("."))
    places, listed = declared.entries.get(path), member(declared.tree, *path)
    if found.entry is not None and places and isinstance(listed, list):
        kind = RESOURCES[declared.resource].at(path).kind
        keys = [_identity(kind, entry) for entry in listed]
        wanted = _identity(kind, found.entry)
        if wanted in keys:
            return places[len(keys) - 1 - keys[::-1].index(wanted)]
    return declared.place(path)


def _identity(kind: Kind, entry: Mapping[str, Written]) -> object:
    """What identifies an entry in its list, by id or by name."""
    if not isinstance(kind, Collection):
        return reference(entry)
    return entry.get(kind.key) if kind.key else identity(kind, entry)
