"""Connections are used again, one for each request that runs at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import httpx
import pytest

from graphpolicy.graph.connection_pool import ConnectionPool


class Line(httpx.AsyncBaseTransport):
    """A connection that takes one request at a time, and answers when `go` is set."""

    def __init__(self, go: asyncio.Event) -> None:
        self.go = go
        self.busy = self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert not self.busy
        self.busy = True
        try:
            await self.go.wait()
            if request.url.path == "/broken":
                raise httpx.ReadError("broken off")
        finally:
            self.busy = False
        return httpx.Response(200, stream=httpx.ByteStream(b"all of it"))

    async def aclose(self) -> None:
        self.closed = True


def run(
    lines: list[Line], go: Callable[[httpx.AsyncClient, asyncio.Event], Coroutine[None, None, None]]
) -> None:
    async def inside() -> None:
        event = asyncio.Event()

        def make() -> Line:
            lines.append(Line(event))
            return lines[-1]

        async with httpx.AsyncClient(transport=ConnectionPool(make)) as client:
            await go(client, event)

    asyncio.run(inside())
    assert all(line.closed for line in lines)


def test_one_connection_serves_one_request_after_another() -> None:
    async def go(client: httpx.AsyncClient, event: asyncio.Event) -> None:
        event.set()
        for _ in range(3):
            assert (await client.get("http://graph.test/")).content == b"all of it"
        async with client.stream("GET", "http://graph.test/"):
            pass  # nobody read the body
        assert len(lines) == 1
        with pytest.raises(httpx.ReadError):
            await client.get("http://graph.test/broken")
        await client.get("http://graph.test/")

    lines: list[Line] = []
    run(lines, go)
    assert len(lines) == 2  # one that broke off is not used again


def test_requests_that_run_at_once_have_a_connection_each() -> None:
    async def go(client: httpx.AsyncClient, event: asyncio.Event) -> None:
        asked = [asyncio.ensure_future(client.get("http://graph.test/")) for _ in range(5)]
        await asyncio.sleep(0)
        asked.pop().cancel()
        event.set()
        assert [(await each).status_code for each in asked] == [200] * 4
        await asyncio.gather(*(client.get("http://graph.test/") for _ in range(5)))
        assert sum(line.closed for line in lines) == 1  # that whose request was cancelled

    lines: list[Line] = []
    run(lines, go)
    assert len(lines) == 5
