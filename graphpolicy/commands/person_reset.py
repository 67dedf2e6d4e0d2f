"""The reset of one person: delete registered methods, end sessions, report what is left.

A DELETE may safely be repeated, so a lost answer does no harm. The result is what the directory
lists in the end: it is read until it agrees with Graph's answers, or the time is up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import field, replace

from graphpolicy.commands.helpdesk_session import (
    BY_READING,
    SETTLING,
    HelpdeskSession,
    rules_of,
    uncancel,
)
from graphpolicy.graph import methods as graph
from graphpolicy.graph.failures import AnswerLostError, GraphError
from graphpolicy.helpdesk.person import person_json
from graphpolicy.helpdesk.registered_methods import (
    Preference,
    RegisteredMethod,
    held_up,
    stand_ins,
    suspected,
)
from graphpolicy.helpdesk.reset import (
    NO_DELETE,
    DeletionState,
    MethodFate,
    PlannedReset,
    Reset,
    ResetEnding,
    Sessions,
    judged,
)
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.ledger import Ledger
from graphpolicy.model import Json
from graphpolicy.model.command import command
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass

ROUNDS = 2
"""A deletion that Graph refused is tried again after the others: the default must be the last."""

HOPELESS = (401, 429, None)
"""Statuses after which the next request would fail as well: signed out, throttled until the time
was up, no connection."""


@dataclass(slots=True)
class PersonReset:
    """One person's reset; the journal has each request before and after it.

    `answers` has for each method that was tried Graph's request id, or the error. `open` are
    deletions that were sent and have no end in the journal yet; `found` are methods that reading
    showed as deleted. `hopeless` says that requests for other people would fail as well.
    """

    desk: HelpdeskSession
    ledger: Ledger
    planned: PlannedReset
    answers: dict[RegisteredMethod, str | GraphError] = field(default_factory=dict)
    open: set[RegisteredMethod] = field(default_factory=set)
    found: set[RegisteredMethod] = field(default_factory=set)
    sessions: Sessions = "not_tried"
    failure: tuple[str, str, int] = ("", "", 0)
    preferred: str = ""
    hopeless: bool = False

    async def carry_out(self) -> Reset:
        """Reset the person; raises neither for Graph's errors nor if it is interrupted."""
        try:
            result = await self.to_the_end()
        except asyncio.CancelledError:
            uncancel()
            await self.settle()
            # How the command ends says that it was stopped, and what to do.
            text = "the request in progress may have taken effect" if self.open else ""
            result = self.cut_short(text, "", Exit.INTERRUPTED, "interrupted")
        except RunError as failure:
            return self.cut_short(failure.text, failure.help, failure.exit_code)
        try:
            self.ended(result)
        except RunError as failure:  # what was done must still be reported
            return replace(result, error=failure.text, help=failure.help, exit_code=Exit.FAILED)
        return result

    async def to_the_end(self) -> Reset:
        planned = self.planned
        self.record(
            "begun",
            deletes=[_method(each) for each in planned.chosen],
            sessions="end" if planned.wish.sessions else "stay",
            **({"notes": rules_of(planned.notes, "note")} if planned.notes else {}),
        )
        if held_up(planned.chosen, planned.preference):
            await self.change_default(planned.chosen, planned.preference)
        await self.delete_all(planned.chosen)
        shown: Sequence[RegisteredMethod] | None = ()
        unread = ""
        if self.answers:
            try:
                shown = await self.read_back()
            except GraphError as failure:
                shown, unread = None, failure.text
            else:
                self.close_by(shown)
        if not planned.wish.sessions:
            self.sessions = "kept"
        elif self.deleted or not planned.chosen:
            await self.end_sessions()  # last: it may end the session that runs this command
        fates = [self.fate(each, shown, unread) for each in planned.chosen]
        return judged(
            planned, [*fates, *self.unknown_types()], self.sessions, self.preferred, self.failure
        )

    @property
    def deleted(self) -> bool:
        """Whether any method is, or may be, deleted, by Graph's answers."""
        return any(not _refused(answer) for answer in self.answers.values())

    async def change_default(
        self, left: Sequence[RegisteredMethod], preference: Preference
    ) -> None:
        """Make another method the default, so that the present default can be deleted before it."""
        for value in stand_ins(left, preference):
            try:
                request_id = await graph.prefer(self.desk.graph, self.planned.person, value)
            except GraphError:
                continue  # the next one may work; if none does, the deletion reports its error
            self.preferred = value
            self.record("preferred", value=value, request_id=request_id)
            return

    async def delete_all(self, chosen: Sequence[RegisteredMethod]) -> None:
        """Delete each in order; try those that were refused or lost again after the others."""
        for turn in range(ROUNDS):
            some = [each for each in chosen if not isinstance(self.answers.get(each, None), str)]
            if turn and not (self.deleted and some):
                return
            if turn:
                await self.change_default(some, suspected(some, self.planned.preference))
            for method in some:
                if not await self.delete(method):
                    return

    async def delete(self, method: RegisteredMethod) -> bool:
        """Send one DELETE; False if the next ones would fail as well."""
        self.desk.say(f"{self.planned.person.label}: deleting {method.label}")
        self.record("deleting", method=_method(method))
        self.open.add(method)
        try:
            request_id = await graph.delete_method(self.desk.graph, self.planned.person, method)
        except GraphError as failure:
            self.answers[method] = failure
            if isinstance(failure, AnswerLostError):
                return True  # how it ended is read after the others
            self.close(method, "not_deleted", error=failure.text)
            self.hopeless = failure.status in HOPELESS
            return not self.hopeless
        self.answers[method] = request_id
        self.close(method, "deleted", request_id=request_id)
        return True

    def close(self, method: RegisteredMethod, event: str, **about: Json) -> None:
        """Write to the journal how a deletion ended."""
        self.open.discard(method)
        self.record(event, method=_method(method), **about)

    def close_by(self, shown: Iterable[RegisteredMethod]) -> None:
        """Write to the journal how deletions with a lost answer ended, by what is listed now."""
        shown = tuple(shown)
        for method in tuple(self.open):
            gone = not _listed(method, shown)
            self.close(method, "deleted" if gone else "not_deleted", found=BY_READING)

    async def settle(self) -> None:
        """Read how the open deletions ended, in the few seconds after an interruption.

        A method that is still listed stays open: it may disappear a moment later, and the next
        command for this tenant reads again.
        """
        pace = replace(self.desk.pace, verify_timeout=SETTLING)
        try:
            async with asyncio.timeout(SETTLING + 1):
                async for _ in pace.looks(lambda _: None):
                    if not self.open:
                        return
                    shown = await graph.read_methods(self.desk.graph, self.planned.person)
                    for method in [each for each in self.open if not _listed(each, shown)]:
                        self.found.add(method)
                        self.close(method, "deleted", found=BY_READING)
        except (TimeoutError, GraphError, RunError):
            return  # the next command for this tenant reads again

    async def end_sessions(self) -> None:
        person = self.planned.person
        self.desk.say(f"{person.label}: ending sessions")
        try:
            ended = await graph.end_sessions(self.desk.graph, person)
        except GraphError as failure:
            self.sessions = "failed"
            self.failure = (f"sessions: {failure.text}", failure.help, failure.exit_code)
            return
        self.sessions = "ended" if ended else "unsaid"
        self.record("sessions", became=self.sessions)

    async def read_back(self) -> Sequence[RegisteredMethod]:
        """The methods that are listed, read until those that Graph deleted are no longer there."""
        person = self.planned.person
        versions = sorted({each.version for each in self.answers})

        def say(waited: float) -> None:
            self.desk.say(f"{person.label}: waiting until the deletion shows ({waited:.0f} s)")

        shown: Sequence[RegisteredMethod] = ()
        async for _ in self.desk.pace.looks(say):
            shown = await graph.read_methods(self.desk.graph, person, versions)
            late = (each for each, answer in self.answers.items() if not _refused(answer))
            if not any(_listed(each, shown) for each in late):
                break
        return shown

    def fate(
        self, method: RegisteredMethod, shown: Iterable[RegisteredMethod] | None, unread: str = ""
    ) -> MethodFate:
        """What happened to a method: by the last reading, or by Graph's answer if there is none."""
        answer = self.answers.get(method)
        code = answer.exit_code if isinstance(answer, GraphError) else Exit.FAILED
        text, help_ = ("not tried", "run it again") if answer is None else ("", "")
        if isinstance(answer, GraphError):
            text, help_ = answer.text, answer.help
        if shown is None:
            state: DeletionState = "left" if answer is None or _refused(answer) else "unknown"
            if isinstance(answer, str):
                state = "accepted"
                text = f"Graph accepted the deletion, but reading back failed: {unread}"
                help_ = f"{command('mfa', 'list', self.planned.person.name)} shows it"
            return MethodFate(method, state, text, help_, code)
        if answer is not None and not _listed(method, shown):
            return MethodFate(method, "gone")
        if isinstance(answer, str):
            waited = f"{self.desk.pace.verify_timeout:.0f} s"
            text = f"Graph accepted the deletion, but after {waited} it is still listed"
            help_ = f"{command('mfa', 'list', self.planned.person.name)} shows whether it stays"
        return MethodFate(method, "left", text, help_, code)

    def unknown_types(self) -> list[MethodFate]:
        help_ = "delete it in the Entra admin center, on the user's Authentication methods page"
        return [
            MethodFate(each, "left", f"{each.label}: {NO_DELETE}", help_)
            for each in self.planned.unknown
        ]

    def cut_short(
        self, text: str, help_: str, exit_code: int, ending: ResetEnding = "failed"
    ) -> Reset:
        """The result if no more requests can be sent, not even to read."""
        fates = [*map(self.last_known, self.planned.chosen), *self.unknown_types()]
        result = self.planned.ended(
            ending,
            fates,
            sessions=self.sessions,
            preferred=self.preferred,
            error=text,
            help=help_,
            exit_code=exit_code,
            next="reset",
        )
        if ending == "failed" and result.effect:
            return replace(result, ending="partly", exit_code=Exit.PARTLY)
        return result

    def last_known(self, method: RegisteredMethod) -> MethodFate:
        answer = self.answers.get(method)
        if method in self.found:
            return MethodFate(method, "gone")
        if isinstance(answer, str):
            return MethodFate(method, "accepted")
        if method in self.open or isinstance(answer, AnswerLostError):
            return MethodFate(method, "unknown", "interrupted before Graph's answer arrived")
        return self.fate(method, None)

    def record(self, event: str, **about: Json) -> None:
        self.ledger.add(event, user=person_json(self.planned.person), **about)

    def ended(self, result: Reset) -> None:
        event = "finished" if result.ending == "reset" else result.ending
        states = {
            "gone": [_method(each) for each in result.of("gone", "accepted")],
            "left": [_method(each) for each in result.of("left", "unknown")],
        }
        about = {"error": result.error} if result.error else {}
        self.record(event, **states, sessions_became=result.sessions, **about)


def _listed(method: RegisteredMethod, shown: Iterable[RegisteredMethod]) -> bool:
    return any(method.same(each) for each in shown)


def _refused(answer: str | GraphError) -> bool:
    return isinstance(answer, GraphError) and not isinstance(answer, AnswerLostError)


def _method(method: RegisteredMethod) -> Json:
    """A method for the journal: never with a phone number or an address."""
    created = {"createdDateTime": method.created} if method.created else {}
    return {"type": method.type, "id": method.id, **created}
