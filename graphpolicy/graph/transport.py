"""One request and its answer, through the SDK's request adapter."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from graphpolicy.graph.client import TooLargeError
from graphpolicy.graph.errors import id_of
from graphpolicy.graph.responses import broken, broken_off, masked, without
from graphpolicy.graph.retry import Broken, Reply
from graphpolicy.graph.sign_in import SignIn
from graphpolicy.model import Tenant
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    import httpx

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
            Broken: there was no usable answer.
        """
        import httpx
        from kiota_abstractions.method import Method
        from kiota_abstractions.native_response_handler import (
            NativeResponseHandler,
        )
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
                raise Broken("the answer is incomplete", sent=True)
            return reply
        except TimeoutError as problem:
            raise Broken(f"timeout after {REQUEST_SECONDS:.0f} s", sent=True) from problem
        except TooLargeError as problem:
            raise Broken(str(problem), sent=True, final=True) from problem
        except httpx.RequestError as problem:
            raise broken(problem, token) from problem
        finally:
            if wire.trace is not None:
                spent = (time.perf_counter() - started) * 1000
                wire.trace(
                    f"{method} {masked(url)} {outcome} request-id={request_id} "
                    f"client-request-id={client_request_id} {spent:.0f} ms"
                )

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
