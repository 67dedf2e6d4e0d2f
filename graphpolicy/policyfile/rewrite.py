"""The edits that make a setting of a file say what is live, as few as there can be.

What still means the live value stays as it is written: an entry of a list, a group by its name or
alias, a flag. Only the tenant's own file is spoken of; what a base says is overridden in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graphpolicy.catalogue.kinds import (
    Collection,
    Flags,
    Object,
    ProfileRefs,
    Property,
    Strings,
    Target,
    Targets,
)
from graphpolicy.catalogue.values import identity, overlay, same
from graphpolicy.diff import Difference
from graphpolicy.model import EVERYONE, Altered, Json, Named, Path
from graphpolicy.policyfile.dump import OneLine
from graphpolicy.policyfile.language import Language
from graphpolicy.policyfile.merge import same_group
from graphpolicy.policyfile.pointers import row_at, title
from graphpolicy.policyfile.splice import REMOVED, Edit, Renamed
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.wording import shown


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


@dataclass
class Rewrite:
    """Rewrites the settings of one resource, whose map stands at a pointer into a file's `data`."""

    language: Language
    at: Pointer
    sides: Sides
    notes: list[str] = field(default_factory=list)

    def edits(self, difference: Difference, data: Json) -> list[Edit]:
        """What brings one setting in line.

        Raises:
            UnsayableError: nothing that a file can say would.
        """
        row, path, live = difference.row, difference.path, difference.before
        pointer = (*self.at, *path)
        if isinstance(row.kind, Collection) and row.kind.key:
            return list(self.named(row.kind, path, live, _at(data, pointer) or {}))
        value = self.said(row, live, pointer)
        for end in range(len(pointer)):
            around = _at(data, pointer[:end])
            if isinstance(around, str):  # a bare word, which stands for one member
                return [_beside(pointer[:end], around, pointer[end], value)]
            if not isinstance(around, dict) or pointer[end] not in around:
                return [Edit(pointer, value)]
        mine, written = _at(self.sides.own, path), _at(data, pointer)
        if isinstance(mine, Altered) and isinstance(row.kind, Targets):
            return self.altered(row.kind, path, mine, live, written) or self.whole(pointer, value)
        return list(self.value(row, pointer, written, mine, live))

    def said(self, row: Property, live: Json, pointer: Pointer) -> Json:
        """A live value in the language's shape."""
        if live is None:
            match row.kind:
                case Targets() | Strings() | ProfileRefs() | Collection():
                    return []
                case Target(nobody=True):
                    return "none"
            reason = "the tenant has nothing there (null), and a file can't say that"
            raise UnsayableError(reason, f"take {title(pointer)} out of the files, or hold it")
        before = len(self.language.left_out)
        found = self.language.members([row], {row.name: live}, pointer[:-1])
        if row.name not in found or len(self.language.left_out) > before:
            reason = f"the tenant has {shown(live)}, which this release's language can't say"
            fix = f"take {title(pointer)} out of the files, or install a newer graphpolicy"
            raise UnsayableError(reason, fix)
        return found[row.name]

    def whole(self, pointer: Pointer, value: Json) -> list[Edit]:
        self.notes.append(f"{title(pointer)} altered the list of a base; it is a whole list now")
        return [Edit(pointer, value)]

    # Values that the file has

    def value(
        self, row: Property, pointer: Pointer, written: Json, mine: Json, live: Json
    ) -> Iterator[Edit]:
        """Edits of a value that is `written` in the file and means `mine`."""
        match row.kind:
            case Targets() | Collection():
                yield from self.entries(row.kind, pointer, written, mine, live or ())
            case Flags() | Strings() | ProfileRefs():
                yield from self.items(row, pointer, written, mine, live)
            case _:
                yield Edit(pointer, self.said(row, live, pointer))

    def items(
        self, row: Property, pointer: Pointer, written: list[str], mine: Json, live: Json
    ) -> Iterator[Edit]:
        """A set of words: what is right stays, and stays in its place."""
        words = self.said(row, live, pointer)
        flags = isinstance(row.kind, Flags)
        wanted = dict(zip(_folded(words if flags else live or ()), words, strict=True))
        there = _folded(written if flags else mine)
        yield from _listed(
            pointer,
            len(there),
            [word for key, word in wanted.items() if key not in there],
            [index for index, key in enumerate(there) if key not in wanted],
        )

    def entries(
        self,
        kind: Targets | Collection,
        pointer: Pointer,
        written: list[Json],
        mine: Sequence[Mapping[str, Json]],
        live: Iterable[Mapping[str, Json]],
    ) -> Iterator[Edit]:
        """A list of entries, paired with the live ones."""
        there = {identity(kind, entry): entry for entry in live}
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
        yield from _listed(pointer, len(keys), self.entries_said(kind, pointer, new), gone)

    def entries_said(
        self, kind: Targets | Collection, pointer: Pointer, entries: list[Mapping[str, Json]]
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
        """The members of an entry: `wanted` is what all files say of it, `mine` this one."""
        for row in rows:
            name, here = row.name, (*pointer, row.name)
            value = live.get(name)
            if name not in wanted or same(row.kind, value, overlay(row.kind, value, wanted[name])):
                continue
            there = isinstance(written, dict) and name in written
            if isinstance(row.kind, Object):
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

    # Maps by name, and what alters a base's list

    def named(
        self, kind: Collection, path: Path, live: Json, written: Mapping[str, Json]
    ) -> Iterator[Edit]:
        """Entries by name: those that the tenant has not go, those that it has are mended."""
        there = {identity(kind, entry): entry for entry in live or ()}
        rows = [row for row in kind.members if row.name not in (kind.key, *kind.identity)]
        mine = {entry[kind.key]: entry for entry in _at(self.sides.own, path) or ()}
        below = {entry[kind.key] for entry in _at(self.sides.below, path) or ()}
        gone: list[Edit] = []
        for wanted in _at(self.sides.merged, path):
            name = wanted[kind.key]
            entry = there.get(identity(kind, wanted))
            here = (*self.at, *path, name)
            if entry is None or entry[kind.key] != name:
                self.only_own(name, name in below, entry and entry[kind.key])
                if entry is None:
                    gone.append(Edit(here, REMOVED))
                    continue
                yield Edit(here, Renamed(entry[kind.key]))
                here = (*self.at, *path, entry[kind.key])
            yield from self.members(
                rows, here, written.get(name, {}), mine.get(name, {}), wanted=wanted, live=entry
            )
        yield from gone

    def only_own(self, name: str, in_base: bool, now: Json) -> None:
        """Let an entry be renamed or taken out only where that is possible."""
        if now is None and not in_base:
            return
        if in_base or now not in self.language.profiles.values():
            whose = "a base" if in_base else "the file"
            is_ = "is not" if now is None else f"is called {shown(now)}"
            reason = f"what {whose} calls {shown(name)} {is_} in the tenant"
            raise UnsayableError(
                reason, "change it there by hand" + ", or split the base" * in_base
            )

    def altered(
        self, kind: Targets, path: Path, mine: Altered, live: Json, written: Mapping[str, Json]
    ) -> list[Edit]:
        """What is to be added to a base's list and removed from it; nothing if that is nothing."""
        pointer = (*self.at, *path)
        below, below_written = _at(self.sides.below, path), _at(self.sides.below_written, path)
        there = {identity(kind, entry): entry for entry in live or ()}
        added = [identity(kind, entry) for entry in mine.add]
        kept = {key for key in added if key in there}
        edits = [
            edit
            for index, key in enumerate(added)
            if key in there
            for edit in self.members(
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
        for index, entry in enumerate(_at(self.sides.own_written, path).remove):
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
            and (
                key not in left
                or not same(kind, [entry], overlay(kind, [entry], [below[left[key]]]))
            )
        ]
        remove = [_reference(below_written[n]) for key, n in left.items() if key not in there]
        stale = [index for index, key in enumerate(added) if key not in there]
        parts = (
            ("add", mine.add, self.entries_said(kind, pointer, new), stale),
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
                edits += _listed((*pointer, name), len(now), more, less)
        return edits


def _listed(
    pointer: Pointer, length: int, new: Iterable[Json], gone: Iterable[int]
) -> Iterator[Edit]:
    """New entries at the end of a list, then those taken out that are to go, last first."""
    for number, value in enumerate(new):
        yield Edit((*pointer, length + number), value)
    for index in sorted(gone, reverse=True):
        yield Edit((*pointer, index), REMOVED)


def _beside(pointer: Pointer, word: str, name: str | int, value: Json) -> Edit:
    """A bare word in the place of which a member is to be said."""
    row = row_at(pointer)
    short = row.kind.short if row and isinstance(row.kind, Object) else ""
    return Edit(pointer, value if name == short else {short: word, name: value})


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


def _folded(items: Iterable[Json]) -> list[str]:
    return [str(item).casefold() for item in items]


def _at(tree: Json, path: Sequence[str | int]) -> Json:
    for step in path:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree
