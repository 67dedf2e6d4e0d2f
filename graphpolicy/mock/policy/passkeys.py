"""Passkey profiles of the FIDO2 method: opting in, ids, references and the legacy keys."""

import uuid
from typing import Final

from ..graph.errors import GraphError
from ..rules import enforces
from ..switches import Switches
from ..tables import JsonObject, copied
from .merge import completed
from .wire import METHODS

FIDO2: Final = METHODS["Fido2"]
DEFAULT_PROFILE: Final = "00000000-0000-0000-0000-000000000001"
EVERY_TYPE: Final = "deviceBound,synced"

_LEGACY: Final = ("isAttestationEnforced", "keyRestrictions")


def opted_in(document: JsonObject) -> bool:
    """Say whether a FIDO2 configuration has passkey profiles."""
    return bool(document.get("passkeyProfiles"))


@enforces("passkey-opt-in")
def opt_in(document: JsonObject) -> None:
    """Give a FIDO2 configuration its first profile, made from the legacy keys, and use it."""
    _create_default(document)
    for target in document["includeTargets"]:
        target["allowedPasskeyProfiles"] = [DEFAULT_PROFILE]


def _create_default(document: JsonObject) -> None:
    profile = {
        "id": DEFAULT_PROFILE,
        "name": "Default passkey profile",
        "passkeyTypes": "deviceBound" if document["isAttestationEnforced"] else EVERY_TYPE,
        "attestationEnforcement": "registrationOnly"
        if document["isAttestationEnforced"]
        else "disabled",
        "keyRestrictions": copied(document["keyRestrictions"]),
    }
    document["defaultPasskeyProfile"] = DEFAULT_PROFILE
    profiles = document.get("passkeyProfiles") or []
    document["passkeyProfiles"] = [completed(profile, "passkeyProfile"), *profiles]


def reconciled(
    before: JsonObject, after: JsonObject, sent: JsonObject, switches: Switches
) -> JsonObject:
    """Return what FIDO2 becomes after a PATCH: ids given out, rules on profiles held."""
    result = copied(after)
    if "passkeyProfiles" in sent:
        _renumber(result, {each["id"] for each in before.get("passkeyProfiles", [])}, switches)
    ids = {each["id"] for each in result.get("passkeyProfiles", [])}
    names_default = DEFAULT_PROFILE in ids or sent.get("defaultPasskeyProfile")
    if opted_in(before):
        _settle_legacy(before, result, sent, switches)
    elif ids and switches.default_profile == "created" and not names_default:
        _create_default(result)
        for target in () if "includeTargets" in sent else result["includeTargets"]:
            target["allowedPasskeyProfiles"] = [DEFAULT_PROFILE]
    if switches.profile_error == "reject_400":
        _hold(before, result, sent, int(switches.profiles_max))
    if opted_in(result) and not result.get("defaultPasskeyProfile"):
        first = result["passkeyProfiles"][0]["id"]
        result["defaultPasskeyProfile"] = DEFAULT_PROFILE if DEFAULT_PROFILE in ids else first
    return result


@enforces("passkey-profile-id")
def _renumber(document: JsonObject, existing: set[str], switches: Switches) -> None:
    """Give new profiles their ids: all where the server chooses, else those that come without."""
    given: dict[str, str] = {}
    for each in document["passkeyProfiles"]:
        sent = each.get("id")
        chosen = switches.profile_id == "server" and sent not in existing
        if not sent or (chosen and sent != DEFAULT_PROFILE):
            each["id"] = str(uuid.uuid4())
            given[sent or each["id"]] = each["id"]
    for target in document["includeTargets"]:
        allowed = target.get("allowedPasskeyProfiles", [])
        target["allowedPasskeyProfiles"] = [given.get(each, each) for each in allowed]


def _settle_legacy(
    before: JsonObject, result: JsonObject, sent: JsonObject, switches: Switches
) -> None:
    named = [name for name in _LEGACY if name in sent]
    if switches.fido2_wins == "profiles":
        for name in named:
            result[name] = copied(before[name])
    elif switches.fido2_wins == "legacy" and named:
        for profile in result["passkeyProfiles"]:
            if profile["id"] == result["defaultPasskeyProfile"]:
                enforced = result["isAttestationEnforced"]
                profile["attestationEnforcement"] = "registrationOnly" if enforced else "disabled"
                profile["keyRestrictions"] = copied(result["keyRestrictions"])


def _hold(before: JsonObject, document: JsonObject, sent: JsonObject, maximum: int) -> None:
    """Refuse what a PATCH would break; what it leaves as it was is not judged."""
    profiles = document.get("passkeyProfiles", [])
    ids = {each["id"].lower() for each in profiles}
    written = not {"passkeyProfiles", "defaultPasskeyProfile"}.isdisjoint(sent)
    if written and len(profiles) > max(maximum, len(before.get("passkeyProfiles", []))):
        raise GraphError("passkey-profiles-max", f"At most {maximum} passkey profiles are allowed.")
    default = document.get("defaultPasskeyProfile")
    if written and default and default.lower() not in ids:
        raise GraphError(
            "passkey-default-profile", "The default passkey profile cannot be deleted."
        )
    for target in document.get("includeTargets", []) if written or "includeTargets" in sent else ():
        for each in target.get("allowedPasskeyProfiles", []):
            if each.lower() not in ids:
                raise GraphError(
                    "passkey-profile-used",
                    f"A target names the passkey profile '{each}', which does not exist.",
                )
    for profile in profiles:
        synced = "synced" in [each.strip() for each in profile["passkeyTypes"].split(",")]
        enforced = profile["attestationEnforcement"] == "registrationOnly"
        if synced and enforced and profile not in before.get("passkeyProfiles", []):
            raise GraphError(
                "passkey-synced-attestation",
                f"The profile '{profile['name']}' cannot enforce attestation for synced passkeys.",
            )
