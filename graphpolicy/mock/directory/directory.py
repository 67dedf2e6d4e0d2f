"""The objects of a tenant's directory and their memberships."""

from array import array
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..tables import JsonObject, data
from .crowd import USER, Crowd, Members

GROUP: Final = "#microsoft.graph.group"
ROLE: Final = "#microsoft.graph.directoryRole"
UNIT: Final = "#microsoft.graph.administrativeUnit"


Grant = tuple[str, str, str]
"""The id of a person or group, the template id of a role, and the scope: `/` is the tenant."""


@dataclass(slots=True)
class Directory:
    """Groups, people, roles and administrative units by id, in the order in which they were added.

    `scoped` are roles for a part of the tenant, `eligible` those that somebody may activate.
    """

    objects: dict[str, JsonObject] = field(default_factory=dict)
    crowd: Crowd | None = None
    scoped: list[Grant] = field(default_factory=list)
    eligible: list[Grant] = field(default_factory=list)
    _members: dict[str, dict[str, None]] = field(default_factory=dict)
    _numbers: dict[str, Sequence[int]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def add(self, row: JsonObject) -> JsonObject:
        """Add an object with `@odata.type` and id, or replace it; names must be strings."""
        for name in ("id", "displayName", "userPrincipalName"):
            if not isinstance(row.get(name, ""), str):
                raise TypeError(f"{name} {row[name]!r} is not a string")
        self.objects[row["id"].lower()] = row
        if "userPrincipalName" in row:
            self._names[row["userPrincipalName"].lower()] = row["id"].lower()
        return row

    def add_group(self, identifier: str, name: str, **more: object) -> None:
        """Add a group, or rename it; `more` are further properties of Graph's group."""
        self.add(
            {
                "@odata.type": GROUP,
                "id": identifier,
                "displayName": name,
                "description": None,
                "groupTypes": [],
                "mailEnabled": False,
                "securityEnabled": True,
                **more,
            }
        )

    def add_person(self, identifier: str, principal_name: str, name: str, **more: object) -> None:
        """Add a person; `more` are further properties of Graph's user."""
        self.add(
            {
                "@odata.type": USER,
                "id": identifier,
                "displayName": name,
                "userPrincipalName": principal_name,
                "mail": None if "#ext#" in principal_name.lower() else principal_name,
                "userType": "Guest" if "#ext#" in principal_name.lower() else "Member",
                "accountEnabled": True,
                **more,
            }
        )

    def add_unit(self, identifier: str, name: str) -> None:
        """Add an administrative unit."""
        self.add({"@odata.type": UNIT, "id": identifier, "displayName": name, "description": None})

    def activate(self, name: str) -> str:
        """Activate a directory role by name, and return its id."""
        template: str = data("roles.json")[name]
        identifier = f"{template[:-4]}d1d1"
        if identifier not in self.objects:
            self.add(
                {
                    "@odata.type": ROLE,
                    "id": identifier,
                    "displayName": name,
                    "description": None,
                    "roleTemplateId": template,
                }
            )
        return identifier

    def remove(self, identifier: str) -> None:
        """Delete an object; KeyError if it does not exist."""
        gone = self.objects.pop(identifier.lower())
        self._members.pop(identifier.lower(), None)
        self._numbers.pop(identifier.lower(), None)
        self._names.pop(str(gone.get("userPrincipalName")).lower(), None)
        for belongs in self._members.values():
            belongs.pop(identifier.lower(), None)
        self.scoped = [each for each in self.scoped if each[0] != identifier.lower()]
        self.eligible = [each for each in self.eligible if each[0] != identifier.lower()]

    def join(self, group: str, *members: str) -> None:
        """Add objects by id, or people by name, to a group, role or unit."""
        belongs = self._members.setdefault(group.lower(), {})
        belongs.update(dict.fromkeys(self.key(each) for each in members))
        if self.objects.get(group.lower(), {}).get("@odata.type") == ROLE:
            self._assignable(members)

    def grant(self, role: str, *holders: str, unit: str | None = None, eligible: bool) -> None:
        """Assign a role by name for a unit, or make people or groups eligible for it."""
        scope = f"/administrativeUnits/{unit}" if unit else "/"
        rows = self.eligible if eligible else self.scoped
        rows += [(self.key(each), data("roles.json")[role], scope) for each in holders]
        self._assignable(holders)

    def _assignable(self, holders: Iterable[str]) -> None:
        """Groups that hold a role are role-assignable."""
        for key in map(self.key, holders):
            if self._is_group(key):
                self.objects[key] = {**self.objects[key], "isAssignableToRole": True}

    def leave(self, group: str, member: str) -> None:
        """Remove a member; KeyError if it is not one."""
        del self._members[group.lower()][self.key(member)]

    def gather(self, group: str, numbers: Sequence[int]) -> None:
        """Add people of the crowd, by number, to a group."""
        self._numbers[group.lower()] = numbers

    def clear(self) -> None:
        """Remove everything."""
        self.objects.clear()
        self._members.clear()
        self._numbers.clear()
        self._names.clear()
        self.scoped.clear()
        self.eligible.clear()
        self.crowd = None

    def copied(self) -> "Directory":
        """A copy of the directory as it is now."""
        return Directory(
            dict(self.objects),
            self.crowd,
            list(self.scoped),
            list(self.eligible),
            {group: dict(members) for group, members in self._members.items()},
            dict(self._numbers),
            dict(self._names),
        )

    def key(self, name: str) -> str:
        """The lower-case id of a person by user principal name; an id is its own."""
        if "@" not in name:
            return name.lower()
        index = self.crowd.index(name) if self.crowd else None
        if self.crowd and index is not None:
            return self.crowd.id(index)
        return self._names.get(name.lower(), name.lower())

    def find(self, name: str) -> JsonObject | None:
        """An object by id, or a person by name; None if it does not exist."""
        key = self.key(name)
        row = self.objects.get(key)
        if row is None and self.crowd:
            index = self.crowd.index(key)
            return None if index is None else self.crowd.person(index)
        return row

    def person(self, name: str) -> JsonObject | None:
        """A person by id or name."""
        row = self.find(name)
        return row if row is not None and row["@odata.type"] == USER else None

    def of_type(self, kind: str) -> list[JsonObject]:
        """The objects of a type that have an entry."""
        return [each for each in self.objects.values() if each["@odata.type"] == kind]

    @property
    def people(self) -> Sequence[JsonObject]:
        """Everybody: first the people with an entry, then the crowd."""
        everybody = range(self.crowd.count) if self.crowd else ()
        return self._everybody(self.of_type(USER), everybody)

    @property
    def enabled_people(self) -> Sequence[JsonObject]:
        """Everybody whose account is not disabled."""
        return self.enabled_without(())

    def enabled_without(self, keys: Container[str]) -> Sequence[JsonObject]:
        """The same without some who have an entry, by lower-case id."""
        people = [each for each in self.of_type(USER) if each["accountEnabled"]]
        rows = [each for each in people if each["id"].lower() not in keys]
        return self._everybody(rows, self.crowd.enabled if self.crowd else ())

    def administers(self) -> Callable[[str], bool]:
        """A function from a person's id to whether the person has any directory role."""
        groups = [
            each
            for role in self.of_type(ROLE)
            for each in (role["id"].lower(), *self._groups_in(role["id"]))
        ]
        keys = {each for group in groups for each in self._direct(group)}
        crowds = [numbers for group in groups if (numbers := self._numbers.get(group))]

        def holds(key: str) -> bool:
            if key in keys:
                return True
            index = self.crowd.index(key) if self.crowd and crowds else None
            return index is not None and any(index in numbers for numbers in crowds)

        return holds

    def _everybody(self, rows: list[JsonObject], numbers: Sequence[int]) -> Sequence[JsonObject]:
        if self.crowd is None:
            return rows
        changed = {
            index
            for row in self.of_type(USER)
            if (index := self.crowd.index(row["id"])) is not None
        }
        if changed:
            numbers = array("I", (each for each in numbers if each not in changed))
        return Members(rows, self.crowd, numbers)

    def members(self, group: str) -> Members:
        """The direct members of a group, role or unit."""
        rows = [self.objects[each] for each in self._direct(group) if each in self.objects]
        return Members(rows, self.crowd, self._numbers.get(group.lower(), ()))

    def transitive_members(self, group: str) -> Members:
        """The members of a group and of the groups in it, each once."""
        rows: dict[str, JsonObject] = {}
        crowds: list[Sequence[int]] = []
        for each in (group.lower(), *self._groups_in(group)):
            crowds.append(self._numbers.get(each, ()))
            rows |= {key: self.objects[key] for key in self._direct(each) if key in self.objects}
        rows.pop(group.lower(), None)
        together = [each for each in crowds if each]
        numbers = together[0] if len(together) == 1 else _joined(together)
        return Members(list(rows.values()), self.crowd, numbers)

    def groups_of(self, name: str, *, transitive: bool = True) -> list[JsonObject]:
        """The groups, roles and units that an object belongs to, directly or through groups."""
        found: dict[str, None] = {}
        pending = [self.key(name)]
        while pending:
            key = pending.pop(0)
            parents = [each for each in self._parents(key) if each not in found]
            found |= dict.fromkeys(parents)
            pending += [each for each in parents if transitive and self._is_group(each)]
        return [self.objects[each] for each in found if each in self.objects]

    def roles_of(self, name: str) -> list[str]:
        """The template ids of a person's directory roles, held directly or through a group."""
        return [
            each["roleTemplateId"] for each in self.groups_of(name) if each["@odata.type"] == ROLE
        ]

    def _direct(self, group: str) -> Iterable[str]:
        return self._members.get(group.lower(), {})

    def _is_group(self, key: str) -> bool:
        return self.objects.get(key, {}).get("@odata.type") == GROUP

    def _groups_in(self, group: str) -> Iterator[str]:
        seen = {group.lower()}
        pending = [group.lower()]
        while pending:
            for each in self._direct(pending.pop(0)):
                if each not in seen and self._is_group(each):
                    seen.add(each)
                    pending.append(each)
                    yield each

    def _parents(self, key: str) -> Iterator[str]:
        yield from (group for group, belongs in self._members.items() if key in belongs)
        index = self.crowd.index(key) if self.crowd else None
        if index is not None:
            yield from (group for group, numbers in self._numbers.items() if index in numbers)


def _joined(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    return array("I", sorted(set().union(*parts))) if parts else ()
