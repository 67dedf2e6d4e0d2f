"""People, what they belong to, and their sign-in methods: shown, deleted, preferred, ended."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from graphpolicy.mock import Answer, Mock

MIA = "mia.lopez@contoso.com"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"
ZURICH = "0d1c2b3a-0000-4000-8000-00000000000c"
MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
ALTERNATE = "b6332ec1-7057-4abe-9331-3d72feddfe41"


def get(mock: Mock, path: str, version: str = "v1.0", **headers: str) -> Answer:
    return mock.ask("GET", f"/{version}/{path}", headers=headers)


def names(answer: Answer, key: str = "displayName") -> list[str]:
    assert answer.status == 200, answer.body
    return [each[key] for each in answer.body["value"]]


def methods(mock: Mock, name: str, version: str = "v1.0") -> list[str]:
    answer = get(mock, f"users/{quote(name)}/authentication/methods", version)
    assert answer.status == 200, answer.body
    return [each["@odata.type"].rpartition(".")[2] for each in answer.body["value"]]


def test_people_by_name_id_and_filter() -> None:
    mock = Mock()
    mia = get(mock, f"users/{MIA}").body
    assert get(mock, f"users/{mia['id']}").body["userPrincipalName"] == MIA
    assert names(get(mock, f"users?$filter=userPrincipalName eq '{MIA}'")) == ["Mia Lopez"]
    guest = quote("lena.weber_fabrikam.com#EXT#@contoso.com")
    assert get(mock, f"users/{guest}?$select=userType").body["userType"] == "Guest"
    assert get(mock, "users/nobody@contoso.com").status == 404
    token = mock.issue_user_token(MIA)
    assert mock.ask("GET", "/v1.0/me", token=token).body["id"] == mia["id"]


def test_a_person_comes_with_what_graph_shows_by_default_and_with_what_is_selected() -> None:
    mock = Mock()
    shown = get(mock, f"users/{MIA}").body
    assert set(shown) == {
        "@odata.context",
        "businessPhones",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    }
    picked = get(mock, f"users/{MIA}?$select=accountEnabled,userType,onPremisesSyncEnabled").body
    assert picked["accountEnabled"] is True
    assert picked["userType"] == "Member"
    assert picked["onPremisesSyncEnabled"] is None
    assert "id" not in picked
    assert get(mock, f"users/{MIA}?$select=shoeSize").status == 400
    guests = get(mock, "users?$filter=userType eq 'Guest'&$select=displayName").body["value"]
    assert guests == [{"displayName": "Lena Weber"}]
    mixed = get(mock, f"groups/{PILOT}/members?$select=id,userPrincipalName").body["value"]
    assert [set(each) for each in mixed] == [
        {"@odata.type", "id", "userPrincipalName"},
        {"@odata.type", "id"},
    ]


def test_membership_straight_and_through_groups() -> None:
    mock = Mock()
    straight = names(get(mock, "users/noor.haddad@contoso.com/memberOf"))
    assert straight == ["Zürich \u2013 Außendienst", "Plant Zürich"]
    through = names(get(mock, "users/noor.haddad@contoso.com/transitiveMemberOf"))
    assert set(through) == {*straight, "SG-MFA-Pilot-P"}
    below = "users/noor.haddad@contoso.com/transitiveMemberOf/microsoft.graph"
    assert "Plant Zürich" not in names(get(mock, f"{below}.group"))
    assert names(get(mock, f"{below}.administrativeUnit")) == ["Plant Zürich"]
    assert names(get(mock, f"{below}.directoryRole")) == []
    roles = "users/reader@contoso.com/transitiveMemberOf/microsoft.graph.directoryRole"
    assert names(get(mock, roles)) == ["Global Reader"]
    assert names(get(mock, f"groups/{PILOT}/members")) == ["Mia Lopez", "Zürich \u2013 Außendienst"]
    assert names(get(mock, f"groups/{PILOT}/owners")) == []
    assert set(names(get(mock, f"groups/{PILOT}/transitiveMembers/microsoft.graph.user"))) == {
        "Mia Lopez",
        "Noor Haddad",
    }
    counted = get(
        mock,
        f"groups/{PILOT}/transitiveMembers/microsoft.graph.user/$count",
        ConsistencyLevel="eventual",
    )
    assert (counted.status, counted.body) == (200, "2")
    assert get(mock, f"groups/{PILOT}/transitiveMembers/$count").status == 400


def test_groups_in_a_ring_end() -> None:
    mock = Mock()
    mock.join(ZURICH, PILOT)
    found = names(get(mock, f"groups/{PILOT}/transitiveMembers"))
    assert sorted(found) == ["Mia Lopez", "Noor Haddad", "Zürich \u2013 Außendienst"]
    assert "SG-MFA-Pilot-P" in names(get(mock, f"users/{MIA}/transitiveMemberOf"))


def test_member_groups_are_checked_and_listed() -> None:
    mock = Mock()
    url = "/v1.0/users/noor.haddad@contoso.com"
    wanted = [PILOT, "0d1c2b3a-0000-4000-8000-000000000002"]
    answer = mock.ask("POST", f"{url}/checkMemberGroups", {"groupIds": wanted})
    assert answer.body["value"] == [PILOT]
    everything = mock.ask("POST", f"{url}/getMemberGroups", {"securityEnabledOnly": True})
    assert set(everything.body["value"]) == {PILOT, ZURICH}
    for path, body in (
        ("checkMemberGroups", {"groupIds": [PILOT] * 21}),
        ("checkMemberGroups", {"groupIds": PILOT}),
        ("getMemberGroups", {}),
    ):
        assert mock.ask("POST", f"{url}/{path}", body).status == 400


def test_units_roles_and_who_has_them() -> None:
    mock = Mock()
    unit = get(mock, "directory/administrativeUnits").body["value"][0]
    assert names(get(mock, f"directory/administrativeUnits/{unit['id']}/members")) == [
        "Noor Haddad"
    ]
    found = get(mock, "directoryRoles?$filter=displayName eq 'Global Reader'").body["value"][0]
    assert found["roleTemplateId"] == "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
    assert names(get(mock, f"directoryRoles/{found['id']}/members")) == ["Rita Reader"]
    assert "Helpdesk Administrator" in names(get(mock, "directoryRoleTemplates"))
    assert "Helpdesk Administrator" not in names(get(mock, "directoryRoles"))
    admin = get(mock, "users/admin@contoso.com").body["id"]
    rows = get(
        mock, f"roleManagement/directory/roleAssignments?$filter=principalId eq '{admin}'"
    ).body["value"]
    assert [each["roleDefinitionId"] for each in rows] == ["62e90394-69f5-4237-9190-012177145e10"]


def test_roles_for_a_part_of_the_tenant_and_roles_that_somebody_may_take() -> None:
    mock = Mock()
    unit, group = "0a000000-0000-4000-8000-000000000001", "0d1c2b3a-0000-4000-8000-000000000001"
    mock.grant_role("User Administrator", "mia.lopez@contoso.com", unit=unit)
    mock.grant_role("Global Administrator", group, eligible=True)
    mia = get(mock, "users/mia.lopez@contoso.com").body["id"]
    where, eligible = "roleManagement/directory", "roleEligibilityScheduleInstances"
    (row,) = get(mock, f"{where}/roleAssignments?$filter=principalId eq '{mia}'").body["value"]
    assert row["directoryScopeId"] == f"/administrativeUnits/{unit}"
    name = get(mock, f"{where}/roleDefinitions/{row['roleDefinitionId']}").body["displayName"]
    assert name == "User Administrator"
    (row,) = get(mock, f"{where}/{eligible}?$filter=principalId eq '{group}'").body["value"]
    assert row["directoryScopeId"] == "/"
    assert get(mock, f"groups/{group}").body["isAssignableToRole"] is True
    assert names(get(mock, f"users/{mia}/transitiveMemberOf/microsoft.graph.directoryRole")) == []
    mock.set_switches(role_eligibility="license_400")
    refused = get(mock, f"{where}/{eligible}")
    assert (refused.status, refused.body["error"]["code"]) == (400, "AadPremiumLicenseRequired")


def test_methods_are_those_of_the_version() -> None:
    mock = Mock()
    assert methods(mock, "kofi.mensah@contoso.com") == [
        "passwordAuthenticationMethod",
        "softwareOathAuthenticationMethod",
        "externalAuthenticationMethod",
    ]
    assert set(methods(mock, "kofi.mensah@contoso.com", "beta")) >= {
        "hardwareOathAuthenticationMethod",
        "qrCodePinAuthenticationMethod",
    }


def test_phones_are_masked_for_an_authentication_administrator() -> None:
    mock = Mock()
    url = f"/v1.0/users/{MIA}/authentication/phoneMethods/{MOBILE}"
    seen = {
        name: mock.ask("GET", url, token=mock.issue_user_token(name)).body["phoneNumber"]
        for name in ("helpdesk@contoso.com", "privileged@contoso.com")
    }
    assert seen == {
        "helpdesk@contoso.com": "+1 XXXXXXXX00",
        "privileged@contoso.com": "+1 2065550100",
    }


def delete(mock: Mock, path: str, version: str = "v1.0", token: str | None = None) -> Answer:
    return mock.ask("DELETE", f"/{version}/users/{path}", token=token)


def test_methods_go_in_the_order_that_graph_asks_for() -> None:
    mock = Mock()
    phones = f"{MIA}/authentication/phoneMethods"
    refused = delete(mock, f"{phones}/{MOBILE}")  # the default
    assert (refused.status, refused.body["error"]["code"]) == (400, "badRequest")
    preferences = f"/beta/users/{MIA}/authentication/signInPreferences"
    wanted = {"userPreferredMethodForSecondaryAuthentication": "push"}
    assert mock.ask("PATCH", preferences, wanted).status == 204
    shown = mock.ask("GET", preferences).body
    assert shown["userPreferredMethodForSecondaryAuthentication"] == "push"
    assert "alternate" in delete(mock, f"{phones}/{MOBILE}").body["error"]["message"]
    for path in (f"{phones}/{ALTERNATE}", f"{phones}/{MOBILE}"):
        assert delete(mock, path).status == 204
        assert delete(mock, path).status == 404
    assert methods(mock, MIA) == [
        "passwordAuthenticationMethod",
        "microsoftAuthenticatorAuthenticationMethod",
        "emailAuthenticationMethod",
    ]


@pytest.mark.parametrize("status", ["400", "403", "409"])
def test_the_last_second_factor_may_go_though_it_is_the_default(status: str) -> None:
    mock = Mock()
    mock.set_switches(default_delete=status)
    mock.tenant().registered.prefer("noor.haddad@contoso.com", "sms")
    path = f"noor.haddad@contoso.com/authentication/phoneMethods/{MOBILE}"
    mock.tenant().registered.register("noor.haddad@contoso.com", "softwareOath")
    assert delete(mock, path).status == int(status)
    soft = get(mock, "users/noor.haddad@contoso.com/authentication/softwareOathMethods")
    identifier = soft.body["value"][0]["id"]
    other = f"noor.haddad@contoso.com/authentication/softwareOathMethods/{identifier}"
    assert delete(mock, other).status == 204
    assert delete(mock, path).status == 204


def test_a_default_that_is_no_phone_may_be_held_too() -> None:
    mock = Mock()
    path = "admin@contoso.com/authentication/microsoftAuthenticatorMethods"
    identifier = get(mock, f"users/{path}").body["value"][0]["id"]
    preferences = "/beta/users/admin@contoso.com/authentication/signInPreferences"
    chosen = "userPreferredMethodForSecondaryAuthentication"
    mock.set_switches(default_scope="any")
    assert delete(mock, f"{path}/{identifier}").status == 400
    mock.set_switches(default_scope="phone")
    assert mock.ask("GET", preferences).body[chosen] == "push"
    assert delete(mock, f"{path}/{identifier}").status == 204
    assert mock.ask("GET", preferences).body[chosen] is None
    assert report(mock)["admin@contoso.com"][chosen] == "none"


def test_one_method_names_its_context() -> None:
    mock = Mock()
    identifier = mock.tenant().directory.key(MIA)
    one = get(mock, f"users/{MIA}/authentication/phoneMethods/{MOBILE}").body
    assert one["@odata.context"] == (
        "https://graph.microsoft.com/v1.0/$metadata"
        f"#users('{identifier}')/authentication/phoneMethods/$entity"
    )
    code = get(mock, "users/kofi.mensah@contoso.com/authentication/qrCodePinMethod", "beta").body
    assert code["@odata.context"].endswith("/authentication/qrCodePinMethod/$entity")


def test_what_has_no_delete() -> None:
    mock = Mock()
    password = "28c10230-6103-485e-b985-444c60001490"
    assert delete(mock, f"{MIA}/authentication/passwordMethods/{password}").status == 405
    assert delete(mock, f"{MIA}/authentication/methods/{MOBILE}").status == 405
    kofi = "kofi.mensah@contoso.com/authentication/qrCodePinMethod"
    assert delete(mock, kofi).status == 405
    assert delete(mock, kofi, "beta").status == 204
    assert delete(mock, kofi, "beta").status == 404


def test_an_authentication_administrator_helps_people_with_a_minor_role() -> None:
    mock = Mock()
    mock.tenant().registered.register("reports@contoso.com", "email")
    helpdesk = mock.issue_user_token("helpdesk@contoso.com")
    (email,) = mock.tenant().registered.of("reports@contoso.com")
    path = f"reports@contoso.com/authentication/emailMethods/{email['id']}"
    mock.assign_role("Global Reader", "reports@contoso.com")
    assert delete(mock, path, token=helpdesk).status == 403
    mock.tenant().directory.leave(
        mock.tenant().directory.activate("Global Reader"), "reports@contoso.com"
    )
    assert delete(mock, path, token=helpdesk).status == 204


def test_an_authentication_administrator_leaves_administrators_alone() -> None:
    mock = Mock()
    keys = get(mock, "users/bg-01@contoso.com/authentication/fido2Methods").body["value"]
    path = f"bg-01@contoso.com/authentication/fido2Methods/{keys[0]['id']}"
    assert delete(mock, path, token=mock.issue_user_token("helpdesk@contoso.com")).status == 403
    assert delete(mock, path, token=mock.issue_user_token("privileged@contoso.com")).status == 204
    mias = f"{MIA}/authentication/phoneMethods/{ALTERNATE}"
    assert delete(mock, mias, token=mock.issue_user_token("helpdesk@contoso.com")).status == 204


def test_other_preferences_and_requirements_are_refused() -> None:
    mock = Mock()
    below = f"/beta/users/{MIA}/authentication"
    for path, body in (
        ("signInPreferences", {"userPreferredMethodForSecondaryAuthentication": "voiceOffice"}),
        ("signInPreferences", {}),
        ("requirements", {"perUserMfaState": "on"}),
    ):
        assert mock.ask("PATCH", f"{below}/{path}", body).status == 400
    assert mock.ask("PATCH", f"{below}/requirements", {"perUserMfaState": "enforced"}).status == 204
    assert mock.ask("GET", f"{below}/requirements").body["perUserMfaState"] == "enforced"


@pytest.mark.parametrize(
    ("answer", "status", "value", "ended"),
    [("200_true", 200, True, 401), ("204", 204, None, 401), ("200_false", 200, False, 200)],
)
def test_sessions_end(answer: str, status: int, value: bool | None, ended: int) -> None:
    mock = Mock()
    mock.set_switches(revoke=answer)
    token = mock.issue_user_token(MIA)
    since = f"users/{MIA}?$select=signInSessionsValidFromDateTime"
    before, shown = get(mock, since).body, set(get(mock, f"users/{MIA}").body)
    done = mock.ask("POST", f"/v1.0/users/{MIA}/revokeSignInSessions")
    assert done.status == status
    assert (done.body or {}).get("value") is value
    assert mock.ask("GET", "/v1.0/me", token=token).status == ended
    assert (get(mock, since).body != before) is (ended == 401)
    assert set(get(mock, f"users/{MIA}").body) == shown


def test_whose_sessions_do_not_end() -> None:
    mock = Mock()
    lena = "lena.weber_fabrikam.com#EXT#@contoso.com"
    token = mock.issue_user_token(lena)
    assert mock.ask("POST", f"/v1.0/users/{quote(lena)}/revokeSignInSessions").status == 200
    assert mock.ask("GET", "/v1.0/me", token=token).status == 200
    helpdesk = mock.issue_user_token("helpdesk@contoso.com")
    url = "/v1.0/users/reader@contoso.com/revokeSignInSessions"
    refused = mock.ask("POST", url, token=helpdesk)
    assert (refused.status, refused.body["error"]["code"]) == (403, "Authorization_RequestDenied")
    token = mock.issue_user_token(MIA)
    mock.add_fault("not_persisted", path_contains="revokeSignInSessions")
    assert mock.ask("POST", f"/v1.0/users/{MIA}/revokeSignInSessions").body["value"] is True
    assert mock.ask("GET", "/v1.0/me", token=token).status == 200


def test_per_user_mfa_that_is_enabled_for_who_has_a_method_is_enforced() -> None:
    mock = Mock()
    for who, becomes in ((MIA, "enforced"), ("reports@contoso.com", "enabled")):
        url = f"/beta/users/{who}/authentication/requirements"
        assert mock.ask("PATCH", url, {"perUserMfaState": "enabled"}).status == 204
        assert mock.ask("GET", url).body["perUserMfaState"] == becomes


def report(mock: Mock, query: str = "", version: str = "v1.0") -> dict[str, dict[str, Any]]:
    url = "reports/authenticationMethods/userRegistrationDetails"
    answer = get(mock, f"{url}{query}", version)
    assert answer.status == 200, answer.body
    return {each["userPrincipalName"]: each for each in answer.body["value"]}


def test_the_report_says_what_is_registered_and_what_still_counts() -> None:
    mock = Mock()
    rows = report(mock)
    assert rows[MIA]["methodsRegistered"] == [
        "mobilePhone",
        "alternateMobilePhone",
        "microsoftAuthenticatorPush",
        "softwareOneTimePasscode",
        "email",
    ]
    assert rows[MIA]["userPreferredMethodForSecondaryAuthentication"] == "sms"
    assert rows["bg-01@contoso.com"]["isAdmin"] is True
    assert rows["bg-01@contoso.com"]["isPasswordlessCapable"] is True
    assert rows["bg-02@contoso.com"]["isMfaRegistered"] is False
    noor = rows["noor.haddad@contoso.com"]
    assert (noor["isMfaRegistered"], noor["isMfaCapable"]) == (True, True)
    for method in ("Sms", "Voice"):
        mock.portal(method, {"state": "disabled"})
    noor = report(mock)["noor.haddad@contoso.com"]
    assert (noor["isMfaRegistered"], noor["isMfaCapable"]) == (True, False)
    assert "defaultMfaMethod" in report(mock, version="beta")[MIA]


def test_the_report_is_filtered_ordered_and_leaves_out_disabled_accounts() -> None:
    mock = Mock()
    administrators = report(mock, "?$filter=isAdmin eq true and isMfaRegistered eq false")
    assert set(administrators) == {"bg-02@contoso.com", "reports@contoso.com"}
    keys = report(mock, "?$filter=methodsRegistered/any(m:m eq 'passKeyDeviceBound')")
    assert MIA not in keys
    assert "bg-01@contoso.com" in keys
    ordered = list(report(mock, "?$orderby=userPrincipalName desc"))
    assert ordered == sorted(ordered, reverse=True)
    mock.tenant().directory.objects[mock.tenant().directory.key(MIA)]["accountEnabled"] = False
    assert MIA not in report(mock)
    url = "reports/authenticationMethods/userRegistrationDetails"
    assert get(mock, f"{url}?$expand=x").status == 400
    assert get(mock, f"{url}/{mock.tenant().directory.key(MIA)}").status == 404
    one = mock.tenant().directory.key("reader@contoso.com")
    assert get(mock, f"{url}/{one}").body["userDisplayName"] == "Rita Reader"


def test_exclusion_wins_in_the_report() -> None:
    mock = Mock()
    target = {"targetType": "group", "id": "0d1c2b3a-0000-4000-8000-000000000002"}
    mock.portal("Fido2", {"excludeTargets": [target]})
    rows = report(mock)
    assert rows["bg-01@contoso.com"]["isMfaCapable"] is False
    assert rows["policy.admin@contoso.com"]["isMfaCapable"] is True


def test_strengths_and_who_demands_them() -> None:
    mock = Mock()
    url = "policies/authenticationStrengthPolicies"
    found = get(mock, url).body["value"]
    assert [each["displayName"] for each in found] == [
        "Multifactor authentication",
        "Passwordless MFA",
        "Phishing-resistant MFA",
    ]
    usage = get(mock, f"{url}/{found[2]['id']}/usage").body
    assert [each["displayName"] for each in usage["mfa"]] == ["Administrators: phishing-resistant"]
    assert get(mock, f"{url}/{found[0]['id']}").body["policyType"] == "builtIn"
    assert get(mock, f"{url}/x").status == 404


def test_the_reports_are_throttled_by_switch() -> None:
    mock = Mock(clock=lambda: datetime(2026, 6, 1, tzinfo=UTC))
    mock.set_switches(report_limit="5_per_10s")
    urls = [
        "auditLogs/directoryAudits",
        "reports/authenticationMethods/userRegistrationDetails",
        f"users/{MIA}/authentication/methods",
    ]
    asked = [get(mock, urls[place % 3]).status for place in range(6)]
    assert asked == [200] * 5 + [429]
    mock.advance(4)
    refused = get(mock, urls[0])
    assert (refused.status, refused.headers["Retry-After"]) == (429, "6")
    assert get(mock, "groups").status == 200
    mock.advance(6)
    assert get(mock, urls[0]).status == 200


def test_who_leaves_a_group_is_out_of_it() -> None:
    mock = Mock()
    mock.leave(PILOT, MIA)
    assert names(get(mock, f"groups/{PILOT}/members")) == ["Zürich \u2013 Außendienst"]
    with pytest.raises(KeyError):
        mock.leave(PILOT, MIA)
