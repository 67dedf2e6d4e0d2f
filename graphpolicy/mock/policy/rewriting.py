"""What Microsoft does to a policy on 1 September 2026: passkeys for whoever has SMS or voice."""

import uuid
from copy import deepcopy
from datetime import UTC, datetime
from typing import Final

from ..rules import enforces
from ..switches import Switches
from ..tables import JsonObject
from .passkeys import EVERY_TYPE, opt_in, opted_in
from .wire import CONFIGURATIONS

OPT_OUT: Final = "optOutSettings"

_BEGINS: Final = datetime(2026, 9, 1, tzinfo=UTC)
_OPT_OUT_ENDS: Final = datetime(2027, 2, 1, tzinfo=UTC)
_CAMPAIGN: Final = "authenticationMethodsRegistrationCampaign"
_OPEN: Final = {"isEnforced": False, "enforcementType": "block", "aaGuids": []}


@enforces("september-2026", "opt-out-ends")
def is_due(policy: JsonObject, switches: Switches, now: datetime) -> bool:
    """Whether Microsoft rewrites a policy at this moment, if it has not done so already."""
    if switches.september_2026 == "off" or switches.cloud != "global" or now < _BEGINS:
        return False
    stays_out = (policy.get(OPT_OUT) or {}).get("passkeyDynamicMigration") is True
    return not (stays_out and now < _OPT_OUT_ENDS)


def rewritten(policy: JsonObject) -> tuple[JsonObject, JsonObject] | None:
    """Fido2 and `registrationEnforcement` as they become; None if nobody has SMS or voice."""
    rows = {each["id"]: each for each in policy[CONFIGURATIONS]}
    codes = [rows[name] for name in ("Sms", "Voice") if name in rows]
    scope = {
        (each["targetType"], each["id"]): each
        for row in codes
        if row["state"] == "enabled"
        for each in row["includeTargets"]
    }
    if not scope or "Fido2" not in rows:
        return None
    fido2 = deepcopy(rows["Fido2"])
    if not opted_in(fido2):
        opt_in(fido2)
    profile = _profile(fido2)
    if fido2["state"] != "enabled":
        fido2 |= {"state": "enabled", "includeTargets": []}
    targets = {(each["targetType"], each["id"]): each for each in fido2["includeTargets"]}
    for kind, identifier in scope:
        target = targets.setdefault(
            (kind, identifier),
            {"targetType": kind, "id": identifier, "isRegistrationRequired": False},
        )
        allowed = target.get("allowedPasskeyProfiles", [])
        target["allowedPasskeyProfiles"] = list(dict.fromkeys((*allowed, profile)))
    fido2["includeTargets"] = list(targets.values())
    enforcement = deepcopy(policy.get("registrationEnforcement") or {})
    campaign = enforcement.setdefault(_CAMPAIGN, {"excludeTargets": [], "includeTargets": []})
    campaign["state"] = "default"
    for each in campaign["includeTargets"]:
        each["targetedAuthenticationMethod"] = "fido2"
    return fido2, enforcement


def _profile(fido2: JsonObject) -> str:
    """The id of a profile that allows all passkeys, which is added if there is none."""
    for each in fido2["passkeyProfiles"]:
        types = {name.strip() for name in each["passkeyTypes"].split(",")}
        checks = each["attestationEnforcement"] != "disabled"
        restricts = (each.get("keyRestrictions") or {}).get("isEnforced")
        if types == set(EVERY_TYPE.split(",")) and not checks and not restricts:
            return str(each["id"])
    new = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, "passkeys of September 2026")),
        "name": "Passkeys for people with SMS or voice",
        "passkeyTypes": EVERY_TYPE,
        "attestationEnforcement": "disabled",
        "keyRestrictions": dict(_OPEN),
    }
    fido2["passkeyProfiles"] = [*fido2["passkeyProfiles"], new]
    return str(new["id"])
