"""Bodies with one mistake each, and how Graph refuses them."""

from typing import Any

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
    # id, path, body, error code, part of the message
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
        "eleven profiles",
        f"{BELOW}/Fido2",
        profiles(
            *(
                {**PROFILE, "id": f"{place:032x}"[:8] + f"-0000-0000-0000-{place:012x}"}
                for place in range(1, 12)
            )
        ),
        "badRequest",
        "At most 10",
    ),
    (
        "target of no profile",
        f"{BELOW}/Fido2",
        odata("fido2", includeTargets=[{**EVERYONE, "allowedPasskeyProfiles": [GROUP]}]),
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
