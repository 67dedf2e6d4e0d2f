"""Passkey profiles: opting in, references, ids and the legacy keys."""

from typing import Any

from graphpolicy.mock import Mock, Switches

URL = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Fido2"
BASE = "00000000-0000-0000-0000-000000000001"
OTHER = "aaaaaaaa-0000-4000-8000-000000000002"


def profile(identifier: str = BASE, **properties: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "name": "Default passkey profile" if identifier == BASE else "Other",
        "passkeyTypes": "deviceBound",
        "attestationEnforcement": "disabled",
        "keyRestrictions": {"isEnforced": False, "enforcementType": "allow", "aaGuids": []},
        **properties,
    }


def targets(*allowed: str) -> list[dict[str, Any]]:
    return [
        {"id": "all_users", "targetType": "group", "allowedPasskeyProfiles": list(allowed)},
    ]


def send(mock: Mock, **properties: Any) -> int:
    body = {"@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration", **properties}
    return mock.ask("PATCH", URL, body).status


def test_first_profiles_opt_in_for_good() -> None:
    mock = Mock()
    assert mock.configuration("Fido2")["defaultPasskeyProfile"] is None
    rows = [profile(OTHER), profile()]
    assert send(mock, passkeyProfiles=rows, includeTargets=targets(BASE, OTHER)) == 204
    after = mock.configuration("Fido2")
    assert after["defaultPasskeyProfile"] == BASE
    assert after["passkeyProfiles"] == rows
    assert send(mock, passkeyProfiles=[]) == 400
    assert send(mock, passkeyProfiles=[profile(OTHER)], includeTargets=targets(OTHER)) == 400
    assert send(mock, passkeyProfiles=[profile()]) == 400
    assert send(mock, passkeyProfiles=[profile()], includeTargets=targets(BASE)) == 204


def test_without_the_base_profile_the_first_one_is_the_default() -> None:
    mock = Mock()
    assert send(mock, passkeyProfiles=[profile(OTHER)], includeTargets=targets(OTHER)) == 204
    assert mock.configuration("Fido2")["defaultPasskeyProfile"] == OTHER


def test_rules_on_profiles_are_off_by_switch() -> None:
    mock = Mock(Switches(profile_error="ignore"))
    rows = [profile(f"aaaaaaaa-0000-4000-8000-00000000000{place}") for place in range(5)]
    assert send(mock, passkeyProfiles=rows, includeTargets=targets(OTHER, BASE)) == 204


def test_server_gives_ids_out_by_switch() -> None:
    mock = Mock(Switches(profile_id="server", passkey_opt_in="after"))
    rows = [profile(), profile(OTHER)]
    assert send(mock, passkeyProfiles=rows, includeTargets=targets(BASE, OTHER)) == 204
    after = mock.configuration("Fido2")
    given = [each["id"] for each in after["passkeyProfiles"]]
    assert given[0] == BASE
    assert given[1] != OTHER
    assert after["includeTargets"][0]["allowedPasskeyProfiles"] == given
    assert send(mock, passkeyProfiles=after["passkeyProfiles"]) == 204
    assert [each["id"] for each in mock.configuration("Fido2")["passkeyProfiles"]] == given


def test_which_of_legacy_keys_and_profiles_wins() -> None:
    outcome = {}
    for switch in ("profiles", "legacy", "last_written"):
        mock = Mock(Switches(fido2_wins=switch, passkey_opt_in="after"))
        assert mock.configuration("Fido2")["isAttestationEnforced"] is True
        assert send(mock, isAttestationEnforced=False) == 204
        after = mock.configuration("Fido2")
        kept = after["passkeyProfiles"][0]["attestationEnforcement"]
        outcome[switch] = (after["isAttestationEnforced"], kept)
    assert outcome == {
        "profiles": (True, "registrationOnly"),
        "legacy": (False, "disabled"),
        "last_written": (False, "registrationOnly"),
    }


def test_before_the_opt_in_legacy_keys_count() -> None:
    mock = Mock()
    keys = {"isEnforced": True, "enforcementType": "allow", "aaGuids": [OTHER]}
    assert send(mock, isAttestationEnforced=False, keyRestrictions=keys) == 204
    after = mock.configuration("Fido2")
    assert (after["isAttestationEnforced"], after["keyRestrictions"]) == (False, keys)
