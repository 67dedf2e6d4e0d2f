"""What a tenant has and no file declares, where it differs from the tenant's snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from graphpolicy.model.observed import Author, Observed
from graphpolicy.model.records import dataclass
from graphpolicy.model.words import Audience, Json


@dataclass(frozen=True, slots=True)
class KeptSnapshot:
    """The snapshot of a tenant that is kept beside its policy file.

    `observed` is None if there is none, or if it can't be used; then `problem` says why. `file` is
    where it is or would be, `where` the same in messages: REVISION:PATH if it is the base's.
    `names` are names of groups by folded id, `taken_at` is ISO 8601 in UTC. `write` is the command
    that writes a first one. `proposed` is the one in the files, if it differs from the base's.
    """

    file: str
    where: str
    write: str = ""
    observed: Observed | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    taken_at: str = ""
    problem: str = ""
    proposed: KeptSnapshot | None = None


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """One such difference: `before` is the snapshot's value, `after` the live one.

    `path` is empty for a whole resource that is new or gone. Either value is None if that side does
    not have it. `turned_on` is whether a method is on that was off or not there. `counts` is
    whether it makes a drift.
    """

    resource: str
    title: str
    path: str
    before: Json
    after: Json
    before_label: str
    after_label: str
    audience: Audience | None = None
    label: str = ""
    entries: tuple[tuple[str, str], ...] = ()
    """For a collection what happens to each entry: (`+`, `-`, `~` or a blank, label)."""
    turned_on: bool = False
    counts: bool = False
    changed_by: tuple[Author, ...] = ()
    """Newest first; empty if nobody asked."""

    @property
    def name(self) -> str:
        """The resource and Graph's dotted path below it; the resource alone if it is all of it."""
        return ".".join(filter(None, (self.title, self.path)))

    @property
    def moves(self) -> tuple[tuple[str, str], ...]:
        """The entries of a set that are new (`+`), gone (`-`) or altered (`~`)."""
        return tuple(entry for entry in self.entries if entry[0] != " ")

    @property
    def step(self) -> str:
        """What became of it: each entry that changed, or both values."""
        moves = "; ".join(f"{symbol} {text}" for symbol, text in self.moves)
        return moves or f"{self.before_label} -> {self.after_label}"
