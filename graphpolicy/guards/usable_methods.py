"""Whether a policy accepts what somebody has registered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.catalogue.registered import KINDS, kind_of
from graphpolicy.guards.enabled_methods import MULTIFACTOR
from graphpolicy.guards.plan_view import BeforeAfter
from graphpolicy.model import Account, DirectoryUser, Finding, Json
from graphpolicy.people.access import Someone, may_use, may_use_registered
from graphpolicy.people.keys import FIDO2

UNRULED = frozenset(kind.name.casefold() for kind in KINDS if kind.proves and not kind.through)
"""Credentials of a device, which this policy does not govern."""

UNSEEN = frozenset({"X509Certificate", "HardwareOath"})
"""Methods that work without anything that v1.0 lists as registered."""

NAMED = 5
"""The most people that a message names."""


def usable(values: Mapping[str, Json], who: Account | DirectoryUser) -> bool | None:
    """Whether an account may use a method; None if that depends on groups that are not known."""
    return may_use(values, Someone(who.id, who.within)).yes


def credential_lost(
    methods: Sequence[BeforeAfter], account: Account, people: Iterable[DirectoryUser]
) -> Iterator[Finding]:
    """People who could sign in with something registered before the plan, and with nothing after.

    It is a warning if they may have a certificate or a hardware token, which Graph does not list
    as registered.
    """
    found: dict[tuple[int, bool], list[DirectoryUser]] = {}
    for person in people:
        ended = [
            number for number, both in enumerate(methods) if _accepted(both, both.before, person)
        ]
        kept = any(_accepted(both, both.after, person) for both in methods)
        if ended and not kept and not any(kind in UNRULED for kind, _ in _registered(person)):
            found.setdefault((ended[0], _unseen(methods, person)), []).append(person)
    for (number, unseen), several in found.items():
        names = {
            f"{kind} {model}".strip()
            for person in several
            for kind, model in _registered(person)
            if (row := kind_of(kind)) and MULTIFACTOR.intersection(row.through)
        }
        lost = methods[number].finding(
            "emergency-access-locked-out",
            "the policy would no longer accept any registered method of "
            f"{counted(several, account)} ({', '.join(sorted(names))})"
            + ("; a certificate or a hardware token may still be accepted" if unseen else ""),
            "keep accepting what is registered, or register another method first",
            _path(methods[number]),
            "warning" if unseen else "error",
            people=len(several),
        )
        yield replace(lost, names=names_of(several, account))


def counted(people: Sequence[DirectoryUser], account: Account) -> str:
    """Some people of an entry, in a sentence; nobody is named.

    The entry stands as the file has it, even if that is a person's name.
    """
    whole = account.people or ()
    part = "" if len(people) == len(whole) else f"{len(people)} of {len(whole)} people in "
    return f"{part}{account.label} (emergency access)"


def names_of(people: Sequence[DirectoryUser], account: Account) -> tuple[str, ...]:
    """The names of these people of an entry, if the entry is a group."""
    return tuple(each.label for each in people) if account.group else ()


def some(labels: Sequence[str]) -> str:
    """The first few by name, and how many more there are."""
    more = len(labels) - NAMED
    return ", ".join(labels[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _unseen(methods: Iterable[BeforeAfter], person: DirectoryUser) -> bool:
    """Whether somebody may have a method that Graph does not list as registered."""
    return any(usable(both.after, person) is not False for both in methods if both.kind in UNSEEN)


def _registered(person: DirectoryUser) -> frozenset[tuple[str, str]]:
    return person.registered or frozenset()


def _accepted(both: BeforeAfter, values: Mapping[str, Json], person: DirectoryUser) -> bool:
    """Whether this method accepts something that somebody has registered, or may."""
    who = Someone(person.id, person.within)
    return any(
        may_use_registered(values, who, kind, both.kind, model=model).yes is not False
        for name, model in _registered(person)
        if (kind := kind_of(name)) and both.kind in kind.through
    )


def _path(both: BeforeAfter) -> str:
    """The setting that takes it away."""
    before, after = both.reached, both.reaches
    if not after.on:
        return "state"
    if before == after and both.kind == FIDO2:
        return "passkeyProfiles" if both.after.get("passkeyProfiles") else "keyRestrictions"
    return "includeTargets"
