"""What the files say of a setting, each for itself, and how its lists are changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphpolicy.model import Json
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.yaml_patch import REMOVED, Edit


class UnsayableError(Exception):
    """A live value that the file can't say, and what to do about it."""

    def __init__(self, reason: str, help_: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.help = help_


@dataclass(frozen=True, slots=True)
class Sides:
    """What the files declare of one resource, all in Graph's shape.

    `own` is the tenant's file alone, `below` its bases merged, `merged` all of them; those that end
    in `written` still have the names of groups, the others ids.
    """

    own: Mapping[str, Json]
    below: Mapping[str, Json]
    merged: Mapping[str, Json]
    own_written: Mapping[str, Json]
    below_written: Mapping[str, Json]


def listed(
    pointer: Pointer, length: int, new: Iterable[Json], gone: Iterable[int]
) -> Iterator[Edit]:
    """New entries at the end of a list, then those taken out that are to go, last first."""
    for number, value in enumerate(new):
        yield Edit((*pointer, length + number), value)
    for index in sorted(gone, reverse=True):
        yield Edit((*pointer, index), REMOVED)


def under(tree: Json, path: Sequence[str | int]) -> Json:
    for step in path:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree
