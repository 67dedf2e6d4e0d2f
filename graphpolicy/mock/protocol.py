"""The uvicorn side of the server; imported only when something is served."""

import asyncio
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .app import HANG_UP


class HangUpProtocol(H11Protocol):
    """HTTP/1.1 whose application can break the connection, which ASGI does not offer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give every request of this connection the means to break it."""
        super().connection_made(transport)
        self.app = _with_hang_up(self.app, transport)


def _with_hang_up(app: ASGIApp, transport: asyncio.Transport) -> ASGIApp:
    async def extended(scope: Scope, receive: Receive, send: Send) -> None:
        extensions = {**scope.get("extensions", {}), HANG_UP: hang_up}
        await app({**scope, "extensions": extensions}, receive, send)

    def hang_up(begun: bytes) -> None:
        if begun:
            transport.write(begun)
        transport.abort()

    return extended


def uvicorn_server(app: ASGIApp, certificate: Path | None = None) -> uvicorn.Server:
    """A silent server for an application, which sets the Date header itself.

    `certificate` is a PEM file with key and certificate: the server then speaks TLS.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=HangUpProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate,
        )
    )
