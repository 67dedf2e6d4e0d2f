"""The azure-identity credential for each sign-in method.

Never DefaultAzureCredential: it waits for services that do not exist, and hides which method it
chose.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from graphpolicy.graph import variables
from graphpolicy.graph.addresses import CLOUDS, LOOPBACK, proxy_for
from graphpolicy.graph.connection import Connection, authority, foreign_authority, resolved
from graphpolicy.graph.failures import SignInError
from graphpolicy.graph.tokens import token_claims
from graphpolicy.graph.variables import NEEDS, TITLES
from graphpolicy.model import Tenant

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


class Assertion:
    """Returns the job's OIDC token when called; fetches a new one a minute before it expires.

    Raises:
        SignInError: GitHub gave no token.
    """

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
        try:
            url = httpx.URL(connection.variable(variables.REQUEST_URL) or "")
        except httpx.InvalidURL:
            url = httpx.URL("")
        if url.scheme != "https" and url.host not in LOOPBACK:
            raise SignInError(
                "ACTIONS_ID_TOKEN_REQUEST_URL is not an https address",
                "GitHub Actions sets it: remove the line that overrides it",
            )
        asked = url.copy_merge_params({"audience": self._audience})
        proxy = proxy_for(str(url), self._context)
        proof = {"Authorization": f"Bearer {connection.variable(variables.REQUEST_TOKEN)}"}
        with httpx.Client(verify=self._context, timeout=15, proxy=proxy, trust_env=False) as client:
            waits = iter((1.0, 3.0))
            while True:
                try:
                    answer = client.get(asked, headers=proof)
                    if answer.status_code < 500 and answer.status_code != 429:
                        break
                    failed = f"GitHub answered {answer.status_code}"
                except httpx.RequestError as problem:
                    failed = f"GitHub did not answer ({type(problem).__name__})"
                wait = next(waits, None)
                if wait is None:
                    text = f"GitHub gave no OIDC token for this job: {failed}"
                    raise SignInError(text, "run the job again")
                self._sleep(wait)
        value = _value(answer.content) if answer.status_code == 200 else None
        if value is None:
            raise SignInError(
                f"GitHub gave no OIDC token for this job: it answered {answer.status_code}",
                "the job needs `permissions: id-token: write`",
            )
        return value


def _value(body: bytes) -> str | None:
    try:
        value = json.loads(body)["value"]
    except (ValueError, KeyError, TypeError):
        return None
    return value if isinstance(value, str) else None


BROWSER_SECONDS = 300
"""How long a person may take in the browser."""


def client_of(connection: Connection) -> str:
    """The app through which a person signs in."""
    return connection.variable(variables.CLIENT_ID) or variables.GRAPH_TOOLS


def credential(
    connection: Connection,
    tenant: Tenant,
    say: Callable[[str], None],
    context: ssl.SSLContext,
    *,
    auth: str = "",
    person: Mapping[str, Any] | None = None,
) -> TokenCredential:
    """The azure-identity credential of a sign-in method, for the tenant's cloud.

    It can get tokens for other tenants of that cloud, too. A person's never asks by itself: without
    a kept token it raises azure-identity's AuthenticationRequiredError. `person` are its options.

    Raises:
        SignInError: a variable that the method needs is not set.
    """
    from azure import identity

    _hush()
    auth = auth or resolved(connection)[0]
    tenant_id = tenant.id or connection.variable(variables.TENANT_ID) or ""
    check_needs(connection, auth)
    cloud = CLOUDS[tenant.cloud]
    home = authority(connection, tenant.cloud)
    local = auth == "managed" or urlsplit(home).hostname in LOOPBACK
    web: dict[str, Any] = {
        "retry_total": 3,
        "connection_timeout": 15,
        "read_timeout": 30,
        "transport": _transport(context, local=local),
    }
    many: dict[str, Any] = {"additionally_allowed_tenants": ["*"]}
    entra = {**web, **many, "authority": home}
    msal = {**entra, "disable_instance_discovery": foreign_authority(connection)}
    client_id = connection.variable(variables.CLIENT_ID) or ""
    match auth:
        case "github":
            assertion = Assertion(connection, cloud.audience, context)
            return identity.ClientAssertionCredential(tenant_id, client_id, assertion, **entra)
        case "azure-pipelines":
            return identity.AzurePipelinesCredential(
                tenant_id=tenant_id,
                client_id=connection.variable(variables.PIPELINE_CLIENT) or "",
                service_connection_id=connection.variable(variables.SERVICE_CONNECTION) or "",
                system_access_token=connection.variable(variables.PIPELINE_TOKEN) or "",
                **entra,
            )
        case "workload":
            return identity.WorkloadIdentityCredential(
                tenant_id=tenant_id,
                client_id=client_id,
                token_file_path=connection.variable(variables.TOKEN_FILE),
                **entra,
            )
        case "certificate":
            return identity.CertificateCredential(
                tenant_id,
                client_id,
                connection.variable(variables.CERTIFICATE_PATH),
                password=connection.variable(variables.CERTIFICATE_PASSWORD),
                **msal,
            )
        case "secret":
            secret = connection.variable(variables.CLIENT_SECRET) or ""
            return identity.ClientSecretCredential(tenant_id, client_id, secret, **msal)
        case "managed":
            return identity.ManagedIdentityCredential(client_id=client_id or None, **web)
        case "browser" | "device-code":
            asks: dict[str, Any] = {
                **msal,
                "tenant_id": tenant_id or "organizations",
                "client_id": client_of(connection),
                "disable_automatic_authentication": True,
                **(person or {}),
            }
            if asks.get("authentication_record"):  # it says itself where it is from
                del asks["authority"]
            if auth == "browser":
                return identity.InteractiveBrowserCredential(timeout=BROWSER_SECONDS, **asks)
            asks.pop("login_hint", None)
            return identity.DeviceCodeCredential(
                prompt_callback=lambda url, code, _end: say(f"open {url} and enter {code}"), **asks
            )
        case _:
            return identity.AzureCliCredential(tenant_id=tenant_id, process_timeout=30, **many)


def check_needs(connection: Connection, auth: str) -> None:
    """Raise `SignInError` if a variable that a sign-in method needs is not set."""
    if auth == "managed":
        return  # on a virtual machine the managed identity needs no variable
    missing = [needed[0] for needed in NEEDS.get(auth, ()) if not connection.variable(needed)]
    if missing:
        raise SignInError(
            f"{TITLES[auth]} needs {' and '.join(missing)}, "
            f"{'which is' if len(missing) == 1 else 'which are'} not set",
            "in GitHub Actions the job needs `permissions: id-token: write`"
            if missing[0] in variables.REQUEST_URL
            else f"set {' and '.join(missing)}, or choose another sign-in method with --auth",
        )


def _hush() -> None:
    """Keep the libraries' logging off stderr: graphpolicy reports each failure once."""
    for name in ("azure", "msal", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _transport(context: ssl.SSLContext, *, local: bool) -> Any:
    """azure-core's HTTP that trusts the certificates of `context` only; `local` uses no proxy."""
    import requests
    from azure.core.pipeline.transport import RequestsTransport

    class Trusting(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, ssl_context=context, **kwargs)

        def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
            trust = {"ssl_context": context, "proxy_ssl_context": context}
            return super().proxy_manager_for(proxy, **trust, **kwargs)

        def send(self, *args: Any, **kwargs: Any) -> Any:
            """Ignore REQUESTS_CA_BUNDLE as requests reads it: `context` has it already."""
            return super().send(*args, **{**kwargs, "verify": True})

        def cert_verify(self, conn: Any, *_: Any) -> None:
            """Keep certifi's authorities out: requests would add them to `context`."""
            conn.cert_reqs = "CERT_REQUIRED"

        def close(self) -> None:
            """Close the connections now: urllib3 leaves that to the garbage collector."""
            for manager in (self.poolmanager, *self.proxy_manager.values()):
                for key in manager.pools.keys():  # noqa: SIM118  # RecentlyUsedContainer has no iterator
                    manager.pools[key].close()
            super().close()

    session = requests.Session()
    session.trust_env = not local
    session.mount("https://", Trusting())
    return RequestsTransport(session=session)
