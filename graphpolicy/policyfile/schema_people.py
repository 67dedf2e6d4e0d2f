"""The keys of a policy file that are about people: emergencyAccess, expect, helpdesk, announce."""

from __future__ import annotations

from graphpolicy.catalogue import METHODS
from graphpolicy.catalogue.shared import GUID
from graphpolicy.policyfile.schema_keys import (
    DAY,
    TEXT,
    Schema,
    closed,
    object_id,
    offered,
    scope,
)

METHOD = "A method's id, or an external method as it is listed under External."


def _user() -> Schema:
    return {**TEXT, "pattern": rf"^(?:[^@\s]+@[^@\s]+|{GUID})$"}


def emergency_access() -> Schema:
    return {
        "description": "Break-glass accounts that must always keep a usable method: a list of "
        "{user: NAME} and {group: NAME}, or {none: REASON}.",
        "type": ["array", "object"],
        "items": closed(
            {
                "user": {
                    **_user(),
                    "description": "A user principal name, or a user's object id.",
                },
                "group": {**TEXT, "description": "A group's display name."},
                "id": object_id(),
            },
            minProperties=1,
        ),
        "properties": {"none": {**TEXT, "description": "Why the tenant has no such accounts."}},
        "additionalProperties": False,
    }


def expect(people: Schema) -> Schema:
    """`people` is the schema of one target."""

    def methods(about: str) -> Schema:
        known = offered({row.id: row.label for row in METHODS if not row.several})
        return {
            "type": "array",
            "description": about,
            "items": {**TEXT, "description": METHOD, **known},
            "minItems": 1,
            "uniqueItems": True,
        }

    terms = scope()
    return {
        "description": "Tests that every plan must pass: which people can use which methods.",
        "type": "array",
        "items": closed(
            {
                "people": {
                    **people,
                    "description": "all_users, or a group with the members of nested groups.",
                },
                "person": {**_user(), "description": "A user principal name, or an object id."},
                "canUse": methods("Methods that the policy lets each of them use."),
                "cannotUse": methods("Methods that the policy lets none of them use."),
                "has": methods("Methods that each of them must have registered."),
                "from": {
                    "type": "string",
                    "pattern": f"^{DAY}$",
                    "description": "The first day on which it is judged, YYYY-MM-DD, UTC.",
                },
                "reason": terms["reason"],
                "owner": terms["owner"],
            }
        ),
    }


def helpdesk() -> Schema:
    return {
        "description": "Helpdesk rules that `tap` and `mfa` enforce beside the tenant's limits.",
        **closed(
            {
                "maxLifetimeInMinutes": {
                    "type": "integer",
                    "minimum": 10,
                    "maximum": 43200,
                    "description": "The longest lifetime of a Temporary Access Pass, in minutes.",
                },
                "once": {
                    "type": "boolean",
                    "description": "Whether only one-time passes are issued.",
                },
                "requireReason": {
                    "type": "boolean",
                    "description": "Whether a reason is needed to issue or revoke a pass, or to "
                    "reset methods.",
                },
                "ticketPattern": {
                    **TEXT,
                    "description": "The form of the ticket that every reason must contain: a "
                    "regular expression of literals, classes and counts, such as "
                    "'INC[0-9]{7}|CHG[0-9]{4,9}'. A reason is then required.",
                },
                "refuse": {
                    "type": "array",
                    "description": "Who gets no pass and no reset from the helpdesk. The accounts "
                    "of emergencyAccess never get one.",
                    "items": closed(
                        {
                            "role": {
                                "enum": ["any"],
                                "description": "Everyone with a directory role.",
                            },
                            "group": {
                                **TEXT,
                                "description": "Members of the group with this display name, "
                                "including members of nested groups.",
                            },
                            "id": object_id("The group's object id; beside a name, it decides."),
                        },
                        minProperties=1,
                    ),
                },
            }
        ),
    }


def announce() -> Schema:
    return {
        "description": "What `announce` writes in messages to people.",
        **closed(
            {
                "audiences": {
                    "type": "object",
                    "description": "Words that staff understand, by a group's display name or id, "
                    "as in SG-MFA-Pilot-P: the pilot group.",
                    "additionalProperties": {**TEXT, "description": "As in: the pilot group."},
                },
            }
        ),
    }
