"""The wire types of both Graph versions: which property a type has, and of which type it is.

The data lies in `types.json`. A property is written once when both versions agree, else once per
version; `undeclared` marks a property that Graph has been seen to return though neither version's
metadata declares it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from ..tables import data

VERSIONS: Final = ("v1.0", "beta")

POLICY: Final = "authenticationMethodsPolicy"
CONFIGURATIONS: Final = "authenticationMethodConfigurations"
BASE_CONFIGURATION: Final = "authenticationMethodConfiguration"
EXTERNAL: Final = "externalAuthenticationMethodConfiguration"

METHODS: Final[Mapping[str, str]] = {
    "Fido2": "fido2AuthenticationMethodConfiguration",
    "MicrosoftAuthenticator": "microsoftAuthenticatorAuthenticationMethodConfiguration",
    "Sms": "smsAuthenticationMethodConfiguration",
    "TemporaryAccessPass": "temporaryAccessPassAuthenticationMethodConfiguration",
    "HardwareOath": "hardwareOathAuthenticationMethodConfiguration",
    "SoftwareOath": "softwareOathAuthenticationMethodConfiguration",
    "Voice": "voiceAuthenticationMethodConfiguration",
    "Email": "emailAuthenticationMethodConfiguration",
    "X509Certificate": "x509CertificateAuthenticationMethodConfiguration",
    "QRCodePin": "qrCodePinAuthenticationMethodConfiguration",
    "VerifiableCredentials": "verifiableCredentialsAuthenticationMethodConfiguration",
    "Future": "futureAuthenticationMethodConfiguration",
}
"""The built-in methods by id, in the order in which Graph lists them; Future is one to come."""

SENTINEL: Final = "unknownFutureValue"


@cache
def is_type(name: str) -> bool:
    """Say whether `name` is a complex or entity type."""
    return name in data("types.json")["types"]


@cache
def declared(type_name: str, version: str) -> Mapping[str, str]:
    """Properties that `version` declares on a type, by name, with their wire types."""
    found: dict[str, str] = {}
    for name, wire in data("types.json")["types"].get(type_name, {}).items():
        if isinstance(wire, str):
            found[name] = wire
        elif version in wire:
            found[name] = wire[version]
    return found


@cache
def known(type_name: str) -> Mapping[str, str]:
    """Properties that a type has in either version or undeclared, with their wire types."""
    undeclared = {
        name: wire["undeclared"]
        for name, wire in data("types.json")["types"].get(type_name, {}).items()
        if isinstance(wire, dict) and "undeclared" in wire
    }
    return {**undeclared, **declared(type_name, "v1.0"), **declared(type_name, "beta")}


@cache
def members(enum: str) -> tuple[str, ...] | None:
    """Members of an enum in declaration order, None when `enum` is not one."""
    found = data("types.json")["enums"].get(enum)
    return None if found is None else tuple(found)


@cache
def item_type(wire: str) -> str | None:
    """`T` of `Collection(T)`, None for anything else."""
    return wire[len("Collection(") : -1] if wire.startswith("Collection(") else None


@cache
def flags_type(wire: str) -> str | None:
    """`T` of `Flags(T)`, None for anything else."""
    return wire[len("Flags(") : -1] if wire.startswith("Flags(") else None


def odata_type(type_name: str) -> str:
    """The `@odata.type` of a type as responses write it."""
    return f"#microsoft.graph.{type_name}"


def bare_type(odata: object) -> str | None:
    """The type's name out of an `@odata.type`, with or without the leading `#`."""
    if not isinstance(odata, str):
        return None
    name = odata.removeprefix("#")
    return name.removeprefix("microsoft.graph.") if name.startswith("microsoft.graph.") else None


def is_annotation(key: str) -> bool:
    """Say whether a JSON key is an OData annotation rather than a property."""
    return key.startswith(("@odata.", "@microsoft.graph.")) or "@odata." in key
