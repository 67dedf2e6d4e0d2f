"""What a test may do to the people, groups and roles of a mock."""

import uuid
from collections.abc import Iterable, Mapping

from .directory.passes import sign_in_with
from .tenant import Tenant
from .world import World


class PeopleControls:
    """The directory part of a mock; without `tenant_id` each method uses the first tenant."""

    world: World
    tenant_id: str

    def tenant(self, tenant_id: str | None = None) -> Tenant:
        """A tenant by id, or the first one; its `directory` and `registered` may be used."""
        return self.world.tenant(tenant_id or self.tenant_id)

    def add_group(
        self, identifier: str, name: str, *, tenant_id: str | None = None, **more: object
    ) -> None:
        """Add a group to the directory, or rename it; `more` are further properties of a group."""
        with self.world.lock:
            self.tenant(tenant_id).directory.add_group(identifier, name, **more)

    def remove_group(self, identifier: str, *, tenant_id: str | None = None) -> None:
        """Delete a group from the directory; targets keep its id."""
        with self.world.lock:
            self.tenant(tenant_id).directory.remove(identifier)

    def add_person(
        self,
        principal_name: str,
        name: str,
        *,
        methods: Iterable[str] = (),
        identifier: str | None = None,
        tenant_id: str | None = None,
        **more: object,
    ) -> str:
        """Add a person with registered methods, kinds of `methods.json`; returns the id.

        `more` are further properties of a user. A person with the same id is replaced, and keeps
        groups and methods.
        """
        key = identifier or str(uuid.uuid4())
        with self.world.lock:
            tenant = self.tenant(tenant_id)
            tenant.directory.add_person(key, principal_name, name, **more)
            for each in methods:
                tenant.registered.register(key, each)
        return key

    def add_crowd(
        self,
        count: int,
        groups: Mapping[str, int] | None = None,
        *,
        tenant_id: str | None = None,
        **shares: int,
    ) -> None:
        """Add `count` people; with `groups` {id: n} every n-th of them is in a group.

        They take no memory and no time, however many they are. `shares` are `guests`, `disabled`
        and `administrators`, each n for every n-th, and `stir`, which varies registrations.
        """
        with self.world.lock:
            self.tenant(tenant_id).gather(count, groups or {}, **shares)

    def report_as(
        self, person: str, names: Iterable[str] | None, *, tenant_id: str | None = None
    ) -> None:
        """Let the report name these methods of a person, whatever they have; None is no row."""
        with self.world.lock:
            self.tenant(tenant_id).registered.report_as(person, names)

    def join(self, group: str, *members: str, tenant_id: str | None = None) -> None:
        """Add people (by id or name) and groups (by id) to a group or unit."""
        with self.world.lock:
            self.tenant(tenant_id).directory.join(group, *members)

    def leave(self, group: str, *members: str, tenant_id: str | None = None) -> None:
        """Remove people or groups from a group or unit; KeyError if one is not in it."""
        with self.world.lock:
            for each in members:
                self.tenant(tenant_id).directory.leave(group, each)

    def assign_role(self, name: str, *members: str, tenant_id: str | None = None) -> None:
        """Give people or groups a directory role, by its display name."""
        with self.world.lock:
            directory = self.tenant(tenant_id).directory
            directory.join(directory.activate(name), *members)

    def grant_role(
        self,
        name: str,
        *members: str,
        unit: str | None = None,
        eligible: bool = False,
        tenant_id: str | None = None,
    ) -> None:
        """Assign a role, by name, for a unit, by id; with `eligible` as an eligible role."""
        with self.world.lock:
            directory = self.tenant(tenant_id).directory
            directory.grant(name, *members, unit=unit, eligible=eligible)

    def use_pass(self, person: str, secret: str, *, tenant_id: str | None = None) -> str:
        """Sign in with a Temporary Access Pass: `Accepted`, `Wrong`, or why it is not usable."""
        with self.world.lock:
            return sign_in_with(self.tenant(tenant_id), person, secret)
