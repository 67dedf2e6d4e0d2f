"""The fewest edits that make a setting of a file match the tenant.

A value that already means the live value stays as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphpolicy.catalogue.kinds import Collection, Object, ProfileRef, Targets
from graphpolicy.catalogue.values import identity, overlay, same
from graphpolicy.compare.comparison import Difference
from graphpolicy.model import EVERYONE, Altered, Json, Named, Path, Written
from graphpolicy.model.tree import member
from graphpolicy.policyfile.dump import OneLine
from graphpolicy.policyfile.merge import same_group
from graphpolicy.policyfile.pointers import row_at, title
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.value_edits import Rewrite, UnsayableError, listed
from graphpolicy.policyfile.wording import shown
from graphpolicy.policyfile.yaml_text import REMOVED, Edit, Renamed


def edits(rewrite: Rewrite, difference: Difference, data: Json) -> list[Edit]:
    """The edits that make one setting match the tenant.

    Raises:
        UnsayableError: a file can't express the live value.
    """
    row, path, live = difference.row, difference.path, difference.before
    pointer = (*rewrite.at, *path)
    if isinstance(row.kind, Collection) and row.kind.key:
        return list(_named(rewrite, row.kind, path, live, member(data, *pointer) or {}))
    if isinstance(row.kind, ProfileRef) and rewrite.language.profile(live) is None:
        return _no_profile(rewrite, path, live)
    value = rewrite.said(row, live, pointer)
    for end in range(len(pointer)):
        around = member(data, *pointer[:end])
        if isinstance(around, str):  # a bare word, which stands for one member
            return [_beside(pointer[:end], around, pointer[end], value)]
        if not isinstance(around, dict) or pointer[end] not in around:
            return [Edit(pointer, value)]
    mine, written = member(rewrite.sides.own, *path), member(data, *pointer)
    if isinstance(mine, Altered) and isinstance(row.kind, Targets):
        return _altered(rewrite, difference, mine, written) or rewrite.whole(pointer, value)
    return list(rewrite.value(row, pointer, written, mine, live))


def _beside(pointer: Pointer, word: str, name: str | int, value: Json) -> Edit:
    """The edit where the file has a bare word, and a member of the same object is to change."""
    row = row_at(pointer)
    short = row.kind.short if row and isinstance(row.kind, Object) else ""
    return Edit(pointer, value if name == short else {short: word, name: value})


def _altered(
    rewrite: Rewrite, difference: Difference, mine: Altered, written: Mapping[str, Json]
) -> list[Edit]:
    """The edits of `add` and `remove`; none if both would become empty."""
    kind, path, sides = difference.row.kind, difference.path, rewrite.sides
    assert isinstance(kind, Targets)  # noqa: S101 - no other list is altered
    pointer = (*rewrite.at, *path)
    below, below_written = member(sides.below, *path), member(sides.below_written, *path)
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
    # A line of `remove` stays while it takes a target out of the base's list (`away`). If the
    # tenant has that target again, the line goes (`again`), so that the base's entry counts.
    again: list[int] = []
    away: set[int] = set()
    for index, entry in enumerate(member(rewrite.sides.own_written, *path).remove):
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


def _reference(entry: Mapping[str, Written]) -> Json:
    """A base's target as another file can refer to it."""
    id_, type_ = entry["id"], entry["targetType"]
    if isinstance(id_, Named):
        return OneLine({"group": id_.name, **({"id": id_.id} if id_.id else {})})
    if id_ == EVERYONE:
        return EVERYONE
    if type_ in ("role", "administrativeUnit"):
        return OneLine({type_: id_})
    return OneLine({"id": id_} if type_ == "group" else {"id": id_, "targetType": type_})


def _named(
    rewrite: Rewrite, kind: Collection, path: Path, live: Json, written: Mapping[str, Json]
) -> Iterator[Edit]:
    """Entries by name: those that the tenant lacks are removed, the others are updated."""
    here = (*rewrite.at, *path)
    there = rewrite.by_identity(kind, here, live or ())
    rows = [row for row in kind.members if row.name not in (kind.key, *kind.identity)]
    mine = {entry[kind.key]: entry for entry in member(rewrite.sides.own, *path) or ()}
    below = {entry[kind.key] for entry in member(rewrite.sides.below, *path) or ()}
    merged = member(rewrite.sides.merged, *path)
    pairs = {entry[kind.key]: there.get(identity(kind, entry)) for entry in merged}
    declared = {identity(kind, entry) for entry in merged}
    new = [entry for key, entry in there.items() if key not in declared]
    rewrite.notes += _followed(kind, here, pairs, new, written)
    renamed: dict[str, str] = {}
    for name, entry in pairs.items():
        if entry is None or entry[kind.key] != name:
            _only_own(rewrite, name, name in below, entry and entry[kind.key])
            if entry is None:
                yield Edit((*here, name), REMOVED)
            else:
                renamed[name] = entry[kind.key]
    yield from _renamed(here, renamed, written)
    for wanted in merged:
        name = wanted[kind.key]
        if (entry := pairs[name]) is not None:
            yield from rewrite.members(
                rows,
                (*here, entry[kind.key]),
                written.get(name, {}),
                mine.get(name, {}),
                wanted=wanted,
                live=entry,
            )


def _followed(
    kind: Collection,
    at: Pointer,
    pairs: dict[str, Mapping[str, Json] | None],
    new: Sequence[Mapping[str, Json]],
    written: Mapping[str, Json],
) -> Iterator[str]:
    """Pair a missing entry with the one entry that no file declares: it was probably renamed.

    Without an id in the file, only the name says which entry is meant. Yields a note about every
    entry that the tenant lacks.
    """
    gone = [name for name, entry in pairs.items() if entry is None]
    names = ", ".join(shown(entry[kind.key]) for entry in new)
    if len(gone) == len(new) == 1 and not set(kind.identity) & set(written.get(gone[0], ())):
        pairs[gone[0]] = new[0]
        yield (
            f"{title((*at, gone[0]))} is not in the tenant, which has {names} instead: it was "
            "probably renamed; check that this is the right one"
        )
        return
    for name in gone:
        more = f"; it has {names}, which no file declares and `pull` prints" if names else ""
        yield f"{title((*at, name))} is not in the tenant and was removed{more}"


def _only_own(rewrite: Rewrite, name: str, in_base: bool, now: Json) -> None:
    """Check that an entry can be renamed or removed.

    Raises:
        UnsayableError: a base has it, or its new name is not unique.
    """
    if now is None and not in_base:
        return
    if in_base or now not in rewrite.language.profiles.values():
        whose = "a base" if in_base else "the file"
        is_ = "is not" if now is None else f"is called {shown(now)}"
        reason = f"{whose} has {shown(name)}, which {is_} in the tenant"
        change = "remove it there" if now is None else f"rename it to {shown(now)} there"
        split = ", or split the base"
        ambiguous = "give it a unique name in the portal, and run this again"
        raise UnsayableError(reason, change + split if in_base else ambiguous)


def _no_profile(rewrite: Rewrite, path: Path, live: Json) -> list[Edit]:
    """Remove a reference to a passkey profile that the tenant does not have."""
    name = title((*rewrite.at, *path))
    if member(rewrite.sides.below, *path) is not None:
        reason = "a base names a passkey profile there, but the tenant has none"
        raise UnsayableError(reason, f"remove {name} from the base, or split the base")
    has = "has none" if live is None else f"has {shown(live)}, which is not one of its profiles"
    rewrite.notes.append(f"{name} was removed: the tenant {has}")
    return [Edit((*rewrite.at, *path), REMOVED)]


def _renamed(
    at: Pointer, renamed: Mapping[str, str], written: Mapping[str, Json]
) -> Iterator[Edit]:
    """Edits that rename keys of a map, also where two of them swap names."""
    if not set(renamed.values()) & set(written):
        yield from (Edit((*at, name), Renamed(now)) for name, now in renamed.items())
        return
    between = {name: f"{number} of {len(renamed)}" for number, name in enumerate(renamed, 1)}
    for name, word in between.items():
        yield Edit((*at, name), Renamed(word))
    for name, now in renamed.items():
        yield Edit((*at, between[name]), Renamed(now))
