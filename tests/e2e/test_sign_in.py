"""The command signs in as people and pipelines do, with azure-identity unchanged,
against the mock's Entra over TLS."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from graphpolicy.mock import DEFAULT_APPLICATION, DEFAULT_SECRET, Application, Mock, Server
from tests.shell import Shell, enters_codes, policy

pytestmark = pytest.mark.e2e

GITHUB = "api://AzureADTokenExchange"
SMS_OFF = policy("Sms: {state: disabled}")


@pytest.fixture
def signing(bare: Shell, server: Server) -> Shell:
    """A shell with an application and no token; the test says how the application signs in."""
    bare.write(SMS_OFF)
    bare.environment |= {
        "GRAPHPOLICY_GRAPH_URL": server.url,
        "AZURE_AUTHORITY_HOST": server.authority,
        "AZURE_CLIENT_ID": DEFAULT_APPLICATION,
        "SSL_CERT_FILE": str(server.certificate),
    }
    return bare


@pytest.mark.parametrize(
    "auth",
    [
        "auto",
        # The way by its name: `test_a_wrong_client_secret_is_said_and_not_shown`.
        pytest.param("secret", marks=pytest.mark.deep),
    ],
)
def test_a_client_secret(signing: Shell, mock: Mock, auth: str) -> None:
    signing.environment["AZURE_CLIENT_SECRET"] = DEFAULT_SECRET
    done = signing("apply", "--auth", auth, "--auto-approve")
    assert done.code == 0, done.text
    assert mock.configuration("Sms")["state"] == "disabled"
    assert mock.edits[-1].actor == DEFAULT_APPLICATION


def test_a_wrong_client_secret_is_said_and_not_shown(signing: Shell) -> None:
    done = signing("plan", "--auth", "secret", env={"AZURE_CLIENT_SECRET": "hunter2-hunter2"})
    assert done.code == 4
    assert "AADSTS7000215" in done.text
    assert "hunter2" not in done.text


def test_a_certificate(signing: Shell, mock: Mock, tmp_path: Path) -> None:
    pem, private = certificate()
    mock.add_application(
        Application(DEFAULT_APPLICATION, "ci", roles=mock_roles(), certificates=(pem,))
    )
    file = tmp_path / "pipeline.pem"
    file.write_text(private + pem, encoding="utf-8")
    where = {"AZURE_CLIENT_CERTIFICATE_PATH": str(file)}
    assert signing("apply", "--auth", "certificate", "--auto-approve", env=where).code == 0
    mock.add_application(Application(DEFAULT_APPLICATION, "ci", roles=mock_roles()))
    refused = signing("plan", "--auth", "certificate", env=where)
    assert refused.code == 4
    assert "AADSTS700027" in refused.text


@pytest.mark.parametrize(
    "auth",
    [
        "auto",
        # The way by its name: `test_a_github_job_of_another_repository_is_refused`.
        pytest.param("github", marks=pytest.mark.deep),
    ],
)
def test_a_github_job_from_its_request_token_to_the_write(
    signing: Shell, mock: Mock, auth: str
) -> None:
    job = mock.github_job(environment="entra-apply")
    done = signing("apply", "--auth", auth, "--auto-approve", env=job)
    assert done.code == 0, done.text
    assert mock.configuration("Sms")["state"] == "disabled"


def test_a_github_job_of_another_repository_is_refused(signing: Shell, mock: Mock) -> None:
    job = mock.github_job(repository="somebody/policy", environment="entra-apply")
    done = signing("apply", "--auth", "github", "--auto-approve", env=job)
    assert done.code == 4
    assert "AADSTS700213" in done.text
    assert mock.requests == []
    assert mock.configuration("Sms")["state"] == "enabled"


def test_a_pull_requests_identity_plans_and_never_writes(signing: Shell, mock: Mock) -> None:
    read = ("Policy.Read.AuthenticationMethod", "GroupMember.Read.All")
    secret = {"AZURE_CLIENT_SECRET": DEFAULT_SECRET}
    mock.add_application(
        Application(DEFAULT_APPLICATION, "plan", roles=read, secrets=(DEFAULT_SECRET,))
    )
    assert signing("plan", env=secret).code == 0
    refused = signing("apply", "--auto-approve", env=secret)
    assert refused.code == 4
    assert "Policy.ReadWrite.AuthenticationMethod" in refused.text
    assert mock.configuration("Sms")["state"] == "enabled"


def test_a_token_that_ends_before_the_write_is_renewed(signing: Shell, mock: Mock) -> None:
    mock.add_fault("expire_token", method="PATCH")
    secret = {"AZURE_CLIENT_SECRET": DEFAULT_SECRET}
    done = signing("apply", "--auto-approve", env=secret)
    assert done.code == 0, done.text
    writes = [each.status for each in mock.requests if each.method == "PATCH"]
    assert writes == [401, 204]
    assert mock.configuration("Sms")["state"] == "disabled"


DEVICE = ("apply", "--auth", "device-code", "--auto-approve")


def test_a_person_by_device_code_acts_under_their_own_name(signing: Shell, mock: Mock) -> None:
    """The code is shown while the command waits for the person who enters it."""
    reads, writes = os.pipe()
    said = ""

    def enter(_: int) -> None:
        nonlocal said
        os.close(writes)
        with open(reads, encoding="utf-8") as shown:  # noqa: PTH123 - a pipe
            while not (code := re.search(r"enter (\w{9})", said)):
                line = shown.readline()
                assert line, said
                said += line
            mock.finish_sign_in(code.group(1), "policy.admin@contoso.com")
            said += shown.read()

    done = signing.watched(enter, *DEVICE, stderr=writes)
    assert done.code == 0, said
    assert "Policy.ReadWrite.AuthenticationMethod" in said.partition("\nopen ")[0]
    assert mock.edits[-1].actor == "policy.admin@contoso.com"
    assert mock.configuration("Sms")["state"] == "disabled"


def test_a_person_without_the_role_is_refused(signing: Shell, mock: Mock) -> None:
    enters_codes(mock, "reader@contoso.com")
    done = signing(*DEVICE)
    assert done.code == 4
    assert "Authentication Policy Administrator" in done.text
    assert mock.configuration("Sms")["state"] == "enabled"


def test_a_person_who_declines(signing: Shell, mock: Mock) -> None:
    enters_codes(mock, None)
    assert signing(*DEVICE).code == 4
    assert mock.requests == []


BROWSER = """
import re, ssl, sys, urllib.parse, urllib.request
trusted = ssl.create_default_context(cafile=sys.argv[1])
page = urllib.request.urlopen(sys.argv[3] + "&user=" + sys.argv[2], context=trusted).read().decode()
open("opened.txt", "a").write(sys.argv[2] + chr(10))
to = re.search('action="(.*?)"', page).group(1)
fields = dict(re.findall('name="(.*?)" value="(.*?)"', page))
urllib.request.urlopen(to, urllib.parse.urlencode(fields).encode())
"""


def test_a_person_with_a_browser(signing: Shell, mock: Mock, server: Server) -> None:
    program = signing.write(BROWSER, "browser.py")
    person = "policy.admin@contoso.com"
    # With the ampersand the command does not wait for the browser, which waits for its answer.
    opens = f"{sys.executable} {program} {server.certificate} {person} %s &"
    done = signing("apply", "--auth", "browser", "--auto-approve", env={"BROWSER": opens})
    assert done.code == 0, done.text
    assert mock.edits[-1].actor == person


def mock_roles() -> tuple[str, ...]:
    return ("Policy.ReadWrite.AuthenticationMethod", "GroupMember.Read.All", "Directory.Read.All")


def certificate() -> tuple[str, str]:
    """A self-signed certificate and its private key, in PEM."""
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
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()
