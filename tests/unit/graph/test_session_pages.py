"""Lists over pages, and redirects: which the transport follows, and which it does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from graphpolicy.graph.connection import connection
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.paging import EMPTY_PAGES
from graphpolicy.graph.session import open_session
from graphpolicy.model import Json
from tests.unit.graph.network import (
    CONTOSO,
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


def test_pages_are_followed(clock: Clock) -> None:
    home = "http://127.0.0.1:1/v1.0/groups"
    network = Network(
        answers(
            ok({"value": [1, 2], "@odata.nextLink": f"{home}?$skiptoken=xyz%2Bxyz"}),
            ok({"value": [3], "@odata.nextLink": f"{home}?$skiptoken=b"}),
            ok({"value": []}),
        ),
        clock,
    )
    assert network.run(lambda graph: graph.get_all("v1.0", "/groups?$top=2")) == [1, 2, 3]
    assert network.sent[1].url.raw_path == b"/v1.0/groups?$skiptoken=xyz%2Bxyz"
    assert "xyz" not in "".join(network.traced)


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
    with pytest.raises(GraphError, match="no token was sent there"):
        network.run(lambda graph: graph.get_all("v1.0", "/groups"))
    assert len(network.sent) == 1


Page = Callable[[int], list[Any]]
ENDLESS: dict[str, tuple[Page, int]] = {
    "empty pages": (lambda _number: [], EMPTY_PAGES + 1),
    "the same page": (lambda _number: [{"id": "a"}, {"id": "b"}], 2),
    "pages in turn": (lambda number: [{"id": number % 3}], 4),
    "new pages": (lambda number: [{"id": number}], 5),
}


@pytest.mark.parametrize("case", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_list_without_end_is_given_up_early(
    case: tuple[Page, int], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries, pages = case
    if pages <= 5:
        monkeypatch.setattr("graphpolicy.graph.paging.MOST_PAGES", 5)

    def page(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("$skiptoken", "0")) + 1
        link = f"http://127.0.0.1:1/v1.0/groups?$skiptoken={number}"
        return ok({"value": entries(number), "@odata.nextLink": link})

    network = Network(page, clock)
    with pytest.raises(GraphError, match="/groups"):
        network.run(lambda graph: graph.get_all("v1.0", "/groups"))
    assert len(network.sent) == pages


def test_slow_empty_pages_are_given_up_after_seconds(clock: Clock) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("$skiptoken", "0")) + 1
        clock.now += 3
        link = f"http://127.0.0.1:1/v1.0/groups?$skiptoken={number}"
        entries = [{"id": 1}] if number == 1 else []
        return ok({"value": entries, "@odata.nextLink": link})

    network = Network(page, clock)
    with pytest.raises(GraphError, match="empty pages"):
        network.run(lambda graph: graph.get_all("v1.0", "/groups"))
    assert len(network.sent) == 8


def test_a_list_that_takes_long_says_how_far_it_is(clock: Clock) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("$skiptoken", "0")) + 1
        clock.now += 8
        link = f"http://127.0.0.1:1/v1.0/groups?$skiptoken={number}"
        return ok({"value": [{"id": number}], **({"@odata.nextLink": link} if number < 7 else {})})

    network = Network(page, clock)
    assert len(network.run(lambda graph: graph.get_all("v1.0", "/groups"))) == 7
    assert [words.partition(": ")[2] for words in network.said] == [
        "3 entries so far, on 3 pages",
        "6 entries so far, on 6 pages",
        "7 entries, the list is complete",
    ]


def test_a_long_list_that_breaks_says_that_it_is_not_complete(clock: Clock) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("$skiptoken", "0")) + 1
        clock.now += 12
        link = f"http://127.0.0.1:1/v1.0/groups?$skiptoken={number}"
        if number == 4:
            return httpx.Response(403)
        return ok({"value": [{"id": number}], "@odata.nextLink": link})

    network = Network(page, clock)
    with pytest.raises(GraphError):
        network.run(lambda graph: graph.get_all("v1.0", "/groups"))
    assert network.said[-1].endswith(": stopped after 3 entries, which are not all")


def test_a_link_back_to_a_page_that_was_read_is_refused(clock: Clock) -> None:
    link = "http://127.0.0.1:1/v1.0/groups?$skiptoken=a"
    pages = [ok({"value": [{"id": number}], "@odata.nextLink": link}) for number in range(3)]
    network = Network(answers(*pages), clock)
    with pytest.raises(GraphError, match="/groups"):
        network.run(lambda graph: graph.get_all("v1.0", "/groups"))
    assert len(network.sent) == 2


def test_a_list_must_be_one(clock: Clock) -> None:
    with pytest.raises(GraphError, match=r"/groups .*list"):
        Network(answers(ok({"id": 1})), clock).run(lambda graph: graph.get_all("v1.0", "/groups"))


def test_a_next_link_may_be_asked_for_by_itself(clock: Clock) -> None:
    network = Network(answers(ok({"value": [1]})), clock)
    link = "http://127.0.0.1:1/beta/x?$skiptoken=a"
    assert network.run(lambda graph: graph.get_all("v1.0", link)) == [1]
    with pytest.raises(GraphError, match="no token was sent there"):
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
    with pytest.raises(GraphError, match="too many redirects"):
        network.run(read)
    assert len(network.sent) < 10


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/v1.0/a", "https://evil.example/", "http://[::1", "//xn--/"])
def test_a_write_is_not_redirected(status: int, location: str, clock: Clock) -> None:
    network = Network(answers(httpx.Response(status, headers={"location": location})), clock)
    home = location == "/v1.0/a"
    words = rf"redirected \({status}\)" if home else "no token was sent there"
    with pytest.raises(GraphError, match=words):
        network.run(write)
    with pytest.raises(GraphError, match=words):
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
        variables = {"GRAPHPOLICY_ACCESS_TOKEN": "opaque-token", "GRAPHPOLICY_GRAPH_URL": home}
        async with open_session(connection(variables), lambda _: None, pace=clock.pace) as session:
            graph = session.tenant(CONTOSO)
            for question in (
                graph.get("v1.0", POLICY),
                graph.get_all("v1.0", "/groups"),
                graph.patch("v1.0", POLICY, patched),
            ):
                try:
                    await question
                except GraphError as failure:
                    refused.append(failure.text)
        return refused

    refused = asyncio.run(go())
    assert len(refused) == 3
    assert all(text.endswith("no token was sent there") for text in refused)
    assert heard == []
