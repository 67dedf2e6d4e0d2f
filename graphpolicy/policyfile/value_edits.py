"""Turns a live value into edits of a file, keeping what the file has already.

What still means the live value stays as it is written: an entry of a list, a group by its name or
alias, a flag. Only the tenant's own file is edited; it overrides what a base says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graphpolicy.catalogue import kinds
from graphpolicy.catalogue.kinds import Property
from graphpolicy.catalogue.values import identity, overlay, same
from graphpolicy.compare.comparison import Difference
from graphpolicy.model import Json, Written
from graphpolicy.model.errors import GraphPolicyError
from graphpolicy.policyfile.dump import line
from graphpolicy.policyfile.language import Language
from graphpolicy.policyfile.pointers import title
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.wording import shown
from graphpolicy.policyfile.yaml_text import REMOVED, Edit


class UnsayableError(GraphPolicyError):
    """A live value that the file can't express, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What the files declare about one resource, all in Graph's shape.

    `own` is the tenant's file alone, `below` its bases merged, `merged` all of them. Those that end
    in `written` have groups by name, the others by id.
    """

    own: Mapping[str, Json]
    below: Mapping[str, Json]
    merged: Mapping[str, Json]
    own_written: Mapping[str, Written]
    below_written: Mapping[str, Written]


def listed(
    pointer: Pointer, length: int, new: Iterable[Json], gone: Iterable[int]
) -> Iterator[Edit]:
    """Edits that append new entries to a list, then remove others, the last one first."""
    for number, value in enumerate(new):
        yield Edit((*pointer, length + number), value)
    for index in sorted(gone, reverse=True):
        yield Edit((*pointer, index), REMOVED)


@dataclass
class Rewrite:
    """Rewrites the settings of one resource; `at` is the pointer to its map in the file."""

    language: Language
    at: Pointer
    sides: Sides
    notes: list[str] = field(default_factory=list)

    def said(self, row: Property, live: Json, pointer: Pointer) -> Json:
        """A live value in the language's shape."""
        if live is None:
            match row.kind:
                case kinds.Targets() | kinds.Strings() | kinds.ProfileRefs() | kinds.Collection():
                    return []
                case kinds.Target(nobody=True):
                    return "none"
            reason = "the tenant has null there, which a file can't express"
            raise UnsayableError(reason, f"remove {title(pointer)} from the files, or hold it")
        before = len(self.language.left_out)
        found = self.language.members([row], {row.name: live}, pointer[:-1])
        if len(self.language.left_out) > before:
            left = self.language.left_out[before]
            fix = f"{left.fix}; or remove {title(pointer)} from the files"
            raise UnsayableError(f"{left.why} ({left.rule})", fix)
        if row.name not in found:
            reason = f"the tenant has {shown(live)}, which a file can't express"
            raise UnsayableError(reason, f"remove {title(pointer)} from the files, or hold it")
        return found[row.name]

    def by_hand(self, difference: Difference) -> str:
        """What a person can write for a difference that could not be updated."""
        pointer = (*self.at, *difference.path)
        try:
            value = self.said(difference.row, difference.before, pointer)
        except UnsayableError as error:
            return error.help
        return f"write it by hand: {line({difference.row.name: value})[1:-1]}"

    def whole(self, pointer: Pointer, value: Json) -> list[Edit]:
        self.notes.append(f"{title(pointer)} altered a base's list; it is a whole list now")
        return [Edit(pointer, value)]

    # Values that are in the file

    def value(
        self, row: Property, pointer: Pointer, written: Json, mine: Json, live: Json
    ) -> Iterator[Edit]:
        """Edits of a value that is `written` in the file and means `mine`."""
        match row.kind:
            case kinds.Targets() | kinds.Collection():
                yield from self.entries(row.kind, pointer, written, mine, live or ())
            case kinds.Flags() | kinds.Strings() | kinds.ProfileRefs():
                yield from self.items(row, pointer, written, mine, live)
            case _:
                yield Edit(pointer, self.said(row, live, pointer))

    def items(
        self, row: Property, pointer: Pointer, written: list[str], mine: Json, live: Json
    ) -> Iterator[Edit]:
        """A set of words: what is right stays in its place."""
        words = self.said(row, live, pointer)
        refers = isinstance(row.kind, kinds.ProfileRefs)
        keys = dict.fromkeys(_folded(live or () if refers else words))
        wanted = dict(zip(keys, words, strict=True))
        there = _folded(mine if refers else written)
        # A name may by now belong to another profile than the one that is meant.
        right = {
            index
            for index, key in enumerate(there)
            if key in wanted and (not refers or written[index] in (wanted[key], key))
        }
        kept = {there[index] for index in right}
        for index, key in enumerate(there):
            if key in wanted and key not in kept:
                kept.add(key)
                right.add(index)
                yield Edit((*pointer, index), wanted[key])
        new = [word for key, word in wanted.items() if key not in kept]
        gone = [index for index in range(len(there)) if index not in right]
        if refers:  # a name that no profile has is the old name of a renamed one
            was = [index for index in gone if there[index] not in self.language.known_profiles]
            replaced = list(zip(was, new, strict=False))
            yield from (Edit((*pointer, index), word) for index, word in replaced)
            gone = [index for index in gone if index not in dict(replaced)]
            new = new[len(replaced) :]
        yield from listed(pointer, len(there), new, gone)

    def entries(
        self,
        kind: kinds.Entries,
        pointer: Pointer,
        written: list[Json],
        mine: Sequence[Mapping[str, Json]],
        live: Iterable[Mapping[str, Json]],
    ) -> Iterator[Edit]:
        """A list of entries, paired with the live ones."""
        there = self.by_identity(kind, pointer, live)
        keys = [identity(kind, entry) for entry in mine]
        for index, key in enumerate(keys):
            if key in there:
                yield from self.members(
                    kind.members,
                    (*pointer, index),
                    written[index],
                    mine[index],
                    wanted=mine[index],
                    live=there[key],
                )
        new = [entry for key, entry in there.items() if key not in keys]
        gone = [index for index, key in enumerate(keys) if key not in there]
        yield from listed(pointer, len(keys), self.entries_said(kind, pointer, new), gone)

    def by_identity(
        self, kind: kinds.Entries, pointer: Pointer, live: Iterable[Mapping[str, Json]]
    ) -> dict[tuple[Json, ...], Mapping[str, Json]]:
        """The live entries by what pairs them with declared ones.

        Raises:
            UnsayableError: an entry is there twice, with different values.
        """
        found: dict[tuple[Json, ...], Mapping[str, Json]] = {}
        for entry in live:
            first = found.setdefault(identity(kind, entry), entry)
            if not same(kind, [first], [entry]):
                left = self.language.twice(kind, list(live), entry, pointer)
                raise UnsayableError(f"{left[1]} ({left[0]})", left[2])
        return found

    def entries_said(
        self, kind: kinds.Entries, pointer: Pointer, entries: list[Mapping[str, Json]]
    ) -> list[Json]:
        said: list[Json] = self.said(Property(str(pointer[-1]), kind, "", ""), entries, pointer)
        return said

    def members(
        self,
        rows: Iterable[Property],
        pointer: Pointer,
        written: Json,
        mine: Mapping[str, Json],
        *,
        wanted: Mapping[str, Json],
        live: Mapping[str, Json],
    ) -> Iterator[Edit]:
        """The members of an entry: `wanted` is what all files say about it, `mine` this one."""
        for row in rows:
            name, here = row.name, (*pointer, row.name)
            value = live.get(name)
            if name not in wanted or same(row.kind, value, overlay(row.kind, value, wanted[name])):
                continue
            there = isinstance(written, dict) and name in written
            if isinstance(row.kind, kinds.Object):
                inside = written[name] if there else {}
                own = mine.get(name) or {}
                yield from self.members(
                    row.kind.members, here, inside, own, wanted=wanted[name], live=value or {}
                )
            elif not there:
                yield Edit(here, self.said(row, value, here))
            elif value is None and mine is wanted:
                yield Edit(here, REMOVED)
            else:
                yield from self.value(row, here, written[name], mine[name], value)


def _folded(items: Iterable[Json]) -> list[str]:
    return [str(item).casefold() for item in items]
