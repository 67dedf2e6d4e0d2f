"""Read what people have registered and who is in groups, and count the people that a plan affects.

Every list is read in pages, and of a person only what decides is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set as AbstractSet,
)
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from graphpolicy.catalogue.registered import KEY
from graphpolicy.catalogue.shared import GUID
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.people import read_people
from graphpolicy.graph.read import each_of, or_why, read_policy
from graphpolicy.graph.registrations import (
    GroupFacts,
    days_old,
    key_models,
    last_used,
    read_groups,
)
from graphpolicy.guards.plan_view import PlanView, left_alone
from graphpolicy.model import Counted, GroupSize, Unread
from graphpolicy.model.records import dataclass
from graphpolicy.people.affected import Impact
from graphpolicy.people.crowd import Crowd, PeopleCase
from graphpolicy.people.reach import Reach
from graphpolicy.people.ways import Judge
from graphpolicy.plan.impact_assessment import Question
from graphpolicy.plan.make import Planned

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

T = TypeVar("T")

UNUSED_DAYS = 180
MOST_KEYS, MOST_USES = 20_000, 2_000
"""People whose passkeys, and whose last sign-ins, are read: 20 of them in one request."""


@dataclass(frozen=True, slots=True)
class CountedPeople:
    """The people of a tenant, and what a plan does to them."""

    counted: Counted
    crowd: Crowd
    impact: Impact
    emergency: int
    """The bit of the emergency accounts in the crowd."""

    def within(self, audiences: Collection[Reach]) -> int:
        """How many people are in one of these audiences."""
        judge = self.impact.judge
        reached = {
            case.groups: any(judge.reached(each, case.groups) for each in audiences)
            for case, _ in self.crowd.counted_cases()
        }
        return sum(many for case, many in self.crowd.counted_cases() if reached[case.groups])


async def whole(graph: Graph, made: Planned) -> PlanView:
    """The plan with the methods that beta alone shows: people may have no other.

    If they can't be read, it is not known what becomes of the people who have one.
    """
    seen = made.seen
    if "beta" in made.observed.documents:
        return seen
    observed = await or_why(read_policy(graph, ["beta"]))
    if isinstance(observed, Unread):
        return seen
    known = {both.id.casefold() for both in seen.resources}
    return replace(seen, resources=(*seen.resources, *left_alone(observed, known)))


async def count_people(
    graph: Graph,
    question: Question,
    today: str,
    *,
    named: bool = False,
    uses: bool = True,
) -> CountedPeople | GraphError:
    """Count the people that a plan affects; the error if the registration report can't be read.

    If something else can't be read, the people concerned are not known, and the result says so.
    `today` is the date in UTC, `named` keeps people's names for a list of them. `uses` reads when
    people last used their methods, which takes many requests and decides nothing.
    """
    graph = graph.apart()  # Graph throttles reports, and the writes need their patience
    read, facts = await each_of(
        read_people(graph, question.groups, question.people, named=named),
        or_why(read_groups(graph, question.named)),
    )
    if read.report:
        return read.report
    crowd, gone = read.crowd, read.gone
    unread = [_hidden(id_, failure, facts) for id_, failure in read.hidden.items()]
    hidden = read.hidden.keys() | question.other
    impact = Impact(Judge(question.methods, crowd.groups, hidden), question.moved, question.prompts)
    unread += await _read_keys(graph, crowd, impact)
    counted = impact.count(crowd.counted_cases(), question.emergency)
    unused = await _unused(graph, crowd, impact, today) if uses else None
    return CountedPeople(
        replace(
            counted,
            groups=tuple(_sizes(crowd, facts, question.named, hidden, gone)),
            models=_models(crowd, impact),
            unused=None if isinstance(unused, Unread) else unused,
            as_of=crowd.as_of,
            unread=(*unread, *([NO_USERS] if read.users else ()), *_old(crowd.as_of, today)),
            notes=(*question.notes, *([unused] if isinstance(unused, Unread) else ())),
            at_least=counted.at_least | ({"people", "not_known"} if read.users else set()),
        ),
        crowd,
        impact,
        impact.judge.mask(question.emergency),
    )


NO_USERS = Unread(
    "the users of the directory could not be read, so people who are not in the registration "
    "report are known only as members of groups",
    "grant User.Read.All",
)


def _hidden(
    id_: str, failure: GraphError, facts: Mapping[str, GroupFacts | Unread | None] | Unread
) -> Unread:
    known = None if isinstance(facts, Unread) else facts.get(id_)
    name = f"{known.name!r} ({id_})" if isinstance(known, GroupFacts) else id_
    return Unread(
        f"the members of the group {name} could not be read: {failure.text}", failure.help
    )


async def _read_keys(graph: Graph, crowd: Crowd, impact: Impact) -> list[Unread]:
    """Read the models of passkeys where they decide what people can use."""
    asked = [id_ for id_, _ in _those(crowd, impact.asks_models)]
    if not asked:
        return []
    if len(asked) > MOST_KEYS:
        why = f"models of passkeys decide for {len(asked):,} people, which are too many to read"
        return [Unread(why, "change fewer models at once, or a profile of fewer people")]
    found = await or_why(key_models(graph, asked))
    if not isinstance(found, Unread):
        crowd.keys(
            {
                id_: frozenset(key.model for key in keys if key.model)
                for id_, keys in found.items()
                if isinstance(keys, tuple)
            }
        )
    return list(_nameless(found, asked, "the models of passkeys"))


def _nameless(
    found: Mapping[str, object] | Unread, asked: Collection[str], what: str
) -> Iterator[Unread]:
    """One line about what could not be read of some people, without their ids."""
    refused = (
        [found] * len(asked)
        if isinstance(found, Unread)
        else [each for each in found.values() if isinstance(each, Unread)]
    )
    if refused:
        people = set(asked)
        why = re.sub(GUID, lambda id_: _unless(id_.group(), people), refused[0].why)
        some = f"{len(refused):,} {'person' if len(refused) == 1 else 'people'}"
        yield Unread(f"{what} of {some} could not be read: {why}", refused[0].fix)


def _unless(id_: str, people: AbstractSet[str]) -> str:
    return "{id}" if id_.casefold() in people else id_


async def _unused(graph: Graph, crowd: Crowd, impact: Impact, today: str) -> int | Unread | None:
    """How many people who lose a method keep nothing that they have used for half a year."""
    losing = dict(_those(crowd, lambda case: bool(impact.lost(case))))
    if not losing or len(losing) > MOST_USES:
        return None
    found = await or_why(last_used(graph, list(losing)))
    unread = next(_nameless(found, losing, "the last use of methods"), None)
    if unread or isinstance(found, Unread):
        return unread
    since = (date.fromisoformat(today) - timedelta(UNUSED_DAYS)).isoformat()
    count = 0
    for id_, used in found.items():
        kept = {way.kind.name.casefold() for way in impact.judge.ways(losing[id_]) if way.after}
        last = (
            [each.last for each in used or () if each.kind in kept]
            if isinstance(used, tuple)
            else []
        )
        count += bool(last) and all(day and day[:10] < since for day in last)
    return count


def _models(crowd: Crowd, impact: Impact) -> tuple[tuple[str, int], ...]:
    """The models of passkeys that people lose, with how many people hold each."""
    found: Counter[str] = Counter()
    for case, many in crowd.counted_cases():
        for model in case.models or ():
            ways = impact.judge.ways(case._replace(models=frozenset({model})))
            if any(way.kind.name == KEY and way.before and way.after is False for way in ways):
                found[model] += many
    return tuple(sorted(found.items()))


def _those(crowd: Crowd, wanted: Callable[[PeopleCase], bool]) -> Iterator[tuple[str, PeopleCase]]:
    """The people of some cases, by folded id."""
    cases = {case for case, _ in crowd.counted_cases() if wanted(case)}
    if cases:
        yield from ((id_, case) for id_, _, case in crowd.people() if case in cases)


def _sizes(
    crowd: Crowd,
    facts: Mapping[str, GroupFacts | Unread | None] | Unread,
    named: Iterable[str],
    hidden: AbstractSet[str],
    gone: AbstractSet[str],
) -> Iterator[GroupSize]:
    for id_ in sorted(named):
        people = None if id_ in hidden else crowd.size(id_)
        known = facts if isinstance(facts, Unread) else facts.get(id_)
        if isinstance(known, GroupFacts) and id_ not in gone:
            yield GroupSize(id_, known.name, people, known.dynamic, known.synchronised)
        else:
            yield GroupSize(id_, "", people, gone=known is None or id_ in gone)


def _old(as_of: str, today: str) -> Sequence[Unread]:
    """A line that says that the report is old, if it is."""
    days = days_old(as_of, today)
    if not days:
        return ()
    why = f"the registration report is {days} days old ({as_of[:10]}): what people have registered "
    return [
        Unread(f"{why}or removed since is not counted", "plan again when Graph has a newer one")
    ]
