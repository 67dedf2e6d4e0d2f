"""Prowler's checks of Entra, for Microsoft 365 and for Azure, judge the mock's tenant."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from graphpolicy.mock import Mock
from tests.clients.foreign.conftest import Installed, Program

STAND_IN = Path(__file__).parent  # of pwsh
M365 = (
    "entra_authentication_method_authenticator_show_context",
    "entra_authentication_method_email_otp_disabled",
    "entra_authentication_method_sms_voice_disabled",
    "entra_users_mfa_capable",
)
AZURE = (
    "entra_authentication_methods_policy_strong_auth_enforced",
    "entra_global_admin_in_less_than_five_users",
    "entra_non_privileged_user_has_mfa",
    "entra_privileged_user_has_mfa",
)


def failing(prowler: Program, provider: str, checks: Sequence[str]) -> dict[str, list[str]]:
    """For each check what failed, by its name; every finding must have been judged."""
    prowler.run(
        *(provider, "--sp-env-auth", "--checks", *checks, "--ignore-exit-code-3"),
        *("--output-formats", "json-ocsf", "--output-directory", "found", "--no-banner"),
    )
    (file,) = Path(prowler.environment["HOME"], "found").glob("*.ocsf.json")
    rows = json.loads(file.read_text("utf-8"))
    assert {each["status_code"] for each in rows} == {"PASS", "FAIL"}
    found: dict[str, list[str]] = {check: [] for check in checks}
    for each in rows:
        failed = each["status_code"] == "FAIL"
        found[each["metadata"]["event_code"]] += [each["resources"][0]["name"]] * failed
    assert {each["metadata"]["event_code"] for each in rows} == set(checks)
    return found


def test_prowler_for_microsoft_365(program: Installed, mock: Mock) -> None:
    mock.portal("Email", {"state": "disabled"})
    path = f"{STAND_IN}{os.pathsep}{os.environ['PATH']}"
    assert failing(program("prowler/bin/prowler", PATH=path), "m365", M365) == {
        "entra_authentication_method_authenticator_show_context": [
            "Microsoft Authenticator Method"
        ],
        "entra_authentication_method_email_otp_disabled": [],
        "entra_authentication_method_sms_voice_disabled": ["SMS and Voice Authentication Methods"],
        "entra_users_mfa_capable": ["Break-glass 02", "Rob Reports"],
    }


def test_prowler_for_azure(program: Installed, mock: Mock, tell: Callable[[str], None]) -> None:
    prowler = program("prowler/bin/prowler")
    campaign = {"authenticationMethodsRegistrationCampaign": {"state": "enabled"}}
    mock.portal("authenticationMethodsPolicy", {"registrationEnforcement": campaign})
    assert failing(prowler, "azure", AZURE) == {
        "entra_authentication_methods_policy_strong_auth_enforced": [],
        "entra_global_admin_in_less_than_five_users": [],
        "entra_non_privileged_user_has_mfa": ["Lena Weber"],
        "entra_privileged_user_has_mfa": ["Break-glass 02", "Rob Reports"],
    }
    version = prowler.run("--version").split()[1]
    tell(f"prowler {version}: m365 and azure by secret, {len(M365) + len(AZURE)} checks of Entra")
