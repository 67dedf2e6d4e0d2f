"""Other people's programs, unmodified, at Microsoft's own addresses, where a mock answers.

`.ci/clients` installs them and runs these tests in a network of their own; without it there are
no such addresses, so nothing is collected.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from graphpolicy.mock import DEFAULT_APPLICATION, DEFAULT_SECRET, DEFAULT_TENANT, Mock
from graphpolicy.mock.entra.certificate import server_certificate
from graphpolicy.mock.protocol import uvicorn_server

INSTALLED = os.environ.get("GRAPHPOLICY_CLIENTS", "")
HOSTS = ("graph.microsoft.com", "login.microsoftonline.com", "management.azure.com")
SUBSCRIPTION = "aaaaaaaa-0000-4000-8000-000000000001"

if not INSTALLED:
    collect_ignore_glob = ["test_*.py"]

TOLD = pytest.StashKey[list[str]]()


@dataclass
class Place:
    """Microsoft's addresses, where a mock answers."""

    certificate: Path
    mock: Mock = field(default_factory=Mock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope["headers"]).get(b"host", b"").decode()
        app: ASGIApp
        match host:
            case "graph.microsoft.com":
                app = self.mock.app
            case "login.microsoftonline.com":
                app = self.mock.authority_app
            case "management.azure.com":
                app = azure(Request(scope).url.path)
            case _:
                app = JSONResponse({"error": f"{host} is not served here"}, 404)
        await app(scope, receive, send)


def azure(path: str) -> ASGIApp:
    """Azure's own answer, before Entra is asked: a tenant with one subscription."""
    one = {
        "id": f"/subscriptions/{SUBSCRIPTION}",
        "subscriptionId": SUBSCRIPTION,
        "tenantId": DEFAULT_TENANT,
        "displayName": "Contoso",
        "state": "Enabled",
        "defaultDomain": "contoso.com",
    }
    match path.strip("/").split("/"):
        case ["subscriptions", _]:
            return JSONResponse(one)
        case ["subscriptions" | "tenants"]:
            return JSONResponse({"value": [one]})
    return JSONResponse({"value": []})


@pytest.fixture(scope="session", name="place")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("tls")
    shown, trusted = folder / "server.pem", folder / "authority.pem"
    made = server_certificate(*HOSTS)
    shown.write_bytes(made.shown)
    trusted.write_bytes(made.trusted)
    place = Place(trusted)
    with socket.create_server(("127.0.0.1", 443)) as listener:
        server = uvicorn_server(place, shown)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server at Microsoft's addresses did not start"
            time.sleep(0.01)
        yield place
        server.should_exit = server.force_exit = True
        thread.join()


@pytest.fixture(name="mock")
def _mock(place: Place) -> Mock:
    place.mock = Mock()
    return place.mock


@dataclass(frozen=True)
class Program:
    """One installed program, with a home of its own that trusts the certificate of the place."""

    path: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, code: int = 0) -> str:
        """What it prints; fails if it ends with another exit code than `code`."""
        done = subprocess.run(
            [str(self.path), *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=600,
            check=False,
            cwd=self.environment["HOME"],
        )
        said = f"{self.path.name} {' '.join(arguments)}: exit code {done.returncode}"
        assert done.returncode == code, f"{said}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        return done.stdout if code == 0 else done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:
        """What it prints, as JSON; None if it prints nothing."""
        text = self.run(*arguments)
        return json.loads(text) if text.strip() else None


Installed = Callable[..., Program]


@pytest.fixture
def program(place: Place, mock: Mock, tmp_path: Path) -> Installed:
    """Find a program by its path, absolute or below the folder of `.ci/clients`."""

    def found(path: str, **more: str) -> Program:
        trusted = str(place.certificate)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "SSL_CERT_FILE": trusted,
            "REQUESTS_CA_BUNDLE": trusted,
            "NODE_EXTRA_CA_CERTS": trusted,
            "AZURE_TENANT_ID": DEFAULT_TENANT,
            "AZURE_CLIENT_ID": DEFAULT_APPLICATION,
            "AZURE_CLIENT_SECRET": DEFAULT_SECRET,
        }
        return Program(Path(INSTALLED, path), {**environment, **more})

    return found


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Add a line to what is printed at the end: a client, its version and what it did."""
    return request.config.stash.setdefault(TOLD, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for every client."""
    for line in terminalreporter.config.stash.get(TOLD, []):
        terminalreporter.write_line(line)
