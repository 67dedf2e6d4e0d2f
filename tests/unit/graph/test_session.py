"""The transport: what is sent where, with which token."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable

import httpx
import pytest

from graphpolicy.graph.connection import connection
from graphpolicy.graph.failures import GraphError, SignInError
from graphpolicy.graph.session import Graph, WriteResponse, open_session
from graphpolicy.model import Tenant
from tests.unit.graph.network import (
    CONTOSO,
    FABRIKAM,
    PATCHED,
    POLICY,
    Clock,
    Jwt,
    Network,
    answers,
    ok,
    read,
    write,
)


def test_a_read_sends_what_graph_wants_to_see(clock: Clock) -> None:
    network = Network(answers(ok()), clock)
    assert network.run(read, root="https://graph.microsoft.com") == {"id": "x"}
    (request,) = network.sent
    assert str(request.url) == f"https://graph.microsoft.com/v1.0{POLICY}"
    assert request.method == "GET"
    assert request.headers["authorization"] == "Bearer opaque-token"
    assert request.headers["accept"] == "application/json"
    assert request.headers["prefer"] == "include-unknown-enum-members"
    assert "sdkversion" in request.headers, "the SDK's middleware did not run"
    uuid.UUID(request.headers["client-request-id"])


def test_every_request_has_an_id_of_its_own_also_when_it_is_repeated(clock: Clock) -> None:
    network = Network(answers(httpx.Response(503), ok()), clock)
    network.run(read)
    assert len({request.headers["client-request-id"] for request in network.sent}) == 2


def test_a_write_sends_its_body_and_answers_with_the_request_id(clock: Clock) -> None:
    network = Network(answers(httpx.Response(204, headers={"request-id": "r1"})), clock)
    assert network.run(write) == WriteResponse(204, "r1")
    (request,) = network.sent
    assert request.method == "PATCH"
    assert request.url.path == f"/beta{POLICY}/authenticationMethodConfigurations/Sms"
    assert json.loads(request.content) == PATCHED
    assert request.headers["content-type"] == "application/json"
    assert "prefer" not in request.headers


def test_a_body_in_the_answer_to_a_write_is_fine(clock: Clock) -> None:
    assert Network(answers(ok()), clock).run(write) == WriteResponse(200, "")


def test_a_token_for_another_tenant_is_never_sent(clock: Clock, jwt: Jwt) -> None:
    network = Network(answers(ok()), clock)
    with pytest.raises(SignInError, match="token is for tenant 9999") as failed:
        network.run(read, token=jwt(tid=FABRIKAM.id))
    assert failed.value.exit_code == 4
    assert network.sent == []
    with pytest.raises(SignInError):
        network.run(write, token=jwt(tid=FABRIKAM.id))


@pytest.mark.parametrize("text", [CONTOSO.id, CONTOSO.id.upper()])
def test_a_token_for_this_tenant_is_sent(text: str, clock: Clock, jwt: Jwt) -> None:
    assert Network(answers(ok()), clock).run(read, token=jwt(tid=text)) == {"id": "x"}


def test_the_tokens_tenant_can_be_asked_for(clock: Clock, jwt: Jwt) -> None:
    def ask(graph: Graph) -> Awaitable[str | None]:
        return graph.token_tenant()

    network = Network(answers(ok()), clock)
    unknown = Tenant("", "")
    assert network.run(ask, token=jwt(tid=FABRIKAM.id), tenant=unknown) == FABRIKAM.id
    assert network.run(ask, token="opaque") is None
    assert network.sent == []


def test_a_ready_token_that_is_refused_is_not_tried_again(clock: Clock) -> None:
    network = Network(answers(httpx.Response(401)), clock)
    with pytest.raises(GraphError) as failed:
        network.run(read)
    assert (len(network.sent), failed.value.exit_code) == (1, 4)


def test_the_trace_shows_the_call_and_never_the_token(clock: Clock) -> None:
    network = Network(
        answers(
            httpx.Response(500),
            httpx.ReadError("x"),
            httpx.Response(200, json={}, headers={"request-id": "r1"}),
        ),
        clock,
    )
    network.run(read, token="very-secret")
    assert len(network.traced) == 3
    assert network.traced[0].startswith(f"GET /v1.0{POLICY} 500 request-id= client-request-id=")
    assert " no answer " in network.traced[1]
    assert " 200 request-id=r1 client-request-id=" in network.traced[2]
    assert network.traced[2].endswith(" ms")
    assert "very-secret" not in "".join([*network.traced, *network.said])


def test_a_path_below_the_root_is_kept(clock: Clock) -> None:
    network = Network(answers(ok()), clock)
    network.run(read, root="http://127.0.0.1:1/mock/")
    assert str(network.sent[0].url) == f"http://127.0.0.1:1/mock/v1.0{POLICY}"


def test_tenants_share_the_clients_and_keep_their_clouds(clock: Clock) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.host)
        return httpx.Response(200, json={})

    async def go() -> None:
        made = connection({"GRAPHPOLICY_ACCESS_TOKEN": "t"})
        async with open_session(
            made, lambda _: None, transport=lambda: httpx.MockTransport(answer)
        ) as session:
            for cloud in ("global", "usgov", "usgov-dod", "china"):
                await session.tenant(Tenant("x", "", cloud)).get("beta", "/x")

    asyncio.run(go())
    assert sent == [
        "graph.microsoft.com",
        "graph.microsoft.us",
        "dod-graph.microsoft.us",
        "microsoftgraph.chinacloudapi.cn",
    ]
