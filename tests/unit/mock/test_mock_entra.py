"""The authority over TLS: who may sign in, with what, and Entra's refusals."""

import base64
import hashlib
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from graphpolicy.mock import (
    DEFAULT_APPLICATION,
    DEFAULT_SECRET,
    DEFAULT_TENANT,
    Application,
    Federated,
    Mock,
    Server,
    serve,
)

SCOPE = "https://graph.microsoft.com/.default"
TOKEN = f"/{DEFAULT_TENANT}/oauth2/v2.0/token"
DEVICE = f"/{DEFAULT_TENANT}/oauth2/v2.0/devicecode"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PROOF = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
POLICY = "/v1.0/policies/authenticationMethodsPolicy"
SECRET = {
    "client_id": DEFAULT_APPLICATION,
    "client_secret": DEFAULT_SECRET,
    "grant_type": "client_credentials",
    "scope": SCOPE,
}


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[Server]:
    with serve() as server:
        yield server


@pytest.fixture
def mock(server: Server) -> Mock:
    server.mock.reset()
    return server.mock


@pytest.fixture
def entra(server: Server, mock: Mock) -> Iterator[httpx.Client]:
    trusted = ssl.create_default_context(cafile=str(server.certificate))
    with httpx.Client(base_url=server.authority, verify=trusted) as client:
        yield client


@pytest.fixture(scope="module", name="certificate")
def _certificate() -> tuple[rsa.RSAPrivateKey, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pipeline")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return key, made.public_bytes(serialization.Encoding.PEM).decode()


def number(answer: httpx.Response) -> int:
    """The AADSTS number of a refusal, whose body must be of Entra's shape."""
    body = answer.json()
    (found,) = body["error_codes"]
    assert body["error_description"].startswith(f"AADSTS{found}: ")
    assert {"error", "timestamp", "trace_id", "correlation_id"} <= body.keys()
    assert answer.status_code in {400, 401}
    return int(found)


def asked(entra: httpx.Client, **changes: str | None) -> httpx.Response:
    form = {name: value for name, value in {**SECRET, **changes}.items() if value is not None}
    return entra.post(TOKEN, data=form)


def test_the_authority_is_trusted_by_its_certificate_alone(server: Server) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(server.authority)


def test_the_configuration_of_a_tenant_leads_to_its_endpoints_and_keys(
    entra: httpx.Client,
) -> None:
    found = entra.get(f"/{DEFAULT_TENANT}/v2.0/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == f"{entra.base_url}{TOKEN}".replace("//1111", "/1111")
    (key,) = entra.get(found["jwks_uri"]).json()["keys"]
    token = asked(entra).json()["access_token"]
    claims = jwt.decode(
        token, jwt.PyJWK.from_dict(key), ["RS256"], audience="https://graph.microsoft.com"
    )
    assert claims["tid"] == DEFAULT_TENANT
    named = entra.get("/contoso.com/v2.0/.well-known/openid-configuration").json()
    assert named["token_endpoint"] == found["token_endpoint"]
    many = entra.get("/organizations/v2.0/.well-known/openid-configuration").json()
    assert "{tenantid}" in many["issuer"]
    missing = entra.get("/fabrikam.com/v2.0/.well-known/openid-configuration")
    assert number(missing) == 90002


def test_instance_discovery_names_this_host(entra: httpx.Client) -> None:
    found = entra.get("/common/discovery/instance", params={"api-version": "1.1"}).json()
    assert found["metadata"][0]["aliases"] == [urlsplit(str(entra.base_url)).netloc]


def test_a_secret_gives_a_token_that_graph_takes(
    entra: httpx.Client, server: Server, mock: Mock
) -> None:
    answer = asked(entra).json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3600
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert httpx.get(server.url + POLICY, headers=bearer).status_code == 200
    mock.advance(3601)
    assert httpx.get(server.url + POLICY, headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"client_secret": "wrong"}, 7000215),
        ({"client_secret": None}, 7000218),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, 700016),
        ({"grant_type": "password"}, 70003),
        ({"scope": "openid"}, 70011),
        ({"scope": "https://graph.microsoft.com/User.Read"}, 70011),
        ({"scope": "https://graph.example.com/.default"}, 500011),
        ({"client_secret": None, "client_assertion_type": PROOF, "client_assertion": "x"}, 50027),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 70000),
        ({"grant_type": DEVICE_GRANT, "device_code": "x"}, 70000),
    ],
)
def test_refusals(entra: httpx.Client, changes: dict[str, str | None], refused: int) -> None:
    assert number(asked(entra, **changes)) == refused


def test_a_slash_too_many_is_part_of_the_resource(entra: httpx.Client, mock: Mock) -> None:
    answer = asked(entra, scope="https://graph.microsoft.com//.default").json()
    assert mock.ask("GET", "/v1.0/groups", token=answer["access_token"]).status == 200


def test_a_token_for_azure_is_given_and_graph_refuses_it(entra: httpx.Client, mock: Mock) -> None:
    """Azure CLI signs in for Azure before it asks Graph."""
    token = asked(entra, scope="https://management.core.windows.net//.default").json()
    claims = jwt.decode(token["access_token"], options={"verify_signature": False})
    assert claims["aud"] == "https://management.core.windows.net"
    assert claims["roles"] == []
    refused = mock.ask("GET", "/v1.0/groups", token=token["access_token"])
    assert refused.status == 401
    assert refused.body["error"]["code"] == "InvalidAuthenticationToken"


def test_a_tenant_that_is_not_there(entra: httpx.Client) -> None:
    answer = entra.post("/33333333-2222-4333-8444-555555555555/oauth2/v2.0/token", data=SECRET)
    assert number(answer) == 90002


def assertion(entra: httpx.Client, key: rsa.RSAPrivateKey, **changes: Any) -> str:
    app, now = DEFAULT_APPLICATION, time.time()
    audience = f"{str(entra.base_url).rstrip('/')}{TOKEN}"
    claims = {"iss": app, "sub": app, "aud": audience, "nbf": now, "exp": now + 600, **changes}
    return jwt.encode(claims, key, "RS256", headers={"x5t": "thumbprint"})


def proved(entra: httpx.Client, proof: str, **changes: str) -> httpx.Response:
    return asked(
        entra, client_secret=None, client_assertion_type=PROOF, client_assertion=proof, **changes
    )


def test_a_certificate_that_is_registered(
    entra: httpx.Client, mock: Mock, certificate: tuple[rsa.RSAPrivateKey, str]
) -> None:
    key, pem = certificate
    assert number(proved(entra, assertion(entra, key))) == 700027
    mock.add_application(
        Application(
            DEFAULT_APPLICATION, "pipeline", roles=("Policy.Read.All",), certificates=(pem,)
        )
    )
    answer = proved(entra, assertion(entra, key))
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert claims["roles"] == ["Policy.Read.All"]
    assert claims["app_displayname"] == "pipeline"
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert number(proved(entra, assertion(entra, stranger))) == 700027
    assert number(proved(entra, assertion(entra, key, aud="elsewhere"))) == 700027
    assert number(proved(entra, assertion(entra, key, sub="other"))) == 700027
    assert number(proved(entra, assertion(entra, key, exp=time.time() - 1))) == 700024
    hashed = jwt.encode({"iss": "x", "exp": time.time() + 60}, "k" * 32, headers={"x5t": "x"})
    assert number(proved(entra, hashed)) == 700027


def job(entra: httpx.Client, mock: Mock, audience: str | None, **options: Any) -> str:
    variables = mock.github_job(**options)
    url = variables["ACTIONS_ID_TOKEN_REQUEST_URL"]
    assert url.startswith(str(entra.base_url))
    wanted = dict(parse_qsl(urlsplit(url).query)) | ({"audience": audience} if audience else {})
    bearer = {"Authorization": f"bearer {variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    answer = entra.get(urlsplit(url).path, params=wanted, headers=bearer)
    value: str = answer.json()["value"]
    return value


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({}, 0),
        ({"environment": "entra-apply"}, 0),
        ({"event": "pull_request", "ref": "refs/pull/1/merge"}, 0),
        ({"ref": "refs/heads/feature"}, 700213),
        ({"environment": "Entra-Apply"}, 700213),
        ({"repository": "evil/policy"}, 700213),
        ({"immutable": True}, 700213),
    ],
)
def test_github_federation_matches_the_subject_to_the_letter(
    entra: httpx.Client, mock: Mock, options: dict[str, Any], refused: int
) -> None:
    answer = proved(entra, job(entra, mock, "api://AzureADTokenExchange", **options))
    if refused:
        assert number(answer) == refused
    else:
        assert answer.status_code == 200


def test_githubs_newer_subject(entra: httpx.Client, mock: Mock) -> None:
    subject = "repo:contoso@5544123/policy@821093847:environment:entra-apply"
    mock.add_application(Application(DEFAULT_APPLICATION, "x", federated=(Federated(subject),)))
    token = job(
        entra, mock, "api://AzureADTokenExchange", immutable=True, environment="entra-apply"
    )
    assert proved(entra, token).status_code == 200


def test_other_federated_assertions_are_refused(entra: httpx.Client, mock: Mock) -> None:
    assert number(proved(entra, job(entra, mock, None))) == 700212
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    good = jwt.decode(
        job(entra, mock, "api://AzureADTokenExchange"), options={"verify_signature": False}
    )
    assert number(proved(entra, jwt.encode(good, key, "RS256"))) == 700211
    assert number(proved(entra, jwt.encode({**good, "iss": "https://x"}, key, "RS256"))) == 700211
    assert number(proved(entra, jwt.encode({**good, "exp": 1}, key, "RS256"))) == 700024


def test_github_answers_to_its_jobs_alone(entra: httpx.Client) -> None:
    assert entra.get("/github/token").status_code == 401
    assert entra.get("/github/token", headers={"Authorization": "bearer x"}).status_code == 401


def test_a_device_waits_for_a_person_and_is_renewed(entra: httpx.Client, mock: Mock) -> None:
    begun = entra.post(DEVICE, data={"client_id": DEFAULT_APPLICATION, "scope": SCOPE}).json()
    poll = {"grant_type": DEVICE_GRANT, "device_code": begun["device_code"]}
    assert number(asked(entra, **poll)) == 70016
    mock.finish_sign_in(begun["user_code"], "policy.admin@contoso.com")
    answer = asked(entra, **poll).json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["upn"] == "policy.admin@contoso.com"
    assert jwt.decode(answer["id_token"], options={"verify_signature": False})["tid"]
    assert number(asked(entra, **poll)) == 70000
    renewed = asked(entra, grant_type="refresh_token", refresh_token=answer["refresh_token"])
    assert renewed.json()["access_token"] != answer["access_token"]


def test_a_device_may_be_declined_or_too_late(entra: httpx.Client, mock: Mock) -> None:
    for person, seconds, refused in ((None, 0, 70017), ("admin@contoso.com", 901, 70020)):
        begun = entra.post(DEVICE, data={"client_id": DEFAULT_APPLICATION, "scope": SCOPE}).json()
        mock.finish_sign_in(begun["user_code"], person)
        mock.advance(seconds)
        poll = {"grant_type": DEVICE_GRANT, "device_code": begun["device_code"]}
        assert number(asked(entra, **poll)) == refused
    with pytest.raises(KeyError):
        mock.finish_sign_in("NOBODY", "admin@contoso.com")


VERIFIER = "verifier-of-forty-three-characters-or-more-xx"
AUTHORIZE = f"/{DEFAULT_TENANT}/oauth2/v2.0/authorize"


def browser(entra: httpx.Client, **changes: str) -> httpx.Response:
    digest = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    asked = {
        "client_id": DEFAULT_APPLICATION,
        "redirect_uri": "http://localhost:8400",
        "response_type": "code",
        "scope": f"{SCOPE} openid",
        "state": "<s>",
        "nonce": "n",
        "code_challenge": digest.rstrip(b"=").decode(),
        **changes,
    }
    return entra.get(AUTHORIZE, params=asked)


def test_a_browser_asks_who_it_is_and_posts_a_code_back(entra: httpx.Client, mock: Mock) -> None:
    mock.add_person("eve@contoso.com", "<script>alert(1)</script>")
    choice = browser(entra).text
    assert "policy.admin@contoso.com" in choice
    assert "<script>alert" not in choice
    page = browser(entra, user="policy.admin@contoso.com").text
    assert 'action="http://localhost:8400"' in page
    assert "&lt;s&gt;" in page
    code = page.partition('name="code" value="')[2].partition('"')[0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://localhost:8400",
        "code_verifier": VERIFIER,
    }
    answer = asked(entra, **form).json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["upn"] == "policy.admin@contoso.com"
    assert jwt.decode(answer["id_token"], options={"verify_signature": False})["nonce"] == "n"
    assert number(asked(entra, **form)) == 70000  # a code works once


READ = "Policy.Read.AuthenticationMethod"
GRAPH_TOOLS = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


def consenting(entra: httpx.Client, person: str, scope: str, **answer: str) -> httpx.Response:
    """What the browser shows a person who is asked for a permission of Graph's tools."""
    wanted = f"https://graph.microsoft.com/{scope} openid offline_access"
    return browser(entra, **{"client_id": GRAPH_TOOLS, "scope": wanted, "user": person, **answer})


def redeemed(entra: httpx.Client, page: httpx.Response) -> dict[str, Any]:
    form = {
        "client_id": GRAPH_TOOLS,
        "grant_type": "authorization_code",
        "code": page.text.partition('name="code" value="')[2].partition('"')[0],
        "redirect_uri": "http://localhost:8400",
        "code_verifier": VERIFIER,
    }
    answer: dict[str, Any] = asked(entra, **form).json()
    return answer


def scopes(answer: dict[str, Any]) -> set[str]:
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    return set(claims["scp"].split())


def test_consent_is_asked_for_and_given_by_those_who_may(entra: httpx.Client, mock: Mock) -> None:
    mock.withdraw_consents()
    reader, admin = "reader@contoso.com", "admin@contoso.com"
    assert "Need admin approval" in consenting(entra, reader, READ).text
    assert "AADSTS90094" in consenting(entra, reader, READ, consent="me").text
    assert "AADSTS90094" in consenting(entra, reader, READ, consent="no").text
    page = consenting(entra, admin, READ).text
    assert READ in page
    assert "Consent on behalf of your organization" in page
    assert "AADSTS65004" in consenting(entra, admin, READ, consent="no").text
    own = redeemed(entra, consenting(entra, admin, READ, consent="me"))
    assert scopes(own) == {READ}
    assert "Need admin approval" in consenting(entra, reader, READ).text
    for each in (READ, "GroupMember.Read.All"):
        consenting(entra, "bg-01@contoso.com", each, consent="organization")
    # A token has all that was consented to, not only what was requested.
    everything = {READ, "GroupMember.Read.All"}
    assert scopes(redeemed(entra, consenting(entra, reader, READ))) == everything
    mine = redeemed(entra, consenting(entra, reader, "User.Read", consent="me"))
    assert "User.Read" in scopes(mine)


def test_a_renewal_for_more_than_was_consented_to_is_refused(
    entra: httpx.Client, mock: Mock
) -> None:
    mock.withdraw_consents()
    mock.consent(READ)
    answer = redeemed(entra, consenting(entra, "reader@contoso.com", READ))
    form = {
        "client_id": GRAPH_TOOLS,
        "grant_type": "refresh_token",
        "refresh_token": answer["refresh_token"],
    }
    graph = "https://graph.microsoft.com"
    assert scopes(asked(entra, **form, scope=f"{graph}/{READ}").json()) == {READ}
    assert number(asked(entra, **form, scope=f"{graph}/User.Read.All")) == 65001
    assert number(asked(entra, **form, scope=f"{graph}/No.Such")) == 650053
    assert number(asked(entra, **form, scope=f"{graph}/{READ} {graph}/.default")) == 70011
    person = mock.tenant().directory.person("reader@contoso.com")
    assert person is not None
    mock.revoke(person["id"])
    assert number(asked(entra, **form, scope=f"{graph}/{READ}")) == 50173


def test_a_device_consents_where_the_person_may(entra: httpx.Client, mock: Mock) -> None:
    mock.withdraw_consents()
    wanted = f"https://graph.microsoft.com/{READ}"
    for person, answer, refused in (
        ("admin@contoso.com", "no", 65001),
        ("reader@contoso.com", "organization", 65001),
        ("admin@contoso.com", "organization", 0),
        ("reader@contoso.com", "no", 0),
    ):
        begun = entra.post(DEVICE, data={"client_id": GRAPH_TOOLS, "scope": wanted}).json()
        mock.finish_sign_in(begun["user_code"], person, answer)
        poll = {"grant_type": DEVICE_GRANT, "device_code": begun["device_code"]}
        done = asked(entra, client_id=GRAPH_TOOLS, **poll)
        assert (number(done) if refused else 0) == refused
        assert (done.status_code == 200) == (not refused)


def test_nobody_consents_to_more_for_azure_cli(entra: httpx.Client, mock: Mock) -> None:
    page = consenting(entra, "admin@contoso.com", READ, client_id=AZURE_CLI, consent="organization")
    assert "AADSTS65002" in page.text
    granted = consenting(entra, "admin@contoso.com", "User.Read.All", client_id=AZURE_CLI)
    assert 'name="code"' in granted.text


@pytest.mark.parametrize(
    "changes", [{"code_verifier": "other"}, {"redirect_uri": "http://localhost:1"}, {"code": "x"}]
)
def test_a_code_that_others_bring_is_no_good(entra: httpx.Client, changes: dict[str, str]) -> None:
    page = browser(entra, login_hint="reader@contoso.com").text
    code = page.partition('name="code" value="')[2].partition('"')[0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://localhost:8400",
        "code_verifier": VERIFIER,
        **changes,
    }
    assert number(asked(entra, **form)) == 70000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"redirect_uri": "https://evil.example"}, "AADSTS50011"),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, "AADSTS700016"),
        ({"user": "nobody@contoso.com"}, "AADSTS50034"),
    ],
)
def test_a_browser_is_refused(entra: httpx.Client, changes: dict[str, str], said: str) -> None:
    refused = browser(entra, **changes)
    assert refused.status_code == 400
    assert refused.text.startswith(said)


def test_a_confidential_client_has_no_device_code(entra: httpx.Client, mock: Mock) -> None:
    mock.add_application(Application(DEFAULT_APPLICATION, "confidential"))
    form = {"client_id": DEFAULT_APPLICATION, "scope": SCOPE}
    assert number(entra.post(DEVICE, data=form)) == 7000218
    mock.add_application(Application(DEFAULT_APPLICATION, "public", public=True))
    assert number(entra.post("/fabrikam.com/oauth2/v2.0/devicecode", data=form)) == 90002


def test_the_control_paths_of_signing_in(server: Server, entra: httpx.Client, mock: Mock) -> None:
    def control(path: str, body: dict[str, Any]) -> httpx.Response:
        return httpx.post(f"{server.url}/_mock/{path}", json=body)

    app_id = "12121212-0000-4000-8000-000000000000"
    app = {
        "id": app_id,
        "display_name": "reader",
        "roles": ["Policy.Read.All"],
        "secrets": ["s"],
        "federated": [{"subject": "repo:contoso/other:pull_request"}],
    }
    assert control("applications", app).status_code == 204
    assert asked(entra, client_id=app_id, client_secret="s").status_code == 200
    begun = entra.post(DEVICE, data={"client_id": DEFAULT_APPLICATION, "scope": SCOPE}).json()
    finished = {"user_code": begun["user_code"], "user": "admin@contoso.com"}
    assert control("sign-ins", finished).status_code == 204
    assert control("sign-ins", {"user_code": "X", "user": None}).status_code == 400
    assert httpx.delete(f"{server.url}/_mock/consents").status_code == 204
    person = "reader@contoso.com"
    assert "Need admin approval" in consenting(entra, person, READ).text
    assert control("consents", {"scopes": [READ], "user": person}).status_code == 204
    assert 'name="code"' in consenting(entra, person, READ).text
    through = control("tokens", {"user": person, "application": AZURE_CLI}).json()["token"]
    assert jwt.decode(through, options={"verify_signature": False})["appid"] == AZURE_CLI
    bearer = control("github-jobs", {"event": "pull_request", "repository": "contoso/other"})
    token = bearer.json()["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    query = {"audience": "api://AzureADTokenExchange"}
    value = entra.get(
        "/github/token", params=query, headers={"Authorization": f"bearer {token}"}
    ).json()["value"]
    assert proved(entra, value, client_id=app_id).status_code == 200
    own = control("tokens", {"user": "reader@contoso.com", "scopes": ["Policy.Read.All"]})
    mine = {"Authorization": f"Bearer {own.json()['token']}"}
    assert httpx.get(server.url + POLICY, headers=mine).status_code == 200
    claims = jwt.decode(own.json()["token"], options={"verify_signature": False})
    assert control("revoke", {"id": claims["oid"]}).status_code == 204
    assert httpx.get(server.url + POLICY, headers=mine).status_code == 401
    moved = control("clock", {"set": "2030-01-01T00:00:00Z", "advance": 60}).json()["now"]
    assert moved.startswith("2030-01-01T00:01:")
    assert control("clock", {"set": "2030-01-01T00:00:00"}).status_code == 400
