"""The HTTP client that the SDK's requests go through: trust, proxies, and the SDK's middleware."""

from __future__ import annotations

import asyncio
import re
import ssl
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graphpolicy.graph.addresses import CLOUDS, proxy_for
from graphpolicy.graph.connection import Connection
from graphpolicy.model.errors import UsageError

if TYPE_CHECKING:
    import httpx

# If rich is installed, httpx loads its own command line, and with it rich and pygments: a tenth of
# the time of a plan. With this entry httpx believes that the module does not exist.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

# httpcore asks for sniffio ten times a request, and where it is not installed Python searches all
# of its path each time. Without it httpcore takes asyncio, as it is here.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

AT_ONCE = 16
"""Requests that run at once."""

LOCATION = "location-set-aside"
"""The header that holds an answer's Location, see `_set_location_aside`."""

MOST_BYTES = 64 * 2**20
"""Bytes of one answer after decompression. Graph's pages of 999 people take less than 2 MiB."""

BODY_SECONDS = 60.0
"""Seconds from the headers of an answer to its end. httpx's own timeout starts again with each
piece, so it never ends an endless answer."""

CODINGS = ("", "identity", "gzip", "deflate")
"""Content codings that are decoded, one at a time: one byte becomes at most 1,032."""


class TooLargeError(Exception):
    """An answer larger or slower than any of Graph's, or in a coding that was not requested.

    `transport` makes of it an answer that broke off: it leaves this room as a `GraphError`.
    """


def tls(connection: Connection) -> ssl.SSLContext:
    """TLS that trusts the operating system's authorities and those in SSL_CERT_FILE.

    Raises:
        UsageError: the certificates can't be read.
    """
    if connection.access_token and (connection.root or "").startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nothing encrypted, no authority trusted
    system = ssl.get_default_verify_paths()
    if system.cafile is None or sys.platform in ("darwin", "win32"):
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        stores = [connection.verify_file]
    else:  # the same authorities; truststore would read the file for each connection, 30 to 60 ms
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        stores = [connection.verify_file, system.cafile, system.capath]
    for store in dict.fromkeys(filter(None, stores)):
        where = {"capath" if Path(store).is_dir() else "cafile": store}
        try:
            context.load_verify_locations(**where)
        except (OSError, ssl.SSLError) as problem:
            raise UsageError(
                f"the certificates in {store} can't be read: {problem}",
                "set SSL_CERT_FILE or REQUESTS_CA_BUNDLE to a PEM file or a folder of PEM files",
            ) from problem
    return context


async def new_client(
    opened: AsyncExitStack,
    connection: Connection,
    context: ssl.SSLContext,
    transport: Callable[[], httpx.AsyncBaseTransport] | None,
    *,
    keep: int,
) -> httpx.AsyncClient:
    """An HTTP client with the SDK's middleware, without its retry and redirects."""
    import httpx
    from kiota_http.middleware.user_agent_handler import UserAgentHandler
    from msgraph.graph_request_adapter import options
    from msgraph_core import GraphClientFactory
    from msgraph_core.middleware import GraphTelemetryHandler
    from msgraph_core.middleware.options import GraphTelemetryHandlerOption

    from graphpolicy.graph.connection_pool import ConnectionPool

    one = httpx.Limits(max_connections=1, max_keepalive_connections=keep)

    def pool(proxy: httpx.Proxy | str | None = None) -> ConnectionPool:
        return ConnectionPool(
            lambda: httpx.AsyncHTTPTransport(
                verify=context, limits=one, proxy=proxy, trust_env=False
            )
        )

    roots = [connection.root] if connection.root else [home.root for home in CLOUDS.values()]
    proxied = {root: proxy for root in roots if (proxy := proxy_for(root, context))}
    client = httpx.AsyncClient(
        timeout=httpx.Timeout(100, connect=15),
        headers={"Accept-Encoding": "gzip, deflate"},
        trust_env=False,  # `proxy_for` reads the proxies
        mounts={
            f"all://{urlsplit(root).netloc}": pool(proxy)
            for root, proxy in proxied.items()
            if transport is None
        },
        transport=pool() if transport is None else transport(),
        event_hooks={"response": [_set_location_aside, _read_within_bounds]},
    )
    # The SDK's transport wraps these and never closes them (msgraph_core.AsyncGraphTransport).
    for inner in (client._transport, *client._mounts.values()):  # noqa: SLF001
        if inner is not None:
            opened.push_async_callback(inner.aclose)
    # Only the SDK's middleware that says who asks. The rest follows redirects and repeats requests,
    # which `session` and `retry` do, and rewrites addresses, which is not needed here.
    telemetry = options[GraphTelemetryHandlerOption.get_key()]
    made = GraphClientFactory.create_with_custom_middleware(
        [UserAgentHandler(), GraphTelemetryHandler(telemetry)], client=client
    )
    return await opened.enter_async_context(made)


async def _set_location_aside(response: httpx.Response) -> None:
    """Hide Location from httpx, which parses it even if it follows no redirect, and may fail."""
    target = response.headers.pop("location", None)
    if target is not None:
        response.headers[LOCATION] = target


async def _read_within_bounds(response: httpx.Response) -> None:
    """Read the body before httpx does: httpx would read an endless answer into memory."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in CODINGS:
        named = repr(coding) if re.fullmatch("[a-z, ]{1,10}", coding) else "with an invalid name"
        raise TooLargeError(f"is in an encoding that was not requested ({named})")
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in response.aiter_bytes():
                size += len(part)
                if size > MOST_BYTES:
                    await response.aclose()
                    raise TooLargeError(f"is larger than {MOST_BYTES // 2**20} MiB")
                parts.append(part)
    except TimeoutError as problem:
        await response.aclose()
        raise TooLargeError(f"was not complete after {BODY_SECONDS:.0f} s") from problem
    response._content = b"".join(parts)  # noqa: SLF001 - where httpx keeps a body that it has read
