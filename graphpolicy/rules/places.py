"""Where a file says what a finding is about: the setting, or the one entry of its list."""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Collection, Kind
from graphpolicy.catalogue.values import identity
from graphpolicy.model import Declared, Finding, Json, Place
from graphpolicy.model.tree import member
from graphpolicy.rules.references import reference


def place_of(declared: Declared, found: Finding) -> Place | None:
    """The place of a finding about a resource; of an entry that stands there twice the last."""
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
    """What tells an entry from the others in its list, ids or names."""
    if not isinstance(kind, Collection):
        return reference(entry)
    return entry.get(kind.key) if kind.key else identity(kind, entry)
