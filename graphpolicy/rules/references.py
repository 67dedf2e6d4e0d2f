"""Who a target refers to, by name or by id, and whether two targets are certainly the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from graphpolicy.catalogue.values import target_type
from graphpolicy.model import EVERYONE, NOBODY, Alias, Altered, Named, Path, RolloutName, Written

LISTS = ("includeTargets", "excludeTargets")
SINGLES = ("includeTarget", "excludeTarget")


class Reference(NamedTuple):
    """Who a target refers to. A name, an id, an alias and a rollout can't be compared."""

    type: str
    by: str
    value: str

    @property
    def target(self) -> Written:
        """A target that refers to the same, as far as `reference` looks."""
        ways = {"alias": Alias, "rollout": RolloutName, "name": Named, "id": str}
        return {"targetType": self.type, "id": ways[self.by](self.value)}

    def label(self, names: Mapping[str, str]) -> str:
        """In words: everyone, or its name and id if known. `names` are by folded id."""
        if self == ALL:
            return "everyone"
        named = self.value if self.by == "id" else repr(self.value)
        if self.by == "id" and (name := names.get(self.value)):
            # Without a known name the id stands for it: write it once.
            named = name if name.casefold() == self.value else f"{name} ({self.value})"
        return named if self.type == "group" else f"{self.type} {named}"


ALL = Reference("group", "id", EVERYONE)


def reference(target: Mapping[str, Written]) -> Reference:
    """Who one target refers to. Ids ignore case, names do not."""
    type_, id_ = target_type(target), target.get("id")
    if isinstance(id_, Alias):
        return Reference(type_, "alias", id_.name)
    if isinstance(id_, RolloutName):
        return Reference(type_, "rollout", id_.name)
    if isinstance(id_, Named) and id_.id is None:
        return Reference(type_, "name", id_.name)
    return Reference(type_, "id", str(id_.id if isinstance(id_, Named) else id_).casefold())


def single(who: Collection[Reference]) -> Written:
    """The only target; None if there are several or none."""
    return next(iter(who)).target if len(who) == 1 else None


def listed(targets: Written) -> list[Written]:
    """The entries of a list of targets, or a single target as a list; empty for None.

    `Altered`, which adds to a list that is written elsewhere and removes from it, has no entries.
    """
    if isinstance(targets, list):
        return targets
    return [] if targets is None or isinstance(targets, Altered) else [targets]


def references(targets: Written) -> list[Reference]:
    """Who a list of targets, a single target or None refers to, in order."""
    return [found for found in map(reference, listed(targets)) if found.value != NOBODY]


def audiences(values: Written, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Written]]]:
    """Every object of a resource that has targets, with its path."""
    if not isinstance(values, Mapping):
        return
    if any(name in values for name in (*LISTS, *SINGLES)):
        yield path, values
    for name, value in values.items():
        if name not in (*LISTS, *SINGLES):
            yield from audiences(value, (*path, name))
