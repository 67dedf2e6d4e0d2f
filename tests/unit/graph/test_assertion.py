"""GitHub's federation, over real TLS."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import Response

from graphpolicy.graph.client import tls
from graphpolicy.graph.connection import connection
from graphpolicy.graph.credentials import Assertion
from graphpolicy.graph.failures import SignInError
from graphpolicy.graph.sign_in import SignIn
from graphpolicy.graph.tokens import token_tenant
from graphpolicy.model import Tenant
from tests.unit.graph.entra import APP, CONTOSO, FABRIKAM, SCOPE, Entra, one, sign_in


def test_github_federation_over_tls(entra: Entra, github: dict[str, str]) -> None:
    async def several(signing: SignIn) -> list[str]:
        return await asyncio.gather(
            *(signing.token(tenant, SCOPE) for tenant in (CONTOSO, FABRIKAM) * 3)
        )

    tokens = sign_in(connection(github), several)
    assert {token_tenant(token) for token in tokens} == {CONTOSO.id, FABRIKAM.id}
    assert len(entra.asked) == 2, "one token for each tenant"
    assert len(entra.assertions) == 1, "one assertion for all"
    assert entra.assertions[0]["audience"] == "api://AzureADTokenExchange"
    assert entra.assertions[0]["api-version"] == "2.0"
    assert entra.assertions[0]["authorization"] == "Bearer request-token"
    assert entra.asked[0]["client_id"] == APP
    assert entra.asked[0]["scope"] == SCOPE
    assert token_tenant(entra.asked[0]["client_assertion"]) is None


def test_the_assertion_is_for_the_clouds_own_exchange(entra: Entra, github: dict[str, str]) -> None:
    tenant = Tenant("gov", CONTOSO.id, "usgov")
    sign_in(connection(github), lambda signing: signing.token(tenant, SCOPE))
    assert entra.assertions[0]["audience"] == "api://AzureADTokenExchangeUSGov"


def test_github_is_asked_again_after_a_failure_of_its_own(
    entra: Entra, github: dict[str, str]
) -> None:
    made = connection(github)
    waits: list[float] = []
    entra.github_failures = [Response(status_code=500), Response(status_code=503)]
    assertion = Assertion(made, "api://x", tls(made), sleep=waits.append)
    assert assertion() == assertion()
    assert waits == [1.0, 3.0]
    entra.github_failures = [Response(status_code=500)] * 3
    with pytest.raises(SignInError, match="GitHub answered 500"):
        Assertion(made, "api://x", tls(made), sleep=waits.append)()


@pytest.mark.parametrize(
    "answer", [Response(status_code=403), Response("{}"), Response("no"), Response('{"value":1}')]
)
def test_a_job_without_the_permission_is_told_which(
    answer: Response, entra: Entra, github: dict[str, str]
) -> None:
    entra.github_failures = [answer]
    with pytest.raises(SignInError) as failed:
        sign_in(connection(github), one)
    assert "id-token: write" in failed.value.help
    assert "request-token" not in f"{failed.value} {failed.value.help}"


def test_github_that_does_not_answer_is_a_sign_in_failure(github: dict[str, str]) -> None:
    made = connection({**github, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/"})
    with pytest.raises(SignInError, match="did not answer"):
        Assertion(made, "x", tls(made), sleep=lambda _: None)()
    plain = connection({**github, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://vstoken.example/"})
    with pytest.raises(SignInError, match="not an https address"):
        Assertion(plain, "x", tls(plain))()
