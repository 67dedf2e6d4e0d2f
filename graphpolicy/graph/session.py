"""One command's connection to Graph: requests as raw JSON through the SDK's request adapter.

The SDK signs requests and runs its middleware; what it does not do is done here (measured on
msgraph-sdk 1.65, kiota 1.16, httpx 0.28): a bearer token goes to no other origin than the root's
own, its silent retry and its redirects are off, at most 16 requests run at once (httpcore's pool
grows slow beyond that), an outage is tried again on a new connection, every answer is checked to be
Graph's before it is parsed, and all that was opened is closed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from graphpolicy.graph.client import AT_ONCE, LOCATION, new_client, tls
from graphpolicy.graph.connection import Connection, graph_root, scope
from graphpolicy.graph.errors import (
    GraphError,
    astray,
    elsewhere,
    id_of,
    lost,
    not_graph,
    refusal,
    unreachable,
    unusable,
)
from graphpolicy.graph.responses import json_of, kind_of, path_of
from graphpolicy.graph.retry import Broken, Budget, Pace, Patience, Progress, Reply, wait_asked
from graphpolicy.graph.sign_in import SignIn
from graphpolicy.graph.tokens import token_claims, token_tenant
from graphpolicy.graph.transport import Sender, Wire
from graphpolicy.model import Json, Tenant, Version
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    import httpx

MOST_REDIRECTS = 5
MOST_PAGES, MOST_ROWS = 50_000, 50_000_000
"""Of one list; the largest tenants have some million people, 999 a page."""

EMPTY_PAGES = 50
"""Empty pages in a row. Graph may leave pages empty, but not on and on."""

Trace = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a write that Graph accepted; `document` may hold a secret."""

    status: int
    request_id: str
    document: Json = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Session:
    """The shared part of all tenants: what requests need, waiting, and where progress goes."""

    connection: Connection
    progress: Progress
    pace: Pace
    wire: Wire
    budgets: dict[Tenant, Budget] = field(default_factory=dict)

    def tenant(self, tenant: Tenant, *, total: bool = True) -> Graph:
        """Graph as this tenant sees it; signs in at the first request.

        `total`: all requests to the tenant share one budget for waiting; without it each has its
        own.
        """
        budget = Budget(self.connection.budget_seconds)
        return Graph(self, tenant, self.budgets.setdefault(tenant, budget) if total else None)


@asynccontextmanager
async def open_session(
    connection: Connection,
    progress: Progress,
    *,
    trace: Trace | None = None,
    pace: Pace | None = None,
    transport: Callable[[], httpx.AsyncBaseTransport] | None = None,
) -> AsyncIterator[Session]:
    """The connection for one command. `transport` makes what plays the network in tests."""
    context = tls(connection)
    async with AsyncExitStack() as opened:
        steady = await new_client(opened, connection, context, transport, keep=AT_ONCE)
        fresh = await new_client(opened, connection, context, transport, keep=0)
        loop = asyncio.get_running_loop()

        def say(words: str) -> None:  # sign-in runs in threads of its own
            loop.call_soon_threadsafe(progress, words)

        sign_in = SignIn(connection, say, context)
        opened.callback(sign_in.close)
        yield Session(
            connection=connection,
            progress=progress,
            pace=pace or Pace(),
            wire=Wire(sign_in, asyncio.Semaphore(AT_ONCE), steady, fresh, trace),
        )


def _failure(method: str, where: str, broken: Broken) -> GraphError:
    if broken.final and not broken.certificate:
        return unusable(method, where, broken.reason)
    return unreachable(method, where, broken.reason, broken.certificate)


def _endless(pages: int, rows: int, empty: int, *, again: bool) -> str:
    """Why a list with a further page has no end; '' where it may have one."""
    if again:
        return "leads back to a page that was read already"
    if empty > EMPTY_PAGES:
        return f"leads from one empty page to the next, {empty} times"
    if pages >= MOST_PAGES or rows > MOST_ROWS:
        return f"has more than {MOST_PAGES:,} pages or {MOST_ROWS:,} entries"
    return ""


class Graph:
    """Requests to Graph for one tenant: each `url` percent-encoded, from below the version."""

    def __init__(self, session: Session, tenant: Tenant, budget: Budget | None) -> None:
        self.tenant = tenant
        self._session = session
        self._budget = budget
        self._root = graph_root(session.connection, tenant.cloud)
        self._scope = scope(session.connection, tenant.cloud)
        self._sender = Sender(session.wire, tenant, self._root, self._scope)

    async def get(self, version: Version, url: str) -> Json:
        """One document; waits for a throttled Graph and bears with short outages."""
        return await self._read("GET", self._address(version, url), self._patience())

    async def get_all(self, version: Version, url: str, most: int | None = None) -> list[Json]:
        """The entries of a list, with those of its further pages.

        With `most` no further page is asked for once there are more entries than that.
        """
        address: str | None = self._address(version, url)
        seen: set[str] = set()
        pages: set[tuple[int, str, str]] = set()
        empty = 0
        entries: list[Json] = []
        patience = self._patience()
        while address is not None:
            seen.add(address)
            page = await self._read("GET", address, patience)
            value = page.get("value")
            if not isinstance(value, list):
                raise not_graph("GET", path_of(address), 200, "a document in place of a list")
            entries += value
            if most is not None and len(entries) > most:
                break
            following = page.get("@odata.nextLink")
            if following is not None and not self._at_home(following):
                raise elsewhere("GET", path_of(address), None, str(following))
            empty = 0 if value else empty + 1
            mark = (len(value), repr(value[0]), repr(value[-1])) if value else None
            if following is not None:
                why = _endless(len(seen), len(entries), empty, again=following in seen)
                if mark in pages:
                    why = "answers with a page that it has answered with before"
                if why:
                    raise astray("GET", path_of(address), None, why)
            if mark:
                pages.add(mark)
            address = following
        return entries

    async def post_read(self, version: Version, url: str, body: Json) -> Json:
        """What a question too long for an address is answered with; repeated like a read."""
        return await self._read("POST", self._address(version, url), self._patience(), body)

    async def patch(
        self, version: Version, url: str, body: Callable[[], Awaitable[Json]]
    ) -> Answer:
        """A `write` that changes what there is."""
        return await self.write("PATCH", version, url, body)

    async def post(self, version: Version, url: str, body: Callable[[], Awaitable[Json]]) -> Answer:
        """A `write` that makes something, or has something done."""
        return await self.write("POST", version, url, body)

    async def delete(self, version: Version, url: str) -> Answer:
        """Take something away; repeated through an outage, since it can be gone but once.

        What was gone before is a 404, also where an earlier attempt took it away.
        """
        return await self.write("DELETE", version, url, None)

    async def write(
        self,
        method: str,
        version: Version,
        url: str,
        body: Callable[[], Awaitable[Json]] | None,
    ) -> Answer:
        """One write, with a body never repeated once it may have been carried out.

        `body` is asked anew before each sending: while Graph throttles or a sign-in is renewed,
        what it was made from may have moved. What it raises ends the write.

        Raises `AnswerLostError` where it may have taken effect, `GraphError` where it has not.
        """
        address = self._address(version, url)
        where = path_of(address)

        async def send(fresh: bool) -> Reply:
            await self._session.wire.sign_in.token(self.tenant, self._scope)
            content = None if body is None else json.dumps(await body()).encode()
            return await self._sender.send(method, address, content, fresh)

        patience = self._patience()
        repeatable = body is None
        try:
            reply = await patience.answer(send, repeatable=repeatable)
            if reply.status == 401 and self._session.wire.sign_in.renew(self.tenant):
                reply = await patience.answer(send, repeatable=repeatable)
        except Broken as broken:
            failure = _failure(method, where, broken)
            raise (lost(failure) if broken.sent else failure) from broken
        if reply.status >= 400:
            failure = refusal(method, where, reply.status, reply.headers, reply.body)
            if reply.status < 500 and reply.status != 408:
                raise failure
            asked = wait_asked(reply.headers, self._session.pace.today())
            raise lost(failure, asked or 0.0)
        if reply.status >= 300:
            target = reply.headers.get(LOCATION, "")
            raise self._not_followed(method, address, reply.status, target)
        document = json_of(reply)
        if reply.body and document is None:
            raise lost(not_graph(method, where, reply.status, kind_of(reply)))
        return Answer(reply.status, id_of(reply.headers.get("request-id", "")), document)

    async def token_tenant(self) -> str | None:
        """The tenant that the token is for; None where the token is opaque."""
        return token_tenant(await self._session.wire.sign_in.token(self.tenant, self._scope))

    async def token_claims(self) -> Mapping[str, Json]:
        """What the token says of itself, unverified; nothing where it is opaque."""
        return token_claims(await self._session.wire.sign_in.token(self.tenant, self._scope))

    def _address(self, version: Version, url: str) -> str:
        """`url` below the version, or a nextLink as it came: of the root's own origin only."""
        if url.startswith("/"):
            return f"{self._root}/{version}{url}"
        if not self._at_home(url):
            raise elsewhere("GET", f"/{version}", None, url)
        return url

    def _patience(self) -> Patience:
        session = self._session
        budget = self._budget or Budget(session.connection.budget_seconds)
        return Patience(session.pace, session.progress, budget)

    async def _read(self, method: str, url: str, patience: Patience, body: Json = None) -> Json:
        where = path_of(url)
        try:
            reply = await self._exchange(method, url, patience, body)
        except Broken as broken:
            raise _failure(method, where, broken) from broken
        if reply.status >= 400:
            raise refusal(method, where, reply.status, reply.headers, reply.body)
        document = json_of(reply)
        if not isinstance(document, dict):
            raise not_graph(method, where, reply.status, kind_of(reply))
        return document

    async def _exchange(
        self, method: str, url: str, patience: Patience, body: Json = None
    ) -> Reply:
        """A read's answer after patience, one new token for a 401, and redirects at home."""
        content = None if body is None else json.dumps(body).encode()
        renewed = False
        for _ in range(MOST_REDIRECTS + 2):
            send = partial(self._sender.send, method, url, content)
            reply = await patience.answer(send)
            target = reply.headers.get(LOCATION)
            if (
                reply.status == 401
                and not renewed
                and self._session.wire.sign_in.renew(self.tenant)
            ):
                renewed = True
            elif 300 <= reply.status < 400 and target is not None:
                url = self._redirected(method, url, reply.status, target)
            else:
                return reply
        raise astray(method, path_of(url), reply.status, "is redirected without end")

    def _redirected(self, method: str, url: str, status: int, target: str) -> str:
        import httpx

        try:
            following = str(httpx.URL(url).join(target))
        except (httpx.InvalidURL, ValueError):
            following = ""
        if method != "GET" or not self._at_home(following):
            raise self._not_followed(method, url, status, target)
        return following

    def _not_followed(self, method: str, url: str, status: int, target: str) -> GraphError:
        """A redirect that leads to another host, or that would repeat what is no plain read."""
        within = target.startswith("/") and not target.startswith("//")
        if within or self._at_home(target):
            what = f"is redirected ({status}), which only a plain read follows"
            return astray(method, path_of(url), status, what)
        return elsewhere(method, path_of(url), status, target)

    def _at_home(self, url: Json) -> bool:
        """Whether `url` is on the root's own origin and leaves nothing to two readings."""
        import httpx

        home = httpx.URL(self._root)
        try:
            there = httpx.URL(url)
            same = (there.scheme, there.host, there.port) == (home.scheme, home.host, home.port)
        except (httpx.InvalidURL, TypeError, ValueError):
            return False
        return same and not there.userinfo and "\\" not in url
