"""CLI for Microsoft 365 signs in by secret and administers the policy, people and groups."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from graphpolicy.mock import DEFAULT_APPLICATION, DEFAULT_SECRET, DEFAULT_TENANT, Mock
from tests.clients.foreign.conftest import Installed

SMS = "@graph/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Sms"
KIND = "#microsoft.graph.smsAuthenticationMethodConfiguration"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"
MIA = "mia.lopez@contoso.com"


def test_cli_microsoft365(program: Installed, mock: Mock, tell: Callable[[str], None]) -> None:
    m365 = program(
        "cli-microsoft365/node_modules/.bin/m365",
        CLIMICROSOFT365_NOUPDATE="1",
        CLIMICROSOFT365_DISABLETELEMETRY="1",
    )
    version = m365.json("version", "--output", "json")
    login = ("login", "--authType", "secret", "--appId", DEFAULT_APPLICATION)
    m365.run(*login, "--tenant", DEFAULT_TENANT, "--secret", DEFAULT_SECRET)
    assert m365.json("status", "--output", "json")["appTenant"] == DEFAULT_TENANT

    def patch(body: object, code: int = 0) -> str:
        kind = ("--content-type", "application/json", "--body", json.dumps(body))
        return m365.run("request", "--method", "patch", "--url", SMS, *kind, code=code)

    def read() -> object:
        return m365.json("request", "--url", SMS, "--output", "json")["state"]

    assert read() == "enabled"
    patch({"@odata.type": KIND, "state": "disabled"})
    assert mock.configuration("Sms")["state"] == "disabled"
    assert "400" in patch({"state": "enabled"}, code=1)
    assert read() == "disabled"

    def entra(*arguments: str) -> Any:
        return m365.json("entra", *arguments, "--output", "json")

    assert len(entra("user", "list", "--properties", "userPrincipalName,employeeHireDate")) == 12
    assert entra("user", "get", "--userName", MIA)["displayName"] == "Mia Lopez"
    assert entra("user", "groupmembership", "list", "--userName", MIA) == [{"groupId": PILOT}]
    details = ("--isMfaRegistered", "false", "--properties", "userPrincipalName")
    unready = entra("user", "registrationdetails", "list", *details)
    assert unready == [
        {"userPrincipalName": "bg-02@contoso.com"},
        {"userPrincipalName": "lena.weber_fabrikam.com#EXT#@contoso.com"},
        {"userPrincipalName": "reports@contoso.com"},
    ]
    token = mock.issue_user_token(MIA)
    m365.run("entra", "user", "session", "revoke", "--userName", MIA, "--force")
    assert mock.ask("GET", "/v1.0/me", token=token).status == 401
    missing = m365.run("entra", "user", "get", "--userName", "nobody@contoso.com", code=1)
    assert "does not exist" in missing
    assert len(entra("group", "list")) == 17
    assert entra("group", "get", "--displayName", "SG-MFA-Pilot-P")["id"] == PILOT
    members = entra("group", "member", "list", "--groupName", "SG-MFA-Pilot-P")
    assert [each["displayName"] for each in members] == ["Mia Lopez", "Zürich \u2013 Außendienst"]
    tell(
        f"cli-microsoft365 {version}: m365 login by secret, request GET and PATCH, users, their "
        "groups, the registration report, session revoke, groups and members"
    )
