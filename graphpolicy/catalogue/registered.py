"""The methods that a person can have registered, as rows. Adding a type is adding a row.

Sources: Graph's "authenticationMethod" and the pages of its types (list, delete), "Update
authentication states" (signInPreferences, beta), the SDK's request builders for the segments;
Entra: "Authentication methods and features" for how each is used, "Self-service password reset" for
what resets a password. No page lists the names in the report; they come from Graph's
"userRegistrationDetails" and "userSignInUsageByAuthMethodActivity" (beta) and from public tools.
Older names are read too.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from graphpolicy.model.records import dataclass

Proof: TypeAlias = Literal["multifactor", "phishing resistant"]
MULTIFACTOR: frozenset[Proof] = frozenset({"multifactor"})
RESISTANT: frozenset[Proof] = MULTIFACTOR | {"phishing resistant"}
NOTHING: frozenset[Proof] = frozenset()

FactorUse: TypeAlias = Literal["password", "alone", "second", "recovery", "unknown"]
"""How it is used: as the password, alone, as a second factor, to reset the password."""


@dataclass(frozen=True, slots=True)
class RegisteredKind:
    """One type: `name` is Graph's without its ending, `segment` its part of the URL of a DELETE.

    `phone` tells the three phones apart, and `order` is the order of deletion: an alternate mobile
    phone before the mobile phone. `prefers` are the values of the preferred second factor that use
    it. `through` are the methods of the policy that allow it. If it is `single` a person has one at
    most, and its URL has no id. `scope` is the part of its permissions' names after
    `UserAuthMethod-`.

    `reported` are its names in `methodsRegistered` of the registration report. `proves` are the
    kinds of sign-in that it is good for, `resets` whether it serves self-service password reset.
    `mode` is the folded `authenticationMode` of a target that allows what the report names; empty
    if any does.
    """

    name: str
    label: str
    segment: str
    use: FactorUse
    scope: str = ""
    through: tuple[str, ...] = ()
    prefers: tuple[str, ...] = ()
    phone: str = ""
    order: int = 0
    single: bool = False
    detail: tuple[str, ...] = ("displayName",)
    """Properties that tell one from another; the first that is present is shown."""
    reported: tuple[str, ...] = ()
    proves: frozenset[Proof] = MULTIFACTOR
    resets: bool = False
    mode: str = ""


ALTERNATE_MOBILE = "alternateMobile"
PASS = "temporaryAccessPass"  # noqa: S105 - a type of method
KEY = "fido2"
SYNCED = "passKeySynced"
"""The report's name for passkeys that are copied to other devices."""

KINDS: tuple[RegisteredKind, ...] = (
    RegisteredKind("password", "password", "", "password", "Password", detail=(), proves=NOTHING),
    RegisteredKind(
        "phone", "alternate mobile phone", "phoneMethods", "second", "Phone", ("Voice",),
        ("voiceAlternateMobile",), ALTERNATE_MOBILE, detail=("phoneNumber",),
        reported=("alternateMobilePhone", "alternateMobileCall"), resets=True,
    ),
    RegisteredKind(
        "phone", "office phone", "phoneMethods", "second", "Phone", ("Voice",),
        ("voiceOffice",), "office", detail=("phoneNumber",),
        reported=("officePhone",), resets=True,
    ),
    RegisteredKind(
        "phone", "mobile phone", "phoneMethods", "second", "Phone", ("Sms", "Voice"),
        ("sms", "voiceMobile"), "mobile", order=1, detail=("phoneNumber",),
        reported=("mobilePhone", "mobileSMS", "mobileCall", "sms"), resets=True,
    ),
    RegisteredKind(
        "phone", "phone", "phoneMethods", "second", "Phone", ("Sms", "Voice"),
        order=1, detail=("phoneNumber",), resets=True,
    ),
    RegisteredKind(
        "microsoftAuthenticator", "Microsoft Authenticator", "microsoftAuthenticatorMethods",
        "second", "MicrosoftAuthApp", ("MicrosoftAuthenticator",), ("push", "oath"),
        reported=("microsoftAuthenticatorPush", "appNotification"), resets=True, mode="push",
    ),
    RegisteredKind(
        "passwordlessMicrosoftAuthenticator", "Microsoft Authenticator, passwordless",
        "passwordlessMicrosoftAuthenticatorMethods",
        "alone", "MicrosoftAuthApp", ("MicrosoftAuthenticator",),
        reported=("microsoftAuthenticatorPasswordless",), mode="devicebasedpush",
    ),
    RegisteredKind(
        "softwareOath", "software OATH token", "softwareOathMethods",
        "second", "SoftwareOATH", ("SoftwareOath", "MicrosoftAuthenticator"), ("oath",),
        reported=("softwareOneTimePasscode", "appCode"), resets=True,
    ),
    RegisteredKind(
        "hardwareOath", "hardware OATH token", "hardwareOathMethods",
        "second", "HardwareOATH", ("HardwareOath",), ("oath",),
        reported=("hardwareOneTimePasscode",), resets=True,
    ),
    RegisteredKind(
        KEY, "passkey (FIDO2)", "fido2Methods", "alone", "Passkey", ("Fido2",),
        detail=("displayName", "model"), proves=RESISTANT,
        reported=(
            "fido", "fido2", "fido2SecurityKey", "passKeyDeviceBound",
            "passKeyDeviceBoundAuthenticator", "passKeyDeviceBoundWindowsHello", SYNCED,
        ),
    ),
    RegisteredKind(
        "windowsHelloForBusiness", "Windows Hello for Business", "windowsHelloForBusinessMethods",
        "alone", "WindowsHello", reported=("windowsHelloForBusiness",), proves=RESISTANT,
    ),
    RegisteredKind(
        "platformCredential", "platform credential", "platformCredentialMethods",
        "alone", "PlatformCred", reported=("macOsSecureEnclaveKey",), proves=RESISTANT,
    ),
    RegisteredKind(
        "email", "email address", "emailMethods", "recovery", "Email", ("Email",),
        detail=("emailAddress",), reported=("email",), proves=NOTHING, resets=True,
    ),
    RegisteredKind(
        PASS, "Temporary Access Pass", "temporaryAccessPassMethods",
        "alone", "TAP", ("TemporaryAccessPass",), detail=(),
        reported=("temporaryAccessPass",), proves=NOTHING,
    ),
    RegisteredKind(
        "external", "external method", "externalAuthenticationMethods",
        "second", "External", ("External",), reported=("externalAuthMethod",),
    ),
    RegisteredKind(
        "qrCodePin", "QR code", "qrCodePinMethod", "alone", "QR", ("QRCodePin",),
        single=True, detail=(), reported=("qrCode", "qrCodePin"), proves=NOTHING,
    ),
    RegisteredKind(
        "resourceAccountKey", "resource account key", "resourceAccountKeyAuthenticationMethods",
        "alone", proves=NOTHING,
    ),
    RegisteredKind(
        "securityQuestion", "security questions", "", "recovery", reported=("securityQuestion",),
        proves=NOTHING, resets=True,
    ),
    RegisteredKind(
        "appPassword", "app password", "", "recovery", reported=("appPassword",), proves=NOTHING,
    ),
)  # fmt: skip
"""If several rows have one name, the first with the phone that is meant, or with none, applies."""

PHONES = {
    "3179e48a-750b-4051-897c-87b9720928f7": "mobile",
    "b6332ec1-7057-4abe-9331-3d72feddfe41": ALTERNATE_MOBILE,
    "e37fc753-ff3b-4958-9484-eaa9425c82bc": "office",
}
"""These ids are the same for all people (Graph: phoneAuthenticationMethod)."""

ENDING = "authenticationmethod"


def kind_of(type_: str, id_: str = "", phone: str = "") -> RegisteredKind | None:
    """The row of a type as Graph writes it, `#microsoft.graph.fido2AuthenticationMethod`; None if
    this release does not know the type.
    """
    name = type_.rpartition(".")[2].casefold().removesuffix(ENDING)
    which = PHONES.get(id_.casefold(), phone)
    rows = [row for row in KINDS if row.name.casefold() == name]
    return next((row for row in rows if row.phone in (which, "")), None)


def registers(kind: RegisteredKind | None) -> frozenset[str]:
    """The methods of the policy that a person with something of this kind has registered.

    A phone serves each method that allows it. Codes of an app do not make it an authenticator.
    """
    if kind is None:
        return frozenset()
    return frozenset(kind.through if kind.name == "phone" else kind.through[:1])


def reported_as(name: str) -> RegisteredKind | None:
    """The row of a name in the registration report; None if this release does not know it."""
    return _REPORTED.get(name.casefold())


def governed(proof: Proof) -> frozenset[str]:
    """The methods of the policy that allow something which is good for this kind of sign-in."""
    return frozenset(method for kind in KINDS if proof in kind.proves for method in kind.through)


_REPORTED = {name.casefold(): kind for kind in KINDS for name in kind.reported}
