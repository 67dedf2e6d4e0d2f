"""The state of the accounts of `emergencyAccess`, judged by the live policy of today. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from graphpolicy.catalogue.registered import KEY
from graphpolicy.guards.emergency_access import ENTRIES
from graphpolicy.guards.usable_methods import some
from graphpolicy.helpdesk.person import Memberships, Person
from graphpolicy.helpdesk.registered_methods import (
    Configurations,
    RegisteredMethod,
    allowed,
    configurations,
)
from graphpolicy.model import Emergencies, EntryHealth, ExaminedEntry, Holder, Place, Unread
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import Someone, may_use
from graphpolicy.plan.tally import number

CERTIFICATE = "x509certificate"
Places = Mapping[tuple[str, int], Place]


@dataclass(frozen=True, slots=True)
class JudgedHolder:
    """A person, with the methods that today's policy accepts, and those that it does not accept and
    why, in words.

    `unread` is why it is not known whether they hold anything that it accepts. `certificate` is
    whether they may sign in with one, which Graph lists nowhere.
    """

    who: Holder
    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unread: Unread | None = None
    certificate: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether they hold a method that today's policy accepts; None if that is not known."""
        if self.accepted:
            return True
        return None if self.unread or self.certificate else False

    @property
    def able(self) -> bool | None:
        """Whether they could sign in; None if that is not known."""
        if self.who.enabled is False or self.holds is False:
            return False
        return True if self.who.enabled and self.holds else None


@dataclass(frozen=True, slots=True)
class EmergencyEntry:
    """An entry of `emergencyAccess` with its people; None if they are not known."""

    of: ExaminedEntry
    people: tuple[JudgedHolder, ...] | None
    place: Place | None

    @property
    def label(self) -> str:
        return f"{self.of.account.label} of {ENTRIES}"

    def which(self, several: Sequence[JudgedHolder]) -> str:
        """Some of its people, as the subject of a sentence: by number, never by name."""
        if not self.of.account.group:
            return self.label
        total = number(len(self.people or ()), "account")
        return f"{len(several)} of {total} in {self.label}"


def judged(found: Emergencies, places: Places) -> tuple[EmergencyEntry, ...]:
    """The entries in the order of the file, each with its people judged."""
    policy = configurations(found.documents)
    return tuple(
        EmergencyEntry(each, _judged(each, policy), places.get((ENTRIES, number)))
        for number, each in enumerate(found.entries)
    )


def _judged(entry: ExaminedEntry, policy: Configurations) -> tuple[JudgedHolder, ...] | None:
    if entry.more_than or isinstance(entry.people, Unread):
        return None
    return tuple(_judge(who, policy) for who in entry.people)


def _judge(who: Holder, policy: Configurations) -> JudgedHolder:
    if isinstance(who.registered, Unread):
        return JudgedHolder(who, unread=who.registered)
    belongs = None if who.groups is None else Memberships(who.groups)
    accepted: list[str] = []
    refused: list[str] = []
    unsure: list[str] = []
    for row in who.registered:
        method = RegisteredMethod.of(row, "beta")
        if method.kind is not None and "multifactor" not in method.kind.proves:
            continue  # a password, a pass, an email address: no way in on their own
        may = allowed(method, policy, Person(who.id, "", ""), belongs)
        words = _words(method, str(row.get("model") or ""))
        if may.yes:
            accepted.append(words)
        else:
            (refused if may.yes is False else unsure).append(f"{words} ({may.why})")
    unread = None
    if unsure:
        why = f"it is not clear whether the policy accepts {some(unsure)}"
        unread = Unread(why, "grant GroupMember.Read.All, or try a sign-in with it")
    values = policy.get(CERTIFICATE, {})
    certificate = may_use(values, Someone(who.id, who.groups)).yes is not False
    return JudgedHolder(who, tuple(accepted), tuple(refused), unread, certificate)


def _words(method: RegisteredMethod, model: str) -> str:
    """A method in words: for a key its model and AAGUID, never the name that its owner gave it."""
    if method.kind is None or method.kind.name != KEY:
        return method.label
    if model and method.model:
        return f"{method.label} {model!r} ({method.model})"
    named = repr(model) if model else method.model
    return f"{method.label} {named or 'of a model that Graph does not name'}"


def numbers(entry: EmergencyEntry) -> EntryHealth:
    """What is known of an entry, in numbers."""
    of, people = entry.of, entry.people
    if people is None:
        return EntryHealth(of.account.label, dynamic=of.dynamic, synchronised=of.synchronised)
    days = [each.who.signed_in for each in people]
    known = [day for day in days if isinstance(day, str)]
    held = Counter(words for each in people for words in set(each.accepted))
    read = all(not isinstance(each.who.registered, Unread) for each in people)
    return EntryHealth(
        of.account.label,
        len(people),
        _count(each.who.enabled for each in people),
        _count(None if (same := each.who.synchronised) is None else not same for each in people),
        _count(each.who.guest for each in people),
        _count(each.holds for each in people),
        dict(sorted(held.items())) if read else None,
        max(known, default="") if len(known) == len(days) else None,
        of.dynamic,
        of.synchronised,
    )


def _count(several: Iterable[bool | None]) -> int | None:
    """How many of them are so; None if it is not known of one of them."""
    known = list(several)
    return None if None in known else sum(each is True for each in known)


def sentence(entry: EmergencyEntry) -> str:
    """What is known of an entry whose people are known."""
    found = numbers(entry)
    said = [number(found.accounts or 0, "account")] if entry.of.account.group else []
    for count, words in (
        (found.enabled, "enabled"),
        (found.cloud_only, "cloud-only"),
        (found.guests, "guest" if found.guests == 1 else "guests"),
    ):
        if count:
            said.append(f"{count} {words}" if entry.of.account.group else words)
    if found.methods is not None:
        held = ", ".join(times(words, count) for words, count in found.methods.items())
        said.append(held or "nothing that today's policy accepts")
    if found.last_sign_in is not None:
        day = found.last_sign_in
        said.append(f"last sign-in on {day}" if day else "no sign-in on record")
    return ", ".join(said)


def times(words: str, count: int) -> str:
    """Some words, and how many times."""
    return words if count == 1 else f"{count} x {words}"
