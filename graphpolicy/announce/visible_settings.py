"""The settings that people notice when they sign in: a row for each, by Graph's path.

To add a setting, add a row here and its sentences in `texts/`, under the row's name. A *switch* has
a state or targets: people gain it or lose it. A *value* is how something works for the people that
have it. A *member* is a value in each target.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal, TypeAlias

from graphpolicy.catalogue.authenticator import NUMBER_MATCHING
from graphpolicy.catalogue.kinds import Property
from graphpolicy.catalogue.settings import settings
from graphpolicy.model import POLICY, Path
from graphpolicy.model.records import dataclass

How: TypeAlias = Literal["switch", "value", "member"]

AUTHENTICATOR = "MicrosoftAuthenticator"


@dataclass(frozen=True, slots=True)
class Seen:
    """One row. `special` is the name of a text for people that no target describes."""

    resource: str
    path: Path
    how: How
    special: str = ""

    @property
    def name(self) -> str:
        """The name of its sentences: the resource and Graph's dotted path."""
        return ".".join((self.resource, *self.path))

    @property
    def row(self) -> Property:
        """The catalogue's row for a value or a member."""
        return _catalogue()[self.name]


@cache
def _catalogue() -> dict[str, Property]:
    return {setting.name: setting.row for setting in settings()}


def _rows(how: How, resource: str, *paths: str) -> Iterator[Seen]:
    for path in paths:
        yield Seen(resource, tuple(path.split(".")), how)


FEATURES = "featureSettings"
CAMPAIGN = ("registrationEnforcement", "authenticationMethodsRegistrationCampaign")

PROMPT: dict[str, Path] = {
    "number": (FEATURES, NUMBER_MATCHING.name),
    "application": (FEATURES, "displayAppInformationRequiredState"),
    "map": (FEATURES, "displayLocationInformationRequiredState"),
}
"""The parts that the app's prompt may ask for or show, and the features that turn them on."""

SEEN: tuple[Seen, ...] = (
    Seen(AUTHENTICATOR, (), "switch"),
    *(Seen(AUTHENTICATOR, path, "switch") for path in PROMPT.values()),
    Seen(AUTHENTICATOR, (FEATURES, "companionAppAllowedState"), "switch"),
    *_rows("member", AUTHENTICATOR, "includeTargets.authenticationMode"),
    *_rows("value", AUTHENTICATOR, "isSoftwareOathEnabled"),
    Seen("TemporaryAccessPass", (), "switch"),
    *_rows(
        "value",
        "TemporaryAccessPass",
        "isUsableOnce",
        "defaultLifetimeInMinutes",
        "minimumLifetimeInMinutes",
        "maximumLifetimeInMinutes",
        "defaultLength",
    ),
    Seen("Fido2", (), "switch"),
    *_rows("member", "Fido2", "includeTargets.allowedPasskeyProfiles"),
    *_rows(
        "value",
        "Fido2",
        "isSelfServiceRegistrationAllowed",
        "isAttestationEnforced",
        "keyRestrictions",
        "passkeyProfiles",
    ),
    Seen("Sms", (), "switch"),
    *_rows("member", "Sms", "includeTargets.isUsableForSignIn"),
    Seen("Voice", (), "switch"),
    *_rows("value", "Voice", "isOfficePhoneAllowed", "callerIdNumber"),
    Seen("Email", (), "switch"),
    Seen("Email", ("allowExternalIdToUseEmailOtp",), "switch", "guests"),
    Seen("SoftwareOath", (), "switch"),
    Seen("HardwareOath", (), "switch"),
    Seen("X509Certificate", (), "switch"),
    *_rows(
        "value",
        "X509Certificate",
        "authenticationModeConfiguration.x509CertificateAuthenticationDefaultMode",
    ),
    Seen("X509Certificate", ("issuerHintsConfiguration",), "switch"),
    Seen("QRCodePin", (), "switch"),
    *_rows("value", "QRCodePin", "standardQRCodeLifetimeInDays", "pinLength"),
    Seen("VerifiableCredentials", (), "switch"),
    Seen("External", (), "switch"),
    Seen(POLICY, CAMPAIGN, "switch"),
    Seen(POLICY, (*CAMPAIGN, "includeTargets", "targetedAuthenticationMethod"), "member"),
    Seen(POLICY, (*CAMPAIGN, "snoozeDurationInDays"), "value"),
    Seen(POLICY, (*CAMPAIGN, "enforceRegistrationAfterAllowedSnoozes"), "value"),
    Seen(POLICY, ("systemCredentialPreferences",), "switch"),
    Seen(POLICY, ("reportSuspiciousActivitySettings",), "switch"),
    Seen(POLICY, ("reportSuspiciousActivitySettings", "voiceReportingCode"), "value"),
    *_rows("value", POLICY, "reconfirmationInDays"),
)
