"""The result of a PATCH: replace or merge objects and arrays, and fill in defaults."""

from collections.abc import Hashable
from typing import Any, Final

from ..rules import enforces
from ..tables import JsonObject, copied, data
from .offer import Offer
from .wire import is_type, item_type, known

ZERO: Final = "00000000-0000-0000-0000-000000000000"

_TARGET_IDENTITY: Final = ("targetType", "id")
_NUMBER_MATCHING: Final = "numberMatchingRequiredState"


@enforces("configuration-patch")
def patched(stored: JsonObject, sent: JsonObject, type_name: str, offer: Offer) -> JsonObject:
    """Lay validated properties over a stored object; what is not sent keeps its value."""
    result = dict(stored)
    for name, value in sent.items():
        result[name] = _written(stored.get(name), value, known(type_name)[name], offer)
    return result


@enforces("object-defaults")
def completed(value: Any, wire: str, *, items: bool = True) -> Any:
    """Fill in members that an object leaves out; `items` says whether inside arrays too."""
    item = item_type(wire)
    if item is not None and isinstance(value, list):
        return [completed(each, item, items=items) if items else copied(each) for each in value]
    if not is_type(wire) or not isinstance(value, dict):
        return copied(value)
    wires = known(wire)
    filled = {
        name: completed(each, wires.get(name, "String"), items=items)
        for name, each in value.items()
    }
    for name, default in data("defaults.json")["members"].get(wire, {}).items():
        if name not in filled:
            filled[name] = completed(default, wires[name])
    return filled


def _written(stored: Any, sent: Any, wire: str, offer: Offer) -> Any:
    item = item_type(wire)
    if item is not None:
        new = [_item(each, item, offer) for each in sent]
        if offer.switches.merge_arrays == "append":
            return _appended(stored or [], new, item)
        return new
    if not is_type(wire):
        return copied(sent)
    before = stored if isinstance(stored, dict) else {}
    if offer.switches.merge_objects == "deep":
        return completed(patched(before, sent, wire, offer), wire, items=False)
    return _replaced(before, sent, wire, offer)


@enforces("hidden-members")
def _replaced(stored: JsonObject, sent: JsonObject, wire: str, offer: Offer) -> JsonObject:
    wires = known(wire)
    result = {
        name: _written(stored.get(name), value, wires[name], offer) for name, value in sent.items()
    }
    for name in stored.keys() - sent.keys():
        if name not in wires or _kept(wire, name, offer):
            result[name] = stored[name]
    filled: JsonObject = completed(result, wire, items=False)
    return filled


def _kept(wire: str, name: str, offer: Offer) -> bool:
    """Say whether a member survives a replacing write that leaves it out."""
    switches = offer.switches
    if name == _NUMBER_MATCHING:
        return switches.number_matching_write == "refused"
    if wire == "authenticationMethodFeatureConfiguration" and name == "excludeTarget":
        return switches.feature_exclude_omitted == "keep"
    return offer.access(wire, name) == "read_only"


def _item(value: Any, wire: str, offer: Offer) -> Any:
    if offer.switches.fill_defaults == "on":
        return completed(value, wire)
    return copied(value)


def _appended(stored: list[Any], new: list[Any], wire: str) -> list[Any]:
    replaced = {_identity(each, wire): each for each in new}
    kept = [replaced.pop(_identity(each, wire), each) for each in stored]
    return [*kept, *replaced.values()]


def _identity(value: Any, wire: str) -> Hashable:
    if not isinstance(value, dict):
        return str(value)
    names = data("types.json")["identity"].get(wire, _TARGET_IDENTITY)
    return tuple(value.get(name) for name in names)


def merged(stored: Any, changes: Any) -> Any:
    """Merge changes into a stored value: objects deeply, anything else is replaced."""
    if not isinstance(stored, dict) or not isinstance(changes, dict):
        return copied(changes)
    kept = {name: copied(value) for name, value in stored.items() if name not in changes}
    laid = {name: merged(stored.get(name), value) for name, value in changes.items()}
    ordered = [*stored, *(name for name in changes if name not in stored)]
    together = {**kept, **laid}
    return {name: together[name] for name in ordered}
