"""One request and its answer, through the SDK's request adapter."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from graphpolicy.graph.client import TooLargeError
from graphpolicy.graph.failures import GraphError, cut, id_of, refusal, unreachable, unusable
from graphpolicy.graph.retry import NoAnswer, Reply
from graphpolicy.graph.sign_in import SignIn
from graphpolicy.model import Tenant
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    import httpx

KIND = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,60}")
"""A content type that is safe to show in a message."""


def broken(problem: httpx.RequestError, token: str) -> NoAnswer:
    """httpx's error as `NoAnswer`. Its message may quote what was sent, so the token is masked."""
    import httpx

    before = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    cause: BaseException | None = problem
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(problem).__name__).lower()
    words = cut(str(problem).replace(token, "***"))
    reason = f"{kind}: {words}" if words else kind
    return NoAnswer(reason, sent=not isinstance(problem, before), certificate=cause is not None)


def unanswered(method: str, path: str, broken: NoAnswer) -> GraphError:
    """The error of a request that got no answer."""
    if broken.final and not broken.certificate:
        return unusable(method, path, broken.reason)
    return unreachable(method, path, broken.reason, broken.certificate)


def path_of(url: str) -> str:
    """Path and query of an address, for messages."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def masked(url: str) -> str:
    """Path and query of an address, with the token of the next page as `***`."""
    return re.sub(r"(skiptoken=)[^&]*", r"\1***", path_of(url), flags=re.IGNORECASE)


def without(token: str, headers: httpx.Headers) -> httpx.Headers:
    """The headers of an answer, with the token as `***` if they repeat it."""
    import httpx

    if not any(token in text for text in headers.values()):
        return headers
    return httpx.Headers([(name, text.replace(token, "***")) for name, text in headers.items()])


def kind_of(reply: Reply) -> str:
    """What an answer is that is not Graph's JSON: "a web page", "text/plain, not a JSON object"."""
    if not reply.body:
        return "empty"
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = kind if KIND.fullmatch(kind) else "of an unknown type"
    return "a web page" if "html" in kind else f"{kind}, not a JSON object"


def broken_off(reply: Reply) -> bool:
    """Whether an answer is the beginning of a JSON object without its end."""
    begun = reply.status == 200 and reply.body.lstrip().startswith(b"{")
    return begun and reply.json is None


REQUEST_SECONDS = 120.0

_READ = {"Accept": "application/json", "Prefer": "include-unknown-enum-members"}
_WRITE = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Wire:
    """What the requests of all tenants share. `trace` receives a line per request (--debug)."""

    sign_in: SignIn
    permits: asyncio.Semaphore
    steady: httpx.AsyncClient
    fresh: httpx.AsyncClient
    """Opens a new connection for every request."""
    trace: Callable[[str], None] | None = None


COUNTED = "&$count=true"
"""Ends the URL of an advanced query, which needs a header (Graph: "Advanced query capabilities on
Microsoft Entra ID objects"). Graph answers it from an index that may lag behind a little."""


class Sender:
    """Sends requests for one tenant, with its tokens, to `root`'s host only."""

    def __init__(self, wire: Wire, tenant: Tenant, root: str, scope: str) -> None:
        self._wire = wire
        self._tenant = tenant
        self._root = root
        self._scope = scope
        self._adapters = (self._adapter(wire.steady), self._adapter(wire.fresh))

    async def send(self, method: str, url: str, content: bytes | None, fresh: bool) -> Reply:
        """One request and its answer, whatever the status.

        Raises:
            NoAnswer: there was no usable answer.
        """
        import httpx
        from kiota_abstractions.method import Method
        from kiota_abstractions.native_response_handler import NativeResponseHandler
        from kiota_abstractions.request_information import RequestInformation
        from kiota_http.middleware.options import ResponseHandlerOption

        wire = self._wire
        # Sign-in may wait for a person, so take the permit afterwards.
        token = await wire.sign_in.token(self._tenant, self._scope)
        request = RequestInformation()
        request.http_method = Method[method]
        request.url = url
        client_request_id = str(uuid.uuid4())
        for name, value in (_WRITE if method == "PATCH" else _READ).items():
            request.headers.try_add(name, value)
        if COUNTED in unquote(url):
            request.headers.try_add("ConsistencyLevel", "eventual")
        request.headers.try_add("client-request-id", client_request_id)
        if content is not None:
            request.set_stream_content(content, "application/json")
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        started = time.perf_counter()
        outcome: str | int = "no answer"
        request_id = ""
        try:
            async with wire.permits, asyncio.timeout(REQUEST_SECONDS):
                response = await self._adapters[fresh].send_primitive_async(request, "bytes", None)
            headers = without(token, response.headers)
            outcome, request_id = response.status_code, id_of(headers.get("request-id", ""))
            body = response.content
            if response.status_code >= 400:  # an error that quotes the token must not pass it on
                body = body.replace(token.encode(), b"***")
            reply = Reply(response.status_code, headers, body)
            if method != "PATCH" and broken_off(reply):
                raise NoAnswer("the answer is incomplete", sent=True)
            return reply
        except TimeoutError as problem:
            raise NoAnswer(f"timeout after {REQUEST_SECONDS:.0f} s", sent=True) from problem
        except TooLargeError as problem:
            raise NoAnswer(str(problem), sent=True, final=True) from problem
        except httpx.RequestError as problem:
            raise broken(problem, token) from problem
        finally:
            if wire.trace is not None:
                spent = (time.perf_counter() - started) * 1000
                wire.trace(
                    f"{method} {masked(url)} {outcome} request-id={request_id} "
                    f"client-request-id={client_request_id} {spent:.0f} ms"
                )

    def refused(self, method: str, where: str, reply: Reply) -> GraphError:
        """The failure that Graph's answer means, with what to do about it for this token."""
        claims = self._wire.sign_in.claims(self._tenant, self._scope)
        return refusal(method, where, reply.status, reply.headers, reply.body, claims=claims)

    def _adapter(self, client: httpx.AsyncClient) -> Any:
        from kiota_authentication_azure.azure_identity_authentication_provider import (
            AzureIdentityAuthenticationProvider,
        )
        from msgraph.graph_request_adapter import GraphRequestAdapter

        provider = AzureIdentityAuthenticationProvider(
            self._wire.sign_in.bearer(self._tenant),
            scopes=[self._scope],
            allowed_hosts=[urlsplit(self._root).hostname],
        )
        adapter = GraphRequestAdapter(provider, client=client)
        adapter.base_url = self._root
        return adapter
