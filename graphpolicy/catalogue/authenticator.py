"""Microsoft Authenticator: push with number matching, application name and location."""

from __future__ import annotations

from graphpolicy.catalogue.kinds import Bool, Enum, Object, Property
from graphpolicy.catalogue.shared import CONCEPT, feature, method

NUMBER_MATCHING = feature(
    "numberMatchingRequiredState",
    "Require number matching for push notifications",
    "The person types the number that the sign-in shows. Microsoft enforces it for everyone.",
    context="type a number",
    api="beta",
    enforced="2023-05-08",
    page="how-to-mfa-number-match",
    prompt="number",
)

AUTHENTICATOR = method(
    id="MicrosoftAuthenticator",
    label="Microsoft Authenticator",
    doc="Approve a sign-in in the Authenticator app.",
    targets=(
        Property(
            "authenticationMode",
            Enum(
                ("any", "push", "deviceBasedPush"),
                ("Both.", "A second factor only.", "Passwordless sign-in only."),
            ),
            "Authentication mode",
            "push for a second factor, deviceBasedPush for passwordless, any for both.",
            default="any",
            seen="member",
        ),
    ),
    properties=(
        Property(
            "isSoftwareOathEnabled",
            Bool(),
            "Allow use of Microsoft Authenticator OTP",
            "Whether the six-digit codes of the app may be used; RADIUS and NPS need them.",
            narrows=True,
            seen="value",
        ),
        Property(
            "featureSettings",
            Object(
                "microsoftAuthenticatorFeatureSettings",
                (
                    NUMBER_MATCHING,
                    feature(
                        "displayAppInformationRequiredState",
                        "Show application name in push and passwordless notifications",
                        "The notification names the application that the person signs in to.",
                        context="see the application's name",
                        prompt="application",
                    ),
                    feature(
                        "displayLocationInformationRequiredState",
                        "Show geographic location in push and passwordless notifications",
                        "The notification shows where the sign-in comes from.",
                        context="see where the sign-in comes from",
                        prompt="map",
                    ),
                    feature(
                        "companionAppAllowedState",
                        "Microsoft Authenticator on companion applications",
                        "Approval inside Outlook mobile (Authenticator Lite).",
                        context="",
                        api="beta",
                        page="how-to-mfa-authenticator-lite",
                    ),
                ),
            ),
            "Configure",
            "What a notification asks for and shows.",
            link=CONCEPT + "how-to-mfa-additional-context",
        ),
    ),
)
