"""Layers, and how they merge: maps merge, values and lists replace, target lists may be altered.

A layer is what one file says. Merging works on declarations in Graph's shape, with short forms
expanded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from graphpolicy import model
from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Collection, Object, Property
from graphpolicy.model import EVERYONE, Finding, Json, Path, Place, Written
from graphpolicy.model.did_you_mean import question
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.strict_yaml import Document
from graphpolicy.policyfile.wording import shown

Entry: TypeAlias = tuple[Written, Place | None]


@dataclass(frozen=True, slots=True)
class Merged:
    """What several layers declare together, and the alterations that had nothing to alter."""

    resources: tuple[model.Declared, ...]
    findings: tuple[Finding, ...]


def merge(layers: Iterable[Iterable[model.DeclaredSource]]) -> Merged:
    """Merge layers; each overrides those before it."""
    merged: dict[tuple[str, str | None], model.Declared] = {}
    findings: list[Finding] = []
    for layer in layers:
        for above in layer:
            key = (above.resource, above.name)
            below = merged.get(key, model.Declared(above.resource, {}, {}, above.name))
            rows = RESOURCES[above.resource].properties
            entries = {**below.entries, **above.entries}
            overlay = _Overlay(below, above, findings, entries)
            tree = overlay.members(rows, below.tree, above.tree, ())
            places = {**below.places, **above.places}
            merged[key] = replace(below, tree=tree, places=places, entries=entries)
    return Merged(tuple(merged.values()), tuple(findings))


@dataclass
class _Overlay:
    """Merges one layer into the result of those below it."""

    below: model.Declared
    above: model.DeclaredSource
    findings: list[Finding]
    entries: dict[Path, tuple[Place | None, ...]]
    """Where the entries of each list are written."""

    def members(
        self,
        rows: Iterable[Property],
        below: Mapping[str, Written],
        above: Mapping[str, Written],
        path: Path,
    ) -> dict[str, Written]:
        result: dict[str, Written] = {}
        for row in rows:
            name, here = row.name, (*path, row.name)
            if name not in above:
                if name in below:
                    result[name] = below[name]
            elif isinstance(above[name], model.Altered):
                result[name] = self.altered(below.get(name), above[name], here)
            elif isinstance(row.kind, Object):
                inner = row.kind.members
                result[name] = self.members(inner, below.get(name, {}), above[name], here)
            elif isinstance(row.kind, Collection) and row.kind.key:
                result[name] = self.keyed(row.kind, below.get(name, []), above[name], here)
            else:
                result[name] = above[name]
        return result

    def keyed(
        self, kind: Collection, below: list[Written], above: list[Written], path: Path
    ) -> list[Written]:
        """A map by name: entries with the same name merge."""
        entries = {
            entry[kind.key]: (entry, place) for entry, place in _placed(self.below, path, below)
        }
        for entry, place in _placed(self.above, path, above):
            name = entry[kind.key]
            was, _ = entries.get(name, ({}, None))
            entries[name] = self.members(kind.members, was, entry, ()), place
        return self.listed(path, entries.values())

    def altered(self, below: Written, change: model.Altered, path: Path) -> list[Written]:
        """A base's list of targets, with `remove` and `add` applied."""
        name = f"{self.above.title}.{'.'.join(path)}"
        if below is None:
            message = f"{name} adds or removes targets, but no base has a list there"
            fix = "write the whole list, or extend the file that has one"
            self.find("nothing-to-alter", message, fix, path, self.above.place(path))
            return change.add
        kept = _placed(self.below, path, below)
        for target, place in zip(change.remove, change.places, strict=True):
            left = [one for one in kept if not same_group(one[0], target)]
            if len(left) == len(kept):
                message = f"{name} has no {_who(target)} to remove"
                named = [_name(entry) for entry in below if _name(entry)]
                listed = ", ".join(map(_who, below)) or "no targets"
                fix = question(_name(target), named) or f"it has {listed}"
                self.find("nothing-to-remove", message, fix, path, place)
            kept = left
        # A target that the base has, too, is replaced in its place: it may have other properties,
        # and Graph keeps only one entry for a target.
        for added in _placed(self.above, path, change.add):
            same = (n for n, (entry, _) in enumerate(kept) if same_group(entry, added[0]))
            index = next(same, len(kept))
            kept[index : index + 1] = [added]
        return self.listed(path, kept)

    def listed(self, path: Path, entries: Iterable[Entry]) -> list[Written]:
        """The entries of a list; their places are recorded."""
        entries = list(entries)
        self.entries[path] = tuple(place for _, place in entries)
        return [entry for entry, _ in entries]

    def find(self, rule: str, message: str, fix: str, path: Path, place: Place | None) -> None:
        where = ".".join(path)
        self.findings.append(Finding(rule, "error", message, fix, self.above.title, where, place))


def _placed(declared: model.DeclaredSource, path: Path, entries: list[Written]) -> list[Entry]:
    """Entries with their places."""
    return list(zip(entries, declared.entries.get(path, ()), strict=True))


def same_group(left: Mapping[str, Written], right: Mapping[str, Written]) -> bool:
    """Whether two targets mean the same group: equal ids, or equal names if an id is unknown."""
    rolled = [isinstance(target["id"], model.RolloutName) for target in (left, right)]
    if left["targetType"] != right["targetType"] or rolled[0] != rolled[1]:
        return False
    ids = [_id(target["id"]) for target in (left, right)]
    names = [getattr(target["id"], "name", None) for target in (left, right)]
    if None not in ids:
        return ids[0] == ids[1]
    return names[0] is not None and names[0] == names[1]


def _name(target: Mapping[str, Written]) -> str:
    return getattr(target["id"], "name", "")


def _id(value: Written) -> str | None:
    if isinstance(value, model.RolloutName):
        return None
    id_ = value.id if isinstance(value, model.Named) else value
    return id_.casefold() if id_ else None


def _who(target: Mapping[str, Written]) -> str:
    id_ = target["id"]
    if id_ == EVERYONE:
        return EVERYONE
    if isinstance(id_, model.Named | model.RolloutName):
        kind = "group" if isinstance(id_, model.Named) else "rollout"
        return f"{kind} {shown(id_.name)}"
    return f"{target['targetType']} {id_}"


def last(layers: Iterable[Layer], key: str, otherwise: Json) -> Json:
    """The value of a top-level key: of the last file that has it."""
    return next((each.data[key] for each in reversed([*layers]) if key in each.data), otherwise)


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says.

    `data` is the sound part of the document.
    """

    document: Document
    data: Mapping[str, Json]
    resources: tuple[model.DeclaredSource, ...]
    findings: tuple[Finding, ...]

    @property
    def file(self) -> str:
        return self.document.file

    @property
    def sound(self) -> bool:
        return not any(found.level == "error" for found in self.findings)

    @property
    def deployable(self) -> bool:
        """Whether the file is for a tenant. Without a tenant it is a base to extend."""
        return isinstance(self.document.data, dict) and "tenant" in self.document.data

    @property
    def lost_bases(self) -> bool:
        """Whether some entry of `extends` is wrong, so that bases are missing."""
        data = self.document.data
        return isinstance(data, dict) and data.get("extends", []) != self.data.get("extends", [])

    @property
    def is_policy(self) -> bool:
        """Whether the file is meant as a policy. Any other file must not be quoted."""
        return isinstance(self.document.data, dict) and "version" in self.document.data
