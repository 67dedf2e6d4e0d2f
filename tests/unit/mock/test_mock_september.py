"""What Microsoft does to a policy in September 2026, and the setting that delays it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from graphpolicy.mock import Answer, Mock, Switches

ROOT = "/policies/authenticationMethodsPolicy"
AUGUST = datetime(2026, 8, 20, tzinfo=UTC)
A_MONTH = 30 * 86400
OUT = {"optOutSettings": {"passkeyDynamicMigration": True}}
CAMPAIGN = "authenticationMethodsRegistrationCampaign"
BASE = "00000000-0000-0000-0000-000000000001"


def in_august(**switches: object) -> Mock:
    chosen = Switches().changed({"september_2026": "no_actor", **switches})
    mock = Mock(chosen, clock=lambda: AUGUST)
    before = mock.policy("beta")
    assert mock.ask("GET", f"/beta{ROOT}").body == before
    return mock


def ask(mock: Mock, method: str, body: Any = None, path: str = f"/beta{ROOT}") -> Answer:
    """Ask with a new token, for the old one expires with time."""
    return mock.ask(method, path, body, token=mock.issue_token())


def later(mock: Mock, months: int = 1) -> bool:
    """Whether Microsoft has rewritten the policy by then."""
    mock.advance(months * A_MONTH)
    policy = ask(mock, "GET").body
    (target,) = policy["registrationEnforcement"][CAMPAIGN]["includeTargets"]
    return bool(target["targetedAuthenticationMethod"] == "fido2")


def rows(mock: Mock) -> list[dict[str, Any]]:
    answer = ask(mock, "GET", path="/v1.0/auditLogs/directoryAudits")
    found: list[dict[str, Any]] = answer.body["value"]
    return found


def test_people_with_sms_or_voice_get_passkeys_and_a_campaign() -> None:
    mock = in_august()
    pilot = "0d1c2b3a-0000-4000-8000-000000000001"
    mock.portal("Sms", {"includeTargets": [{"targetType": "group", "id": pilot}]})
    mock.portal("Voice", {"state": "disabled"})
    mock.portal("Fido2", {"state": "disabled"})
    mock.portal(
        "authenticationMethodsPolicy",
        {"registrationEnforcement": {CAMPAIGN: {"state": "disabled"}}},
    )
    assert later(mock)
    fido2 = mock.configuration("Fido2")
    assert fido2["state"] == "enabled"
    (target,) = fido2["includeTargets"]
    (every,) = [each for each in fido2["passkeyProfiles"] if each["id"] != BASE]
    assert (target["id"], target["allowedPasskeyProfiles"]) == (pilot, [every["id"]])
    assert (every["passkeyTypes"], every["attestationEnforcement"]) == (
        "deviceBound,synced",
        "disabled",
    )
    assert mock.policy()["registrationEnforcement"][CAMPAIGN]["state"] == "default"
    changed = {each.resource for each in mock.edits if not each.actor}
    assert changed == {"Fido2", "authenticationMethodsPolicy"}


def test_who_has_passkeys_keeps_the_own_profiles_and_it_happens_once() -> None:
    mock = in_august()
    assert later(mock)
    (target,) = mock.configuration("Fido2")["includeTargets"]
    assert (target["allowedPasskeyProfiles"][0], len(target["allowedPasskeyProfiles"])) == (BASE, 2)
    mock.portal("Fido2", {"state": "disabled"})
    assert later(mock)
    assert mock.configuration("Fido2")["state"] == "disabled"
    mock.reset()
    assert not later(mock, 0)
    assert later(mock)


@pytest.mark.parametrize(
    ("value", "said"),
    [("no_actor", {None}), ("no_record", set()), ("administrator", {"admin@contoso.com"})],
)
def test_what_the_audit_log_says_of_it(value: str, said: set[str | None]) -> None:
    mock = in_august(september_2026=value)
    assert later(mock)
    actors = [each["initiatedBy"] for each in rows(mock)]
    assert all(each["app"] is None for each in actors)
    assert {each["user"] and each["user"]["userPrincipalName"] for each in actors} == said
    assert len(actors) == 2 * len(said)


@pytest.mark.parametrize(
    "switches",
    [
        {"september_2026": "off"},
        {"cloud": "usgov"},
        {"cloud": "usgov-dod"},
        {"opt_out": "true"},
    ],
    ids=str,
)
def test_whom_it_does_not_concern(switches: dict[str, str]) -> None:
    assert not later(in_august(**switches))


def test_nobody_with_codes_means_nothing_to_do() -> None:
    mock = in_august()
    for method in ("Sms", "Voice"):
        mock.portal(method, {"state": "disabled"})
    assert not later(mock)


@pytest.mark.parametrize("value", ["absent", "null", "false"])
def test_an_opt_out_that_is_not_true_opts_nobody_out(value: str) -> None:
    mock = in_august(opt_out=value)
    shown = mock.policy("beta")
    live = {"null": None, "false": {"passkeyDynamicMigration": False}}
    assert shown.get("optOutSettings", "absent") == live.get(value, "absent")
    assert "optOutSettings" not in mock.policy("v1.0")
    assert later(mock)


def test_the_documented_patch_opts_out_until_it_is_taken_back() -> None:
    mock = in_august()
    assert mock.ask("PATCH", f"/v1.0{ROOT}", OUT).status == 400
    assert mock.ask("PATCH", f"/beta{ROOT}", OUT).body["optOutSettings"] == OUT["optOutSettings"]
    assert mock.policy("beta")["optOutSettings"] == OUT["optOutSettings"]
    assert not later(mock)
    back = {"optOutSettings": {"passkeyDynamicMigration": False}}
    assert ask(mock, "PATCH", back).status == 200
    assert later(mock, 0)


def test_the_opt_out_ends_by_itself() -> None:
    mock = in_august(opt_out="true")
    assert not later(mock, 4)
    assert later(mock, 2)


def test_an_opt_out_that_is_taken_and_not_kept() -> None:
    mock = in_august(keys={"beta/optOutSettings": "read_only"}, opt_out="false")
    assert mock.ask("PATCH", f"/beta{ROOT}", OUT).status == 200
    assert mock.policy("beta")["optOutSettings"] == {"passkeyDynamicMigration": False}
    assert later(mock)


def test_other_forms_of_it_are_refused() -> None:
    mock = Mock()
    for value in (None, True, {"passkeyDynamicMigration": "true"}, {"passkeyMigration": True}):
        assert mock.ask("PATCH", f"/beta{ROOT}", {"optOutSettings": value}).status == 400
    for asked in ("optOutSettings", "id,optoutsettings"):
        refused = mock.ask("GET", f"/beta{ROOT}?$select={asked}")
        assert (refused.status, refused.body["error"]["code"]) == (400, "BadRequest")
    assert mock.ask("GET", f"/beta{ROOT}?$select=id").status == 200
    for era in ("2022", "2024"):
        mock.set_switches(era=era)
        assert mock.ask("PATCH", f"/beta{ROOT}", OUT).status == 400


def test_the_scenario_is_switched_while_the_mock_runs() -> None:
    mock = Mock(clock=lambda: AUGUST)
    mock.advance(A_MONTH)
    assert not later(mock, 0)
    mock.set_switches(**{"september-2026": "administrator"})
    assert later(mock, 0)
