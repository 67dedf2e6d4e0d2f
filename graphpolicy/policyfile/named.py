"""The edits of a map by name, of passkey profiles, and of what refers to one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from graphpolicy.catalogue.kinds import Collection
from graphpolicy.catalogue.values import identity
from graphpolicy.model import Json, Path
from graphpolicy.policyfile.pointers import title
from graphpolicy.policyfile.sides import UnsayableError, under
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.wording import shown
from graphpolicy.policyfile.yaml_patch import REMOVED, Edit, Renamed

if TYPE_CHECKING:
    from graphpolicy.policyfile.yaml_update import Rewrite


def named(
    rewrite: Rewrite, kind: Collection, path: Path, live: Json, written: Mapping[str, Json]
) -> Iterator[Edit]:
    """Entries by name: those that the tenant has not go, those that it has are mended."""
    here = (*rewrite.at, *path)
    there = rewrite.by_identity(kind, here, live or ())
    rows = [row for row in kind.members if row.name not in (kind.key, *kind.identity)]
    mine = {entry[kind.key]: entry for entry in under(rewrite.sides.own, path) or ()}
    below = {entry[kind.key] for entry in under(rewrite.sides.below, path) or ()}
    merged = under(rewrite.sides.merged, path)
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
    """Pair the one entry that is gone with the one that nobody declares: it was renamed.

    Only its name tells which one an entry is where the file writes no id. Tells what becomes of all
    that are gone.
    """
    gone = [name for name, entry in pairs.items() if entry is None]
    names = ", ".join(shown(entry[kind.key]) for entry in new)
    if len(gone) == len(new) == 1 and not set(kind.identity) & set(written.get(gone[0], ())):
        pairs[gone[0]] = new[0]
        yield (
            f"{title((*at, gone[0]))} is not in the tenant, which has {names} in place of it: "
            "it was renamed, or check that it is the one that is meant"
        )
        return
    for name in gone:
        more = f"; it has {names}, which no file declares and `pull` prints" if names else ""
        yield f"{title((*at, name))} is not in the tenant and is taken out{more}"


def _only_own(rewrite: Rewrite, name: str, in_base: bool, now: Json) -> None:
    """Let an entry be renamed or taken out only where that is possible."""
    if now is None and not in_base:
        return
    if in_base or now not in rewrite.language.profiles.values():
        whose = "a base" if in_base else "the file"
        is_ = "is not" if now is None else f"is called {shown(now)}"
        reason = f"what {whose} calls {shown(name)} {is_} in the tenant"
        change = "take it out there" if now is None else f"call it {shown(now)} there"
        split = ", or split the base"
        ambiguous = "give it a name of its own in the portal, and run this again"
        raise UnsayableError(reason, change + split if in_base else ambiguous)


def no_profile(rewrite: Rewrite, path: Path, live: Json) -> list[Edit]:
    """A reference to a passkey profile where the tenant has none: the line goes."""
    name = title((*rewrite.at, *path))
    if under(rewrite.sides.below, path) is not None:
        reason = "a base names a passkey profile there, and the tenant has none"
        raise UnsayableError(reason, f"take {name} out of the base, or split the base")
    has = "has none" if live is None else f"has {shown(live)}, which is not one of its profiles"
    rewrite.notes.append(f"{name} is taken out: the tenant {has}")
    return [Edit((*rewrite.at, *path), REMOVED)]


def _renamed(
    at: Pointer, renamed: Mapping[str, str], written: Mapping[str, Json]
) -> Iterator[Edit]:
    """Entries of a map under their new names, also where two of them change places."""
    if not set(renamed.values()) & set(written):
        yield from (Edit((*at, name), Renamed(now)) for name, now in renamed.items())
        return
    between = {name: f"{number} of {len(renamed)}" for number, name in enumerate(renamed, 1)}
    for name, word in between.items():
        yield Edit((*at, name), Renamed(word))
    for name, now in renamed.items():
        yield Edit((*at, between[name]), Renamed(now))
