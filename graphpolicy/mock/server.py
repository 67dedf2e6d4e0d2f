"""The mock on a socket of this machine."""

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from .mock import Mock

_HOST: Final = "127.0.0.1"
_START_WITHIN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Server:
    """A mock that is being served."""

    url: str
    _thread: threading.Thread

    def wait(self) -> None:
        """Block until the server stops."""
        self._thread.join()


@contextlib.contextmanager
def serve(mock: Mock, port: int = 0) -> Iterator[Server]:
    """Serve a mock on loopback in a thread for as long as the context lasts; port 0 picks one."""
    from .protocol import uvicorn_server

    with _listening(port) as listener:
        server = uvicorn_server(mock.app)
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
            yield Server(f"http://{_HOST}:{listener.getsockname()[1]}", thread)
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join()


def run(mock: Mock, port: int = 0, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve a mock until SIGINT or SIGTERM; `on_ready` gets the URL. For the main thread."""
    stopped = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with serve(mock, port) as server:
            if on_ready is not None:
                on_ready(server.url)
            while not stopped.wait(0.5):  # a wait without an end can't be interrupted on Windows
                pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
    except OSError:
        listener.close()
        raise
    return listener
