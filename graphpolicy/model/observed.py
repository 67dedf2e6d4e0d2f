"""What a tenant answers, the policy and what is around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from graphpolicy.model.records import dataclass
from graphpolicy.model.words import Json, Version


@dataclass(frozen=True, slots=True)
class Observed:
    """The documents that Graph answered, as they came, by API version."""

    documents: Mapping[Version, Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Unread:
    """Why something around the policy could not be read, and what to do about it."""

    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was looked up: the folded ids of all groups, nested ones included, and what is
    registered, (kind, model of a key), both folded; either is None where it could not be read.

    The kind is Graph's type without its ending, `fido2` or `phone`.
    """

    label: str
    id: str
    within: frozenset[str] | None
    registered: frozenset[tuple[str, str]] | None


@dataclass(frozen=True, slots=True)
class Account:
    """A user or group of `emergencyAccess`, or a group of `helpdesk.refuse`, looked up.

    Ids are folded.

    `id` is empty where the directory has no such account, or where it may not be read
    (`readable`). `within` are the ids of all groups that it is in, nested ones included; None where
    that could not be read. `people` is who it is, or who is in it; None where that could not be
    read, nobody where it was not asked. `inner` are the ids of the groups in it, where asked.
    `unread` is why something of this could not be read, or is not clear. `called` is what an
    object with a written id is called, where that is not what the file calls it, and `other` are
    the ids of what has the written name. `empty` is a group in which nobody is.
    """

    label: str
    id: str
    within: frozenset[str] | None = None
    readable: bool = True
    group: bool = False
    people: tuple[Person, ...] | None = ()
    inner: frozenset[str] = frozenset()
    unread: Unread | None = None
    called: str = ""
    other: tuple[str, ...] = ()
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A change of the policy in the audit log: when, in the log's own form, and by whom.

    `modified` are (name, old value, new value) in the log's words.
    """

    at: str
    who: str
    modified: tuple[tuple[str, Json, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class Strength:
    """An authentication strength: folded modes of each combination that satisfies it, and the names
    of the Conditional Access policies that demand it; None before these were looked up.
    """

    id: str
    name: str
    combinations: tuple[frozenset[str], ...]
    demanded_by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """What the tenant said besides the policy, most of it of the groups that a plan mentions.

    `by_name` holds for each asked display name the groups that match it without regard to case, as
    (id, displayName); `names` the display name by id; `gone` ids that no longer exist. `readable`
    is false where ids could not be looked up. `events` are changes in the audit log, newest first;
    `strengths` are authentication strengths; either may have been wanted and not readable.
    """

    by_name: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)
    """The group that was probably meant by a name that matches none."""
    names: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    readable: bool = True
    accounts: tuple[Account, ...] = ()
    refused: tuple[Account, ...] = ()
    """The groups of `helpdesk.refuse`, in its order; a role in it is no group."""
    events: tuple[Event, ...] | Unread = ()
    strengths: tuple[Strength, ...] | Unread = ()
