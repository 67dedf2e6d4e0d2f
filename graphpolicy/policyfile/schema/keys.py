"""The keys of a policy file around the policy itself."""

from __future__ import annotations

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.shared import GUID
from graphpolicy.policyfile.schema.nodes import TENANT_NAME, TEXT, Schema, closed, guid, offered
from graphpolicy.rules.table import RULES, Rule

DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def tenant() -> Schema:
    return {
        "description": "The tenant that the file is for; a file without it is a base to extend.",
        **closed(
            {
                "name": {
                    "type": "string",
                    "pattern": f"^{TENANT_NAME}$",
                    "description": "A short name for commands and messages; default: the file's.",
                },
                "id": {**guid(), "description": "The tenant's id (directory id)."},
                "cloud": {
                    "enum": ["global", "usgov", "usgov-dod", "china"],
                    "description": "The cloud that the tenant lives in; default: global.",
                },
                "freeze": _freeze(),
            },
            required=["id"],
        ),
    }


def emergency_access() -> Schema:
    return {
        "description": "Break-glass accounts that must always keep a usable method: a list of "
        "{user: NAME} and {group: NAME}, or {none: REASON}.",
        "type": ["array", "object"],
        "items": closed(
            {
                "user": {
                    **TEXT,
                    "pattern": rf"^(?:[^@\s]+@[^@\s]+|{GUID})$",
                    "description": "A user principal name, or a user's object id.",
                },
                "group": {**TEXT, "description": "A group's display name."},
                "id": {**guid(), "description": "The object id; beside a name, it decides."},
            },
            minProperties=1,
        ),
        "properties": {
            "none": {**TEXT, "description": "Why the tenant has no such accounts."},
        },
        "additionalProperties": False,
    }


def extends() -> Schema:
    return {
        "type": "array",
        "items": {**TEXT, "description": "A policy file, relative to this one."},
        "uniqueItems": True,
        "description": "Files that this one builds on, each laid over the one before it, this one "
        "last: maps merge, values and lists replace, and {add, remove} alters a list of targets.",
    }


def groups() -> Schema:
    return {
        "type": "object",
        "description": "Names of your own for groups that differ between tenants; a target says "
        "{alias: NAME}.",
        "additionalProperties": closed(
            {
                "group": {**TEXT, "description": "The group's display name, or all_users."},
                "id": {**guid(), "description": "The object id; beside a name, it decides."},
            },
            minProperties=1,
            description="A group, by your own name for it.",
        ),
    }


def guards() -> Schema:
    return {
        "description": "How strict guards are: a level that is raised, or {atMost: N} for one that "
        "counts. A level can't be lowered.",
        **closed({row.id: _guard(row) for row in RULES.values() if row.kind == "guard"}),
    }


def _guard(row: Rule) -> Schema:
    return {
        "description": f"{row.title}. Its own level: {row.level}.",
        **closed(
            {
                "atMost": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Up to which number the guard is silent.",
                }
            }
        ),
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": {"enum": ["note", "warning", "error"]},
        **offered({"warning": "Warn of it.", "error": "Refuse the plan."}),
    }


def _freeze() -> Schema:
    scope = _scope()
    names = ("reason", "owner", "expires")
    return {
        "description": "Nothing is written to the tenant until the end of that day.",
        **closed({name: scope[name] for name in names}, required=list(names)),
    }


def hold() -> Schema:
    return {
        "description": "Settings to leave alone for a while: shown, neither planned nor drift.",
        "type": "array",
        "items": closed(
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


def helpdesk() -> Schema:
    return {
        "description": "House rules that `tap` and `mfa` obey, on top of the tenant's own limits.",
        **closed(
            {
                "maxLifetimeInMinutes": {
                    "type": "integer",
                    "minimum": 10,
                    "maximum": 43200,
                    "description": "The longest life of a Temporary Access Pass, in minutes.",
                },
                "once": {
                    "type": "boolean",
                    "description": "Only one-time passes are issued.",
                },
                "requireReason": {
                    "type": "boolean",
                    "description": "Whoever issues or revokes a pass, or resets methods, says why.",
                },
                "ticketPattern": {
                    **TEXT,
                    "description": "The whole ticket that every reason must hold: literals, "
                    "classes and counts of a regular expression, such as "
                    "'INC[0-9]{7}|CHG[0-9]{4,9}'; a reason is required then.",
                },
                "refuse": {
                    "type": "array",
                    "description": "Who gets no pass and no reset from the helpdesk; the accounts "
                    "of emergencyAccess never do.",
                    "items": closed(
                        {
                            "role": {
                                "enum": ["any"],
                                "description": "Everybody who has a directory role.",
                            },
                            "group": {
                                **TEXT,
                                "description": "Members of the group of this display name, also "
                                "through other groups.",
                            },
                            "id": {
                                **guid(),
                                "description": "The group's object id; beside a name, it decides.",
                            },
                        },
                        minProperties=1,
                    ),
                },
            }
        ),
    }


def _scope() -> Schema:
    return {
        "resource": {
            **TEXT,
            "description": "A method's id, authenticationMethodsPolicy, or an external method as "
            "it is listed under External.",
            **offered({row.id: row.label for row in RESOURCES.values()}),
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
