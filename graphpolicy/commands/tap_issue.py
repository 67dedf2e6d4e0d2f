"""tap issue: a Temporary Access Pass for a person who can't sign in otherwise.

Graph returns a pass's secret once, in the answer to its creation. So creation is never repeated on
its own: if the answer is lost, the passes are read to see if one was created, and another one is
created only if the administrator agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from graphpolicy.commands.helpdesk_session import (
    HelpdeskSession,
    noting,
    rules_of,
)
from graphpolicy.graph.failures import AnswerLostError, GraphError
from graphpolicy.graph.methods import (
    PassAlreadyCreated,
    create_pass,
    delete_pass,
    new_among,
    read_passes,
)
from graphpolicy.helpdesk.access_pass import (
    Pass,
    PassRequest,
    Terms,
    alive,
    limit_refusals,
    target_refusals,
    terms,
)
from graphpolicy.helpdesk.house_rules import for_nobody, own_refusals, refuse
from graphpolicy.helpdesk.outcomes import Issuance
from graphpolicy.helpdesk.person import Person, person_json
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.ledger import Ledger
from graphpolicy.model import Finding
from graphpolicy.model.command import command
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass


class Prompter(Protocol):
    """Asks the administrator before a pass is made."""

    def issue(
        self, person: Person, asked: Terms, before: Sequence[Pass], notes: Sequence[Finding]
    ) -> bool:
        """Whether to create the pass, which replaces those in `before`."""

    def replace(self, lost: Issuance) -> bool:
        """Whether to replace a pass whose secret is lost; no flag answers this in advance."""


async def issue(desk: HelpdeskSession, user: str, wish: PassRequest, asking: Prompter) -> Issuance:
    """Issue a pass to one person, within the tenant's limits and the house rules.

    Raises:
        GraphError: something could not be read; no pass was created.
        RunError: the journal can't be written; no pass was created.
    """
    desk.say(f"reading the policy of {desk.tenant.name} and the user {user}")
    limits, refused = await desk.limits(), await desk.refused()
    person, actor = await desk.person(user), await desk.actor()
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
        return Issuance(person, "refused", asked, findings, exit_code=Exit.REFUSED)
    before = await read_passes(desk.graph, person)
    if not asking.issue(person, asked, before, findings):
        return Issuance(person, "declined", asked, findings, exit_code=Exit.FAILED)
    creation = _Creation(desk, noting(ledger, findings), person, asked)
    result = await creation.carry_out(before)
    while result.ending == "lost" and asking.replace(result):
        result = await creation.carry_out(await read_passes(desk.graph, person))
    return replace(result, findings=findings)


@dataclass(frozen=True, slots=True)
class _Creation:
    """The creation of one pass; the journal has each step before and after it."""

    desk: HelpdeskSession
    ledger: Ledger
    person: Person
    asked: Terms

    async def carry_out(self, before: Sequence[Pass], *, removed: bool = False) -> Issuance:
        """Create the pass; if the answer is lost, read whether it was created."""
        self.desk.say(f"creating a pass for {self.person.label}")
        try:
            made = await create_pass(
                self.desk.graph, self.person, self.asked, before, self.about_to_send
            )
        except PassAlreadyCreated:
            return await self.settled(before, "Graph answered that the request failed")
        except AnswerLostError as lost:
            return await self.settled(before, lost.reason)
        except GraphError as failure:
            usable = alive(before)
            if failure.status == 400 and usable and not removed:
                return await self.after_removal(usable)
            self.record("failed", failure.request_id, error=failure.text)
            return self.failed(failure.text, failure.help, failure.exit_code)
        if made.secret is None:
            return await self.settled(before, "Graph's answer contains no pass")
        replaced = alive(before)
        result = Issuance(self.person, "issued", self.asked, (), replaced, made.made, made.secret)
        try:
            self.record("issued", made.request_id, made.made)
        except RunError as failure:  # the pass exists: its secret must still be shown
            return replace(result, error=failure.text, help=failure.help, exit_code=Exit.FAILED)
        return result

    async def about_to_send(self) -> None:
        self.record("sending")

    async def after_removal(self, earlier: Sequence[Pass]) -> Issuance:
        """If Graph does not replace the earlier pass: delete that one, then create once more."""
        self.desk.say("Graph does not replace the earlier pass: deleting it first")
        gone: list[Pass] = []
        try:
            for each in earlier:
                self.record("removing", made=each)
                request_id = await delete_pass(self.desk.graph, self.person, each.id)
                self.record("removed", request_id, each)
                gone.append(each)
            now = await read_passes(self.desk.graph, self.person)
        except GraphError as failure:
            self.record("failed", failure.request_id, error=failure.text)
            result = self.failed(failure.text, failure.help, failure.exit_code)
        else:
            result = await self.carry_out(now, removed=True)
        if gone and result.ending == "failed":
            text = f"the earlier pass was deleted first; {result.error}"
            result = replace(result, error=text, exit_code=Exit.PARTLY)
        return replace(result, replaced=(*gone, *result.replaced))

    async def settled(self, before: Sequence[Pass], reason: str) -> Issuance:
        """After a lost answer: the new pass as reading shows it, without its secret."""
        self.desk.say("the answer was lost: reading what happened")
        pace, found = self.desk.pace, None
        try:
            async for _ in pace.looks(lambda _: None):
                found = new_among(before, await read_passes(self.desk.graph, self.person))
                if found:
                    break
        except GraphError as failure:
            self.record("unknown", error=failure.text)
            text = f"it is not known whether a pass was created: {reason}; reading the passes "
            text += f"failed, too: {failure.text}"
            look = command("tap", "list", self.person.name)
            return self.failed(text, f"look with {look} before you try again")
        if found is None:
            self.record("unknown", error=reason)
            text = f"no pass was created, as far as reading shows after {pace.verify_timeout:.0f} s"
            text += f": {reason}"
            help_ = "run it again; if a pass has appeared by then, it asks before it replaces it"
            return self.failed(text, help_)
        self.record("lost", made=found, error=reason)
        text = f"the pass was created, but its secret is lost: {reason}"
        lost = Issuance(self.person, "lost", self.asked, (), alive(before), found)
        return replace(lost, error=text, exit_code=Exit.FAILED)

    def failed(self, text: str, help_: str, code: int = Exit.FAILED) -> Issuance:
        return Issuance(self.person, "failed", self.asked, error=text, help=help_, exit_code=code)

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
