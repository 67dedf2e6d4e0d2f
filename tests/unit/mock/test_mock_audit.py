"""The audit log: one record a change, in the format of its day, with the actor of the token."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from graphpolicy.mock import DEFAULT_APPLICATION, Mock

POLICY = "/v1.0/policies/authenticationMethodsPolicy"
VOICE = f"{POLICY}/authenticationMethodConfigurations/Voice"
OFF = {
    "@odata.type": "#microsoft.graph.voiceAuthenticationMethodConfiguration",
    "state": "disabled",
}
CAMPAIGN = {
    "registrationEnforcement": {
        "authenticationMethodsRegistrationCampaign": {"snoozeDurationInDays": 3}
    }
}


def log(mock: Mock, query: str = "") -> list[dict[str, Any]]:
    answer = mock.ask("GET", f"/v1.0/auditLogs/directoryAudits{query}")
    assert answer.status == 200, answer.body
    rows: list[dict[str, Any]] = answer.body["value"]
    return rows


def properties(record: dict[str, Any]) -> list[dict[str, Any]]:
    (target,) = record["targetResources"]
    found: list[dict[str, Any]] = target["modifiedProperties"]
    return found


def test_since_april_2026_a_record_has_what_changed() -> None:
    mock = Mock(clock=lambda: datetime(2026, 5, 1, tzinfo=UTC))
    mock.ask("PATCH", VOICE, OFF)
    (record,) = log(mock)
    assert record["activityDisplayName"] == "Authentication Methods Policy Update"
    assert record["category"] == "ApplicationManagement"
    assert record["loggedByService"] == "Authentication Methods"
    assert record["activityDateTime"] == "2026-05-01T00:00:00.0000000Z"
    assert record["initiatedBy"]["app"]["appId"] == DEFAULT_APPLICATION
    assert record["initiatedBy"]["user"] is None
    assert properties(record) == [
        {"displayName": "Voice.state", "oldValue": '"enabled"', "newValue": '"disabled"'}
    ]


@pytest.mark.parametrize("how", ["before", "switch", "root"])
def test_before_that_and_for_the_policy_itself_it_has_everything(how: str) -> None:
    day = datetime(2026, 3, 31, tzinfo=UTC) if how == "before" else datetime(2026, 5, 1, tzinfo=UTC)
    mock = Mock(clock=lambda: day)
    if how == "switch":
        mock.set_switches(audit_format="full_payload")
    if how == "root":
        mock.ask("PATCH", POLICY, CAMPAIGN)
    else:
        mock.ask("PATCH", VOICE, OFF)
    (entry,) = properties(log(mock)[0])
    before, after = json.loads(entry["oldValue"]), json.loads(entry["newValue"])
    assert before["id"] == after["id"] == "authenticationMethodsPolicy"
    assert before != after
    states = [
        next(
            each for each in document["authenticationMethodConfigurations"] if each["id"] == "Voice"
        )
        for document in (before, after)
    ]
    wanted = ["enabled", "enabled"] if how == "root" else ["enabled", "disabled"]
    assert [each["state"] for each in states] == wanted


def test_a_person_is_named_and_a_reset_has_its_own_name() -> None:
    mock = Mock()
    token = mock.issue_user_token("policy.admin@contoso.com")
    assert mock.ask("DELETE", VOICE, token=token).status == 204
    mock.portal("Sms", {"state": "disabled"}, "admin@contoso.com")
    mock.portal("Sms", {"state": "enabled"}, "gone@contoso.com")
    newest, second, oldest = log(mock)
    assert oldest["activityDisplayName"] == "Authentication Methods Policy Reset"
    assert oldest["initiatedBy"]["user"]["userPrincipalName"] == "policy.admin@contoso.com"
    assert second["initiatedBy"]["user"]["displayName"] == "Ada Administrator"
    assert newest["initiatedBy"]["user"]["id"] is None


def test_what_is_done_to_a_person_is_recorded_without_a_secret() -> None:
    mock = Mock()
    mock.portal("TemporaryAccessPass", {"state": "enabled"})
    url = "/v1.0/users/kofi.mensah@contoso.com/authentication"
    helpdesk = mock.issue_user_token("helpdesk@contoso.com")
    made = mock.ask("POST", f"{url}/temporaryAccessPassMethods", {}, token=helpdesk).body
    soft = mock.ask("GET", f"{url}/softwareOathMethods").body["value"][0]["id"]
    assert mock.ask("DELETE", f"{url}/softwareOathMethods/{soft}").status == 204
    deleted, registered, _ = log(mock)
    assert deleted["activityDisplayName"] == "Admin deleted security info"
    assert registered["activityDisplayName"] == "Admin registered security info"
    assert registered["resultReason"] == "Admin registered temporary access pass method for user"
    assert registered["initiatedBy"]["user"]["userPrincipalName"] == "helpdesk@contoso.com"
    assert registered["targetResources"][0]["userPrincipalName"] == "kofi.mensah@contoso.com"
    names = [each["displayName"] for each in properties(registered)]
    assert names == [
        "TemporaryAccessPass.Id",
        "TemporaryAccessPass.StartDateTime",
        "TemporaryAccessPass.EndDateTime",
        "TemporaryAccessPass.AccessPassUsage",
    ]
    assert made["temporaryAccessPass"] not in json.dumps(log(mock))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("activityDisplayName eq 'Authentication Methods Policy Update'", 2),
        ("startswith(activityDisplayName,'Authentication Methods')", 2),
        ("loggedByService eq 'Core Directory'", 0),
        ("activityDateTime ge 2026-05-01T00:30:00Z", 1),
        ("activityDateTime le 2026-05-01T00:30:00Z", 1),
        ("initiatedBy/user/userPrincipalName eq 'admin@contoso.com'", 1),
        (f"initiatedBy/app/appId eq '{DEFAULT_APPLICATION}'", 1),
        ("targetResources/any(t:t/displayName eq 'Authentication Methods Policy')", 2),
        (
            "loggedByService eq 'Authentication Methods' and activityDateTime ge 2026-05-01",
            2,
        ),
    ],
)
def test_filters(query: str, count: int) -> None:
    mock = Mock(clock=lambda: datetime(2026, 5, 1, tzinfo=UTC))
    mock.ask("PATCH", VOICE, OFF)
    mock.advance(3600)
    mock.portal("Sms", {"state": "disabled"})
    assert len(log(mock, f"?$filter={query}")) == count


@pytest.mark.parametrize("query", ["$filter=category eq 'x'", "$orderby=category", "$skip=1"])
def test_other_queries_are_refused(query: str) -> None:
    assert Mock().ask("GET", f"/v1.0/auditLogs/directoryAudits?{query}").status == 400


def test_a_record_takes_its_time_by_switch() -> None:
    mock = Mock()
    mock.set_switches(audit_delay_s=300)
    mock.ask("PATCH", VOICE, OFF)
    assert log(mock) == []
    mock.advance(301)
    (record,) = log(mock)
    one = mock.ask("GET", f"/v1.0/auditLogs/directoryAudits/{record['id']}")
    assert one.body["correlationId"] == record["correlationId"]
    assert mock.ask("GET", "/v1.0/auditLogs/directoryAudits/x").status == 404


def test_a_record_is_kept_for_its_days_by_switch() -> None:
    mock = Mock()
    mock.ask("PATCH", VOICE, OFF)
    for days, kept in ((30, 1), (7, 0)):
        mock.set_switches(audit_kept_days=days)
        mock.advance(8 * 86400 if days == 30 else 0)
        answer = mock.ask("GET", "/v1.0/auditLogs/directoryAudits", token=mock.issue_token())
        assert len(answer.body["value"]) == kept


@pytest.mark.parametrize("value", ["other", "request_id", "client_request_id"])
def test_what_a_record_is_correlated_with_is_a_switch(value: str) -> None:
    mock = Mock()
    mock.set_switches(audit_correlation=value)
    done = mock.ask("PATCH", VOICE, OFF, headers={"client-request-id": "mine"})
    mock.portal("Sms", {"state": "disabled"})
    in_portal, record = log(mock)
    ids = {done.headers["request-id"]: "request_id", "mine": "client_request_id"}
    assert ids.get(record["correlationId"], "other") == value
    assert record["correlationId"] in record["id"]
    assert in_portal["correlationId"] not in ids


def test_an_application_has_an_object_of_its_own() -> None:
    mock = Mock()
    mock.ask("PATCH", VOICE, OFF)
    app = log(mock)[0]["initiatedBy"]["app"]
    assert app["appId"] != app["servicePrincipalId"]


def test_what_was_not_persisted_is_not_recorded() -> None:
    mock = Mock()
    mock.add_fault("not_persisted", method="PATCH")
    mock.ask("PATCH", VOICE, OFF)
    assert log(mock) == []


def test_microsoft_puts_a_disabled_feature_back_to_default_after_an_hour() -> None:
    mock = Mock()
    url = f"{POLICY}/authenticationMethodConfigurations/MicrosoftAuthenticator"
    feature = "displayAppInformationRequiredState"
    body = {
        "@odata.type": "#microsoft.graph.microsoftAuthenticatorAuthenticationMethodConfiguration",
        "featureSettings": {feature: {"state": "disabled"}},
    }

    def state() -> str:
        found: str = mock.ask("GET", url).body["featureSettings"][feature]["state"]
        return found

    for switch, after in (("kept", "disabled"), ("reset", "default")):
        mock.set_switches(feature_disabled=switch)
        mock.ask("PATCH", url, body)
        mock.advance(3599)
        assert state() == "disabled"
        mock.advance(2)
        assert state() == after
    name = log(mock)[0]["initiatedBy"]["app"]["displayName"]
    assert name == "Azure MFA StrongAuthenticationService"


def test_everything_done_to_a_person_is_a_record() -> None:
    mock = Mock()
    mia = "users/mia.lopez@contoso.com"
    below = f"{mia}/authentication"
    mock.portal("TemporaryAccessPass", {"state": "enabled"})
    made = mock.ask("POST", f"/v1.0/{below}/temporaryAccessPassMethods", {}).body
    for method, url, body in (
        ("DELETE", f"v1.0/{below}/temporaryAccessPassMethods/{made['id']}", None),
        (
            "PATCH",
            f"beta/{below}/signInPreferences",
            {"userPreferredMethodForSecondaryAuthentication": "push"},
        ),
        ("PATCH", f"beta/{below}/requirements", {"perUserMfaState": "enforced"}),
        ("POST", f"v1.0/{mia}/revokeSignInSessions", None),
    ):
        assert mock.ask(method, f"/{url}", body).status < 300
    found = [
        (each["activityDisplayName"], each["loggedByService"], each["resultReason"])
        for each in log(mock)[3::-1]
    ]
    methods, directory = "Authentication Methods", "Core Directory"
    assert found == [
        (
            "Admin deleted security info",
            methods,
            "Admin deleted temporary access pass method for user",
        ),
        (
            "Admin updated security info",
            methods,
            "Admin updated the default second factor of user",
        ),
        ("Update user", directory, ""),
        ("Update StsRefreshTokenValidFrom Timestamp", directory, ""),
    ]
    assert log(mock)[0]["targetResources"][0]["userPrincipalName"] == "mia.lopez@contoso.com"
    assert made["temporaryAccessPass"] not in json.dumps(log(mock))
