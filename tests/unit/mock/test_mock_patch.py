"""What a PATCH leaves behind, under every switch that decides it."""

from typing import Any

import pytest

from graphpolicy.mock import Mock, Switches

ROOT = "/policies/authenticationMethodsPolicy"
BELOW = f"{ROOT}/authenticationMethodConfigurations"
ONE, TWO = "0d1c2b3a-0000-4000-8000-000000000001", "0d1c2b3a-0000-4000-8000-000000000002"
ZERO = "00000000-0000-0000-0000-000000000000"
BASE_PROFILE = "00000000-0000-0000-0000-000000000001"
TYPES = {
    "Voice": "voice",
    "Sms": "sms",
    "MicrosoftAuthenticator": "microsoftAuthenticator",
    "X509Certificate": "x509Certificate",
    "TemporaryAccessPass": "temporaryAccessPass",
    "Fido2": "fido2",
    "QRCodePin": "qrCodePin",
    "Email": "email",
    "HardwareOath": "hardwareOath",
}


def group(identifier: str) -> dict[str, Any]:
    return {"id": identifier, "targetType": "group"}


def patch(mock: Mock, method: str, version: str = "beta", **properties: Any) -> int:
    """PATCH a configuration and return the status."""
    body = {
        "@odata.type": f"#microsoft.graph.{TYPES[method]}AuthenticationMethodConfiguration",
        **properties,
    }
    return mock.ask("PATCH", f"/{version}{BELOW}/{method}", body).status


def patch_root(mock: Mock, version: str = "beta", **properties: Any) -> int:
    return mock.ask("PATCH", f"/{version}{ROOT}", properties).status


def features(mock: Mock) -> dict[str, Any]:
    found: dict[str, Any] = mock.configuration("MicrosoftAuthenticator", "beta")["featureSettings"]
    return found


def campaign(mock: Mock) -> dict[str, Any]:
    found: dict[str, Any] = mock.policy("beta")["registrationEnforcement"][
        "authenticationMethodsRegistrationCampaign"
    ]
    return found


def test_top_level_properties_that_are_not_sent_keep_their_value() -> None:
    mock = Mock()
    assert patch(mock, "TemporaryAccessPass", isUsableOnce=True) == 204
    after = mock.configuration("TemporaryAccessPass")
    assert (after["isUsableOnce"], after["state"], after["maximumLifetimeInMinutes"]) == (
        True,
        "disabled",
        480,
    )


ENABLED = {"state": "enabled", "includeTarget": group(ONE)}


@pytest.mark.parametrize("switch", ["replace", "deep"])
def test_nested_objects_are_replaced_or_merged(switch: str) -> None:
    mock = Mock(Switches(merge_objects=switch))
    patch(mock, "MicrosoftAuthenticator", featureSettings={"companionAppAllowedState": ENABLED})
    location = {"displayLocationInformationRequiredState": {"state": "enabled"}}
    assert patch(mock, "MicrosoftAuthenticator", featureSettings=location) == 204
    after = features(mock)
    assert after["displayLocationInformationRequiredState"] == {
        "state": "enabled",
        "includeTarget": group("all_users"),
        "excludeTarget": group(ZERO),
    }
    expected = "enabled" if switch == "deep" else "default"
    assert after["companionAppAllowedState"]["state"] == expected
    assert set(after) == set(features(Mock()))


def test_a_replacing_write_on_v1_resets_what_only_beta_shows() -> None:
    mock = Mock()
    patch(mock, "MicrosoftAuthenticator", featureSettings={"companionAppAllowedState": ENABLED})
    location = {"displayLocationInformationRequiredState": {"state": "enabled"}}
    assert patch(mock, "MicrosoftAuthenticator", "v1.0", featureSettings=location) == 204
    assert features(mock)["companionAppAllowedState"]["state"] == "default"


@pytest.mark.parametrize("merge", ["replace", "deep"])
def test_a_read_only_member_keeps_its_value(merge: str) -> None:
    keys = {"beta/companionAppAllowedState": "read_only"}
    mock = Mock(Switches(merge_objects=merge, keys=keys))
    portal = {"featureSettings": {"companionAppAllowedState": {"state": "disabled"}}}
    mock.portal("MicrosoftAuthenticator", portal)
    sent = {
        "companionAppAllowedState": ENABLED,
        "displayAppInformationRequiredState": ENABLED,
    }
    assert patch(mock, "MicrosoftAuthenticator", featureSettings=sent) == 204
    assert features(mock)["companionAppAllowedState"]["state"] == "disabled"
    assert features(mock)["displayAppInformationRequiredState"]["state"] == "enabled"


@pytest.mark.parametrize("switch", ["replace", "append"])
def test_arrays_are_replaced_or_added_to(switch: str) -> None:
    mock = Mock(Switches(merge_arrays=switch))
    patch(mock, "Sms", includeTargets=[{**group(ONE), "isUsableForSignIn": False}])
    assert patch(mock, "Sms", includeTargets=[group(TWO), group(ONE)]) == 204
    ids = [each["id"] for each in mock.configuration("Sms")["includeTargets"]]
    assert ids == ([TWO, ONE] if switch == "replace" else ["all_users", ONE, TWO])
    again = [e for e in mock.configuration("Sms")["includeTargets"] if e["id"] == ONE]
    assert again[0]["isUsableForSignIn"] is True


def test_appended_strings_are_a_union() -> None:
    mock = Mock(Switches(merge_arrays="append", passkey_opt_in="before"))
    one, two = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    patch(mock, "Fido2", keyRestrictions={"aaGuids": [one]})
    patch(mock, "Fido2", keyRestrictions={"aaGuids": [one, two]})
    assert mock.configuration("Fido2")["keyRestrictions"]["aaGuids"] == [one, two]


@pytest.mark.parametrize("switch", ["on", "off"])
def test_members_that_a_new_element_leaves_out_are_filled_or_not(switch: str) -> None:
    mock = Mock(Switches(fill_defaults=switch))
    binding = {"x509CertificateField": "RFC822Name", "userProperty": "userPrincipalName"}
    patch(mock, "X509Certificate", certificateUserBindings=[{**binding, "priority": 1}])
    patch(mock, "Sms", includeTargets=[group(ONE)])
    stored = mock.configuration("X509Certificate")["certificateUserBindings"][0]
    target = mock.configuration("Sms")["includeTargets"][0]
    if switch == "on":
        assert stored["trustAffinityLevel"] == "low"
        assert target == {
            **group(ONE),
            "isRegistrationRequired": False,
            "isUsableForSignIn": True,
        }
    else:
        assert "trustAffinityLevel" not in stored
        assert target == group(ONE)


@pytest.mark.parametrize(("switch", "expected"), [("zero_guid", ZERO), ("keep", TWO)])
def test_an_omitted_exclude_target(switch: str, expected: str) -> None:
    mock = Mock(Switches(feature_exclude_omitted=switch))
    whole = {"state": "enabled", "includeTarget": group(ONE), "excludeTarget": group(TWO)}
    name = "displayAppInformationRequiredState"
    patch(mock, "MicrosoftAuthenticator", featureSettings={name: whole})
    patch(mock, "MicrosoftAuthenticator", featureSettings={name: ENABLED})
    assert features(mock)[name]["excludeTarget"]["id"] == expected


@pytest.mark.parametrize("read", ["absent", "present"])
def test_number_matching_is_read_on_beta_alone(read: str) -> None:
    mock = Mock(Switches(number_matching_read=read))
    name = "numberMatchingRequiredState"
    assert (name in features(mock)) == (read == "present")
    assert name not in mock.configuration("MicrosoftAuthenticator")["featureSettings"]


def test_number_matching_where_a_tenant_still_takes_it() -> None:
    mock = Mock(Switches(number_matching_read="present", number_matching_write="accepted"))
    sent = {"numberMatchingRequiredState": ENABLED}
    assert patch(mock, "MicrosoftAuthenticator", featureSettings=sent) == 204
    assert features(mock)["numberMatchingRequiredState"]["includeTarget"] == group(ONE)


def test_refused_number_matching_survives_writes_to_its_siblings() -> None:
    mock = Mock(Switches(number_matching_read="present"))
    kept = {"featureSettings": {"numberMatchingRequiredState": {"state": "enabled"}}}
    mock.portal("MicrosoftAuthenticator", kept)
    sent = {"displayAppInformationRequiredState": ENABLED}
    assert patch(mock, "MicrosoftAuthenticator", featureSettings=sent) == 204
    assert features(mock)["numberMatchingRequiredState"]["state"] == "enabled"


def test_root_patch_answers_as_switched() -> None:
    body = {"systemCredentialPreferences": {"state": "enabled"}}
    mock = Mock()
    answer = mock.ask("PATCH", f"/v1.0{ROOT}", body)
    assert answer.status == 200
    assert answer.body["systemCredentialPreferences"]["state"] == "enabled"
    assert "authenticationMethodConfigurations" not in answer.body
    mock.set_switches(root_patch="204_empty")
    assert mock.ask("PATCH", f"/v1.0{ROOT}", body).body is None
    mock.set_switches(root_patch="200_body_beta_context")
    assert "/beta/" in mock.ask("PATCH", f"/v1.0{ROOT}", body).body["@odata.context"]


def test_root_properties_that_cannot_be_written() -> None:
    mock = Mock(Switches(root_unwritable="ignore"))
    assert patch_root(mock, displayName="Mine", reconfirmationInDays=3) == 200
    assert mock.policy()["displayName"] == "Authentication Methods Policy"
    mock.set_switches(root_writable="all")
    assert patch_root(mock, displayName="Mine", id="authenticationMethodsPolicy") == 200
    assert mock.policy()["displayName"] == "Mine"
    voice = {**mock.configuration("Voice", "beta"), "state": "disabled"}
    assert patch_root(mock, authenticationMethodConfigurations=[voice]) == 200
    assert mock.configuration("Voice")["state"] == "disabled"
    assert patch_root(mock, authenticationMethodConfigurations=[{"id": "Fax"}]) == 404
    assert patch_root(mock, authenticationMethodConfigurations={}) == 400


def test_unknown_properties_and_a_missing_type_ignored_by_switch() -> None:
    mock = Mock(Switches(unknown_property="ignore", missing_odata_type="ignore"))
    body = {"stat": "disabled", "isOfficePhoneAllowed": True}
    assert mock.ask("PATCH", f"/v1.0{BELOW}/Voice", body).status == 204
    after = mock.configuration("Voice")
    assert (after["state"], after["isOfficePhoneAllowed"]) == ("enabled", True)
    assert "stat" not in after


def test_a_whole_get_body_can_be_sent_back() -> None:
    mock = Mock()
    for version in ("v1.0", "beta"):
        for row in mock.policy(version)["authenticationMethodConfigurations"]:
            before = mock.policy("beta")["authenticationMethodConfigurations"]
            answer = mock.ask("PATCH", f"/{version}{BELOW}/{row['id']}", row)
            assert answer.status == 204, answer.body
            if version == "beta":
                assert mock.policy("beta")["authenticationMethodConfigurations"] == before


def test_ranges_are_clamped_by_switch() -> None:
    mock = Mock(Switches(range_error="clamp"))
    assert patch(mock, "TemporaryAccessPass", defaultLength=4, defaultLifetimeInMinutes=900) == 204
    after = mock.configuration("TemporaryAccessPass")
    assert (after["defaultLength"], after["defaultLifetimeInMinutes"]) == (8, 480)
    assert patch(mock, "TemporaryAccessPass", minimumLifetimeInMinutes=900) == 204
    assert mock.configuration("TemporaryAccessPass")["maximumLifetimeInMinutes"] == 900
    sent = {"authenticationMethodsRegistrationCampaign": {"snoozeDurationInDays": 99}}
    assert patch_root(mock, registrationEnforcement=sent) == 200
    assert campaign(mock)["snoozeDurationInDays"] == 14


def test_targets_are_looked_up_by_switch() -> None:
    strange = "0d1c2b3a-ffff-4000-8000-000000000001"
    mock = Mock()
    assert patch(mock, "Voice", excludeTargets=[group(strange)]) == 204
    mock.set_switches(validate_targets="reject_400")
    assert patch(mock, "Voice", excludeTargets=[group(strange)]) == 400
    assert patch(mock, "Voice", excludeTargets=[group(ONE)]) == 204
    assert patch(mock, "Voice", includeTargets=[group("all_users")]) == 204


def test_user_targets_are_refused_by_switch_on_methods_alone() -> None:
    user = {"id": ONE, "targetType": "user"}
    mock = Mock(Switches(user_target_write="reject_400"))
    assert patch(mock, "Voice", excludeTargets=[user]) == 400
    sent = {"authenticationMethodsRegistrationCampaign": {"excludeTargets": [user]}}
    assert patch_root(mock, registrationEnforcement=sent) == 200
    mock.set_switches(user_target_write="accept")
    assert patch(mock, "Voice", excludeTargets=[user]) == 204


def test_campaign_methods() -> None:
    target = {**group("all_users"), "targetedAuthenticationMethod": "fido2"}
    sent = {"authenticationMethodsRegistrationCampaign": {"includeTargets": [target]}}
    mock = Mock()
    assert patch_root(mock, registrationEnforcement=sent) == 200
    assert campaign(mock)["includeTargets"] == [target]
    mock.set_switches(campaign_case="canonical")
    assert patch_root(mock, registrationEnforcement=sent) == 200
    assert campaign(mock)["includeTargets"][0]["targetedAuthenticationMethod"] == "Fido2"
    mock.set_switches(campaign_fido2="reject_400")
    assert patch_root(mock, registrationEnforcement=sent) == 400


def test_system_preferred_takes_more_groups_by_switch() -> None:
    body = {"state": "enabled", "includeTargets": [group(ONE), group(TWO)]}
    assert patch_root(Mock(), systemCredentialPreferences=body) == 400
    mock = Mock(Switches(system_preferred_max="unlimited"))
    assert patch_root(mock, systemCredentialPreferences=body) == 200


@pytest.mark.parametrize(
    ("switch", "field", "user_property", "status"),
    [
        ("union", "SHA1PublicKey", "email", 204),
        ("v1", "SHA1PublicKey", "certificateUserIds", 204),
        ("v1", "PrincipalName", "email", 400),
        ("beta", "PrincipalName", "email", 204),
        ("beta", "SHA1PublicKey", "userPrincipalName", 400),
    ],
)
def test_binding_values(switch: str, field: str, user_property: str, status: int) -> None:
    row = {"x509CertificateField": field, "userProperty": user_property, "priority": 1}
    mock = Mock(Switches(binding_values=switch))
    assert patch(mock, "X509Certificate", certificateUserBindings=[row]) == status


@pytest.mark.parametrize("state", ["null", "absent", "preMigration"])
@pytest.mark.parametrize("switch", ["apply", "ignore", "reject_400"])
def test_migration_state(state: str, switch: str) -> None:
    mock = Mock(Switches(migration_state=state, migration_patch=switch))
    before = mock.policy().get("policyMigrationState", "absent")
    assert before == {"null": None}.get(state, state)
    status = patch_root(mock, policyMigrationState="migrationComplete")
    assert status == (400 if switch == "reject_400" else 200)
    moves = switch == "apply" and state == "preMigration"
    after = mock.policy().get("policyMigrationState", "absent")
    assert after == ("migrationComplete" if moves else before)


def test_the_migration_state_may_be_written_on_beta_alone() -> None:
    mock = Mock(Switches(migration_state="preMigration", migration_patch="beta_only"))
    body = {"policyMigrationState": "migrationComplete"}
    assert mock.ask("PATCH", f"/v1.0{ROOT}", body).status == 400
    assert mock.policy()["policyMigrationState"] == "preMigration"
    assert mock.ask("PATCH", f"/beta{ROOT}", body).status == 200
    assert mock.policy()["policyMigrationState"] == "migrationComplete"


def test_qr_id_and_exact_case() -> None:
    mock = Mock(Switches(qr_id="qrCodePin", id_case="exact"))
    assert mock.configuration("qrcodepin")["id"] == "qrCodePin"
    assert mock.ask("GET", f"/v1.0{BELOW}/qrCodePin").status == 200
    for name in ("QRCodePin", "voice", "VOICE"):
        assert mock.ask("GET", f"/v1.0{BELOW}/{name}").status == 404
    mock.set_switches(id_case="insensitive")
    assert mock.ask("GET", f"/v1.0{BELOW}/VOICE").body["id"] == "Voice"


def test_verifiable_credentials_url() -> None:
    plain, longer = f"/v1.0{BELOW}/VerifiableCredentials", "/VerifiableCredentials"
    mock = Mock()
    assert mock.ask("GET", plain).status == 200
    assert mock.ask("GET", plain + longer).status == 404
    mock.set_switches(verifiable_credentials_url="with_id")
    assert mock.ask("GET", plain).status == 404
    assert mock.ask("GET", plain + longer).status == 200


def test_a_method_that_is_read_only() -> None:
    mock = Mock(Switches(keys={"v1.0/HardwareOath": "read_only"}))
    assert mock.configuration("HardwareOath")["state"] == "disabled"
    assert patch(mock, "HardwareOath", "v1.0", state="enabled") == 204
    assert mock.configuration("HardwareOath")["state"] == "disabled"
    assert patch(mock, "HardwareOath", "beta", state="enabled") == 204
    assert mock.configuration("HardwareOath")["state"] == "enabled"
