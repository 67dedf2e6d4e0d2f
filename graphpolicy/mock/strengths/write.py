"""Writes to custom strengths: what is allowed, what is refused, and what is recorded."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from ..clock import stamp
from ..directory.actor import Actor
from ..graph.call import Call
from ..graph.errors import GraphError
from ..policy.merge import patched
from ..policy.validate import accepted, is_guid
from ..policy.wire import bare_type, is_annotation
from ..rules import enforces
from ..tables import JsonObject, data
from .combinations import satisfies, valid
from .custom_strengths import CONFIGURED, configuration
from .demands import demanded_by
from .view import built_in, is_built_in

STRENGTH: Final = "authenticationStrengthPolicy"
MAXIMUM: Final = 15

_BASE: Final = "authenticationCombinationConfiguration"
_COMBINATIONS: Final = "allowedCombinations"
_APPLIES: Final = "appliesToCombinations"
_WRITTEN: Final = ("displayName", "description", _COMBINATIONS)


@dataclass(frozen=True, slots=True)
class Write:
    """A write to one strength: the activity of the audit log, and the row before and after."""

    activity: str
    before: JsonObject | None
    after: JsonObject | None


def commit(call: Call, write: Write) -> None:
    """Make a change as the switches say: seen at once, later or never."""
    tenant = call.tenant
    before = tenant.snapshot()
    after = write.after
    if after is not None and write.before is not None:
        after = {**after, "modifiedDateTime": stamp(tenant.clock())}
    tenant.put_strength(write.activity, write.before, after, Actor.of(call.token))
    if call.switches.visibility == "lost":
        tenant.restore(before)
    elif call.switches.visibility == "after_n_reads":
        tenant.strengths.older.add(before.strengths, call.switches.visibility_reads)


@enforces("strength-create")
def created(call: Call, body: JsonObject) -> JsonObject:
    """The strength that a POST makes, or a refusal."""
    inline = body.get(CONFIGURED, [])
    sent = accepted(_plain(body), STRENGTH, call.offer)
    if _COMBINATIONS not in sent:
        raise _required(_COMBINATIONS, STRENGTH)
    sent[_COMBINATIONS] = valid(sent[_COMBINATIONS])
    _hold_name(call, sent.get("displayName"), None)
    _hold_empty(call, sent[_COMBINATIONS], [])
    if len(call.tenant.strengths.rows) >= MAXIMUM:
        raise GraphError(
            "strengths-max",
            f"The maximum number of custom authentication strengths ({MAXIMUM}) has been reached.",
        )
    row = call.tenant.strengths.whole({name: sent[name] for name in _WRITTEN if name in sent})
    return {**row, CONFIGURED: _inline(call, row, inline)}


def _inline(call: Call, row: JsonObject, inline: Any) -> list[JsonObject]:
    """The configurations that come with a new strength, as the switch takes them."""
    if not isinstance(inline, list) or not all(isinstance(each, dict) for each in inline):
        raise GraphError("value-type", f"'{CONFIGURED}' is an array of objects.")
    if inline and call.switches.strength_inline == "reject_400":
        raise GraphError("strength-inline", f"The property '{CONFIGURED}' cannot be created here.")
    found: list[JsonObject] = []
    for each in inline if call.switches.strength_inline == "taken" else ():
        found.append(configured(call, {**row, CONFIGURED: found}, each))
    return found


@enforces("strength-patch")
def renamed(call: Call, before: JsonObject, body: JsonObject) -> JsonObject:
    """What a strength becomes by a PATCH, or a refusal."""
    for name in (_COMBINATIONS, CONFIGURED):
        if name in body:
            raise GraphError("strength-patch-refused", f"The property '{name}' can't be updated.")
    sent = accepted(body, STRENGTH, call.offer)
    if "displayName" in sent:
        _hold_name(call, sent["displayName"], before)
    return {**before, **{name: sent[name] for name in _WRITTEN if name in sent}}


@enforces("strength-combinations")
def recombined(call: Call, before: JsonObject, body: JsonObject) -> JsonObject:
    """What a strength becomes by updateAllowedCombinations, or a refusal."""
    unknown = [each for each in body if each != _COMBINATIONS and not is_annotation(each)]
    if unknown and call.switches.unknown_property == "reject_400":
        raise GraphError("property-unknown", f"The parameter '{unknown[0]}' does not exist.")
    if _COMBINATIONS not in body:
        raise _required(_COMBINATIONS, STRENGTH)
    sent = accepted({_COMBINATIONS: body[_COMBINATIONS]}, STRENGTH, call.offer)
    combinations = valid(sent[_COMBINATIONS])
    used_by = demanded_by(call.tenant.demands, before["id"])
    _hold_empty(call, combinations, used_by)
    lowered = satisfies(before[_COMBINATIONS]) == "mfa" != satisfies(combinations)
    if used_by and lowered and call.switches.strength_lowered == "reject_400":
        raise GraphError(
            "strength-lowered",
            "The authentication strength is used by Conditional Access policies that require "
            f"multifactor authentication: {', '.join(used_by)}.",
        )
    kept = [_without(call, each, combinations) for each in before[CONFIGURED]]
    return {**before, _COMBINATIONS: combinations, CONFIGURED: [each for each in kept if each]}


def _without(call: Call, row: JsonObject, combinations: list[str]) -> JsonObject | None:
    """A configuration once its strength has these combinations, None if it goes with them."""
    left = [each for each in row[_APPLIES] if each in combinations]
    if left == row[_APPLIES] or call.switches.strength_orphan == "kept":
        return row
    if call.switches.strength_orphan == "reject_400":
        raise GraphError(
            "strength-orphan",
            f"The combination configuration '{row['id']}' applies to a combination that is not "
            "allowed.",
        )
    return {**row, _APPLIES: left} if left else None


def configured(call: Call, strength: JsonObject, body: JsonObject) -> JsonObject:
    """A new combination configuration of a strength, or a refusal."""
    if "@odata.type" not in body:
        raise GraphError("odata-type-missing", "The property '@odata.type' is required.")
    name = bare_type(body["@odata.type"]) or ""
    if name not in data("strengths.json")["configurations"]:
        raise GraphError(
            "odata-type-wrong", f"The type '{body['@odata.type']}' is not that of a configuration."
        )
    sent = accepted(_declared(call, body), name, call.offer)
    sent.pop("id", None)
    row = configuration({"@odata.type": body["@odata.type"], _APPLIES: (), **sent})
    return _held(row, name, strength)


@enforces("configuration-update")
def reconfigured(
    call: Call, strength: JsonObject, before: JsonObject, body: JsonObject
) -> JsonObject:
    """What a combination configuration becomes by a PATCH, or a refusal.

    Without @odata.type only the properties of the base type are known.
    """
    own = str(bare_type(before["@odata.type"]))
    name = own if "@odata.type" in body else _BASE
    sent = accepted(_declared(call, body), name, call.offer)
    if str(sent.pop("id", before["id"])).lower() != before["id"].lower():
        raise GraphError("id-in-body", f"The id '{body['id']}' is not that of the URL.")
    if _APPLIES not in sent:
        raise _required(_APPLIES, name)
    return _held(patched(before, sent, own, call.offer), own, strength)


@enforces("configuration-applies", "configuration-once", "configuration-values")
def _held(row: JsonObject, name: str, strength: JsonObject) -> JsonObject:
    """A configuration that fits its type and its strength, or a refusal."""
    kind = data("strengths.json")["configurations"][name]
    applies = valid(row[_APPLIES])
    if not applies:
        raise _required(_APPLIES, name)
    if not set(applies) <= set(kind["applies"]) & set(strength[_COMBINATIONS]):
        raise GraphError(
            "configuration-applies",
            f"'{', '.join(applies)}' is not an allowed combination of the authentication strength "
            f"to which a '{name}' can apply.",
        )
    for other in strength[CONFIGURED]:
        if other["id"] != row["id"] and set(applies) & set(other[_APPLIES]):
            raise GraphError(
                "configuration-once",
                f"A combination configuration for '{', '.join(applies)}' already exists.",
            )
    values = [each for name in kind["lists"] for each in row[name]]
    if not values or not all(isinstance(each, str) and each for each in values):
        raise GraphError("configuration-values", f"'{', '.join(kind['lists'])}' has no value.")
    for each in row.get("allowedAAGUIDs", ()):
        if not is_guid(each):
            raise GraphError("configuration-values", f"'{each}' is not an AAGUID.")
    return {**row, _APPLIES: applies}


def _declared(call: Call, body: JsonObject) -> JsonObject:
    """A configuration without the property that no metadata has, where the switch shows it."""
    if call.switches.allowed_issuers == "absent":
        return body
    return {name: value for name, value in body.items() if name != "allowedIssuers"}


def _plain(body: JsonObject) -> JsonObject:
    return {name: value for name, value in body.items() if name != CONFIGURED}


def _hold_name(call: Call, name: Any, own: JsonObject | None) -> None:
    """Refuse an empty name, or that of another strength."""
    if not name:
        raise _required("displayName", STRENGTH)
    if call.switches.strength_duplicate == "allow":
        return
    for each in (*call.tenant.strengths.rows, *built_in()):
        if each["displayName"] == name and (own is None or each["id"] != own["id"]):
            status = 409 if call.switches.strength_duplicate == "reject_409" else 400
            raise GraphError(
                "strength-duplicate",
                f"An authentication strength named '{name}' already exists.",
                status=status,
            )


def _hold_empty(call: Call, combinations: Iterable[str], used_by: list[str]) -> None:
    """Refuse a strength without combinations if it is in use, or if the switch says so."""
    if not list(combinations) and (used_by or call.switches.strength_empty == "reject_400"):
        raise GraphError(
            "strength-empty", f"The property '{_COMBINATIONS}' must have at least one value."
        )


def hold_custom(row: JsonObject) -> JsonObject:
    """A strength that is not built-in, or a refusal."""
    if is_built_in(row):
        raise GraphError(
            "strength-fixed", f"The authentication strength '{row['id']}' is built-in."
        )
    return row


def hold_unused(call: Call, row: JsonObject) -> None:
    """Refuse to delete a strength that a Conditional Access policy demands."""
    used_by = demanded_by(call.tenant.demands, row["id"])
    if used_by:
        raise GraphError(
            "strength-used",
            "The authentication strength is referenced by Conditional Access policies: "
            f"{', '.join(used_by)}.",
        )


def _required(name: str, type_name: str) -> GraphError:
    return GraphError(
        "required-member",
        f"The property '{name}' is required on type 'microsoft.graph.{type_name}'.",
    )
