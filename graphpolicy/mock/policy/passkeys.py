"""Passkey profiles of the FIDO2 method: opting in, ids, references and the legacy keys."""

import uuid
from copy import deepcopy
from typing import Final

from ..graph.errors import GraphError
from ..rules import enforces
from ..switches import Switches
from ..tables import JsonObject
from .merge import completed
from .wire import METHODS

FIDO2: Final = METHODS["Fido2"]
DEFAULT_PROFILE: Final = "00000000-0000-0000-0000-000000000001"
MAXIMUM: Final = 3

_LEGACY: Final = ("isAttestationEnforced", "keyRestrictions")


def opted_in(document: JsonObject) -> bool:
    """Say whether a FIDO2 configuration has passkey profiles."""
    return bool(document.get("passkeyProfiles"))


@enforces("passkey-opt-in")
def opt_in(document: JsonObject) -> None:
    """Give a FIDO2 configuration its first profile, made from the legacy keys."""
    profile = {
        "id": DEFAULT_PROFILE,
        "name": "Default passkey profile",
        "passkeyTypes": "deviceBound"
        if document["isAttestationEnforced"]
        else "deviceBound,synced",
        "attestationEnforcement": "registrationOnly"
        if document["isAttestationEnforced"]
        else "disabled",
        "keyRestrictions": deepcopy(document["keyRestrictions"]),
    }
    document["defaultPasskeyProfile"] = DEFAULT_PROFILE
    document["passkeyProfiles"] = [completed(profile, "passkeyProfile")]
    for target in document["includeTargets"]:
        target["allowedPasskeyProfiles"] = [DEFAULT_PROFILE]


def reconciled(
    before: JsonObject, after: JsonObject, sent: JsonObject, switches: Switches
) -> JsonObject:
    """Return what FIDO2 becomes after a PATCH: ids given out, rules on profiles held."""
    result = deepcopy(after)
    if switches.profile_id == "server" and "passkeyProfiles" in sent:
        _renumber(result, {each["id"] for each in before.get("passkeyProfiles", [])})
    if opted_in(before):
        _settle_legacy(before, result, sent, switches)
    if switches.profile_error == "reject_400":
        _hold(result)
    if opted_in(result) and not result.get("defaultPasskeyProfile"):
        ids = [each["id"] for each in result["passkeyProfiles"]]
        result["defaultPasskeyProfile"] = DEFAULT_PROFILE if DEFAULT_PROFILE in ids else ids[0]
    return result


def _renumber(document: JsonObject, existing: set[str]) -> None:
    given = {
        each["id"]: str(uuid.uuid4())
        for each in document["passkeyProfiles"]
        if each["id"] not in existing and each["id"] != DEFAULT_PROFILE
    }
    for each in document["passkeyProfiles"]:
        each["id"] = given.get(each["id"], each["id"])
    for target in document["includeTargets"]:
        allowed = target.get("allowedPasskeyProfiles", [])
        target["allowedPasskeyProfiles"] = [given.get(each, each) for each in allowed]


def _settle_legacy(
    before: JsonObject, result: JsonObject, sent: JsonObject, switches: Switches
) -> None:
    named = [name for name in _LEGACY if name in sent]
    if switches.fido2_wins == "profiles":
        for name in named:
            result[name] = deepcopy(before[name])
    elif switches.fido2_wins == "legacy" and named:
        for profile in result["passkeyProfiles"]:
            if profile["id"] == result["defaultPasskeyProfile"]:
                enforced = result["isAttestationEnforced"]
                profile["attestationEnforcement"] = "registrationOnly" if enforced else "disabled"
                profile["keyRestrictions"] = deepcopy(result["keyRestrictions"])


def _hold(document: JsonObject) -> None:
    profiles = document.get("passkeyProfiles", [])
    ids = {each["id"].lower() for each in profiles}
    if len(profiles) > MAXIMUM:
        raise GraphError("passkey-profiles-max", f"At most {MAXIMUM} passkey profiles are allowed.")
    default = document.get("defaultPasskeyProfile")
    if default and default.lower() not in ids:
        raise GraphError(
            "passkey-default-profile", "The default passkey profile cannot be deleted."
        )
    for target in document.get("includeTargets", []):
        for each in target.get("allowedPasskeyProfiles", []):
            if each.lower() not in ids:
                raise GraphError(
                    "passkey-profile-used",
                    f"A target names the passkey profile '{each}', which does not exist.",
                )
    for profile in profiles:
        synced = "synced" in [each.strip() for each in profile["passkeyTypes"].split(",")]
        if synced and profile["attestationEnforcement"] == "registrationOnly":
            raise GraphError(
                "passkey-synced-attestation",
                f"The profile '{profile['name']}' cannot enforce attestation for synced passkeys.",
            )
