"""Keys that the policy language does not have: what was meant, and where it belongs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphpolicy.catalogue import METHODS as RESOURCES
from graphpolicy.catalogue.kinds import Collection, Object, Property, Targets
from graphpolicy.policyfile.pointers import METHODS_AT, resource_at, row_at, rows_along, title
from graphpolicy.policyfile.schema import FUTURE_KEYS, node_at
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.strict_yaml.quoting import show
from graphpolicy.policyfile.suggest import closest, plain

if TYPE_CHECKING:
    from jsonschema import ValidationError

MOST_LISTED = 14


def unknown_keys(error: ValidationError, document: Document) -> Iterator[tuple[str, str, str, str]]:
    """Key, rule, message and help of each unknown key of one map."""
    subschema: Any = error.schema
    instance: Any = error.instance
    pointer: Pointer = tuple(error.absolute_path)
    known: dict[str, Any] = subschema.get("properties", {})
    for key in instance:
        if key not in known:
            yield key, *_explain(key, pointer, known, instance, document)


def _explain(
    key: str, pointer: Pointer, known: dict[str, Any], instance: Any, document: Document
) -> tuple[str, str, str]:
    if not pointer and key in FUTURE_KEYS:
        message = f"'{key}' is part of the policy language but this release does not act on it"
        return "not-yet-supported", message, "remove it; nothing would obey it"
    rule, message = _unknown(key, pointer)
    resource = resource_at(pointer)
    if key.startswith("@") or (resource and key in resource.known):
        fix = "remove it; where Graph needs it, it is sent"
        if key in ("id", "displayName"):
            fix = "remove it; the key above says which one is meant"
        return rule, f"{title((*pointer, show(key)))} is not for a file to set", fix
    absent = [name for name in known if name not in instance]
    near = closest(key, known if any(plain(name) == plain(key) for name in known) else absent)
    if near and near in instance:
        line = document.key_place((*pointer, near)).line
        message = f"'{show(key)}' is '{near}' again, which line {line} sets"
        return "duplicate-setting", message, "keep one of the two"
    if near:
        return rule, message, f"did you mean '{near}'?"
    meant = _by_label(key, pointer, absent) or _replaced(key, pointer, absent)
    if meant:
        return rule, message, f"did you mean '{meant}'?"
    elsewhere = _elsewhere(key, pointer, known)
    if elsewhere:
        return rule, message, elsewhere
    if pointer == ("emergencyAccess",):
        return rule, message, "write a list: '- group: NAME' or '- user: NAME'"
    listed = ", ".join(list(known)[:MOST_LISTED])
    more = f" and {len(known) - MOST_LISTED} more" if len(known) > MOST_LISTED else ""
    return rule, message, f"{'there are' if pointer == METHODS_AT else 'it has'} {listed}{more}"


def _unknown(key: str, pointer: Pointer) -> tuple[str, str]:
    """The rule, and the sentence that says where there is no such key."""
    word = f"'{show(key)}'"
    if not pointer:
        return "unknown-setting", f"a policy file has no key {word}"
    if pointer == METHODS_AT:
        return "unknown-method", f"there is no authentication method {word}"
    row = row_at(pointer)
    if row and isinstance(pointer[-1], int):
        what = "a target" if isinstance(row.kind, Targets) else "an entry"
        return "unknown-setting", f"{what} in {title(pointer)} has no {word}"
    return "unknown-setting", f"{title(pointer)} has no setting {word}"


def _by_label(key: str, pointer: Pointer, names: list[str]) -> str | None:
    """The setting or method that the portal calls so, or whose Graph type is so called."""
    labels: dict[str, str] = {}
    if pointer == METHODS_AT:
        for method in RESOURCES:
            short = method.type.removesuffix("AuthenticationMethodConfiguration")
            labels |= dict.fromkeys((method.label, method.type, short), method.id)
    else:
        labels = {row.label: row.name for row in _rows(pointer)}
    said = closest(key, labels)
    return labels[said] if said and labels[said] in names else None


def _replaced(key: str, pointer: Pointer, names: list[str]) -> str | None:
    """The setting here that the portal calls as it calls the one of this name further out."""
    labels = {row.label: row.name for row in _rows(pointer) if row.name in names}
    for end in range(len(pointer) - 1, 0, -1):
        for row in _rows(pointer[:end]):
            if row.name == key and row.label in labels:
                return labels[row.label]
    return None


def _rows(pointer: Pointer) -> Sequence[Property]:
    """The settings of the map at a pointer."""
    resource = resource_at(pointer)
    if resource:
        return resource.properties
    *_, last = (None, *(row for _, row in rows_along(pointer)))
    return last.kind.members if last and isinstance(last.kind, Object | Collection) else ()


def _elsewhere(key: str, pointer: Pointer, known: Mapping[str, Any]) -> str | None:
    """Where a key belongs that stands a level too far in or out."""
    inside = list(_below(key, known, ()))
    if len(inside) == 1:
        return f"move it below '{'.'.join(inside[0])}'"
    for end in range(len(pointer) - 1, -1, -1):
        if key in node_at(pointer[:end]).get("properties", {}):
            beside = f"beside '{pointer[end]}'" if isinstance(pointer[end], str) else "out"
            return f"move it out, {beside}" if beside != "out" else "move it out of the list"
    return None


def _below(key: str, known: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, node in known.items():
        properties = node.get("properties", {})
        if key in properties:
            yield (*above, name)
        else:
            yield from _below(key, properties, (*above, name))
