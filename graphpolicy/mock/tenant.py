"""The state behind the mock: tenants with a policy, a directory and the edits made so far."""

import marshal
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from .clock import Clock, stamp
from .delays import Delays
from .directory.actor import Actor
from .directory.audit import Change, Edit, record_policy, record_strength
from .directory.crowd import Crowd
from .directory.directory import GROUP, Directory
from .directory.documents import add_objects, add_registrations
from .directory.registered import Registered, Registry
from .entra.tokens import Issuer, Person
from .policy.merge import merged
from .policy.wire import CONFIGURATIONS, POLICY
from .rules import enforces
from .strengths.custom_strengths import STRENGTHS, Strengths
from .switches import Switches
from .tables import JsonObject, copied

_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
_REMEMBERED: Final = 8
_ADMINISTRATORS: Final = "Helpdesk Administrator"

People: TypeAlias = tuple[Directory, Registry]
"""The directory and everybody's methods at one moment."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The parts of a tenant that a request to Graph may change, at one moment."""

    policy: JsonObject
    edits: int
    audit: int
    registry: Registry
    revocations: Mapping[str, int]
    strengths: list[JsonObject]


@dataclass(slots=True)
class Tenant:
    """One tenant; `policy` holds the properties of both versions, never annotations.

    `original` is the policy that the tenant started with; `secrets` are those of passes by id;
    `demands` are Conditional Access policies, see `strengths.demands.checked`.
    """

    id: str
    display_name: str
    domain: str
    policy: JsonObject
    original: JsonObject
    directory: Directory
    registered: Registered
    strengths: Strengths
    clock: Clock
    issuer: Issuer
    switches: Switches
    audit: list[JsonObject] = field(default_factory=list)
    asked: Mapping[str, str] = field(default_factory=dict)
    """The ids of the request that is being answered, by their names in the switch."""
    secrets: dict[str, str] = field(default_factory=dict)
    demands: list[JsonObject] = field(default_factory=list)
    shown: dict[tuple[object, ...], bytes] = field(default_factory=dict)
    reports_asked: dict[str, list[datetime]] = field(default_factory=dict)
    modified: datetime = _LONG_AGO
    rewritten: bool = False
    policy_object: str = field(default_factory=lambda: str(uuid.uuid4()))
    edits: list[Edit] = field(default_factory=list)
    older_policies: Delays[JsonObject] = field(init=False)
    older_people: Delays[People] = field(init=False)

    def __post_init__(self) -> None:
        """Begin without delays."""
        self.older_policies = Delays(self.clock)
        self.older_people = Delays(self.clock)

    @contextmanager
    def answering(self, ids: Mapping[str, str]) -> Iterator[None]:
        """Everything in this block is done by the request with these ids."""
        self.asked = ids
        try:
            yield
        finally:
            self.asked = {}

    @property
    def groups(self) -> list[JsonObject]:
        """The groups of the directory, in the order in which they were added."""
        return self.directory.of_type(GROUP)

    def populate(self, document: JsonObject) -> None:
        """Add what a seed or a loaded document holds; `crowd` are the arguments of `gather`."""
        add_objects(self.directory, document)
        add_registrations(self.registered, document)
        self.demands += document.get("demands", ())
        self.strengths.add(document.get("strengths", ()))
        if "crowd" in document:
            self.gather(**document["crowd"])

    def gather(
        self,
        count: int,
        groups: Mapping[str, int] | None = None,
        *,
        stir: int = 0,
        guests: int = 0,
        disabled: int = 0,
        administrators: int = 0,
    ) -> None:
        """Add a crowd of `count` people; with `groups` {id: n} every n-th of them is in a group.

        Every `guests`-th is a guest, the account of every `disabled`-th is disabled, and every
        `administrators`-th is a Helpdesk Administrator; 0 is nobody. `stir` varies registrations.
        """
        directory = self.directory
        directory.crowd = Crowd(count, self.domain, stir, guests, disabled)
        for group, every in (groups or {}).items():
            directory.gather(group, range(0, count, every))
        if administrators:
            role = directory.activate(_ADMINISTRATORS)
            directory.gather(role, range(administrators - 1, count, administrators))

    def signed_in(self, name: str) -> Person:
        """A person as a token names them, with the roles of this moment; KeyError for nobody."""
        found = self.directory.person(name)
        if found is None:
            raise KeyError(name)
        wids = frozenset(self.directory.roles_of(found["id"]))
        return Person(found["id"], found["userPrincipalName"], found["displayName"], wids)

    def seen(self) -> JsonObject:
        """The policy as a read sees it now: an old state while a write is delayed."""
        return self.older_policies.seen(self.policy)

    def with_people_seen(self) -> "Tenant":
        """The tenant as a read of people or groups sees it now; callers must not change it."""
        if not self.older_people:
            return self
        directory, registry = self.older_people.seen(self.people())
        return replace(
            self, directory=directory, registered=self.registered.as_of(registry, directory)
        )

    def people(self) -> People:
        """A copy of the directory and of everybody's methods as they are now."""
        return self.directory.copied(), self.registered.snapshot()

    def showing(
        self, how: tuple[object, ...], stored: JsonObject, show: Callable[[JsonObject], JsonObject]
    ) -> JsonObject:
        """The result of `show` for a policy, cached until the policy changes.

        `how` is the rest of the cache key. A change of switches clears the cache.
        """
        key = (*how, marshal.dumps(stored, 2))  # version 2: the same bytes for the same JSON
        text = self.shown.get(key)
        if text is None:
            text = marshal.dumps(show(stored), 2)
            if len(self.shown) >= _REMEMBERED:
                self.shown.clear()
            self.shown[key] = text
        found: JsonObject = marshal.loads(text)  # noqa: S302 - made here
        return found

    def delay(
        self,
        policy: JsonObject | None = None,
        people: People | None = None,
        reads: int | None = None,
        seconds: float = 0.0,
    ) -> None:
        """Let reads see an old state, for `reads` reads or for `seconds`."""
        if policy is not None:
            self.older_policies.add(copied(policy), reads, seconds)
        if people is not None:
            self.older_people.add(people, reads, seconds)

    def settle(self) -> None:
        """End every delay."""
        self.older_policies.clear()
        self.older_people.clear()
        self.strengths.older.clear()

    def snapshot(self) -> Snapshot:
        """Return the present state, for `restore`."""
        return Snapshot(
            copied(self.policy),
            len(self.edits),
            len(self.audit),
            self.registered.snapshot(),
            self.issuer.revocations(),
            self.strengths.rows,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Undo what was written since a snapshot."""
        self.policy = copied(snapshot.policy)
        del self.edits[snapshot.edits :]
        del self.audit[snapshot.audit :]
        self.registered.restore(snapshot.registry)
        self.issuer.restore(snapshot.revocations)
        self.strengths.rows = snapshot.strengths

    def find(self, identifier: str, policy: JsonObject | None = None) -> JsonObject | None:
        """A stored configuration by id, without case."""
        for each in (policy or self.policy)[CONFIGURATIONS]:
            if each["id"].lower() == identifier.lower():
                found: JsonObject = each
                return found
        return None

    def put(
        self,
        identifier: str,
        configuration: JsonObject | None,
        actor: Actor,
        *,
        reset: bool = False,
    ) -> None:
        """Replace, add or (None) remove a configuration, and record the edit."""
        policy = self._shallow()
        before = self.find(identifier)
        rows = self.policy[CONFIGURATIONS]
        if before is None and configuration is not None:
            rows.append(configuration)
        else:
            place = rows.index(before)
            rows[place : place + 1] = [] if configuration is None else [configuration]
        name = before["id"] if before else identifier
        self._note(Change(name, actor, before, configuration, policy, self._shallow(), reset))

    def put_root(self, changed: Mapping[str, Any], actor: Actor) -> None:
        """Set properties of the policy itself, and record the edit."""
        if not changed:
            return
        policy = self._shallow()
        before = {name: copied(self.policy.get(name)) for name in changed}
        self.policy.update(changed)
        self._note(Change(POLICY, actor, before, dict(changed), policy, self._shallow()))

    def put_strength(
        self, activity: str, before: JsonObject | None, after: JsonObject | None, actor: Actor
    ) -> None:
        """Replace, add or remove a custom strength, and record the edit."""
        self.strengths.put(before, after)
        name = f"{STRENGTHS}/{(before or after or {})['displayName']}"
        self.edits.append(Edit(stamp(self.clock()), actor.name, name, before, after))
        record_strength(self, activity, actor, (before, after))

    def portal(self, resource: str, changes: JsonObject | None, actor: str) -> None:
        """Change a resource as in the portal: merge `changes` in without validation.

        A strength is `authenticationStrengthPolicies/NAME`; without changes it is deleted.
        """
        kind, _, name = resource.partition("/")
        if kind != STRENGTHS or not name:
            self.merge(resource, changes or {}, self.actor(actor))
            return
        self.put_strength(*self.strengths.edited(name, changes), self.actor(actor))

    def actor(self, name: str) -> Actor:
        """A person as the audit log names them, whether or not the directory knows them."""
        known = self.directory.person(name) or {}
        return Actor.person(name, known.get("id"), known.get("displayName"))

    def merge(self, resource: str, changes: JsonObject, actor: Actor) -> None:
        """Merge changes into a resource without validation, and record the edit."""
        if resource.lower() == POLICY.lower():
            self.put_root(
                {name: merged(self.policy.get(name), changes[name]) for name in changes}, actor
            )
        else:
            stored = self.find(resource) or {"id": resource}
            self.put(resource, merged(stored, changes), actor)
        self.touch()

    @enforces("last-modified")
    def touch(self) -> None:
        """Move the policy's time stamp."""
        self.modified = self.clock()
        self.policy["lastModifiedDateTime"] = stamp(self.modified)

    def _shallow(self) -> JsonObject:
        """A shallow copy of the policy, which is enough: its parts are replaced, not changed."""
        return {**self.policy, CONFIGURATIONS: list(self.policy[CONFIGURATIONS])}

    def _note(self, change: Change) -> None:
        at = stamp(self.clock())
        before, after = copied(change.before), copied(change.after)
        self.edits.append(Edit(at, change.actor.name, change.resource, before, after))
        record_policy(self, change)
