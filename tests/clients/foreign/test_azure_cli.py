"""Azure CLI signs in as a service principal, asks Graph with `az rest`, and lists with `az ad`."""

from __future__ import annotations

import json
from collections.abc import Callable

from graphpolicy.mock import DEFAULT_APPLICATION, DEFAULT_SECRET, DEFAULT_TENANT, Mock
from tests.clients.foreign.conftest import Installed

SMS = (
    "https://graph.microsoft.com/v1.0/policies/authenticationMethodsPolicy/"
    "authenticationMethodConfigurations('Sms')"
)
KIND = "#microsoft.graph.smsAuthenticationMethodConfiguration"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"
MIA = "mia.lopez@contoso.com"


def test_azure_cli(program: Installed, mock: Mock, tell: Callable[[str], None]) -> None:
    az = program("azure-cli/bin/az", AZURE_CORE_COLLECT_TELEMETRY="0")
    version = az.json("version")["azure-cli"]
    (signed_in,) = az.json(
        "login",
        *("--service-principal", "--username", DEFAULT_APPLICATION),
        *("--tenant", DEFAULT_TENANT, "--password", DEFAULT_SECRET),
    )
    assert signed_in["user"] == {"name": DEFAULT_APPLICATION, "type": "servicePrincipal"}

    def patch(body: object, code: int = 0) -> str:
        return az.run(
            *("rest", "--method", "patch", "--url", SMS, "--body", json.dumps(body)), code=code
        )

    assert az.json("rest", "--url", SMS)["state"] == "enabled"
    assert patch({"@odata.type": KIND, "state": "disabled"}) == ""
    assert mock.configuration("Sms")["state"] == "disabled"
    assert "Bad Request" in patch({"state": "enabled"}, code=1)
    assert az.json("rest", "--url", SMS)["state"] == "disabled"

    def ad(*arguments: str, query: str) -> object:
        return az.json("ad", *arguments, "--query", query)

    names = ad("user", "list", query="[].userPrincipalName")
    assert isinstance(names, list)
    assert len(names) == 12
    assert ad("user", "show", "--id", MIA, query="displayName") == "Mia Lopez"
    mias = ad("user", "list", "--filter", "startswith(displayName,'Mia')", query="[].mail")
    assert mias == [MIA]
    assert ad("user", "get-member-groups", "--id", MIA, query="[].id") == [PILOT]
    assert az.run("ad", "user", "show", "--id", "nobody@contoso.com", code=3)
    assert "O'Brien's team" in az.json("ad", "group", "list", "--query", "[].displayName")
    assert ad("group", "show", "--group", "SG-MFA-Pilot-P", query="id") == PILOT
    members = ad("group", "member", "list", "--group", PILOT, query="[].displayName")
    assert members == ["Mia Lopez", "Zürich \u2013 Außendienst"]
    tell(f"azure-cli {version}: az login by secret, az rest GET and PATCH, az ad user and group")
