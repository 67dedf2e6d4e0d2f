"""The accounts of `emergencyAccess`: who they are in the directory, and their state there."""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.model.records import dataclass
from graphpolicy.model.words import Json, Unread


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """A user who was looked up.

    `within` are the folded ids of all their groups, nested ones included. `registered` are their
    methods as (kind, model of a key), both folded; the kind is Graph's type without its ending,
    such as `fido2` or `phone`. Either is None if it could not be read.
    """

    label: str
    id: str
    within: frozenset[str] | None
    registered: frozenset[tuple[str, str]] | None


@dataclass(frozen=True, slots=True)
class Account:
    """A user or group of `emergencyAccess`, or a group of `helpdesk.refuse`, looked up.

    All ids are folded. `id` is empty if the directory has no such account, or if it could not be
    read (`readable` is false). `within` are the ids of all groups that it is in, nested ones
    included. `people` are the user, or the members of the group, and empty if not looked up. Both
    are None if they could not be read. `inner` are the ids of the groups in it, if looked up.
    `unread` is why something could not be read or is not clear. `called` is the object's name in
    the directory if the file has its id and another name, and `other` are the ids of objects with
    the file's name. `empty` is true for a group without members.
    """

    label: str
    id: str
    within: frozenset[str] | None = None
    readable: bool = True
    group: bool = False
    people: tuple[DirectoryUser, ...] | None = ()
    inner: frozenset[str] = frozenset()
    unread: Unread | None = None
    called: str = ""
    other: tuple[str, ...] = ()
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has emergency access, as the directory has them; None is not known.

    `id` is folded. `registered` are Graph's own entries of what they have registered, `groups` the
    folded ids of all groups that they are in. `signed_in` is the day of the last sign-in, "" if
    there is none on record.
    """

    id: str
    enabled: bool | None
    guest: bool | None
    synchronised: bool | None
    groups: frozenset[str] | None
    registered: tuple[Mapping[str, Json], ...] | Unread
    signed_in: str | Unread


@dataclass(frozen=True, slots=True)
class ExaminedEntry:
    """An entry of `emergencyAccess`, looked up, with its people or why they are not known.

    `more_than` is a number that its people exceed: too many for emergency accounts, and not read. 0
    if they are not too many.
    """

    account: Account
    people: tuple[Holder, ...] | Unread = ()
    dynamic: bool = False
    synchronised: bool = False
    more_than: int = 0


@dataclass(frozen=True, slots=True)
class Emergencies:
    """All entries of `emergencyAccess` examined, and the policy that their methods must suit.

    `documents` are the policy's documents, with those that only this examination read.
    """

    entries: tuple[ExaminedEntry, ...] = ()
    documents: tuple[Mapping[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class EntryHealth:
    """What is known of one entry, in numbers; None is not known.

    `entry` is written as in the file: `user 'bg-01@contoso.com'`. `methods` are what today's policy
    accepts, in words, each with the number of accounts that hold it. `last_sign_in` is the latest
    day, "" if there is none on record.
    """

    entry: str
    accounts: int | None = None
    enabled: int | None = None
    cloud_only: int | None = None
    guests: int | None = None
    able: int | None = None
    """How many hold a method that today's policy accepts."""
    methods: Mapping[str, int] | None = None
    last_sign_in: str | None = None
    dynamic: bool = False
    synchronised: bool = False
