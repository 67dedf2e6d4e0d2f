"""The interfaces that writing needs: a connection to one tenant, a record, and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol

from graphpolicy.compare.requests import Write
from graphpolicy.graph.read import Reader
from graphpolicy.model import Json, Request, Result, Version
from graphpolicy.model.records import dataclass

FIRST_WAIT, LONGEST_WAIT = 0.5, 5.0


class Writer(Reader, Protocol):
    """A connection to one tenant that can write.

    `body` is called again before each attempt. If it raises, the write ends.
    """

    async def patch(
        self, version: Version, url: str, body: Callable[[], Awaitable[Mapping[str, Json]]]
    ) -> Answer: ...


class Answer(Protocol):
    """Graph's answer to a write that it accepted."""

    @property
    def request_id(self) -> str: ...


class Record(Protocol):
    """The record of a run; a call returns once its line is on disk."""

    def sending(self, number: int, write: Write, request: Request) -> None:
        """A request is about to be sent."""

    def ended(self, number: int, result: Result) -> None:
        """A write has ended, read back or not."""


class Unrecorded:
    """A record that keeps nothing."""

    def sending(self, number: int, write: Write, request: Request) -> None: ...

    def ended(self, number: int, result: Result) -> None: ...


UNRECORDED = Unrecorded()


@dataclass(frozen=True, slots=True)
class Pace:
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
