"""What Microsoft does to a policy by itself: passkeys for people with SMS or voice, and resets."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..directory.actor import NOBODY, Actor
from ..rules import enforces
from ..switches import Switches
from ..tables import JsonObject, copied
from .passkeys import EVERY_TYPE, opt_in, opted_in
from .wire import CONFIGURATIONS

if TYPE_CHECKING:
    from ..tenant import Tenant

OPT_OUT: Final = "optOutSettings"

_AN_HOUR: Final = timedelta(hours=1)
_AUTHENTICATOR: Final = "MicrosoftAuthenticator"
_RESET: Final = ("displayAppInformationRequiredState", "displayLocationInformationRequiredState")
_MICROSOFT: Final = Actor.application(
    "b5a60e17-278b-4c92-a4e2-b9262e66bb28", "Azure MFA StrongAuthenticationService"
)
_BEGINS: Final = datetime(2026, 9, 1, tzinfo=UTC)
_OPT_OUT_ENDS: Final = datetime(2027, 2, 1, tzinfo=UTC)
_CAMPAIGN: Final = "authenticationMethodsRegistrationCampaign"
_OPEN: Final = {"isEnforced": False, "enforcementType": "block", "aaGuids": []}


def pass_time(tenant: "Tenant") -> None:
    """Do what is due at this moment, as the switches say."""
    _reset_features(tenant)
    if tenant.rewritten or not _is_due(tenant.policy, tenant.switches, tenant.clock()):
        return
    tenant.rewritten, done, records = True, rewritten(tenant.policy), len(tenant.audit)
    if done is None:
        return
    said = tenant.switches.september_2026
    actor = tenant.actor(f"admin@{tenant.domain}") if said == "administrator" else NOBODY
    tenant.put("Fido2", done[0], actor)
    tenant.put_root({"registrationEnforcement": done[1]}, actor)
    tenant.touch()
    if said == "no_record":
        del tenant.audit[records:]


@enforces("feature-reset")
def _reset_features(tenant: "Tenant") -> None:
    """Reset disabled features after an hour."""
    if tenant.switches.feature_disabled == "kept" or tenant.clock() < tenant.modified + _AN_HOUR:
        return
    features = (tenant.find(_AUTHENTICATOR) or {}).get("featureSettings", {})
    reset = {
        name: {"state": "default"}
        for name in _RESET
        if features.get(name, {}).get("state") == "disabled"
    }
    if reset:
        tenant.merge(_AUTHENTICATOR, {"featureSettings": reset}, _MICROSOFT)


@enforces("september-2026", "opt-out-ends")
def _is_due(policy: JsonObject, switches: Switches, now: datetime) -> bool:
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
    fido2 = copied(rows["Fido2"])
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
    enforcement = copied(policy.get("registrationEnforcement") or {})
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
