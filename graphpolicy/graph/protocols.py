"""What writing needs (a connection to one tenant, a record, time) and the result of a write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from graphpolicy.compare.documents import Documents
from graphpolicy.compare.requests import Write
from graphpolicy.compare.write_steps import EMPTIES
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.read import Reader
from graphpolicy.model import Json, Outcome, Request, Result, Version
from graphpolicy.model.errors import Exit, GraphPolicyError
from graphpolicy.model.records import dataclass

FIRST_WAIT, LONGEST_WAIT = 0.5, 5.0


class Writer(Reader, Protocol):
    """A connection to one tenant that can write.

    `body` is called again before each attempt; None sends none. If it raises, the write ends.
    """

    async def write(
        self,
        method: str,
        version: Version,
        url: str,
        body: Callable[[], Awaitable[Mapping[str, Json]]] | None,
    ) -> Answer: ...


class Answer(Protocol):
    """Graph's answer to a write that it accepted."""

    @property
    def request_id(self) -> str: ...

    @property
    def document(self) -> Json: ...


class Record(Protocol):
    """The record of a run; a call returns once its line is on disk."""

    def sending(self, number: int, write: Write, request: Request) -> None:
        """A request is about to be sent."""

    def ended(self, number: int, result: Result) -> None:
        """A write has ended, read back or not."""


@dataclass(frozen=True, slots=True)
class WritePace:
    """How many seconds a write may take to show up, and how to wait."""

    verify_timeout: float = 30.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def looks(self, say: Callable[[float], None]) -> AsyncIterator[None]:
        """Yields at once, then after each wait until time is up; `say` gets the seconds so far."""
        waited, wait = 0.0, FIRST_WAIT
        yield
        while waited < self.verify_timeout:
            say(waited)
            step = min(wait, self.verify_timeout - waited)
            await self.sleep(step)
            waited, wait = waited + step, min(wait * 2, LONGEST_WAIT)
            yield


NO_LONGER = "can no longer be toggled"
"""Microsoft's words for a setting that it has taken over (Microsoft365DSC#3406)."""


def why(error: Exception) -> str:
    """The error's own sentence, or the name of the exception if it is a bug."""
    if isinstance(error, GraphPolicyError):
        return error.text
    return f"internal error: {type(error).__name__}: {error}"


def refused(write: Write, request: Request, before: Documents, failure: GraphError) -> Result:
    """The result of a write that Graph refused: nothing changed.

    Microsoft has taken over number matching: Graph refuses every change of it. If the file asks for
    what Microsoft enforces (enabled for everyone) that is a success.
    """
    if write.rank == EMPTIES and failure.status == 400:
        text = (
            f"{failure.text}; Graph does not leave it without combinations, and graphpolicy never "
            "deletes one: if nothing needs it, delete it in the Entra admin center"
        )
        return result_of(request, "failed", failure, text)
    if not (write.alone and failure.status == 400 and NO_LONGER in failure.message.casefold()):
        return result_of(request, "failed", failure)
    text = "Microsoft enforces this setting and refuses every change"
    if write.asks_for_everyone(before):
        return replace(result_of(request, "enforced", failure, text), exit_code=Exit.DONE)
    text += (
        "; the file does not enable it for everyone (number-matching-enforced): remove it from the "
        "file, or set it to enabled for all_users"
    )
    return replace(result_of(request, "enforced", failure, text), exit_code=Exit.REFUSED)


def overwrote(result: Result, names: Sequence[str]) -> Result:
    """The result of a verified write that replaced what someone else had just set, if any."""
    if result.outcome != "verified" or not names:
        return result
    text = (
        f"someone else changed {', '.join(names)} just before the write, which replaced it: look "
        "in the audit log for the value that they set, and decide whether it is still wanted"
    )
    return replace(result, outcome="conflict", error=text, exit_code=Exit.STALE)


def result_of(
    request: Request,
    outcome: Outcome,
    failure: GraphError | None = None,
    error: str = "",
    request_id: str = "",
    *,
    written: bool = False,
) -> Result:
    """A request's result. Message, request id and exit code default to those of `failure`."""
    return Result(
        resource=request.resource,
        paths=request.paths,
        outcome=outcome,
        request_id=request_id or (failure.request_id if failure else ""),
        error=error or (f"{failure.text}; {failure.help}" if failure else ""),
        exit_code=failure.exit_code if failure else 1,
        title=request.title,
        written=written,
    )
