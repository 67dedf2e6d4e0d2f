"""Writing a plan: one request at a time, each read back before the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from math import ceil

from graphpolicy.compare import readback
from graphpolicy.compare.documents import Documents, documents_of
from graphpolicy.compare.requests import Write
from graphpolicy.graph import protocols
from graphpolicy.graph.failures import AnswerLostError, GraphError
from graphpolicy.graph.protocols import Answer, Record, WritePace, Writer, result_of
from graphpolicy.graph.read import read_again
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
    pace: WritePace,
    progress: Callable[[str], None],
    record: Record,
) -> tuple[Result, ...]:
    """Send the writes of a plan in order; stop at the first that does not succeed.

    Never raises for Graph's answers or an interrupt: each write has a `Result` with its outcome.
    """
    run = _Run(graph, versions, cloud, pace, progress, record)
    results: list[Result] = []
    stopped = ""
    for number, write in enumerate(writes, 1):
        if stopped:
            results.append(result_of(write.planned, "skipped", error=f"not tried: {stopped}"))
            continue
        result = await run.to_its_end(number, write)
        results.append(result)
        if result.exit_code:
            stopped = f"the outcome of {result.title} is {result.outcome}"
    return tuple(results)


class _Unsent(Exception):  # noqa: N818 - always caught, and turned into a result
    """A write must not be sent; `result` says why."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.error)
        self.result = result


@dataclass(slots=True)
class _Run:
    graph: Writer
    versions: Sequence[Version]
    cloud: Cloud
    pace: WritePace
    progress: Callable[[str], None]
    record: Record
    observed: Observed | None = None
    root: str = ""  # of what `observed` is
    number: int = 0
    before: Documents = field(default_factory=dict)
    sent: Request | None = None
    patience: float = BUDGET_SECONDS
    """Seconds left to wait for writes that Graph answers with 503 and Retry-After."""

    async def to_its_end(self, number: int, write: Write) -> Result:
        """One write and its line in the record, even if it is interrupted."""
        self.number, self.sent = number, None
        try:
            result = await self.carry_out(write)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task:
                task.uncancel()  # so that the run can still report what was written
            return self.cut_short(write, "interrupted", Exit.INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - even after a bug, report what was written
            return self.cut_short(write, protocols.why(error))
        try:
            if self.sent:
                self.record.ended(number, result)
        except Exception as error:  # noqa: BLE001 - the same
            return replace(result, exit_code=result.exit_code or 1, error=protocols.why(error))
        return result

    def cut_short(self, write: Write, cause: str, exit_code: int = Exit.FAILED) -> Result:
        """The result of a write that did not end; its record stays open for the next run."""
        request = self.sent or write.planned
        if self.sent is None:
            result = result_of(request, "skipped", error=f"{cause} before it was sent")
        else:
            text = (
                f"{cause} while it was being written; the next apply checks whether it took effect"
            )
            result = result_of(request, "unknown", error=text, written=True)
        return replace(result, exit_code=exit_code)

    async def send(
        self, write: Write, request: Request, remake: Callable[[], Awaitable[Request]]
    ) -> Answer:
        """Send a request and record it before each attempt; `remake` makes it again for a retry."""
        planned: Request | None = request

        async def body() -> Mapping[str, Json]:
            nonlocal planned
            sending, planned = planned or await remake(), None
            self.record.sending(self.number, write, sending)
            self.sent = sending
            return sending.body

        gone = request.method == "DELETE" and await body() == {}  # it has no body
        content = None if gone else body
        return await self.graph.write(request.method, request.api, request.url, content)

    async def look(self, write: Write) -> Documents:
        """Read what a write is about."""
        kind = write.comparison.resource
        self.root, self.observed = kind.root[0], await read_again(self.graph, kind, self.versions)
        return documents_of(write.comparison.declared, self.observed)

    async def draft(self, write: Write, *, again: bool = False) -> Request:
        """The request for a write, made from the live policy, which is read unless it just was.

        A PATCH replaces whole objects and lists, so the request carries the live values of their
        other members. They must be read as late as possible.

        Raises:
            _Unsent: the policy can't be read, or someone else changed it after the plan.
        """
        try:
            if again or self.observed is None or self.root != write.comparison.resource.root[0]:
                self.before = await self.look(write)
            else:
                self.before = documents_of(write.comparison.declared, self.observed)
        except GraphError as failure:
            text = f"the policy could not be read again before the write: {failure.text}"
            raise _Unsent(result_of(write.planned, "failed", failure, text)) from failure
        request = write.request(self.before) if self.before else write.planned
        moved = readback.moved_since_plan(write, self.before, self.cloud)
        if moved:
            text = f"someone else changed {', '.join(moved)} after the plan; nothing was written"
            raise _Unsent(replace(result_of(request, "conflict", error=text), exit_code=Exit.STALE))
        return request

    async def carry_out(self, write: Write, attempt: int = 1) -> Result:
        """One write, from the check that nothing changed since the plan to the read-back.

        After a wait it is checked and made again, so that the tenant was read moments before.
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
            if request.method == "DELETE" and failure.status == 404:  # it is gone already
                return await self.verify(write, request, failure.request_id)
            return protocols.refused(write, request, self.before, failure)
        others = readback.replaced_another(write, self.before, answer.document)
        return protocols.overwrote(await self.verify(write, request, answer.request_id), others)

    async def settle(
        self, write: Write, request: Request, lost: AnswerLostError, attempt: int
    ) -> Result:
        """After a lost answer, read whether the write took effect; if not, send it again.

        If Graph gave a time to wait, wait first, within the budget. The write is read back before
        it is repeated because someone else may have changed the same setting since. What creates
        something is repeated only if Graph asked to wait: it could exist twice.
        """
        throttled = lost.wait >= 1
        again = attempt < LOST_ANSWER_TRIES and not request.creates
        again = self.bears_with(lost.wait) if throttled else again
        pace = self.pace
        if throttled and again:
            left = f"{self.patience:.0f} s of waiting time left"
            self.progress(f"Graph asks to wait {ceil(lost.wait)} s ({lost.status}), {left}")
            await self.pace.sleep(lost.wait)
            pace = replace(pace, verify_timeout=max(0.0, pace.verify_timeout - lost.wait))
        self.progress(f"{request.title}: no answer, reading the policy to see what was written")
        result = await self.verify(write, request, lost.request_id, lost, pace)
        if result.outcome != "not_persisted" or result.written:
            return result
        if not again:
            times = f"sent {attempt} times" if attempt > 1 else "sent"
            text = f"{times}, but the write did not take effect: {lost.reason}; try again later"
            return result_of(request, "failed", lost, text)
        self.progress(f"{request.title}: the write did not take effect, sending it again")
        return await self.carry_out(write, attempt if throttled else attempt + 1)

    def bears_with(self, wait: float) -> bool:
        """Whether the budget allows a wait and the read-back after it; if so, it is deducted."""
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
        pace: WritePace | None = None,
    ) -> Result:
        """Read until the write shows, then check that nothing else changed."""
        pace = pace or self.pace
        before = self.before

        try:
            missing, now = await self.read_until_none(
                write, lambda now: readback.not_shown(write, now, self.cloud), pace
            )
        except GraphError as failure:
            text = f"written, but reading it back failed: {failure.text}"
            return result_of(request, "unknown", failure, text, request_id, written=True)
        if missing:
            another = readback.shows_another(write, now)
            if another:
                has = "has" if len(another) == 1 else "have"
                text = (
                    f"{', '.join(another)} now {has} a third value: someone else changed it, or "
                    "Graph rewrote what was sent"
                )
                conflict = result_of(request, "conflict", None, text, request_id, written=True)
                return replace(conflict, exit_code=Exit.STALE)
            text = "Graph did not answer" if lost else "Graph accepted the write"
            text += f", but after {self.pace.verify_timeout:.0f} s it still does not show: "
            text += ", ".join(missing)
            for name in readback.given_another_id(write, now):
                text += (
                    f"; Graph gave the profile {name!r} another id, so remove `id` from the file"
                )
            partly = readback.anything_of_it_shows(write, before, now)
            return result_of(request, "not_persisted", None, text, request_id, written=partly)
        moved = readback.moved_beside(write, before, now)
        if moved:
            moved = await self.restored(write, request, now, moved)
        if moved:
            text = "settings that were not sent changed too: " + ", ".join(moved)
            return result_of(request, "side_effect", None, text, request_id, written=True)
        return replace(
            result_of(request, "verified", request_id=request_id, written=True), exit_code=Exit.DONE
        )

    async def restored(
        self, write: Write, request: Request, now: Documents, moved: list[str]
    ) -> list[str]:
        """Restore number matching if Graph reset it; returns the settings that still differ."""
        before = self.before
        if (body := readback.enforced_as_before(write, before, now, moved)) is None:
            return moved
        self.progress(f"{request.title}: Graph reset {', '.join(moved)}, restoring it")

        beside = partial(readback.moved_beside, write, before)

        async def remake() -> Request:
            now = await self.look(write)
            body = readback.enforced_as_before(write, before, now, beside(now))
            if body is None:
                raise GraphError("other settings changed meanwhile")
            return replace(request, api="beta", body=body)

        try:
            await self.send(write, replace(request, api="beta", body=body), remake)
            return (await self.read_until_none(write, beside, self.pace))[0]
        except GraphError:
            return moved

    async def read_until_none(
        self, write: Write, wrong: Callable[[Documents], list[str]], pace: WritePace
    ) -> tuple[list[str], Documents]:
        """Read until nothing is wrong or time is up; returns what is wrong, and the documents."""

        def say(waited: float) -> None:
            title = write.comparison.declared.title
            self.progress(f"{title}: waiting for the write to show ({waited:.0f} s)")

        async for _ in pace.looks(say):
            now = await self.look(write)
            left = wrong(now)
            if not left:
                break
        return left, now
