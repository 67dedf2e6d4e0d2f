"""Which waves a plan opens or closes, and whether what a wave waits for is there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from graphpolicy.model import (
    EVERYONE,
    Change,
    Rolled,
    Rollout,
    RolloutFacts,
    RolloutState,
    Unread,
    Wave,
    WavePeople,
    WaveState,
)
from graphpolicy.model.records import dataclass

NOT_READ = Unread("the people of the wave were not counted", "plan from the tenant itself")


@dataclass(frozen=True, slots=True)
class Opening:
    """A wave that a plan opens: `earlier` are the waves before it in order.

    `rolled` are the settings of the rollout.
    """

    rollout: Rollout
    wave: Wave
    earlier: tuple[Wave, ...]
    rolled: tuple[Rolled, ...]

    @property
    def single(self) -> bool:
        """Whether some setting takes one target, so that earlier waves would lose it."""
        return any(each.single for each in self.rolled)

    @property
    def soaks(self) -> Wave | None:
        """The wave that must have been in force for some days; None if none must."""
        return self.earlier[-1] if self.wave.soak_days and self.earlier else None


def opening_of(rollout: Rollout, index: int, rolled: Iterable[Rolled]) -> Opening:
    """What it would be to open a wave of a rollout."""
    own = tuple(each for each in rolled if each.rollout == rollout.name)
    return Opening(rollout, rollout.waves[index], rollout.waves[:index], own)


@dataclass(frozen=True, slots=True)
class Closing:
    """Waves that were open before the change under review and are not open after it.

    `now` is the rollout as the files have it; None if they no longer have it.
    """

    name: str
    waves: tuple[Wave, ...]
    now: Rollout | None


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that a wave waits for. `why` says how it is, with its number."""

    met: bool
    why: str


def openings(
    rollouts: Iterable[Rollout],
    rolled: Collection[Rolled],
    before: Mapping[str, Collection[str]],
) -> list[Opening]:
    """The waves that are open now and were not before, in order.

    `before` are the names of the open waves by rollout; a rollout that is not in it had none.
    """
    return [
        opening_of(rollout, index, rolled)
        for rollout in rollouts
        for index, wave in enumerate(rollout.waves[: rollout.opened])
        if wave.name not in before.get(rollout.name, ())
    ]


def closings(now: Iterable[Rollout], base: Iterable[Rollout]) -> Iterator[Closing]:
    """The waves that a change of the files closes."""
    found = {rollout.name: rollout for rollout in now}
    for was in base:
        rollout = found.get(was.name)
        kept = {wave.name for wave in rollout.waves[: rollout.opened]} if rollout else set()
        gone = tuple(wave for wave in was.waves[: was.opened] if wave.name not in kept)
        if gone:
            yield Closing(was.name, gone, rollout)


def open_waves(rollouts: Iterable[Rollout]) -> dict[str, frozenset[str]]:
    """The names of the open waves, by rollout."""
    return {
        each.name: frozenset(wave.name for wave in each.waves[: each.opened]) for each in rollouts
    }


def gates(opening: Opening, facts: RolloutFacts | None, today: str, apart: int) -> Iterator[Gate]:
    """What a wave waits for, each with how it is on `today` (YYYY-MM-DD, UTC).

    `apart` is how many settings of the tenant differ from the files beside this rollout. Without
    facts, as from a snapshot, only the day is judged.
    """
    wave = opening.wave
    yield Gate(wave.since <= today, f"its first day is {wave.since}")
    if facts is None:
        return
    people = facts.people.get(wave.name, NOT_READ)
    if wave.registered:
        yield _registered(wave, people)
    elif not isinstance(people, Unread) and not people.people and wave.target != EVERYONE:
        yield Gate(met=False, why="nobody is in its group")
    if opening.soaks:
        yield _soaked(opening.soaks, wave.soak_days, facts)
    if wave.no_drift:
        settings = "1 setting differs" if apart == 1 else f"{apart} settings differ"
        yield Gate(not apart, f"{settings} from the files elsewhere in the tenant")


def _registered(wave: Wave, people: WavePeople | Unread) -> Gate:
    wanted = f"{wave.at_least} per cent are needed"
    what = f"have registered {wave.registered}"
    unread = people if isinstance(people, Unread) else people.unread
    if isinstance(people, Unread) or unread:
        why = (unread or NOT_READ).why
        return Gate(met=False, why=f"how many {what} is not known: {why}; {wanted}")
    if not people.people:
        return Gate(met=False, why="nobody is in its group")
    count = people.registered or 0
    share = 100 * count // people.people
    why = f"{share} per cent ({count:,} of {people.people:,} people) {what}; {wanted}"
    return Gate(100 * count >= wave.at_least * people.people, why)


def _soaked(before: Wave, days: int, facts: RolloutFacts) -> Gate:
    known = facts.in_force.get(before.name)
    needed = f"{_days(days)} are needed" if days != 1 else "1 day is needed"
    if known is None:
        return Gate(
            met=False,
            why=f"since when the wave {before.name!r} has been in force is not known; {needed}",
        )
    why = f"the wave {before.name!r} has been in force for {_days(known.days)} ({known.source})"
    return Gate(known.days >= days, f"{why}; {needed}")


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def apart(changes: Iterable[Change], rolled: Iterable[Rolled], rollout: str) -> int:
    """How many changes of a plan are none of this rollout and repair the tenant.

    Without a base nobody knows which do, so each counts.
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


def touched(changes: Sequence[Change], rolled: Iterable[Rolled]) -> frozenset[str]:
    """The rollouts of which a plan changes a setting."""
    return frozenset(
        each.rollout
        for each in rolled
        if any(
            change.title == each.title and change.path == ".".join(each.path) for change in changes
        )
    )


def judged_before(
    base: Iterable[Rollout] | None,
    facts: Mapping[str, RolloutFacts],
    rollouts: Iterable[Rollout],
    moved: Collection[str],
) -> dict[str, frozenset[str]]:
    """The waves that were open before, by rollout.

    They are those of the base, else those of the last verified run. Where neither is known they are
    those of the files, unless the plan changes a setting of the rollout (`moved`): then it opens
    every wave that is open.
    """
    if base is not None:
        return open_waves(base)
    found = open_waves(rollouts)
    for name in found:
        known = facts.get(name, RolloutFacts()).before
        if known is not None:
            found[name] = known
        elif name in moved:
            found[name] = frozenset()
    return found


def states(
    rollouts: Iterable[Rollout],
    judged: Mapping[tuple[str, str], Sequence[Gate]],
    opening: Iterable[Opening],
    facts: Mapping[str, RolloutFacts],
) -> Iterator[RolloutState]:
    """Every rollout with its waves. `judged` are the gates of waves, by rollout and wave."""
    new = {(each.rollout.name, each.wave.name) for each in opening}
    for rollout in rollouts:
        known = facts.get(rollout.name, RolloutFacts()).people
        yield RolloutState(
            rollout,
            tuple(
                WaveState(
                    wave,
                    "waiting"
                    if index >= rollout.opened
                    else "opens"
                    if (rollout.name, wave.name) in new
                    else "open",
                    known.get(wave.name),
                    tuple(
                        gate.why
                        for gate in judged.get((rollout.name, wave.name), ())
                        if not gate.met
                    ),
                )
                for index, wave in enumerate(rollout.waves)
            ),
        )
