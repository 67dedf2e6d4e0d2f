"""What to connect to and how to sign in, from variables and flags alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from graphpolicy.graph.addresses import CLOUDS
from graphpolicy.graph.connection import (
    authority,
    chosen,
    connection,
    foreign_authority,
    graph_root,
    resolved,
    scope,
)
from graphpolicy.graph.variables import NEEDS, TITLES
from graphpolicy.model import Cloud, SecretText
from graphpolicy.model.errors import UsageError
from tests.unit.graph.network import Jwt

GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://vstoken.example/x",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
    "AZURE_CLIENT_ID": "app",
}
SECRET = {"AZURE_CLIENT_ID": "app", "AZURE_CLIENT_SECRET": "s3cret-value"}
MOCK = {"GRAPHPOLICY_GRAPH_URL": "http://127.0.0.1:8080", "GRAPHPOLICY_ACCESS_TOKEN": "mock-token"}


def test_importing_it_loads_neither_the_sdk_nor_azure_nor_httpx() -> None:
    code = (
        "import sys, graphpolicy.graph.failures, graphpolicy.graph.connection\n"
        "heavy = ('msgraph', 'azure', 'httpx', 'kiota_http', 'kiota_abstractions', 'truststore')\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in heavy))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("cloud", ["global", "usgov", "usgov-dod", "china"])
def test_each_cloud_has_its_own_root_scope_and_authority(cloud: Cloud) -> None:
    made = connection({})
    assert graph_root(made, cloud) == CLOUDS[cloud].root
    assert scope(made, cloud) == f"{CLOUDS[cloud].root}/.default"
    assert authority(made, cloud) == CLOUDS[cloud].authority


def test_a_mock_on_this_machine_gets_the_token_it_was_given() -> None:
    made = connection(MOCK)
    assert graph_root(made, "global") == "http://127.0.0.1:8080"
    assert made.access_token is not None
    assert made.access_token.reveal() == "mock-token"
    assert scope(made, "usgov") == "https://graph.microsoft.us/.default"
    assert chosen(made) == ("access token", "GRAPHPOLICY_ACCESS_TOKEN is set")


def test_nothing_shows_a_token_or_a_secret() -> None:
    made = connection({**MOCK, **SECRET})
    assert "mock-token" not in f"{made!r} {made} {made.access_token} {made.access_token!r}"
    assert "s3cret-value" not in repr(made)
    assert str(SecretText("x")) == "***"


def test_another_cloud_of_microsofts_may_be_named_as_the_root() -> None:
    made = connection({**SECRET, "GRAPHPOLICY_GRAPH_URL": "https://graph.microsoft.us:443/"})
    assert graph_root(made, "global") == "https://graph.microsoft.us"
    assert scope(made, "global") == "https://graph.microsoft.us/.default"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://[::1]:9/x/", "http://[::1]:9/x"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.0.0.1:443", "http://127.0.0.1:443"),
        ("https://MOCK.example/a", "https://mock.example/a"),
    ],
)
def test_a_root_is_kept_without_slash_and_default_port(url: str, expected: str) -> None:
    assert connection({**MOCK, "GRAPHPOLICY_GRAPH_URL": url}).root == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.microsoft.com",
        "http://127.0.0.2",
        "http://mock.localhost",
        "ftp://127.0.0.1",
        "graph.microsoft.com",
        "https://",
        "https://user:pw@graph.microsoft.com",
        "https://user@mock.example",
        "https://mock.example?x=1",
        "https://mock.example?",
        "https://mock.example#",
        "https://mock.example:port",
        "https://mock.example:99999",
        "https://[::1",
        "https://mock.example\\@evil.example",
        "https://mock exam.ple",
        "https://gräph.example",
        "https://graph.microsoft.com/v1.0",
        "https://graph.microsoft.com/beta/",
    ],
)
def test_a_root_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        connection({**MOCK, "GRAPHPOLICY_GRAPH_URL": url})
    assert refused.value.exit_code == 64
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize("variables", [{}, SECRET, GITHUB, {"IDENTITY_ENDPOINT": "http://x"}])
@pytest.mark.parametrize(
    "root",
    [
        "https://mock.example",
        "http://127.0.0.1:8080",
        "https://graph.microsoft.com.",
        "https://graph.microsoft.com.evil.example",
        "https://graph.microsoft.com:8443",
        "https://graph.microsoft.com/proxy",
    ],
)
def test_a_real_token_never_leaves_for_a_foreign_host(variables: dict[str, str], root: str) -> None:
    with pytest.raises(UsageError) as refused:
        connection({**variables, "GRAPHPOLICY_GRAPH_URL": root})
    assert refused.value.exit_code == 64
    assert "GRAPHPOLICY_ACCESS_TOKEN" in refused.value.help


GRAPH_ID = "00000003-0000-0000-c000-000000000000"
MICROSOFT, MINE = "https://sts.windows.net/t/", "https://idp.contoso.com/"


@pytest.mark.parametrize(
    ("issuer", "audience", "root", "refused"),
    [
        (MICROSOFT, "https://graph.microsoft.com", "https://graph.evil.example", True),
        (MICROSOFT, GRAPH_ID, "https://graph.microsoft.com.evil.example", True),
        ("https://login.microsoftonline.us/t/v2.0", [GRAPH_ID], "https://10.0.0.1", True),
        (MICROSOFT, GRAPH_ID, "http://127.0.0.1:1", False),
        (MICROSOFT, GRAPH_ID, "https://graph.microsoft.us", False),
        (MINE, GRAPH_ID, "https://graph.evil.example", False),
        (MICROSOFT, "api://mine", "https://graph.evil.example", False),
        (7, None, "https://graph.evil.example", False),
        ("https://[", "https://[", "https://graph.evil.example", False),
    ],
)
def test_a_ready_token_of_microsofts_stays_with_microsoft(
    issuer: object, audience: object, root: str, refused: bool, jwt: Jwt
) -> None:
    given = {
        "GRAPHPOLICY_ACCESS_TOKEN": jwt(iss=issuer, aud=audience),
        "GRAPHPOLICY_GRAPH_URL": root,
    }
    if not refused:
        connection(given)
        return
    with pytest.raises(UsageError) as caught:
        connection(given)
    assert caught.value.exit_code == 64
    assert given["GRAPHPOLICY_ACCESS_TOKEN"] not in caught.value.text + caught.value.help


def test_a_token_from_a_foreign_authority_may_go_to_a_foreign_host() -> None:
    foreign = {
        "GRAPHPOLICY_GRAPH_URL": "https://mock.example",
        "AZURE_AUTHORITY_HOST": "https://login.mock.example/",
    }
    made = connection({**foreign, **SECRET})
    assert foreign_authority(made)
    assert authority(made, "china") == "https://login.mock.example"
    for auth in ("cli", "managed"):
        with pytest.raises(UsageError):
            connection({**foreign, **SECRET}, auth)
    with pytest.raises(UsageError):
        connection(foreign)


@pytest.mark.parametrize(
    "host",
    [
        "login.microsoftonline.com",
        "https://LOGIN.microsoftonline.com./",
        "https://login.microsoftonline.us",
        "https://login.windows.net",
        "https://contoso.ciamlogin.com",
    ],
)
def test_microsofts_authorities_by_any_name_are_not_foreign(host: str) -> None:
    variables = {**SECRET, "AZURE_AUTHORITY_HOST": host}
    assert not foreign_authority(connection(variables))
    with pytest.raises(UsageError):
        connection({**variables, "GRAPHPOLICY_GRAPH_URL": "https://mock.example"})


@pytest.mark.parametrize(
    "host", ["http://login.mock.example", "https://a@b.example", "https://ä.b"]
)
def test_an_authority_must_be_a_plain_https_address(host: str) -> None:
    with pytest.raises(UsageError, match="AZURE_AUTHORITY_HOST"):
        connection({"AZURE_AUTHORITY_HOST": host})


@pytest.mark.parametrize("token", ["Bearer abc", "a\nb", "tökén", '"a b"'])
def test_what_cannot_be_a_token_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(UsageError) as refused:
        connection({"GRAPHPOLICY_ACCESS_TOKEN": token})
    assert token not in f"{refused.value}"


def test_a_line_break_at_the_end_of_a_token_is_not_part_of_it() -> None:
    made = connection({"GRAPHPOLICY_ACCESS_TOKEN": "abc\n"})
    assert made.access_token == SecretText("abc")


def test_the_flag_wins_over_the_ready_token() -> None:
    made = connection({"GRAPHPOLICY_ACCESS_TOKEN": "abc"}, "cli")
    assert made.access_token is None
    assert chosen(made) == ("Azure CLI", "--auth cli was given")


def test_a_ready_token_that_another_way_passes_over_is_not_asked_for_again() -> None:
    given = {
        "GRAPHPOLICY_ACCESS_TOKEN": "abc",
        "GRAPHPOLICY_GRAPH_URL": "http://127.0.0.1:1",
    }
    with pytest.raises(UsageError) as refused:
        connection(given, "browser")
    assert "--auth auto" in refused.value.help


def test_an_unknown_way_to_sign_in_is_a_usage_error_with_a_suggestion() -> None:
    with pytest.raises(UsageError) as refused:
        connection({}, "githib")
    assert (refused.value.help, refused.value.exit_code) == ("did you mean github?", 64)
    with pytest.raises(UsageError) as refused:
        connection({}, "xyz")
    assert "auto, github, " in refused.value.help


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "cli"),
        ({"AZURE_TENANT_ID": "t"}, "cli"),
        (GITHUB, "github"),
        ({**GITHUB, **SECRET}, "github"),
        ({**GITHUB, "AZURE_CLIENT_ID": " "}, "cli"),
        ({"ACTIONS_ID_TOKEN_REQUEST_URL": "u", **SECRET}, "secret"),
        (
            {
                "SYSTEM_OIDCREQUESTURI": "u",
                "SYSTEM_ACCESSTOKEN": "t",
                "AZURESUBSCRIPTION_CLIENT_ID": "c",
                "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "s",
            },
            "azure-pipelines",
        ),
        ({"AZURE_FEDERATED_TOKEN_FILE": "f", "AZURE_CLIENT_ID": "c"}, "workload"),
        ({**SECRET, "AZURE_CLIENT_CERTIFICATE_PATH": "c.pem"}, "certificate"),
        ({"ARM_CLIENT_ID": "c", "ARM_CLIENT_SECRET": "s"}, "secret"),
        ({"IDENTITY_ENDPOINT": "http://169.254.0.1"}, "managed"),
        ({"MSI_ENDPOINT": "http://localhost:50342"}, "managed"),
    ],
)
def test_auto_takes_the_first_way_whose_variables_are_all_set(
    variables: dict[str, str], expected: str
) -> None:
    assert resolved(connection(variables))[0] == expected


def test_the_choice_can_be_told_to_people() -> None:
    assert chosen(connection({})) == ("Azure CLI", "no other sign-in method is configured")
    assert chosen(connection(SECRET)) == (
        "client secret",
        "AZURE_CLIENT_SECRET and AZURE_CLIENT_ID are set",
    )
    assert chosen(connection({"IDENTITY_ENDPOINT": "x"}))[1] == "IDENTITY_ENDPOINT is set"
    assert set(NEEDS) < set(TITLES)


def test_one_variable_feeds_the_certificates_of_both_libraries() -> None:
    assert connection({"REQUESTS_CA_BUNDLE": "b"}).verify_file == "b"
    assert connection({"SSL_CERT_FILE": "a", "REQUESTS_CA_BUNDLE": "b"}).verify_file == "a"
