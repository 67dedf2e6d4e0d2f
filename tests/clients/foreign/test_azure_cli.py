"""Azure CLI signs in as a service principal, asks Graph with `az rest`, lists with `az ad`, and
lends its sign-in to graphpolicy.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphpolicy.mock import DEFAULT_APPLICATION, DEFAULT_SECRET, DEFAULT_TENANT, Mock
from tests.clients.foreign.conftest import INSTALLED, Installed, Program

ROOT = Path(__file__).parents[3]

SMS = (
    "https://graph.microsoft.com/v1.0/policies/authenticationMethodsPolicy/"
    "authenticationMethodConfigurations('Sms')"
)
KIND = "#microsoft.graph.smsAuthenticationMethodConfiguration"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"
MIA = "mia.lopez@contoso.com"


def signed_in(program: Installed) -> Program:
    """Azure CLI after `az login`."""
    az = program("azure-cli/bin/az", AZURE_CORE_COLLECT_TELEMETRY="0")
    (account,) = az.json(
        "login",
        *("--service-principal", "--username", DEFAULT_APPLICATION),
        *("--tenant", DEFAULT_TENANT, "--password", DEFAULT_SECRET),
    )
    assert account["user"] == {"name": DEFAULT_APPLICATION, "type": "servicePrincipal"}
    return az


def test_azure_cli(program: Installed, mock: Mock, tell: Callable[[str], None]) -> None:
    az = signed_in(program)
    version = az.json("version")["azure-cli"]

    def patch(body: object, code: int = 0) -> str:
        return az.run(
            *("rest", "--method", "patch", "--url", SMS, "--body", json.dumps(body)), code=code
        )

    assert az.json("rest", "--url", SMS)["state"] == "enabled"
    assert patch({"@odata.type": KIND, "state": "disabled"}) == ""
    assert mock.configuration("Sms")["state"] == "disabled"
    assert "Bad Request" in patch({"state": "enabled"}, code=1)
    assert az.json("rest", "--url", SMS)["state"] == "disabled"

    def ad(*arguments: str, query: str) -> Any:
        return az.json("ad", *arguments, "--query", query)

    assert len(ad("user", "list", query="[].userPrincipalName")) == 12
    assert ad("user", "show", "--id", MIA, query="displayName") == "Mia Lopez"
    mias = ad("user", "list", "--filter", "startswith(displayName,'Mia')", query="[].mail")
    assert mias == [MIA]
    assert ad("user", "get-member-groups", "--id", MIA, query="[].id") == [PILOT]
    assert az.run("ad", "user", "show", "--id", "nobody@contoso.com", code=3)
    assert "O'Brien's team" in ad("group", "list", query="[].displayName")
    assert ad("group", "show", "--group", "SG-MFA-Pilot-P", query="id") == PILOT
    members = ad("group", "member", "list", "--group", PILOT, query="[].displayName")
    assert members == ["Mia Lopez", "Zürich \u2013 Außendienst"]
    tell(f"azure-cli {version}: az login by secret, az rest GET and PATCH, az ad user and group")


def test_graphpolicy_at_its_own_addresses(program: Installed, mock: Mock, tmp_path: Path) -> None:
    """It finds Graph and Entra without an address, and uses the sign-in of Azure CLI."""
    signed_in(program)
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    path = os.pathsep.join((f"{INSTALLED}/azure-cli/bin", os.environ["PATH"]))
    graphpolicy = program(str(Path(sys.executable).with_name("graphpolicy")), PATH=path)
    own = ("--tenant", "contoso", "--auth", "cli")

    def planned() -> int:
        (plan,) = graphpolicy.json("plan", *own, "--format", "json")["plans"]
        return int(plan["summary"]["changes"])

    assert planned() > 0
    graphpolicy.run("apply", *own, "--auto-approve")
    assert planned() == 0
