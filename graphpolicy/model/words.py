"""Words that all nouns share: where something stands, what is found, names of Graph."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal, TypeAlias

from graphpolicy.model.records import dataclass

Json: TypeAlias = Any
"""A JSON value; in a declared tree an id may also be a `Named` or a `ProfileName`.

Before the files of a policy are merged it may also be an `Alias`, and a list of targets `Altered`.
"""

Path: TypeAlias = tuple[str, ...]

Version: TypeAlias = Literal["v1.0", "beta"]

Cloud: TypeAlias = Literal["global", "usgov", "usgov-dod", "china"]

Level: TypeAlias = Literal["error", "warning", "note"]

Cause: TypeAlias = Literal["edit", "drift", "both", "unknown"]

Use: TypeAlias = Literal["yes", "everyone", "excluded", "no"]
"""Whether a group may use a method: by itself, with everyone, never as it is excluded, or not."""

Outcome: TypeAlias = Literal[
    "verified",
    "failed",
    "not_persisted",
    "side_effect",
    "conflict",
    "unknown",
    "enforced",
    "skipped",
]

POLICY = "authenticationMethodsPolicy"
"""The id of the policy itself, beside the ids of its configurations."""

EVERYONE = "all_users"
"""Graph's pseudo-group of all users (Graph: authenticationMethodTarget, featureTarget)."""

NOBODY = "00000000-0000-0000-0000-000000000000"
"""Graph's id for "no group" in a feature's target (Graph: featureTarget)."""


@dataclass(frozen=True, slots=True)
class SecretText:
    """Text that shows itself to nobody who does not ask."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        return self._text

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "SecretText(***)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands; line and column count from 1.

    Both are 0 where it is about the file as a whole, or about a folder.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person must know, in a file or in a plan, with its rule and the way out."""

    rule: str
    level: Level
    message: str
    help: str = ""
    resource: str = ""
    path: str = ""
    source: Place | None = None
    people: int | None = None
    """How many people it is about, where a rule counts them."""
    acknowledged: str = ""
    """By whose leave it counts neither as an error nor as a warning."""
    entry: Json = field(default=None, compare=False)
    """Where `path` is a list: what identifies the one entry that it is about, in Graph's shape."""
