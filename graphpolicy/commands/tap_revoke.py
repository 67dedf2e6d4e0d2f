"""tap revoke: delete the Temporary Access Passes of a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import field, replace

from graphpolicy.commands.helpdesk_session import (
    BY_READING,
    SETTLING,
    HelpdeskSession,
    rules_of,
    uncancel,
)
from graphpolicy.graph.failures import AnswerLostError, GraphError
from graphpolicy.graph.methods import delete_pass, read_passes
from graphpolicy.graph.protocols import WritePace
from graphpolicy.helpdesk.access_pass import (
    Pass,
)
from graphpolicy.helpdesk.house_rules import reason_refusals
from graphpolicy.helpdesk.outcomes import Revocation, RevocationEnding
from graphpolicy.helpdesk.person import Person, person_json
from graphpolicy.journal.ledger import Ledger
from graphpolicy.model import Json
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass


async def revoke(
    desk: HelpdeskSession, user: str, approved: Callable[[Person, Sequence[Pass]], bool]
) -> Revocation:
    """Delete a person's passes, if that is `approved`.

    The house rules about people do not apply: deleting a pass lets nobody sign in.

    Raises:
        GraphError: something could not be read; nothing was done.
        RunError: the journal can't be written; nothing was done.
    """
    person, actor = await desk.person(user), await desk.actor()
    ledger = desk.ledger(actor)
    findings = tuple(reason_refusals(desk.house, desk.reason))
    if findings:
        ledger.add("refused", user=person_json(person), rules=rules_of(findings))
        return Revocation(person, "refused", findings=findings, exit_code=Exit.REFUSED)
    passes = await read_passes(desk.graph, person)
    if not passes:
        return Revocation(person, "nothing")
    if not approved(person, passes):
        return Revocation(person, "declined", left=passes, exit_code=Exit.FAILED)
    return await _Removal(desk, ledger, person, passes).carry_out()


@dataclass(slots=True)
class _Removal:
    """The deletion of passes; the journal has each before and after it.

    `open` are deletions that were sent and have no end in the journal yet.
    """

    desk: HelpdeskSession
    ledger: Ledger
    person: Person
    passes: Sequence[Pass]
    gone: list[Pass] = field(default_factory=list)
    open: list[Pass] = field(default_factory=list)
    failure: GraphError | None = None

    async def carry_out(self) -> Revocation:
        """Delete all; raises neither for Graph's errors nor if it is interrupted."""
        try:
            for each in self.passes:
                await self.delete(each)
            await self.settle(self.desk.pace)
        except asyncio.CancelledError:
            uncancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLING + 1):
                    await self.settle(replace(self.desk.pace, verify_timeout=SETTLING))
            text = "the request in progress may have taken effect" if self.open else ""
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
            if not isinstance(failure, AnswerLostError):  # `settle` reads how a lost one ended
                self.close("failed", one, error=failure.text)
            return
        self.close("revoked", one, request_id=request_id)

    async def settle(self, pace: WritePace) -> None:
        """Read how the open deletions ended; a pass that is still listed stays open.

        It may disappear a moment later: the next command for this tenant reads again.
        """
        with suppress(GraphError):
            async for _ in pace.looks(lambda _: None):
                if not self.open:
                    return
                shown = await read_passes(self.desk.graph, self.person)
                there = {(each.id, each.created) for each in shown}
                for one in [each for each in self.open if (each.id, each.created) not in there]:
                    self.close("revoked", one, found=BY_READING)

    def close(self, event: str, one: Pass, **about: Json) -> None:
        """Write to the journal how a deletion ended."""
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
        self,
        ending: RevocationEnding,
        text: str = "",
        help_: str = "",
        exit_code: int = Exit.DONE,
    ) -> Revocation:
        done = Revocation(self.person, ending, tuple(self.gone), self.left)
        return replace(done, error=text, help=help_, exit_code=exit_code)
