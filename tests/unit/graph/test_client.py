"""The HTTP client: proxies and certificates."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from graphpolicy.graph.connection import connection
from graphpolicy.graph.errors import GraphFailure, UsageFailure
from graphpolicy.graph.session import open_session
from graphpolicy.model import Json
from tests.unit.graph.entra import CONTOSO, Serve

Clock: TypeAlias = Any


def test_a_proxy_in_the_environment_does_not_see_this_machines_mock(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def page(_request: Request) -> Response:
        return HTMLResponse("proxy")

    async def answer(_request: Request) -> Response:
        return JSONResponse({"id": "mock"})

    proxy = serve(Starlette(routes=[Route("/{path:path}", page)]))
    root = serve(Starlette(routes=[Route("/{path:path}", answer)]))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def go() -> Json:
        variables = {"GRAPHPOLICY_ACCESS_TOKEN": "t", "GRAPHPOLICY_GRAPH_URL": root}
        async with open_session(connection(variables), lambda _: None) as session:
            return await session.tenant(CONTOSO).get("v1.0", "/x")

    assert asyncio.run(go()) == {"id": "mock"}


def test_a_proxy_in_the_environment_is_used_for_everything_else(
    serve: Serve, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", serve(Starlette()))
    monkeypatch.setenv("NO_PROXY", "elsewhere.example")
    variables = {"GRAPHPOLICY_ACCESS_TOKEN": "t", "GRAPHPOLICY_GRAPH_URL": "https://mock.example"}

    async def go() -> Json:
        async with open_session(connection(variables), lambda _: None, pace=clock.pace) as session:
            return await session.tenant(CONTOSO).get("v1.0", "/x")

    with pytest.raises(GraphFailure, match="proxy error: 404") as failed:
        asyncio.run(go())
    assert "HTTPS_PROXY" in failed.value.help


@pytest.mark.parametrize("name", ["missing.pem", "rubbish.pem"])
def test_certificates_that_cannot_be_read_are_a_usage_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "rubbish.pem").write_text("no certificate", encoding="ascii")

    async def go() -> None:
        made = connection({"SSL_CERT_FILE": str(tmp_path / name)})
        async with open_session(made, lambda _: None):
            pass

    with pytest.raises(UsageFailure) as refused:
        asyncio.run(go())
    assert refused.value.exit_code == 64


def test_a_folder_of_certificates_is_accepted(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_session(connection({"SSL_CERT_FILE": str(tmp_path)}), lambda _: None):
            pass

    asyncio.run(go())
