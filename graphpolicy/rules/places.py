"""The place in a file that a finding is about: a setting, or one entry of a list."""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Collection, Kind
from graphpolicy.catalogue.values import identity
from graphpolicy.model import Declared, Finding, Json, Place
from graphpolicy.model.tree import member
from graphpolicy.rules.references import reference


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


def _identity(kind: Kind, entry: Mapping[str, Json]) -> object:
    """What identifies an entry in its list, by id or by name."""
    if not isinstance(kind, Collection):
        return reference(entry)
    return entry.get(kind.key) if kind.key else identity(kind, entry)
