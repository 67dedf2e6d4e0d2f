"""Values of the wrong type: what to write instead."""

from __future__ import annotations

import re
from typing import Any

from graphpolicy.catalogue import EXTERNAL
from graphpolicy.catalogue.kinds import Collection, Int, Object, Target, Targets
from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import EVERYONE, Json
from graphpolicy.model.did_you_mean import closest
from graphpolicy.policyfile.graph_answers import is_raw
from graphpolicy.policyfile.pointers import METHODS_AT, resource_at, row_at, title
from graphpolicy.policyfile.schema_keys import GUID_PATTERN, TENANT_NAME
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.wording import (
    OFF,
    ON,
    as_word,
    excludes_everyone,
    in_braces,
    meant,
    not_a_target,
    range_of,
    shown,
)

LISTS = {
    "hold": "{resource: METHOD, path: SETTING, reason: WHY, owner: WHO, expires: YYYY-MM-DD}",
    "acknowledge": "{rule: RULE, resource: METHOD, reason: WHY, owner: WHO, expires: YYYY-MM-DD}",
    "expect": "{people: {group: NAME}, canUse: [METHOD]}",
}
"""Top-level keys whose entries are maps, with an example of an entry."""

WAVE = "{name: pilot, target: {group: NAME}, from: YYYY-MM-DD}"
ROLLOUT = f"write each rollout below its name, as in passkeys: {{waves: [{WAVE}]}}"

KINDS = {
    "string": "text",
    "object": "a map",
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
}


def wrong_type(
    pointer: Pointer, value: Json, wanted: str | list[str], subschema: Any
) -> tuple[str, str, str]:
    """Rule, message and help for a value that is not of the type `wanted`."""
    name, row = title(pointer), row_at(pointer)
    kind = row.kind if row else None
    if not pointer:
        # The value is not shown: the file may be anything.
        kinds: dict[type, str] = {str: "text", list: "a list"}
        what = kinds.get(type(value), "a value")
        message = f"a policy file must be a map of keys; this one is {what}"
        return "wrong-type", message, "start it with 'version: 1', then write 'tenant:' below"
    if isinstance(kind, Targets) and isinstance(pointer[-1], int):
        return "target-reference", *_not_an_entry(name, value, kind)
    if isinstance(kind, Target):
        words = [EVERYONE, "none"] if kind.nobody else [EVERYONE]
        return "target-reference", *not_a_target(name, value, words)
    if pointer[0] == "expect" and pointer[-1] == "people":
        return "target-reference", *not_a_target(name, value, [EVERYONE])
    if isinstance(kind, Targets) and not kind.everyone and as_word(value) == as_word(EVERYONE):
        return "target-reference", *excludes_everyone(name)
    entry = isinstance(kind, Collection) and isinstance(pointer[-1], int)
    if entry or (pointer[0] in ("emergencyAccess", *LISTS) and len(pointer) == 2):
        message = f"{name} has {shown(value)}; each entry must be a map"
        return "wrong-type", message, _map_fix(pointer, value)
    if pointer[0] == "guards" and not isinstance(wanted, str):
        message = f"{name} takes a level, not {shown(value)}"
        return "wrong-type", message, "write note, warning or error"
    takes = KINDS[wanted] if isinstance(wanted, str) else "a list"
    if subschema.get("pattern") == GUID_PATTERN:
        return "wrong-type", f"{name} takes an id, not {shown(value)}", "write the id, a GUID"
    if isinstance(kind, Object) and kind.short:
        takes = f"a {kind.short} or a map"
    message = f"{name} takes {takes}, not {shown(value)}"
    return "wrong-type", message, _type_fix(pointer, value, takes)


def _not_an_entry(name: str, value: Json, kind: Targets) -> tuple[str, str]:
    if value == EVERYONE and not kind.everyone:
        return excludes_everyone(name)
    if value == "none":
        return f"{name} has 'none', which is not a target", "write [] for nobody"
    return not_a_target(name, value, [EVERYONE] if kind.everyone else [])


def _type_fix(pointer: Pointer, value: Json, takes: str) -> str:
    row = row_at(pointer)
    match takes:
        case "true or false":
            word = as_word(value)
            meant = "true" if word in ON else "false" if word in OFF else "true or false"
            return f"write {meant}" + (" without quotes" if word == meant else "")
        case "a whole number":
            unit = range_of(row.kind) if row and isinstance(row.kind, Int) else ""
            if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value):
                return f"write {int(value)} without quotes"
            return f"write a whole number {unit}".rstrip()
        case "text":
            if value is None:
                return "write text, or remove the line"
            if isinstance(value, dict):
                bare = next((key for key in value if re.fullmatch(GUID, key)), "")
                return f"write it without braces: {bare}" if bare else "write a single text"
            if isinstance(value, list) and len(value) > 1 and isinstance(pointer[-2:][0], int):
                return "write a separate entry for each"
            if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
                return "write it without brackets"
            scalar = isinstance(value, bool | int)
            single = "write a single text in quotes"
            return f"write it in quotes: '{shown(value)}'" if scalar else single
        case "a list":
            return _list_fix(pointer, value)
    return _map_fix(pointer, value)


def _list_fix(pointer: Pointer, value: Json) -> str:
    row = row_at(pointer)
    if pointer == ("emergencyAccess",):
        return "write a line '- user: NAME' or '- group: NAME' for each, or {none: REASON}"
    if value is None:
        return "remove the line to leave it unmanaged, or write [] for an empty list"
    if pointer[0] in LISTS:
        return f"write a list with entries such as - {LISTS[str(pointer[0])]}"
    if isinstance(value, dict) and row and isinstance(row.kind, Targets):
        return "write '- ' in front of each target, or brackets around them"
    if isinstance(value, dict) and row and isinstance(row.kind, Collection):
        members = ", ".join(f"{member.name}: ..." for member in row.kind.members)
        return f"write a list with entries such as - {{{members}}}"
    if isinstance(value, dict):
        return "write '- ' in front of each entry"
    if row and isinstance(row.kind, Targets):
        if not isinstance(value, str) or value in ("", "none"):
            people = "[all_users]" if row.kind.everyone else "[] for nobody"
            return f"write {people}, or [{{group: DISPLAY NAME}}]"
        if re.fullmatch(GUID, value):
            return f"write [{{id: {value}}}]"
        if closest(value, [EVERYONE]):
            return "write [all_users]" if row.kind.everyone else "write [{group: DISPLAY NAME}]"
        return f"write [{{group: {in_braces(value)}}}] for the group with that name"
    if isinstance(value, str):
        items = [item.strip() for item in value.split(",") if item.strip()]
        if items and all(re.fullmatch(r"[\w./-]+", item) for item in items):
            return f"write [{', '.join(items)}], in brackets"
    if row and isinstance(row.kind, Collection):
        return "write each entry on its own line, starting with '- '"
    return "write the items in brackets, with commas between them"


def _map_fix(pointer: Pointer, value: Json) -> str:
    resource, row = resource_at(pointer), row_at(pointer)
    if value is None:
        return "write its settings below it, indented, or remove the line"
    if pointer == METHODS_AT:
        fix = "write each method below its id, as in 'Sms: {state: disabled}', without '- '"
        own = "; `graphpolicy pull --from FILE` does this for an answer of Graph"
        return fix + own * is_raw(value)
    if pointer[0] in LISTS:
        return f"write {LISTS[str(pointer[0])]}"
    if pointer[0] == "rollouts":
        return f"write {WAVE}" if isinstance(pointer[-1], int) else ROLLOUT
    if pointer == ("groups",):
        return "write each group below its alias, as in pilot: {group: DISPLAY NAME}"
    if pointer[0] == "groups":
        if isinstance(value, str) and value:
            key = "id" if re.fullmatch(GUID, value) else "group"
            return f"write {{{key}: {in_braces(value)}}}"
        return "an alias stands for one group: write {group: DISPLAY NAME}"
    if pointer[:1] == ("emergencyAccess",):
        if not isinstance(value, str) or not value:
            return "write {user: NAME} or {group: NAME}"
        return f"write {{{'user' if '@' in value else 'group'}: {in_braces(value)}}}"
    if pointer[:2] == ("helpdesk", "refuse"):
        if not isinstance(value, str) or value in ("", "any"):
            return "write {role: any}"
        return f"write {{group: {in_braces(value)}}}"
    if pointer == ("helpdesk",):
        return "write its rules below it, as in helpdesk: {once: true, refuse: [{role: any}]}"
    if pointer[:1] == ("announce",):
        return "write the words for each group, as in announce: {audiences: {GROUP: the pilot}}"
    if resource is EXTERNAL and resource.property(str(pointer[-1])):
        return "write the method's display name above its settings: External: {NAME: {...}}"
    if pointer == (*METHODS_AT, EXTERNAL.id):
        return "write each method below its display name: NAME: {state: enabled}"
    if pointer == ("tenant",) and isinstance(value, str):
        if re.fullmatch(GUID, value):
            return f"write {{id: {value}}}"
        named = re.fullmatch(TENANT_NAME, value)
        return f"write {{name: {value}, id: TENANT ID}}" if named else "write {id: TENANT ID}"
    if resource and resource.is_method and not isinstance(value, list):
        word = as_word(value)
        if word in ON | OFF:
            return f"write {{state: {'enabled' if word in ON else 'disabled'}}}"
    if row and isinstance(row.kind, Collection) and isinstance(pointer[-1], int):
        return f"write a map with {', '.join(member.name for member in row.kind.members)}"
    if row and isinstance(row.kind, Collection):
        return "write each entry below its name: NAME: {...}, without '- '"
    if row and isinstance(row.kind, Object) and row.kind.short:
        state = next(m for m in row.kind.members if m.name == row.kind.short)
        members = getattr(state.kind, "members", ())
        return meant(value, list(members)) if not isinstance(value, list) else "write a map"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "remove the '- '"
    return "write its settings below it, indented"
