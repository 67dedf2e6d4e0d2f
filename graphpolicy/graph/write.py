"""Writing a plan: one request after the other, each read back before the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from math import ceil

from graphpolicy.compare.diff import documents_of
from graphpolicy.compare.readback import (
    Documents,
    anything_of_it_shows,
    enforced_as_before,
    moved_beside,
    moved_since_plan,
    not_shown,
    shows_another,
)
from graphpolicy.compare.requests import Write
from graphpolicy.graph.errors import AnswerLostError, GraphError
from graphpolicy.graph.outcomes import refused, result_of, why
from graphpolicy.graph.protocols import UNRECORDED, Answer, Pace, Record, Writer
from graphpolicy.graph.read import read_policy
from graphpolicy.graph.retry import BUDGET_SECONDS
from graphpolicy.model import Cloud, Json, Observed, Request, Result, Version
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass

LOST_ANSWER_TRIES = 3


async def apply_writes(
    graph: Writer,
    writes: Sequence[Write],
    versions: Sequence[Version],
    *,
    cloud: Cloud,
    pace: Pace,
    progress: Callable[[str], None],
    record: Record = UNRECORDED,
) -> tuple[Result, ...]:
    """Send every write of a plan in order; stop at the first that did not end well.

    Never raises for what Graph answers, nor when it is interrupted: each request has a `Result`
    that says what became of it.
    """
    run = _Run(graph, versions, cloud, pace, progress, record)
    results: list[Result] = []
    stopped = ""
    for number, write in enumerate(writes, 1):
        if stopped:
            request = write.request(write.comparison.documents)
            results.append(result_of(request, "skipped", error=f"not tried: {stopped}"))
            continue
        result = await run.to_its_end(number, write)
        results.append(result)
        if result.exit_code:
            stopped = f"{result.title} ended as {result.outcome}"
    return tuple(results)


class _Unsent(Exception):  # noqa: N818 - the end of a write that must not be sent
    """Why a write is not sent, as its result."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.error)
        self.result = result


@dataclass(slots=True)
class _Run:
    graph: Writer
    versions: Sequence[Version]
    cloud: Cloud
    pace: Pace
    progress: Callable[[str], None]
    record: Record
    observed: Observed | None = None
    number: int = 0
    before: Documents = field(default_factory=dict)
    sent: Request | None = None
    patience: float = BUDGET_SECONDS
    """Seconds left for writes that are answered with 503 and a time to wait."""

    async def to_its_end(self, number: int, write: Write) -> Result:
        """One write with its place in the record, also when it is cut short."""
        self.number, self.sent = number, None
        try:
            result = await self.carry_out(write)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task:
                task.uncancel()  # what was done is to be reported
            return self.cut_short(write, "interrupted", Exit.INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - whatever it is, what was written must be told
            return self.cut_short(write, why(error))
        try:
            if self.sent:
                self.record.ended(number, result)
        except Exception as error:  # noqa: BLE001 - the same
            return replace(result, exit_code=result.exit_code or 1, error=why(error))
        return result

    def cut_short(self, write: Write, cause: str, exit_code: int = Exit.FAILED) -> Result:
        """What to say of a write that was not brought to its end; the record stays open."""
        request = self.sent or write.request(write.comparison.documents)
        if self.sent is None:
            result = result_of(request, "skipped", error=f"{cause} before it was sent")
        else:
            text = f"{cause} while it was under way; the next apply reads what became of it"
            result = result_of(request, "unknown", error=text, written=True)
        return replace(result, exit_code=exit_code)

    async def send(
        self, write: Write, request: Request, anew: Callable[[], Awaitable[Request]]
    ) -> Answer:
        """Send a request that is on record, as `anew` makes it wherever it has to be repeated."""
        planned: Request | None = request

        async def body() -> Mapping[str, Json]:
            nonlocal planned
            sending, planned = planned or await anew(), None
            self.record.sending(self.number, write, sending)
            self.sent = sending
            return sending.body

        return await self.graph.patch(request.api, request.url, body)

    async def draft(self, write: Write, *, again: bool = False) -> Request:
        """The write laid over what is live, which is read unless that has just been done.

        Raises:
            _Unsent: it can't be read, or somebody else changed what the plan has seen.
        """
        try:
            if again or self.observed is None:
                self.observed = await read_policy(self.graph, self.versions)
        except GraphError as failure:
            text = f"reading again failed: {failure.text}"
            request = write.request(write.comparison.documents)
            raise _Unsent(result_of(request, "failed", failure, text)) from failure
        self.before = documents_of(write.comparison.declared, self.observed)
        request = write.request(self.before or write.comparison.documents)
        moved = moved_since_plan(write, self.before, self.cloud)
        if moved:
            text = f"someone else changed {', '.join(moved)} after the plan; nothing was written"
            raise _Unsent(replace(result_of(request, "conflict", error=text), exit_code=Exit.STALE))
        return request

    async def carry_out(self, write: Write, attempt: int = 1) -> Result:
        """One write, from the check that nothing moved to the read-back.

        Where it is throttled, or a sign-in takes its time, it is checked and made anew: the look at
        the tenant is always moments old when a body leaves.
        """
        try:
            request = await self.draft(write)
            self.progress(f"writing {request.title}: {', '.join(request.paths)}")
            answer = await self.send(write, request, partial(self.draft, write, again=True))
        except _Unsent as unsent:
            return unsent.result
        except AnswerLostError as lost:
            return await self.settle(write, request, lost, attempt)
        except GraphError as failure:
            return refused(write, request, self.before, failure)
        return await self.verify(write, request, answer.request_id)

    async def settle(
        self, write: Write, request: Request, lost: AnswerLostError, attempt: int
    ) -> Result:
        """After a lost answer: read whether the write happened, and send it again if it did not.

        Where Graph names a time to wait, that is waited out first, as long as there is patience.
        """
        throttled = lost.wait >= 1
        again = self.bears_with(lost.wait) if throttled else attempt < LOST_ANSWER_TRIES
        pace = self.pace
        if throttled and again:
            left = f"{self.patience:.0f} s of patience left"
            self.progress(f"Graph asks to wait {ceil(lost.wait)} s ({lost.status}), {left}")
            await self.pace.sleep(lost.wait)
            pace = replace(pace, verify_timeout=max(0.0, pace.verify_timeout - lost.wait))
        self.progress(f"{request.title}: the answer was lost, reading to see what happened")
        result = await self.verify(write, request, lost.request_id, lost, pace)
        if result.outcome != "not_persisted" or result.written:
            return result
        if not again:
            times = f"sent {attempt} times" if attempt > 1 else "sent"
            text = f"{times}, and reading back shows that it did not take effect: "
            return result_of(request, "failed", lost, f"{text}{lost.reason}; try again later")
        self.progress(f"{request.title}: the write did not happen, sending it again")
        return await self.carry_out(write, attempt if throttled else attempt + 1)

    def bears_with(self, wait: float) -> bool:
        """Whether there is patience for a wait and the look after it, which is used up by that."""
        cost = max(wait, self.pace.verify_timeout)
        if cost > self.patience:
            return False
        self.patience -= cost
        return True

    async def verify(
        self,
        write: Write,
        request: Request,
        request_id: str,
        lost: AnswerLostError | None = None,
        pace: Pace | None = None,
    ) -> Result:
        """Read until the write shows, then look at what else moved."""
        pace = pace or self.pace
        before = self.before

        def hidden(now: Documents) -> list[str]:
            return not_shown(write, before, now, self.cloud)

        try:
            missing, now = await self.read_until_none(write, request, hidden, pace)
        except GraphError as failure:
            text = f"written, and reading it back failed: {failure.text}"
            return result_of(request, "unknown", failure, text, request_id, written=True)
        if missing:
            another = shows_another(write, now)
            if another:
                text = f"after the write {', '.join(another)} is neither as it was nor as it was "
                text += (
                    "sent: someone else changed it meanwhile, or Graph made something else of it"
                )
                conflict = result_of(request, "conflict", None, text, request_id, written=True)
                return replace(conflict, exit_code=Exit.STALE)
            text = "the answer was lost" if lost else "Graph accepted the write"
            text += f", and after {self.pace.verify_timeout:.0f} s it does not show: "
            text += ", ".join(missing)
            partly = anything_of_it_shows(write, before, now)
            return result_of(request, "not_persisted", None, text, request_id, written=partly)
        moved = moved_beside(write, before, now)
        if moved:
            moved = await self.restored(write, request, now, moved)
        if moved:
            text = "settings that were not sent moved too: " + ", ".join(moved)
            return result_of(request, "side_effect", None, text, request_id, written=True)
        return replace(
            result_of(request, "verified", request_id=request_id, written=True), exit_code=Exit.DONE
        )

    async def restored(
        self, write: Write, request: Request, now: Documents, moved: list[str]
    ) -> list[str]:
        """What is still not as before, after number matching was put back where Graph reset it."""
        before = self.before
        body = enforced_as_before(write, before, now, moved)
        if body is None:
            return moved
        self.progress(f"{request.title}: Graph reset {', '.join(moved)}, putting it back")

        def beside(now: Documents) -> list[str]:
            return moved_beside(write, before, now)

        async def anew() -> Request:
            self.observed = await read_policy(self.graph, self.versions)
            now = documents_of(write.comparison.declared, self.observed)
            body = enforced_as_before(write, before, now, beside(now))
            if body is None:
                raise GraphError("more moved meanwhile")
            return replace(request, api="beta", body=body)

        try:
            await self.send(write, replace(request, api="beta", body=body), anew)
            return (await self.read_until_none(write, request, beside, self.pace))[0]
        except GraphError:
            return moved

    async def read_until_none(
        self,
        write: Write,
        request: Request,
        wrong: Callable[[Documents], list[str]],
        pace: Pace,
    ) -> tuple[list[str], Documents]:
        """Read again and again until nothing is wrong or time is up; what is wrong then, and where.

        Raises:
            GraphError: a read failed.
        """

        def say(waited: float) -> None:
            self.progress(f"{request.title}: waiting for the write to show ({waited:.0f} s)")

        async for _ in pace.looks(say):
            self.observed = await read_policy(self.graph, self.versions)
            now = documents_of(write.comparison.declared, self.observed)
            left = wrong(now)
            if not left:
                break
        return left, now
