"""Proxies: a real one, on the way to Graph, to Entra and to GitHub; and what is not a proxy."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphpolicy.graph.addresses import proxy_for
from graphpolicy.graph.connection import connection
from graphpolicy.graph.failures import GraphError, SignInError
from graphpolicy.graph.session import open_session
from graphpolicy.graph.tokens import token_tenant
from graphpolicy.model import Json
from graphpolicy.model.errors import UsageError
from tests.unit.graph.entra import CONTOSO, Entra, Serve, one, sign_in
from tests.unit.graph.proxy import Proxy, proxy_to

Clock: TypeAlias = Any
ROOT = "https://graph.example"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def port(url: str) -> int:
    return urlsplit(url).port or 0


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(params=["http", "https"])
def proxy(
    request: pytest.FixtureRequest,
    serve: Serve,
    entra: Entra,
    authority_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Proxy]:
    """A proxy to a Graph, an Entra and a GitHub, itself in the clear or over TLS."""

    async def graph(request: Request) -> Response:
        return JSONResponse({"path": request.url.path, "token": request.headers["authorization"]})

    github = Starlette(routes=[Route("/token", entra.assertion)])
    certificate = authority_files[1]
    ports = {
        "graph.example": port(serve(Starlette(routes=[Route("/{path:path}", graph)]), certificate)),
        "entra.example": port(entra.url),
        "github.example": port(serve(github, certificate)),
    }
    with proxy_to(ports, certificate if request.param == "https" else None) as running:
        monkeypatch.setenv("HTTPS_PROXY", running.url.replace("//", "//user:pa%20ss@"))
        yield running


def read(variables: dict[str, str], clock: Clock) -> Json:
    async def go() -> Json:
        async with open_session(connection(variables), lambda _: None, pace=clock.pace) as session:
            return await session.tenant(CONTOSO).get("v1.0", "/x")

    return asyncio.run(go())


def ready(authority_files: tuple[Path, Path], root: str = ROOT) -> dict[str, str]:
    return {
        "GRAPHPOLICY_ACCESS_TOKEN": "opaque",
        "GRAPHPOLICY_GRAPH_URL": root,
        "SSL_CERT_FILE": str(authority_files[0]),
    }


def test_graph_is_reached_through_a_tunnel_and_the_proxy_hears_no_token(
    proxy: Proxy, authority_files: tuple[Path, Path], clock: Clock
) -> None:
    assert read(ready(authority_files), clock) == {"path": "/v1.0/x", "token": "Bearer opaque"}
    assert proxy.heard[0].startswith("CONNECT graph.example:443 ")
    login = base64.b64encode(b"user:pa ss").decode()
    assert f"Proxy-Authorization: Basic {login}\r\n" in proxy.heard
    assert "opaque" not in "".join(proxy.heard)


def test_entra_and_github_are_reached_through_it_too(
    proxy: Proxy, variables: dict[str, str], entra: Entra, authority_files: tuple[Path, Path]
) -> None:
    there = {
        **variables,
        "AZURE_AUTHORITY_HOST": "https://entra.example",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://github.example/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
    }
    assert token_tenant(sign_in(connection(there), one)) == CONTOSO.id
    for name in ("github.example", "entra.example"):
        assert any(line.startswith(f"CONNECT {name}:443 ") for line in proxy.heard)
    assert "request-token" not in "".join(proxy.heard)


def test_this_machine_is_reached_without_a_proxy(
    proxy: Proxy,
    variables: dict[str, str],
    serve: Serve,
    authority_files: tuple[Path, Path],
    clock: Clock,
) -> None:
    async def answer(_request: Request) -> Response:
        return JSONResponse({"id": "mock"})

    app = Starlette(routes=[Route("/{path:path}", answer)])
    for root in (serve(app), serve(app, authority_files[1])):
        assert read(ready(authority_files, root), clock) == {"id": "mock"}
    made = connection({**variables, "AZURE_CLIENT_SECRET": "s"})
    assert token_tenant(sign_in(made, one)) == CONTOSO.id
    assert proxy.heard == []


def test_a_proxy_that_refuses_is_told_with_what_to_look_at(
    proxy: Proxy, authority_files: tuple[Path, Path], clock: Clock
) -> None:
    variables = ready(authority_files, "https://elsewhere.example")
    with pytest.raises(GraphError, match="proxy error: 403") as failed:
        read(variables, clock)
    assert "HTTPS_PROXY" in failed.value.help
    assert "pa ss" not in f"{failed.value} {failed.value.help}"


@pytest.mark.parametrize(
    ("bypass", "used"),
    [
        ("", True),
        ("elsewhere.example", True),
        ("[::1],fe80::/10,10.0.0.0/8, http://odd:port", True),
        ("example", False),
        (".example", False),
        ("localhost, graph.example", False),
        ("*", False),
    ],
)
def test_whom_no_proxy_names_is_reached_directly(
    bypass: str, used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", bypass)
    context = ssl.create_default_context()
    for name, value in {"ALL_PROXY": "http://all:1", "HTTPS_PROXY": "secure:1"}.items():
        monkeypatch.setenv(name, value)
        proxy = proxy_for(ROOT, context)
        assert (proxy is not None) is used
        if proxy is not None:
            assert str(proxy.url) == f"http://{value.rpartition('/')[2]}"


@pytest.mark.parametrize(
    "proxy",
    [
        "ftp://user:s3cret@proxy",
        "http://user:s3cret",
        "http://proxy:99999",
        "http://[::1",
        "http://",
        "//proxy",
        "socks5://user:s3cret@proxy:1",
    ],
)
def test_what_is_no_proxy_is_a_usage_error_that_gives_no_password_away(
    proxy: str, authority_files: tuple[Path, Path], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError, match="HTTPS_PROXY") as refused:
        read(ready(authority_files), clock)
    assert refused.value.help
    assert "s3cret" not in f"{refused.value} {refused.value.help}"


def test_certifis_authorities_are_not_trusted(
    entra: Entra,
    variables: dict[str, str],
    authority_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """requests would add its own bundle to the trust that Graph's connections have as well."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(authority_files[0]))
    monkeypatch.setattr("azure.core.pipeline.transport.RequestsTransport.sleep", lambda *_: None)
    del variables["SSL_CERT_FILE"]
    with pytest.raises(SignInError, match=r"(?i)certificate"):
        sign_in(connection({**variables, "AZURE_CLIENT_SECRET": "s"}), one)
