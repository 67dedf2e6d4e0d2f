"""The content of a file, with the place of everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from graphpolicy.model import Finding, Json, Place
from graphpolicy.model.records import dataclass

Pointer: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a file; `data` is None if nothing usable could be read.

    `places` holds where each value starts, and `keys` where each key of a map is.
    """

    file: str
    data: Json
    places: Mapping[Pointer, Place]
    keys: Mapping[Pointer, Place]
    findings: tuple[Finding, ...]

    def place(self, pointer: Pointer) -> Place:
        """Where the value at `pointer` starts, or else the nearest value around it."""
        for end in range(len(pointer), -1, -1):
            found = self.places.get(pointer[:end]) or self.keys.get(pointer[:end])
            if found:
                return found
        return Place(self.file, 1, 1)

    def key_place(self, pointer: Pointer) -> Place:
        """Where the key at `pointer` is, or else what `place` answers."""
        return self.keys.get(pointer) or self.place(pointer)
