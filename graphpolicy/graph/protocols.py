"""What writing needs of the world: a connection to one tenant, a record, and time."""

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
    """What writing needs of a connection to one tenant.

    `body` is asked anew before each sending, and what it raises ends the write.
    """

    async def patch(
        self, version: Version, url: str, body: Callable[[], Awaitable[Mapping[str, Json]]]
    ) -> Answer: ...


class Answer(Protocol):
    """What an accepted write answered."""

    @property
    def request_id(self) -> str: ...


class Record(Protocol):
    """Where a run is written down; what it says must be on disk when a call returns."""

    def sending(self, number: int, write: Write, request: Request) -> None:
        """A request is about to be sent."""

    def ended(self, number: int, result: Result) -> None:
        """A write is done with, read back or not."""


class Unrecorded:
    """Keeps nothing."""

    def sending(self, number: int, write: Write, request: Request) -> None: ...

    def ended(self, number: int, result: Result) -> None: ...


UNRECORDED = Unrecorded()


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a write may take to show up, in seconds, and how waiting is done."""

    verify_timeout: float = 30.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def looks(self, say: Callable[[float], None]) -> AsyncIterator[None]:
        """Once at once, then again and again until time is up; `say` gets the seconds so far."""
        waited, wait = 0.0, FIRST_WAIT
        yield
        while waited < self.verify_timeout:
            say(waited)
            step = min(wait, self.verify_timeout - waited)
            await self.sleep(step)
            waited, wait = waited + step, min(wait * 2, LONGEST_WAIT)
            yield
