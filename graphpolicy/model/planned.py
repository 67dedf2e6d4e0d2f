"""What would change in a tenant, what became of it, and the report of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from graphpolicy.model.desired import Scope, Tenant
from graphpolicy.model.errors import Exit
from graphpolicy.model.observed import Event
from graphpolicy.model.records import dataclass
from graphpolicy.model.words import Cause, Cloud, Finding, Json, Level, Outcome, Place, Use, Version


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a resource reaches after the plan, as labels; `managed` if the file declares it."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    managed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs: `before` is live, `after` what the plan would make of it."""

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
    event: Event | None = None
    """How the live value came about, where no file asked for it and the audit log says so."""
    emergency: bool = False
    """Whether it moves a target that is emergency access, or a group of such an account."""

    @property
    def moves(self) -> tuple[tuple[str, str], ...]:
        """The entries of a set that the plan adds (`+`), removes (`-`) or alters (`~`)."""
        return tuple(entry for entry in self.entries if entry[0] != " ")

    @property
    def step(self) -> str:
        """What the plan does to the setting: every entry that moves, or both values."""
        moves = "; ".join(f"{symbol} {text}" for symbol, text in self.moves)
        return moves or f"{self.before_label} -> {self.after_label}"


@dataclass(frozen=True, slots=True)
class Held:
    """One setting that a hold keeps out of a plan. `moved` is whether it left what is allowed.

    `declared_label` is empty where no file declares it, `allowed_label` where any value will do.
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

    @property
    def name(self) -> str:
        """The method and Graph's dotted path below it; the method alone if all of it is held."""
        return ".".join(filter(None, (self.title, self.path)))


@dataclass(frozen=True, slots=True)
class Access:
    """Which groups may use one method, before the plan and after it, a pair for each group."""

    title: str
    label: str
    cells: tuple[tuple[Use, Use], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who may use what: groups in words, and for each method of the tenant what they may."""

    groups: tuple[str, ...] = ()
    rows: tuple[Access, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One PATCH: `url` below the API version, `paths` the changes that it carries."""

    resource: str
    api: Version
    url: str
    body: Mapping[str, Json]
    paths: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """What consent to a plan is given to, and a digest is made of; nothing volatile.

    `settings` are (resource, path, desired, observed) of every managed setting, canonical; `groups`
    are the names that were looked up, with their ids.
    """

    tenant: str
    cloud: Cloud
    settings: tuple[tuple[str, str, Json, Json], ...]
    groups: tuple[tuple[str, str], ...]
    terms: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    """What else a reviewer consents to, by key of the file: each a list in one order."""


@dataclass(frozen=True, slots=True)
class Protection:
    """One difference from the base in what protects a tenant: `key` is a top-level key of the file.

    `path` names the entry below it. None is: not there.
    """

    key: str
    path: str
    before: Json
    after: Json
    weaker: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What would have to change in one tenant. `refused` names the rule that forbids it."""

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
    """What differs from the base in what protects the tenant; empty where there is no base."""
    matrix: Matrix = field(default_factory=Matrix)
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of the groups that it speaks of, before and after, by folded id."""

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
    """A tenant that could not be planned, or not carried out as it was consented to.

    `exit_code` is what the failure is worth by itself; `plan` is what would be done now, where
    consent was given to something else that can't be told apart.
    """

    tenant: Tenant
    file: str
    code: str
    message: str
    help: str = ""
    exit_code: int = Exit.FAILED
    plan: Plan | None = None
    details: tuple[str, ...] = ()
    """What the message is about, one by one."""
    protection: tuple[Protection, ...] = ()
    """What differs from the base in what protects the tenant, as far as the files alone say."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and when a report was made: commit, address of the CI's run, moment in UTC; or ''."""

    commit: str = ""
    run: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """Why nothing was sent of a plan that could have been carried out.

    `shown` is whether a person has seen the plan, since it was asked about.
    """

    why: str
    declined: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """What a verb found and did, tenant by tenant; what every output format is made from."""

    verb: str
    plans: tuple[Plan | Failure, ...]
    results: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    """By tenant id, for the tenants that an apply wrote to."""
    findings: tuple[Finding, ...] = ()
    """Why nothing could be planned at all: what is wrong with the files, or with what was asked."""
    origin: Origin = field(default_factory=Origin)
    runs: Mapping[str, str] = field(default_factory=dict)
    """By tenant id, the name of the run that its writes are recorded as."""
    unsent: Mapping[str, Unsent] = field(default_factory=dict)
    """By tenant id, for plans with changes that were ready and of which nothing was sent."""
    base: str = ""
    """The revision or folder that the files were compared with, as it was given."""
    resume: tuple[str, ...] = ()
    """The arguments that go on with a run that was interrupted, but for its name."""
    outdated: str = ""
    """What to do where a refused plan is another one than a person consented to."""


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """What `validate` found in some files."""

    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    verb: str = "validate"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one request of an apply."""

    resource: str
    paths: tuple[str, ...]
    outcome: Outcome
    request_id: str = ""
    error: str = ""
    exit_code: int = Exit.DONE
    """What this outcome is worth by itself: 0 for `verified`, see the contract's exit codes."""
    title: str = ""
    written: bool = False
    """Whether anything took effect, or may have."""
