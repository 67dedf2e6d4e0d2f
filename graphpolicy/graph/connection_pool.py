"""Connections to Graph that are used again."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
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
        """The answer; its connection is free again when the body is closed."""
        if not self._free:
            self._free.append(self._make())
            self._made += self._free
        one = self._free.pop()
        released = contextlib.ExitStack()
        released.callback(self._free.append, one)
        try:
            response = await one.handle_async_request(request)
        except BaseException:
            released.close()
            raise
        response.stream = _Body(cast("httpx.AsyncByteStream", response.stream), released)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        for each in self._made:
            await each.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, released: contextlib.ExitStack) -> None:
        self._stream = stream
        self._released = released

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        with self._released:
            await self._stream.aclose()
