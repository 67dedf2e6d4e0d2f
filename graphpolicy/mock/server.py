"""The mock on two sockets of this machine: Graph on http, the authority on https."""

import contextlib
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp

from .entra.applications import SECRET
from .entra.certificate import server_certificate
from .entra.tokens import APPLICATION
from .mock import Mock

_HOST: Final = "127.0.0.1"
_START_WITHIN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Server:
    """A mock that is being served.

    `url` is Graph's root, `authority` where to sign in, `certificate` the file that a client has
    to trust for it (`SSL_CERT_FILE`).
    """

    mock: Mock
    url: str
    authority: str
    certificate: Path
    _thread: threading.Thread

    @property
    def token(self) -> str:
        """A token of the first tenant that permits everything."""
        return self.mock.token

    @property
    def line(self) -> dict[str, str]:
        """What `graphpolicy mock` prints: where it is, and with what to come in."""
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
        self._thread.join()


@contextlib.contextmanager
def serve(mock: Mock | None = None, port: int = 0) -> Iterator[Server]:
    """Serve a mock on loopback for as long as the context lasts; port 0 picks a free one."""
    served = mock or Mock()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graphpolicy-mock-")))
        shown, trusted = folder / "server.pem", folder / "authority.pem"
        shown.touch(0o600)
        shown.write_bytes(server_certificate().shown)
        trusted.write_bytes(server_certificate().trusted)
        graph = stack.enter_context(_listening(port))
        thread = stack.enter_context(_running(served.app, graph))
        entra = stack.enter_context(_listening(0))
        stack.enter_context(_running(served.authority_app, entra, shown))
        authority = f"https://{_HOST}:{entra.getsockname()[1]}"
        served.authority = authority
        yield Server(served, f"http://{_HOST}:{graph.getsockname()[1]}", authority, trusted, thread)


def run(
    mock: Mock | None = None, port: int = 0, on_ready: Callable[[Server], None] | None = None
) -> None:
    """Serve a mock until SIGINT or SIGTERM; `on_ready` is told where. For the main thread."""
    stopped = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with serve(mock, port) as server:
            if on_ready is not None:
                on_ready(server)
            while not stopped.wait(0.5):  # a wait without an end can't be interrupted on Windows
                pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _running(
    app: ASGIApp, listener: socket.socket, certificate: Path | None = None
) -> Iterator[threading.Thread]:
    from .protocol import uvicorn_server

    server = uvicorn_server(app, certificate)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="graphpolicy-mock", daemon=True
    )
    thread.start()
    try:
        deadline = time.monotonic() + _START_WITHIN
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the mock server did not start")
            time.sleep(0.005)
        yield thread
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # With the protocol by name asyncio switches Nagle's algorithm off, which costs 40 ms a request.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        yield listener
