"""rollout: how far the waves of each rollout are, and what the next one waits for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.commands.count_waves import counted, missing, read_waves
from graphpolicy.commands.plan import guarded, plan_tenant
from graphpolicy.commands.rollout_records import soaked
from graphpolicy.commands.trend import Trend
from graphpolicy.compare.resolve import resolve
from graphpolicy.graph.directory import look_up
from graphpolicy.graph.read import together
from graphpolicy.model import (
    Desired,
    EarlierCount,
    Failure,
    Named,
    Rolled,
    Rollout,
    RolloutFacts,
    RolloutState,
    Tenant,
    Wave,
    WavePeople,
    WaveState,
)
from graphpolicy.plan.make import Planned
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.rollout_changes import RolloutReport, TenantRollouts
from graphpolicy.rollouts.gates import apart, gates
from graphpolicy.rollouts.status import Opening, opening_of, states

if TYPE_CHECKING:
    from graphpolicy.graph.people import PeopleRead
    from graphpolicy.graph.session import Graph, Session


def with_last(trend: Trend, tenant: Tenant, rollout: str, state: WaveState) -> WaveState:
    """The wave with the numbers of the last run; records those of this one."""
    people = state.people
    if not isinstance(people, WavePeople) or people.registered is None:
        return state
    last = trend.last(
        {"tenant": tenant.id, "rollout": rollout, "wave": state.wave.name},
        {"people": people.people, "registered": people.registered},
    )
    match last:
        case {"at": str(at), "people": int(before), "registered": int(registered)}:
            return replace(state, earlier=EarlierCount(at[:10], before, registered))
        case _:  # there is none, or somebody edited the record
            return state


async def show_each(
    session: Session,
    policies: Sequence[Desired],
    plan_context: PlanContext,
    trend: Trend,
    *,
    only: str,
    named: bool,
) -> RolloutReport:
    """How far the rollouts of every tenant are; `only` is the name of the one to show."""

    async def one(desired: Desired) -> TenantRollouts | Failure:
        graph = session.tenant(desired.tenant)
        wanted = tuple(each for each in desired.rollouts if only in ("", each.name))
        made = await plan_tenant(graph, desired, plan_context, attribute=True)
        if isinstance(made, Failure):
            return made
        known = await _all_waves(graph, replace(desired, rollouts=wanted), made)
        return await _shown(graph, known, made, plan_context, trend, named=named)

    found = await together(guarded(desired, one(desired)) for desired in policies)
    return RolloutReport(tuple(found))


async def _all_waves(graph: Graph, desired: Desired, made: Planned) -> Desired:
    """The policy with the ids of all waves, open or not.

    A group of a later wave that the directory does not have (yet) stays a name.
    """
    targets = [wave.target for each in desired.rollouts for wave in each.waves]
    names = {each.name for each in targets if isinstance(each, Named) and each.id is None}
    directory = await look_up(graph, names, [])
    alone = replace(
        desired,
        resources=(),
        holds=(),
        expectations=(),
        rollouts=tuple(_opened(each) for each in desired.rollouts),
        rolled=tuple(Rolled("", (), each.name, single=False) for each in desired.rollouts),
    )
    resolution = resolve(alone, directory, made.observed)
    lacking = {each.name for each in targets if isinstance(each, Named)} - resolution.groups.keys()
    found = resolution.desired.rollouts
    return replace(
        desired,
        rollouts=tuple(
            _told(written, one, lacking)
            for written, one in zip(desired.rollouts, found, strict=True)
        ),
    )


def _told(written: Rollout, found: Rollout, lacking: Collection[str]) -> Rollout:
    """A rollout with the ids that were found, and names where none was."""

    def wave(old: Wave, new: Wave) -> Wave:
        who = old.target
        named = isinstance(who, Named) and who.id is None and who.name in lacking
        return old if named else new

    waves = map(wave, written.waves, found.waves)
    return replace(written, waves=tuple(waves))


def _opened(rollout: Rollout) -> Rollout:
    return replace(rollout, open=rollout.waves[-1].name)


async def _shown(
    graph: Graph,
    desired: Desired,
    made: Planned,
    plan_context: PlanContext,
    trend: Trend,
    *,
    named: bool,
) -> TenantRollouts:
    every = [
        opening_of(rollout, index, desired.rolled)
        for rollout in desired.rollouts
        for index in range(len(rollout.waves))
    ]
    changes = made.plan.changes
    known = plan_context.recorded.get(desired.tenant.id, {})
    following = [each for each in every if _is_next(each)]
    known = await soaked(graph, known, following, made, plan_context)
    read = await read_waves(graph, every, named=named)
    known = counted(known, every, read)
    judged = {
        (each.rollout.name, each.wave.name): tuple(
            gates(
                each,
                known.get(each.rollout.name, RolloutFacts()),
                plan_context.today,
                apart(changes, desired.rolled, each.rollout.name),
            )
        )
        for each in following
    }
    asked = {(each.rollout.name, each.wave.name): each for each in every}
    found = states(desired.rollouts, judged, (), known)
    return TenantRollouts(
        desired.tenant,
        tuple(
            replace(
                state,
                waves=tuple(
                    with_last(
                        trend,
                        desired.tenant,
                        state.rollout.name,
                        _whole(state, wave, asked, read, named=named),
                    )
                    for wave in state.waves
                ),
            )
            for state in found
        ),
    )


def _is_next(opening: Opening) -> bool:
    return len(opening.earlier) == opening.rollout.opened


def _whole(
    rollout: RolloutState,
    state: WaveState,
    asked: Mapping[tuple[str, str], Opening],
    read: PeopleRead,
    *,
    named: bool,
) -> WaveState:
    opening = asked[rollout.rollout.name, state.wave.name]
    return replace(state, missing=tuple(missing(opening, read))) if named else state
