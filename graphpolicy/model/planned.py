"""What would change in a tenant, what an apply did, and the report of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol

from graphpolicy.model.desired import Scope, Tenant
from graphpolicy.model.emergency import EntryHealth
from graphpolicy.model.errors import Exit
from graphpolicy.model.observed import Author, Notice
from graphpolicy.model.people_counts import Counted, DatedImpact
from graphpolicy.model.records import dataclass
from graphpolicy.model.rollouts import RolloutState
from graphpolicy.model.unmanaged import Unmanaged
from graphpolicy.model.words import (
    Audience,
    Cause,
    Cloud,
    Finding,
    HttpMethod,
    Json,
    Level,
    Outcome,
    Place,
    Unread,
    Use,
    Version,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs: `before` is the live value, `after` what the plan writes."""

    resource: str
    path: str
    before: Json
    after: Json
    before_label: str
    after_label: str
    api: Version
    source: Place | None
    audience: Audience | None = None
    cause: Cause = "unknown"
    title: str = ""
    label: str = ""
    entries: tuple[tuple[str, str], ...] = ()
    """For a collection what happens to each entry: (`+`, `-`, `~` or a blank, label)."""
    changed_by: tuple[Author, ...] = ()
    """Who made the live value, newest first; empty where the files alone explain it, and where
    nobody asked."""
    emergency: bool = False
    """Whether it adds, removes or alters a target that is emergency access or contains it."""

    @property
    def author(self) -> Author | None:
        """Who made the live value last."""
        return self.changed_by[0] if self.changed_by else None

    @property
    def notice(self) -> Notice | None:
        """What Microsoft announced that the live value fits."""
        return self.author.notice if self.author else None

    @property
    def moves(self) -> tuple[tuple[str, str], ...]:
        """The entries of a set that the plan adds (`+`), removes (`-`) or alters (`~`)."""
        return tuple(entry for entry in self.entries if entry[0] != " ")

    @property
    def step(self) -> str:
        """What the plan does to the setting: each entry that changes, or both values."""
        moves = "; ".join(f"{symbol} {text}" for symbol, text in self.moves)
        return moves or f"{self.before_label} -> {self.after_label}"


@dataclass(frozen=True, slots=True)
class Held:
    """One setting that a hold keeps out of a plan. `moved` is whether it has a value not allowed.

    `declared_label` is empty if no file declares it, `allowed_label` if any value is allowed.
    """

    resource: str
    title: str
    path: str
    live: Json
    live_label: str
    declared_label: str
    allowed_label: str
    moved: bool
    scope: Scope
    changed_by: tuple[Author, ...] = ()
    """Who made the live value, if it has moved; newest first."""

    @property
    def name(self) -> str:
        """The method and Graph's dotted path below it; the method alone if all of it is held."""
        return ".".join(filter(None, (self.title, self.path)))


@dataclass(frozen=True, slots=True)
class Access:
    """Which groups may use one method: a pair (before the plan, after it) for each group."""

    title: str
    label: str
    cells: tuple[tuple[Use, Use], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who may use what: the groups as labels, and a row for each method of the tenant."""

    groups: tuple[str, ...] = ()
    rows: tuple[Access, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One write: `url` below the API version, `paths` the settings that it changes."""

    resource: str
    api: Version
    url: str
    body: Mapping[str, Json]
    paths: tuple[str, ...]
    title: str = ""
    method: HttpMethod = "PATCH"
    creates: bool = False
    """Whether it makes something new: sent twice, it could make two."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a reviewer consents to, and what the digest covers; nothing volatile.

    `settings` are (resource, path, desired, observed) of every managed setting, canonical; `groups`
    are the names that were looked up, with their ids.
    """

    tenant: str
    cloud: Cloud
    settings: tuple[tuple[str, str, Json, Json], ...]
    groups: tuple[tuple[str, str], ...]
    terms: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    """What else a reviewer consents to, by key of the file: each a sorted list."""


@dataclass(frozen=True, slots=True)
class Protection:
    """One difference from the base in what protects a tenant: `key` is a top-level key of the file.

    `path` names the entry below it. A value is None if that side does not have the entry.
    """

    key: str
    path: str
    before: Json
    after: Json
    weaker: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change in one tenant. `refused` names the rules that forbid it."""

    tenant: Tenant
    file: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    requests: tuple[Request, ...]
    unmodelled: tuple[str, ...]
    versions: tuple[Version, ...]
    digest: str
    bound: Bound
    observed: Mapping[str, Mapping[Version, Mapping[str, Json]]]
    compared: int
    held: tuple[Held, ...] = ()
    protection: tuple[Protection, ...] = ()
    """What protects the tenant and differs from the base; empty without a base."""
    matrix: Matrix = field(default_factory=Matrix)
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of the groups that it mentions, before and after, by folded id."""
    impact: Counted | Unread | None = None
    """The people that it affects, or why they could not be counted; None if nobody asked."""
    audiences: Mapping[str, str] = field(default_factory=dict)
    """What groups are called in messages to people, by name or id."""
    emergency: tuple[EntryHealth, ...] = ()
    """How each entry of `emergencyAccess` is; empty if nobody asked."""
    unmanaged: tuple[Unmanaged, ...] = ()
    """What no file declares and differs from the tenant's snapshot."""
    rollouts: tuple[RolloutState, ...] = ()
    nested: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Groups by folded id whose people are all known to be in other groups, with those."""
    only: tuple[str, ...] = ()
    """What it is limited to, by whole names; empty if it is about all of the files."""
    left_out: tuple[str, ...] = ()
    """What differs and is not part of it because of that."""
    dated: DatedImpact | None = None
    """What Microsoft takes away on the next day that is known, for a nightly drift report."""

    def count(self, level: Level) -> int:
        """How many findings of a level nobody has accepted."""
        return sum(one.level == level and not one.acknowledged for one in self.findings)

    @property
    def risky(self) -> bool:
        """Whether there is a warning, or an error that somebody has accepted."""
        return any(
            bool(one.acknowledged) if one.level == "error" else not one.acknowledged
            for one in self.findings
            if one.level != "note"
        )

    @property
    def refused(self) -> str | None:
        """The rules that refuse the plan, with commas between them."""
        return ", ".join(dict.fromkeys(finding.rule for finding in self.refusing)) or None

    @property
    def refusing(self) -> tuple[Finding, ...]:
        """The errors that nobody has accepted."""
        return tuple(f for f in self.findings if f.level == "error" and not f.acknowledged)


@dataclass(frozen=True, slots=True)
class Failure:
    """A tenant that could not be planned, or whose plan could not be applied as approved.

    `exit_code` is that of this failure alone. `plan` is what would be done now, if another plan was
    approved and the difference can't be shown.
    """

    tenant: Tenant
    file: str
    code: str
    message: str
    help: str = ""
    exit_code: int = Exit.FAILED
    plan: Plan | None = None
    details: tuple[str, ...] = ()
    """The items that the message is about."""
    protection: tuple[Protection, ...] = ()
    """What protects the tenant and differs from the base, as far as the files alone say."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and when a report was made: commit, URL of the CI run, time in UTC; each may be ''."""

    commit: str = ""
    run: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """Why nothing was sent of a plan that was ready to apply.

    `declined` is whether a person said no, `shown` whether a person has seen the plan.
    """

    why: str
    declined: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one request of an apply."""

    resource: str
    paths: tuple[str, ...]
    outcome: Outcome
    request_id: str = ""
    error: str = ""
    exit_code: int = Exit.DONE
    """The exit code of this outcome alone; 0 for `verified`."""
    title: str = ""
    written: bool = False
    """Whether something was written, or may have been."""


class VerbResult(Protocol):
    """What a verb answers. `render` writes it in each of its formats."""

    @property
    def verdict(self) -> str:
        """One line that says how it ended, for a log; '' where nothing is judged."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What the rules found."""

    @property
    def failures(self) -> Sequence[Failure]:
        """The tenants that could not be read or planned."""

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
