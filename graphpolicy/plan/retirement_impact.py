"""What Microsoft takes away by a day, judged like a change that a plan makes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy.catalogue.facts import Facts, Retirement, Rewriting
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.model import Cloud, DatedFact, Json
from graphpolicy.people.affected import ReachChange
from graphpolicy.people.reach import reach
from graphpolicy.plan.impact_assessment import Question, question

AHEAD_DAYS = 180
"""How long before its day the nightly report has a section about a dated fact."""


def first_day(since: str) -> str:
    """The day on which a fact takes effect: the first of the month if only that is known."""
    return since if len(since) > len("2027-02") else f"{since}-01"


def dated_facts(facts: Facts, cloud: Cloud, day: str, today: str) -> tuple[DatedFact, ...]:
    """What Microsoft has announced to take away, or to change, from today on until a day."""
    return tuple(
        DatedFact(row.resource, row.about, row.since, row.source)
        for row in _rows(facts, cloud)
        if row.since and today < first_day(row.since) <= day
    )


def next_day(facts: Facts, cloud: Cloud, today: str, until: str) -> str:
    """The first day after today, up to `until`, on which something is taken away; '' if none."""
    days = [first_day(row.since) for row in _rows(facts, cloud) if row.since]
    return min((day for day in days if today < day <= until), default="")


def dated_question(
    seen: PlanView, day: str, today: str, documents: Iterable[Mapping[str, Json]] = ()
) -> Question:
    """The question of a day: the live policy, and the same after what happens until then."""
    changed = dict(_changed(seen, day, today))
    resources = tuple(
        replace(both, after=changed.get(both.id, both.before)) for both in seen.resources
    )
    asked = question(replace(seen, resources=resources), (), documents)
    moved = tuple(_moved(both) for both in resources if both.id in changed)
    return replace(asked, moved=moved)


def _changed(seen: PlanView, day: str, today: str) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """The methods that a fact changes, as they will be."""
    for row in _rows(seen.facts, seen.cloud):
        if not row.since or not today < first_day(row.since) <= day:
            continue
        for both in seen.of((row.resource,)):
            if isinstance(row, Retirement):
                yield both.id, {**both.before, "state": "disabled"}
            elif row.becomes:
                yield both.id, {**both.before, row.setting: row.becomes}


def _rows(facts: Facts, cloud: Cloud) -> Iterator[Retirement | Rewriting]:
    """Announced facts about who may use a whole method."""
    for row in facts.retirements:
        if not row.setting and row in facts.retirement(row.resource, "", cloud).coming:
            yield row
    for rewriting in facts.rewritings:
        known = facts.rewriting(rewriting.resource, rewriting.setting, cloud).coming
        if rewriting.setting == "state" and rewriting in known:
            yield rewriting


def _moved(both: BeforeAfter) -> ReachChange:
    return ReachChange(
        both.id,
        ("state",),
        both.id.casefold(),
        decides=True,
        before=(reach(both.before),),
        after=(reach(both.after),),
    )
