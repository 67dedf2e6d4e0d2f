"""Graph in 2022, in 2024 and today, and what the future may bring."""

from typing import Any

import pytest

from graphpolicy.mock import Mock, Switches, UnknownSwitchError, seeds
from graphpolicy.mock.policy.wire import known
from graphpolicy.mock.seeds import default_configuration

POLICY = "policies/authenticationMethodsPolicy"
AUTHENTICATOR = f"{POLICY}/authenticationMethodConfigurations/MicrosoftAuthenticator"
TYPE = "#microsoft.graph.microsoftAuthenticatorAuthenticationMethodConfiguration"


def era(name: str) -> Mock:
    return Mock(Switches().changed({"era": name}))


def features(mock: Mock, version: str = "beta") -> dict[str, Any]:
    found: dict[str, Any] = mock.ask("GET", f"/{version}/{AUTHENTICATOR}").body["featureSettings"]
    return found


def toggle(mock: Mock, feature: str, version: str = "beta") -> int:
    body = {"@odata.type": TYPE, "featureSettings": {feature: {"state": "disabled"}}}
    return mock.ask("PATCH", f"/{version}/{AUTHENTICATOR}", body).status


@pytest.mark.parametrize(
    ("name", "shown", "status"), [("2022", True, 204), ("2024", True, 400), ("2026", False, 400)]
)
def test_number_matchings_three_worlds(name: str, shown: bool, status: int) -> None:
    mock = era(name)
    assert ("numberMatchingRequiredState" in features(mock)) == shown
    assert toggle(mock, "numberMatchingRequiredState") == status


@pytest.mark.parametrize(
    ("name", "state"),
    [("2022", "no such key"), ("2024", "preMigration"), ("2026", "migrationComplete")],
)
def test_the_migration_state(name: str, state: str) -> None:
    policy = era(name).ask("GET", f"/v1.0/{POLICY}").body
    assert policy.get("policyMigrationState", "no such key") == state


def test_methods_come_with_time() -> None:
    counts = [
        len(era(name).policy("beta")["authenticationMethodConfigurations"])
        for name in ("2022", "2024", "2026")
    ]
    assert counts == sorted(set(counts))


@pytest.mark.parametrize(("name", "whole"), [("2022", True), ("2024", True), ("2026", False)])
def test_the_audit_log_of_the_time(name: str, whole: bool) -> None:
    mock = era(name)
    mock.portal("Voice", {"state": "disabled"})
    record = mock.ask("GET", "/v1.0/auditLogs/directoryAudits").body["value"][0]
    (entry,) = record["targetResources"][0]["modifiedProperties"]
    assert (entry["displayName"] == "Authentication Methods Policy") == whole


def test_an_era_sets_every_switch_and_single_ones_come_after() -> None:
    odd = Switches(merge_objects="deep")
    assert odd.changed({"era": "2026"}) == Switches()
    both = odd.changed({"number_matching_read": "absent", "era": "2024"})
    assert (both.number_matching_read, both.migration_state) == ("absent", "preMigration")
    with pytest.raises(UnknownSwitchError, match="2022, 2024, 2026"):
        odd.changed({"era": "1999"})


def test_a_method_and_a_property_that_nobody_knows_yet() -> None:
    mock = Mock()
    mock.set_switches(**{"beta/Future": "writable", "beta/futureRequiredState": "writable"})
    shown = mock.configuration("Future", "beta")
    assert shown["futureStrength"] == "quantum"
    assert toggle(mock, "futureRequiredState") == 204
    assert features(mock)["futureRequiredState"]["state"] == "disabled"
    assert "futureRequiredState" not in features(mock, "v1.0")
    assert toggle(mock, "futureRequiredState", "v1.0") == 400
    with pytest.raises(KeyError):
        mock.configuration("Future", "v1.0")


def test_a_deleted_group_and_groups_of_one_name_by_switch() -> None:
    mock = Mock()
    mock.set_switches(deleted_target="seeded", duplicate_names="none")
    (target,) = mock.configuration("Voice")["excludeTargets"]
    gone = mock.ask("GET", f"/v1.0/groups/{target['id']}")
    assert gone.status == 404
    names = [each["displayName"] for each in mock.tenant().groups]
    assert len(names) == len(set(names))
    mock.set_switches(era="2026")
    names = [each["displayName"] for each in mock.tenant().groups]
    assert len(names) > len(set(names))


@pytest.mark.parametrize(
    ("name", "targets", "status"), [("2022", 1, 204), ("2022", 2, 400), ("2026", 1, 400)]
)
def test_targets_that_carry_features_themselves(name: str, targets: int, status: int) -> None:
    mock = era(name)
    wanted = [
        {
            "targetType": "group",
            "id": f"0d1c2b3a-0000-4000-8000-00000000000{place}",
            "authenticationMode": "any",
            "numberMatchingRequiredState": "enabled",
        }
        for place in range(targets)
    ]
    answer = mock.ask(
        "PATCH", f"/beta/{AUTHENTICATOR}", {"@odata.type": TYPE, "includeTargets": wanted}
    )
    assert answer.status == status
    if targets == 2:
        assert "feature 'Require Number Matching'" in answer.body["error"]["message"]
    if status == 204:
        (shown,) = mock.configuration("MicrosoftAuthenticator")["includeTargets"]
        assert shown["numberMatchingRequiredState"] == "enabled"


@pytest.mark.parametrize(
    ("name", "version", "passkeys"),
    [("2022", "1.4", False), ("2024", "1.5", False), ("2026", "1.5", True)],
)
def test_passkey_profiles_and_the_policys_version_came_later(
    name: str, version: str, passkeys: bool
) -> None:
    mock = era(name)
    assert mock.policy()["policyVersion"] == version
    fido2 = mock.configuration("Fido2")
    keys = {"passkeyProfiles", "defaultPasskeyProfile"}
    assert (keys <= fido2.keys(), bool(keys & fido2.keys())) == (passkeys, passkeys)
    assert ("allowedPasskeyProfiles" in fido2["includeTargets"][0]) == passkeys
    url = f"/v1.0/{POLICY}/authenticationMethodConfigurations/Fido2"
    body = {
        "@odata.type": fido2["@odata.type"],
        "passkeyProfiles": fido2.get("passkeyProfiles", []),
    }
    assert mock.ask("PATCH", url, body).status == (204 if passkeys else 400)


def test_what_no_table_gives_a_default_is_false_or_null(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(known("voiceAuthenticationMethodConfiguration")) <= {*default_configuration("Voice")}
    declared = {"isNew": "Boolean", "newName": "String", "isOfficePhoneAllowed": "Boolean"}
    monkeypatch.setattr(seeds, "known", lambda _: declared)
    made = default_configuration("Voice")
    assert (made["isNew"], made["newName"], made["state"]) == (False, None, "disabled")
