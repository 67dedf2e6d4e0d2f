"""What a policy file asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from graphpolicy.model.records import dataclass
from graphpolicy.model.words import Cloud, Finding, Json, Path, Place


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
        """Where `path`, or the nearest thing above it, is written; for the whole its first line."""
        while path not in self.places and path:
            path = path[:-1]
        first = min(self.places.values(), key=lambda place: (place.file, place.line), default=None)
        return self.places.get(path, first)


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
    """The house rules, as the files have them together; see `graphpolicy.helpdesk.house_rules`."""
    places: Mapping[tuple[str, int], Place] = field(default_factory=dict, compare=False)
    """Where the entries of `emergencyAccess` and of `helpdesk.refuse` are written, by number."""
    aliases: tuple[Named, ...] = ()
    """The groups of `groups`, used or not."""
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    """What is to be said of its files, that a plan does not judge again."""

    @property
    def mentioned(self) -> tuple[Declared, ...]:
        """Everything that must be read and resolved: what is declared, and what holds allow."""
        return (*self.resources, *(hold.live for hold in self.holds if hold.live))
