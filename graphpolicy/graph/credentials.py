"""Signing in: one azure-identity credential per cloud, and the tokens that it gave, per tenant.

Never DefaultAzureCredential: it probes for machines that are not there and hides what it chose.
The synchronous credentials are used, each call in a thread of its own, because the asynchronous
ones need aiohttp and a sync one on the loop stops every other tenant (measured on azure-identity
1.27). Azure CLI starts a process for every token, so tokens are kept here until shortly before
they expire. GitHub's federation follows GitHub's page "OpenID Connect reference".
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from graphpolicy.graph import connection as names
from graphpolicy.graph.connection import (
    CLOUDS,
    NEEDS,
    TITLES,
    Connection,
    authority,
    chosen,
    foreign_authority,
    resolved,
)
from graphpolicy.graph.errors import SignInFailure, sign_in_refused
from graphpolicy.model import Cloud, Tenant

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

__all__ = ["SignIn", "chosen", "credential", "token_claims", "token_tenant"]

NEARLY_EXPIRED = 300
"""Seconds before its end from which a token is no longer handed out from here."""

GRAPH_TOOLS = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
"""Microsoft Graph Command Line Tools, the public client that Microsoft's own Connect-MgGraph uses;
for people who sign in and have set no AZURE_CLIENT_ID."""

T = TypeVar("T")


class SignIn:
    """The tokens of one run. `say` tells people what a sign-in asks of them, from any thread."""

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
        """The tenant's tokens in the shape that the SDK asks for them."""
        return Bearer(self, tenant)

    async def token(self, tenant: Tenant, scope: str, claims: str | None = None) -> str:
        """A token for `tenant`, and for no other; raises `SignInFailure`."""
        return (await self.access_token(tenant, scope, claims)).token

    async def access_token(
        self, tenant: Tenant, scope: str, claims: str | None = None
    ) -> AccessToken:
        """The same with its end. `claims` are what Graph challenged the last token with."""
        from azure.core.credentials import AccessToken

        if self._connection.access_token is not None:
            text = self._connection.access_token.reveal()
            _refuse_other_tenant(text, tenant)
            return AccessToken(text, int(time.time()) + 3600)
        key = (tenant.id, scope)
        async with self._turns.setdefault(tenant.id, asyncio.Lock()):
            kept = self._tokens.get(key)
            if kept is None or claims is not None or kept.expires_on - time.time() < NEARLY_EXPIRED:
                kept = await self._ask(tenant, scope, claims)
                _refuse_other_tenant(kept.token, tenant)
                self._tokens[key] = kept
            return kept

    async def job_claims(self, tenant: Tenant) -> Mapping[str, Any] | None:
        """What GitHub's token says of this job; None where that is not how to sign in.

        Raises:
            SignInFailure: GitHub gave no token.
        """
        if self._connection.access_token or resolved(self._connection)[0] != "github":
            return None
        _check_needs(self._connection, "github")
        assertion = Assertion(self._connection, CLOUDS[tenant.cloud].audience, self._context)
        return token_claims(await _in_thread(assertion))

    def renew(self, tenant: Tenant) -> bool:
        """Forget this tenant's token and where it came from; False if no new one can be had."""
        if self._connection.access_token is not None or self._interactive:
            return False
        self._tokens = {key: kept for key, kept in self._tokens.items() if key[0] != tenant.id}
        retired = self._credentials.pop(tenant.cloud, None)
        if retired is not None:
            self._retired.append(retired)
        return True

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
            return await _in_thread(partial(self._told, ask))

    def _told(self, call: Callable[[], T]) -> T:
        """`call`, with its failure in our words, unchained: azure's holds connection and secret."""
        try:
            return call()
        except SignInFailure:
            raise
        except Exception as problem:  # noqa: BLE001  # azure-identity raises many kinds
            refused = sign_in_refused(*chosen(self._connection), problem)
        raise refused


class Bearer:
    """One tenant's tokens as kiota's token provider wants them: azure-core's async protocol."""

    def __init__(self, sign_in: SignIn, tenant: Tenant) -> None:
        self._sign_in = sign_in
        self._tenant = tenant

    async def get_token(
        self, *scopes: str, claims: str | None = None, **_options: object
    ) -> AccessToken:
        return await self._sign_in.access_token(self._tenant, scopes[0], claims)


def token_tenant(token: str) -> str | None:
    """The tenant that a token says it is for, unverified; None where it is opaque."""
    claims = token_claims(token)
    tenant = claims.get("tid")
    return tenant if isinstance(tenant, str) and tenant else None


def credential(
    connection: Connection,
    tenant: Tenant,
    say: Callable[[str], None],
    context: ssl.SSLContext,
) -> TokenCredential:
    """The azure-identity credential that `connection` asks for, for the cloud of `tenant`.

    It may be asked for tokens of other tenants of that cloud. Raises `SignInFailure` where a
    variable that it needs is not set.
    """
    from azure import identity

    _hush()
    auth = resolved(connection)[0]
    tenant_id = tenant.id or connection.variable(names.TENANT_ID) or ""
    _check_needs(connection, auth)
    cloud = CLOUDS[tenant.cloud]
    web: dict[str, Any] = {
        "retry_total": 3,
        "connection_timeout": 15,
        "read_timeout": 30,
        "transport": _transport(context),
    }
    many: dict[str, Any] = {"additionally_allowed_tenants": ["*"]}
    entra = {**web, **many, "authority": authority(connection, tenant.cloud)}
    msal = {**entra, "disable_instance_discovery": foreign_authority(connection)}
    client_id = connection.variable(names.CLIENT_ID) or ""
    match auth:
        case "github":
            assertion = Assertion(connection, cloud.audience, context)
            return identity.ClientAssertionCredential(tenant_id, client_id, assertion, **entra)
        case "azure-pipelines":
            return identity.AzurePipelinesCredential(
                tenant_id=tenant_id,
                client_id=connection.variable(names.PIPELINE_CLIENT) or "",
                service_connection_id=connection.variable(names.SERVICE_CONNECTION) or "",
                system_access_token=connection.variable(names.PIPELINE_TOKEN) or "",
                **entra,
            )
        case "workload":
            return identity.WorkloadIdentityCredential(
                tenant_id=tenant_id,
                client_id=client_id,
                token_file_path=connection.variable(names.TOKEN_FILE),
                **entra,
            )
        case "certificate":
            return identity.CertificateCredential(
                tenant_id,
                client_id,
                connection.variable(names.CERTIFICATE_PATH),
                password=connection.variable(names.CERTIFICATE_PASSWORD),
                **msal,
            )
        case "secret":
            secret = connection.variable(names.CLIENT_SECRET) or ""
            return identity.ClientSecretCredential(tenant_id, client_id, secret, **msal)
        case "managed":
            return identity.ManagedIdentityCredential(client_id=client_id or None, **web)
        case "browser":
            say("opening the browser to sign in")
            return identity.InteractiveBrowserCredential(
                tenant_id=tenant_id or "organizations", client_id=client_id or GRAPH_TOOLS, **msal
            )
        case "device-code":
            return identity.DeviceCodeCredential(
                client_id or GRAPH_TOOLS,
                tenant_id=tenant_id or "organizations",
                prompt_callback=lambda url, code, _end: say(f"open {url} and enter {code}"),
                **msal,
            )
        case _:
            return identity.AzureCliCredential(tenant_id=tenant_id, process_timeout=30, **many)


class Assertion:
    """GitHub's proof of which workflow this is, fetched when asked for and kept until it ends."""

    def __init__(
        self,
        connection: Connection,
        audience: str,
        context: ssl.SSLContext,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = connection
        self._audience = audience
        self._context = context
        self._sleep = sleep
        self._turn = threading.Lock()
        self._kept = ""

    def __call__(self) -> str:
        with self._turn:
            end = token_claims(self._kept).get("exp", 0)
            if not isinstance(end, int | float) or end - time.time() < 60:
                self._kept = self._fetch()
            return self._kept

    def _fetch(self) -> str:
        import httpx

        connection = self._connection
        url = httpx.URL(connection.variable(names.REQUEST_URL) or "")
        local = url.host in ("localhost", "127.0.0.1", "::1")
        if url.scheme != "https" and not local:
            raise SignInFailure("ACTIONS_ID_TOKEN_REQUEST_URL is not an https address")
        asked = url.copy_merge_params({"audience": self._audience})
        proof = {"Authorization": f"Bearer {connection.variable(names.REQUEST_TOKEN)}"}
        with httpx.Client(verify=self._context, timeout=15, trust_env=not local) as client:
            waits = iter((1.0, 3.0))
            while True:
                try:
                    answer = client.get(asked, headers=proof)
                    if answer.status_code < 500:
                        break
                    failed = f"GitHub answered {answer.status_code}"
                except httpx.RequestError as problem:
                    failed = f"GitHub did not answer ({type(problem).__name__})"
                wait = next(waits, None)
                if wait is None:
                    text = f"no federation token from GitHub: {failed}"
                    raise SignInFailure(text, "run the job again")
                self._sleep(wait)
        value = _value(answer.content) if answer.status_code == 200 else None
        if value is None:
            raise SignInFailure(
                f"no federation token from GitHub: it answered {answer.status_code}",
                "the job needs `permissions: id-token: write`",
            )
        return value


def _value(body: bytes) -> str | None:
    try:
        value = json.loads(body)["value"]
    except (ValueError, KeyError, TypeError):
        return None
    return value if isinstance(value, str) else None


def token_claims(token: str) -> Mapping[str, Any]:
    """What a JWT says of itself, unverified; nothing where it is opaque."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _refuse_other_tenant(token: str, tenant: Tenant) -> None:
    tid = token_tenant(token)
    if tid is not None and tenant.id and tid.lower() != tenant.id.lower():
        raise SignInFailure(
            f"this token is for tenant {tid}, the file is for {tenant.name} ({tenant.id}): "
            "nothing was sent",
            f"sign in to {tenant.id}, for example `az login --tenant {tenant.id}`, or correct "
            "`tenant: id:` in the file",
        )


def _check_needs(connection: Connection, auth: str) -> None:
    if auth == "managed":
        return  # a virtual machine has one without any variable
    missing = [needed[0] for needed in NEEDS.get(auth, ()) if not connection.variable(needed)]
    if missing:
        raise SignInFailure(
            f"{TITLES[auth]} needs {' and '.join(missing)}, not set",
            "in GitHub Actions the job needs `permissions: id-token: write`"
            if missing[0] in names.REQUEST_URL
            else f"set {' and '.join(missing)}, or sign in another way with --auth",
        )


def _hush() -> None:
    """Keep the libraries' own logging off stderr: failures are told by us, once."""
    for name in ("azure", "msal", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _transport(context: ssl.SSLContext) -> Any:
    """azure-core's HTTP with our trust in certificates in place of certifi's."""
    import requests
    from azure.core.pipeline.transport import RequestsTransport

    class Trusting(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, ssl_context=context, **kwargs)

        def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
            return super().proxy_manager_for(proxy, ssl_context=context, **kwargs)

        def close(self) -> None:
            """Hang up now: urllib3 would leave that to the garbage collector."""
            for manager in (self.poolmanager, *self.proxy_manager.values()):
                for key in manager.pools.keys():  # noqa: SIM118  # it cannot be iterated
                    manager.pools[key].close()
            super().close()

    session = requests.Session()
    session.mount("https://", Trusting())
    return RequestsTransport(session=session)


async def _in_thread(call: Callable[[], T]) -> T:
    """`call` in a daemon thread: one that waits for a person must not hold up Ctrl-C."""
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
        with contextlib.suppress(RuntimeError):  # the loop may be gone: nobody waits any more
            loop.call_soon_threadsafe(settle, value, failed)

    threading.Thread(target=run, name="sign-in", daemon=True).start()
    return await future
