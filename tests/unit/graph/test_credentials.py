"""Signing in, each way against a fake Entra over real TLS where that is possible."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import logging
import stat
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import azure.identity
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphpolicy.graph import credentials
from graphpolicy.graph.connection import Connection, connection
from graphpolicy.graph.credentials import Assertion, SignIn, credential, token_tenant
from graphpolicy.graph.errors import GraphFailure, SignInFailure
from graphpolicy.graph.session import open_session, tls
from graphpolicy.model import Json, Tenant

Serve: TypeAlias = Callable[..., str]
Jwt: TypeAlias = Callable[..., str]

CONTOSO = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
FABRIKAM = Tenant("fabrikam", "99999999-2222-4333-8444-555555555555")
APP = "aaaaaaaa-2222-4333-8444-555555555555"
SCOPE = "https://graph.microsoft.com/.default"


@dataclass
class Entra:
    """A fake of Entra's token endpoints and of GitHub's, on this machine."""

    jwt: Jwt
    url: str = ""
    github: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    assertions: list[Mapping[str, str]] = field(default_factory=list)
    failures: list[Response] = field(default_factory=list)
    github_failures: list[Response] = field(default_factory=list)
    lifetime: int = 3600

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self.discovery),
                Route("/{tenant}/oauth2/v2.0/token", self.token, methods=["POST"]),
                Route("/{tenant}/oauth2/v2.0/devicecode", self.device, methods=["POST"]),
            ]
        )

    async def discovery(self, request: Request) -> Response:
        home = f"{self.url}/{request.path_params['tenant']}"
        return JSONResponse(
            {
                "issuer": f"{home}/v2.0",
                "authorization_endpoint": f"{home}/oauth2/v2.0/authorize",
                "token_endpoint": f"{home}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{home}/oauth2/v2.0/devicecode",
            }
        )

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        tenant = request.path_params["tenant"]
        self.asked.append({"tenant": tenant, **form})
        if self.failures:
            return self.failures.pop(0)
        info = base64.urlsafe_b64encode(json.dumps({"uid": "u", "utid": tenant}).encode()).decode()
        return JSONResponse(
            {
                "token_type": "Bearer",
                "expires_in": self.lifetime,
                "access_token": self.jwt(tid=tenant, n=len(self.asked)),
                "id_token": self.jwt(
                    tid=tenant,
                    sub="s",
                    oid="o",
                    aud=APP,
                    iss=f"{self.url}/{tenant}/v2.0",
                    exp=time.time() + 3600,
                    preferred_username="a@b",
                ),
                "client_info": info.rstrip("="),
            }
        )

    async def device(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "user_code": "ABCD",
                "device_code": "d",
                "verification_uri": "https://microsoft.com/devicelogin",
                "expires_in": 900,
                "interval": 1,
                "message": "m",
            }
        )

    async def assertion(self, request: Request) -> Response:
        self.assertions.append({**request.query_params, **request.headers})
        if self.github_failures:
            return self.github_failures.pop(0)
        value = self.jwt(sub="repo:o/r", exp=time.time() + 300, n=len(self.assertions))
        return JSONResponse({"value": value})


@pytest.fixture(scope="session")
def authority_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate authority of our own, and a server's key and certificate signed by it."""
    folder = tmp_path_factory.mktemp("tls")

    def make(
        name: str, issuer: tuple[x509.Name, rsa.RSAPrivateKey] | None
    ) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        by, signer = issuer or (subject, key)
        now = datetime.now(UTC)
        here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(by)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
            .add_extension(x509.SubjectAlternativeName(here), False)
            .sign(signer, hashes.SHA256())
        )
        return made, key

    ca, ca_key = make("test authority", None)
    leaf, leaf_key = make("127.0.0.1", (ca.subject, ca_key))
    pem = serialization.Encoding.PEM
    root, server = folder / "ca.pem", folder / "server.pem"
    root.write_bytes(ca.public_bytes(pem))
    server.write_bytes(
        leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(pem)
    )
    return root, server


@pytest.fixture
def entra(serve: Serve, jwt: Jwt, authority_files: tuple[Path, Path]) -> Entra:
    fake = Entra(jwt)
    fake.url = serve(fake.app(), authority_files[1])
    fake.github = serve(Starlette(routes=[Route("/token", fake.assertion)]))
    return fake


@pytest.fixture
def variables(entra: Entra, authority_files: tuple[Path, Path]) -> dict[str, str]:
    return {
        "AZURE_AUTHORITY_HOST": entra.url,
        "SSL_CERT_FILE": str(authority_files[0]),
        "AZURE_CLIENT_ID": APP,
    }


@pytest.fixture
def github(entra: Entra, variables: dict[str, str]) -> dict[str, str]:
    return {
        **variables,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{entra.github}/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
    }


def sign_in(
    made: Connection,
    ask: Callable[[SignIn], Awaitable[Any]],
    said: list[str] | None = None,
) -> Any:
    async def go() -> Any:
        signing = SignIn(made, (said if said is not None else []).append, tls(made))
        try:
            return await ask(signing)
        finally:
            signing.close()

    return asyncio.run(go())


def one(signing: SignIn) -> Awaitable[str]:
    return signing.token(CONTOSO, SCOPE)


PIPELINE = {
    "SYSTEM_OIDCREQUESTURI": "https://dev.azure.com/x",
    "SYSTEM_ACCESSTOKEN": "t",
    "AZURESUBSCRIPTION_CLIENT_ID": APP,
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "s",
}


@pytest.mark.parametrize(
    ("extra", "auth", "expected"),
    [
        ({}, "auto", "AzureCliCredential"),
        ({}, "cli", "AzureCliCredential"),
        ({}, "browser", "InteractiveBrowserCredential"),
        ({}, "device-code", "DeviceCodeCredential"),
        ({}, "managed", "ManagedIdentityCredential"),
        ({"IDENTITY_ENDPOINT": "http://x"}, "auto", "ManagedIdentityCredential"),
        (PIPELINE, "auto", "AzurePipelinesCredential"),
        ({"ARM_CLIENT_ID": APP, "ARM_CLIENT_SECRET": "s"}, "auto", "ClientSecretCredential"),
        (
            {"AZURE_CLIENT_ID": APP, "AZURE_FEDERATED_TOKEN_FILE": "f"},
            "auto",
            "WorkloadIdentityCredential",
        ),
        (
            {
                "AZURE_CLIENT_ID": APP,
                "ACTIONS_ID_TOKEN_REQUEST_URL": "https://x",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
            },
            "auto",
            "ClientAssertionCredential",
        ),
    ],
)
def test_each_way_has_its_credential(extra: dict[str, str], auth: str, expected: str) -> None:
    made = connection(extra, auth)
    chosen = credential(made, CONTOSO, lambda _: None, tls(made))
    assert type(chosen) is getattr(azure.identity, expected)
    chosen.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("auth", "needed"),
    [
        ("github", "ACTIONS_ID_TOKEN_REQUEST_URL"),
        ("secret", "AZURE_CLIENT_SECRET and AZURE_CLIENT_ID"),
        ("azure-pipelines", "SYSTEM_OIDCREQUESTURI"),
    ],
)
def test_a_way_whose_variables_are_not_set_says_which(auth: str, needed: str) -> None:
    with pytest.raises(SignInFailure, match=needed) as failed:
        sign_in(connection({}, auth), one)
    assert failed.value.exit_code == 4
    assert failed.value.help


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
    with pytest.raises(SignInFailure, match="GitHub answered 500"):
        Assertion(made, "api://x", tls(made), sleep=waits.append)()


@pytest.mark.parametrize(
    "answer", [Response(status_code=403), Response("{}"), Response("no"), Response('{"value":1}')]
)
def test_a_job_without_the_permission_is_told_which(
    answer: Response, entra: Entra, github: dict[str, str]
) -> None:
    entra.github_failures = [answer]
    with pytest.raises(SignInFailure) as failed:
        sign_in(connection(github), one)
    assert "id-token: write" in failed.value.help
    assert "request-token" not in f"{failed.value} {failed.value.help}"


def test_github_that_does_not_answer_is_a_sign_in_failure(github: dict[str, str]) -> None:
    made = connection({**github, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/"})
    with pytest.raises(SignInFailure, match="did not answer"):
        Assertion(made, "x", tls(made), sleep=lambda _: None)()
    plain = connection({**github, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://vstoken.example/"})
    with pytest.raises(SignInFailure, match="not an https address"):
        Assertion(plain, "x", tls(plain))()


def test_a_client_secret_over_tls(entra: Entra, variables: dict[str, str]) -> None:
    made = connection({**variables, "AZURE_CLIENT_SECRET": "s3cret"})
    assert token_tenant(sign_in(made, one)) == CONTOSO.id
    assert entra.asked[0]["client_secret"] == "s3cret"


def test_a_certificate_over_tls(
    entra: Entra, variables: dict[str, str], authority_files: tuple[Path, Path]
) -> None:
    made = connection({**variables, "AZURE_CLIENT_CERTIFICATE_PATH": str(authority_files[1])})
    assert token_tenant(sign_in(made, one)) == CONTOSO.id
    assert "client_assertion" in entra.asked[0]


def test_a_federated_token_file_over_tls(
    entra: Entra, variables: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("proof", encoding="ascii")
    made = connection({**variables, "AZURE_FEDERATED_TOKEN_FILE": str(file)})
    assert token_tenant(sign_in(made, one)) == CONTOSO.id
    assert entra.asked[0]["client_assertion"] == "proof"


def test_a_device_code_is_told_to_the_person(entra: Entra, variables: dict[str, str]) -> None:
    said: list[str] = []
    token = sign_in(connection(variables, "device-code"), one, said)
    assert token_tenant(token) == CONTOSO.id
    assert said == ["open https://microsoft.com/devicelogin and enter ABCD"]


def test_a_session_tells_people_what_their_sign_in_asks_of_them(
    entra: Entra, variables: dict[str, str]
) -> None:
    said: list[str] = []

    async def go() -> str | None:
        async with open_session(connection(variables, "device-code"), said.append) as session:
            return await session.tenant(CONTOSO).token_tenant()

    assert asyncio.run(go()) == CONTOSO.id
    assert said == ["open https://microsoft.com/devicelogin and enter ABCD"]


def test_a_proxy_is_used_and_closed(
    entra: Entra, variables: dict[str, str], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RequestsTransport, "sleep", lambda *_: None)
    monkeypatch.setenv("HTTPS_PROXY", serve(Starlette()))
    monkeypatch.setenv("NO_PROXY", "elsewhere.example")
    with pytest.raises(SignInFailure, match=r"(?i)proxy"):
        sign_in(connection({**variables, "AZURE_CLIENT_SECRET": "s"}), one)
    assert entra.asked == []


def test_the_browser_is_announced() -> None:
    said: list[str] = []
    made = connection({}, "browser")
    credential(made, CONTOSO, said.append, tls(made)).close()  # type: ignore[attr-defined]
    assert said == ["opening the browser to sign in"]


REFUSED = {
    "error": "invalid_client",
    "error_description": "AADSTS7000215: Invalid client secret provided. Trace ID: "
    "0a1b2c3d-0000-4000-8000-000000000000 Correlation ID: x Timestamp: y",
}


@pytest.mark.parametrize("way", ["secret", "github"])
def test_entras_refusal_reaches_people_in_both_libraries_spellings(
    way: str,
    entra: Entra,
    github: dict[str, str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    entra.failures = [JSONResponse(REFUSED, 401)]
    made = connection({**github, "AZURE_CLIENT_SECRET": "s3cret"}, way)
    with pytest.raises(SignInFailure) as failed:
        sign_in(made, one)
    assert failed.value.code == "AADSTS7000215"
    assert failed.value.message == "Invalid client secret provided"
    assert failed.value.request_id == "0a1b2c3d-0000-4000-8000-000000000000"
    assert "s3cret" not in f"{failed.value} {failed.value.help} {failed.value.message}"
    assert capfd.readouterr() == ("", ""), "the libraries' own logging reached the terminal"


def test_an_unknown_certificate_of_entra_is_a_sign_in_failure(
    entra: Entra, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RequestsTransport, "sleep", lambda *_: None)
    del variables["SSL_CERT_FILE"]
    with pytest.raises(SignInFailure, match=r"(?i)certificate"):
        sign_in(connection({**variables, "AZURE_CLIENT_SECRET": "s"}), one)


def test_a_token_near_its_end_is_not_handed_out_again(
    entra: Entra, variables: dict[str, str]
) -> None:
    async def twice(signing: SignIn) -> tuple[str, str]:
        return await one(signing), await one(signing)

    made = connection({**variables, "AZURE_CLIENT_SECRET": "s"})
    first, second = sign_in(made, twice)
    assert first == second
    entra.lifetime = 200
    entra.asked.clear()
    first, second = sign_in(made, twice)
    assert first != second


def test_a_claims_challenge_takes_a_new_token(entra: Entra, variables: dict[str, str]) -> None:
    async def challenged(signing: SignIn) -> tuple[str, str, str]:
        challenge = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
        first = await one(signing)
        second = await signing.bearer(CONTOSO).get_token(SCOPE, claims=challenge, enable_cae=True)
        return first, second.token, await one(signing)

    made = connection({**variables, "AZURE_CLIENT_SECRET": "s"})
    first, second, third = sign_in(made, challenged)
    assert first != second == third
    assert "essential" in entra.asked[-1]["claims"]


def test_a_token_for_another_tenant_is_refused(
    entra: Entra, variables: dict[str, str], jwt: Jwt
) -> None:
    entra.failures = [
        JSONResponse({"access_token": jwt(tid=FABRIKAM.id), "expires_in": 3600, "token_type": "B"})
    ]
    made = connection({**variables, "AZURE_CLIENT_SECRET": "s"})
    with pytest.raises(SignInFailure, match="nothing was sent") as failed:
        sign_in(made, one)
    assert f"az login --tenant {CONTOSO.id}" in failed.value.help


def test_after_a_401_one_new_token_is_tried(
    entra: Entra, variables: dict[str, str], serve: Serve
) -> None:
    tokens: list[str] = []

    async def graph(request: Request) -> Response:
        tokens.append(request.headers["authorization"])
        return JSONResponse({}, 200 if len(tokens) == 2 else 401)

    root = serve(Starlette(routes=[Route("/{path:path}", graph)]))
    made = connection({**variables, "AZURE_CLIENT_SECRET": "s", "GRAPHPOLICY_GRAPH_URL": root})

    async def go() -> Json:
        async with open_session(made, lambda _: None) as session:
            known = session.tenant(CONTOSO)
            assert await known.get("v1.0", "/a") == {}
            with pytest.raises(GraphFailure):
                await known.get("v1.0", "/b")

    asyncio.run(go())
    assert len(tokens) == 4
    assert len(set(tokens)) == 3
    assert len(entra.asked) == 3


def test_a_challenged_request_is_repeated_by_the_sdk_with_the_claims(
    entra: Entra, variables: dict[str, str], serve: Serve
) -> None:
    heard: list[str] = []
    claims = base64.b64encode(b'{"access_token":{"nbf":{"value":"1"}}}').decode()

    async def graph(request: Request) -> Response:
        heard.append(request.headers["authorization"])
        challenge = f'Bearer error="insufficient_claims", claims="{claims}"'
        if len(heard) == 1:
            return JSONResponse({}, 401, headers={"WWW-Authenticate": challenge})
        return Response(status_code=204)

    root = serve(Starlette(routes=[Route("/{path:path}", graph, methods=["PATCH"])]))
    made = connection({**variables, "AZURE_CLIENT_SECRET": "s", "GRAPHPOLICY_GRAPH_URL": root})

    async def body() -> dict[str, int]:
        return {"x": 1}

    async def go() -> int:
        async with open_session(made, lambda _: None) as session:
            return (await session.tenant(CONTOSO).patch("v1.0", "/a", body)).status

    assert asyncio.run(go()) == 204
    assert len(set(heard)) == 2
    assert "nbf" in entra.asked[-1]["claims"]


def test_people_and_ready_tokens_are_not_asked_for_another(jwt: Jwt) -> None:
    async def renewed(signing: SignIn) -> bool:
        return signing.renew(CONTOSO)

    assert sign_in(connection({}), renewed)
    assert not sign_in(connection({}, "device-code"), renewed)
    assert not sign_in(connection({"GRAPHPOLICY_ACCESS_TOKEN": "t"}), renewed)


@pytest.mark.skipif(sys.platform == "win32", reason="the fake az is a shell script")
def test_azure_cli_is_started_once_for_each_tenant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jwt: Jwt
) -> None:
    answer = {"accessToken": jwt(tid=CONTOSO.id), "expires_on": int(time.time()) + 3600}
    az = tmp_path / "az"
    log = tmp_path / "log"
    az.write_text(f"#!/bin/sh\necho \"$@\" >> {log}\necho '{json.dumps(answer)}'\n")
    az.chmod(az.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    async def several(signing: SignIn) -> set[str]:
        return set(await asyncio.gather(*(one(signing) for _ in range(5))))

    assert sign_in(connection({}), several) == {answer["accessToken"]}
    (line,) = log.read_text().splitlines()
    assert f"--tenant {CONTOSO.id}" in line
    with pytest.raises(SignInFailure, match="the file is for fabrikam"):
        sign_in(connection({}), lambda signing: signing.token(FABRIKAM, SCOPE))


def test_without_azure_cli_people_learn_why_it_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SignInFailure, match="Azure CLI not found on path") as failed:
        sign_in(connection({}), one)
    assert failed.value.help.startswith("Azure CLI was taken because no variable names another way")


def test_a_sign_in_that_hangs_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while a person looks for the device code: the thread is left behind."""
    found, ended = threading.Event(), threading.Semaphore(0)

    class Hanging:
        def get_token(self, *_scopes: str, **_options: object) -> None:
            found.wait(60)
            ended.release()
            raise ClientAuthenticationError("late")

        def close(self) -> None:
            pass

    monkeypatch.setattr(credentials, "credential", lambda *_: Hanging())

    async def impatient(signing: SignIn) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await one(signing)

    sign_in(connection({}), impatient)
    assert not ended.acquire(blocking=False)

    async def then_something_else(signing: SignIn) -> None:
        await impatient(signing)
        found.set()
        await asyncio.to_thread(ended.acquire)
        await asyncio.to_thread(ended.acquire)
        await asyncio.sleep(0.05)

    sign_in(connection({}), then_something_else)  # and the late answers disturb nobody


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.!!.c", "a.W10.c", "a.eyJ0aWQiOjF9.c"])
def test_an_opaque_token_has_no_tenant(token: str) -> None:
    assert token_tenant(token) is None


def test_the_libraries_loggers_are_quiet_without_being_switched_off() -> None:
    made = connection({})
    credential(made, CONTOSO, lambda _: None, tls(made))
    assert not logging.getLogger("azure").propagate
