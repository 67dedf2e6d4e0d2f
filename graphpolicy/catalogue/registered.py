"""What a person can have registered to sign in with, as rows. Adding a type is adding a row.

Sources: Graph's "authenticationMethod" and the pages of its types (list, delete), "Update
authentication states" (signInPreferences, beta), the SDK's request builders for the segments;
Entra: "Authentication methods and features" for what each is good for.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from graphpolicy.model.records import dataclass

Use: TypeAlias = Literal["password", "alone", "second", "recovery", "unknown"]
"""How it serves: the password itself, by itself, beside the password, to reset the password."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One type: `name` is Graph's without its ending, `segment` where a DELETE of it goes.

    `phone` tells the three phones apart, and `order` is when it may go: an alternate mobile phone
    before the mobile phone. `prefers` are the values of the preferred second factor that it serves.
    `through` are the methods of the policy that it is used through. Below a segment that is
    `single` there is one without an id. `scope` is the middle of its own permissions' names.
    """

    name: str
    label: str
    segment: str
    use: Use
    scope: str = ""
    through: tuple[str, ...] = ()
    prefers: tuple[str, ...] = ()
    phone: str = ""
    order: int = 0
    single: bool = False
    detail: tuple[str, ...] = ("displayName",)
    """Properties that tell one from another; the first that is there is shown."""


ALTERNATE_MOBILE = "alternateMobile"
PASS = "temporaryAccessPass"  # noqa: S105 - a type of method
KEY = "fido2"

KINDS: tuple[Kind, ...] = (
    Kind("password", "password", "", "password", "Password", detail=()),
    Kind(
        "phone",
        "alternate mobile phone",
        "phoneMethods",
        "second",
        "Phone",
        ("Voice",),
        ("voiceAlternateMobile",),
        ALTERNATE_MOBILE,
        detail=("phoneNumber",),
    ),
    Kind(
        "phone",
        "office phone",
        "phoneMethods",
        "second",
        "Phone",
        ("Voice",),
        ("voiceOffice",),
        "office",
        detail=("phoneNumber",),
    ),
    Kind(
        "phone",
        "mobile phone",
        "phoneMethods",
        "second",
        "Phone",
        ("Sms", "Voice"),
        ("sms", "voiceMobile"),
        "mobile",
        order=1,
        detail=("phoneNumber",),
    ),
    Kind(
        "phone",
        "phone",
        "phoneMethods",
        "second",
        "Phone",
        ("Sms", "Voice"),
        order=1,
        detail=("phoneNumber",),
    ),
    Kind(
        "microsoftAuthenticator",
        "Microsoft Authenticator",
        "microsoftAuthenticatorMethods",
        "second",
        "MicrosoftAuthApp",
        ("MicrosoftAuthenticator",),
        ("push", "oath"),
    ),
    Kind(
        "passwordlessMicrosoftAuthenticator",
        "Microsoft Authenticator, passwordless",
        "passwordlessMicrosoftAuthenticatorMethods",
        "alone",
        "MicrosoftAuthApp",
        ("MicrosoftAuthenticator",),
    ),
    Kind(
        "softwareOath",
        "software OATH token",
        "softwareOathMethods",
        "second",
        "SoftwareOATH",
        ("SoftwareOath", "MicrosoftAuthenticator"),
        ("oath",),
    ),
    Kind(
        "hardwareOath",
        "hardware OATH token",
        "hardwareOathMethods",
        "second",
        "HardwareOATH",
        ("HardwareOath",),
        ("oath",),
    ),
    Kind(
        KEY, "passkey (FIDO2)", "fido2Methods", "alone", "Passkey", ("Fido2",),
        detail=("displayName", "model"),
    ),
    Kind(
        "windowsHelloForBusiness",
        "Windows Hello for Business",
        "windowsHelloForBusinessMethods",
        "alone",
        "WindowsHello",
    ),
    Kind(
        "platformCredential",
        "platform credential",
        "platformCredentialMethods",
        "alone",
        "PlatformCred",
    ),
    Kind(
        "email", "e-mail address", "emailMethods", "recovery", "Email", ("Email",),
        detail=("emailAddress",),
    ),
    Kind(
        PASS,
        "Temporary Access Pass",
        "temporaryAccessPassMethods",
        "alone",
        "TAP",
        ("TemporaryAccessPass",),
        detail=(),
    ),
    Kind("external", "external method", "externalAuthenticationMethods", "second", "External",
         ("External",)),
    Kind(
        "qrCodePin",
        "QR code",
        "qrCodePinMethod",
        "alone",
        "QR",
        ("QRCodePin",),
        single=True,
        detail=(),
    ),
    Kind(
        "resourceAccountKey",
        "resource account key",
        "resourceAccountKeyAuthenticationMethods",
        "alone",
    ),
)  # fmt: skip
"""Of several rows of one name the first whose phone is meant, or that names none."""

PHONES = {
    "3179e48a-750b-4051-897c-87b9720928f7": "mobile",
    "b6332ec1-7057-4abe-9331-3d72feddfe41": ALTERNATE_MOBILE,
    "e37fc753-ff3b-4958-9484-eaa9425c82bc": "office",
}
"""Everybody's phones have these ids (Graph: phoneAuthenticationMethod)."""

ENDING = "authenticationmethod"


def kind_of(type_: str, id_: str = "", phone: str = "") -> Kind | None:
    """The row of a type as Graph writes it, `#microsoft.graph.fido2AuthenticationMethod`; None for
    one that this release does not know.
    """
    name = type_.rpartition(".")[2].casefold().removesuffix(ENDING)
    which = PHONES.get(id_.casefold(), phone)
    rows = [row for row in KINDS if row.name.casefold() == name]
    return next((row for row in rows if row.phone in (which, "")), None)
