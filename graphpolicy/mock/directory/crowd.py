"""A crowd of people who are not stored: each is computed from a number, and the number from them.

A tenant with a million people takes no time and no memory. If a person of the crowd is changed,
they become an entry of the directory.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, overload

from ..tables import JsonObject

USER: Final = "#microsoft.graph.user"

_DIGITS: Final = 9
_SUFFIX: Final = "-0000-4000-8000-c0dec0dec0de"
_ID: Final = re.compile(rf"([0-9a-f]{{8}}){_SUFFIX}")
_GIVEN: Final = (
    "Amara", "Bjorn", "Chen", "Dalia", "Emre", "Freya", "Goran", "Hana", "Ines", "Jamal",
    "Kavya", "Liam", "Mei", "Nadia", "Oskar", "Priya", "Quinn",
)  # fmt: skip
_FAMILY: Final = (
    "Abe", "Brandt", "Costa", "Dubois", "Eriksen", "Fofana", "Garcia", "Haddad", "Ivanov",
    "Jansen", "Kowalski", "Lindqvist", "Mensah", "Novak", "Okafor", "Petrov", "Rossi", "Sato",
    "Tanaka",
)  # fmt: skip

HABITS: Final[tuple[tuple[int, tuple[str, ...]], ...]] = (
    (42, ("microsoftAuthenticator",)),
    (58, ("microsoftAuthenticator", "mobilePhone")),
    (78, ("mobilePhone",)),
    (83, ("mobilePhone", "email")),
    (88, ("fido2", "microsoftAuthenticator")),
    (90, ("fido2",)),
    (92, ("softwareOath",)),
    (100, ()),
)
"""The crowd's registrations: cumulative percent of the crowd, and the methods."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """`count` people of one domain; `stir` varies their registrations."""

    count: int
    domain: str
    stir: int = 0

    def index(self, key: str) -> int | None:
        """The number of a person by id or user principal name; None if not in the crowd."""
        found = _ID.fullmatch(key.lower())
        if found:
            number = int(found.group(1), 16)
            return number if number < self.count else None
        digits = key.partition("@")[0].rpartition(".")[2]
        if len(digits) > _DIGITS or not (digits.isascii() and digits.isdigit()):
            return None
        number = int(digits)
        same = number < self.count and self.principal_name(number).lower() == key.lower()
        return number if same else None

    def id(self, index: int) -> str:
        """The id of a person by number."""
        return f"{index:08x}{_SUFFIX}"

    def principal_name(self, index: int) -> str:
        """The user principal name of a person by number."""
        return f"{self.name(index).replace(' ', '.').lower()}@{self.domain}"

    def name(self, index: int) -> str:
        """The display name of a person by number."""
        return f"{_GIVEN[index % len(_GIVEN)]} {_FAMILY[index % len(_FAMILY)]} {index}"

    def person(self, index: int) -> JsonObject:
        """The user object of a person by number."""
        name = self.name(index)
        address = f"{name.replace(' ', '.').lower()}@{self.domain}"
        return {
            "@odata.type": USER,
            "id": self.id(index),
            "displayName": name,
            "userPrincipalName": address,
            "mail": address,
            "userType": "Member",
            "accountEnabled": True,
        }

    def registered(self, index: int) -> tuple[str, ...]:
        """What a person by number has registered, as kinds of `methods.json`."""
        percent = ((index + self.stir) * 2654435761 & 0xFFFFFFFF) * 100 >> 32
        return next(methods for below, methods in HABITS if percent < below)


class Members(Sequence[JsonObject]):
    """Members in order: those with an entry, then those of the crowd, created on access."""

    def __init__(self, rows: Sequence[JsonObject], crowd: Crowd | None, numbers: Sequence[int]):
        """Join stored objects with people of the crowd by number."""
        self._rows = rows
        self._crowd = crowd
        self._numbers = numbers

    def __len__(self) -> int:
        """Count without creating anybody."""
        return len(self._rows) + len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> JsonObject: ...
    @overload
    def __getitem__(self, place: slice) -> "Sequence[JsonObject]": ...
    def __getitem__(self, place: int | slice) -> "JsonObject | Sequence[JsonObject]":
        """One member, or a page of them."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if place < len(self._rows):
            return self._rows[place]
        if self._crowd is None:
            raise IndexError(place)
        return self._crowd.person(self._numbers[place - len(self._rows)])

    def of_type(self, kind: str) -> "Members":
        """Those of one type; everybody of the crowd is a person."""
        rows = [each for each in self._rows if each["@odata.type"] == kind]
        return Members(rows, self._crowd, self._numbers if kind == USER else ())
