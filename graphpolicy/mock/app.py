"""The ASGI application: Graph's paths, and the control paths beside them."""

import asyncio
import json
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from .control import control_routes
from .graph.call import Answer, Message
from .graph.router import Graph
from .web import address, asked
from .world import World

HANG_UP: Final = "graphpolicy.hang_up"
"""The ASGI extension with which an application breaks the connection.

It is called with the last bytes to send, which may be empty.
"""


def application(world: World) -> Starlette:
    """Return the application that serves a world."""
    return Starlette(
        routes=[
            Mount("/_mock", routes=control_routes(world)),
            Route("/{path:path}", _GraphEndpoint(world)),
        ]
    )


class _GraphEndpoint:
    """Graph's side as an ASGI application: reads the request, answers or hangs up."""

    def __init__(self, world: World) -> None:
        self._graph = Graph(world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        message = await _message(request)
        outcome = self._graph.receive(message)
        answer, fault = outcome.answer, outcome.fault
        if answer is None:
            await _hang_up(scope, receive)
            return
        content = _encoded(answer)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "truncated":
            content = content[: len(content) // 2]
        if fault is not None and fault.kind == "reset_half":
            if content:
                await _half(content, answer, send)
                await _hang_up(scope, receive)
            else:  # no body: send half of the head
                await _hang_up(scope, receive, f"HTTP/1.1 {answer.status}".encode())
            return
        await Response(content, answer.status, answer.headers)(scope, receive, send)


async def _message(request: Request) -> Message:
    return Message(
        method=request.method,
        path=request.scope["path"],
        query=tuple(asked(request.scope["query_string"])),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
        root=address(request),
    )


def _encoded(answer: Answer) -> bytes:
    if answer.body is None:
        return b""
    if isinstance(answer.body, str) and "json" not in answer.headers.get("Content-Type", ""):
        return str(answer.body).encode(errors="backslashreplace")
    # A lone surrogate has no UTF-8, so it is sent as the escape that it arrived as.
    return json.dumps(answer.body, ensure_ascii=False).encode(errors="backslashreplace")


async def _half(content: bytes, answer: Answer, send: Send) -> None:
    """Send an answer's head with its full length, but only half of the body."""
    whole = Response(content, answer.status, answer.headers)
    await send(
        {
            "type": "http.response.start",
            "status": whole.status_code,
            "headers": whole.raw_headers,
        }
    )
    half = content[: len(content) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})


async def _hang_up(scope: Scope, receive: Receive, begun: bytes = b"") -> None:
    hang_up = scope.get("extensions", {}).get(HANG_UP)
    if hang_up is None:
        raise ConnectionResetError("the mock broke the connection")
    hang_up(begun)
    await receive()  # the body has been read: this returns when the connection is gone
