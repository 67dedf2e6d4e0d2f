"""Connections to Graph that are used again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import cast

import httpx


class ConnectionPool(httpx.AsyncBaseTransport):
    """Keeps one connection in each of the transports that `make` makes.

    httpcore's own pool asks the operating system about every idle connection, twice a request, and
    counts them all for each: a tenth of the time of a plan over many tenants. This pool has no
    limit; the caller limits how many requests run at once.
    """

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport]) -> None:
        self._make = make
        self._made: list[httpx.AsyncBaseTransport] = []
        self._free: list[httpx.AsyncBaseTransport] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer; its connection is free again when the body is closed.

        After an error, or a request that was cancelled, the connection may no longer work: the
        transport is closed, and another takes its place.
        """
        if not self._free:
            self._free.append(self._make())
            self._made += self._free
        one = self._free.pop()
        try:
            response = await one.handle_async_request(request)
        except BaseException:
            self._made.remove(one)
            with suppress(Exception):
                await one.aclose()
            raise
        stream = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _Body(stream, lambda: self._free.append(one))
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        for each in self._made:
            await each.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, closed: Callable[[], None]) -> None:
        self._stream = stream
        self._closed: Callable[[], None] | None = closed

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        await self._stream.aclose()
        if self._closed:
            self._closed()
        self._closed = None
