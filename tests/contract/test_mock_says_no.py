"""The mock can say no: a mistake in a valid body is refused, and nothing changes."""

from typing import Any

import pytest

from graphpolicy.mock import Mock, Switches

ROOT = "/policies/authenticationMethodsPolicy"
BELOW = f"{ROOT}/authenticationMethodConfigurations"
GROUP = "0d1c2b3a-0000-4000-8000-000000000001"
EVERYONE = {"id": "all_users", "targetType": "group"}
PROFILE = {
    "id": "00000000-0000-0000-0000-000000000001",
    "name": "Default passkey profile",
    "passkeyTypes": "deviceBound",
    "attestationEnforcement": "disabled",
    "keyRestrictions": {"isEnforced": False, "enforcementType": "allow", "aaGuids": []},
}
BINDING = {
    "x509CertificateField": "PrincipalName",
    "userProperty": "userPrincipalName",
    "priority": 1,
}


def odata(stem: str, **properties: Any) -> dict[str, Any]:
    """Return a configuration body with its type."""
    return {
        "@odata.type": f"#microsoft.graph.{stem}AuthenticationMethodConfiguration",
        **properties,
    }


def campaign(**properties: Any) -> dict[str, Any]:
    """Return a root body with a registration campaign."""
    return {"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": properties}}


def feature(**properties: Any) -> dict[str, Any]:
    """Return an Authenticator body with one feature."""
    return odata(
        "microsoftAuthenticator", featureSettings={"displayAppInformationRequiredState": properties}
    )


def profiles(*rows: dict[str, Any], **targets: Any) -> dict[str, Any]:
    """Return a FIDO2 body with passkey profiles."""
    return odata("fido2", passkeyProfiles=list(rows), **targets)


MISTAKES: list[tuple[str, str, dict[str, Any], str, str]] = [
    # id, path, body, error code, what the message holds
    ("misspelt root property", ROOT, {"registrationEnforcment": {}}, "BadRequest", "'registration"),
    (
        "misspelt below root",
        ROOT,
        {"registrationEnforcement": {"campaign": {}}},
        "BadRequest",
        "'campaign' does not exist on type 'microsoft.graph.registrationEnforcement'",
    ),
    ("misspelt campaign property", ROOT, campaign(snoozeDays=1), "BadRequest", "'snoozeDays'"),
    (
        "misspelt in a campaign target",
        ROOT,
        campaign(includeTargets=[{**EVERYONE, "targetedMethod": "Fido2"}]),
        "BadRequest",
        "'targetedMethod'",
    ),
    (
        "misspelt method property",
        f"{BELOW}/Voice",
        odata("voice", State="x"),
        "BadRequest",
        "'State",
    ),
    (
        "misspelt feature",
        f"{BELOW}/MicrosoftAuthenticator",
        feature(status="x"),
        "BadRequest",
        "'st",
    ),
    (
        "misspelt in a target",
        f"{BELOW}/Sms",
        odata("sms", includeTargets=[{**EVERYONE, "isUsableForSignin": True}]),
        "BadRequest",
        "'isUsableForSignin'",
    ),
    (
        "property of another method's target",
        f"{BELOW}/Voice",
        odata("voice", includeTargets=[{**EVERYONE, "isUsableForSignIn": True}]),
        "BadRequest",
        "'isUsableForSignIn'",
    ),
    (
        "misspelt in a profile",
        f"{BELOW}/Fido2",
        profiles({**PROFILE, "keyRestriction": {}}),
        "BadRequest",
        "'keyRestriction'",
    ),
    (
        "misspelt two levels into a profile",
        f"{BELOW}/Fido2",
        profiles({**PROFILE, "keyRestrictions": {"aaguids": []}}),
        "BadRequest",
        "'aaguids'",
    ),
    (
        "wrong enum",
        f"{BELOW}/Voice",
        odata("voice", state="on"),
        "BadRequest",
        "'on' was not found",
    ),
    (
        "enum in another case",
        f"{BELOW}/Voice",
        odata("voice", state="Enabled"),
        "BadRequest",
        "'En",
    ),
    (
        "default where there is none",
        f"{BELOW}/Sms",
        odata("sms", state="default"),
        "BadRequest",
        "'d",
    ),
    ("sentinel", ROOT, campaign(state="unknownFutureValue"), "BadRequest", "cannot be written"),
    (
        "wrong enum in a target",
        f"{BELOW}/Sms",
        odata("sms", includeTargets=[{"id": GROUP, "targetType": "role"}]),
        "BadRequest",
        "'role' was not found",
    ),
    (
        "wrong flag",
        f"{BELOW}/Fido2",
        profiles({**PROFILE, "passkeyTypes": "deviceBound,cloud"}),
        "BadRequest",
        "'cloud' was not found",
    ),
    (
        "list for flags",
        f"{BELOW}/Fido2",
        profiles({**PROFILE, "passkeyTypes": ["deviceBound"]}),
        "BadRequest",
        "array",
    ),
    (
        "text for a Boolean",
        f"{BELOW}/Voice",
        odata("voice", isOfficePhoneAllowed="false"),
        "BadRequest",
        "Boolean",
    ),
    ("text for a number", ROOT, campaign(snoozeDurationInDays="3"), "BadRequest", "Int32"),
    ("Boolean for a number", ROOT, campaign(snoozeDurationInDays=True), "BadRequest", "Int32"),
    (
        "number for an enum",
        f"{BELOW}/Voice",
        odata("voice", state=1),
        "BadRequest",
        "Cannot convert",
    ),
    ("null for an enum", f"{BELOW}/Voice", odata("voice", state=None), "BadRequest", "null"),
    (
        "object for an array",
        f"{BELOW}/Voice",
        odata("voice", excludeTargets={}),
        "BadRequest",
        "object",
    ),
    (
        "array for an object",
        f"{BELOW}/MicrosoftAuthenticator",
        odata("microsoftAuthenticator", featureSettings=[]),
        "BadRequest",
        "array",
    ),
    (
        "text for a target",
        f"{BELOW}/Voice",
        odata("voice", excludeTargets=[GROUP]),
        "BadRequest",
        "excludeTarget",
    ),
    ("null array", f"{BELOW}/Voice", odata("voice", excludeTargets=None), "BadRequest", "null"),
    (
        "profile id that is no GUID",
        f"{BELOW}/Fido2",
        odata("fido2", includeTargets=[{**EVERYONE, "allowedPasskeyProfiles": ["Default"]}]),
        "BadRequest",
        "Guid",
    ),
    ("no @odata.type", f"{BELOW}/Voice", {"state": "disabled"}, "BadRequest", "@odata.type"),
    (
        "type of another method",
        f"{BELOW}/Voice",
        odata("sms", state="disabled"),
        "BadRequest",
        "sms",
    ),
    (
        "type without namespace",
        f"{BELOW}/Voice",
        {"@odata.type": "voice", "state": "disabled"},
        "BadRequest",
        "voice",
    ),
    (
        "wrong type inside",
        f"{BELOW}/Sms",
        odata("sms", excludeTargets=[{**EVERYONE, "@odata.type": "#microsoft.graph.user"}]),
        "BadRequest",
        "user",
    ),
    ("another id", f"{BELOW}/Voice", odata("voice", id="Sms"), "BadRequest", "'Sms'"),
    ("read-only displayName", ROOT, {"displayName": "Mine"}, "BadRequest", "read-only"),
    (
        "read-only stamp",
        ROOT,
        {"lastModifiedDateTime": "2026-01-01T00:00:00Z"},
        "BadRequest",
        "read-only",
    ),
    ("another policy id", ROOT, {"id": "other"}, "BadRequest", "read-only"),
    (
        "configurations at the root",
        ROOT,
        {"authenticationMethodConfigurations": []},
        "BadRequest",
        "read-only",
    ),
    (
        "target without a type",
        f"{BELOW}/Sms",
        odata("sms", excludeTargets=[{"id": GROUP}]),
        "BadRequest",
        "'targetType' is required",
    ),
    (
        "target by name",
        f"{BELOW}/Sms",
        odata("sms", excludeTargets=[{**EVERYONE, "id": "Pilot"}]),
        "BadRequest",
        "Invalid target id",
    ),
    (
        "profile without a name",
        f"{BELOW}/Fido2",
        profiles({"id": PROFILE["id"]}),
        "BadRequest",
        "required",
    ),
    (
        "campaign without a method",
        ROOT,
        campaign(includeTargets=[EVERYONE]),
        "BadRequest",
        "targetedAuthenticationMethod",
    ),
    (
        "campaign for another method",
        ROOT,
        campaign(includeTargets=[{**EVERYONE, "targetedAuthenticationMethod": "sms"}]),
        "BadRequest",
        "'sms'",
    ),
    ("snooze too long", ROOT, campaign(snoozeDurationInDays=15), "badRequest", "between 0 and 14"),
    (
        "pass too short",
        f"{BELOW}/TemporaryAccessPass",
        odata("temporaryAccessPass", defaultLength=7),
        "badRequest",
        "between 8 and 48",
    ),
    (
        "lifetime too short",
        f"{BELOW}/TemporaryAccessPass",
        odata("temporaryAccessPass", minimumLifetimeInMinutes=9),
        "badRequest",
        "between 10 and 43200",
    ),
    (
        "lifetime too long",
        f"{BELOW}/TemporaryAccessPass",
        odata("temporaryAccessPass", maximumLifetimeInMinutes=43201),
        "badRequest",
        "between 10 and 43200",
    ),
    (
        "default above maximum",
        f"{BELOW}/TemporaryAccessPass",
        odata("temporaryAccessPass", defaultLifetimeInMinutes=500),
        "badRequest",
        "60, 500 and 480",
    ),
    (
        "minimum above default",
        f"{BELOW}/TemporaryAccessPass",
        odata("temporaryAccessPass", minimumLifetimeInMinutes=90),
        "badRequest",
        "90, 60 and 480",
    ),
    (
        "QR code too old",
        f"{BELOW}/QRCodePin",
        odata("qrCodePin", standardQRCodeLifetimeInDays=396),
        "badRequest",
        "between 1 and 395",
    ),
    (
        "PIN too short",
        f"{BELOW}/QRCodePin",
        odata("qrCodePin", pinLength=7),
        "badRequest",
        "between 8 and 20",
    ),
    (
        "same priority",
        f"{BELOW}/X509Certificate",
        odata("x509Certificate", certificateUserBindings=[BINDING, BINDING]),
        "BadRequest",
        "unique",
    ),
    (
        "unknown certificate field",
        f"{BELOW}/X509Certificate",
        odata(
            "x509Certificate",
            certificateUserBindings=[{**BINDING, "x509CertificateField": "Subject"}],
        ),
        "BadRequest",
        "'Subject'",
    ),
    (
        "binding without priority",
        f"{BELOW}/X509Certificate",
        odata(
            "x509Certificate",
            certificateUserBindings=[{"userProperty": "x", "x509CertificateField": "y"}],
        ),
        "BadRequest",
        "'priority'",
    ),
    (
        "two groups for system-preferred",
        ROOT,
        {
            "systemCredentialPreferences": {
                "state": "enabled",
                "includeTargets": [EVERYONE, {**EVERYONE, "id": GROUP}],
            }
        },
        "badRequest",
        "one group",
    ),
    (
        "four profiles",
        f"{BELOW}/Fido2",
        profiles(
            *(
                {**PROFILE, "id": f"{place:032x}"[:8] + f"-0000-0000-0000-{place:012x}"}
                for place in range(1, 5)
            )
        ),
        "badRequest",
        "At most 3",
    ),
    (
        "target of no profile",
        f"{BELOW}/Fido2",
        odata("fido2", includeTargets=[{**EVERYONE, "allowedPasskeyProfiles": [PROFILE["id"]]}]),
        "badRequest",
        "does not exist",
    ),
    (
        "synced with attestation",
        f"{BELOW}/Fido2",
        profiles(
            {**PROFILE, "passkeyTypes": "synced", "attestationEnforcement": "registrationOnly"}
        ),
        "badRequest",
        "attestation",
    ),
    (
        "external method renamed",
        f"{BELOW}/d0500000-0000-4000-8000-000000000001",
        odata("external", displayName="Duo 2"),
        "badRequest",
        "displayName",
    ),
]


@pytest.mark.parametrize("version", ["v1.0", "beta"])
@pytest.mark.parametrize(
    ("path", "body", "code", "text"),
    [row[1:] for row in MISTAKES],
    ids=[row[0] for row in MISTAKES],
)
def test_mistake_is_refused(
    version: str, path: str, body: dict[str, Any], code: str, text: str
) -> None:
    mock = Mock()
    _refused(mock, "PATCH", f"/{version}{path}", body, 400, code, text)


VERSION_HIDDEN: list[tuple[str, str, dict[str, Any]]] = [
    ("report suspicious", ROOT, {"reportSuspiciousActivitySettings": {"state": "enabled"}}),
    (
        "companion app",
        f"{BELOW}/MicrosoftAuthenticator",
        odata(
            "microsoftAuthenticator",
            featureSettings={"companionAppAllowedState": {"state": "enabled"}},
        ),
    ),
    ("caller id", f"{BELOW}/Voice", odata("voice", callerIdNumber="1")),
    (
        "SID",
        f"{BELOW}/X509Certificate",
        odata("x509Certificate", requireCertificateSidAlignment=True),
    ),
]


@pytest.mark.parametrize(
    ("path", "body"),
    [row[1:] for row in VERSION_HIDDEN],
    ids=[row[0] for row in VERSION_HIDDEN],
)
def test_property_of_beta_is_unknown_on_v1(path: str, body: dict[str, Any]) -> None:
    mock = Mock()
    _refused(mock, "PATCH", f"/v1.0{path}", body, 400, "BadRequest", "does not exist on type")
    assert mock.ask("PATCH", f"/beta{path}", body).status < 300


NUMBER_MATCHING = odata(
    "microsoftAuthenticator",
    state="disabled",
    featureSettings={"numberMatchingRequiredState": {"state": "enabled"}},
)


def test_number_matching_is_refused_with_microsofts_text_and_takes_the_body_along() -> None:
    for code in ("badRequest", "invalidRequest"):
        mock = Mock(Switches(policy_error_code=code, number_matching_read="present"))
        path = f"/beta{BELOW}/MicrosoftAuthenticator"
        answer = _refused(mock, "PATCH", path, NUMBER_MATCHING, 400, code, "")
        assert answer["message"] == (
            "Persistance of policy failed with error: Microsoft Authenticator's number matching "
            "feature can no longer be toggled as part of featureSettings."
        )


def test_number_matching_is_unknown_on_v1() -> None:
    path = f"/v1.0{BELOW}/MicrosoftAuthenticator"
    _refused(Mock(), "PATCH", path, NUMBER_MATCHING, 400, "BadRequest", "does not exist")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', '{"state": NaN}', "[" * 100_000, "{'state': 'on'}"]
)
def test_malformed_json_is_refused(text: str) -> None:
    _refused(Mock(), "PATCH", f"/v1.0{BELOW}/Voice", text, 400, "BadRequest", "payload")


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "text"),
    [
        ("PUT", ROOT, 405, "Request_BadRequest", "Specified HTTP method is not allowed"),
        ("DELETE", ROOT, 405, "Request_BadRequest", "method is not allowed"),
        ("POST", ROOT, 405, "Request_BadRequest", "method is not allowed"),
        ("PATCH", BELOW, 405, "Request_BadRequest", "method is not allowed"),
        ("POST", f"{BELOW}/Voice", 405, "Request_BadRequest", "method is not allowed"),
        ("POST", "/groups", 405, "Request_BadRequest", "method is not allowed"),
        ("GET", "/$batch", 405, "Request_BadRequest", "method is not allowed"),
        ("GET", "/me", 400, "BadRequest", "only valid with delegated"),
        ("GET", "/mine", 400, "BadRequest", "Resource not found for the segment 'mine'."),
        ("GET", "/policies", 400, "BadRequest", "'policies'"),
        ("GET", "/policies/other", 400, "BadRequest", "'other'"),
        ("GET", f"{BELOW}/Voice/includeTargets", 400, "BadRequest", "'includeTargets'"),
        ("GET", f"{ROOT}/configurations", 400, "BadRequest", "'configurations'"),
        ("GET", "", 400, "BadRequest", "segment"),
        ("PATCH", f"{BELOW}/Fax", 404, "Request_ResourceNotFound", "'Fax' does not exist"),
        ("GET", f"{BELOW}/HardwareOath", 404, "Request_ResourceNotFound", "'HardwareOath'"),
        ("PATCH", f"{BELOW}/HardwareOath", 404, "Request_ResourceNotFound", "'HardwareOath'"),
    ],
)
def test_unknown_call_is_loud(method: str, path: str, status: int, code: str, text: str) -> None:
    _refused(Mock(), method, f"/v1.0{path}", odata("voice"), status, code, text)


def test_unknown_version_is_refused() -> None:
    _refused(Mock(), "GET", f"/v2.0{ROOT}", None, 400, "BadRequest", "v2.0")
    _refused(Mock(), "GET", "/", None, 400, "BadRequest", "version")


def test_too_large_a_policy_is_refused_by_either_status() -> None:
    targets = [
        {"id": f"0d1c2b3a-0000-4000-8000-{place:012x}", "targetType": "group"}
        for place in range(300)
    ]
    body = odata("voice", excludeTargets=targets)
    path = f"/v1.0{BELOW}/Voice"
    for status in ("400", "413"):
        mock = Mock(Switches(size_error=status))
        _refused(mock, "PATCH", path, body, int(status), "badRequest", "20480")
    assert Mock(Switches(size_limit="off")).ask("PATCH", path, body).status == 204


def test_no_token_and_a_strange_token_are_refused() -> None:
    path = f"/v1.0{ROOT}"
    mock = Mock()
    for token, text in (("", "empty"), ("strange", "CompactToken"), (Mock().token, "CompactToken")):
        answer = mock.ask("GET", path, token=token)
        assert answer.status == 401
        assert answer.body["error"]["code"] == "InvalidAuthenticationToken"
        assert text in answer.body["error"]["message"]
    basic = mock.ask("GET", path, token="", headers={"Authorization": f"Basic {mock.token}"})
    assert basic.status == 401


def _refused(  # noqa: PLR0917  in the order of a request and its refusal
    mock: Mock,
    method: str,
    path: str,
    body: dict[str, Any] | str | None,
    status: int,
    code: str,
    text: str,
) -> dict[str, Any]:
    before = mock.state()
    answer = mock.ask(method, path, body)
    assert answer.status == status, answer.body
    error: dict[str, Any] = answer.body["error"]
    assert error["code"] == code
    assert text in error["message"]
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    assert answer.headers["Content-Type"] == "application/json"
    assert mock.state() == before
    return error
