"""Reads, tokens, tenants, the portal, deletes and creations, clouds, visibility."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graphpolicy.mock import DEFAULT_TENANT, Mock, Switches

POLICY = "/policies/authenticationMethodsPolicy"
BELOW = f"{POLICY}/authenticationMethodConfigurations"
DUO = "d0500000-0000-4000-8000-000000000001"
VOICE = {"@odata.type": "#microsoft.graph.voiceAuthenticationMethodConfiguration"}
OFF = {**VOICE, "state": "disabled"}


def ids(mock: Mock, version: str) -> list[str]:
    rows = mock.policy(version)["authenticationMethodConfigurations"]
    return [row["id"] for row in rows]


def states(mock: Mock, times: int) -> list[str]:
    """Read Voice's state several times through Graph."""
    return [mock.ask("GET", f"/v1.0{BELOW}/Voice").body["state"] for _ in range(times)]


def external(**properties: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.externalAuthenticationMethodConfiguration",
        "displayName": "Woodgrove",
        "appId": DUO,
        "openIdConnectSetting": {"clientId": "x", "discoveryUrl": "https://woodgrove.example/"},
        "state": "disabled",
        "includeTargets": [{"id": "all_users", "targetType": "group"}],
        **properties,
    }


def test_policy_as_contoso_has_it() -> None:
    mock = Mock()
    assert mock.tenant_id == DEFAULT_TENANT
    beta, v1 = ids(mock, "beta"), ids(mock, "v1.0")
    assert beta[:9] == [
        "Fido2",
        "MicrosoftAuthenticator",
        "Sms",
        "TemporaryAccessPass",
        "HardwareOath",
        "SoftwareOath",
        "Voice",
        "Email",
        "X509Certificate",
    ]
    assert beta[-1] == DUO
    assert set(beta) - set(v1) == {"HardwareOath"}
    assert "reportSuspiciousActivitySettings" in mock.policy("beta")
    assert "reportSuspiciousActivitySettings" not in mock.policy("v1.0")
    with pytest.raises(ValueError, match=r"v2\.0"):
        mock.policy("v2.0")
    with pytest.raises(KeyError):
        mock.configuration("HardwareOath", "v1.0")
    with pytest.raises(ValueError, match="seed"):
        Mock(seed="fabrikam")


def test_policy_of_a_test_is_the_policy_of_a_get() -> None:
    mock = Mock()
    for version in ("v1.0", "beta"):
        assert mock.ask("GET", f"/{version}{POLICY}").body == mock.policy(version)


@pytest.mark.parametrize(
    "path",
    [
        "/v1.0//policies/authenticationMethodsPolicy",
        "/v1.0/policies/authenticationmethodspolicy/",
        "/V1.0/Policies/AUTHENTICATIONMETHODSPOLICY",
        "/v1.0/authenticationMethodsPolicy",
    ],
)
def test_other_spellings_of_the_path(path: str) -> None:
    mock = Mock()
    assert mock.ask("GET", path).body == mock.policy("v1.0")


def test_configurations_as_a_list_and_by_their_alias() -> None:
    mock = Mock()
    rows = mock.ask("GET", f"/beta{BELOW}").body["value"]
    assert rows == mock.policy("beta")["authenticationMethodConfigurations"]
    one = mock.ask("GET", "/beta/authenticationMethodConfigurations/voice").body
    assert one["@odata.context"].endswith("#authenticationMethodConfigurations/$entity")


def test_answers_carry_ids_and_a_date() -> None:
    moment = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)
    mock = Mock(clock=lambda: moment)
    answer = mock.ask("GET", f"/v1.0{POLICY}", headers={"client-request-id": "mine"})
    assert answer.headers["Date"] == "Sun, 01 Mar 2026 09:30:15 GMT"
    assert answer.headers["client-request-id"] == "mine"
    assert answer.headers["request-id"] != "mine"
    assert answer.headers["Content-Type"].startswith("application/json")
    refused = mock.ask("GET", "/v1.0/me")
    inner = refused.body["error"]["innerError"]
    assert inner["request-id"] == inner["client-request-id"] == refused.headers["request-id"]
    assert inner["date"] == "2026-03-01T09:30:15"
    mock.ask("PATCH", f"/v1.0{BELOW}/Voice", OFF)
    assert mock.policy()["lastModifiedDateTime"] == "2026-03-01T09:30:15.1234560Z"


def test_last_modified_and_etag() -> None:
    mock = Mock(Switches(last_modified="root_only", etag="present"))
    before = mock.policy()
    mock.ask("PATCH", f"/v1.0{BELOW}/Voice", OFF)
    after = mock.ask("GET", f"/v1.0{POLICY}")
    assert after.body["lastModifiedDateTime"] == before["lastModifiedDateTime"]
    assert after.body["@odata.etag"] == after.headers["ETag"] != before["@odata.etag"]
    mock.ask("PATCH", f"/v1.0{POLICY}", {"systemCredentialPreferences": {"state": "enabled"}})
    assert mock.policy()["lastModifiedDateTime"] != before["lastModifiedDateTime"]


def test_query_options_of_the_policy() -> None:
    url = f"/v1.0{POLICY}?$select=id,displayName"
    mock = Mock()
    assert mock.ask("GET", url).body == mock.policy()
    mock.set_switches(policy_query="honour")
    names = [name for name in mock.ask("GET", url).body if not name.startswith("@")]
    assert set(names) <= {"id", "displayName", "authenticationMethodConfigurations@odata.context"}
    assert mock.ask("GET", f"/v1.0{POLICY}?$select=reportSuspiciousActivitySettings").status == 400
    mock.set_switches(policy_query="reject_400")
    assert mock.ask("GET", url).status == 400
    assert mock.ask("GET", f"/v1.0{POLICY}").status == 200


def test_single_get_wrapped() -> None:
    mock = Mock(Switches(single_get="wrapped"))
    body = mock.ask("GET", f"/v1.0{BELOW}/Voice").body
    assert list(body) == ["value"]
    assert body["value"]["id"] == "Voice"


@pytest.mark.parametrize("order", ["reverse", "sort"])
def test_order_of_arrays_and_flags(order: str) -> None:
    mock = Mock(Switches(reorder=order))
    profile = {"passkeyProfiles": [{"passkeyTypes": "synced,deviceBound"}]}
    mock.portal("Fido2", profile)
    targets = [{"id": each, "targetType": "group"} for each in ("b", "c", "a")]
    mock.portal("Voice", {"excludeTargets": targets})
    shown = [each["id"] for each in mock.configuration("Voice")["excludeTargets"]]
    assert shown == (["a", "c", "b"] if order == "reverse" else ["a", "b", "c"])
    types = mock.configuration("Fido2")["passkeyProfiles"][0]["passkeyTypes"]
    assert types == "deviceBound,synced"


def test_evolvable_members_need_a_header() -> None:
    rule = {"x509CertificateRuleType": "issuerSubjectAndPolicyOID"}
    mock = Mock()
    mock.portal("X509Certificate", {"authenticationModeConfiguration": {"rules": [rule]}})
    prefer = {"Prefer": "include-unknown-enum-members"}

    def read(headers: dict[str, str]) -> str:
        body = mock.ask("GET", f"/v1.0{BELOW}/X509Certificate", headers=headers).body
        found: str = body["authenticationModeConfiguration"]["rules"][0]["x509CertificateRuleType"]
        return found

    assert read({}) == "unknownFutureValue"
    assert read(prefer) == "issuerSubjectAndPolicyOID"
    mock.set_switches(prefer_unknown="ignore")
    assert read(prefer) == "unknownFutureValue"


def test_token_expires_by_the_clock() -> None:
    moments = [datetime(2026, 3, 1, tzinfo=UTC)]
    mock = Mock(clock=lambda: moments[-1])
    token = mock.issue_token(expires_in=3600)
    assert mock.ask("GET", f"/v1.0{POLICY}", token=token).status == 200
    moments.append(moments[-1] + timedelta(hours=1))
    assert mock.ask("GET", f"/v1.0{POLICY}", token=token).status == 401


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("Policy.Read.AuthenticationMethod", {"read"}),
        ("Policy.Read.All", {"read"}),
        ("Policy.ReadWrite.AuthenticationMethod", {"read", "write"}),
        ("GroupMember.Read.All", {"groups"}),
        ("Group.Read.All", {"groups"}),
        ("Directory.Read.All", {"groups", "objects", "organization"}),
        ("Organization.Read.All", {"organization"}),
        ("User.Read.All", set()),
    ],
)
def test_permissions(role: str, allowed: set[str]) -> None:
    mock = Mock()
    token = mock.issue_token([role])
    calls: dict[str, tuple[str, str, Any, str]] = {
        "read": ("GET", f"/v1.0{POLICY}", None, "AccessDenied"),
        "write": ("PATCH", f"/v1.0{BELOW}/Voice", OFF, "AccessDenied"),
        "groups": ("GET", "/v1.0/groups", None, "Authorization_RequestDenied"),
        "objects": (
            "POST",
            "/v1.0/directoryObjects/getByIds",
            {"ids": []},
            "Authorization_RequestDenied",
        ),
        "organization": ("GET", "/v1.0/organization", None, "Authorization_RequestDenied"),
    }
    for name, (method, path, body, code) in calls.items():
        answer = mock.ask(method, path, body, token=token)
        if name in allowed:
            assert answer.status < 300, name
        else:
            assert (answer.status, answer.body["error"]["code"]) == (403, code)


def test_tenants_are_chosen_by_the_token() -> None:
    mock = Mock()
    other = mock.add_tenant("22222222-2222-4333-8444-555555555555", "Fabrikam")
    token = mock.issue_token(tenant_id=other)
    assert mock.ask("PATCH", f"/v1.0{BELOW}/Voice", OFF, token=token).status == 204
    assert mock.configuration("Voice")["state"] == "enabled"
    assert mock.configuration("Voice", tenant_id=other)["state"] == "disabled"
    names = [
        mock.ask("GET", "/v1.0/organization", token=each).body["value"][0]["displayName"]
        for each in (mock.token, token)
    ]
    assert names == ["Contoso", "Fabrikam"]
    stranger = mock.issue_token(tenant_id="33333333-2222-4333-8444-555555555555")
    assert mock.ask("GET", f"/v1.0{POLICY}", token=stranger).status == 401
    mock.reset()
    assert mock.configuration("Voice", tenant_id=other)["state"] == "enabled"


def test_portal_edits_are_not_validated_and_are_remembered() -> None:
    mock = Mock()
    mock.portal("voice", {"state": "on", "newThing": {"a": 1}}, actor="ana@contoso.com")
    mock.portal("Hologram", {"state": "enabled"})
    mock.portal("authenticationMethodsPolicy", {"newRoot": True, "reconfirmationInDays": 7})
    voice = mock.configuration("Voice")
    assert (voice["state"], voice["newThing"]) == ("on", {"a": 1})
    assert mock.configuration("Hologram") == {"id": "Hologram", "state": "enabled"}
    assert mock.ask("PATCH", f"/v1.0{BELOW}/Hologram", OFF).status == 400
    assert mock.policy()["newRoot"] is True
    assert [(each.actor, each.resource) for each in mock.edits] == [
        ("ana@contoso.com", "Voice"),
        ("admin@contoso.com", "Hologram"),
        ("admin@contoso.com", "authenticationMethodsPolicy"),
    ]


def test_portal_merges_deeply() -> None:
    mock = Mock()
    change = {"featureSettings": {"displayAppInformationRequiredState": {"state": "enabled"}}}
    mock.portal("MicrosoftAuthenticator", change)
    found = mock.configuration("MicrosoftAuthenticator")["featureSettings"]
    assert found["displayAppInformationRequiredState"]["state"] == "enabled"
    assert found["displayAppInformationRequiredState"]["includeTarget"]["id"] == "all_users"
    assert found["displayLocationInformationRequiredState"]["state"] == "default"


def test_a_loaded_document_is_what_is_read() -> None:
    source = Mock(seed="documented").policy("beta")
    mock = Mock()
    mock.load({"policy": source, "groups": [{"id": DUO, "displayName": "Only"}]})
    loaded = mock.policy("beta")
    assert loaded == source
    assert [each["displayName"] for each in mock.ask("GET", "/v1.0/groups").body["value"]] == [
        "Only"
    ]
    mock.reset()
    assert mock.policy("beta") == Mock().policy("beta")


def test_writes_are_seen_when_the_switch_says() -> None:
    mock = Mock(Switches(visibility="after_n_reads", visibility_reads=2))
    assert mock.ask("PATCH", f"/v1.0{BELOW}/Voice", OFF).status == 204
    assert mock.configuration("Voice")["state"] == "disabled"
    assert states(mock, 3) == ["enabled", "enabled", "disabled"]
    mock.set_switches(visibility="lost")
    assert mock.ask("PATCH", f"/v1.0{BELOW}/Voice", {**VOICE, "state": "enabled"}).status == 204
    assert states(mock, 2) == ["disabled", "disabled"]


def test_delete_of_a_built_in_method() -> None:
    path = f"/v1.0{BELOW}/Voice"
    mock = Mock()
    assert mock.ask("DELETE", path).status == 204
    assert mock.configuration("Voice")["state"] == "disabled"
    assert mock.ask("DELETE", f"/v1.0{BELOW}/Email").status == 204
    assert mock.configuration("Email")["state"] == "enabled"
    mock.set_switches(defaults="all_off")
    mock.ask("DELETE", f"/v1.0{BELOW}/Email")
    assert mock.configuration("Email")["state"] == "disabled"
    mock.set_switches(defaults="fixture")
    mock.ask("DELETE", path)
    assert mock.configuration("Voice")["state"] == "enabled"
    mock.set_switches(delete_builtin="reject_400")
    assert mock.ask("DELETE", path).status == 400
    mock.set_switches(delete_builtin="remove")
    assert mock.ask("DELETE", path).status == 204
    assert mock.ask("GET", path).status == 404
    mock.set_switches(x509_delete_app_only="reject_403")
    assert mock.ask("DELETE", f"/v1.0{BELOW}/X509Certificate").status == 403


def test_external_methods_come_and_go() -> None:
    mock = Mock()
    created = mock.ask("POST", f"/beta{BELOW}", external())
    assert created.status == 201
    identifier = created.body["id"]
    assert mock.configuration(identifier)["displayName"] == "Woodgrove"
    assert created.body["includeTargets"][0]["isRegistrationRequired"] is False
    patched = mock.ask(
        "PATCH",
        f"/v1.0{BELOW}/{identifier}",
        {"@odata.type": created.body["@odata.type"], "state": "enabled"},
    )
    assert patched.status == 204
    assert mock.ask("DELETE", f"/v1.0{BELOW}/{identifier}").status == 204
    assert mock.ask("GET", f"/v1.0{BELOW}/{identifier}").status == 404
    assert mock.ask("DELETE", f"/v1.0{BELOW}/{identifier}").status == 404


def test_external_methods_under_the_switches() -> None:
    mock = Mock()
    assert mock.ask("POST", f"/v1.0{BELOW}", external()).status == 201
    assert mock.ask("POST", f"/v1.0{BELOW}", external()).status == 400
    mock.set_switches(external_duplicate="reject_409")
    assert mock.ask("POST", f"/v1.0{BELOW}", external(displayName="woodgrove")).status == 409
    mock.set_switches(external_duplicate="allow", external_post="200_entity")
    assert mock.ask("POST", f"/v1.0{BELOW}", external()).status == 200
    mock.set_switches(external_post="204_empty", external_post_v1="reject_405")
    assert mock.ask("POST", f"/beta{BELOW}", external()).status == 204
    assert mock.ask("POST", f"/v1.0{BELOW}", external()).status == 405
    untyped = {name: value for name, value in external().items() if name != "@odata.type"}
    assert mock.ask("POST", f"/beta{BELOW}", untyped).status == 400
    assert mock.ask("POST", f"/beta{BELOW}", OFF).status == 400
    assert mock.ask("POST", f"/beta{BELOW}", external(appId="")).status == 400


@pytest.mark.parametrize("cloud", ["usgov", "usgov-dod"])
def test_the_us_governments_v1_has_fewer_methods(cloud: str) -> None:
    mock = Mock(Switches(cloud=cloud))
    lacking = {"QRCodePin", "VerifiableCredentials"}
    assert lacking <= set(ids(mock, "beta"))
    assert not lacking & set(ids(mock, "v1.0"))
    for name in lacking:
        assert mock.ask("GET", f"/v1.0{BELOW}/{name}").status == 404
        assert mock.ask("GET", f"/beta{BELOW}('{name}')").status == 200


@pytest.mark.parametrize("status", [404, 403, 405])
def test_china_has_the_policy_on_beta_alone(status: int) -> None:
    mock = Mock(Switches(cloud="china", unavailable=str(status)))
    assert mock.ask("GET", f"/v1.0{POLICY}").status == status
    assert mock.ask("GET", f"/v1.0{BELOW}/Voice").status == status
    assert mock.ask("GET", f"/beta{POLICY}").status == 200
    assert mock.ask("GET", "/v1.0/groups").status == 200


def test_requests_are_recorded_without_their_tokens() -> None:
    mock = Mock()
    mock.ask("GET", "/v1.0/groups?$filter=displayName eq 'x'")
    mock.ask("PATCH", f"/v1.0{BELOW}/Voice", OFF)
    mock.ask("PATCH", f"/v1.0{BELOW}/Voice", "{broken")
    rows = [(each.method, each.query, each.body, each.status) for each in mock.requests]
    assert rows == [
        ("GET", "$filter=displayName eq 'x'", None, 200),
        ("PATCH", "", OFF, 204),
        ("PATCH", "", "{broken", 400),
    ]
    assert mock.token not in str(mock.requests)
    assert mock.token not in json.dumps(mock.state())
    mock.clear_requests()
    assert mock.requests == []


def test_starting_switches_put_the_tenant_back() -> None:
    mock = Mock()
    mock.portal("Voice", {"state": "disabled"})
    mock.set_switches(merge_objects="deep")
    assert mock.configuration("Voice")["state"] == "disabled"
    assert mock.configuration("Fido2")["defaultPasskeyProfile"]
    mock.set_switches(passkey_opt_in="before")
    assert mock.configuration("Voice")["state"] == "enabled"
    assert mock.configuration("Fido2")["defaultPasskeyProfile"] is None
