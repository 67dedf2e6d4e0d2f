"""A simulated network, and the requests of one session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import httpx

from graphpolicy.graph.connection import connection
from graphpolicy.graph.session import Graph, Session, WriteResponse, open_session
from graphpolicy.model import Json, Tenant

Clock: TypeAlias = Any
Serve: TypeAlias = Callable[..., str]
Jwt: TypeAlias = Callable[..., str]

CONTOSO = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
FABRIKAM = Tenant("fabrikam", "99999999-2222-4333-8444-555555555555")
POLICY = "/policies/authenticationMethodsPolicy"
PATCHED = {"state": "enabled"}


class Network:
    """Simulates the network for one session and keeps what was sent and said."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response], clock: Clock) -> None:
        self.answer = answer
        self.clock = clock
        self.sent: list[httpx.Request] = []
        self.said: list[str] = []
        self.traced: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self.answer(request)

    def run(
        self,
        ask: Callable[[Graph], Awaitable[Any]],
        *,
        token: str = "opaque-token",
        root: str = "http://127.0.0.1:1",
        tenant: Tenant = CONTOSO,
    ) -> Any:
        return self.run_in(lambda session: ask(session.tenant(tenant)), token=token, root=root)

    def run_in(
        self,
        ask: Callable[[Session], Awaitable[Any]],
        *,
        token: str = "opaque-token",
        root: str = "http://127.0.0.1:1",
    ) -> Any:
        variables = {"GRAPHPOLICY_ACCESS_TOKEN": token, "GRAPHPOLICY_GRAPH_URL": root}

        async def go() -> Any:
            async with open_session(
                connection(variables),
                self.said.append,
                trace=self.traced.append,
                pace=self.clock.pace,
                transport=lambda: httpx.MockTransport(self),
            ) as session:
                return await ask(session)

        return asyncio.run(go())


def answers(*replies: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    """Each in order, then always the last one."""
    left = list(replies)

    def answer(_request: httpx.Request) -> httpx.Response:
        reply = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(reply, Exception):
            raise reply
        # A MockTransport's response is spent once it has been read.
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    return answer


def read(graph: Graph) -> Awaitable[Json]:
    return graph.get("v1.0", POLICY)


async def patched() -> Json:
    return PATCHED


def write(graph: Graph) -> Awaitable[WriteResponse]:
    return graph.patch("beta", f"{POLICY}/authenticationMethodConfigurations/Sms", patched)


def ok(document: Json = None) -> httpx.Response:
    return httpx.Response(200, json={"id": "x"} if document is None else document)
