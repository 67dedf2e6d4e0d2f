"""The mock on two sockets of this machine: Graph on http, the authority on https."""

import contextlib
import re
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .entra.applications import SECRET
from .entra.certificate import server_certificate
from .entra.tokens import APPLICATION
from .mock import Mock

if TYPE_CHECKING:
    import uvicorn

_HOST: Final = "127.0.0.1"
_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HOST_PORT: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[^:\[\]]+)(?::\d+)?")
_START_WITHIN: Final = 10.0


@dataclass(slots=True)
class Server:
    """A running server of a mock.

    `url` is Graph's root, `authority` the sign-in address, `certificate` the file that a client
    must trust for it (`SSL_CERT_FILE`).
    """

    mock: Mock
    url: str
    authority: str
    certificate: Path
    _stopped: threading.Event

    def show(self, mock: Mock) -> None:
        """Serve another mock from the next request on. It is faster than a new server."""
        mock.authority = self.authority
        self.mock = mock

    @property
    def token(self) -> str:
        """A token for the first tenant with all permissions."""
        return self.mock.token

    @property
    def line(self) -> dict[str, str]:
        """The JSON that `graphpolicy mock` prints: addresses and credentials."""
        return {
            "url": self.url,
            "token": self.token,
            "tenant": self.mock.tenant_id,
            "authority": self.authority,
            "certificate": str(self.certificate),
            "client_id": APPLICATION,
            "client_secret": SECRET,
        }

    def wait(self) -> None:
        """Block until the server stops."""
        self._stopped.wait()


@contextlib.contextmanager
def serve(mock: Mock | None = None, port: int = 0) -> Iterator[Server]:
    """Serve a mock on loopback for as long as the context lasts; port 0 picks a free one."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graphpolicy-mock-")))
        shown, trusted = folder / "server.pem", folder / "authority.pem"
        shown.touch(0o600)
        shown.write_bytes(server_certificate().shown)
        trusted.write_bytes(server_certificate().trusted)
        graph = stack.enter_context(_listening(port))
        entra = stack.enter_context(_listening(0))
        url = f"http://{_HOST}:{graph.getsockname()[1]}"
        authority = f"https://{_HOST}:{entra.getsockname()[1]}"
        stopped = threading.Event()
        stack.callback(stopped.set)
        server = Server(mock or Mock(), url, authority, trusted, stopped)
        server.show(server.mock)

        async def graph_app(scope: Scope, receive: Receive, send: Send) -> None:
            await _at_home(scope, receive, send, server.mock.app)

        async def entra_app(scope: Scope, receive: Receive, send: Send) -> None:
            await _at_home(scope, receive, send, server.mock.authority_app)

        with _running((graph_app, graph, None), (entra_app, entra, shown)):
            yield server


async def _at_home(scope: Scope, receive: Receive, send: Send, app: ASGIApp) -> None:
    """Answer only if Host is this machine: another site could rebind its own name to it."""
    if scope["type"] == "http":
        named = [value for name, value in scope["headers"] if name == b"host"]
        host = _HOST_PORT.fullmatch(named[0].decode("latin-1")) if len(named) == 1 else None
        if host is None or host[1].lower() not in _NAMES:
            words = f"the mock answers only if Host is one of {', '.join(sorted(_NAMES))}"
            app = JSONResponse({"error": words}, 421)
    await app(scope, receive, send)


def run(
    mock: Mock | None = None, port: int = 0, on_ready: Callable[[Server], None] | None = None
) -> None:
    """Serve a mock until SIGINT or SIGTERM; calls `on_ready` once it listens. Main thread only."""
    stopped = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with serve(mock, port) as server:
            if on_ready is not None:
                on_ready(server)
            while not stopped.wait(0.5):  # on Windows an endless wait can't be interrupted
                pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _running(*served: tuple[ASGIApp, socket.socket, Path | None]) -> Iterator[None]:
    """Serve each application on its socket. All are stopped before the first is joined."""
    from .protocol import uvicorn_server

    servers: list[uvicorn.Server] = []
    threads: list[threading.Thread] = []
    try:
        for app, listener, certificate in served:
            server = uvicorn_server(app, certificate)
            thread = threading.Thread(
                target=server.run,
                kwargs={"sockets": [listener]},
                name="graphpolicy-mock",
                daemon=True,
            )
            servers.append(server)
            threads.append(thread)
            thread.start()
        deadline = time.monotonic() + _START_WITHIN
        while not all(server.started for server in servers):
            if not all(thread.is_alive() for thread in threads) or time.monotonic() > deadline:
                raise RuntimeError("the mock server did not start")
            time.sleep(0.005)
        yield
    finally:
        for server in servers:
            server.should_exit = True
            server.force_exit = True
        for thread in threads:
            thread.join()


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # Only with IPPROTO_TCP does asyncio turn off Nagle's algorithm, which costs 40 ms a request.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        yield listener
