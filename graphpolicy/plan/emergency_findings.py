"""The findings about the accounts of `emergencyAccess`: would they get in today? Pure.

Only the accounts that the file names are judged. Accounts that could not be read count neither as
healthy nor as unhealthy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from graphpolicy.guards.emergency_access import ENTRIES
from graphpolicy.guards.usable_methods import some
from graphpolicy.model import Emergencies, Finding, Level, Unread
from graphpolicy.plan.emergency_health import EmergencyEntry, JudgedHolder, sentence, times
from graphpolicy.plan.verdict import UNHEALTHY

VERIFIED = "emergency-account-not-verified"
FEWEST = 2
EVERYBODY = "everybody"
"""The circle of the finding that nobody can accept: emergency access can't be relied on at all."""

ADVICE = (
    "register a passkey for it and keep the key in a safe, or let the policy accept what it holds; "
    "`graphpolicy mfa list` shows both"
)


def emergency_findings(
    entries: Sequence[EmergencyEntry], *, names: bool = False
) -> Iterator[Finding]:
    """What is to be said of each entry, and of all together. `names` adds who a group's people are.

    A finding that names people has their ids; their names are looked up where it is shown.
    """
    for entry in entries:
        yield from _of_entry(entry, names=names)
    yield from _of_all(entries)


def verified(found: Emergencies | None) -> bool:
    """Whether everything about the accounts is known, so that no finding is missing."""
    return found is not None and all(
        not isinstance(each.people, Unread)
        and all(
            not isinstance(who.registered, Unread) and who.enabled is not None
            for who in each.people
        )
        for each in found.entries
    )


def _of_entry(entry: EmergencyEntry, *, names: bool) -> Iterator[Finding]:
    of, people = entry.of, entry.people
    if of.more_than:
        message = f"{entry.label} has more than {of.more_than} people: it must be a mistake"
        fix = "name the emergency accounts themselves, or a group that has no other members"
        yield replace(_found(entry, message, fix, (), level="error"), circle=EVERYBODY)
    if of.dynamic:
        yield _found(
            entry,
            f"{entry.label} is a dynamic group: anybody who may change a property of an account "
            "can put the account in or take it out",
            "name a group with assigned members, or the accounts themselves",
            (),
        )
    if of.synchronised:
        yield _found(
            entry,
            f"{entry.label} is synchronised from another directory: the people who control "
            "that directory decide who has emergency access",
            "name a group of Entra itself, or the accounts themselves",
            (),
        )
    if people is None:
        if isinstance(of.people, Unread):
            hidden = _unverified(entry, "who it stands for", of.people)
            yield replace(hidden, level="warning")  # nothing watches this entry
        return
    for several, words, fix in _wrong(people):
        found = _found(entry, f"{entry.which(several)} {words}", fix, several)
        yield replace(found, names=_ids(several)) if names and of.account.group else found
    yield from _unknown(entry, people)
    if people:
        yield _note("emergency-checked", entry, f"{entry.label}: {sentence(entry)}")


def _wrong(people: Sequence[JudgedHolder]) -> Iterator[tuple[Sequence[JudgedHolder], str, str]]:
    """What is wrong with some of them: these, the rest of a sentence about them, the way out."""
    checks: tuple[tuple[Callable[[JudgedHolder], bool | None], str, str], ...] = (
        (
            lambda each: each.who.enabled is False,
            "disabled",
            "enable it in the Entra admin center, or name another account",
        ),
        (
            lambda each: each.who.guest,
            "a guest",
            "name a member of this tenant: another organization may decide how a guest signs in",
        ),
        (
            lambda each: each.who.synchronised,
            "synchronised from another directory, so it fails if that directory fails",
            "name an account that exists in Entra alone",
        ),
    )
    for check, words, fix in checks:
        several = [each for each in people if check(each)]
        if several:
            yield several, f"{'is' if len(several) == 1 else 'are'} {words}", fix
    several = [each for each in people if not each.accepted and not each.unread]
    if several:
        refused = Counter(words for each in several for words in each.refused)
        registered = some([times(words, count) for words, count in sorted(refused.items())])
        held = f"; registered there: {registered}" if registered else ""
        certificate = any(each.certificate for each in several)
        hidden = "; it may have a certificate, which Graph does not list" if certificate else ""
        holds = "holds" if len(several) == 1 else "hold"
        yield (
            several,
            f"{holds} no method that today's policy accepts{held}{hidden}",
            ADVICE,
        )


def _of_all(entries: Sequence[EmergencyEntry]) -> Iterator[Finding]:
    """What is wrong with emergency access as a whole, if everybody who has it is known."""
    everybody = {each.who.id: each for entry in entries for each in entry.people or ()}
    if not entries or any(entry.people is None for entry in entries):
        return
    if all(each.able is False for each in everybody.values()):
        parts = (
            (sum(each.who.enabled is False for each in everybody.values()), "disabled"),
            (
                sum(each.holds is False for each in everybody.values()),
                "without a method that today's policy accepts",
            ),
        )
        said = ", ".join(f"{count} {words}" for count, words in parts if count)
        count = len(everybody)
        yield replace(
            _found(
                entries[0],
                f"nobody could sign in with emergency access: {ENTRIES} stands for "
                f"{count or 'no'} {'account' if count == 1 else 'accounts'}"
                + (f", {said}" if said else ""),
                "repair one of the accounts today: an outage of the sign-in, or a mistake in a "
                "policy, would lock everybody out of the tenant",
                tuple(everybody.values()),
                level="error",
            ),
            circle=EVERYBODY,
        )
    elif len(everybody) < FEWEST:
        yield _found(
            entries[0],
            f"{ENTRIES} stands for one account: if that is lost, nobody gets in",
            "add a second account, with a key that is kept in another place",
            tuple(everybody.values()),
        )


def _unknown(entry: EmergencyEntry, people: Sequence[JudgedHolder]) -> Iterator[Finding]:
    """What about the people of an entry is not verified, and why."""
    grant = Unread("this sign-in does not see it", "grant User.Read.All")
    unseen = [each for each in people if each.who.enabled is None]
    if unseen:
        yield _unverified(entry, "whether it is enabled, cloud-only and not a guest", grant, unseen)
    for why, several in _by_reason(people, lambda each: each.unread):
        what = "whether it holds a method that today's policy accepts"
        yield _unverified(entry, what, why, several)
    reasons = _by_reason(
        people, lambda each: each.who.signed_in if isinstance(each.who.signed_in, Unread) else None
    )
    for why, several in reasons:
        yield _unverified(entry, "when it last signed in", why, several)


def _by_reason(
    people: Iterable[JudgedHolder], reason: Callable[[JudgedHolder], Unread | None]
) -> Iterable[tuple[Unread, list[JudgedHolder]]]:
    found: dict[Unread, list[JudgedHolder]] = {}
    for each in people:
        why = reason(each)
        if why and not (each.accepted and why is each.unread):
            found.setdefault(why, []).append(each)
    return found.items()


def _found(
    entry: EmergencyEntry,
    message: str,
    fix: str,
    people: Sequence[JudgedHolder],
    *,
    level: Level = "warning",
) -> Finding:
    return Finding(UNHEALTHY, level, message, fix, source=entry.place, people=len(people) or None)


def _unverified(
    entry: EmergencyEntry, what: str, why: Unread, people: Sequence[JudgedHolder] = ()
) -> Finding:
    about = (
        f" of {entry.which(people)}" if entry.of.account.group and people else f" of {entry.label}"
    )
    return replace(_note(VERIFIED, entry, f"not verified{about}: {what} ({why.why})"), help=why.fix)


def _note(rule: str, entry: EmergencyEntry, message: str) -> Finding:
    return Finding(rule, "note", message, source=entry.place)


def _ids(several: Iterable[JudgedHolder]) -> tuple[str, ...]:
    return tuple(sorted(each.who.id for each in several))
