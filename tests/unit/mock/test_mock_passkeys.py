"""Passkey profiles: opting in, references, ids and the legacy settings."""

from typing import Any

from graphpolicy.mock import Mock, Switches
from graphpolicy.mock.tables import data

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


def not_opted_in(**switches: str) -> Mock:
    return Mock(Switches(passkey_opt_in="before", **switches))


def test_first_profiles_opt_in_for_good() -> None:
    mock = not_opted_in()
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


def test_opting_in_creates_a_default_profile_or_names_the_first_one() -> None:
    mock = not_opted_in()
    assert send(mock, passkeyProfiles=[profile(OTHER)], includeTargets=targets(OTHER)) == 204
    after = mock.configuration("Fido2")
    assert after["defaultPasskeyProfile"] == BASE
    assert [each["id"] for each in after["passkeyProfiles"]] == [BASE, OTHER]
    assert after["passkeyProfiles"][0]["attestationEnforcement"] == "registrationOnly"
    assert after["includeTargets"][0]["allowedPasskeyProfiles"] == [OTHER]
    mock = not_opted_in()
    assert send(mock, passkeyProfiles=[profile(OTHER)]) == 204
    assert mock.configuration("Fido2")["includeTargets"][0]["allowedPasskeyProfiles"] == [BASE]
    mock = not_opted_in(default_profile="sent")
    assert send(mock, passkeyProfiles=[profile(OTHER)], includeTargets=targets(OTHER)) == 204
    after = mock.configuration("Fido2")
    assert (after["defaultPasskeyProfile"], len(after["passkeyProfiles"])) == (OTHER, 1)


def test_the_opt_in_outlives_a_delete() -> None:
    mock = Mock()
    assert send(mock, passkeyProfiles=[profile(), profile(OTHER)]) == 204
    assert mock.ask("DELETE", URL).status == 204
    after = mock.configuration("Fido2")
    assert (after["state"], after["defaultPasskeyProfile"]) == ("disabled", BASE)
    assert [each["id"] for each in after["passkeyProfiles"]] == [BASE]


def test_a_tenant_that_has_fido2_off_is_not_opted_in() -> None:
    mock = Mock()
    assert mock.configuration("Fido2")["defaultPasskeyProfile"] == BASE
    off = {**data("seeds/contoso.json"), "configurations": {"Fido2": {"state": "disabled"}}}
    mock.world.sow(off)
    assert mock.configuration("Fido2")["passkeyProfiles"] == []


def test_how_many_profiles_there_may_be() -> None:
    rows = [profile(f"aaaaaaaa-0000-4000-8000-{place:012}") for place in range(10)]
    for number in ("10", "3"):
        mock = Mock(Switches(profiles_max=number))
        assert send(mock, passkeyProfiles=[profile(), *rows[: int(number) - 1]]) == 204
        assert send(mock, passkeyProfiles=[profile(), *rows[: int(number)]]) == 400
    mock.set_switches(profiles_max="10")
    assert send(mock, passkeyProfiles=[profile(), *rows[:6]]) == 204
    mock.world.switch({"profiles_max": "3"})
    assert send(mock, passkeyProfiles=[profile(), *rows[:6]]) == 204
    assert send(mock, passkeyProfiles=[profile(), *rows[:7]]) == 400


def test_a_new_profile_without_an_id_gets_one() -> None:
    mock = Mock()
    new = {name: value for name, value in profile(OTHER).items() if name != "id"}
    assert send(mock, passkeyProfiles=[profile(), new]) == 204
    rows = mock.configuration("Fido2")["passkeyProfiles"]
    assert [each["name"] for each in rows] == ["Default passkey profile", "Other"]
    assert len(rows[1]["id"]) == len(OTHER)


def test_what_a_patch_does_not_touch_is_not_judged() -> None:
    mock = Mock()
    odd = profile(passkeyTypes="deviceBound,synced", attestationEnforcement="registrationOnly")
    strange = targets(BASE, OTHER)
    mock.portal("Fido2", {"passkeyProfiles": [odd], "includeTargets": strange})
    assert send(mock, isSelfServiceRegistrationAllowed=False) == 204
    assert send(mock, includeTargets=strange) == 400
    assert send(mock, includeTargets=targets(BASE)) == 204
    assert send(mock, passkeyProfiles=[odd, profile(OTHER)]) == 204
    assert send(mock, passkeyProfiles=[{**odd, "name": "Mine"}, profile(OTHER)]) == 400
    mock.portal("TemporaryAccessPass", {"defaultLength": 99, "minimumLifetimeInMinutes": 9999})
    url = URL.replace("Fido2", "TemporaryAccessPass")
    body = {"@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration"}
    assert mock.ask("PATCH", url, {**body, "state": "enabled"}).status == 204
    assert mock.ask("PATCH", url, {**body, "defaultLength": 98}).status == 400
    assert mock.ask("PATCH", url, {**body, "maximumLifetimeInMinutes": 600}).status == 400


def test_rules_on_profiles_are_off_by_switch() -> None:
    mock = Mock(Switches(profile_error="ignore"))
    rows = [profile(f"aaaaaaaa-0000-4000-8000-00000000000{place}") for place in range(5)]
    assert send(mock, passkeyProfiles=rows, includeTargets=targets(OTHER, BASE)) == 204


def test_server_gives_ids_out_by_switch() -> None:
    mock = Mock(Switches(profile_id="server"))
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
        mock = Mock(Switches(fido2_wins=switch))
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
    mock = not_opted_in()
    keys = {"isEnforced": True, "enforcementType": "allow", "aaGuids": [OTHER]}
    assert send(mock, isAttestationEnforced=False, keyRestrictions=keys) == 204
    after = mock.configuration("Fido2")
    assert (after["isAttestationEnforced"], after["keyRestrictions"]) == (False, keys)
