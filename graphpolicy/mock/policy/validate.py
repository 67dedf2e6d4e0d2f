"""Checks bodies against the wire types, and drops what Graph ignores."""

import re
from typing import Any, Final

from ..graph.errors import GraphError
from ..rules import enforces
from ..tables import JsonObject, data
from .offer import Offer
from .wire import SENTINEL, bare_type, flags_type, is_annotation, is_type, item_type, members

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TARGET: Final = ["id", "targetType"]
_BASE_TARGET: Final = "authenticationMethodTarget"
_SCALARS: Final[dict[str, type]] = {"String": str, "Boolean": bool, "DateTimeOffset": str}


def is_target(type_name: str) -> bool:
    """Whether a type is that of targets."""
    return _required(type_name)[:2] == _TARGET


def _required(type_name: str) -> list[str]:
    found: list[str] = data("types.json")["required"].get(type_name, [])
    return found


def is_guid(value: str) -> bool:
    """Say whether a string is a GUID."""
    return _GUID.fullmatch(value) is not None


@enforces("annotations-accepted")
def accepted(body: JsonObject, type_name: str, offer: Offer) -> JsonObject:
    """Return what of `body` is to be stored: no annotations, nothing that is read-only.

    Properties that are unknown are refused or, by switch, dropped.
    """
    _check_type(body, type_name)
    kept: JsonObject = {}
    for name, value in body.items():
        if is_annotation(name):
            continue
        if not offer.shows(type_name, name, writing=True):
            if offer.switches.unknown_property == "reject_400":
                raise GraphError(
                    "property-unknown",
                    f"The property '{name}' does not exist on type 'microsoft.graph.{type_name}'. "
                    "Make sure to only use property names that are defined by the type.",
                )
            continue
        checked = _value(value, offer.wire(type_name, name) or "", f"{type_name}.{name}", offer)
        if offer.access(type_name, name) == "writable":
            kept[name] = checked
    for name in _required(type_name):
        if name not in kept:
            raise GraphError(
                "required-member",
                f"The property '{name}' is required on type 'microsoft.graph.{type_name}'.",
            )
    if is_target(type_name) and kept["id"] != "all_users" and not is_guid(kept["id"] or ""):
        raise GraphError("target-id", f"Invalid target id '{kept['id']}'.")
    return kept


def _check_type(body: JsonObject, type_name: str) -> None:
    if "@odata.type" not in body:
        return
    named = bare_type(body["@odata.type"])
    if named == type_name or (named == _BASE_TARGET and is_target(type_name)):
        return
    raise GraphError(
        "odata-type-wrong",
        f"The type '{body['@odata.type']}' is not 'microsoft.graph.{type_name}'.",
    )


def _value(value: Any, wire: str, where: str, offer: Offer) -> Any:
    item = item_type(wire)
    if item is not None:
        if not isinstance(value, list):
            raise _wrong(value, wire, where)
        return [_value(each, item, where, offer) for each in value]
    if is_type(wire):
        if not isinstance(value, dict):
            raise _wrong(value, wire, where)
        return accepted(value, wire, offer)
    flags = flags_type(wire)
    if flags is not None:
        if not isinstance(value, str):
            raise _wrong(value, flags, where)
        for part in value.split(","):
            _enum(part.strip(), flags)
        return value
    if members(wire) is not None:
        if not isinstance(value, str):
            raise _wrong(value, wire, where)
        return _enum(value, wire)
    return _scalar(value, wire, where)


def _scalar(value: Any, wire: str, where: str) -> Any:
    if wire == "String" and value is None:
        return value
    if wire == "Int32":
        fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    elif wire == "Guid":
        fits = isinstance(value, str) and is_guid(value)
    else:
        fits = isinstance(value, _SCALARS[wire])
    if not fits:
        raise _wrong(value, wire, where)
    return value


def _enum(value: str, enum: str) -> str:
    if value == SENTINEL:
        raise GraphError("enum-sentinel", f"'{SENTINEL}' cannot be written to '{enum}'.")
    if value not in (members(enum) or ()):
        raise GraphError(
            "enum-member",
            f"Requested value '{value}' was not found in 'microsoft.graph.{enum}'.",
        )
    return value


def _wrong(value: Any, wire: str, where: str) -> GraphError:
    shown = {dict: "an object", list: "an array", type(None): "null"}.get(type(value), repr(value))
    return GraphError("value-type", f"Cannot convert {shown} to {wire} for '{where}'.")
