"""What a wave waits for before it is opened, and whether each need is met. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphpolicy.model import (
    EVERYONE,
    Change,
    Gate,
    Named,
    Rolled,
    RolloutFacts,
    Unread,
    Wave,
    WavePeople,
)
from graphpolicy.rollouts.status import Opening

NOT_READ = Unread("the people of the wave were not counted", "plan from the tenant itself")


def gates(opening: Opening, facts: RolloutFacts | None, today: str, apart: int) -> Iterator[Gate]:
    """What a wave waits for, and whether each need is met on `today` (YYYY-MM-DD, UTC).

    `apart` is how many settings outside this rollout differ between the tenant and the files.
    Without facts, as from a snapshot, only the day is judged.
    """
    wave = opening.wave
    yield Gate("from", wave.since <= today, f"its first day is {wave.since}")
    if facts is None:
        return
    people = facts.people.get(wave.name, NOT_READ)
    if wave.registered:
        yield _registered(wave, people)
    elif isinstance(people, Unread):
        if isinstance(wave.target, Named):
            yield Gate("target", met=False, why=people.why, known=_no_group(wave, people))
    elif not people.people and wave.target != EVERYONE:
        why = people.unread.why if people.unread else "nobody is in its group"
        yield Gate("target", met=False, why=why)
    if opening.soaks:
        yield _soaked(opening.soaks, wave.soak_days, facts)
    if wave.no_drift:
        settings = "1 setting differs" if apart == 1 else f"{apart} settings differ"
        yield Gate("noDrift", not apart, f"{settings} from the files elsewhere in the tenant")


def _no_group(wave: Wave, people: WavePeople | Unread) -> bool:
    """Whether it is known that the name of the wave's group does not stand for one group."""
    return isinstance(wave.target, Named) and people != NOT_READ


def fallen(wave: Wave, people: WavePeople | Unread | None) -> str:
    """Why an open wave no longer has enough people with its method; '' if it has."""
    known = isinstance(people, WavePeople) and people.registered is not None
    gate = _registered(wave, people) if wave.registered and people and known else None
    return gate.why if gate and not gate.met else ""


def _registered(wave: Wave, people: WavePeople | Unread) -> Gate:
    wanted = f"{wave.at_least} per cent are needed"
    what = f"have registered {wave.registered}"
    unread = people if isinstance(people, Unread) else people.unread
    if isinstance(people, Unread) or unread:
        why = (unread or NOT_READ).why
        none = isinstance(people, WavePeople) or _no_group(wave, people)
        known = none and not (isinstance(people, WavePeople) and people.people)
        told = f"it is not known how many {what}: {why}; {wanted}"
        return Gate("registered", met=False, why=told, known=known)
    if not people.people:
        return Gate("registered", met=False, why="nobody is in its group")
    count = people.registered or 0
    share = 100 * count // people.people
    why = f"{share} per cent ({count:,} of {people.people:,} people) {what}; {wanted}"
    return Gate("registered", 100 * count >= wave.at_least * people.people, why)


def _soaked(before: Wave, days: int, facts: RolloutFacts) -> Gate:
    known = facts.in_force.get(before.name)
    needed = f"{_days(days)} are needed" if days != 1 else "1 day is needed"
    if known is None:
        return Gate(
            "soakDays",
            met=False,
            known=False,
            why=f"it is not known how long the wave {before.name!r} has been in force: the "
            "tenant differs from the files there, or no run record, audit log record or "
            f"commit says so; {needed}",
        )
    why = f"the wave {before.name!r} has been in force for {_days(known.days)} ({known.source})"
    return Gate("soakDays", known.days >= days, f"{why}; {needed}")


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def apart(changes: Iterable[Change], rolled: Iterable[Rolled], rollout: str) -> int:
    """How many changes of a plan are outside this rollout and repair the tenant.

    Without a base it is not known which of them repair it, so each counts.
    """
    own = {(each.title, ".".join(each.path)) for each in rolled if each.rollout == rollout}
    return sum(
        change.cause != "edit" and not any(_within(change, title, path) for title, path in own)
        for change in changes
    )


def _within(change: Change, title: str, path: str) -> bool:
    holder = path.rpartition(".")[0]
    return change.title in ("", title) and (
        change.path == path or not holder or change.path.startswith(f"{holder}.")
    )
