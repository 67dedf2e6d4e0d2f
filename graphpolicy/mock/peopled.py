"""What a test may do to the people, groups and roles of a mock."""

import uuid
from collections.abc import Iterable, Mapping

from .directory.passes import sign_in_with
from .tenant import Tenant
from .world import World


class Peopled:
    """A mock by its tenants' directories; everywhere the first tenant without `tenant_id`."""

    world: World
    tenant_id: str

    def tenant(self, tenant_id: str | None = None) -> Tenant:
        """A tenant by id, the first one without; its `directory` and `registered` may be used."""
        return self.world.tenant(tenant_id or self.tenant_id)

    def add_group(self, identifier: str, name: str, *, tenant_id: str | None = None) -> None:
        """Add a group to the directory, or rename it."""
        with self.world.lock:
            self.tenant(tenant_id).directory.add_group(identifier, name)

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
    ) -> str:
        """Add a person with registered methods, kinds of `methods.json`; returns the id."""
        key = identifier or str(uuid.uuid4())
        with self.world.lock:
            tenant = self.tenant(tenant_id)
            tenant.directory.add_person(key, principal_name, name)
            for each in methods:
                tenant.registered.register(key, each)
        return key

    def add_crowd(
        self,
        count: int,
        groups: Mapping[str, int] | None = None,
        *,
        stir: int = 0,
        tenant_id: str | None = None,
    ) -> None:
        """Add so many people, of whom every n-th belongs to a group: `groups` is {id: n}.

        They take no memory and no time, however many; `stir` deals out other registrations.
        """
        with self.world.lock:
            self.tenant(tenant_id).gather(count, groups or {}, stir)

    def join(self, group: str, *members: str, tenant_id: str | None = None) -> None:
        """Let people (by id or name) and groups (by id) belong to a group or unit."""
        with self.world.lock:
            self.tenant(tenant_id).directory.join(group, *members)

    def leave(self, group: str, *members: str, tenant_id: str | None = None) -> None:
        """Take people or groups out of a group or unit; KeyError for one that is not in it."""
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
        """Give people or groups a role for a unit, by its id, or let them take it: `eligible`."""
        with self.world.lock:
            directory = self.tenant(tenant_id).directory
            directory.grant(name, *members, unit=unit, eligible=eligible)

    def use_pass(self, person: str, secret: str, *, tenant_id: str | None = None) -> str:
        """Sign in with a Temporary Access Pass: `Accepted`, `Wrong`, or why it is not usable."""
        with self.world.lock:
            return sign_in_with(self.tenant(tenant_id), person, secret)
