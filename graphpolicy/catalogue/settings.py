"""The catalogue as one flat list: every setting with its whole path and its parents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Api, Entries, Enum, Property, Resource
from graphpolicy.model import Path
from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the catalogue in its place: `rows` are its parents, top-level first, and itself."""

    resource: Resource
    rows: tuple[Property, ...]

    @property
    def row(self) -> Property:
        return self.rows[-1]

    @property
    def path(self) -> Path:
        """Graph's names from the top-level property down; entries of a list add none."""
        return tuple(row.name for row in self.rows)

    @property
    def dotted(self) -> str:
        return ".".join(self.path)

    @property
    def name(self) -> str:
        """The resource's id and the dotted path: unique in the catalogue."""
        return f"{self.resource.id}.{self.dotted}"

    @property
    def label(self) -> str:
        """The portal's wording: of its parent, then of the setting."""
        return ": ".join(row.label for row in self.rows[-2:])

    @property
    def link(self) -> str:
        """Microsoft's page about it, or about its nearest parent that has one."""
        own = [row.link for row in self.rows if row.link]
        return own[-1] if own else self.resource.link

    @property
    def api(self) -> Api:
        """The versions that declare it and all its parents."""
        named = [
            api for api in (self.resource.api, *(row.api for row in self.rows)) if api != "both"
        ]
        return named[-1] if named else "both"

    @property
    def in_entry(self) -> bool:
        """Whether it is a member of the entries of a list, not one value of the policy."""
        return any(isinstance(row.kind, Entries) for row in self.rows[:-1])

    @property
    def can_be_managed(self) -> bool:
        """Whether it takes `default`: Microsoft managed."""
        return isinstance(self.row.kind, Enum) and "default" in self.row.kind.members


def settings(resources: Iterable[Resource] = RESOURCES.values()) -> Iterator[Setting]:
    """Every setting, in the catalogue's order, each before its members."""
    for resource in resources:
        yield from _below(resource, resource.properties, ())


def _below(
    resource: Resource, rows: Iterable[Property], above: tuple[Property, ...]
) -> Iterator[Setting]:
    for row in rows:
        yield Setting(resource, (*above, row))
        yield from _below(resource, row.below, (*above, row))
