"""tap: give a person a way in when the phone is gone, see what there is, take it back.

A pass is a secret that exists once, in Graph's answer. Nothing here repeats its creation: where the
answer is lost it is looked whether a pass was made, and a second one is made only on request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field, replace
from functools import partial
from typing import Protocol

from graphpolicy.commands.helpdesk_session import HelpdeskSession, noting, refused_code, rules_of
from graphpolicy.commands.mfa_reset import BY_READING, SETTLING
from graphpolicy.graph.errors import AnswerLostError, GraphError
from graphpolicy.graph.passes import Appeared, create_pass, delete_pass, new_among, read_passes
from graphpolicy.graph.protocols import FIRST_WAIT, LONGEST_WAIT, Pace
from graphpolicy.helpdesk.access_pass import (
    Pass,
    Terms,
    Wish,
    limit_refusals,
    target_refusals,
    terms,
)
from graphpolicy.helpdesk.house_rules import for_nobody, own_refusals, reason_refusals, refuse
from graphpolicy.helpdesk.outcomes import Holding, Issue, Revocation, RevocationEnding
from graphpolicy.helpdesk.person import Person, person_json
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.ledger import Ledger
from graphpolicy.model import Finding, Json
from graphpolicy.model.command import command
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.plan.verdict import worst

TRIES = 2
"""Creations under one consent, where Graph wants an earlier pass gone first."""


class Prompter(Protocol):
    """How a person is asked before something is done for another."""

    def issue(
        self, person: Person, asked: Terms, before: Sequence[Pass], notes: Sequence[Finding]
    ) -> bool:
        """Whether the pass may be made, and take the place of those before."""

    def replace(self, lost: Issue) -> bool:
        """Whether a pass whose secret is lost may be replaced; never answered in advance."""

    def revoke(self, person: Person, passes: Sequence[Pass]) -> bool:
        """Whether these passes may be taken away."""


async def issue(desk: HelpdeskSession, user: str, wish: Wish, asking: Prompter) -> Issue:
    """Give one person a pass, within the tenant's limits and the house rules.

    Raises:
        GraphError: something could not be read; nothing was made.
        RunError: the journal can't be written; nothing was made.
    """
    desk.say(f"reading the policy of {desk.tenant.name} and who {user} is")
    limits, refused, person, actor = (
        await desk.limits(),
        await desk.refused(),
        await desk.person(user),
        await desk.actor(),
    )
    asked = terms(wish, limits, desk.house)
    belongs = await desk.belonging(person, wanted=limits.asks_belonging)
    refusing = desk.house_refusals(refused, person, belongs)
    findings = (*refusing, *own_refusals(actor.id, person))
    if not for_nobody(refusing):
        findings += (
            *limit_refusals(asked, limits, desk.house),
            *target_refusals(limits, person, belongs),
        )
    ledger = desk.ledger(actor)
    if refuse(findings):
        ledger.add("refused", user=person_json(person), rules=rules_of(findings))
        return Issue(person, "refused", asked, findings, exit_code=refused_code(findings))
    before = await read_passes(desk.graph, person)
    if not asking.issue(person, asked, before, findings):
        return Issue(person, "declined", asked, findings, exit_code=Exit.FAILED)
    creation = _Creation(desk, noting(ledger, findings), person, asked)
    result = await creation.carry_out(before)
    while result.ending == "lost" and asking.replace(result):
        result = await creation.carry_out(await read_passes(desk.graph, person))
    return replace(result, findings=findings)


@dataclass(frozen=True, slots=True)
class _Creation:
    """One pass on its way, every step of it in the journal before and after."""

    desk: HelpdeskSession
    ledger: Ledger
    person: Person
    asked: Terms

    async def carry_out(self, before: Sequence[Pass], attempt: int = 1) -> Issue:
        """Make the pass, and find out what became of it where the answer does not say."""
        self.desk.say(f"making a pass for {self.person.label}")
        try:
            made = await create_pass(
                self.desk.graph, self.person, self.asked, before, self.about_to_send
            )
        except Appeared:
            return await self.settled(before, "the request was answered as not carried out")
        except AnswerLostError as lost:
            return await self.settled(before, lost.reason)
        except GraphError as failure:
            alive = _alive(before)
            if failure.status == 400 and alive and attempt < TRIES:
                return await self.after_removal(alive, attempt)
            self.record("failed", failure.request_id, error=failure.text)
            return self.failed(failure)
        if made.secret is None:
            return await self.settled(before, "Graph's answer holds no pass")
        replaced = _alive(before)
        result = Issue(self.person, "issued", self.asked, (), replaced, made.made, made.secret)
        try:
            self.record("issued", made.request_id, made.made)
        except RunError as failure:  # the pass is there, and must not be lost over this
            return replace(result, error=failure.text, help=failure.help, exit_code=Exit.FAILED)
        return result

    async def about_to_send(self) -> None:
        self.record("sending")

    async def after_removal(self, alive: Sequence[Pass], attempt: int) -> Issue:
        """Where Graph does not replace a pass: take the earlier one away, then make it once."""
        self.desk.say("Graph does not replace the earlier pass: taking it away first")
        gone: list[Pass] = []
        try:
            for each in alive:
                self.record("removing", made=each)
                request_id = await delete_pass(self.desk.graph, self.person, each.id)
                self.record("removed", request_id, each)
                gone.append(each)
            now = await read_passes(self.desk.graph, self.person)
        except GraphError as failure:
            self.record("failed", failure.request_id, error=failure.text)
            result = self.failed(failure)
        else:
            result = await self.carry_out(now, attempt + 1)
        removed = tuple(gone)
        partly = removed and result.ending == "failed"
        code = Exit.PARTLY if partly else result.exit_code
        return replace(result, replaced=(*removed, *result.replaced), exit_code=code)

    async def settled(self, before: Sequence[Pass], reason: str) -> Issue:
        """After an answer that was lost: the new pass by reading, without its secret."""
        self.desk.say("the answer was lost, reading to see what happened")
        pace, waited, wait = self.desk.pace, 0.0, FIRST_WAIT
        try:
            while True:
                found = new_among(before, await read_passes(self.desk.graph, self.person))
                if found or waited >= pace.verify_timeout:
                    break
                step = min(wait, pace.verify_timeout - waited)
                await pace.sleep(step)
                waited, wait = waited + step, min(wait * 2, LONGEST_WAIT)
        except GraphError as failure:
            self.record("unknown", error=failure.text)
            text = f"whether a pass was made is unknown: {reason}; then reading failed"
            help_ = f"{command('tap', 'list', self.person.name)} shows it: {failure.text}"
            return Issue(
                self.person, "failed", self.asked, error=text, help=help_, exit_code=Exit.FAILED
            )
        if found is None:
            self.record("unknown", error=reason)
            text = f"no pass was made, as far as reading shows after {waited:.0f} s: {reason}"
            help_ = "run it again; should a pass show up by then, it says so before it replaces it"
            return Issue(
                self.person, "failed", self.asked, error=text, help=help_, exit_code=Exit.FAILED
            )
        self.record("lost", made=found, error=reason)
        text = f"the pass was made, and its secret is lost: {reason}"
        return Issue(
            self.person,
            "lost",
            self.asked,
            (),
            _alive(before),
            found,
            error=text,
            exit_code=Exit.FAILED,
        )

    def failed(self, failure: GraphError) -> Issue:
        code = failure.exit_code
        return Issue(
            self.person, "failed", self.asked, error=failure.text, help=failure.help, exit_code=code
        )

    def record(
        self, event: str, request_id: str = "", made: Pass | None = None, error: str = ""
    ) -> None:
        about = {"request_id": request_id, "pass": made.id if made else "", "error": error}
        self.ledger.add(
            event,
            user=person_json(self.person),
            terms=self.asked.body,
            **{name: value for name, value in about.items() if value},
        )


def _alive(passes: Sequence[Pass]) -> tuple[Pass, ...]:
    return tuple(each for each in passes if each.alive)


async def holdings(desk: HelpdeskSession, users: Sequence[str | Person]) -> list[Holding]:
    """The passes of everybody named; who can't be read does not stop the others."""
    return await desk.each(users, partial(_holding, desk))


async def _holding(desk: HelpdeskSession, user: str | Person) -> Holding:
    name = user if isinstance(user, str) else user.name
    person = None
    try:
        person = await desk.person(user) if isinstance(user, str) else user
        return Holding(name, person, await read_passes(desk.graph, person))
    except GraphError as failure:
        return Holding(name, person, (), failure.text, failure.help, failure.exit_code)


def holdings_code(found: Sequence[Holding]) -> int:
    """The worst of all people."""
    return worst(each.exit_code for each in found)


async def revoke(desk: HelpdeskSession, user: str, asking: Prompter) -> Revocation:
    """Take a person's passes away; anybody's, since that lets nobody in.

    Raises:
        GraphError: something could not be read; nothing was done.
        RunError: the journal can't be written; nothing was done.
    """
    person, actor = await desk.person(user), await desk.actor()
    ledger = desk.ledger(actor)
    findings = tuple(reason_refusals(desk.house, desk.reason))
    if findings:
        ledger.add("refused", user=person_json(person), rules=rules_of(findings))
        code = refused_code(findings)
        return Revocation(person, "refused", findings=findings, exit_code=code)
    passes = await read_passes(desk.graph, person)
    if not passes:
        return Revocation(person, "nothing")
    if not asking.revoke(person, passes):
        return Revocation(person, "declined", left=passes, exit_code=Exit.FAILED)
    return await _Removal(desk, ledger, person, passes).carry_out()


@dataclass(slots=True)
class _Removal:
    """Passes on their way out, each in the journal before and after.

    `open` are those that were sent, and of which the journal does not say what became of them.
    """

    desk: HelpdeskSession
    ledger: Ledger
    person: Person
    passes: Sequence[Pass]
    gone: list[Pass] = field(default_factory=list)
    open: list[Pass] = field(default_factory=list)
    failure: GraphError | None = None

    async def carry_out(self) -> Revocation:
        """All of it; never raises for what Graph answers, nor when it is interrupted."""
        try:
            for each in self.passes:
                await self.delete(each)
            await self.settle(self.desk.pace)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task:
                task.uncancel()  # what was done is to be reported
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLING + 1):
                    await self.settle(replace(self.desk.pace, verify_timeout=SETTLING))
            text = "what was on its way may have taken effect" if self.open else ""
            help_ = "run it again to finish" if self.open else ""
            return self.ended("interrupted", text, help_, Exit.INTERRUPTED)
        if self.failure is None or not self.left:
            return self.ended("revoked")
        code = Exit.PARTLY if self.gone else self.failure.exit_code
        return self.ended("failed", self.failure.text, self.failure.help, code)

    async def delete(self, one: Pass) -> None:
        self.record("sending", one)
        self.open.append(one)
        try:
            request_id = await delete_pass(self.desk.graph, self.person, one.id)
        except GraphError as failure:
            self.failure = failure
            if not isinstance(failure, AnswerLostError):  # what became of that is read in the end
                self.close("failed", one, error=failure.text)
            return
        self.close("revoked", one, request_id=request_id)

    async def settle(self, pace: Pace) -> None:
        """Find out by reading what became of what is open; what is still listed stays open.

        It may go a moment later, and the next command about the tenant settles it then.
        """
        with suppress(GraphError):
            async for _ in pace.looks(lambda _: None):
                if not self.open:
                    return
                there = {(each.id, each.created) for each in await self.read()}
                for one in [each for each in self.open if (each.id, each.created) not in there]:
                    self.close("revoked", one, found=BY_READING)

    async def read(self) -> Sequence[Pass]:
        return await read_passes(self.desk.graph, self.person)

    def close(self, event: str, one: Pass, **about: Json) -> None:
        """Say in the journal what became of a deletion that was sent."""
        self.open.remove(one)
        self.gone += [one] if event == "revoked" else []
        self.record(event, one, **about)

    def record(self, event: str, one: Pass, **about: Json) -> None:
        made = {"pass": one.id, "createdDateTime": one.created}
        self.ledger.add(event, user=person_json(self.person), **made, **about)

    @property
    def left(self) -> tuple[Pass, ...]:
        return tuple(each for each in self.passes if each not in self.gone)

    def ended(
        self, ending: RevocationEnding, text: str = "", help_: str = "", exit_code: int = 0
    ) -> Revocation:
        gone = tuple(self.gone)
        return Revocation(self.person, ending, gone, self.left, (), text, help_, exit_code)
