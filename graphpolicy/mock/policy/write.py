"""Writes to the policy: what is allowed, and the result."""

from collections.abc import Callable, Mapping
from typing import Any

from ..directory.actor import Actor
from ..graph.call import Call
from ..graph.errors import GraphError
from ..seeds import default_configuration
from ..tables import JsonObject, copied
from .limits import hold_bindings, hold_ranges, hold_size, hold_target_features, objects
from .merge import ZERO, patched
from .passkeys import FIDO2, opt_in, opted_in, reconciled
from .validate import accepted, is_target
from .view import type_of
from .wire import CONFIGURATIONS, POLICY

_NUMBER_MATCHING = "numberMatchingRequiredState"


def commit(call: Call, write: Callable[[], None], *, root: bool = False) -> None:
    """Make a change as the switches say: within the size limit, seen at once, later or never."""
    tenant = call.tenant
    before = tenant.snapshot()
    write()
    try:
        hold_size(tenant.policy, call.switches)
    except GraphError:
        tenant.restore(before)
        raise
    if root or call.switches.last_modified == "any_write":
        tenant.touch()
    if call.switches.visibility == "lost":
        tenant.restore(before)
    elif call.switches.visibility == "after_n_reads":
        tenant.delay(before.policy, reads=call.switches.visibility_reads)


def updated(stored: JsonObject, body: JsonObject, call: Call) -> JsonObject:
    """Return what a configuration becomes after a PATCH, or refuse the PATCH."""
    type_name = type_of(stored)
    if type_name is None:
        raise GraphError("odata-type-wrong", f"The method '{stored['id']}' has an unknown type.")
    if "@odata.type" not in body and call.switches.missing_odata_type == "reject_400":
        raise GraphError(
            "odata-type-missing",
            "The property '@odata.type' must be specified for a type that is derived.",
        )
    sent = accepted(body, type_name, call.offer)
    identifier = sent.pop("id", stored["id"])
    if str(identifier).lower() != stored["id"].lower():
        raise GraphError("id-in-body", f"The id '{identifier}' is not that of the URL.")
    if sent.get("displayName", stored.get("displayName")) != stored.get("displayName"):
        raise GraphError("external-name", "The property 'displayName' cannot be changed.")
    _check_number_matching(sent, call)
    check_targets(sent, type_name, call)
    if call.offer.method(type_name) == "read_only":
        return stored
    after = patched(stored, copied(sent), type_name, call.offer)
    if type_name == FIDO2:
        after = reconciled(stored, after, sent, call.switches)
    hold_ranges(after, type_name, call.switches, sent)
    hold_bindings(sent, call.switches)
    if "includeTargets" in sent:
        hold_target_features(after, call.switches)
    return after


def _check_number_matching(sent: Mapping[str, Any], call: Call) -> None:
    if call.switches.number_matching_write == "accepted":
        return
    if _NUMBER_MATCHING in (sent.get("featureSettings") or {}):
        raise GraphError(
            "number-matching",
            "Persistance of policy failed with error: Microsoft Authenticator's number matching "
            "feature can no longer be toggled as part of featureSettings.",
            code=call.switches.policy_error_code,
        )


def check_targets(sent: JsonObject, type_name: str, call: Call) -> None:
    """Refuse targets of kinds or ids that the switches do not let in."""
    for found, each in objects(sent, type_name):
        if not is_target(found):
            continue
        kind, identifier = each["targetType"], each["id"]
        refused = call.switches.user_target_write == "reject_400"
        if kind == "user" and type_name != POLICY and refused:
            raise GraphError("target-user", "Targets of type 'user' are not supported.")
        if call.switches.validate_targets == "off" or identifier in {"all_users", ZERO}:
            continue
        if kind in {"user", "group"} and call.tenant.directory.find(identifier) is None:
            raise GraphError("target-missing", f"The {kind} '{identifier}' does not exist.")


def check_duplicate(name: str, call: Call) -> None:
    """Refuse a second external method of the same name."""
    if call.switches.external_duplicate == "allow":
        return
    for each in call.tenant.policy[CONFIGURATIONS]:
        if str(each.get("displayName", "")).lower() == name.lower():
            status = 409 if call.switches.external_duplicate == "reject_409" else 400
            raise GraphError(
                "external-duplicate", f"A method named '{name}' exists.", status=status
            )


def missing(identifier: str) -> GraphError:
    """Refuse a configuration that does not exist."""
    return GraphError(
        "configuration-missing",
        f"Resource '{identifier}' does not exist or one of its queried reference-property "
        "objects are not present.",
    )


def reverted(identifier: str, call: Call) -> JsonObject:
    """Return a built-in method as it is after a DELETE."""
    if call.switches.defaults == "fixture":
        original = call.tenant.find(identifier, call.tenant.original)
        return copied(original) if original else default_configuration(identifier)
    configuration = default_configuration(identifier)
    if identifier == "Fido2" and opted_in(call.tenant.find(identifier) or {}):
        opt_in(configuration)
    if call.switches.defaults == "all_off":
        configuration["state"] = "disabled"
    return configuration


def actor(call: Call) -> Actor:
    """Return who makes the change, for the record."""
    return Actor.of(call.token)
