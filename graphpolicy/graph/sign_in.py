"""The tokens of one run, by tenant: requested once, kept until shortly before they expire.

Sign-in uses azure-identity's synchronous credentials, each call in its own thread: on the event
loop one sign-in would stop all other tenants (Azure CLI starts a process for each token), and the
asynchronous credentials need aiohttp (measured on azure-identity 1.27).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from graphpolicy.graph.addresses import CLOUDS
from graphpolicy.graph.connection import NOTHING, Connection, chosen, resolved
from graphpolicy.graph.credentials import Assertion, check_needs, credential
from graphpolicy.graph.failures import SignInError
from graphpolicy.graph.kept_sign_ins import KeptSignIns
from graphpolicy.graph.personal_sign_in import PersonalSignIn
from graphpolicy.graph.refused_sign_in import sign_in_refused, too_little
from graphpolicy.graph.tokens import lacking, refuse_other_tenant, token_claims
from graphpolicy.graph.variables import TITLES
from graphpolicy.model import Cloud, Tenant

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

SIGN_IN_SECONDS = 90.0
"""Seconds that a sign-in without a person may take, including azure-identity's own retries."""

NOBODY = "neither the environment nor Azure CLI has a sign-in"
EVERY_TENANT = "every tenant"
BY_PERSON = ("", "AADSTS65004", "AADSTS70017", "AADSTS70020")
"""Refusals by the person, who declined or did not finish: they hold for every tenant."""

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
        self._kept = KeptSignIns(connection) if connection.keeps else None
        self._person = PersonalSignIn(connection, say, context, self._kept)
        self._credentials: dict[tuple[Cloud, str], TokenCredential] = {}
        self._retired: list[TokenCredential] = []
        self._tokens: dict[tuple[str, str], AccessToken] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._way = resolved(connection)
        self._open = connection.auth == "auto" and self._way == ("cli", NOTHING)
        self._deciding = asyncio.Lock()
        self._refusals: dict[str, SignInError] = {}
        self._at_once = asyncio.Semaphore(8)
        self._one_by_one = asyncio.Semaphore(1)

    @property
    def _interactive(self) -> bool:
        return self._way[0] in ("browser", "device-code")

    @property
    def chosen(self) -> tuple[str, str]:
        """The title of the sign-in method and the reason for it, as far as it is decided."""
        if self._connection.access_token is not None:
            return chosen(self._connection)
        return TITLES[self._way[0]], self._way[1]

    @property
    def account(self) -> str:
        """How a person's sign-in is kept, in words; '' for methods without a person."""
        personal = self._interactive and self._connection.access_token is None
        return self._person.kept_words() if personal else ""

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
        if self._connection.access_token or self._way[0] != "github":
            return None
        check_needs(self._connection, "github")
        assertion = Assertion(self._connection, CLOUDS[tenant.cloud].audience, self._context)
        return token_claims(await self._in_time(assertion))

    def claims(self, tenant: Tenant, scope: str) -> Mapping[str, Any]:
        """What the tenant's token of this run says; nothing before there is one."""
        ready, kept = self._connection.access_token, self._tokens.get((tenant.id, scope))
        return token_claims(ready.reveal() if ready else kept.token if kept else "")

    def renew(self, tenant: Tenant) -> bool:
        """Forget this tenant's token and credential; False if a new one is not possible."""
        if self._connection.access_token is not None or self._interactive:
            return False
        self._tokens = {key: kept for key, kept in self._tokens.items() if key[0] != tenant.id}
        retired = self._credentials.pop((tenant.cloud, self._way[0]), None)
        if retired is not None:
            self._retired.append(retired)
        return True

    def forget(self, tenant: Tenant) -> None:
        """Drop the tokens of a tenant that is done with."""
        self._tokens = {key: kept for key, kept in self._tokens.items() if key[0] != tenant.id}
        self._turns.pop(tenant.id, None)

    def close(self) -> None:
        """Close what the credentials opened."""
        self._person.close()
        for made in (*self._credentials.values(), *self._retired):
            made.close()  # type: ignore[attr-defined]  # every azure-identity credential has it

    async def log_in(self, tenant: Tenant, scope: str) -> AccessToken:
        """A token after a person was asked, even if a sign-in is kept."""
        async with self._one_by_one:
            asking = partial(self._person.token, self._way[0], tenant, scope, ask_again=True)
            made = await self._in_time(partial(self._told, tenant, asking))
        refuse_other_tenant(made.token, tenant)
        self._tokens[tenant.id, scope] = made
        return made

    async def _ask(self, tenant: Tenant, scope: str, claims: str | None) -> AccessToken:
        if self._open:
            async with self._deciding:
                if self._open and (found := await self._decide(tenant, scope)):
                    return found
        if self._interactive:
            async with self._one_by_one:
                asking = partial(self._person.token, self._way[0], tenant, scope, claims=claims)
                return await self._once(tenant, partial(self._told, tenant, asking))
        return await self._from(self._way[0], tenant, scope, claims)

    async def _once(self, tenant: Tenant, asking: Callable[[], AccessToken]) -> AccessToken:
        """What a person answers; a person who said no to one request is not asked again for the
        next.
        """
        for key in (tenant.id, EVERY_TENANT):
            if key in self._refusals:
                raise self._refusals[key]
        try:
            return await self._in_time(asking)
        except SignInError as problem:
            self._refusals[EVERY_TENANT if problem.code in BY_PERSON else tenant.id] = problem
            raise

    async def _decide(self, tenant: Tenant, scope: str) -> AccessToken | None:
        """Choose the method of `auto` if no variable names one; the token if that is Azure CLI's.

        A person's kept sign-in comes first, then Azure CLI if its token suffices, then a person at
        a terminal.
        """
        connection = self._connection
        kept = self._kept.account(tenant) if self._kept else None
        if kept and kept.tenant == tenant.id and self._kept and self._kept.options():
            self._way, self._open = ("browser", f"the sign-in of {kept.username} is kept"), False
            return None
        why: SignInError | None = None
        try:
            found = await self._from("cli", tenant, scope, None)
            missing = lacking(connection.needs, found.token)
        except SignInError as problem:
            why, missing = problem, ()
        if why is None and not missing:
            self._open = False
            return found
        if not connection.terminal:
            raise why or too_little(missing, found.token)
        said = f"Azure CLI's token lacks {' and '.join(missing)}" if missing else NOBODY
        self._way, self._open = ("browser", said), False
        return None

    async def _from(self, auth: str, tenant: Tenant, scope: str, claims: str | None) -> AccessToken:
        """A token of a sign-in method that asks nobody."""
        async with self._at_once:
            key = (tenant.cloud, auth)
            made = self._credentials.get(key)
            if made is None:
                arguments = (self._connection, tenant, self._say, self._context)
                made = self._told(tenant, partial(credential, *arguments, auth=auth))
                self._credentials[key] = made
            options: dict[str, Any] = {"claims": claims, "enable_cae": True}
            ask = partial(made.get_token, scope, tenant_id=tenant.id or None, **options)
            return await self._in_time(partial(self._told, tenant, ask))

    async def _in_time(self, call: Callable[[], T]) -> T:
        """`call` in a thread, with a time limit unless it waits for a person."""
        try:
            async with asyncio.timeout(None if self._interactive else SIGN_IN_SECONDS):
                return await _in_thread(call)
        except TimeoutError as problem:
            how, why = self.chosen
            raise SignInError(
                f"sign-in by {how} got no answer within {SIGN_IN_SECONDS:.0f} s",
                "check the network, the proxy (HTTPS_PROXY) and AZURE_AUTHORITY_HOST if it is "
                f"set; {how} was used because {why}",
            ) from problem

    def _told(self, tenant: Tenant, call: Callable[[], T]) -> T:
        """`call`, with its failure as `SignInError`, not chained: azure's holds the secret."""
        try:
            return call()
        except SignInError:
            raise
        except Exception as problem:  # noqa: BLE001  # azure-identity raises many kinds
            refused = sign_in_refused(*self.chosen, problem, self._connection, tenant)
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
