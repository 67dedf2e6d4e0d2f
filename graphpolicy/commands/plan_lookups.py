"""What a plan reads once its changes are known: the people they affect, and what depends on them.

Most plans end nothing, so nothing of this is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.strengths import AUTHENTICATION_STRENGTH
from graphpolicy.compare.comparison import Comparison, Difference
from graphpolicy.graph.account_health import examine_accounts
from graphpolicy.graph.directory import look_up
from graphpolicy.graph.emergency_accounts import (
    flag_empty_groups,
    nested,
    registered,
)
from graphpolicy.graph.expected_people import members_of, with_people
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.members import members_needed
from graphpolicy.graph.read import each_of, read_policy
from graphpolicy.graph.strength_usage import demanded, list_strengths
from graphpolicy.guards.demands import undecided
from graphpolicy.guards.enabled_methods import MULTIFACTOR
from graphpolicy.guards.lockout import RULE as LOCKOUT, takes
from graphpolicy.guards.plan_level import EXCLUSIONS
from graphpolicy.guards.strength_view import worth_asking
from graphpolicy.model import (
    Account,
    Counted,
    Directory,
    Emergencies,
    RolloutFacts,
    Strength,
    Unread,
    Version,
)
from graphpolicy.people.satisfied_strengths import ENDING
from graphpolicy.plan.changes import opt_outs
from graphpolicy.plan.make import Planned
from graphpolicy.plan.plan_context import PlanContext

if TYPE_CHECKING:
    from graphpolicy.commands.count_people import CountedPeople
    from graphpolicy.graph.session import Graph


async def closer_look(graph: Graph, made: Planned, plan_context: PlanContext) -> Directory:
    """The directory, with opt-outs, who signs in with what a plan ends, and what requires it.

    Most plans end nothing. People's methods and Conditional Access are read only if a plan does, so
    only then does a plan take more rounds of requests; members of groups, only where they decide.
    """
    (directory, impact), (emergencies, rollouts), (looked, names) = await each_of(
        _people(graph, made, plan_context),
        each_of(_emergencies(graph, made, plan_context), _rollouts(graph, made, plan_context)),
        each_of(
            each_of(
                _accounts(graph, made),
                _strengths(graph, made),
                _opt_outs(graph, made, plan_context.facts),
            ),
            _names(graph, made),
        ),
    )
    accounts, strengths, opted_out = looked
    seen = replace(made.seen, strengths=strengths)
    members = await members_needed(
        graph,
        lambda known: undecided(replace(seen, members=known)),
        await members_of(graph, made.asked),
    )
    read = replace(directory, accounts=accounts, strengths=strengths, opted_out=opted_out)
    read = replace(read, names={**read.names, **names})
    if emergencies:
        pairs = zip(accounts, emergencies.entries, strict=True)
        accounts = tuple(replace(one, empty=entry.account.empty) for one, entry in pairs)
        read = replace(read, accounts=accounts, emergencies=emergencies)
    return replace(read, members=members, impact=impact, rollouts=rollouts)


async def _rollouts(
    graph: Graph, made: Planned, plan_context: PlanContext
) -> Mapping[str, RolloutFacts]:
    """What the waves that the plan opens wait for; in a report of drift also what the next ones do.

    A plan that is only shown counts the people of open waves again. Without any, nothing is read.
    """
    rolling = made.rolling
    shown = plan_context.count in ("always", "required") and not plan_context.adopting
    again = rolling.held_to if rolling and shown else ()
    judged = (*rolling.opening, *rolling.following) if rolling else ()
    if not (judged or again):
        return made.directory.rollouts
    from graphpolicy.commands.count_waves import with_ids, with_people as with_waves
    from graphpolicy.commands.rollout_records import soaked

    known = plan_context.recorded.get(made.plan.tenant.id, {})
    known = await soaked(graph, known, judged, made, plan_context)
    return await with_waves(graph, known, await with_ids(graph, (*judged, *again)))


async def _emergencies(
    graph: Graph, made: Planned, plan_context: PlanContext
) -> Emergencies | None:
    """The state of the emergency accounts, if the report shows it and there are any."""
    accounts = made.directory.accounts
    if not (plan_context.examine and accounts):
        return None
    return await examine_accounts(graph, accounts, made.observed.documents)


async def _people(
    graph: Graph, made: Planned, plan_context: PlanContext
) -> tuple[Directory, Counted | Unread | None]:
    """The directory with the people of expectations, and the people that the plan affects.

    One reading of the registration report serves both: Graph returns it slowly.
    """
    counting = _counted(graph, made, plan_context)
    if made.asked.holding:
        found = await counting
        known = found.crowd if found and not isinstance(found, GraphError) else None
        directory = await with_people(graph, made.directory, made.asked, plan_context.today, known)
    else:
        expecting = with_people(graph, made.directory, made.asked, plan_context.today)
        directory, found = await each_of(expecting, counting)
    if isinstance(found, GraphError):
        return directory, found.unread
    return directory, found.counted if found else None


async def _counted(
    graph: Graph, made: Planned, plan_context: PlanContext
) -> CountedPeople | GraphError | None:
    """The people that the plan affects, if they are to be counted."""
    wanted = plan_context.count == "taking" or made.seen.levels.required(LOCKOUT)
    if plan_context.count == "never" or not (
        plan_context.count == "always" or (wanted and takes(made.seen))
    ):
        return None
    from graphpolicy.commands.count_people import count_people, whole
    from graphpolicy.plan.impact_assessment import question

    asked = question(await whole(graph, made), made.plan.changes, made.observed.documents.values())
    return await count_people(graph, asked, plan_context.today, uses=plan_context.count == "always")


async def _opt_outs(graph: Graph, made: Planned, facts: Facts) -> frozenset[str]:
    """The opt-outs of the tenant, if the plan names Microsoft and no managed setting needed them.

    If they can't be read they count as made: then Microsoft is not named without evidence.
    """
    if "beta" in made.observed.documents or not any(each.notice for each in made.plan.changes):
        return frozenset()
    try:
        observed = await read_policy(graph, ["beta"])
    except GraphError:
        return frozenset(row.unless for row in facts.rewritings)
    return opt_outs(facts, observed.documents.values())


async def _names(graph: Graph, made: Planned) -> Mapping[str, str]:
    """The names of groups in what no file declares; none if the directory can't be read."""
    watch = made.watch if made.directory.readable else None
    ids = watch.ids() - made.directory.names.keys() if watch else frozenset()
    return (await look_up(graph, (), ids)).names if ids else {}


async def _accounts(graph: Graph, made: Planned) -> tuple[Account, ...]:
    """The emergency accounts, with as much about them as the plan's changes need.

    If something narrows: whether a group has people, and for a method also their registered
    methods. If an exclusion changes: the groups inside a group.
    """
    changed = [
        (comparison.resource.id, difference.path, _narrows(comparison, difference))
        for comparison in made.comparisons
        for difference in comparison.differences
    ]
    accounts = made.directory.accounts
    version: Version = "beta" if made.plan.tenant.cloud == "china" else "v1.0"
    if any(narrows for *_, narrows in changed):
        accounts = await flag_empty_groups(graph, accounts)
    if any(path[-1] in EXCLUSIONS for _, path, _ in changed):
        accounts = await nested(graph, accounts)
    if any(resource in MULTIFACTOR and narrows for resource, _, narrows in changed):
        accounts = await registered(graph, accounts, version)
    return accounts


def _narrows(comparison: Comparison, difference: Difference) -> bool:
    row = comparison.resource.property(difference.top)
    return row is not None and row.narrows


async def _strengths(graph: Graph, made: Planned) -> tuple[Strength, ...] | Unread:
    """The authentication strengths if the plan may strand one, with what requires them."""
    differ = [one for one in made.comparisons if one.differences]
    methods = {
        one.resource.id for one in differ if any(_narrows(one, each) for each in one.differences)
    } & ENDING
    titles = {one.id for one in differ if one.resource is AUTHENTICATION_STRENGTH}
    known = made.directory.strengths
    if methods and not known:
        known = await list_strengths(graph)
    if isinstance(known, Unread) or not (asked := worth_asking(known, methods, titles)):
        return known
    answers = {each.id: each for each in await demanded(graph, asked)}
    return tuple(answers.get(each.id, each) for each in known)
