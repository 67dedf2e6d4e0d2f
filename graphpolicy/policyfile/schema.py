"""The JSON Schema of the policy language, made from the catalogue.

It serves twice: editors complete and document every key with it, and `structure.py` runs it as the
one structural check. Draft-07 because that is what editors support best; configurations are a map
keyed by id and there is no `oneOf`, because a failing `oneOf` can't say which branch was meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, METHODS
from graphpolicy.catalogue.kinds import (
    Bool,
    Collection,
    Enum,
    Flags,
    Int,
    Kind,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Resource,
    Strings,
    Target,
    Targets,
    Text,
)
from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import EVERYONE

Schema = dict[str, Any]

ID = "https://graphpolicy.dev/schema/1/policy.schema.json"

FUTURE_KEYS = (
    "guards",
    "helpdesk",
    "unmanaged",
    "baselines",
)
"""Top-level keys that the language has and this release does not act on yet."""


GUID_PATTERN = f"^(?:{GUID})$"
TENANT_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"

DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

TEXT: Schema = {"type": "string", "minLength": 1}


@cache
def schema() -> Schema:
    """The whole schema as a JSON document; one object for all, so leave it as it is."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": "graphpolicy policy file",
        "description": "What one Microsoft Entra tenant's authentication methods policy should be.",
        **_map(
            {
                "version": {
                    "enum": [1],
                    "description": "The version of the policy language: 1.",
                },
                "extends": _extends(),
                "tenant": _tenant(),
                "groups": _groups(),
                "emergencyAccess": _emergency_access(),
                "hold": _hold(),
                "acknowledge": _acknowledge(),
                "authenticationMethodsPolicy": _policy(),
            },
            required=["version"],
        ),
    }


def node_at(pointer: Iterable[str | int]) -> Schema:
    """What the schema says of the value at a pointer into a file; nothing of what it lacks."""
    node = schema()
    for step in pointer:
        more = node.get("additionalProperties")
        if isinstance(step, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(step, more if isinstance(more, dict) else {})
    return node


def _tenant() -> Schema:
    return {
        "description": "The tenant that the file is for; a file without it is a base to extend.",
        **_map(
            {
                "name": {
                    "type": "string",
                    "pattern": f"^{TENANT_NAME}$",
                    "description": "A short name for commands and messages; default: the file's.",
                },
                "id": {**_guid(), "description": "The tenant's id (directory id)."},
                "cloud": {
                    "enum": ["global", "usgov", "usgov-dod", "china"],
                    "description": "The cloud that the tenant lives in; default: global.",
                },
            },
            required=["id"],
        ),
    }


def _emergency_access() -> Schema:
    return {
        "description": "Break-glass accounts that must always keep a usable method: a list of "
        "{user: NAME} and {group: NAME}, or {none: REASON}.",
        "type": ["array", "object"],
        "items": _map(
            {
                "user": {
                    **TEXT,
                    "pattern": rf"^(?:[^@\s]+@[^@\s]+|{GUID})$",
                    "description": "A user principal name, or a user's object id.",
                },
                "group": {**TEXT, "description": "A group's display name."},
                "id": {**_guid(), "description": "The object id; beside a name, it decides."},
            },
            minProperties=1,
        ),
        "properties": {
            "none": {**TEXT, "description": "Why the tenant has no such accounts."},
        },
        "additionalProperties": False,
    }


def _extends() -> Schema:
    return {
        "type": "array",
        "items": {**TEXT, "description": "A policy file, relative to this one."},
        "uniqueItems": True,
        "description": "Files that this one builds on, each laid over the one before it, this one "
        "last: maps merge, values and lists replace, and {add, remove} alters a list of targets.",
    }


def _groups() -> Schema:
    return {
        "type": "object",
        "description": "Names of your own for groups that differ between tenants; a target says "
        "{alias: NAME}.",
        "additionalProperties": _map(
            {
                "group": {**TEXT, "description": "The group's display name, or all_users."},
                "id": {**_guid(), "description": "The object id; beside a name, it decides."},
            },
            minProperties=1,
        ),
    }


def _hold() -> Schema:
    return {
        "description": "Settings to leave alone for a while: shown, neither planned nor drift.",
        "type": "array",
        "items": _map(
            {
                **_scope(),
                "live": {
                    "description": "The value that the setting may have meanwhile, as a policy "
                    "would write it; any other is drift. Needs a path."
                },
            },
            required=["resource", "reason", "owner", "expires"],
        ),
    }


def _acknowledge() -> Schema:
    return {
        "description": "Findings of guards that are accepted, with a reason and an end.",
        "type": "array",
        "items": _map(
            {
                "rule": {**TEXT, "description": "The rule's id, as a finding shows it."},
                **_scope(),
                "atMost": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "For a rule that counts people: how many are accepted.",
                },
            },
            required=["rule", "reason", "owner", "expires"],
        ),
    }


def _scope() -> Schema:
    return {
        "resource": {
            **TEXT,
            "description": "A method's id, authenticationMethodsPolicy, or an external method as "
            "it is listed under External.",
        },
        "path": {**TEXT, "description": "The setting's dotted path; default: all of it."},
        "reason": {**TEXT, "description": "Why, as an incident or a ticket has it."},
        "owner": {**TEXT, "description": "Who answers for it."},
        "expires": {
            "type": "string",
            "pattern": f"^{DAY}$",
            "description": "The last day, YYYY-MM-DD; it ends at midnight UTC.",
        },
    }


def _policy() -> Schema:
    root = AUTHENTICATION_METHODS_POLICY
    methods = {row.id: _resource(row) for row in METHODS if row is not EXTERNAL}
    methods[EXTERNAL.id] = {
        "type": "object",
        "description": "External methods, by display name or id; never created or deleted.\n"
        + EXTERNAL.link,
        "additionalProperties": _resource(EXTERNAL),
    }
    return {
        "description": f"{root.label}. {root.doc}\n{root.link}",
        **_map(
            {
                **_properties(root.properties, root.link),
                "authenticationMethodConfigurations": {
                    "description": "The methods, keyed by Graph's id.",
                    **_map(methods),
                },
            }
        ),
    }


def _resource(row: Resource) -> Schema:
    return {
        "description": f"{row.label}. {row.doc}\n{row.link}",
        **_map(_properties(row.properties, row.link, row.api)),
    }


def _properties(rows: Iterable[Property], link: str, api: str = "both") -> Schema:
    """`link` and `api` are those of what is around the rows, for rows without their own."""
    return {
        row.name: {
            "description": _describe(row, row.link or link, row.api if api == "both" else api),
            **_kind(row.kind, row.link or link),
        }
        for row in rows
    }


def _describe(row: Property, link: str, api: str) -> str:
    text = f"{row.label}: {row.doc}"
    if isinstance(row.kind, Int) and row.kind.unit:
        text += f" In {row.kind.unit}."
    if row.default not in (None, []):
        default = str(row.default).lower() if isinstance(row.default, bool) else row.default
        text += f" Microsoft's default: {default}."
    if api != "both":
        text += f" Graph {api} only."
    return f"{text}\n{link}"


def _kind(kind: Kind, link: str) -> Schema:
    match kind:
        case Bool():
            return {"type": "boolean"}
        case Int(minimum=minimum, maximum=maximum):
            return {"type": "integer", "minimum": minimum, "maximum": maximum}
        case Text(pattern=pattern, suggestions=suggestions):
            return {
                **TEXT,
                **({"pattern": f"^(?:{pattern})$"} if pattern else {}),
                **({"examples": list(suggestions)} if suggestions else {}),
            }
        case Enum(members=members):
            return {"enum": list(members)}
        case Flags(members=members):
            items: Schema = {"enum": list(members)}
            return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
        case Strings(pattern=pattern):
            items = {**TEXT, **({"pattern": f"^(?:{pattern})$"} if pattern else {})}
            return {"type": "array", "items": items, "uniqueItems": True}
        case ProfileRef():
            return TEXT
        case ProfileRefs():
            return {"type": "array", "items": TEXT, "uniqueItems": True}
        case Target(types=types, nobody=nobody):
            return _entry((), types, link, words=(EVERYONE, *(["none"] if nobody else [])))
        case Targets(members=members, types=types, everyone=everyone):
            return _targets(members, types, link, words=(EVERYONE,) if everyone else ())
        case Object(members=members, short=short):
            return _object(members, short, link)
        case Collection(members=members, identity=identity, key=key):
            if key:
                rest = [row for row in members if row.name != key]
                return {"type": "object", "additionalProperties": _map(_properties(rest, link))}
            needed = [row.name for row in members if row.name in identity and row.required]
            return {"type": "array", "items": _map(_properties(members, link), required=needed)}


def _object(members: Iterable[Property], short: str, link: str) -> Schema:
    properties = _properties(members, link)
    if not short:
        return _map(properties)
    return {
        **_map(properties),
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": {"enum": properties[short]["enum"]},
    }


def _targets(
    members: Iterable[Property], types: Iterable[str], link: str, words: Iterable[str]
) -> Schema:
    """A list of targets, or what is to be altered in the list of a base."""
    entry = _entry(members, types, link, words)
    listed: Schema = {"type": "array", "items": entry}
    return {
        **_map(
            {
                "add": {**listed, "description": "Targets to add to the base's list."},
                "remove": {**listed, "description": "Targets to take out of the base's list."},
            },
            minProperties=1,
        ),
        "type": ["array", "object"],
        "items": entry,
    }


def _entry(
    members: Iterable[Property], types: Iterable[str], link: str, words: Iterable[str]
) -> Schema:
    """One target: a word such as all_users, or a map that names a group."""
    references: Schema = {
        "group": {**TEXT, "description": "A group's display name; it must match exactly one."},
        "alias": {**TEXT, "description": "A name of `groups`, for what differs by tenant."},
        "id": {
            "type": "string",
            "pattern": f"^(?:{GUID}|{EVERYONE})$" if words else GUID_PATTERN,
            "description": "An object id; beside a name, the id decides.",
        },
        "targetType": {"enum": list(types), "description": "What the id is; default: group."},
    }
    for name in types:
        if name not in ("group", "user"):
            references[name] = {**_guid(), "description": f"The id of the {name}."}
    allowed = list(words)
    return {
        **_map({**references, **_properties(members, link)}, minProperties=1),
        **(
            {
                "type": ["string", "object"],
                "if": {"type": "string"},
                "then": {"enum": allowed},
            }
            if allowed
            else {}
        ),
    }


def _map(properties: Schema, required: list[str] | None = None, **more: Any) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": required} if required else {}),
        **more,
    }


def _guid() -> Schema:
    return {"type": "string", "pattern": GUID_PATTERN}
