"""Tokens: one for each tenant, kept, renewed, and sent to nobody else."""

from __future__ import annotations

import asyncio
import base64
import json
import stat
import sys
import threading
import time
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphpolicy.graph import personal_sign_in, sign_in as signing_in
from graphpolicy.graph.connection import connection
from graphpolicy.graph.failures import GraphError, SignInError
from graphpolicy.graph.session import open_session
from graphpolicy.graph.sign_in import SignIn
from graphpolicy.model import Json
from tests.unit.graph.entra import CONTOSO, FABRIKAM, SCOPE, Entra, Jwt, Serve, one, sign_in


def test_a_session_tells_people_what_their_sign_in_asks_of_them(
    entra: Entra, variables: dict[str, str]
) -> None:
    said: list[str] = []

    async def go() -> str | None:
        async with open_session(connection(variables, "device-code"), said.append) as session:
            return await session.tenant(CONTOSO).token_tenant()

    assert asyncio.run(go()) == CONTOSO.id
    assert said == [
        "sign in to contoso with a code on any device",
        "open https://microsoft.com/devicelogin and enter ABCD",
    ]


def test_a_token_near_its_end_is_not_handed_out_again(
    entra: Entra, variables: dict[str, str]
) -> None:
    async def twice(signing: SignIn) -> tuple[str, str]:
        return await one(signing), await one(signing)

    made = connection({**variables, "AZURE_CLIENT_SECRET": "s"})
    first, second = sign_in(made, twice)
    assert first == second
    entra.lifetime = 200
    entra.asked.clear()
    first, second = sign_in(made, twice)
    assert first != second


def test_a_claims_challenge_takes_a_new_token(entra: Entra, variables: dict[str, str]) -> None:
    async def challenged(signing: SignIn) -> tuple[str, str, str]:
        challenge = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
        first = await one(signing)
        second = await signing.bearer(CONTOSO).get_token(SCOPE, claims=challenge, enable_cae=True)
        return first, second.token, await one(signing)

    made = connection({**variables, "AZURE_CLIENT_SECRET": "s"})
    first, second, third = sign_in(made, challenged)
    assert first != second == third
    assert "essential" in entra.asked[-1]["claims"]


def test_a_token_for_another_tenant_is_refused(
    entra: Entra, variables: dict[str, str], jwt: Jwt
) -> None:
    entra.failures = [
        JSONResponse({"access_token": jwt(tid=FABRIKAM.id), "expires_in": 3600, "token_type": "B"})
    ]
    made = connection({**variables, "AZURE_CLIENT_SECRET": "s"})
    with pytest.raises(SignInError, match="nothing was sent") as failed:
        sign_in(made, one)
    assert f"az login --tenant {CONTOSO.id}" in failed.value.help


def test_after_a_401_one_new_token_is_tried(
    entra: Entra, variables: dict[str, str], serve: Serve
) -> None:
    tokens: list[str] = []

    async def graph(request: Request) -> Response:
        tokens.append(request.headers["authorization"])
        return JSONResponse({}, 200 if len(tokens) == 2 else 401)

    root = serve(Starlette(routes=[Route("/{path:path}", graph)]))
    made = connection({**variables, "AZURE_CLIENT_SECRET": "s", "GRAPHPOLICY_GRAPH_URL": root})

    async def go() -> Json:
        async with open_session(made, lambda _: None) as session:
            known = session.tenant(CONTOSO)
            assert await known.get("v1.0", "/a") == {}
            with pytest.raises(GraphError):
                await known.get("v1.0", "/b")

    asyncio.run(go())
    assert len(tokens) == 4
    assert len(set(tokens)) == 3
    assert len(entra.asked) == 3


def test_a_challenged_request_is_repeated_by_the_sdk_with_the_claims(
    entra: Entra, variables: dict[str, str], serve: Serve
) -> None:
    heard: list[str] = []
    claims = base64.b64encode(b'{"access_token":{"nbf":{"value":"1"}}}').decode()

    async def graph(request: Request) -> Response:
        heard.append(request.headers["authorization"])
        challenge = f'Bearer error="insufficient_claims", claims="{claims}"'
        if len(heard) == 1:
            return JSONResponse({}, 401, headers={"WWW-Authenticate": challenge})
        return Response(status_code=204)

    root = serve(Starlette(routes=[Route("/{path:path}", graph, methods=["PATCH"])]))
    made = connection({**variables, "AZURE_CLIENT_SECRET": "s", "GRAPHPOLICY_GRAPH_URL": root})

    async def body() -> dict[str, int]:
        return {"x": 1}

    async def go() -> int:
        async with open_session(made, lambda _: None) as session:
            return (await session.tenant(CONTOSO).patch("v1.0", "/a", body)).status

    assert asyncio.run(go()) == 204
    assert len(set(heard)) == 2
    assert "nbf" in entra.asked[-1]["claims"]


def test_people_and_ready_tokens_are_not_asked_for_another(jwt: Jwt) -> None:
    async def renewed(signing: SignIn) -> bool:
        return signing.renew(CONTOSO)

    assert sign_in(connection({}), renewed)
    assert not sign_in(connection({}, "device-code"), renewed)
    assert not sign_in(connection({"GRAPHPOLICY_ACCESS_TOKEN": "t"}), renewed)


@pytest.mark.skipif(sys.platform == "win32", reason="the fake az is a shell script")
def test_azure_cli_is_started_once_for_each_tenant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jwt: Jwt
) -> None:
    answer = {"accessToken": jwt(tid=CONTOSO.id), "expires_on": int(time.time()) + 3600}
    az = tmp_path / "az"
    log = tmp_path / "log"
    az.write_text(f"#!/bin/sh\necho \"$@\" >> {log}\necho '{json.dumps(answer)}'\n")
    az.chmod(az.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    async def several(signing: SignIn) -> set[str]:
        return set(await asyncio.gather(*(one(signing) for _ in range(5))))

    assert sign_in(connection({}), several) == {answer["accessToken"]}
    (line,) = log.read_text().splitlines()
    assert f"--tenant {CONTOSO.id}" in line
    with pytest.raises(SignInError, match="the file is for fabrikam"):
        sign_in(connection({}), lambda signing: signing.token(FABRIKAM, SCOPE))


def test_a_sign_in_that_hangs_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while a person looks for the device code: the thread is left behind."""
    found, ended = threading.Event(), threading.Semaphore(0)

    class Hanging:
        def get_token(self, *_scopes: str, **_options: object) -> None:
            found.wait(60)
            ended.release()
            raise ClientAuthenticationError("late")

        def close(self) -> None:
            pass

    monkeypatch.setattr(signing_in, "credential", lambda *_, **__: Hanging())

    async def impatient(signing: SignIn) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await one(signing)

    sign_in(connection({}), impatient)
    assert not ended.acquire(blocking=False)

    async def then_something_else(signing: SignIn) -> None:
        await impatient(signing)
        found.set()
        await asyncio.to_thread(ended.acquire)
        await asyncio.to_thread(ended.acquire)
        await asyncio.sleep(0.05)

    sign_in(connection({}), then_something_else)  # and late answers do no harm


class Hanging:
    """A credential whose endpoint takes the connection and never answers."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def get_token(self, *_scopes: str, **_options: object) -> None:
        self.over.wait(30)

    def close(self) -> None:
        self.over.set()


@pytest.mark.parametrize(("auth", "waits"), [("secret", False), ("device-code", True)])
def test_only_a_sign_in_that_waits_for_a_person_may_take_its_time(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], auth: str, waits: bool
) -> None:
    monkeypatch.setattr(signing_in, "SIGN_IN_SECONDS", 0.05)
    hanging = Hanging()
    for module in (signing_in, personal_sign_in):
        monkeypatch.setattr(module, "credential", lambda *_, **__: hanging)

    async def ask(signing: SignIn) -> str:
        try:
            async with asyncio.timeout(0.5):
                return await one(signing)
        finally:
            hanging.over.set()

    made = connection({**variables, "AZURE_CLIENT_SECRET": "s"}, auth)
    with pytest.raises(TimeoutError if waits else SignInError) as failed:
        sign_in(made, ask)
    if not waits:
        assert str(failed.value) == "sign-in by client secret got no answer within 0 s"
