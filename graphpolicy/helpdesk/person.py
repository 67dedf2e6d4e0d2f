"""A person that the helpdesk helps, and what is known about them. Pure."""

from __future__ import annotations

from graphpolicy.model import Json, Unread
from graphpolicy.model.records import dataclass

LONGEST_NAME = 64
"""Characters of a display name in a message: a longer one could hide the unique name after it."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user in the directory: `name` is the user principal name, `id` is case-folded."""

    id: str
    name: str
    display_name: str
    kind: str = ""
    """Graph's userType; empty if Graph returns none."""

    @property
    def external(self) -> bool:
        """Whether this is an invited guest who signs in with another organization.

        Their user principal name contains #EXT#. A guest whose account is in this tenant (an
        internal guest) has an ordinary name and may have passes.
        """
        return "#ext#" in self.name.casefold() and self.kind.casefold() in ("", "guest")

    @property
    def label(self) -> str:
        """Display name and unique user principal name, for messages."""
        known = self.display_name
        known = f"{known[:LONGEST_NAME]}…" if len(known) > LONGEST_NAME else known
        return f"{known} ({self.name})" if known else self.name


@dataclass(frozen=True, slots=True)
class Memberships:
    """Groups and directory roles of a person, nested groups included.

    `groups` are case-folded ids. `roles` are names of directory roles, or ids if the names may not
    be read. `holders` are the groups that can be assigned to a role. `unread` says why eligible
    roles, or roles with a narrower scope than the tenant, could not be read.
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


def masked(text: str) -> str:
    """A phone number or an email address for logs and output.

    A number keeps its country code and last two digits, an address its first letter and domain.
    """
    name, at, domain = text.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    digits = [place for place, letter in enumerate(text) if letter.isdigit()]
    country = text.partition(" ")[0] if text.startswith("+") and " " in text else ""
    hidden = {place for place in digits[:-2] if place >= len(country)}
    return "".join("X" if place in hidden else letter for place, letter in enumerate(text))
