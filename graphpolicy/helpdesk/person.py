"""A person who is to be helped, and what is known of them. Pure."""

from __future__ import annotations

from graphpolicy.model import Json, Unread
from graphpolicy.model.records import dataclass

LONGEST_NAME = 64
"""Characters of a display name in a message: a longer one would hide the name that is unique."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the directory: `name` is the user principal name, ids are folded."""

    id: str
    name: str
    display_name: str
    kind: str = ""
    """Graph's userType, where it says one."""

    @property
    def external(self) -> bool:
        """Whether somebody is a guest who signs in elsewhere: invited, by the name, and no member.

        A guest with an account of this tenant has no such name, and may have passes.
        """
        return "#ext#" in self.name.casefold() and self.kind.casefold() in ("", "guest")

    @property
    def label(self) -> str:
        """Whom a message means: the name that people know, and the one that is unique."""
        known = self.display_name
        known = f"{known[:LONGEST_NAME]}…" if len(known) > LONGEST_NAME else known
        return f"{known} ({self.name})" if known else self.name


@dataclass(frozen=True, slots=True)
class Belongs:
    """What somebody belongs to, nested groups included.

    `groups` are folded ids; `roles` are names of directory roles, or ids where the names may not be
    read. `holders` are those of the groups that may hold a role. `unread` is why roles that are
    eligible or for a part of the tenant could not be read.
    """

    groups: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()
    holders: frozenset[str] = frozenset()
    unread: tuple[Unread, ...] = ()


def person_json(person: Person) -> dict[str, Json]:
    """A person as the journal and JSON name them."""
    return {
        "id": person.id,
        "userPrincipalName": person.name,
        "displayName": person.display_name or None,
    }
