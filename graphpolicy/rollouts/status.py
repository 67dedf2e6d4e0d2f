"""Which waves a plan opens or closes, and whether what a wave waits for is there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.model import (
    EVERYONE,
    Change,
    Gate,
    Json,
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
    """The waves that a change of the files closes; a wave that is only renamed stays."""
    found = {rollout.name: rollout for rollout in now}
    for was in base:
        rollout = found.get(was.name)
        open_ = rollout.waves[: rollout.opened] if rollout else ()
        kept, people = {wave.name for wave in open_}, [wave.target for wave in open_]
        gone = tuple(
            wave
            for wave in was.waves[: was.opened]
            if wave.name not in kept and wave.target not in people
        )
        if gone:
            yield Closing(was.name, gone, rollout)


def last_open(rollouts: Iterable[Rollout], facts: Mapping[str, RolloutFacts]) -> Iterator[Rollout]:
    """The rollouts with the waves that were open in the last verified run, as far as one says so.

    If the files no longer have a wave, only its name is known.
    """
    now = {each.name: {wave.name: wave for wave in each.waves} for each in rollouts}
    for name, known in facts.items():
        waves = now.get(name, {})
        found = [*(one for one in waves if one in (known.before or ()))]
        found += sorted((known.before or frozenset()) - waves.keys())
        if found:
            every = tuple(waves.get(one, Wave(one, "", "")) for one in found)
            yield Rollout(name, every, found[-1])


def open_waves(rollouts: Iterable[Rollout]) -> dict[str, frozenset[str]]:
    """The names of the open waves, by rollout."""
    return {
        each.name: frozenset(wave.name for wave in each.waves[: each.opened]) for each in rollouts
    }


def following(
    rollouts: Iterable[Rollout], rolled: Collection[Rolled], opening: Iterable[Opening]
) -> list[Opening]:
    """The next wave of each rollout, unless a plan opens one of its waves."""
    busy = {each.rollout.name for each in opening}
    return [
        opening_of(rollout, rollout.opened, rolled)
        for rollout in rollouts
        if rollout.name not in busy and rollout.opened < len(rollout.waves)
    ]


def held_to(
    rollouts: Iterable[Rollout], rolled: Collection[Rolled], opening: Iterable[Opening]
) -> list[Opening]:
    """The waves that are open already and needed that people have registered something."""
    new = {(each.rollout.name, each.wave.name) for each in opening}
    return [
        replace(opening_of(rollout, index, rolled), earlier=())
        for rollout in rollouts
        for index, wave in enumerate(rollout.waves[: rollout.opened])
        if wave.registered and (rollout.name, wave.name) not in new
    ]


def nested(
    opening: Iterable[Opening], facts: Mapping[str, RolloutFacts]
) -> dict[str, frozenset[str]]:
    """The groups of earlier waves whose people are all in the wave that opens, by folded id."""
    found: dict[str, frozenset[str]] = {}
    for each in opening:
        people = facts.get(each.rollout.name, RolloutFacts()).people.get(each.wave.name)
        if isinstance(people, WavePeople) and people.left == 0 and each.wave.target != EVERYONE:
            outer = frozenset({str(each.wave.target).casefold()})
            for wave in each.earlier:
                inner = str(wave.target).casefold()
                found[inner] = found.get(inner, frozenset()) | outer
    return found


def live_before(
    changes: Iterable[Change], rolled: Collection[Rolled], rollouts: Iterable[Rollout]
) -> dict[str, frozenset[str]]:
    """The open waves that the tenant has in every setting that a plan changes, by rollout.

    It has only rollouts of which the plan changes a setting. If the plan also changes the `state`
    of the setting, the tenant has none of its waves: nothing was switched on for its people.
    """
    known = {each.name: each.waves[: each.opened] for each in rollouts}
    found: dict[str, frozenset[str]] = {}
    for change in changes:
        for each in rolled:
            state = ".".join((*each.path[:-1], "state"))
            if change.title != each.title or change.path not in (".".join(each.path), state):
                continue
            waves = () if change.path == state else known.get(each.rollout, ())
            live = _live(waves, change.before)
            found[each.rollout] = found.get(each.rollout, live) & live
    return found


def _live(waves: Sequence[Wave], before: Json) -> frozenset[str]:
    """The waves up to the last one that the tenant has: an earlier one that it lacks is drift."""
    targets = before if isinstance(before, list) else [before]
    ids = {str(each.get("id")).casefold() for each in targets if isinstance(each, Mapping)}
    there = [str(wave.target).casefold() in ids for wave in waves]
    last = max((number for number, one in enumerate(there, 1) if one), default=0)
    return frozenset(wave.name for wave in waves[:last])


def judged_before(
    base: Iterable[Rollout] | None,
    facts: Mapping[str, RolloutFacts],
    rollouts: Iterable[Rollout],
    live: Mapping[str, frozenset[str]],
) -> dict[str, frozenset[str]]:
    """The waves that were open before, by rollout.

    They are those of the base; a wave that gets other people opens again. Without a base they are
    those of the last verified run, or if no run says so those that the tenant has (`live`, from
    `live_before`). A rollout opens nothing if the plan changes nothing of it.
    """
    if base is not None:
        people = {(each.name, wave.name): wave.target for each in rollouts for wave in each.waves}
        return {
            each.name: frozenset(
                wave.name
                for wave in each.waves[: each.opened]
                if people.get((each.name, wave.name)) == wave.target
            )
            for each in base
        }
    found = open_waves(rollouts)
    for name in found.keys() & live.keys():
        known = facts.get(name, RolloutFacts()).before
        found[name] = live[name] if known is None else known
    return found


def states(
    rollouts: Iterable[Rollout],
    judged: Mapping[tuple[str, str], Sequence[Gate]],
    opening: Iterable[Opening],
    facts: Mapping[str, RolloutFacts],
) -> Iterator[RolloutState]:
    """Every rollout with its waves. `judged` are the gates of waves, by rollout and wave.

    A wave that is not open is due if it was judged, and waits for nothing.
    """
    new = {(each.rollout.name, each.wave.name) for each in opening}
    for rollout in rollouts:
        known = facts.get(rollout.name, RolloutFacts()).people
        yield RolloutState(
            rollout,
            tuple(
                _state(
                    wave,
                    judged.get((rollout.name, wave.name)),
                    known.get(wave.name),
                    is_open=index < rollout.opened,
                    opens=(rollout.name, wave.name) in new,
                )
                for index, wave in enumerate(rollout.waves)
            ),
        )


def _state(
    wave: Wave,
    judged: Sequence[Gate] | None,
    people: WavePeople | Unread | None,
    *,
    is_open: bool,
    opens: bool,
) -> WaveState:
    unmet = tuple(gate for gate in judged or () if not gate.met)
    if is_open:
        return WaveState(wave, "opens" if opens else "open", people, unmet)
    due = judged is not None and not unmet
    return WaveState(wave, "due" if due else "waiting", people, unmet)
