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
import re
import ssl
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from graphpolicy.graph.connection import Connection, graph_root, scope
from graphpolicy.graph.credentials import SignIn, token_claims, token_tenant
from graphpolicy.graph.errors import (
    GraphFailure,
    UsageFailure,
    astray,
    elsewhere,
    lost,
    not_graph,
    refusal,
    unreachable,
)
from graphpolicy.graph.retry import Broken, Pace, Patience, Progress, Reply
from graphpolicy.model import Json, Tenant, Version
from graphpolicy.records import dataclass

if TYPE_CHECKING:
    import httpx

# Where rich is installed httpx loads a command line of its own, and with it rich and pygments: a
# tenth of a whole plan. Told that there is none it does without.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

AT_ONCE = 16
REQUEST_SECONDS = 120.0
MOST_REDIRECTS = 5
MOST_PAGES = 5000
"""Two and more times the largest directory that is looked through, at 999 entries a page."""

Trace = Callable[[str], None]

_READ = {"Accept": "application/json", "Prefer": "include-unknown-enum-members"}
_WRITE = {"Accept": "application/json"}
_LOCATION = "location-set-aside"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a write that Graph accepted."""

    status: int
    request_id: str


@dataclass(frozen=True, slots=True)
class Session:
    """The shared part: clients, permits, sign-in, and where to say what happens."""

    connection: Connection
    progress: Progress
    trace: Trace | None
    pace: Pace
    permits: asyncio.Semaphore
    sign_in: SignIn
    steady: httpx.AsyncClient
    fresh: httpx.AsyncClient
    """Opens a new connection for every request."""

    def tenant(self, tenant: Tenant) -> Graph:
        """Graph as this tenant sees it; signs in at the first request."""
        return Graph(self, tenant)


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
        steady = await _client(opened, connection, context, transport, keep=AT_ONCE)
        fresh = await _client(opened, connection, context, transport, keep=0)
        loop = asyncio.get_running_loop()

        def say(words: str) -> None:  # sign-in runs in threads of its own
            loop.call_soon_threadsafe(progress, words)

        sign_in = SignIn(connection, say, context)
        opened.callback(sign_in.close)
        yield Session(
            connection=connection,
            progress=progress,
            trace=trace,
            pace=pace or Pace(),
            permits=asyncio.Semaphore(AT_ONCE),
            sign_in=sign_in,
            steady=steady,
            fresh=fresh,
        )


def tls(connection: Connection) -> ssl.SSLContext:
    """Trust what the operating system trusts, and the authorities in SSL_CERT_FILE."""
    system = ssl.get_default_verify_paths()
    if system.cafile is None or sys.platform in ("darwin", "win32"):
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        stores = [connection.verify_file]
    else:  # the same authorities; truststore reads the file anew for every connection, 30 to 60 ms
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        stores = [connection.verify_file, system.cafile, system.capath]
    for store in dict.fromkeys(filter(None, stores)):
        where = {"capath" if Path(store).is_dir() else "cafile": store}
        try:
            context.load_verify_locations(**where)
        except (OSError, ssl.SSLError) as problem:
            raise UsageFailure(
                f"the certificates in {store} cannot be read: {problem}",
                "SSL_CERT_FILE and REQUESTS_CA_BUNDLE name a PEM file or a folder of them",
            ) from problem
    return context


async def _client(
    opened: AsyncExitStack,
    connection: Connection,
    context: ssl.SSLContext,
    transport: Callable[[], httpx.AsyncBaseTransport] | None,
    *,
    keep: int,
) -> httpx.AsyncClient:
    """An HTTP client with the SDK's middleware, its retry and redirects off."""
    import httpx
    from kiota_http.middleware.options import (
        RedirectHandlerOption,
        RetryHandlerOption,
    )
    from msgraph.graph_request_adapter import options
    from msgraph_core import GraphClientFactory

    client = httpx.AsyncClient(
        verify=context,
        http1=True,
        http2=False,
        timeout=httpx.Timeout(100, connect=15),
        limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=keep),
        trust_env=not connection.loopback,
        transport=None if transport is None else transport(),
        event_hooks={"response": [_set_location_aside]},
    )
    # The SDK's transport hides these and closes none of them (msgraph_core.AsyncGraphTransport).
    for inner in (client._transport, *client._mounts.values()):  # noqa: SLF001
        if inner is not None:
            opened.push_async_callback(inner.aclose)
    ours = (RetryHandlerOption(max_retries=0, should_retry=False), RedirectHandlerOption(0, False))
    made = GraphClientFactory.create_with_default_middleware(
        client=client, options={**options, **{option.get_key(): option for option in ours}}
    )
    return await opened.enter_async_context(made)


async def _set_location_aside(response: httpx.Response) -> None:
    """Keep httpx from parsing a Location, as it does where it follows none, and may stumble."""
    target = response.headers.pop("location", None)
    if target is not None:
        response.headers[_LOCATION] = target


class Graph:
    """Requests to Graph for one tenant: each `url` percent-encoded, from below the version."""

    def __init__(self, session: Session, tenant: Tenant) -> None:
        self.tenant = tenant
        self._session = session
        self._root = graph_root(session.connection, tenant.cloud)
        self._scope = scope(session.connection, tenant.cloud)
        self._adapters = (self._adapter(session.steady), self._adapter(session.fresh))

    async def get(self, version: Version, url: str) -> Json:
        """One document; waits for a throttled Graph and bears with short outages."""
        return await self._read("GET", self._address(version, url), self._patience())

    async def get_all(self, version: Version, url: str) -> list[Json]:
        """The entries of a list, with those of its further pages."""
        address: str | None = self._address(version, url)
        seen: set[str] = set()
        entries: list[Json] = []
        patience = self._patience()
        while address is not None:
            seen.add(address)
            page = await self._read("GET", address, patience)
            value = page.get("value")
            if not isinstance(value, list):
                raise not_graph("GET", _path(address), 200, "a document in place of a list")
            entries += value
            following = page.get("@odata.nextLink")
            if following is not None and not self._at_home(following):
                raise elsewhere("GET", _path(address), None, str(following))
            if following in seen or len(seen) == MOST_PAGES:
                raise astray("GET", _path(address), None, "leads from page to page without end")
            address = following
        return entries

    async def post_read(self, version: Version, url: str, body: Json) -> Json:
        """What a question too long for an address is answered with; repeated like a read."""
        return await self._read("POST", self._address(version, url), self._patience(), body)

    async def patch(
        self, version: Version, url: str, body: Callable[[], Awaitable[Json]]
    ) -> Answer:
        """One write, never repeated once it may have been carried out.

        `body` is asked anew before each sending: while Graph throttles or a sign-in is renewed,
        what it was made from may have moved. What it raises ends the write.

        Raises `AnswerLost` where it may have taken effect, `GraphFailure` where it has not.
        """
        address = self._address(version, url)
        where = _path(address)

        async def send(fresh: bool) -> Reply:
            await self._session.sign_in.token(self.tenant, self._scope)
            content = json.dumps(await body()).encode()
            return await self._send("PATCH", address, content, fresh)

        patience = self._patience()
        try:
            reply = await patience.answer(send, repeatable=False)
            if reply.status == 401 and self._session.sign_in.renew(self.tenant):
                reply = await patience.answer(send, repeatable=False)
        except Broken as broken:
            failure = unreachable("PATCH", where, broken.reason, broken.certificate)
            raise (lost(failure) if broken.sent else failure) from broken
        if reply.status >= 400:
            failure = refusal("PATCH", where, reply.status, reply.headers, reply.body)
            raise lost(failure) if reply.status >= 500 or reply.status == 408 else failure
        if reply.status >= 300:
            target = reply.headers.get(_LOCATION, "")
            raise self._not_followed("PATCH", address, reply.status, target)
        if reply.body and _parsed(reply) is None:
            raise lost(not_graph("PATCH", where, reply.status, _kind(reply)))
        return Answer(reply.status, reply.headers.get("request-id", ""))

    async def token_tenant(self) -> str | None:
        """The tenant that the token is for; None where the token is opaque."""
        return token_tenant(await self._session.sign_in.token(self.tenant, self._scope))

    async def token_claims(self) -> Mapping[str, Json]:
        """What the token says of itself, unverified; nothing where it is opaque."""
        return token_claims(await self._session.sign_in.token(self.tenant, self._scope))

    def _address(self, version: Version, url: str) -> str:
        """`url` below the version, or a nextLink as it came: of the root's own origin only."""
        if url.startswith("/"):
            return f"{self._root}/{version}{url}"
        if not self._at_home(url):
            raise elsewhere("GET", f"/{version}", None, url)
        return url

    def _patience(self) -> Patience:
        session = self._session
        return Patience(session.pace, session.progress, session.connection.budget_seconds)

    async def _read(self, method: str, url: str, patience: Patience, body: Json = None) -> Json:
        where = _path(url)
        try:
            reply = await self._exchange(method, url, patience, body)
        except Broken as broken:
            raise unreachable(method, where, broken.reason, broken.certificate) from broken
        if reply.status >= 400:
            raise refusal(method, where, reply.status, reply.headers, reply.body)
        document = _parsed(reply)
        if not isinstance(document, dict):
            raise not_graph(method, where, reply.status, _kind(reply))
        return document

    async def _exchange(
        self, method: str, url: str, patience: Patience, body: Json = None
    ) -> Reply:
        """A read's answer after patience, one new token for a 401, and redirects at home."""
        content = None if body is None else json.dumps(body).encode()
        renewed = False
        for _ in range(MOST_REDIRECTS + 2):
            send = partial(self._send, method, url, content)
            reply = await patience.answer(send)
            target = reply.headers.get(_LOCATION)
            if reply.status == 401 and not renewed and self._session.sign_in.renew(self.tenant):
                renewed = True
            elif 300 <= reply.status < 400 and target is not None:
                url = self._redirected(method, url, reply.status, target)
            else:
                return reply
        raise astray(method, _path(url), reply.status, "is redirected without end")

    async def _send(self, method: str, url: str, content: bytes | None, fresh: bool) -> Reply:
        """One request and its answer, whatever it is."""
        import httpx
        from kiota_abstractions.method import Method
        from kiota_abstractions.native_response_handler import (
            NativeResponseHandler,
        )
        from kiota_abstractions.request_information import RequestInformation
        from kiota_http.middleware.options import ResponseHandlerOption

        session = self._session
        await session.sign_in.token(self.tenant, self._scope)  # may ask a person: no permit held
        request = RequestInformation()
        request.http_method = Method[method]
        request.url = url
        client_request_id = str(uuid.uuid4())
        for name, value in (_WRITE if method == "PATCH" else _READ).items():
            request.headers.try_add(name, value)
        request.headers.try_add("client-request-id", client_request_id)
        if content is not None:
            request.set_stream_content(content, "application/json")
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        started = time.perf_counter()
        outcome: str | int = "no answer"
        request_id = ""
        try:
            async with session.permits, asyncio.timeout(REQUEST_SECONDS):
                response = await self._adapters[fresh].send_primitive_async(request, "bytes", None)
            outcome, request_id = response.status_code, response.headers.get("request-id", "")
            reply = Reply(response.status_code, response.headers, response.content)
            if method != "PATCH" and _broken_off(reply):
                raise Broken("the answer broke off half-way", sent=True)
            return reply
        except TimeoutError as problem:
            raise Broken(f"nothing within {REQUEST_SECONDS:.0f} s", sent=True) from problem
        except httpx.RequestError as problem:
            raise _broken(problem) from problem
        finally:
            if session.trace is not None:
                spent = (time.perf_counter() - started) * 1000
                session.trace(
                    f"{method} {_masked(url)} {outcome} request-id={request_id} "
                    f"client-request-id={client_request_id} {spent:.0f} ms"
                )

    def _redirected(self, method: str, url: str, status: int, target: str) -> str:
        import httpx

        try:
            following = str(httpx.URL(url).join(target))
        except (httpx.InvalidURL, ValueError):
            following = ""
        if method != "GET" or not self._at_home(following):
            raise self._not_followed(method, url, status, target)
        return following

    def _not_followed(self, method: str, url: str, status: int, target: str) -> GraphFailure:
        """A redirect that leads to another host, or that would repeat what is no plain read."""
        within = target.startswith("/") and not target.startswith("//")
        if within or self._at_home(target):
            what = f"is redirected ({status}), which only a plain read follows"
            return astray(method, _path(url), status, what)
        return elsewhere(method, _path(url), status, target)

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

    def _adapter(self, client: httpx.AsyncClient) -> Any:
        from kiota_authentication_azure.azure_identity_authentication_provider import (
            AzureIdentityAuthenticationProvider,
        )
        from msgraph.graph_request_adapter import GraphRequestAdapter

        provider = AzureIdentityAuthenticationProvider(
            self._session.sign_in.bearer(self.tenant),
            scopes=[self._scope],
            allowed_hosts=[urlsplit(self._root).hostname],
        )
        adapter = GraphRequestAdapter(provider, client=client)
        adapter.base_url = self._root
        return adapter


def _broken(problem: httpx.RequestError) -> Broken:
    import httpx

    before = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    cause: BaseException | None = problem
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(problem).__name__).lower()
    reason = f"{kind}: {problem}" if str(problem) else kind
    return Broken(reason, sent=not isinstance(problem, before), certificate=cause is not None)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _masked(url: str) -> str:
    return re.sub(r"(skiptoken=)[^&]*", r"\1***", _path(url), flags=re.IGNORECASE)


def _kind(reply: Reply) -> str:
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return "a web page" if "html" in kind else f"{kind or 'something'} that is no JSON object"


def _broken_off(reply: Reply) -> bool:
    """Whether an answer begins like a JSON object and does not end like one."""
    begun = reply.status == 200 and reply.body.lstrip().startswith(b"{")
    return begun and _parsed(reply) is None


def _parsed(reply: Reply) -> Json:
    """The answer's JSON, or None: judged by the content, for a page may call itself JSON."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
