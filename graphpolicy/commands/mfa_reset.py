"""mfa reset: require one person or many people to register again, within the house rules.

Of many, all are read first, and nothing begins until everybody is clear: people that are not found,
or that the house rules refuse, are reported together. Then it asks once, and resets a few at a
time. The journal records who was reset, so that the same command after a kill continues with the
rest, and does not delete what people have registered since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from graphpolicy.commands.helpdesk_session import (
    Actor,
    HelpdeskSession,
    rules_of,
    uncancel,
)
from graphpolicy.commands.person_reset import PersonReset
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.methods import read_registered
from graphpolicy.helpdesk.actions import done_before
from graphpolicy.helpdesk.house_rules import RULES_UNKNOWN, RefusedGroup, refuse
from graphpolicy.helpdesk.person import Person, person_json
from graphpolicy.helpdesk.reset import (
    MethodFate,
    NextCommand,
    PlannedReset,
    Reset,
    ResetOptions,
    Resets,
    job_of,
    own_pass,
)
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.ledger import Ledger, entries
from graphpolicy.model.errors import Exit, worst
from graphpolicy.model.records import dataclass

STREAK = 10
"""After this many failures in a row the run stops: the rest would fail as well."""


async def reset(
    desk: HelpdeskSession, user: str, wish: ResetOptions, approved: Callable[[PlannedReset], bool]
) -> Reset:
    """Require one person to register again, if that is `approved`.

    Raises:
        GraphError: something could not be read; nothing was done.
        RunError: the journal can't be written; nothing was done.
    """
    desk.say(f"reading the user {user} and their registered methods")
    refused, person, actor = await desk.refused(), await desk.person(user), await desk.actor()
    ledger = desk.ledger(actor)
    planned = await _planned(desk, refused, actor, wish, person)
    if isinstance(planned, Reset):
        ledger.add("refused", user=person_json(person), rules=rules_of(planned.findings))
        return planned
    if planned.empty:
        result = planned.ended("nothing")
    elif not approved(planned):
        return _untouched(planned)
    else:
        result = await PersonReset(desk, ledger, planned).carry_out()
    if result.ending in ("reset", "nothing"):
        return replace(result, next=await _next(desk, actor, planned, result))
    return result


async def _next(
    desk: HelpdeskSession, actor: Actor, planned: PlannedReset, result: Reset
) -> NextCommand:
    """The next command for the person: a pass if one would work, else `mfa list`."""
    person = planned.person
    held = any(each.access_pass and each.access_pass.alive for each in result.has)
    if held or person.external or person.id == actor.id:
        return "list"
    try:
        limits = await desk.limits()
        belongs = await desk.belonging(person, wanted=limits.asks_belonging)
    except GraphError:  # the reset is done, and this is only a suggestion
        return "list"
    return "pass" if limits.enabled and limits.reaches(person, belongs) else "list"


async def _planned(
    desk: HelpdeskSession,
    refused: Sequence[RefusedGroup],
    actor: Actor,
    wish: ResetOptions,
    person: Person,
) -> PlannedReset | Reset:
    """What a reset would do; its result if that is refused."""
    belongs = await desk.belonging(person, wanted=False)
    findings = desk.house_refusals(refused, person, belongs)
    if not refuse(findings):
        methods, preference = await read_registered(desk.graph, person)
        planned = PlannedReset(person, methods, preference, wish, findings)
        findings += own_pass(actor.id, planned)
        if not refuse(findings):
            return planned
    return Reset(person, "refused", findings=findings, exit_code=Exit.REFUSED)


def _untouched(planned: PlannedReset) -> Reset:
    """The result of a reset that was not begun: every method is left."""
    fates = [MethodFate(each, "left") for each in (*planned.chosen, *planned.unknown)]
    if planned.wish.dry_run:
        return planned.ended("dry_run", fates, next="reset")
    return planned.ended("declined", fates, exit_code=Exit.FAILED)


@dataclass(frozen=True, slots=True)
class BulkOptions:
    """How many people at once, and whether to reset those again that an earlier run reset."""

    at_once: int = 4
    again: bool = False


async def reset_many(
    desk: HelpdeskSession,
    users: Sequence[str | Person],
    wish: ResetOptions,
    approved: Callable[[Sequence[PlannedReset], int, str], bool],
    bulk: BulkOptions,
) -> Resets:
    """Require many people to register again.

    `approved` gets the planned resets, how many people an earlier run has already reset, and when
    that run began (0 and '' if there was none).

    Raises:
        GraphError: something that concerns all of them could not be read; nothing was done.
        RunError: the journal can't be written; nothing was done.
    """
    desk.say(f"reading users: {len(users):,}")
    refused, actor = await desk.refused(), await desk.actor()
    found = await desk.each(users, partial(_found, desk), bulk.at_once, "people found")
    people = list({each.id: each for each in found if isinstance(each, Person)}.values())
    missing = [each for each in found if isinstance(each, Reset)]
    job = job_of(people, wish)
    record = [] if bulk.again else entries(desk.state_dir)
    since, done = done_before(record, desk.tenant.id, job)
    begun = [each for each in people if each.id not in done]
    looks = await desk.each(begun, partial(_looked, desk, refused, actor, wish), bulk.at_once)
    planned = [each for each in looks if isinstance(each, PlannedReset)]
    stopped = [each for each in looks if isinstance(each, Reset)]
    ledger = desk.ledger(actor)
    for each in stopped:
        if each.findings:
            ledger.add("refused", user=person_json(each.person), rules=rules_of(each.findings))
    if missing or stopped:
        return _not_begun([*missing, *stopped], [each.person for each in planned])
    earlier = [Reset(each, "done_before") for each in people if each.id in done]
    if not approved(planned, len(earlier), since):
        code = Exit.DONE if wish.dry_run else Exit.FAILED
        return Resets((*earlier, *map(_untouched, planned)), since, exit_code=code)
    named = replace(ledger, common={**ledger.common, "job": job})
    run = _Run(replace(desk, say=lambda _: None), desk, named, bulk.at_once)
    results = await run.carry_out(planned)
    return run.account((*earlier, *results), since)


async def _found(desk: HelpdeskSession, user: str | Person) -> Person | Reset:
    if isinstance(user, Person):
        return user
    try:
        return await desk.person(user)
    except GraphError as failure:
        if failure.status not in (400, 404):
            raise
        return _failed(Person("", user, ""), failure)


async def _looked(
    desk: HelpdeskSession,
    refused: Sequence[RefusedGroup],
    actor: Actor,
    wish: ResetOptions,
    person: Person,
) -> PlannedReset | Reset:
    try:
        return await _planned(desk, refused, actor, wish, person)
    except GraphError as failure:
        if failure.status in (401, 403):
            raise
        return _failed(person, failure)


def _failed(person: Person, failure: GraphError) -> Reset:
    text, code = failure.text, failure.exit_code
    return Reset(person, "failed", error=text, help=failure.help, exit_code=code)


def _not_begun(stopped: Sequence[Reset], others: Sequence[Person]) -> Resets:
    """The result if nothing was begun because some people can't be reset."""
    rest = (Reset(each, "not_begun") for each in others)
    text = f"nothing was done: {len(stopped):,} of {len(stopped) + len(others):,} people can't be "
    text += "reset, and a list is reset completely or not at all"
    code = worst(each.exit_code for each in stopped)
    unread = any(each.ending == "failed" and each.person.id for each in stopped)
    again = "try again in a few minutes for people that could not be read; remove the others from "
    again += "the list"
    help_ = again if unread else "remove them from the list"
    unknown = (each for one in stopped for each in one.findings if each.rule == RULES_UNKNOWN)
    help_ = next((each.help for each in unknown if each.level == "error"), help_)
    return Resets((*stopped, *rest), exit_code=code, error=text, help=help_)


class _Run:
    """The resets of many people, `at_once` of them at a time.

    Each runs with a `quiet` session: progress counts people, not requests.
    """

    def __init__(
        self, quiet: HelpdeskSession, desk: HelpdeskSession, ledger: Ledger, at_once: int
    ) -> None:
        self.quiet = quiet
        self.desk = desk
        self.ledger = ledger
        self.at_once = at_once
        self.results: dict[str, Reset] = {}
        self.streak = 0
        self.stop: tuple[str, str, int] | None = None

    async def carry_out(self, planned: Sequence[PlannedReset]) -> list[Reset]:
        """Everybody's result, in order; raises neither for Graph's errors nor for Ctrl-C."""
        self.ledger.add("job_begun", people=len(planned))
        waiting = iter(planned)
        workers = [
            asyncio.create_task(self.work(waiting, len(planned))) for _ in range(self.at_once)
        ]
        try:
            await asyncio.gather(*workers)
        except asyncio.CancelledError:
            uncancel()
            help_ = "run the same command again: it continues with the rest"
            self.stop = ("interrupted", help_, Exit.INTERRUPTED)
            # The workers were cancelled, too, and each still reads how its last request ended.
            await asyncio.gather(*workers, return_exceptions=True)
        results = [
            self.results.get(each.person.id)
            or Reset(each.person, "not_begun", exit_code=Exit.FAILED)
            for each in planned
        ]
        if not self.stop and not any(each.exit_code for each in results):
            try:
                self.ledger.add("job_finished")
            except RunError as failure:
                self.stop = (failure.text, failure.help, failure.exit_code)
        return results

    async def work(self, waiting: Iterator[PlannedReset], total: int) -> None:
        for planned in waiting:
            if self.stop:
                return
            work = PersonReset(self.quiet, self.ledger, planned)
            result = await work.carry_out()
            self.results[planned.person.id] = result
            if result.ending == "interrupted":
                raise asyncio.CancelledError
            hopeless = result.exit_code and not result.effect
            self.streak = self.streak + 1 if hopeless else 0
            if work.hopeless:
                self.stop = (f"stopped: {result.error}", result.help, result.exit_code)
            elif self.streak == STREAK:
                text = f"stopped: nothing could be deleted for {STREAK} people in a row: "
                text += result.error
                self.stop = (text, result.help, result.exit_code)
            self.desk.count(len(self.results), total, "people done")

    def account(self, results: Sequence[Reset], since: str) -> Resets:
        """All results, with the exit code of the whole run."""
        text, help_, code = self.stop or ("", "", Exit.DONE)
        effect = any(each.effect for each in results)
        failed = any(each.exit_code for each in results)
        if code != Exit.INTERRUPTED:
            code = (
                Exit.PARTLY
                if effect and (failed or code)
                else code or worst(each.exit_code for each in results)
            )
        return Resets(tuple(results), since, exit_code=code, error=text, help=help_)
