"""The methods that are mostly a state and a list of targets."""

from __future__ import annotations

from graphpolicy.catalogue.kinds import Bool, Int, Object, Property, Strings, Text
from graphpolicy.catalogue.shared import CONCEPT, GUID, MANAGED, method

TEMPORARY_ACCESS_PASS = method(
    id="TemporaryAccessPass",
    label="Temporary Access Pass",
    doc="A temporary passcode that an administrator issues to let a person sign in.",
    properties=(
        Property(
            "isUsableOnce",
            Bool(),
            "Require one-time use",
            "true makes every pass one-time; false allows both kinds.",
            default=False,
            link=CONCEPT + "howto-authentication-temporary-access-pass",
            narrows=True,
            seen="value",
        ),
        Property(
            "defaultLifetimeInMinutes",
            Int(10, 43200, "minutes"),
            "Default lifetime",
            "The lifetime of a pass if none is requested; between minimum and maximum.",
            default=60,
            seen="value",
        ),
        Property(
            "minimumLifetimeInMinutes",
            Int(10, 43200, "minutes"),
            "Minimum lifetime",
            "The shortest lifetime that may be requested.",
            default=60,
            seen="value",
        ),
        Property(
            "maximumLifetimeInMinutes",
            Int(10, 43200, "minutes"),
            "Maximum lifetime",
            "The longest lifetime that may be requested.",
            default=480,
            seen="value",
        ),
        Property(
            "defaultLength",
            Int(8, 48, "characters"),
            "Length",
            "How many characters a pass has.",
            default=8,
            seen="value",
        ),
    ),
)

SMS = method(
    id="Sms",
    label="SMS",
    doc="A code by text message. Weak: it can be intercepted and phished.",
    targets=(
        Property(
            "isUsableForSignIn",
            Bool(),
            "Use for sign-in",
            "Whether the phone number is a first factor too.",
            default=True,
            seen="member",
        ),
    ),
)

VOICE = method(
    id="Voice",
    label="Voice call",
    doc="A phone call that is confirmed with a key. Weak: it can be forwarded and phished.",
    properties=(
        Property(
            "isOfficePhoneAllowed",
            Bool(),
            "Office phones",
            "Whether office phones may be registered.",
            default=False,
            seen="value",
        ),
        Property(
            "callerIdNumber",
            Text(),
            "Caller ID number",
            "The number that the call shows.",
            api="beta",
            seen="value",
        ),
    ),
    # Microsoft's example of the policy has it, but neither SDK declares it: a file can't set it.
    known=frozenset({"id", "isCustomGreetingEnabled"}),
)

EMAIL = method(
    id="Email",
    label="Email OTP",
    doc="A code by email, for password reset and for guests.",
    properties=(
        Property(
            "allowExternalIdToUseEmailOtp",
            MANAGED,
            "Allow external users to use email OTP",
            "Whether guests sign in with a code by email.",
            default="default",
            seen="switch",
            special="guests",
        ),
    ),
)

SOFTWARE_OATH = method(
    id="SoftwareOath",
    label="Third-party software OATH tokens",
    doc="Six-digit codes from an authenticator app of any maker.",
)

HARDWARE_OATH = method(
    id="HardwareOath",
    label="Hardware OATH tokens",
    doc="Six-digit codes from a hardware token.",
    api="beta",
)

QR_CODE_PIN = method(
    id="QRCodePin",
    type="qrCodePinAuthenticationMethodConfiguration",
    label="QR code",
    doc="A QR code and a PIN, for frontline workers on shared devices.",
    properties=(
        Property(
            "standardQRCodeLifetimeInDays",
            Int(1, 395, "days"),
            "Lifetime of standard QR code",
            "The number of days after which a printed code expires.",
            default=365,
            seen="value",
        ),
        Property(
            "pinLength",
            Int(8, 20, "digits"),
            "PIN length",
            "How many digits the PIN has.",
            seen="value",
        ),
    ),
)

VERIFIABLE_CREDENTIALS = method(
    id="VerifiableCredentials",
    label="Verified ID",
    doc="Recovery with a verifiable credential.",
    targets=(
        Property(
            "verifiedIdProfiles",
            Strings(GUID, "a profile's id (GUID)"),
            "Verified ID profiles",
            "The profiles that the group may use.",
            absent=[],
        ),
    ),
    properties=(
        Property(
            "identityVerificationEventsConfiguration",
            Object(
                "identityVerificationEventsConfiguration",
                (
                    Property(
                        "isEnabled",
                        Bool(),
                        "Identity verification events",
                        "Whether identity verification events are on. Not documented further.",
                        api="beta",
                    ),
                ),
            ),
            "Identity verification events",
            "Part of the beta API. Microsoft does not document it.",
            api="beta",
        ),
    ),
)

EXTERNAL = method(
    id="External",
    label="External method",
    doc="Multifactor authentication by another provider. graphpolicy never creates or deletes one.",
    properties=(
        Property(
            "appId",
            Text(GUID, "an application id (GUID)", ignore_case=True),
            "App ID",
            "The provider's application in this tenant; it needs admin consent.",
        ),
        Property(
            "openIdConnectSetting",
            Object(
                "openIdConnectSetting",
                (
                    Property(
                        "clientId", Text(), "Client ID", "The id that the provider gave to Entra."
                    ),
                    Property(
                        "discoveryUrl",
                        Text(r"https://\S+", "an https address"),
                        "Discovery endpoint",
                        "Where the provider publishes its OpenID configuration.",
                    ),
                ),
            ),
            "OpenID Connect",
            "How Entra reaches the provider.",
        ),
    ),
    known=frozenset({"id", "displayName"}),
    several=True,
    ambiguous="external-ambiguous",
)
