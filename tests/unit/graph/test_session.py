"""The transport: what is sent where, what is repeated, and what is refused."""

from __future__ import annotations

import asyncio
import json
import ssl
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from graphpolicy.graph.connection import connection
from graphpolicy.graph.errors import AnswerLost, GraphFailure, SignInFailure
from graphpolicy.graph.session import Answer, Graph, open_session
from graphpolicy.model import Json, Tenant

Clock: TypeAlias = Any
Serve: TypeAlias = Callable[..., str]
Jwt: TypeAlias = Callable[..., str]

CONTOSO = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
FABRIKAM = Tenant("fabrikam", "99999999-2222-4333-8444-555555555555")
POLICY = "/policies/authenticationMethodsPolicy"
PATCHED = {"state": "enabled"}


class Network:
    """Plays the network for one session and keeps what was sent and said."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response], clock: Clock) -> None:
        self.answer = answer
        self.clock = clock
        self.sent: list[httpx.Request] = []
        self.said: list[str] = []
        self.traced: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self.answer(request)

    def run(
        self,
        ask: Callable[[Graph], Awaitable[Any]],
        *,
        token: str = "opaque-token",
        root: str = "http://127.0.0.1:1",
        tenant: Tenant = CONTOSO,
    ) -> Any:
        variables = {"GRAPHPOLICY_ACCESS_TOKEN": token, "GRAPHPOLICY_GRAPH_URL": root}

        async def go() -> Any:
            async with open_session(
                connection(variables),
                self.said.append,
                trace=self.traced.append,
                pace=self.clock.pace,
                transport=lambda: httpx.MockTransport(self),
            ) as session:
                return await ask(session.tenant(tenant))

        return asyncio.run(go())


def answers(*replies: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    """Each in its turn, then the last one for ever."""
    left = list(replies)

    def answer(_request: httpx.Request) -> httpx.Response:
        reply = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(reply, Exception):
            raise reply
        # A MockTransport's response is spent once it has been read.
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    return answer


def read(graph: Graph) -> Awaitable[Json]:
    return graph.get("v1.0", POLICY)


async def patched() -> Json:
    return PATCHED


def write(graph: Graph) -> Awaitable[Answer]:
    return graph.patch("beta", f"{POLICY}/authenticationMethodConfigurations/Sms", patched)


def ok(document: Json = None) -> httpx.Response:
    return httpx.Response(200, json={"id": "x"} if document is None else document)


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
    assert network.run(write) == Answer(204, "r1")
    (request,) = network.sent
    assert request.method == "PATCH"
    assert request.url.path == f"/beta{POLICY}/authenticationMethodConfigurations/Sms"
    assert json.loads(request.content) == PATCHED
    assert request.headers["content-type"] == "application/json"
    assert "prefer" not in request.headers


def test_a_body_in_the_answer_to_a_write_is_fine(clock: Clock) -> None:
    assert Network(answers(ok()), clock).run(write) == Answer(200, "")


@pytest.mark.parametrize("status", [429, 503, 504])
def test_the_sdks_own_silent_retry_is_off(status: int, clock: Clock) -> None:
    """Every repetition is one of ours: said aloud and without kiota's header."""
    network = Network(answers(httpx.Response(status), ok()), clock)
    network.run(read)
    assert len(network.sent) == 2
    assert len(network.said) == len(clock.waits) == 1
    assert all("retry-attempt" not in request.headers for request in network.sent)


def test_throttling_is_waited_out_for_reads_and_writes(clock: Clock) -> None:
    throttled = httpx.Response(429, headers={"Retry-After": "315"})
    network = Network(answers(throttled, httpx.Response(204)), clock)
    assert network.run(write).status == 204
    assert clock.waits == [315]
    assert network.said == ["Graph asks to wait 315 s (429), 285 s of patience left"]


def test_throttling_beyond_patience_is_a_failure(clock: Clock) -> None:
    network = Network(answers(httpx.Response(429, headers={"Retry-After": "400"})), clock)
    with pytest.raises(GraphFailure) as failed:
        network.run(read)
    assert (failed.value.status, failed.value.exit_code) == (429, 1)
    assert clock.waits == [400]


BREAKS = [
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("gone"),
    httpx.ReadTimeout(""),
    httpx.WriteError("x"),
]


@pytest.mark.parametrize(
    "trouble", [*BREAKS, *(httpx.Response(status) for status in (408, 500, 502, 503, 504))]
)
def test_a_write_whose_answer_is_lost_is_sent_once(
    trouble: httpx.Response | Exception, clock: Clock
) -> None:
    network = Network(answers(trouble), clock)
    with pytest.raises(AnswerLost) as lost:
        network.run(write)
    assert len(network.sent) == 1
    assert clock.waits == []
    assert lost.value.text.startswith("whether it took effect is unknown: ")


@pytest.mark.parametrize("wait", [httpx.Response(429), httpx.ConnectError("refused")])
def test_the_body_of_a_write_is_made_anew_before_each_sending(
    wait: httpx.Response | Exception, clock: Clock
) -> None:
    """What it was made from may have moved while it waited."""
    made: list[Json] = []

    async def body() -> Json:
        made.append({"sending": len(made)})
        return made[-1]

    network = Network(answers(wait, httpx.Response(204)), clock)
    assert network.run(lambda graph: graph.patch("v1.0", POLICY, body)).status == 204
    assert len(clock.waits) == 1
    assert [json.loads(request.content) for request in network.sent] == made
    assert len(made) == 2


def test_what_a_body_raises_ends_the_write(clock: Clock) -> None:
    asked: list[int] = []

    async def body() -> Json:
        asked.append(1)
        if len(asked) > 1:
            raise GraphFailure("moved meanwhile")
        return PATCHED

    network = Network(answers(httpx.Response(429)), clock)
    with pytest.raises(GraphFailure, match="moved meanwhile"):
        network.run(lambda graph: graph.patch("v1.0", POLICY, body))
    assert len(network.sent) == 1


@pytest.mark.parametrize("trouble", [httpx.ConnectError("refused"), httpx.ConnectTimeout("")])
def test_a_write_that_never_left_is_tried_again_and_then_simply_failed(
    trouble: Exception, clock: Clock
) -> None:
    network = Network(answers(trouble, httpx.Response(204)), clock)
    assert network.run(write).status == 204
    network = Network(answers(trouble), clock)
    with pytest.raises(GraphFailure) as failed:
        network.run(write)
    assert not isinstance(failed.value, AnswerLost)


@pytest.mark.parametrize("trouble", [*BREAKS, httpx.ConnectError("dns")])
def test_a_read_bears_with_a_broken_connection(trouble: Exception, clock: Clock) -> None:
    assert Network(answers(trouble, ok()), clock).run(read) == {"id": "x"}
    with pytest.raises(GraphFailure) as failed:
        Network(answers(trouble), clock).run(read)
    assert failed.value.text.startswith(f"no answer to GET /v1.0{POLICY}: ")
    assert failed.value.exit_code == 1


def test_a_garbled_encoding_is_a_broken_answer(clock: Clock) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")
        )

    with pytest.raises(GraphFailure, match="decoding error"):
        Network(answer, clock).run(read)


def test_a_refused_certificate_is_told_at_once(clock: Clock) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("verify failed") from ssl.SSLCertVerificationError(
            1, "self-signed"
        )

    network = Network(answer, clock)
    with pytest.raises(GraphFailure) as failed:
        network.run(read)
    assert len(network.sent) == 1
    assert "SSL_CERT_FILE" in failed.value.help


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_a_refusal_is_final(status: int, clock: Clock) -> None:
    refused = httpx.Response(
        status, json={"error": {"code": "no", "message": "m", "innererror": {"request-id": "r"}}}
    )
    for ask in (read, write):
        network = Network(answers(refused), clock)
        with pytest.raises(GraphFailure) as failed:
            network.run(ask)
        assert not isinstance(failed.value, AnswerLost)
        assert (failed.value.status, failed.value.code, failed.value.request_id) == (
            status,
            "no",
            "r",
        )
        assert len(network.sent) == 1


PAGES = [
    httpx.Response(200, html="<html>Sign in to Airport Wi-Fi</html>"),
    httpx.Response(200, headers={"content-type": "application/json"}, content=b"<html>"),
    httpx.Response(200, text="OK"),
    httpx.Response(200, json=["a", "list"]),
    httpx.Response(200),
    httpx.Response(204),
    httpx.Response(304),
]


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_graphs_is_never_taken_for_data(page: httpx.Response, clock: Clock) -> None:
    with pytest.raises(GraphFailure, match="not Graph's") as failed:
        Network(answers(page), clock).run(read)
    assert "proxy" in failed.value.help
    assert "Airport" not in failed.value.text


def test_json_without_a_content_type_is_json(clock: Clock) -> None:
    network = Network(answers(httpx.Response(200, content=b'{"a": 1}')), clock)
    assert network.run(read) == {"a": 1}


def test_a_page_in_answer_to_a_write_leaves_its_fate_open(clock: Clock) -> None:
    with pytest.raises(AnswerLost, match="a web page"):
        Network(answers(PAGES[0]), clock).run(write)


def test_pages_are_followed(clock: Clock) -> None:
    home = "http://127.0.0.1:1/v1.0/groups"
    network = Network(
        answers(
            ok({"value": [1, 2], "@odata.nextLink": f"{home}?$skiptoken=abc%2Bdef"}),
            ok({"value": [3], "@odata.nextLink": f"{home}?$skiptoken=b"}),
            ok({"value": []}),
        ),
        clock,
    )
    assert network.run(lambda graph: graph.get_all("v1.0", "/groups?$top=2")) == [1, 2, 3]
    assert network.sent[1].url.raw_path == b"/v1.0/groups?$skiptoken=abc%2Bdef"
    assert "abc" not in "".join(network.traced)


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:2/v1.0/groups",
        "https://127.0.0.1:1/v1.0/groups",
        "http://localhost:1/v1.0/groups",
        "https://evil.example/v1.0/groups",
        "http://user@127.0.0.1:1/v1.0/groups",
        "http://127.0.0.1:1\\@evil.example/",
        "http://127.0.0.1:1@evil.example/",
        "/v1.0/groups?$skiptoken=x",
        "//evil.example/",
        "http://[",
        "http://[::1",
        "http://xn--/",
        "x" * 70_000,
        "",
        7,
        {"a": 1},
    ],
)
def test_a_next_page_elsewhere_is_refused(link: Json, clock: Clock) -> None:
    network = Network(answers(ok({"value": [1], "@odata.nextLink": link})), clock)
    with pytest.raises(GraphFailure, match="refused, no token goes there"):
        network.run(lambda graph: graph.get_all("v1.0", "/groups"))
    assert len(network.sent) == 1


def test_pages_in_a_circle_end(clock: Clock) -> None:
    link = "http://127.0.0.1:1/v1.0/groups?$skiptoken=a"
    network = Network(answers(ok({"value": [1], "@odata.nextLink": link})), clock)
    with pytest.raises(GraphFailure, match="leads from page to page without end"):
        network.run(lambda graph: graph.get_all("v1.0", "/groups"))
    assert len(network.sent) == 2


def test_pages_that_never_repeat_and_never_end_are_given_up(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphpolicy.graph.session.MOST_PAGES", 5)

    def page(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("$skiptoken", "0")) + 1
        link = f"http://127.0.0.1:1/v1.0/groups?$skiptoken={number}"
        return ok({"value": [], "@odata.nextLink": link})

    network = Network(page, clock)
    with pytest.raises(GraphFailure, match="leads from page to page without end"):
        network.run(lambda graph: graph.get_all("v1.0", "/groups"))
    assert len(network.sent) == 5


def test_a_list_must_be_one(clock: Clock) -> None:
    with pytest.raises(GraphFailure, match="in place of a list"):
        Network(answers(ok({"id": 1})), clock).run(lambda graph: graph.get_all("v1.0", "/groups"))


def test_a_next_link_may_be_asked_for_by_itself(clock: Clock) -> None:
    network = Network(answers(ok({"value": [1]})), clock)
    link = "http://127.0.0.1:1/beta/x?$skiptoken=a"
    assert network.run(lambda graph: graph.get_all("v1.0", link)) == [1]
    with pytest.raises(GraphFailure, match="no token goes there"):
        network.run(lambda graph: graph.get_all("v1.0", "https://evil.example/x"))
    assert len(network.sent) == 1


def test_a_question_in_a_body_is_repeated_like_a_read(clock: Clock) -> None:
    network = Network(answers(httpx.Response(502), ok({"value": []})), clock)
    asked = {"ids": ["a"]}
    assert network.run(lambda graph: graph.post_read("v1.0", "/x", asked)) == {"value": []}
    assert [json.loads(request.content) for request in network.sent] == [asked, asked]
    assert network.sent[0].method == "POST"


def test_a_redirect_of_a_read_at_home_is_followed(clock: Clock) -> None:
    moved = httpx.Response(307, headers={"location": "/v1.0/other"})
    network = Network(answers(moved, ok()), clock)
    assert network.run(read) == {"id": "x"}
    assert network.sent[1].url.path == "/v1.0/other"


def test_redirects_without_end_are_refused(clock: Clock) -> None:
    network = Network(answers(httpx.Response(302, headers={"location": "/v1.0/a"})), clock)
    with pytest.raises(GraphFailure, match="is redirected without end"):
        network.run(read)
    assert len(network.sent) < 10


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/v1.0/a", "https://evil.example/", "http://[::1", "//xn--/"])
def test_a_write_is_not_redirected(status: int, location: str, clock: Clock) -> None:
    network = Network(answers(httpx.Response(status, headers={"location": location})), clock)
    home = location == "/v1.0/a"
    words = "which only a plain read follows" if home else "refused, no token goes there"
    with pytest.raises(GraphFailure, match=words):
        network.run(write)
    with pytest.raises(GraphFailure, match=words):
        network.run(lambda graph: graph.post_read("v1.0", "/x", {}))
    assert len(network.sent) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_origin_never_hears_from_us(status: int, serve: Serve, clock: Clock) -> None:
    """Over real sockets: neither a redirect nor a nextLink reaches the second server."""
    heard: list[Request] = []

    async def other(request: Request) -> Response:
        heard.append(request)
        return JSONResponse({"value": []})

    evil = serve(Starlette(routes=[Route("/{path:path}", other, methods=["GET", "PATCH"])]))

    async def redirect(_request: Request) -> Response:
        return RedirectResponse(f"{evil}/v1.0/x", status)

    async def page(_request: Request) -> Response:
        return JSONResponse({"value": [1], "@odata.nextLink": f"{evil}/v1.0/x"})

    home = serve(
        Starlette(
            routes=[
                Route("/v1.0/groups", page),
                Route("/{path:path}", redirect, methods=["GET", "PATCH"]),
            ]
        )
    )

    async def go() -> list[str]:
        refused = []
        variables = {"GRAPHPOLICY_ACCESS_TOKEN": "t", "GRAPHPOLICY_GRAPH_URL": home}
        async with open_session(connection(variables), lambda _: None, pace=clock.pace) as session:
            graph = session.tenant(CONTOSO)
            for question in (
                graph.get("v1.0", POLICY),
                graph.get_all("v1.0", "/groups"),
                graph.patch("v1.0", POLICY, patched),
            ):
                try:
                    await question
                except GraphFailure as failure:
                    refused.append(failure.text)
        return refused

    refused = asyncio.run(go())
    assert len(refused) == 3
    assert all(text.endswith("refused, no token goes there") for text in refused)
    assert heard == []


def test_a_token_for_another_tenant_is_never_sent(clock: Clock, jwt: Jwt) -> None:
    network = Network(answers(ok()), clock)
    with pytest.raises(SignInFailure, match="this token is for tenant 9999") as failed:
        network.run(read, token=jwt(tid=FABRIKAM.id))
    assert failed.value.exit_code == 4
    assert network.sent == []
    with pytest.raises(SignInFailure):
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
    with pytest.raises(GraphFailure) as failed:
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


def test_at_most_sixteen_requests_run_at_once(serve: Serve, clock: Clock) -> None:
    running, most = 0, 0

    async def slow(_request: Request) -> Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return JSONResponse({})

    root = serve(Starlette(routes=[Route("/{path:path}", slow)]))

    async def go() -> None:
        variables = {"GRAPHPOLICY_ACCESS_TOKEN": "t", "GRAPHPOLICY_GRAPH_URL": root}
        async with open_session(connection(variables), lambda _: None) as session:
            graph = session.tenant(CONTOSO)
            await asyncio.gather(*(graph.get("v1.0", f"/x{n}") for n in range(64)))

    asyncio.run(go())
    assert 2 <= most <= 16


def test_after_an_outage_the_next_try_takes_a_new_connection(serve: Serve, clock: Clock) -> None:
    doors: list[object] = []

    async def answer(request: Request) -> Response:
        doors.append(request.client)
        return JSONResponse({}, 503 if len(doors) == 2 else 200)

    root = serve(Starlette(routes=[Route("/{path:path}", answer)]))

    async def go() -> None:
        variables = {"GRAPHPOLICY_ACCESS_TOKEN": "t", "GRAPHPOLICY_GRAPH_URL": root}
        async with open_session(connection(variables), lambda _: None, pace=clock.pace) as session:
            graph = session.tenant(CONTOSO)
            await graph.get("v1.0", "/a")
            await graph.get("v1.0", "/b")

    asyncio.run(go())
    assert doors[0] == doors[1]
    assert doors[1] != doors[2]


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


def test_a_request_that_drips_for_ever_is_cut_off(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphpolicy.graph.sender.REQUEST_SECONDS", 0.01)

    async def drip(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return ok()

    async def go() -> None:
        variables = {"GRAPHPOLICY_ACCESS_TOKEN": "t", "GRAPHPOLICY_GRAPH_URL": "http://127.0.0.1:1"}
        async with open_session(
            connection(variables),
            lambda _: None,
            pace=clock.pace,
            transport=lambda: httpx.MockTransport(drip),
        ) as session:
            await session.tenant(CONTOSO).patch("v1.0", POLICY, patched)

    with pytest.raises(AnswerLost, match="nothing within 0 s"):
        asyncio.run(go())
