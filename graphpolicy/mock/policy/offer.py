"""What one version of Graph offers under the present switches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ..rules import enforces
from ..switches import CONTESTED, Switches
from .wire import METHODS, declared, known

Access = Literal["absent", "read_only", "writable"]

_CONTESTED_TYPES: Final = {
    METHODS[name]: name for name in ("HardwareOath", "QRCodePin", "VerifiableCredentials", "Future")
}

_NUMBER_MATCHING: Final = "numberMatchingRequiredState"
_AUTHENTICATOR_TARGET: Final = "microsoftAuthenticatorAuthenticationMethodTarget"

_US: Final = frozenset({"v1.0 usgov", "v1.0 usgov-dod"})
_NOT_IN_US: Final = frozenset({"QRCodePin", "VerifiableCredentials"})
_PASSKEYS: Final = frozenset({"passkeyProfiles", "defaultPasskeyProfile", "allowedPasskeyProfiles"})

TARGET_FEATURES: Final = {
    "displayAppInformationRequiredState": "Require Display App Information",
    _NUMBER_MATCHING: "Require Number Matching",
    "outlookMobileAllowedState": "Outlook Mobile",
}
"""What a target of the Authenticator could carry before featureSettings, as refusals call it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A version of the API as the switches make it."""

    version: str
    switches: Switches

    @enforces("cloud-gaps")
    def method(self, type_name: str) -> Access:
        """How this version offers a method, by its configuration type."""
        contested = _CONTESTED_TYPES.get(type_name)
        if contested in _NOT_IN_US and f"{self.version} {self.switches.cloud}" in _US:
            return "absent"
        return self._contested(contested) if contested else "writable"

    def shows(self, type_name: str, name: str, *, writing: bool) -> bool:
        """Say whether the version knows a property; reading and writing differ for few."""
        if self._is_target_feature(type_name, name):
            return not writing or self.switches.target_features == "one"
        if name == _NUMBER_MATCHING:
            reading = self.switches.number_matching_read == "present"
            return self.version == "beta" and (writing or reading)
        return self.access(type_name, name) != "absent"

    def access(self, type_name: str, name: str) -> Access:
        """How this version offers a property of a type."""
        if self._is_target_feature(type_name, name):
            return "writable" if self.switches.target_features == "one" else "absent"
        if name in _PASSKEYS and self.switches.passkey_opt_in == "not_yet":
            return "absent"
        if name in CONTESTED and name in known(type_name):
            return self._contested(name)
        return "writable" if name in self._declared(type_name) else "absent"

    def wire(self, type_name: str, name: str) -> str | None:
        """The wire type of a property, None for one that the mock does not know."""
        if self._is_target_feature(type_name, name):
            return "advancedConfigState"
        return self._declared(type_name).get(name) or known(type_name).get(name)

    @staticmethod
    def _is_target_feature(type_name: str, name: str) -> bool:
        return type_name == _AUTHENTICATOR_TARGET and name in TARGET_FEATURES

    def _declared(self, type_name: str) -> Mapping[str, str]:
        """A type that this version lacks is offered by a switch, and then with all properties.

        So is one that neither version declares.
        """
        return declared(type_name, self.version) or known(type_name)

    def _contested(self, name: str) -> Access:
        match self.switches.keys[f"{self.version}/{name}"]:
            case "absent":
                return "absent"
            case "read_only":
                return "read_only"
            case _:
                return "writable"
