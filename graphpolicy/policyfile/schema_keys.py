"""The keys of a policy file beside the policy itself, and the pieces that schemas are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import ADMINISTRATORS
from graphpolicy.rules.table import RULES, Rule

Schema = dict[str, Any]

GUID_PATTERN = f"^(?:{GUID})$"
TENANT_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"

TEXT: Schema = {"type": "string", "minLength": 1}

DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def closed(properties: Schema, required: list[str] | None = None, **more: Any) -> Schema:
    """A map that may have these keys and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": required} if required else {}),
        **more,
    }


def guid() -> Schema:
    """An object id."""
    return {"type": "string", "pattern": GUID_PATTERN}


def offered(values: Mapping[str, str] | Mapping[int, str]) -> Schema:
    """Values that an editor proposes, each with its meaning; other values stay allowed.

    yaml-language-server proposes nothing from a `then`. It shows `examples` in every hover, and
    writes a `default` when it completes the map around it, which would manage a setting unasked.
    """
    return {
        "defaultSnippets": [
            {"label": str(value), "body": value, "description": about}
            for value, about in values.items()
        ]
    }


def object_id(about: str = "The object id; beside a name, it decides.") -> Schema:
    """An object id, described."""
    return {**guid(), "description": about}


def _count(about: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": about}


def tenant() -> Schema:
    return {
        "description": "The tenant that the file is for; a file without it is a base to extend.",
        **closed(
            {
                "name": {
                    "type": "string",
                    "pattern": f"^{TENANT_NAME}$",
                    "description": "A short name for commands and messages; default: file name.",
                },
                "id": object_id("The tenant's id (directory id)."),
                "cloud": {
                    "enum": ["global", "usgov", "usgov-dod", "china"],
                    "description": "The tenant's cloud; default: global.",
                },
                "ring": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "When an apply of several tenants reaches this one: ring 1 "
                    "first, tenants without a ring last. A ring waits until the "
                    "one before it is applied and verified.",
                },
                "freeze": _freeze(),
            },
            required=["id"],
        ),
    }


def extends() -> Schema:
    return {
        "type": "array",
        "items": {**TEXT, "description": "A policy file, relative to this one."},
        "uniqueItems": True,
        "description": "Files that this one extends. Each overrides the one before it, and this "
        "file overrides all: maps merge, values and lists replace, {add, remove} alters lists.",
    }


def groups() -> Schema:
    return {
        "type": "object",
        "description": "Your own names for groups that differ between tenants; a target refers to "
        "one as {alias: NAME}.",
        "additionalProperties": closed(
            {
                "group": {**TEXT, "description": "The group's display name, or all_users."},
                "id": object_id(),
            },
            minProperties=1,
            description="A group, by your own name for it.",
        ),
    }


def rollouts(target: Schema) -> Schema:
    """`target` is the schema of one target."""
    needs = closed(
        {
            "registered": {
                "description": "How many of the wave's people have registered a method.",
                **closed(
                    {
                        "method": {**TEXT, "description": "The method's id."},
                        "atLeast": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 100,
                            "description": "Per cent of the wave's people.",
                        },
                    },
                    required=["method", "atLeast"],
                ),
            },
            "soakDays": _count("Days since the wave before was applied and verified."),
            "noDrift": {
                "type": "boolean",
                "description": "Whether the rest of the tenant must match the files.",
            },
        }
    )
    wave = closed(
        {
            "name": {**TEXT, "description": "The wave's name; files merge waves by it."},
            "target": {**target, "description": "Who the wave is for: a group, or all_users."},
            "from": {
                "type": "string",
                "pattern": f"^{DAY}$",
                "description": "The first day on which it may be opened, YYYY-MM-DD, UTC.",
            },
            "needs": {"description": "What else must be true before it is opened.", **needs},
        },
        required=["name"],
    )
    return {
        "type": "object",
        "description": "Waves of people, one after the other; a target refers to them as "
        "{rollout: NAME}.",
        "additionalProperties": closed(
            {
                "open": {
                    **TEXT,
                    "description": "The last wave that is open; absent: the rollout has not begun.",
                },
                "waves": {
                    "type": "array",
                    "description": "The waves, in the order in which they are opened.",
                    "items": wave,
                },
            },
            description="A rollout, by your own name for it.",
        ),
    }


def guards() -> Schema:
    return {
        "description": "How strict guards are: a raised level, or {atMost: N} for a guard that "
        "counts changes, {required: true} for one that counts people. A level can't be lowered.",
        **closed({row.id: _guard(row) for row in RULES.values() if row.kind == "guard"}),
    }


def _guard(row: Rule) -> Schema:
    return {
        "description": f"{row.title}. Default level: {row.level}.",
        **closed(
            {
                "required": {
                    "const": True,
                    "description": "Refuse a plan if people can't be counted.",
                }
            }
            if row.counted
            else {"atMost": _count("The guard reports nothing up to this number.")}
        ),
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": {"enum": ["note", "warning", "error"]},
        **offered({"warning": "Warn about it.", "error": "Refuse the plan."}),
    }


def _freeze() -> Schema:
    terms = scope()
    names = ("reason", "owner", "expires")
    return {
        "description": "Nothing is written to the tenant until the end of that day.",
        **closed({name: terms[name] for name in names}, required=list(names)),
    }


def hold() -> Schema:
    return {
        "description": "Settings to leave alone for a while: shown, but neither planned nor drift.",
        "type": "array",
        "items": closed(
            {
                **scope(),
                "live": {
                    "description": "The value that the setting may have in the meantime, written "
                    "as in a policy; any other is drift. Needs a path."
                },
            },
            required=["resource", "reason", "owner", "expires"],
        ),
    }


def acknowledge() -> Schema:
    return {
        "description": "Findings of guards that are accepted, with a reason and an end.",
        "type": "array",
        "items": closed(
            {
                "rule": {
                    **TEXT,
                    "description": "The rule's id, as a finding shows it.",
                    **offered({r.id: r.title for r in RULES.values() if r.acceptable}),
                },
                **scope(),
                "atMost": _count("For a rule that counts people: how many are accepted."),
                "people": {
                    "enum": [ADMINISTRATORS],
                    "description": "For lockout: administrators are accepted separately.",
                },
            },
            required=["rule", "reason", "owner", "expires"],
        ),
    }


def unmanaged() -> Schema:
    words = {
        "ignore": "Report nothing.",
        "report": (
            "Plans and drift show it. A method that was off and is now on makes drift exit 2."
        ),
        "refuse": (
            "Any difference makes drift exit 2, and no method may be on unless a file declares it."
        ),
    }
    return {
        "description": "What to do about settings and methods that no file declares, if they "
        "differ from the snapshot beside the policy file, NAME.snapshot.json; "
        "default: report.",
        "enum": list(words),
        "enumDescriptions": list(words.values()),
    }


def scope() -> Schema:
    """The keys of what covers a setting until a day."""
    return {
        "resource": {
            **TEXT,
            "description": "A method's id, authenticationMethodsPolicy, or an external method as "
            "it is listed under External.",
            **offered({row.id: row.label for row in RESOURCES.values()}),
        },
        "path": {**TEXT, "description": "The setting's dotted path; default: the whole resource."},
        "reason": {**TEXT, "description": "Why; for example an incident or ticket number."},
        "owner": {**TEXT, "description": "Who is responsible for it."},
        "expires": {
            "type": "string",
            "pattern": f"^{DAY}$",
            "description": "The last day, YYYY-MM-DD; it expires at the end of that day, UTC.",
        },
    }
