"""Types that all nouns share: a place in a file, a finding, and names of Graph."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal, TypeAlias

from graphpolicy.model.records import dataclass

Json: TypeAlias = Any
"""A JSON value."""

Written: TypeAlias = Any
"""A value in a file, in Graph's shape: JSON, but an id may be a `Named` or a `ProfileName`.

Before the files of a policy are merged, an id may be an `Alias` and a list of targets `Altered`;
before its rollouts are known, an id may be a `RolloutName`.
"""

Path: TypeAlias = tuple[str, ...]

Version: TypeAlias = Literal["v1.0", "beta"]

Cloud: TypeAlias = Literal["global", "usgov", "usgov-dod", "china"]

Level: TypeAlias = Literal["error", "warning", "note"]

Cause: TypeAlias = Literal["edit", "drift", "both", "unknown"]

Who: TypeAlias = Literal["everyone", "administrators", "some", ""]
"""The people that a Conditional Access policy is for."""

AuthorKind: TypeAlias = Literal["user", "application", "ourselves", "microsoft", "unknown"]
"""Who made a live value: a person, an application, a run of graphpolicy, or Microsoft itself."""

Use: TypeAlias = Literal["yes", "everyone", "excluded", "no"]
"""Whether a group may use a method: it is included, everyone is, it is excluded, or neither."""

Watch: TypeAlias = Literal["ignore", "report", "refuse"]
"""What a plan does with a difference from the snapshot in what no file declares."""

HttpMethod: TypeAlias = Literal["PATCH", "POST", "DELETE"]

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

ADMINISTRATORS = "administrators"
POLICY = "authenticationMethodsPolicy"
"""The id of the policy itself, beside the ids of its configurations."""

CONFIGURATIONS = "authenticationMethodConfigurations"
"""The policy's property that holds the configurations of all methods."""

EXTERNAL = "External"
"""The kind of the methods of other providers; a file and a plan call each by its own name."""

EVERYONE = "all_users"
"""Graph's pseudo-group of all users (Graph: authenticationMethodTarget, featureTarget)."""

NOBODY = "00000000-0000-0000-0000-000000000000"
"""Graph's id for "no group" in a feature's target (Graph: featureTarget)."""


@dataclass(frozen=True, slots=True)
class SecretText:
    """Text that is printed as ***; `reveal` returns it."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        return self._text

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "SecretText(***)"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; line and column count from 1. Both are 0 for a whole file or folder."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Default:
    """The value of a flag that is not given. `source` says what set it: a place, a variable."""

    name: str
    values: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a resource applies to after the plan, as labels; `managed` if the file declares it."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    managed: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a file or plan that a person must know; `help` says what to do."""

    rule: str
    level: Level
    message: str
    help: str = ""
    resource: str = ""
    path: str = ""
    source: Place | None = None
    people: int | None = None
    """How many people it is about, if the rule counts them."""
    acknowledged: str = ""
    """Who accepted the finding, so that it does not count as an error or warning; '' if nobody."""
    entry: Written = field(default=None, compare=False)
    """If `path` is a list: what identifies the entry that it is about, in Graph's shape."""
    volatile: bool = False
    """Whether it may change by itself, such as with the members of a group: see `Rule.volatile`."""
    names: tuple[str, ...] = ()
    """Who these people are, only where --names asks for it; only text and JSON show them."""
    circle: str = ""
    """Which people it is about, if they are accepted apart: `administrators`."""

    @property
    def where(self) -> tuple[str, int, int]:
        """Its place for sorting: file, line and column."""
        place = self.source or Place("")
        return place.file, place.line, place.column


@dataclass(frozen=True, slots=True)
class Unread:
    """Why something other than the policy could not be read, and what to do about it."""

    why: str
    fix: str
