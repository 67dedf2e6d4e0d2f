"""One command's connection to Graph: requests as raw JSON through the SDK's request adapter.

The SDK signs requests and runs its middleware. This module adds (measured on msgraph-sdk 1.65,
kiota 1.16, httpx 0.28): a token is sent to the root's own origin only; the SDK's silent retry and
redirects are off; at most 16 requests run at once; after an outage a request is repeated on a new
connection; an answer is checked to be Graph's before it is parsed; all that was opened is closed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from graphpolicy.graph import failures
from graphpolicy.graph.client import AT_ONCE, LOCATION, new_client, tls
from graphpolicy.graph.connection import Connection, graph_root, scope
from graphpolicy.graph.origin import at_home, not_followed, redirected
from graphpolicy.graph.paging import ListStore, Page, Paging, ProgressReporter
from graphpolicy.graph.retry import (
    Budget,
    NoAnswer,
    Pace,
    Pacer,
    Patience,
    ProgressCallback,
    Reply,
    wait_asked,
)
from graphpolicy.graph.sign_in import SignIn
from graphpolicy.graph.tokens import token_claims, token_tenant
from graphpolicy.graph.transport import Sender, Wire, kind_of, path_of, unanswered
from graphpolicy.model import Json, Tenant, Version
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    import httpx

MOST_REDIRECTS = 5
Trace = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WriteResponse:
    """Graph's answer to a write that it accepted; `document` may contain a secret."""

    status: int
    request_id: str
    document: Json = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Session:
    """What all tenants share: the connection, progress, waiting, and the HTTP clients."""

    connection: Connection
    progress: ProgressCallback
    pace: Pace
    wire: Wire
    budgets: dict[Tenant, Budget] = field(default_factory=dict)
    pacers: dict[Tenant, Pacer] = field(default_factory=dict)
    lists: ListStore | None = None
    """Where long lists about people are kept for a while; None if they are always read again."""

    def tenant(self, tenant: Tenant, *, total: bool = True) -> Graph:
        """Graph for this tenant; signs in at the first request.

        If `total`, all requests to the tenant share one budget for waiting, else each has its own.
        """
        budget = Budget(self.connection.budget_seconds)
        return Graph(self, tenant, self.budgets.setdefault(tenant, budget) if total else None)

    def forget(self, tenant: Tenant) -> None:
        """Drop what is kept for a tenant that is done with."""
        self.budgets.pop(tenant, None)
        self.pacers.pop(tenant, None)
        self.wire.sign_in.forget(tenant)


@asynccontextmanager
async def open_session(
    connection: Connection,
    progress: ProgressCallback,
    *,
    trace: Trace | None = None,
    pace: Pace | None = None,
    transport: Callable[[], httpx.AsyncBaseTransport] | None = None,
    ask: Callable[[str], None] | None = None,
) -> AsyncIterator[Session]:
    """The connection for one command. `transport` replaces the network in tests.

    `ask` shows what a person must do to sign in.

    Raises:
        UsageError: the certificates or the proxy can't be used.
    """
    context = tls(connection)
    async with AsyncExitStack() as opened:
        steady = await new_client(opened, connection, context, transport, keep=1)
        fresh = await new_client(opened, connection, context, transport, keep=0)
        loop = asyncio.get_running_loop()

        def say(words: str) -> None:  # sign-in runs in other threads
            loop.call_soon_threadsafe(ask or progress, words)

        sign_in = SignIn(connection, say, context)
        opened.callback(sign_in.close)
        yield Session(
            connection=connection,
            progress=progress,
            pace=pace or Pace(),
            wire=Wire(sign_in, asyncio.Semaphore(AT_ONCE), steady, fresh, trace),
        )


class Graph:
    """Requests to Graph for one tenant. Each `url` is the percent-encoded path after the version.

    Every method raises `GraphError` if Graph refuses or there is no usable answer.
    """

    def __init__(self, session: Session, tenant: Tenant, budget: Budget | None) -> None:
        self.tenant = tenant
        self.lists = session.lists
        self._session = session
        self._budget = budget
        self.root = graph_root(session.connection, tenant.cloud)
        self._scope = scope(session.connection, tenant.cloud)
        self._sender = Sender(session.wire, tenant, self.root, self._scope)

    async def get(self, version: Version, url: str) -> Json:
        """One JSON object. Waits while Graph throttles, and repeats the request in an outage."""
        return await self._read("GET", self._address(version, url), self.patience())

    async def get_all(self, version: Version, url: str, most: int | None = None) -> list[Json]:
        """The entries of a list; with `most`, until a page brings the entries above it."""
        entries: list[Json] = []
        async for page in self.pages(version, url):
            entries += page
            if most is not None and len(entries) > most:
                break
        return entries

    async def pages(self, version: Version, url: str) -> AsyncIterator[list[Json]]:
        """The entries of a list, page by page; a page is read when it is asked for."""
        async for page in self.linked_pages(version, url):
            yield page.entries

    async def linked_pages(
        self, version: Version, url: str, *, paced: bool = False
    ) -> AsyncIterator[Page]:
        """The same with the address of each next page, from which the list can be continued.

        A `paced` list is asked for no faster than Graph answers requests for reports.
        """
        patience = self.patience()

        async def ask(address: str) -> Json:
            if paced:
                await self.pacer.turn()
            return await self._read("GET", address, patience)

        paging = Paging(self._session.pace, self._session.progress)
        async for page in paging.follow(
            self._address(version, url), ask, partial(at_home, self.root)
        ):
            yield page

    async def post_read(self, version: Version, url: str, body: Json) -> Json:
        """A read by POST, for a question that is too long for a URL; repeated like a GET."""
        return await self._read("POST", self._address(version, url), self.patience(), body)

    async def patch(
        self, version: Version, url: str, body: Callable[[], Awaitable[Json]]
    ) -> WriteResponse:
        """A `write` that changes an object."""
        return await self.write("PATCH", version, url, body)

    async def post(
        self, version: Version, url: str, body: Callable[[], Awaitable[Json]]
    ) -> WriteResponse:
        """A `write` that creates an object or runs an action."""
        return await self.write("POST", version, url, body)

    async def delete(self, version: Version, url: str) -> WriteResponse:
        """A `write` that deletes an object; repeated in an outage, as deleting twice is harmless.

        If the object is already deleted, Graph answers 404, even if an earlier attempt deleted it.
        """
        return await self.write("DELETE", version, url, None)

    async def write(
        self, method: str, version: Version, url: str, body: Callable[[], Awaitable[Json]] | None
    ) -> WriteResponse:
        """One write. A write with a body is not repeated if Graph may have carried it out.

        `body` is called before each attempt: while Graph throttles or the sign-in is renewed, the
        tenant may have changed. If it raises, the write ends.

        Raises:
            AnswerLostError: the write may have taken effect.
            GraphError: the write did not take effect.
        """
        address = self._address(version, url)
        where = path_of(address)

        async def send(fresh: bool) -> Reply:
            await self._session.wire.sign_in.token(self.tenant, self._scope)
            content = None if body is None else json.dumps(await body()).encode()
            return await self._sender.send(method, address, content, fresh)

        patience = self.patience()
        repeatable = body is None
        try:
            reply = await patience.answer(send, repeatable=repeatable)
            if reply.status == 401 and self._session.wire.sign_in.renew(self.tenant):
                reply = await patience.answer(send, repeatable=repeatable)
        except NoAnswer as broken:
            failure = unanswered(method, where, broken)
            raise (failures.lost(failure) if broken.sent else failure) from broken
        if reply.status >= 400:
            failure = self._sender.refused(method, where, reply)
            if reply.status < 500 and reply.status != 408:
                raise failure
            asked = wait_asked(reply.headers, self._session.pace.today())
            raise failures.lost(failure, asked or 0.0)
        if reply.status >= 300:
            target = reply.headers.get(LOCATION, "")
            raise not_followed(self.root, method, address, reply.status, target)
        document = reply.json
        if reply.body and document is None:
            raise failures.lost(failures.not_graph(method, where, reply.status, kind_of(reply)))
        return WriteResponse(
            reply.status, failures.id_of(reply.headers.get("request-id", "")), document
        )

    async def token_tenant(self) -> str | None:
        """The tenant id in the token, unverified; None if the token is not a JWT."""
        return token_tenant(await self._session.wire.sign_in.token(self.tenant, self._scope))

    async def token_claims(self) -> Mapping[str, Json]:
        """The token's claims, unverified; empty if the token is not a JWT."""
        return token_claims(await self._session.wire.sign_in.token(self.tenant, self._scope))

    def _address(self, version: Version, url: str) -> str:
        """The full address of a path, or a nextLink unchanged if it is on the root's own origin."""
        if url.startswith("/"):
            return f"{self.root}/{version}{url}"
        if not at_home(self.root, url):
            raise failures.elsewhere("GET", f"/{version}", None, url)
        return url

    def patience(self) -> Patience:
        """The retries of one operation on this tenant."""
        session = self._session
        budget = self._budget or Budget(session.connection.budget_seconds)
        return Patience(session.pace, session.progress, budget)

    def apart(self) -> Graph:
        """The same tenant with a budget of its own for waiting."""
        other = copy(self)
        own = Budget(self._session.connection.budget_seconds)
        other._budget = own  # noqa: SLF001 - an object of this class
        return other

    @property
    def pacer(self) -> Pacer:
        """The pace of requests for this tenant's reports."""
        session = self._session
        return session.pacers.setdefault(self.tenant, Pacer(session.pace))

    def telling(self) -> ProgressReporter:
        """The progress of something that takes long."""
        return ProgressReporter(self._session.pace, self._session.progress)

    async def _read(self, method: str, url: str, patience: Patience, body: Json = None) -> Json:
        where = path_of(url)
        try:
            reply = await self._exchange(method, url, patience, body)
        except NoAnswer as broken:
            raise unanswered(method, where, broken) from broken
        if reply.status >= 400:
            raise self._sender.refused(method, where, reply)
        document = reply.json
        if not isinstance(document, dict):
            raise failures.not_graph(method, where, reply.status, kind_of(reply))
        return document

    async def _exchange(
        self, method: str, url: str, patience: Patience, body: Json = None
    ) -> Reply:
        """A read's answer after retries, one new token for a 401, and redirects on this host."""
        content = None if body is None else json.dumps(body).encode()
        renewed, sign_in = False, self._session.wire.sign_in
        for _ in range(MOST_REDIRECTS + 2):
            send = partial(self._sender.send, method, url, content)
            reply = await patience.answer(send)
            target = reply.headers.get(LOCATION)
            if reply.status == 401 and not renewed and sign_in.renew(self.tenant):
                renewed = True
            elif 300 <= reply.status < 400 and target is not None:
                url = redirected(self.root, method, url, reply.status, target)
            else:
                return reply
        raise failures.astray(method, path_of(url), reply.status, "has too many redirects")
