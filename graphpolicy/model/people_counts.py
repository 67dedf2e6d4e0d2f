"""The people that a plan or a date affects: their numbers, never their names."""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.model.records import dataclass
from graphpolicy.model.words import Json, Unread


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many people of one circle a plan affects, and how.

    `gain` and `lose` are about a method that they have registered. `without_…` had a way before the
    plan and have none after it: any at all, one that is good for multifactor, one that resists
    phishing. `without_reset` could reset their password, `without_sms_sign_in` could sign in with a
    text message alone. `device_alone` keep only the credential of one device.
    `unregistered_in_target` have not registered the method of a change that they are meant to use.
    `other_prompt` see another prompt. For `not_known` it is not known what they keep.
    """

    people: int = 0
    gain: int = 0
    lose: int = 0
    without_any: int = 0
    without_mfa: int = 0
    without_phishing_resistant: int = 0
    without_reset: int = 0
    without_sms_sign_in: int = 0
    device_alone: int = 0
    unregistered_in_target: int = 0
    other_prompt: int = 0
    not_known: int = 0


@dataclass(frozen=True, slots=True)
class ChangeImpact:
    """What one change does: the method's `gain` and `lose`, and how many people it `reaches`.

    `without_mfa` are those of the whole plan who lose the method. If it is not known of some people
    whether they lose or gain it, a number is in `at_least`, and 0 becomes None. `reaches` is None
    if the members of a group that decides it could not be read.
    """

    resource: str
    path: str
    gain: int | None
    lose: int | None
    without_mfa: int | None
    reaches: int | None
    unregistered: int | None = 0
    at_least: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupSize:
    """A group that a change names. `people` is None if its members could not be read."""

    id: str
    name: str
    people: int | None
    dynamic: bool = False
    synchronised: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted, for everybody, and once more for three circles of people.

    `emergency` is None if the members of an emergency group could not be read.
    `models` are the passkey models that people lose, with how many people hold each. `unused` of
    the people who lose something have used nothing that they keep for half a year; None if not
    read. `strange` are names in the report that this release does not know. `as_of` is the time of
    the newest row of the report.
    """

    everyone: Numbers
    guests: Numbers
    admins: Numbers
    emergency: Numbers | None
    changes: tuple[ChangeImpact, ...] = ()
    groups: tuple[GroupSize, ...] = ()
    models: tuple[tuple[str, int], ...] = ()
    unused: int | None = None
    strange: tuple[tuple[str, int], ...] = ()
    at_least: frozenset[str] = frozenset()
    """The numbers that may be greater, because it is not known of somebody whether they count."""
    as_of: str = ""
    unread: tuple[Unread, ...] = ()
    """What could not be read, so that some people are not known."""
    notes: tuple[Unread, ...] = ()
    """What else a reader of the numbers must know."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A person who must do something, for the work list. `priority` 1 is the most urgent.

    `has` is what they have registered, `loses` what is taken away, `first` what to do first.
    """

    priority: int
    reason: str
    person: str
    id: str
    admin: bool
    guest: bool
    has: tuple[str, ...]
    loses: tuple[str, ...]
    first: str


@dataclass(frozen=True, slots=True)
class DatedImpact:
    """What Microsoft takes away by a day, if nothing is changed.

    `scope` is how many people the methods are on for, `counted` are the people that it affects.
    `earlier` has the numbers of the last recorded run for the same day, with the time `at` of each.
    """

    on: str
    facts: tuple[DatedFact, ...]
    scope: int = 0
    counted: Counted | Unread | None = None
    earlier: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class DatedFact:
    """Something that Microsoft changes by itself, and since when."""

    resource: str
    about: str
    since: str
    source: str
