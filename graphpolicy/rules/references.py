"""Whom a target refers to, by name or by id, and when two of them are surely the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from graphpolicy.catalogue.values import target_type
from graphpolicy.model import EVERYONE, NOBODY, Alias, Altered, Json, Named, Path
from graphpolicy.model.records import dataclass

LISTS = ("includeTargets", "excludeTargets")
SINGLES = ("includeTarget", "excludeTarget")


@dataclass(frozen=True, slots=True)
class Reference:
    """Whom a target refers to. Names, ids and aliases can't be compared with each other."""

    type: str
    by: str
    value: str

    @property
    def target(self) -> Json:
        """A target that refers to the same, as far as `reference` looks."""
        ways = {"alias": Alias, "name": Named, "id": str}
        return {"targetType": self.type, "id": ways[self.by](self.value)}

    def label(self, names: Mapping[str, str]) -> str:
        """In words: everyone, or its name and id as far as they are known; names by folded id."""
        if self == ALL:
            return "everyone"
        named = self.value if self.by == "id" else repr(self.value)
        if self.by == "id" and (name := names.get(self.value)):
            # A name that stands for an id that is not known is said once.
            named = name if name.casefold() == self.value else f"{name} ({self.value})"
        return named if self.type == "group" else f"{self.type} {named}"


ALL = Reference("group", "id", EVERYONE)


def reference(target: Mapping[str, Json]) -> Reference:
    """Whom one target refers to; ids without regard to case, names letter by letter."""
    type_, id_ = target_type(target), target.get("id")
    if isinstance(id_, Alias):
        return Reference(type_, "alias", id_.name)
    if isinstance(id_, Named) and id_.id is None:
        return Reference(type_, "name", id_.name)
    return Reference(type_, "id", str(id_.id if isinstance(id_, Named) else id_).casefold())


def single(who: Collection[Reference]) -> Json:
    """The one target among some, None if there are several or none."""
    return next(iter(who)).target if len(who) == 1 else None


def listed(targets: Json) -> list[Json]:
    """The entries of a list of targets, of one target, or of none.

    What only alters a list that is written elsewhere says nothing by itself.
    """
    if isinstance(targets, list):
        return targets
    return [] if targets is None or isinstance(targets, Altered) else [targets]


def references(targets: Json) -> list[Reference]:
    """Whom a list of targets, one target or none refers to, in order."""
    return [found for found in map(reference, listed(targets)) if found.value != NOBODY]


def audiences(values: Json, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Json]]]:
    """Every object among a resource's values that includes or excludes, with its path."""
    if not isinstance(values, Mapping):
        return
    if any(name in values for name in (*LISTS, *SINGLES)):
        yield path, values
    for name, value in values.items():
        if name not in (*LISTS, *SINGLES):
            yield from audiences(value, (*path, name))
