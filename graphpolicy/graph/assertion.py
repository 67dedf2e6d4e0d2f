"""Federated sign-in from GitHub Actions: the job's OIDC token, which Entra accepts as a client
assertion (GitHub's page "OpenID Connect reference")."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable

from graphpolicy.graph import variables
from graphpolicy.graph.clouds import LOOPBACK
from graphpolicy.graph.connection import Connection
from graphpolicy.graph.errors import SignInError
from graphpolicy.graph.proxies import proxy_for
from graphpolicy.graph.tokens import token_claims


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
