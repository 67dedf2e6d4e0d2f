"""Runs the command in forks of a process that has loaded it: most of what a process does is import.

A fork has the arguments, the environment, the folder and the streams of a process of its own.
Tests of how Python itself starts need the installed command: `COMMAND` in `tests/shell.py`.

The file is the server (`warm.py SOCKET`); `tests/warm_client.py` is the client for scripts.
"""

from __future__ import annotations

import atexit
import functools
import marshal
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LOADED = (
    "_strptime",
    "anyio._backends._asyncio",
    "azure.core.pipeline.transport._requests_basic",
    "azure.core.rest._requests_basic",
    "azure.identity",
    "click._textwrap",
    "encodings.unicode_escape",
    "encodings.utf_8_sig",
    "filelock",
    "github",
    "h2.connection",
    "httpcore",
    "httpx",
    "jsonschema",
    "kiota_abstractions.native_response_handler",
    "msal_extensions",
    "msgraph",
    "platformdirs",
    "pwd",
    "rich._emoji_codes",
    "rich.live",
    "rich.progress_bar",
    "rich.status",
    "rich.table",
    "truststore",
)
"""What is imported where it is used; the modules of graphpolicy are loaded as well."""


@functools.cache
def address() -> str:
    """The socket of a server that ends with this process."""
    import shutil
    import subprocess
    import tempfile

    folder = tempfile.mkdtemp(prefix="graphpolicy-warm-")
    found = f"{folder}/socket"
    command = [sys.executable, "-P", __file__, found]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def stop() -> None:
        server.communicate()
        shutil.rmtree(folder)

    atexit.register(stop)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return found


def run(
    address: str,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: str,
    streams: Sequence[int] = (0, 1, 2),
    settings: Mapping[str, float] | None = None,
    ahead: float = 0.0,
    timeout: float | None = None,
    meanwhile: Callable[[int], object] | None = None,
) -> int:
    """Run the command to its end; its exit code, below 0 where a signal killed it.

    `settings` are values for constants of graphpolicy's modules, by their full names. The command's
    clock is `ahead` seconds ahead of the machine's. `meanwhile` is called with the id of the
    process while it runs.
    """
    asked = {
        "arguments": list(arguments),
        "environment": dict(environment),
        "folder": folder,
        "settings": dict(settings or {}),
        "ahead": ahead,
    }
    body = marshal.dumps(asked)
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        socket.send_fds(server, [len(body).to_bytes(8, "big")], streams)
        server.sendall(body)
        process = int.from_bytes(server.recv(8), "big")
        server.settimeout(timeout)
        if meanwhile:
            meanwhile(process)
        try:
            return int.from_bytes(server.recv(2), "big", signed=True)
        except TimeoutError:
            os.kill(process, signal.SIGKILL)
            raise


def serve(address: str) -> None:
    """Load everything, report it, and fork for each request until stdin ends."""
    import gc
    import importlib
    import pkgutil
    import select

    import graphpolicy

    for name in LOADED:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(graphpolicy.__path__, "graphpolicy."):
        if not module.name.endswith(("__main__", "pytest_plugin")):
            importlib.import_module(module.name)
    _warm_up()
    gc.collect()
    gc.freeze()  # what is shared with the forks stays shared
    ended, woken = socket.socketpair()
    woken.setblocking(False)
    signal.set_wakeup_fd(woken.fileno())  # or an exit between two checks is not seen
    signal.signal(signal.SIGCHLD, lambda *_: None)
    clients: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([listener.fileno(), ended.fileno(), 0], [], [])
            if 0 in ready:
                for process in clients:  # such as a mock that a script left in the background
                    os.kill(process, signal.SIGTERM)
                return
            if ended.fileno() in ready:
                ended.recv(1024)
                _tell(clients)
            if listener.fileno() in ready:
                client, _ = listener.accept()
                process = os.fork()
                if process == 0:
                    listener.close()
                    _command(client)
                clients[process] = client


def _warm_up() -> None:
    """Plan once: the first use of many things compiles a pattern or makes a table, and keeps it."""
    from click.testing import CliRunner

    from graphpolicy.cli.verbs import cli
    from graphpolicy.mock import Mock, serve

    policy = str(Path(__file__).parents[1] / "policies" / "contoso.yaml")
    with serve(Mock()) as server:
        environment = {
            "GRAPHPOLICY_GRAPH_URL": server.url,
            "GRAPHPOLICY_ACCESS_TOKEN": server.mock.token,
            "SSL_CERT_FILE": str(server.certificate),
        }
        for format_ in ("text", "json", "markdown"):
            CliRunner().invoke(cli, ["plan", policy, "--format", format_], env=environment)


def _tell(clients: dict[int, socket.socket]) -> None:
    """Send the exit codes of the forks that have ended."""
    with suppress(ChildProcessError):
        while True:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            with clients.pop(process) as client, suppress(OSError):
                client.sendall(code.to_bytes(2, "big", signed=True))


def _command(client: socket.socket) -> None:
    """Become the command that a client asks for; never returns."""
    try:
        size, streams, _, _ = socket.recv_fds(client, 8, 3)
        body = b""
        while len(body) < int.from_bytes(size, "big"):
            body += client.recv(1 << 20)
        asked = marshal.loads(body)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
            own = getattr(sys, name)  # made for what the server's stream is
            made = open(own.fileno(), mode, encoding=own.encoding, errors=own.errors)  # noqa: PTH123, SIM115
            setattr(sys, name, made)
        os.environ.clear()
        os.environ.update(asked["environment"])
        time.tzset()
        os.chdir(asked["folder"])
        sys.argv = ["graphpolicy", *asked["arguments"]]
        for name, value in asked["settings"].items():
            module, _, constant = name.rpartition(".")
            setattr(sys.modules[module], constant, value)
        if asked["ahead"]:
            set_ahead(asked["ahead"])
        client.sendall(os.getpid().to_bytes(8, "big"))
        client.close()

        from graphpolicy.cli import main

        main()
    except BaseException:  # noqa: BLE001 - told as Python itself does
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(1)  # the command itself ends the process, with its own code


def set_ahead(seconds: float) -> None:
    """Move the clock by which a command decides what has begun and what has expired."""
    from datetime import UTC, datetime, timedelta

    from graphpolicy.cli.options import Context

    def now() -> str:
        return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    Context.now = property(lambda _: now)  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    serve(sys.argv[1])
