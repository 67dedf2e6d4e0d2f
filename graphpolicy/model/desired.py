"""What a policy file asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from graphpolicy.model.records import dataclass
from graphpolicy.model.rollouts import Rolled, Rollout
from graphpolicy.model.words import EXTERNAL, Cloud, Finding, Json, Path, Place, Watch, Written

UNNAMED = "tenant"
"""The name of a tenant of which only the id is known."""


@dataclass(frozen=True, slots=True)
class Named:
    """A group given by display name. `id` pins it; `place` is where the file has it."""

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
    """A target given by an alias. The tenant's files define it under `groups`."""

    name: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RolloutName:
    """A target that stands for the open waves of a rollout, which `rollouts` defines."""

    name: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Altered:
    """What a file changes in its base's list of targets: `add` and `remove` are lists of targets.

    `places` are those of the targets in `remove`; those of `add` are in `DeclaredSource.entries`.
    """

    add: list[Written]
    remove: list[Written]
    places: tuple[Place, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Tenant:
    """The tenant that a file is for."""

    name: str
    id: str
    cloud: Cloud = "global"
    ring: int | None = field(default=None, compare=False)
    """When an apply of several tenants comes to it, lowest first; None is last."""

    @property
    def title(self) -> str:
        """Its name; its id where only that is known."""
        return f"tenant {self.id}" if self.name == UNNAMED else self.name

    def is_called(self, wanted: str | None) -> bool:
        """Whether `wanted` is its name, in any case, or its id; None stands for every tenant."""
        return wanted is None or wanted.casefold() in (self.name.casefold(), self.id)


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """What one file declares of one resource: a partial document in Graph's own shape.

    `resource` is a row id of the catalogue. `name` is set for kinds of which a tenant has several:
    the display name under which the file lists it, or the id of an external method. `places` maps a
    path in `tree` to its place in the file, `entries` the path of a list to the place of each
    entry. `chosen` are ids of new passkey profiles that graphpolicy proposed because the file has
    none.
    """

    resource: str
    tree: Mapping[str, Written]
    places: Mapping[Path, Place]
    name: str | None = None
    chosen: frozenset[str] = frozenset()
    entries: Mapping[Path, tuple[Place | None, ...]] = field(default_factory=dict, compare=False)

    @property
    def title(self) -> str:
        """What a plan calls it: a method's id, an external method's name, else KIND/NAME."""
        if self.name is None:
            return self.resource
        return self.name if self.resource == EXTERNAL else f"{self.resource}/{self.name}"

    def place(self, path: Path) -> Place | None:
        """The place of `path` or its nearest parent; for a whole resource, its first line."""
        while path not in self.places and path:
            path = path[:-1]
        first = min(self.places.values(), key=lambda place: (place.file, place.line), default=None)
        return self.places.get(path, first)


class Declared(DeclaredSource):
    """What a file declares together with its bases. It may name groups, but has no aliases."""

    __slots__ = ()


class Resolved(Declared):
    """The same with ids in place of all names."""

    __slots__ = ()
    tree: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a `hold` or an `acknowledge` covers, why, who is responsible, and until when.

    `resource` is an id of the catalogue or what the file calls an external method. An empty `path`
    is the whole resource. `expires` is the last day, YYYY-MM-DD in UTC.
    """

    resource: str
    path: Path
    reason: str
    owner: str
    expires: str
    place: Place | None = field(default=None, compare=False)

    def covers(self, title: str, path: Path) -> bool:
        """Whether it covers a setting of a resource."""
        return self.resource in ("", title) and path[: len(self.path)] == self.path


@dataclass(frozen=True, slots=True)
class Hold:
    """A setting to leave alone until a day. `live` is the one value that it may have meanwhile."""

    scope: Scope
    live: Declared | None = None


class ResolvedHold(Hold):
    """A hold with ids in place of names."""

    __slots__ = ()
    live: Resolved | None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An accepted finding of a guard. `at_most` is how many people, if the rule counts them.

    Without a resource the rule is accepted wherever it fires. `people` is the circle of people that
    it is about, such as `administrators`; '' for everybody else.
    """

    rule: str
    scope: Scope
    at_most: int | None = None
    people: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true of some people: which methods they can use, can't use, or have registered.

    `who` is all users, the id of a group or its name; or a person, by user principal name or id, if
    `person` is set. Each method is a declaration of nothing. `since` is the first day on which it
    is judged, YYYY-MM-DD in UTC, '' for every day. `text` is the entry as the file has it.
    """

    who: Written
    can_use: tuple[Declared, ...] = ()
    cannot_use: tuple[Declared, ...] = ()
    has: tuple[Declared, ...] = ()
    person: bool = False
    since: str = ""
    reason: str = ""
    owner: str = ""
    text: str = field(default="", compare=False)
    place: Place | None = field(default=None, compare=False)

    @property
    def mentioned(self) -> tuple[Declared, ...]:
        """What must be read and resolved: its group, as if each method had it as a target."""
        who = [] if self.person else [{"targetType": "group", "id": self.who}]
        methods = (*self.can_use, *self.cannot_use, *self.has)
        return tuple(replace(each, tree={"includeTargets": who}) for each in methods)


@dataclass(frozen=True, slots=True)
class Desired:
    """One policy file of a tenant, with its bases merged into it.

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
    """Levels and numbers that the file sets for guards, by rule."""
    freeze: Scope | None = None
    helpdesk: Mapping[str, Json] = field(default_factory=dict)
    """The merged house rules; see `graphpolicy.helpdesk.house_rules`."""
    places: Mapping[tuple[str, int], Place] = field(default_factory=dict, compare=False)
    """The places of the entries of `emergencyAccess` and `helpdesk.refuse`, by (key, number)."""
    aliases: tuple[Named, ...] = ()
    """The groups of `groups`, used or not."""
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    """Findings about its files that a plan does not judge again."""
    expectations: tuple[Expectation, ...] = ()
    audiences: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What groups are called in messages to people, by name or id."""
    unmanaged: Watch = "report"
    rollouts: tuple[Rollout, ...] = ()
    """The targets of its open waves are in `resources` already."""
    rolled: tuple[Rolled, ...] = ()
    """The settings that are for the people of a rollout."""

    @property
    def mentioned(self) -> tuple[Declared, ...]:
        """All that must be read and resolved: what resources, holds, expectations and open waves
        mention.
        """
        held = (hold.live for hold in self.holds if hold.live)
        expected = (each for one in self.expectations for each in one.mentioned)
        return (*self.resources, *held, *expected, *self._waves())

    def _waves(self) -> Iterator[Declared]:
        """The open waves of the rollouts that settings have, as if a method had each as a target.

        The settings may all be left out, because another rollout of theirs has not begun.
        """
        used = {each.rollout for each in self.rolled}
        open_ = [one.waves[: one.opened] for one in self.rollouts if one.name in used]
        who = [{"targetType": "group", "id": wave.target} for waves in open_ for wave in waves]
        if who:
            yield Declared("Sms", {"includeTargets": who}, {})


class ResolvedPolicy(Desired):
    """The same with ids in place of names."""

    __slots__ = ()
    resources: tuple[Resolved, ...]
    holds: tuple[ResolvedHold, ...]
