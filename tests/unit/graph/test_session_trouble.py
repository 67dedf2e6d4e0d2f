"""What the transport repeats, what it waits for, and what it gives up."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphpolicy.graph.connection import connection
from graphpolicy.graph.failures import AnswerLostError, GraphError
from graphpolicy.graph.session import Graph, Session, open_session
from graphpolicy.model import Json
from tests.unit.graph.network import (
    CONTOSO,
    PATCHED,
    POLICY,
    Clock,
    Network,
    Serve,
    answers,
    ok,
    patched,
    read,
    write,
)


@pytest.mark.parametrize("status", [429, 503, 504])
def test_the_sdks_own_silent_retry_is_off(status: int, clock: Clock) -> None:
    """graphpolicy makes every repetition: it is reported, and has no header of kiota's."""
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
    [line] = network.said
    assert re.findall(r"\d+", line) == ["315", "429", "285"]


def test_throttling_beyond_patience_is_a_failure(clock: Clock) -> None:
    network = Network(answers(httpx.Response(429, headers={"Retry-After": "400"})), clock)
    with pytest.raises(GraphError) as failed:
        network.run(read)
    assert (failed.value.status, failed.value.exit_code) == (429, 1)
    assert clock.waits == [400]


@pytest.mark.parametrize("total", [True, False])
def test_all_requests_to_a_tenant_share_one_budget_where_one_is_not_of_many(
    total: bool, clock: Clock
) -> None:
    throttled = httpx.Response(429, headers={"Retry-After": "315"})
    network = Network(answers(throttled, ok(), throttled, ok()), clock)

    async def twice(session: Session) -> None:
        for _ in range(2):  # as a plan and its writes do
            await read(session.tenant(CONTOSO, total=total))

    if total:
        with pytest.raises(GraphError, match="429"):
            network.run_in(twice)
        assert clock.waits == [315]
    else:
        network.run_in(twice)
        assert clock.waits == [315, 315]


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
    with pytest.raises(AnswerLostError) as lost:
        network.run(write)
    assert len(network.sent) == 1
    assert clock.waits == []
    assert "took effect" in lost.value.text


@pytest.mark.parametrize(("headers", "wait"), [({"Retry-After": "315"}, 315.0), ({}, 0.0)])
def test_a_lost_answer_tells_the_time_that_graph_asked_for(
    headers: dict[str, str], wait: float, clock: Clock
) -> None:
    network = Network(answers(httpx.Response(503, headers=headers)), clock)
    with pytest.raises(AnswerLostError) as lost:
        network.run(write)
    assert lost.value.wait == wait


@pytest.mark.parametrize("wait", [httpx.Response(429), httpx.ConnectError("refused")])
def test_the_body_of_a_write_is_made_anew_before_each_sending(
    wait: httpx.Response | Exception, clock: Clock
) -> None:
    """Its source may have changed while it waited."""
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
            raise GraphError("moved meanwhile")
        return PATCHED

    network = Network(answers(httpx.Response(429)), clock)
    with pytest.raises(GraphError, match="moved meanwhile"):
        network.run(lambda graph: graph.patch("v1.0", POLICY, body))
    assert len(network.sent) == 1


@pytest.mark.parametrize("trouble", [httpx.ConnectError("refused"), httpx.ConnectTimeout("")])
def test_a_write_that_never_left_is_tried_again_and_then_simply_failed(
    trouble: Exception, clock: Clock
) -> None:
    network = Network(answers(trouble, httpx.Response(204)), clock)
    assert network.run(write).status == 204
    network = Network(answers(trouble), clock)
    with pytest.raises(GraphError) as failed:
        network.run(write)
    assert not isinstance(failed.value, AnswerLostError)


@pytest.mark.parametrize("trouble", [*BREAKS, httpx.ConnectError("dns")])
def test_a_read_bears_with_a_broken_connection(trouble: Exception, clock: Clock) -> None:
    assert Network(answers(trouble, ok()), clock).run(read) == {"id": "x"}
    with pytest.raises(GraphError) as failed:
        Network(answers(trouble), clock).run(read)
    assert failed.value.text.startswith(f"no answer to GET /v1.0{POLICY}: ")
    assert failed.value.exit_code == 1


def test_a_garbled_encoding_is_a_broken_answer(clock: Clock) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")
        )

    with pytest.raises(GraphError, match="decoding error"):
        Network(answer, clock).run(read)


def test_a_refused_certificate_is_told_at_once(clock: Clock) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("verify failed") from ssl.SSLCertVerificationError(
            1, "self-signed"
        )

    network = Network(answer, clock)
    with pytest.raises(GraphError) as failed:
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
        with pytest.raises(GraphError) as failed:
            network.run(ask)
        assert not isinstance(failed.value, AnswerLostError)
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
    with pytest.raises(GraphError, match="is not from Graph") as failed:
        Network(answers(page), clock).run(read)
    assert "proxy" in failed.value.help
    assert "Airport" not in failed.value.text


def test_json_without_a_content_type_is_json(clock: Clock) -> None:
    network = Network(answers(httpx.Response(200, content=b'{"a": 1}')), clock)
    assert network.run(read) == {"a": 1}


def test_a_page_in_answer_to_a_write_leaves_its_fate_open(clock: Clock) -> None:
    with pytest.raises(AnswerLostError, match="a web page"):
        Network(answers(PAGES[0]), clock).run(write)


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


def test_a_request_that_drips_for_ever_is_cut_off(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphpolicy.graph.transport.REQUEST_SECONDS", 0.01)

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

    with pytest.raises(AnswerLostError, match="after 0 s"):
        asyncio.run(go())


class Dripping(httpx.AsyncByteStream):
    """A body of one byte after the other, without end."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0)


def test_a_body_without_end_is_given_up_once_and_for_all(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes in time. It is not asked for again, and a write may have been done."""
    monkeypatch.setattr("graphpolicy.graph.client.BODY_SECONDS", 0.01)
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(200, stream=Dripping())

    async def go(act: Callable[[Graph], Awaitable[object]]) -> None:
        variables = {"GRAPHPOLICY_ACCESS_TOKEN": "t", "GRAPHPOLICY_GRAPH_URL": "http://127.0.0.1:1"}
        async with open_session(
            connection(variables),
            lambda _: None,
            pace=clock.pace,
            transport=lambda: httpx.MockTransport(answer),
        ) as session:
            await act(session.tenant(CONTOSO))

    with pytest.raises(GraphError, match="not complete after 0 s") as read:
        asyncio.run(go(lambda graph: graph.get("v1.0", POLICY)))
    assert not isinstance(read.value, AnswerLostError)
    with pytest.raises(AnswerLostError, match="not complete after 0 s"):
        asyncio.run(go(lambda graph: graph.patch("v1.0", POLICY, patched)))
    assert asked == ["GET", "PATCH"]
    assert clock.waits == []


def packed(size: int) -> bytes:
    """A long JSON that is a few kilobytes on the wire."""
    return gzip.compress(b'{"value": "' + b"a" * size + b'"}')


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a long answer": ("gzip", lambda: packed(70 * 2**20)),
    "packed twice": ("gzip, gzip", lambda: gzip.compress(packed(2**20))),
    "packed otherwise": ("br", lambda: b"x"),
}


@pytest.mark.parametrize(("encoding", "made"), BOMBS.values(), ids=BOMBS.keys())
def test_an_answer_out_of_all_bounds_is_refused_at_once(
    encoding: str, made: Callable[[], bytes], clock: Clock
) -> None:
    headers, sent = {"content-encoding": encoding}, made()

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(sent))

    network = Network(answer, clock)
    with pytest.raises(GraphError) as caught:
        network.run(read)
    assert (caught.value.exit_code, len(network.sent)) == (1, 1)
    network = Network(answer, clock)
    with pytest.raises(AnswerLostError):  # the write may have been carried out
        network.run(write)
    assert len(network.sent) == 1


def test_an_answer_that_is_packed_is_read(clock: Clock) -> None:
    content = gzip.compress(b'{"id": "x"}')
    reply = httpx.Response(
        200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(content)
    )
    assert Network(lambda _request: reply, clock).run(read) == {"id": "x"}


def test_graphs_words_are_cut_and_hold_no_token(clock: Clock) -> None:
    words = f"Bearer opaque-token was refused for opaque-token. {'x' * 5000}"
    reply = httpx.Response(403, json={"error": {"code": "c" * 5000, "message": words}})
    with pytest.raises(GraphError) as caught:
        Network(answers(reply), clock).run(read)
    assert len(caught.value.text) < 1200
    assert "opaque-token" not in f"{caught.value.text}{caught.value.message}{caught.value.help}"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(403, headers={"request-id": "opaque-token"}),
        httpx.Response(403, headers={"request-id": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"}),
        httpx.Response(403, json={"error": {"innerError": {"request-id": "opaque-token " * 999}}}),
        httpx.Response(200, headers={"content-type": "opaque-token"}, content=b"x"),
        httpx.Response(302, headers={"location": "https://evil.example/opaque-token"}),
        httpx.RemoteProtocolError(f"illegal status line: opaque-token {'x' * 9999}"),
        httpx.RemoteProtocolError("illegal header line: opaque-token\nopaque-token"),
    ],
)
def test_no_part_of_an_answer_repeats_the_token(
    answer: httpx.Response | httpx.RequestError, clock: Clock
) -> None:
    for ask in (read, write):
        network = Network(answers(*[answer] * 20), clock)
        with pytest.raises(GraphError) as caught:
            network.run(ask)
        failed = caught.value
        said = [failed.text, failed.message, failed.help, failed.request_id]
        every = "\n".join([*said, *network.said, *network.traced])
        assert "opaque-token" not in every
        assert "eyJ" not in every
        assert max(map(len, every.splitlines())) < 900
