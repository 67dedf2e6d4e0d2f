"""The tokens of one run, by tenant: requested once, kept until shortly before they expire.

Sign-in uses azure-identity's synchronous credentials, each call in its own thread: on the event
loop one sign-in would stop all other tenants (Azure CLI starts a process for each token), and the
asynchronous credentials need aiohttp (measured on azure-identity 1.27).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from graphpolicy.graph.addresses import CLOUDS
from graphpolicy.graph.connection import (
    Connection,
    chosen,
    refuse_other_tenant,
    resolved,
    token_claims,
)
from graphpolicy.graph.credentials import Assertion, check_needs, credential
from graphpolicy.graph.errors import SignInError, clean
from graphpolicy.model import Cloud, Tenant

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

_SAID = re.compile(r"(AADSTS\d+): ?(.*?)(?:'? Content: .*| Trace ID: ([0-9A-Fa-f-]+).*)?$")


def sign_in_refused(how: str, why: str, problem: Exception) -> SignInError:
    """azure-identity's `problem` as a failure; `how` is the sign-in method, `why` its reason."""
    words = clean(str(problem)) or type(problem).__name__
    said = _SAID.search(words)
    if said is None:
        return SignInError(
            f"sign-in by {how} failed: {words.rstrip('.')}",
            f"{how} was used because {why}; choose another sign-in method with --auth, such as "
            "--auth browser",
            message=words,
        )
    code, message, request_id = said[1], said[2].rstrip("."), said[3] or ""
    known = _known().get(code)
    means = known["means"] if known else message
    return SignInError(
        f"sign-in by {how} was refused: {code}: {means}",
        f"{known['repair']}. Entra's message: {message}"
        if known
        else f"look it up: https://login.microsoftonline.com/error?code={code[6:]}",
        code=code,
        message=message,
        request_id=request_id,
    )


@cache
def _known() -> Mapping[str, Mapping[str, str]]:
    text = (Path(__file__).parent / "entra_errors.json").read_text(encoding="utf-8")
    rows: Mapping[str, Mapping[str, str]] = json.loads(text)
    return rows


SIGN_IN_SECONDS = 90.0
"""Seconds that a sign-in without a person may take, including azure-identity's own retries."""

NEARLY_EXPIRED = 300
"""Seconds before it expires at which a token is replaced."""

T = TypeVar("T")


class SignIn:
    """The tokens of one run. `say` shows instructions for a sign-in; any thread may call it."""

    def __init__(
        self, connection: Connection, say: Callable[[str], None], context: ssl.SSLContext
    ) -> None:
        self._connection = connection
        self._say = say
        self._context = context
        self._credentials: dict[Cloud, TokenCredential] = {}
        self._retired: list[TokenCredential] = []
        self._tokens: dict[tuple[str, str], AccessToken] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._interactive = resolved(connection)[0] in ("browser", "device-code")
        self._at_once = asyncio.Semaphore(1 if self._interactive else 8)

    def bearer(self, tenant: Tenant) -> Bearer:
        """The tenant's tokens as the SDK's token provider."""
        return Bearer(self, tenant)

    async def token(self, tenant: Tenant, scope: str, claims: str | None = None) -> str:
        """A token for `tenant` and no other.

        Raises:
            SignInError: sign-in failed, or the token is for another tenant.
        """
        return (await self.access_token(tenant, scope, claims)).token

    async def access_token(
        self, tenant: Tenant, scope: str, claims: str | None = None
    ) -> AccessToken:
        """`token` with its expiry. `claims` is Graph's challenge to the last token."""
        from azure.core.credentials import AccessToken

        if self._connection.access_token is not None:
            text = self._connection.access_token.reveal()
            refuse_other_tenant(text, tenant)
            return AccessToken(text, int(time.time()) + 3600)
        key = (tenant.id, scope)
        async with self._turns.setdefault(tenant.id, asyncio.Lock()):
            kept = self._tokens.get(key)
            if kept is None or claims is not None or kept.expires_on - time.time() < NEARLY_EXPIRED:
                kept = await self._ask(tenant, scope, claims)
                refuse_other_tenant(kept.token, tenant)
                self._tokens[key] = kept
            return kept

    async def job_claims(self, tenant: Tenant) -> Mapping[str, Any] | None:
        """The claims of the job's GitHub token; None if the sign-in method is not `github`.

        Raises:
            SignInError: GitHub gave no token.
        """
        if self._connection.access_token or resolved(self._connection)[0] != "github":
            return None
        check_needs(self._connection, "github")
        assertion = Assertion(self._connection, CLOUDS[tenant.cloud].audience, self._context)
        return token_claims(await self._in_time(assertion))

    def renew(self, tenant: Tenant) -> bool:
        """Forget this tenant's token and credential; False if a new one is not possible."""
        if self._connection.access_token is not None or self._interactive:
            return False
        self._tokens = {key: kept for key, kept in self._tokens.items() if key[0] != tenant.id}
        retired = self._credentials.pop(tenant.cloud, None)
        if retired is not None:
            self._retired.append(retired)
        return True

    def forget(self, tenant: Tenant) -> None:
        """Drop the tokens of a tenant that is done with."""
        self._tokens = {key: kept for key, kept in self._tokens.items() if key[0] != tenant.id}
        self._turns.pop(tenant.id, None)

    def close(self) -> None:
        """Close what the credentials opened."""
        for made in (*self._credentials.values(), *self._retired):
            made.close()  # type: ignore[attr-defined]  # every azure-identity credential has it

    async def _ask(self, tenant: Tenant, scope: str, claims: str | None) -> AccessToken:
        options: dict[str, Any] = {"claims": claims, "enable_cae": True}
        async with self._at_once:
            made = self._credentials.get(tenant.cloud)
            if made is None:
                create = partial(credential, self._connection, tenant, self._say, self._context)
                made = self._told(create)
                self._credentials[tenant.cloud] = made
            ask = partial(made.get_token, scope, tenant_id=tenant.id or None, **options)
            return await self._in_time(partial(self._told, ask))

    async def _in_time(self, call: Callable[[], T]) -> T:
        """`call` in a thread, with a time limit unless it waits for a person."""
        try:
            async with asyncio.timeout(None if self._interactive else SIGN_IN_SECONDS):
                return await _in_thread(call)
        except TimeoutError as problem:
            how, why = chosen(self._connection)
            raise SignInError(
                f"sign-in by {how} got no answer within {SIGN_IN_SECONDS:.0f} s",
                "check the network, the proxy (HTTPS_PROXY) and AZURE_AUTHORITY_HOST if it is "
                f"set; {how} was used because {why}",
            ) from problem

    def _told(self, call: Callable[[], T]) -> T:
        """`call`, with its failure as `SignInError`, not chained: azure's holds the secret."""
        try:
            return call()
        except SignInError:
            raise
        except Exception as problem:  # noqa: BLE001  # azure-identity raises many kinds
            refused = sign_in_refused(*chosen(self._connection), problem)
        raise refused


class Bearer:
    """One tenant's tokens by azure-core's async protocol, which kiota's token provider needs."""

    def __init__(self, sign_in: SignIn, tenant: Tenant) -> None:
        self._sign_in = sign_in
        self._tenant = tenant

    async def get_token(
        self, *scopes: str, claims: str | None = None, **_options: object
    ) -> AccessToken:
        return await self._sign_in.access_token(self._tenant, scopes[0], claims)


async def _in_thread(call: Callable[[], T]) -> T:
    """`call` in a daemon thread, so that Ctrl-C works while it waits for a person."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, problem: Exception | None) -> None:
        if future.done():
            return
        if problem is None:
            future.set_result(cast("T", value))
        else:
            future.set_exception(problem)

    def run() -> None:
        value: T | None = None
        failed: Exception | None = None
        try:
            value = call()
        except Exception as problem:  # noqa: BLE001  # raised again where it is awaited
            failed = problem
        with contextlib.suppress(RuntimeError):  # the loop is closed: nothing waits for the result
            loop.call_soon_threadsafe(settle, value, failed)

    threading.Thread(target=run, name="sign-in", daemon=True).start()
    return await future
