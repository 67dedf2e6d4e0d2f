"""The methods that are mostly a state and a list of targets."""

from __future__ import annotations

from graphpolicy.catalogue.kinds import Bool, Int, Object, Property, Resource, Strings, Text
from graphpolicy.catalogue.shared import (
    CONCEPT,
    EXCLUDE_TARGETS,
    GUID,
    MANAGED,
    REFERENCE,
    STATE,
    include_targets,
)

TEMPORARY_ACCESS_PASS = Resource(
    id="TemporaryAccessPass",
    type="temporaryAccessPassAuthenticationMethodConfiguration",
    label="Temporary Access Pass",
    doc="A temporary passcode that an administrator issues to let a person sign in.",
    link=REFERENCE + "temporaryaccesspassauthenticationmethodconfiguration",
    properties=(
        STATE,
        include_targets(),
        EXCLUDE_TARGETS,
        Property(
            "isUsableOnce",
            Bool(),
            "Require one-time use",
            "true makes every pass one-time; false allows both kinds.",
            default=False,
            link=CONCEPT + "howto-authentication-temporary-access-pass",
        ),
        Property(
            "defaultLifetimeInMinutes",
            Int(10, 43200, "minutes"),
            "Default lifetime",
            "The lifetime of a pass if none is requested; between minimum and maximum.",
            default=60,
        ),
        Property(
            "minimumLifetimeInMinutes",
            Int(10, 43200, "minutes"),
            "Minimum lifetime",
            "The shortest lifetime that may be requested.",
            default=60,
        ),
        Property(
            "maximumLifetimeInMinutes",
            Int(10, 43200, "minutes"),
            "Maximum lifetime",
            "The longest lifetime that may be requested.",
            default=480,
        ),
        Property(
            "defaultLength",
            Int(8, 48, "characters"),
            "Length",
            "How many characters a pass has.",
            default=8,
        ),
    ),
)

SMS = Resource(
    id="Sms",
    type="smsAuthenticationMethodConfiguration",
    label="SMS",
    doc="A code by text message. Weak: it can be intercepted and phished.",
    link=REFERENCE + "smsauthenticationmethodconfiguration",
    properties=(
        STATE,
        include_targets(
            Property(
                "isUsableForSignIn",
                Bool(),
                "Use for sign-in",
                "Whether the phone number is a first factor too.",
                default=True,
            )
        ),
        EXCLUDE_TARGETS,
    ),
)

VOICE = Resource(
    id="Voice",
    type="voiceAuthenticationMethodConfiguration",
    label="Voice call",
    doc="A phone call that is confirmed with a key. Weak: it can be forwarded and phished.",
    link=REFERENCE + "voiceauthenticationmethodconfiguration",
    properties=(
        STATE,
        include_targets(),
        EXCLUDE_TARGETS,
        Property(
            "isOfficePhoneAllowed",
            Bool(),
            "Office phones",
            "Whether office phones may be registered.",
            default=False,
        ),
        Property(
            "callerIdNumber",
            Text(),
            "Caller ID number",
            "The number that the call shows.",
            api="beta",
        ),
    ),
    # In Microsoft's example of the policy, but declared by neither SDK: a file can't set it.
    known=frozenset({"id", "isCustomGreetingEnabled"}),
)

EMAIL = Resource(
    id="Email",
    type="emailAuthenticationMethodConfiguration",
    label="Email OTP",
    doc="A code by e-mail, for password reset and for guests.",
    link=REFERENCE + "emailauthenticationmethodconfiguration",
    properties=(
        STATE,
        include_targets(),
        EXCLUDE_TARGETS,
        Property(
            "allowExternalIdToUseEmailOtp",
            MANAGED,
            "Allow external users to use email OTP",
            "Whether guests sign in with a code by e-mail.",
            default="default",
        ),
    ),
)

SOFTWARE_OATH = Resource(
    id="SoftwareOath",
    type="softwareOathAuthenticationMethodConfiguration",
    label="Third-party software OATH tokens",
    doc="Six-digit codes from an authenticator app of any maker.",
    link=REFERENCE + "softwareoathauthenticationmethodconfiguration",
    properties=(STATE, include_targets(), EXCLUDE_TARGETS),
)

HARDWARE_OATH = Resource(
    id="HardwareOath",
    type="hardwareOathAuthenticationMethodConfiguration",
    label="Hardware OATH tokens",
    doc="Six-digit codes from a hardware token.",
    link=REFERENCE + "hardwareoathauthenticationmethodconfiguration",
    properties=(STATE, include_targets(), EXCLUDE_TARGETS),
    api="beta",
)

QR_CODE_PIN = Resource(
    id="QRCodePin",
    type="qrCodePinAuthenticationMethodConfiguration",
    label="QR code",
    doc="A QR code and a PIN, for frontline workers on shared devices.",
    link=REFERENCE + "qrcodepinauthenticationmethodconfiguration",
    properties=(
        STATE,
        include_targets(),
        EXCLUDE_TARGETS,
        Property(
            "standardQRCodeLifetimeInDays",
            Int(1, 395, "days"),
            "Lifetime of standard QR code",
            "The number of days after which a printed code expires.",
            default=365,
        ),
        Property("pinLength", Int(8, 20, "digits"), "PIN length", "How many digits the PIN has."),
    ),
)

VERIFIABLE_CREDENTIALS = Resource(
    id="VerifiableCredentials",
    type="verifiableCredentialsAuthenticationMethodConfiguration",
    label="Verified ID",
    doc="Recovery with a verifiable credential.",
    link=REFERENCE + "verifiablecredentialsauthenticationmethodconfiguration",
    properties=(
        STATE,
        include_targets(
            Property(
                "verifiedIdProfiles",
                Strings(GUID, "a profile's id (GUID)"),
                "Verified ID profiles",
                "The profiles that the group may use.",
                absent=[],
            )
        ),
        EXCLUDE_TARGETS,
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

EXTERNAL = Resource(
    id="External",
    type="externalAuthenticationMethodConfiguration",
    label="External method",
    doc="Multifactor authentication by another provider. graphpolicy never creates or deletes one.",
    link=REFERENCE + "externalauthenticationmethodconfiguration",
    properties=(
        STATE,
        include_targets(),
        EXCLUDE_TARGETS,
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
)
