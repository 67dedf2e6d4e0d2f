"""Rollouts: waves of people, one after the other, and what is known of them beside the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from graphpolicy.model.records import dataclass
from graphpolicy.model.words import Path, Place, Unread, Written


@dataclass(frozen=True, slots=True)
class Wave:
    """One step of a rollout: the people of one target, from a day on.

    `target` is a `Named`, an object id or `all_users`; `since` is the first day, YYYY-MM-DD in UTC.
    `at_least` per cent of its people must have registered the method `registered` before it opens,
    and the wave before must have been in force for `soak_days`; `no_drift` asks for a tenant that
    differs in nothing else.
    """

    name: str
    target: Written
    since: str
    registered: str = ""
    at_least: int = 0
    soak_days: int = 0
    no_drift: bool = False
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rollout:
    """Waves in their order. `open` is the name of the last open one, '' before the first opens."""

    name: str
    waves: tuple[Wave, ...]
    open: str = ""
    place: Place | None = field(default=None, compare=False)
    """The place of its `open`, else of its name."""

    @property
    def opened(self) -> int:
        """How many waves are open."""
        names = [wave.name for wave in self.waves]
        return names.index(self.open) + 1 if self.open in names else 0


@dataclass(frozen=True, slots=True)
class Rolled:
    """A setting that is for the people of a rollout. `single` is whether it takes one target."""

    title: str
    path: Path
    rollout: str
    single: bool


@dataclass(frozen=True, slots=True)
class WavePeople:
    """How many people a wave has, and how many of them have registered what it asks for.

    `registered` is None if it asks for nothing, or could not be read (`unread`). `left` are people
    of the waves before it who are not in it, None if that was not asked.
    """

    people: int
    registered: int | None = None
    left: int | None = None
    unread: Unread | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """For how many days a wave has been in force, and what shows it."""

    days: int
    source: str


@dataclass(frozen=True, slots=True)
class RolloutFacts:
    """What is known of a rollout beside the files, by the names of its waves.

    `before` are the waves that were open in the last verified run; None if no run says so.
    """

    before: frozenset[str] | None = None
    in_force: Mapping[str, InForce] = field(default_factory=dict)
    people: Mapping[str, WavePeople | Unread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MissingPerson:
    """Somebody who has not registered what their wave asks for, and the names of what they have."""

    id: str
    name: str
    has: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EarlierCount:
    """The numbers of a wave in an earlier run, and its day."""

    day: str
    people: int
    registered: int


GateKind: TypeAlias = Literal["from", "target", "registered", "soakDays", "noDrift"]
"""What a wave waits for, by its key in the file."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that a wave waits for. `why` describes its state, with its number.

    `known` is whether that could be read; a gate that could not is not met.
    """

    need: GateKind
    met: bool
    why: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class WaveState:
    """A wave as a plan finds it: `open`, opened by the plan (`opens`), `due` or `waiting`.

    `unmet` says what it waits for, judged where the plan opens it or it is the next one. `missing`
    are the people who have not registered what it asks for, if they are to be named.
    """

    wave: Wave
    state: Literal["open", "opens", "due", "waiting"]
    people: WavePeople | Unread | None = None
    unmet: tuple[Gate, ...] = ()
    missing: tuple[MissingPerson, ...] = ()
    earlier: EarlierCount | None = None
    """How many had registered in the last recorded run."""


@dataclass(frozen=True, slots=True)
class RolloutState:
    """A rollout as a plan finds it."""

    rollout: Rollout
    waves: tuple[WaveState, ...]
