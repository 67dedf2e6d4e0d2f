"""The credential of each sign-in method, against a fake Entra over real TLS if possible."""

from __future__ import annotations

import logging
import webbrowser
from pathlib import Path

import azure.identity
import pytest
from azure.core.pipeline.transport import RequestsTransport
from starlette.responses import JSONResponse

from graphpolicy.graph.client import tls
from graphpolicy.graph.connection import chosen, connection
from graphpolicy.graph.credentials import credential
from graphpolicy.graph.failures import SignInError
from graphpolicy.graph.tokens import token_tenant
from graphpolicy.plan.verb_permissions import needed
from tests.unit.graph.entra import APP, CONTOSO, Entra, one, sign_in

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
    used = credential(made, CONTOSO, lambda _: None, tls(made))
    assert type(used) is getattr(azure.identity, expected)
    used.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("auth", "needed"),
    [
        ("github", "ACTIONS_ID_TOKEN_REQUEST_URL"),
        ("secret", "AZURE_CLIENT_SECRET and AZURE_CLIENT_ID"),
        ("azure-pipelines", "SYSTEM_OIDCREQUESTURI"),
    ],
)
def test_a_way_whose_variables_are_not_set_says_which(auth: str, needed: str) -> None:
    with pytest.raises(SignInError, match=needed) as failed:
        sign_in(connection({}, auth), one)
    assert failed.value.exit_code == 4
    assert failed.value.help


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
    made = connection(variables, "device-code", needs=needed(("plan",)))
    assert token_tenant(sign_in(made, one, said)) == CONTOSO.id
    asked = "GroupMember.Read.All, Policy.Read.AuthenticationMethod"
    assert said == [
        f"sign in to contoso with a code on any device, for {asked}",
        "open https://microsoft.com/devicelogin and enter ABCD",
    ]


def test_the_browser_is_announced_and_a_code_takes_its_place_where_none_opens(
    entra: Entra, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda _url: False)
    # azure-identity leaves its server to the garbage collector.
    server = "azure.identity._credentials.browser.AuthCodeRedirectServer"
    monkeypatch.setattr(server, lambda *_, **__: object())
    made = connection({**variables, "BROWSER": "x"}, "browser", needs=needed(("plan",)))
    assert token_tenant(sign_in(made, one, said)) == CONTOSO.id
    asked = "GroupMember.Read.All, Policy.Read.AuthenticationMethod"
    assert said == [
        f"opening the browser to sign in to contoso, for {asked}",
        f"the browser did not open: sign in to contoso with a code on any device, for {asked}",
        "open https://microsoft.com/devicelogin and enter ABCD",
    ]
    assert "https://graph.microsoft.com/Policy.Read.AuthenticationMethod" in entra.scopes


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
    with pytest.raises(SignInError) as failed:
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
    with pytest.raises(SignInError, match=r"(?i)certificate"):
        sign_in(connection({**variables, "AZURE_CLIENT_SECRET": "s"}), one)


def test_without_azure_cli_people_learn_why_it_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SignInError, match="Azure CLI not found on path") as failed:
        sign_in(connection({}), one)
    how, why = chosen(connection({}))
    assert failed.value.help.startswith(f"{how} was used because {why}")


def test_the_libraries_loggers_are_quiet_without_being_switched_off() -> None:
    made = connection({})
    credential(made, CONTOSO, lambda _: None, tls(made))
    assert not logging.getLogger("azure").propagate
