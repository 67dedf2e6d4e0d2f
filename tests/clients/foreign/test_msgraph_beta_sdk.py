"""Microsoft's typed beta client signs in with azure-identity, and reads and changes the policy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graphpolicy.mock import Mock
from tests.clients.foreign.conftest import Installed

PROGRAM = Path(__file__).with_name("beta_sdk.py")
KINDS = (
    *("Email", "External", "Fido2", "HardwareOath", "MicrosoftAuthenticator", "QrCodePin"),
    *("Sms", "SoftwareOath", "TemporaryAccessPass", "VerifiableCredentials", "Voice"),
    "X509Certificate",
)
METHODS = (
    *("External", "HardwareOath", "Password", "QrCodePin", "SoftwareOath"),
    "TemporaryAccessPass",
)


def test_msgraph_beta_sdk(program: Installed, mock: Mock, tell: Callable[[str], None]) -> None:
    seen = program("msgraph-beta-sdk/bin/python").json(str(PROGRAM))
    assert seen["kinds"] == [f"{each}AuthenticationMethodConfiguration" for each in KINDS]
    assert seen["preferred"] == "default"
    assert seen["suspicious"] == "default"
    assert seen["passes"] == ["disabled", "enabled", 12]
    assert seen["snooze"] == 3
    assert seen["pass"] == 12
    assert seen["refused"] == "badRequest"
    assert seen["methods"] == [f"{each}AuthenticationMethod" for each in METHODS]
    assert seen["members"] == ["Mia Lopez", "Zürich \u2013 Außendienst"]
    assert mock.configuration("TemporaryAccessPass")["defaultLength"] == 12
    tell(
        f"msgraph-beta-sdk {seen['version']}: azure-identity by secret, policy and configurations "
        "GET and PATCH, a pass, methods, members"
    )
