"""The state behind the mock: tenants with a policy, a directory and the edits made so far."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from .clock import Clock
from .directory.directory import GROUP, Directory
from .entra.tokens import Person
from .policy.merge import completed
from .policy.passkeys import opt_in, opted_in
from .policy.view import type_of, typed
from .policy.wire import CONFIGURATIONS, EXTERNAL, METHODS, POLICY, is_annotation
from .rules import enforces
from .switches import Switches
from .tables import JsonObject, data

PERSON: Final = frozenset(
    {"id", "userPrincipalName", "displayName", "accountEnabled", "userType", "mail"}
)
"""What a seed may say of a person's user object."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to the policy: who made it, when, and what was before and after."""

    at: str
    actor: str
    resource: str
    before: JsonObject | None
    after: JsonObject | None


@dataclass(slots=True)
class _Delayed:
    policy: JsonObject
    reads: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A tenant's policy at one moment, and how many edits there were."""

    policy: JsonObject
    edits: int


@dataclass(slots=True)
class Tenant:
    """One tenant; `policy` holds the properties of both versions, never annotations.

    `original` is the policy that the tenant started with.
    """

    id: str
    display_name: str
    domain: str
    policy: JsonObject
    original: JsonObject
    directory: Directory
    clock: Clock
    edits: list[Edit] = field(default_factory=list)
    _delayed: list[_Delayed] = field(default_factory=list)

    @property
    def groups(self) -> list[JsonObject]:
        """The groups of the directory, in the order in which they were added."""
        return self.directory.of_type(GROUP)

    def populate(self, document: JsonObject) -> None:
        """Add the groups, people, units and roles of a seed or of a loaded document.

        `groups` are `{id, displayName, members}`, `users` `{id, userPrincipalName, displayName}`,
        `units` like groups, `roles` members by the role's name; members are ids or names.
        """
        directory = self.directory
        for each in document.get("groups", ()):
            directory.add_group(each["id"], each["displayName"])
        for each in document.get("users", ()):
            known = {key: each[key] for key in each if key in PERSON}
            directory.add_person(
                known.pop("id"), known.pop("userPrincipalName"), known.pop("displayName"), **known
            )
        for each in document.get("units", ()):
            directory.add_unit(each["id"], each["displayName"])
        for each in (*document.get("groups", ()), *document.get("units", ())):
            directory.join(each["id"], *each.get("members", ()))
        for name, members in document.get("roles", {}).items():
            directory.join(directory.activate(name), *members)

    def signed_in(self, name: str) -> Person:
        """A person as a token names them, with the roles of this moment; KeyError for nobody."""
        found = self.directory.person(name)
        if found is None:
            raise KeyError(name)
        wids = frozenset(self.directory.roles_of(found["id"]))
        return Person(found["id"], found["userPrincipalName"], found["displayName"], wids)

    def seen(self) -> JsonObject:
        """The policy as a read sees it now: older than the truth while a write is delayed."""
        if not self._delayed:
            return self.policy
        oldest = self._delayed[0]
        oldest.reads -= 1
        if oldest.reads == 0:
            self._delayed.pop(0)
        return oldest.policy

    def delay(self, policy: JsonObject, reads: int) -> None:
        """Let the next reads see `policy` in place of the truth."""
        self._delayed.append(_Delayed(deepcopy(policy), reads))

    def settle(self) -> None:
        """End every delay."""
        self._delayed.clear()

    def snapshot(self) -> Snapshot:
        """Return the present state, for `restore`."""
        return Snapshot(deepcopy(self.policy), len(self.edits))

    def restore(self, snapshot: Snapshot) -> None:
        """Undo what was written since a snapshot."""
        self.policy = deepcopy(snapshot.policy)
        del self.edits[snapshot.edits :]

    def find(self, identifier: str, policy: JsonObject | None = None) -> JsonObject | None:
        """A stored configuration by id, without case."""
        for each in (policy or self.policy)[CONFIGURATIONS]:
            if each["id"].lower() == identifier.lower():
                found: JsonObject = each
                return found
        return None

    def put(self, identifier: str, configuration: JsonObject | None, actor: str) -> None:
        """Replace, add or (None) remove a configuration, and note the edit."""
        before = self.find(identifier)
        rows = self.policy[CONFIGURATIONS]
        if before is None and configuration is not None:
            rows.append(configuration)
        else:
            place = rows.index(before)
            rows[place : place + 1] = [] if configuration is None else [configuration]
        self._note(actor, before["id"] if before else identifier, before, configuration)

    def put_root(self, changed: Mapping[str, Any], actor: str) -> None:
        """Set properties of the policy itself, and note the edit."""
        if not changed:
            return
        before = {name: deepcopy(self.policy.get(name)) for name in changed}
        self.policy.update(changed)
        self._note(actor, POLICY, before, dict(changed))

    def portal(self, resource: str, changes: JsonObject, actor: str) -> None:
        """Do what an administrator did in the portal: merge `changes` in, unchecked."""
        if resource.lower() == POLICY.lower():
            self.put_root(
                {name: _merged(self.policy.get(name), changes[name]) for name in changes}, actor
            )
        else:
            stored = self.find(resource) or {"id": resource}
            self.put(resource, _merged(stored, changes), actor)
        self.touch()

    @enforces("last-modified")
    def touch(self) -> None:
        """Move the policy's time stamp."""
        self.policy["lastModifiedDateTime"] = stamp(self.clock())

    def _note(
        self, actor: str, resource: str, before: JsonObject | None, after: JsonObject | None
    ) -> None:
        at = stamp(self.clock())
        self.edits.append(Edit(at, actor, resource, deepcopy(before), deepcopy(after)))


def stamp(moment: datetime) -> str:
    """A moment as Graph writes it: UTC with seven fractional digits."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0Z"


def _merged(stored: Any, changes: Any) -> Any:
    if not isinstance(stored, dict) or not isinstance(changes, dict):
        return deepcopy(changes)
    kept = {name: deepcopy(value) for name, value in stored.items() if name not in changes}
    merged = {name: _merged(stored.get(name), value) for name, value in changes.items()}
    ordered = [*stored, *(name for name in changes if name not in stored)]
    together = {**kept, **merged}
    return {name: together[name] for name in ordered}


def default_configuration(identifier: str) -> JsonObject:
    """A built-in method as a tenant has it that never touched it."""
    type_name = METHODS[identifier]
    stored = completed(data("defaults.json")["configurations"][identifier], type_name)
    return typed(stored, identifier, type_name)


def seed_policy(seed: JsonObject, switches: Switches) -> JsonObject:
    """The stored policy of a seed under the switches that decide how a tenant starts."""
    policy: JsonObject = completed(
        {**data("defaults.json")["policy"], **seed.get("policy", {})}, POLICY
    )
    overrides = dict(seed.get("configurations", {}))
    rows = [
        _merged(default_configuration(identifier), overrides.pop(identifier, {}))
        for identifier in METHODS
    ]
    rows += [
        typed(completed(each, EXTERNAL), identifier, EXTERNAL)
        for identifier, each in overrides.items()
    ]
    rows = [completed(each, type_of(each) or "") for each in rows]
    if switches.passkey_opt_in == "after" and not opted_in(rows[0]):
        opt_in(rows[0])
    policy[CONFIGURATIONS] = rows
    if switches.migration_state != "seed":
        fixed = switches.migration_state
        policy["policyMigrationState"] = None if fixed in {"null", "absent"} else fixed
    return policy


def seeded(seed: JsonObject, switches: Switches, clock: Clock) -> Tenant:
    """Return a tenant in the state of a seed."""
    policy = seed_policy(seed, switches)
    tenant = Tenant(
        id=seed["tenant"]["id"],
        display_name=seed["tenant"]["displayName"],
        domain=seed["tenant"].get("domain", "contoso.com"),
        policy=policy,
        original=deepcopy(policy),
        directory=Directory(),
        clock=clock,
    )
    tenant.populate(seed)
    return tenant


def stored_policy(document: JsonObject) -> JsonObject:
    """A policy as it is stored, out of what a GET answered; raw otherwise."""
    stored = {key: deepcopy(value) for key, value in document.items() if not is_annotation(key)}
    stored[CONFIGURATIONS] = [
        {
            key: deepcopy(value)
            for key, value in each.items()
            if key == "@odata.type" or not is_annotation(key)
        }
        for each in document.get(CONFIGURATIONS, [])
    ]
    return stored
