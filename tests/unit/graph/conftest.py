"""Servers on loopback, time without waiting, and tokens that mean nothing."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from graphpolicy.graph.retry import Pace
from tests.unit.graph.entra import APP, Entra, Jwt, Serve, authority_in


@dataclass
class Clock:
    """Time that passes only while somebody waits."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    luck: float = 0.5

    @property
    def pace(self) -> Pace:
        return Pace(
            clock=lambda: self.now,
            today=lambda: datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=self.now),
            sleep=self.sleep,
            chance=lambda: self.luck,
        )

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def jwt(**claims: object) -> str:
    """A token in the right shape, signed by nobody."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.c2lnbmF0dXJl"


@pytest.fixture(scope="session")
def new_clock() -> type[Clock]:
    return Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session", name="jwt")
def make_jwt() -> Callable[..., str]:
    return jwt


class Door:
    """A server on a loopback port, which answers as the app of the test that has it."""

    def __init__(self, certificate: Path | None) -> None:
        self.app: ASGIApp | None = None
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            self,
            log_level="critical",
            lifespan="off",
            ssl_certfile=None if certificate is None else str(certificate),
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True
        )
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)
        scheme = "http" if certificate is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.socket.getsockname()[1]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def doors() -> Iterator[list[Door]]:
    """The servers of a session: it takes a third of a second to stop one."""
    every: list[Door] = []
    yield every
    for door in every:
        door.server.should_exit = True
    for door in every:
        door.thread.join()
        door.socket.close()


@pytest.fixture
def serve(doors: list[Door]) -> Iterator[Serve]:
    """Puts ASGI apps on loopback ports."""
    taken: list[Door] = []

    def start(app: ASGIApp, certificate: Path | None = None) -> str:
        fitting = (
            door
            for door in doors
            if door.app is None and door.url.startswith("https:") == bool(certificate)
        )
        door = next(fitting, None) or Door(certificate)
        door.app = app
        taken.append(door)
        if door not in doors:
            doors.append(door)
        return door.url

    yield start
    for door in taken:
        door.app = None


@pytest.fixture(scope="session")
def authority_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate authority of our own, and a server's key and certificate signed by it."""
    return authority_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def entra(serve: Serve, jwt: Jwt, authority_files: tuple[Path, Path]) -> Entra:
    fake = Entra(jwt)
    fake.url = serve(fake.app(), authority_files[1])
    fake.github = serve(Starlette(routes=[Route("/token", fake.assertion)]))
    return fake


@pytest.fixture
def variables(entra: Entra, authority_files: tuple[Path, Path]) -> dict[str, str]:
    return {
        "AZURE_AUTHORITY_HOST": entra.url,
        "SSL_CERT_FILE": str(authority_files[0]),
        "AZURE_CLIENT_ID": APP,
    }


@pytest.fixture
def github(entra: Entra, variables: dict[str, str]) -> dict[str, str]:
    return {
        **variables,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{entra.github}/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
    }
