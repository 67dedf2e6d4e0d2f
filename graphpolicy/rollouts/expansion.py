"""What replaces `{rollout: NAME}`: the targets of its open waves. Pure.

A rollout that has not begun stands for nobody. A list that has nothing else, and a setting that
takes one target, would then mean something that nobody wrote: so the object around it is left out,
its `state` included, and nothing is switched on for the people of the live targets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Object, Property, Target, Targets
from graphpolicy.model import Declared, Path, Place, Rolled, Rollout, RolloutName, Written
from graphpolicy.model.records import dataclass
from graphpolicy.rules.references import reference


@dataclass(frozen=True, slots=True)
class Waiting:
    """An object that is left out because a rollout has not begun; no path is the whole resource."""

    title: str
    path: Path
    rollout: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class Expanded:
    """What the files declare with people in place of rollouts.

    `used` are the rollouts that some setting has, known or not, as written; `rolled` are these
    settings.
    """

    resources: tuple[Declared, ...]
    waiting: tuple[Waiting, ...]
    used: tuple[RolloutName, ...]
    rolled: tuple[Rolled, ...]


def expanded(resources: Iterable[Declared], rollouts: Mapping[str, Rollout]) -> Expanded:
    """Put the targets of open waves in place of rollouts. One that is not defined has not begun."""
    found: list[Declared] = []
    waiting: list[Waiting] = []
    used: list[RolloutName] = []
    rolled: list[Rolled] = []
    for resource in resources:
        work = _Expansion(resource, rollouts)
        tree = work.members(RESOURCES[resource.resource].properties, resource.tree, ())
        if tree:
            found.append(replace(resource, tree=tree, entries={**resource.entries, **work.entries}))
        waiting += work.waiting
        used += work.used
        rolled += work.rolled
    return Expanded(tuple(found), tuple(waiting), tuple(used), tuple(dict.fromkeys(rolled)))


class _Expansion:
    """Goes through one resource; collects what is left out and which rollouts it has."""

    def __init__(self, resource: Declared, rollouts: Mapping[str, Rollout]) -> None:
        self.resource = resource
        self.rollouts = rollouts
        self.waiting: list[Waiting] = []
        self.used: list[RolloutName] = []
        self.rolled: list[Rolled] = []
        self.entries: dict[Path, tuple[Place | None, ...]] = {}

    def members(
        self, rows: Sequence[Property], tree: Mapping[str, Written], path: Path
    ) -> dict[str, Written]:
        """The members of an object; empty if it is left out."""
        result: dict[str, Written] = {}
        missing: RolloutName | None = None
        for row in rows:
            if row.name not in tree:
                continue
            value, here = tree[row.name], (*path, row.name)
            match row.kind:
                case Object(members=members):
                    inner = self.members(members, value, here)
                    if inner or not value:
                        result[row.name] = inner
                case Targets():
                    name, result[row.name] = self.listed(value, here)
                    missing = missing or name
                case Target() if isinstance(value["id"], RolloutName):
                    waves = self.open(value["id"], here, single=True)
                    missing = missing or (None if waves else value["id"])
                    result[row.name] = {**value, "id": waves[-1]} if waves else value
                case _:
                    result[row.name] = value
        if missing is None:
            return result
        self.waiting.append(Waiting(self.resource.title, path, missing.name, missing.place))
        return {}

    def listed(
        self, targets: Sequence[Mapping[str, Written]], path: Path
    ) -> tuple[RolloutName | None, list[Written]]:
        """A list with its waves, each target once; first a rollout if only such are there.

        A target that the file names by itself counts before the same one of a wave.
        """
        places = self.resource.entries.get(path) or (None,) * len(targets)
        seen = {reference(each) for each in targets if not isinstance(each["id"], RolloutName)}
        kept: list[tuple[Written, Place | None]] = []
        named: list[RolloutName] = []
        for target, place in zip(targets, places, strict=True):
            if not isinstance(target["id"], RolloutName):
                kept.append((target, place))
                continue
            named.append(target["id"])
            for who in self.open(target["id"], path, single=False):
                one = {**target, "id": who}
                if reference(one) not in seen:
                    seen.add(reference(one))
                    kept.append((one, place))
        self.entries[path] = tuple(place for _, place in kept)
        return (named[0] if named and not kept else None), [target for target, _ in kept]

    def open(self, name: RolloutName, path: Path, *, single: bool) -> Sequence[Written]:
        """The targets of the open waves of a rollout, in order."""
        self.used.append(name)
        self.rolled.append(Rolled(self.resource.title, path, name.name, single))
        rollout = self.rollouts.get(name.name)
        return [wave.target for wave in rollout.waves[: rollout.opened]] if rollout else []
