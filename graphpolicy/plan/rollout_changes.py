"""What a plan does to rollouts: the waves that it opens or closes, and what they wait for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from graphpolicy.guards.waves import fallen_waves, wave_findings
from graphpolicy.model import (
    Change,
    Failure,
    Finding,
    Json,
    Protection,
    ResolvedPolicy,
    Rollout,
    RolloutFacts,
    RolloutState,
    Tenant,
    Wave,
    WavePeople,
)
from graphpolicy.model.records import dataclass
from graphpolicy.plan.verdict import TenantResults
from graphpolicy.rollouts.gates import apart, gates
from graphpolicy.rollouts.status import (
    Opening,
    closings,
    following,
    held_to,
    judged_before,
    last_open,
    live_before,
    nested,
    openings,
    states,
)


@dataclass(frozen=True, slots=True)
class Waves:
    """The rollouts of a plan, the waves that it opens, and what is wrong with that.

    `following` are next waves, judged too, and `held_to` open ones whose people are counted again.
    """

    states: tuple[RolloutState, ...]
    opening: tuple[Opening, ...]
    following: tuple[Opening, ...]
    held_to: tuple[Opening, ...]
    findings: tuple[Finding, ...]
    nested: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class TenantRollouts:
    """The rollouts of one tenant."""

    tenant: Tenant
    rollouts: tuple[RolloutState, ...]


@dataclass(frozen=True, slots=True)
class RolloutReport(TenantResults):
    """What `rollout` answers."""

    items: tuple[TenantRollouts | Failure, ...]
    file_findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class MissingPeople:
    """Who is missing in the waves of all tenants, as a table."""

    items: tuple[TenantRollouts, ...]


def waves(
    desired: ResolvedPolicy,
    base: ResolvedPolicy | None,
    facts: Mapping[str, RolloutFacts],
    changes: Sequence[Change],
    *,
    today: str,
    names: Mapping[str, str],
    offline: bool = False,
    ahead: bool = False,
) -> Waves:
    """Judge the waves that a plan opens; `offline` is whether it is made from a snapshot.

    `ahead` is whether the next waves are judged, too.
    """
    now = in_use(desired)
    then = None if base is None else in_use(base)
    before = judged_before(
        then,
        facts,
        desired.rollouts,
        live_before(changes, desired.rolled, desired.rollouts),
    )
    opening = openings(now, desired.rolled, before)
    later = following(now, desired.rolled, opening) if ahead else []
    watched = held_to(now, desired.rolled, opening)
    judged = {
        (each.rollout.name, each.wave.name): tuple(
            gates(
                each,
                None if offline else facts.get(each.rollout.name, RolloutFacts()),
                today,
                apart(changes, desired.rolled, each.rollout.name),
            )
        )
        for each in (*opening, *later)
    }
    last = last_open(desired.rollouts, facts) if then is None else then
    closing = closings(desired.rollouts, last)
    return Waves(
        tuple(states(desired.rollouts, judged, opening, facts)),
        tuple(opening),
        tuple(later),
        tuple(watched),
        (
            *wave_findings(opening, closing, judged, facts, names=names, offline=offline),
            *fallen_waves(watched, facts),
        ),
        nested(opening, facts),
    )


def in_use(policy: ResolvedPolicy) -> list[Rollout]:
    """The rollouts that some setting has. The waves of other rollouts change nothing: they open
    when a setting gets the rollout.
    """
    used = {each.rollout for each in policy.rolled}
    return [each for each in policy.rollouts if each.name in used]


def opened_sizes(states: Iterable[RolloutState]) -> dict[tuple[str, str], int]:
    """The number of people in each wave that a plan opens, by rollout and wave, as far as known."""
    return {
        (each.rollout.name, state.wave.name): state.people.people
        for each in states
        for state in each.waves
        if state.state == "opens" and isinstance(state.people, WavePeople)
    }


def rollout_terms(rollouts: Iterable[Rollout]) -> list[Json]:
    """What a reviewer agrees to: which waves there are, which is open, and what each waits for."""
    return [
        {"rollout": each.name, "open": each.open, "wave": wave.name, **_needs(wave)}
        for each in rollouts
        for wave in each.waves
    ]


def rollout_entries(before: Iterable[Rollout], now: Iterable[Rollout]) -> Iterator[Protection]:
    """Waves that wait for other things than in the base; what waits for less is weaker.

    An open wave no longer waits for anything.
    """
    before = tuple(before)
    open_ = {(each.name, wave.name) for each in before for wave in each.waves[: each.opened]}
    old, new = ({(r.name, w.name): w for r in side for w in r.waves} for side in (before, now))
    for key in dict.fromkeys((*old, *new)):
        was, is_ = (_needs(side[key]) if key in side else None for side in (old, new))
        if was != is_:
            waits = was is not None and key not in open_
            weaker = waits and (is_ is None or _less(old[key], new[key]))
            yield Protection("rollouts", ".".join(key), was, is_, weaker=weaker)


def _needs(wave: Wave) -> dict[str, Json]:
    """What a wave waits for, with the keys of the file."""
    registered = {"method": wave.registered, "atLeast": wave.at_least}
    return {
        "from": wave.since,
        **({"registered": registered} if wave.registered else {}),
        **({"soakDays": wave.soak_days} if wave.soak_days else {}),
        **({"noDrift": True} if wave.no_drift else {}),
    }


def _less(was: Wave, is_: Wave) -> bool:
    return (
        is_.since < was.since
        or is_.soak_days < was.soak_days
        or is_.no_drift < was.no_drift
        or (bool(was.registered) and is_.registered != was.registered)
        or is_.at_least < was.at_least
    )
