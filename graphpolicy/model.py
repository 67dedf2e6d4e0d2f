"""The nouns of graphpolicy as frozen dataclasses. Imports nothing of ours but `records`.

**Desired** is what a policy file declares, **observed** what Graph answers, a **change** one
setting that differs, a **finding** something to know about it, a **plan** all of that for one
tenant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from graphpolicy.records import dataclass

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


@dataclass(frozen=True, slots=True)
class Named:
    """A group given by display name; `id` pins it, `place` is where it is written."""

    name: str
    id: str | None = None
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ProfileName:
    """A passkey profile given by name or by id."""

    name: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Alias:
    """A target given by an alias of `groups`; it stands for what the tenant's files say."""

    name: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Altered:
    """What a file alters in its base's list of targets: `add` and `remove` are lists of targets.

    `places` tells where each target of `remove` is written; of `add` the resource tells.
    """

    add: list[Json]
    remove: list[Json]
    places: tuple[Place, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Tenant:
    """The tenant that a file is for."""

    name: str
    id: str
    cloud: Cloud = "global"


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file declares of one resource: a partial document in Graph's own shape.

    `resource` is a row id of the catalogue; `name` is set for external methods only, the display
    name or id under which the file lists it. `places` maps a path in `tree` to where it is written.
    `chosen` are ids of new passkey profiles that are our proposal, not the file's demand. `entries`
    maps the path of a list to where each of its entries is written.
    """

    resource: str
    tree: Mapping[str, Json]
    places: Mapping[Path, Place]
    name: str | None = None
    chosen: frozenset[str] = frozenset()
    entries: Mapping[Path, tuple[Place | None, ...]] = field(default_factory=dict, compare=False)

    @property
    def title(self) -> str:
        """The resource's id, or for an external method what the file calls it."""
        return self.name or self.resource

    def place(self, path: Path) -> Place | None:
        """Where `path`, or the nearest thing above it, is written."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a `hold` or an `acknowledge` covers, why, by whose leave, and until when.

    `resource` is an id of the catalogue or what the file calls an external method; no `path` is
    the whole resource. `expires` is the last day, YYYY-MM-DD, which ends in UTC.
    """

    resource: str
    path: Path
    reason: str
    owner: str
    expires: str
    place: Place | None = field(default=None, compare=False)

    def covers(self, title: str, path: Path) -> bool:
        """Whether a setting of a resource, or one above it, is meant."""
        return self.resource in ("", title) and path[: len(self.path)] == self.path


@dataclass(frozen=True, slots=True)
class Hold:
    """A setting to leave alone for a while. `live` is the one value that it may have meanwhile."""

    scope: Scope
    live: Declared | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A guard's finding accepted; for a rule that counts, `at_most` is how many are accepted.

    Without a resource the rule is accepted wherever it speaks.
    """

    rule: str
    scope: Scope
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Desired:
    """One deployable policy file, its bases merged into it.

    `bases` are the files that it extends, in the order in which they were laid over each other.
    """

    file: str
    tenant: Tenant
    resources: tuple[Declared, ...]
    emergency_access: Json = None
    holds: tuple[Hold, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    bases: tuple[str, ...] = ()
    guards: Mapping[str, Json] = field(default_factory=dict)
    """What the file asks of guards: levels and numbers by rule."""
    freeze: Scope | None = None
    helpdesk: Mapping[str, Json] = field(default_factory=dict)
    """The house rules, as the files have them together; see `graphpolicy.helpdesk.house`."""

    @property
    def mentioned(self) -> tuple[Declared, ...]:
        """Everything that must be read and resolved: what is declared, and what holds allow."""
        return (*self.resources, *(hold.live for hold in self.holds if hold.live))


@dataclass(frozen=True, slots=True)
class Observed:
    """The documents that Graph answered, as they came, by API version."""

    documents: Mapping[Version, Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of whom it was looked up what is registered: (kind, model of a key), both folded.

    The kind is Graph's type without its ending, `fido2` or `phone`.
    """

    label: str
    registered: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Account:
    """A user or group of `emergencyAccess`, looked up. Ids are folded.

    `id` is empty where the directory has no such account, or where it may not be read
    (`readable`). `within` are the ids of all groups that it is in, nested ones included; None where
    that could not be read. `people` is who it is, or who is in it, with what they have registered;
    None where that could not be read, nobody where it was not asked.
    """

    label: str
    id: str
    within: frozenset[str] | None = None
    readable: bool = True
    group: bool = False
    people: tuple[Person, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A change of the policy in the audit log: when, in the log's own form, and by whom.

    `modified` are (name, old value, new value) in the log's words.
    """

    at: str
    who: str
    modified: tuple[tuple[str, Json, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class Strength:
    """An authentication strength: folded modes of each combination that satisfies it, and the names
    of the Conditional Access policies that demand it; None before these were looked up.
    """

    id: str
    name: str
    combinations: tuple[frozenset[str], ...]
    demanded_by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """What the tenant said besides the policy, most of it of the groups that a plan mentions.

    `by_name` holds for each asked display name the groups that match it without regard to case, as
    (id, displayName); `names` the display name by id; `gone` ids that no longer exist. `readable`
    is false where ids could not be looked up. `events` are changes in the audit log, newest first;
    `strengths` are authentication strengths; either is None where it was wanted and not readable.
    """

    by_name: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    readable: bool = True
    accounts: tuple[Account, ...] = ()
    events: tuple[Event, ...] | None = ()
    strengths: tuple[Strength, ...] | None = ()


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
    matrix: Matrix = field(default_factory=Matrix)

    def count(self, level: Level) -> int:
        """How many findings of a level nobody has accepted."""
        return sum(one.level == level and not one.acknowledged for one in self.findings)

    @property
    def refused(self) -> str | None:
        """The rules that refuse the plan, with commas between them."""
        refusing = (f for f in self.findings if f.level == "error" and not f.acknowledged)
        return ", ".join(dict.fromkeys(finding.rule for finding in refusing)) or None


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
    exit_code: int = 1
    plan: Plan | None = None
    details: tuple[str, ...] = ()
    """What the message is about, one by one."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and when a report was made: commit, address of the CI's run, moment in UTC; or ''."""

    commit: str = ""
    run: str = ""
    at: str = ""


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


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one request of an apply."""

    resource: str
    paths: tuple[str, ...]
    outcome: Outcome
    request_id: str = ""
    error: str = ""
    exit_code: int = 0
    """What this outcome is worth by itself: 0 for `verified`, see the contract's exit codes."""
    title: str = ""
    written: bool = False
    """Whether anything took effect, or may have."""
