"""The edits of what a file alters in its base's list of targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphpolicy.catalogue.kinds import Targets
from graphpolicy.catalogue.values import identity, overlay, same
from graphpolicy.compare.diff import Difference
from graphpolicy.model import EVERYONE, Altered, Json, Named
from graphpolicy.policyfile.dump import OneLine
from graphpolicy.policyfile.merge import same_group
from graphpolicy.policyfile.sides import listed, under
from graphpolicy.policyfile.yaml_patch import REMOVED, Edit

if TYPE_CHECKING:
    from graphpolicy.policyfile.yaml_update import Rewrite


def altered(
    rewrite: Rewrite, difference: Difference, mine: Altered, written: Mapping[str, Json]
) -> list[Edit]:
    """What is to be added to a base's list and removed from it; nothing if that is nothing."""
    kind, path, sides = difference.row.kind, difference.path, rewrite.sides
    assert isinstance(kind, Targets)  # noqa: S101 - no other list is altered
    pointer = (*rewrite.at, *path)
    below, below_written = under(sides.below, path), under(sides.below_written, path)
    there = rewrite.by_identity(kind, pointer, difference.before or ())
    added = [identity(kind, entry) for entry in mine.add]
    kept = {key for key in added if key in there}
    edits = [
        edit
        for index, key in enumerate(added)
        if key in there
        for edit in rewrite.members(
            kind.members,
            (*pointer, "add", index),
            written["add"][index],
            mine.add[index],
            wanted=mine.add[index],
            live=there[key],
        )
    ]
    again: list[int] = []
    away: set[int] = set()
    for index, entry in enumerate(under(rewrite.sides.own_written, path).remove):
        hit = {n for n, other in enumerate(below_written) if same_group(other, entry)}
        if {identity(kind, below[n]) for n in hit} & (there.keys() - kept):
            again.append(index)
        else:
            away |= hit
    left = {identity(kind, entry): n for n, entry in enumerate(below) if n not in away}
    new = [
        entry
        for key, entry in there.items()
        if key not in kept
        and (key not in left or not same(kind, [entry], overlay(kind, [entry], [below[left[key]]])))
    ]
    remove = [_reference(below_written[n]) for key, n in left.items() if key not in there]
    stale = [index for index, key in enumerate(added) if key not in there]
    parts = (
        ("add", mine.add, rewrite.entries_said(kind, pointer, new), stale),
        ("remove", mine.remove, remove, again),
    )
    if not any(len(now) + len(more) - len(less) for _, now, more, less in parts):
        return []
    for name, now, more, less in parts:
        if now and len(now) + len(more) == len(less):
            edits.append(Edit((*pointer, name), REMOVED))
        elif more and not now:
            edits.append(Edit((*pointer, name), more))
        else:
            edits += listed((*pointer, name), len(now), more, less)
    return edits


def _reference(entry: Mapping[str, Json]) -> Json:
    """A base's target as another file may speak of it."""
    id_, type_ = entry["id"], entry["targetType"]
    if isinstance(id_, Named):
        return OneLine({"group": id_.name, **({"id": id_.id} if id_.id else {})})
    if id_ == EVERYONE:
        return EVERYONE
    if type_ in ("role", "administrativeUnit"):
        return OneLine({type_: id_})
    return OneLine({"id": id_} if type_ == "group" else {"id": id_, "targetType": type_})
