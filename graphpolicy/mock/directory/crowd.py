"""A crowd of people who are not stored: a person is computed from a number, and the other way
round.

A tenant with a million people takes no time and no memory. If a person of the crowd is changed,
they become an entry of the directory.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, overload

from ..tables import JsonObject
from .kinds import KEYS

USER: Final = "#microsoft.graph.user"

_DIGITS: Final = 9
_SUFFIX: Final = "-0000-4000-8000-c0dec0dec0de"
_ID: Final = re.compile(rf"([0-9a-f]{{8}}){_SUFFIX}")
_HOME: Final = "_fabrikam.com#EXT#"
"""What the user principal name of a guest has after the name."""
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


class Without(Sequence[int]):
    """The numbers below `count`, without every n-th of them; with all of them if `every` is 0."""

    def __init__(self, count: int, every: int) -> None:
        """Leave out `every - 1`, `2 * every - 1` and so on."""
        self._count = count
        self._every = every

    def __len__(self) -> int:
        """Count what stays."""
        return self._count - (self._count // self._every if self._every else 0)

    def __contains__(self, number: object) -> bool:
        """Say whether a number stays."""
        below = isinstance(number, int) and 0 <= number < self._count
        return below and not nth(number, self._every)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        """The number at a place."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        return place + place // (self._every - 1) if self._every else place


def nth(number: object, every: int) -> bool:
    """Say whether a number is one of every n-th; always false if `every` is 0."""
    return isinstance(number, int) and every > 0 and number % every == every - 1


@dataclass(frozen=True, slots=True)
class Crowd:
    """`count` people of one domain; `stir` varies their registrations.

    Every `guests`-th is a guest and the account of every `disabled`-th is disabled; 0 is nobody.
    """

    count: int
    domain: str
    stir: int = 0
    guests: int = 0
    disabled: int = 0

    @property
    def enabled(self) -> Sequence[int]:
        """The numbers of those whose accounts are enabled."""
        return Without(self.count, self.disabled) if self.disabled else range(self.count)

    def index(self, key: str) -> int | None:
        """The number of a person by id or user principal name; None if not in the crowd."""
        found = _ID.fullmatch(key.lower())
        if found:
            number = int(found.group(1), 16)
            return number if number < self.count else None
        local = key.rpartition("@")[0].lower().removesuffix(_HOME.lower())
        digits = local.rpartition(".")[2]
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
        home = _HOME if nth(index, self.guests) else ""
        return f"{self.name(index).replace(' ', '.').lower()}{home}@{self.domain}"

    def name(self, index: int) -> str:
        """The display name of a person by number."""
        return f"{_GIVEN[index % len(_GIVEN)]} {_FAMILY[index % len(_FAMILY)]} {index}"

    def person(self, index: int) -> JsonObject:
        """The user object of a person by number."""
        guest = nth(index, self.guests)
        address = self.principal_name(index)
        return {
            "@odata.type": USER,
            "id": self.id(index),
            "displayName": self.name(index),
            "userPrincipalName": address,
            "mail": None if guest else address,
            "userType": "Guest" if guest else "Member",
            "accountEnabled": not nth(index, self.disabled),
        }

    def registered(self, index: int) -> tuple[str, ...]:
        """What a person by number has registered, as kinds of `methods.json`.

        Keys are of many models.
        """
        drawn = (index + self.stir) * 2654435761 & 0xFFFFFFFF
        methods = next(methods for below, methods in HABITS if drawn * 100 >> 32 < below)
        key = KEYS[drawn % len(KEYS)]
        return tuple(key if each == KEYS[0] else each for each in methods)


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
