"""OData as clients speak it: keys in parentheses, names in any case, counts, the schema."""

from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from graphpolicy.mock import Mock

POLICY = "policies/authenticationMethodsPolicy"
BELOW = f"{POLICY}/authenticationMethodConfigurations"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"
MIA = "mia.lopez@contoso.com"
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
EVENTUAL = {"ConsistencyLevel": "eventual"}
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def get(mock: Mock, path: str, version: str = "v1.0", **headers: str) -> Any:
    return mock.ask("GET", f"/{version}/{quote(path, safe='/?$=&')}", headers=headers)


@pytest.mark.parametrize(
    ("keyed", "plain"),
    [
        (f"users('{MIA}')", f"users/{MIA}"),
        (f"users(id='{MIA}')", f"users/{MIA}"),
        (f"groups('{PILOT}')/members", f"groups/{PILOT}/members"),
        (f"{BELOW}('Voice')", f"{BELOW}/Voice"),
        (f"{BELOW}('voice')?$select=state", f"{BELOW}/Voice"),
        ("authenticationMethodConfigurations('Sms')", "authenticationMethodConfigurations/Sms"),
        (f"users('{MIA}')/authentication/methods", f"users/{MIA}/authentication/methods"),
        (
            f"users('{MIA}')/authentication/phoneMethods('3179e48a-750b-4051-897c-87b9720928f7')",
            f"users/{MIA}/authentication/phoneMethods/3179e48a-750b-4051-897c-87b9720928f7",
        ),
        (
            f"directoryRoles(roleTemplateId='{READER}')",
            "directoryRoles/f2ef992c-3afb-46b9-b7cf-a126ee74d1d1",
        ),
    ],
)
def test_a_key_in_parentheses_is_a_segment(keyed: str, plain: str) -> None:
    mock = Mock()
    answer = get(mock, keyed)
    assert answer.status == 200, answer.body
    assert answer.body == get(mock, plain).body


def test_keys_of_actions_writes_and_quotes() -> None:
    mock = Mock()
    off = {"@odata.type": "#microsoft.graph.voiceAuthenticationMethodConfiguration"}
    url = f"/v1.0/{BELOW}('Voice')"
    assert mock.ask("PATCH", url, {**off, "state": "disabled"}).status == 204
    assert mock.configuration("Voice")["state"] == "disabled"
    assert mock.ask("POST", f"/v1.0/users('{MIA}')/revokeSignInSessions").status == 200
    mock.add_person("o'brien@contoso.com", "Una O'Brien")
    assert get(mock, "users('o''brien@contoso.com')").body["displayName"] == "Una O'Brien"
    assert get(mock, "users/o'brien@contoso.com").body["displayName"] == "Una O'Brien"
    assert mock.requests[0].path == url


@pytest.mark.parametrize(
    "path",
    [
        "policies('authenticationMethodsPolicy')",
        f"users({MIA})",
        f"users('{MIA}",
        f"users(mail='{MIA}')",
        "groups()",
        "groups('')/x",
        f"directoryRoles(roleTemplateId={READER})",
        f"users('{MIA}')('{MIA}')",
        "me('x')",
        f"{BELOW}(state='enabled')",
    ],
)
def test_what_is_no_key_is_no_segment(path: str) -> None:
    refused = get(Mock(), path)
    assert (refused.status, refused.body["error"]["code"]) == (400, "BadRequest")


def test_a_role_by_its_template_must_be_activated() -> None:
    mock = Mock()
    members = get(mock, f"directoryRoles(roleTemplateId='{READER}')/members").body["value"]
    assert [each["displayName"] for each in members] == ["Rita Reader"]
    never = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
    assert get(mock, f"directoryRoles(roleTemplateId='{never}')").status == 404


def test_names_of_properties_have_no_case() -> None:
    mock = Mock()
    asked = (
        "users?$select=ID,userprincipalname&$filter=UserPrincipalName eq 'MIA.lopez@contoso.com'"
    )
    (row,) = get(mock, asked).body["value"]
    assert list(row) == ["id", "userPrincipalName"]
    ordered = get(mock, "users?$orderby=DISPLAYNAME desc&$select=displayname").body["value"]
    assert ordered == sorted(ordered, key=lambda each: each["displayName"].casefold(), reverse=True)
    refused = get(mock, "users?$select=Ids")
    assert (refused.status, refused.body["error"]["code"]) == (400, "BadRequest")
    assert get(mock, "users?$filter=surname eq 'x'").status == 400


def test_absent_values_come_as_graph_sends_them() -> None:
    mock = Mock()
    names = "employeeHireDate,signInActivity,assignedLicenses,onPremisesExtensionAttributes"
    mia = get(mock, f"users/{MIA}").body["id"]  # a name does not do for signInActivity
    row = get(mock, f"users/{mia}?$select={names}").body
    assert row["employeeHireDate"] is None
    assert row["assignedLicenses"] == []
    assert set(row["onPremisesExtensionAttributes"].values()) == {None}
    assert get(mock, f"groups/{PILOT}?$select=isManagementRestricted,uniqueName").status == 200


def test_lists_are_counted() -> None:
    mock = Mock()
    people = len(mock.tenant().directory.people)
    for path, number in (
        ("users/$count", people),
        ("groups/$count", len(mock.tenant().groups)),
        ("users/$count?$filter=displayName eq 'Mia Lopez'", 1),
        (f"groups/{PILOT}/transitiveMembers/$count", 3),
        ("directoryRoles/$count", 6),
        ("domains/$count", 1),
    ):
        answer = get(mock, path, **EVENTUAL)
        assert (answer.status, answer.body) == (200, str(number)), path
        assert answer.headers["Content-Type"] == "text/plain"
        assert get(mock, path).status == 400, path
    shown = mock.policy()["authenticationMethodConfigurations"]
    assert get(mock, f"{BELOW}/$count").body == str(len(shown))
    assert get(mock, f"users/{MIA}/authentication/methods/$count").body == "5"
    for path in (f"users/{MIA}/$count", f"{POLICY}/$count", "auditLogs/directoryAudits/$count"):
        refused = get(mock, path, **EVENTUAL)
        assert (refused.status, refused.body["error"]["code"]) == (400, "BadRequest")
    assert mock.ask("POST", f"/v1.0/{BELOW}/$count", {}).status == 405


def test_the_tenant_and_its_domain() -> None:
    mock = Mock()
    (tenant,) = get(mock, "organization").body["value"]
    assert tenant["verifiedDomains"][0]["name"] == "contoso.com"
    assert get(mock, f"organization/{mock.tenant_id}?$select=displayName").body == {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#organization/$entity",
        "displayName": "Contoso",
    }
    (domain,) = get(mock, "domains").body["value"]
    assert (domain["id"], domain["isDefault"], domain["isVerified"]) == ("contoso.com", True, True)
    assert get(mock, "domains('contoso.com')").body["id"] == "contoso.com"
    assert get(mock, "domains/fabrikam.com").status == 404
    reader = mock.issue_token(["Domain.Read.All"])
    assert mock.ask("GET", "/v1.0/domains", token=reader).status == 200
    assert mock.ask("GET", "/v1.0/domains", token=mock.issue_token(["User.Read.All"])).status == 403


def test_the_schema_holds_what_the_version_declares() -> None:
    mock = Mock()
    found: dict[str, set[str | None]] = {}
    for version in ("v1.0", "beta"):
        answer = mock.ask("GET", f"/{version}/$metadata", token="")
        assert answer.headers["Content-Type"] == "application/xml"
        root = ElementTree.fromstring(answer.body)
        (policy,) = root.iterfind(f".//{EDM}EntityType[@Name='authenticationMethodsPolicy']")
        found[version] = {each.get("Name") for each in policy}
        (types,) = root.iterfind(f".//{EDM}Property[@Name='passkeyTypes']")
        assert types.get("Type") == "microsoft.graph.passkeyTypes"
    assert found["beta"] - found["v1.0"] >= {"systemCredentialPreferences"}
    assert "registrationEnforcement" in found["v1.0"]
    assert mock.ask("POST", "/v1.0/$metadata", {}, token="").status == 401


def test_phones_and_addresses_are_registered() -> None:
    mock = Mock()
    below = "/v1.0/users/noor.haddad@contoso.com/authentication"
    phone = {"phoneNumber": "+49 1701234567", "phoneType": "alternateMobile"}
    made = mock.ask("POST", f"{below}/phoneMethods", phone)
    assert (made.status, made.body["phoneNumber"]) == (201, phone["phoneNumber"])
    assert made.body["@odata.context"].endswith("/authentication/phoneMethods/$entity")
    shown = get(mock, f"{below[6:]}/phoneMethods/{made.body['id']}").body
    assert shown["phoneType"] == "alternateMobile"
    address = {"emailAddress": "noor@example.com"}
    assert mock.ask("POST", f"{below}/emailMethods", address).status == 201
    for path, body in (
        ("phoneMethods", phone),
        ("emailMethods", address),
        ("phoneMethods", {"phoneNumber": "+49 1701234567"}),
        ("phoneMethods", {**phone, "phoneType": "pager"}),
        ("phoneMethods", {**phone, "phoneType": "office", "phoneNumber": "110"}),
        ("phoneMethods", {**phone, "smsSignInState": "ready"}),
        ("emailMethods", {"emailAddress": "noor"}),
    ):
        assert mock.ask("POST", f"{below}/{path}", body).status == 400, body
    assert mock.ask("POST", f"{below}/fido2Methods", {}).status == 405
    reasons = [each["resultReason"] for each in mock.tenant().audit]
    assert reasons == [f"Admin registered {each} method for user" for each in ("phone", "email")]
    helpdesk = mock.issue_user_token("helpdesk@contoso.com")
    url = "/v1.0/users/admin@contoso.com/authentication/emailMethods"
    assert mock.ask("POST", url, address, token=helpdesk).status == 403


def test_who_has_registered_what_is_counted() -> None:
    mock = Mock()
    path = "reports/authenticationMethods/usersRegisteredByMethod"
    asked = f"{path}(includedUserTypes='all',includedUserRoles='all')"
    body = get(mock, asked).body
    counts = {
        each["authenticationMethod"]: each["userCount"]
        for each in body["userRegistrationMethodCounts"]
    }
    assert body["totalUserCount"] == 12
    assert (counts["mobilePhone"], counts["qrCode"]) == (3, 1)
    assert get(mock, asked.replace("'all'", "'guest'")).status == 400
    assert get(mock, path).status == 400


def test_passwordless_phones_are_a_list_on_beta_alone() -> None:
    path = f"users/{MIA}/authentication/passwordlessMicrosoftAuthenticatorMethods"
    assert get(Mock(), path, "beta").body["value"] == []
    assert get(Mock(), path).status == 405
