"""The JSON Schema of the policy language, made from the catalogue.

It serves twice: editors complete and document every key with it, and `schema_check.py` runs it as
the one structural check. It is draft-07 because editors support that best. Configurations are a map
keyed by id, and there is no `oneOf`: a failing `oneOf` can't say which branch was meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TypeVar

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, LISTED, METHODS, kinds
from graphpolicy.catalogue.facts import Facts, ManagedValue, Retirement
from graphpolicy.catalogue.kinds import Property, Resource
from graphpolicy.catalogue.settings import Setting
from graphpolicy.catalogue.shared import GUID
from graphpolicy.catalogue.values import canonical
from graphpolicy.explain.sentences import default, managed_words, retirement_words, spaced
from graphpolicy.model import CONFIGURATIONS, EVERYONE, POLICY
from graphpolicy.policyfile import schema_keys as keys, schema_people
from graphpolicy.policyfile.schema_keys import GUID_PATTERN, TEXT, Schema, closed, guid, offered

ID = "https://graphpolicy.dev/schema/1/policy.schema.json"

FUTURE_KEYS = ("baselines",)
"""Top-level keys that a later release will support."""

WORDS = {EVERYONE: "Everyone.", "none": "Nobody."}
ROLLOUT = {
    "rollout": {
        **TEXT,
        "description": "A rollout of `rollouts`: in a list all its open waves, else the last one.",
    }
}
FACTS = Facts.shipped()
F = TypeVar("F", ManagedValue, Retirement)


@cache
def schema() -> Schema:
    """The whole schema as a JSON document. Every caller gets the same object: do not change it."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "description": "What one Microsoft Entra tenant's authentication methods policy should be.",
        **closed(
            {
                "version": {"enum": [1], "description": "The version of the policy language: 1."},
                "extends": keys.extends(),
                "tenant": keys.tenant(),
                "groups": keys.groups(),
                "rollouts": keys.rollouts(_entry({}, ("group",), (EVERYONE,))),
                "emergencyAccess": schema_people.emergency_access(),
                "guards": keys.guards(),
                "hold": keys.hold(),
                "acknowledge": keys.acknowledge(),
                "expect": schema_people.expect(_entry({}, ("group",), (EVERYONE,))),
                "helpdesk": schema_people.helpdesk(),
                "announce": schema_people.announce(),
                "unmanaged": keys.unmanaged(),
                POLICY: policy(),
                **{row.id: _named(row) for row in LISTED},
            },
            required=["version"],
        ),
    }


def node_at(pointer: Iterable[str | int], root: Schema | None = None) -> Schema:
    """The schema of the value at a pointer into a file; empty if the schema does not know it.

    `root` is the schema of the whole file, by default that of a policy file.
    """
    node = root or schema()
    for step in pointer:
        more = node.get("additionalProperties")
        if isinstance(step, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(step, more if isinstance(more, dict) else {})
    return node


def policy() -> Schema:
    """The policy's own properties, and the methods by their ids."""
    root = AUTHENTICATION_METHODS_POLICY
    methods = {row.id: _resource(row) for row in METHODS if row is not EXTERNAL}
    about = "External methods, by display name or id; never created or deleted."
    methods[EXTERNAL.id] = {**_named(EXTERNAL), "description": f"{about}\n{EXTERNAL.link}"}
    return {
        "description": f"{root.label}. {root.doc}\n{root.link}",
        **closed(
            {
                **_properties(root, root.properties, ()),
                CONFIGURATIONS: {
                    "description": "The methods, keyed by Graph's id.",
                    **closed(methods),
                },
            }
        ),
    }


def _named(row: Resource) -> Schema:
    """A kind of which a tenant may have several, by name."""
    return {
        "type": "object",
        "description": f"{row.label}. {row.doc}\n{row.link}",
        "additionalProperties": _resource(row),
    }


def _resource(row: Resource) -> Schema:
    ends = [f"Retiring: {retirement_words(end)}" for end in _about(FACTS.retirements, row)]
    return {
        "description": "\n".join((" ".join((f"{row.label}. {row.doc}", *ends)), row.link)),
        **closed(_properties(row, row.properties, ())),
    }


def _about(rows: Iterable[F], resource: Resource, setting: str = "") -> list[F]:
    return [row for row in rows if row.setting == setting and row.resource == resource.id]


def _properties(
    resource: Resource, rows: Iterable[Property], above: tuple[Property, ...]
) -> Schema:
    return {row.name: _property(Setting(resource, (*above, row))) for row in rows}


def _property(setting: Setting) -> Schema:
    ends = [
        retirement_words(end)
        for end in _about(FACTS.retirements, setting.resource, setting.dotted)
        if end.status in ("announced", "rolling")
    ]
    return {
        "description": _describe(setting),
        **({"deprecationMessage": " ".join(ends)} if ends else {}),
        **_kind(setting),
    }


def _describe(setting: Setting) -> str:
    row = setting.row
    parts = [f"{row.label}: {row.doc}"]
    if isinstance(row.kind, kinds.Int) and row.kind.unit:
        parts.append(f"In {row.kind.unit}.")
    if row.default not in (None, []):
        parts.append(f"Microsoft's default: {default(row)}.")
    if setting.api != "both":
        parts.append(f"Graph {setting.api} only.")
    return f"{' '.join(parts)}\n{setting.link}"


def _kind(setting: Setting) -> Schema:
    match setting.row.kind:
        case kinds.Bool():
            return {"type": "boolean"}
        case kinds.Int(minimum=minimum, maximum=maximum):
            first = minimum if setting.row.default is None else setting.row.default
            about = "The minimum." if setting.row.default is None else "Microsoft's default."
            bounds = {"type": "integer", "minimum": minimum, "maximum": maximum}
            return {**bounds, **offered({first: about})}
        case kinds.Text(pattern=pattern, suggestions=suggestions):
            may_be_empty = setting.row.absent == ""
            return {
                **({"type": "string"} if may_be_empty else TEXT),
                **({"pattern": f"^(?:{pattern})$"} if pattern else {}),
                **({"examples": list(suggestions)} if suggestions else {}),
            }
        case kinds.Enum() as kind:
            return _one_of(kind, setting)
        case kinds.Flags() as kind:
            items = _one_of(kind, setting)
            return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
        case kinds.Strings(members=members) as kind if members:
            return {"type": "array", "items": _one_of(kind, setting), "uniqueItems": True}
        case kinds.Strings(pattern=pattern):
            items = {**TEXT, **({"pattern": f"^(?:{pattern})$"} if pattern else {})}
            return {"type": "array", "items": items, "uniqueItems": True}
        case kinds.ProfileRef():
            return TEXT
        case kinds.ProfileRefs():
            return {"type": "array", "items": TEXT, "uniqueItems": True}
        case kinds.Target(types=types, nobody=nobody):
            words = (EVERYONE, *(["none"] if nobody else []))
            return _entry(ROLLOUT, types, words)
        case kinds.Targets(types=types, everyone=everyone):
            return _targets(_members(setting), types, (EVERYONE,) if everyone else ())
        case kinds.Object(members=members, short=short):
            return _object(setting, next((row for row in members if row.name == short), None))
        case kinds.Collection(members=members, identity=identity, key=key):
            properties = _members(setting)
            if key:
                del properties[key]
                entry = {"description": f"An entry, by its {key}.", **closed(properties)}
                return {"type": "object", "additionalProperties": entry}
            needed = [row.name for row in members if row.name in identity and row.required]
            return {"type": "array", "items": closed(properties, required=needed)}


def _members(setting: Setting) -> Schema:
    return _properties(setting.resource, setting.row.below, setting.rows)


def _one_of(kind: kinds.Enum | kinds.Flags | kinds.Strings, setting: Setting) -> Schema:
    """A closed list of words, each with its meaning; `default` with its meaning today."""
    managed = _about(FACTS.managed_values, setting.resource, setting.dotted)
    means = "; ".join(map(managed_words, managed))
    docs = [
        f"{about} Today: {means}." if member == "default" and means else about
        for member, about in zip(kind.members, kind.docs, strict=True)
    ]
    known = dict(zip(kind.members, docs, strict=True))
    for spelled in kind.also if isinstance(kind, kinds.Enum) else ():
        known[spelled] = known[str(canonical(kind, spelled))]
    if isinstance(kind, kinds.Strings):  # parts have no order, and Microsoft also writes a space
        for member in kind.members:
            parts = member.split(",")
            for joint, order in ((",", -1), (", ", 1), (", ", -1)):
                known[joint.join(parts[::order])] = known[member]
    return {"enum": list(known), "enumDescriptions": list(known.values())}


def _object(setting: Setting, short: Property | None) -> Schema:
    properties = _members(setting)
    if short is None:
        return closed(properties)
    words = {name: properties[short.name][name] for name in ("enum", "enumDescriptions")}
    return {
        **closed(properties),
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": words,
        **offered(dict(zip(words["enum"], words["enumDescriptions"], strict=True))),
    }


def _targets(members: Schema, types: Iterable[str], words: Iterable[str]) -> Schema:
    """A list of targets, or what to alter in a base's list."""
    entry = _entry({**ROLLOUT, **members}, types, words)
    listed: Schema = {"type": "array", "items": entry}
    return {
        **closed(
            {
                "add": {**listed, "description": "Targets to add to the base's list."},
                "remove": {**listed, "description": "Targets to remove from the base's list."},
            },
            minProperties=1,
        ),
        "type": ["array", "object"],
        "items": entry,
    }


def _entry(members: Schema, types: Iterable[str], words: Iterable[str]) -> Schema:
    """One target: a word such as all_users, or a map that names a group."""
    references: Schema = {
        "group": {**TEXT, "description": "A group's display name; it must match exactly one."},
        "alias": {**TEXT, "description": "An alias that `groups` defines."},
        "id": {
            "type": "string",
            "pattern": f"^(?:{GUID}|{EVERYONE})$" if words else GUID_PATTERN,
            "description": "An object id; beside a name, the id decides.",
        },
        "targetType": {"enum": list(types), "description": "What the id is; default: group."},
    }
    for name in types:
        if name not in ("group", "user"):
            references[name] = {**guid(), "description": f"The id of the {spaced(name)}."}
    target = closed({**references, **members}, minProperties=1)
    if not words:
        return target
    return {
        **target,
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": {"enum": list(words), "enumDescriptions": [WORDS[word] for word in words]},
        "examples": list(words),
    }
