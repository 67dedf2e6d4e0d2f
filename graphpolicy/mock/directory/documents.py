"""People, groups, roles and registrations from a seed or from a document that a test loads."""

from typing import Final

from ..tables import JsonObject
from .directory import Directory
from .registered import Registered

PERSON: Final = frozenset(
    {
        *("id", "userPrincipalName", "displayName", "accountEnabled", "userType", "mail"),
        *("onPremisesSyncEnabled", "signInActivity"),
    }
)
"""The properties of a user object that a document may set."""
GROUP: Final = frozenset(
    {
        *("id", "displayName", "description", "groupTypes", "mailEnabled", "securityEnabled"),
        *("membershipRule", "membershipRuleProcessingState", "onPremisesSyncEnabled"),
    }
)
"""The properties of a group that a document may set."""


def add_objects(directory: Directory, document: JsonObject) -> None:
    """Add the groups, people, units and roles of a document.

    `groups` are `{id, displayName, members}` with more of a group's properties, `users` `{id,
    userPrincipalName, displayName}`, `units` like groups, `roles` members by the role's name;
    members are ids or names. `grants` are `{role, members, unit, eligible}`.
    """
    for each in document.get("groups", ()):
        known = {key: each[key] for key in each if key in GROUP}
        directory.add_group(known.pop("id"), known.pop("displayName"), **known)
    for each in document.get("users", ()):
        known = {key: each[key] for key in each if key in PERSON}
        directory.add_person(
            known.pop("id"), known.pop("userPrincipalName"), known.pop("displayName"), **known
        )
    for each in document.get("units", ()):
        directory.add_unit(each["id"], each["displayName"])
    for each in (*document.get("groups", ()), *document.get("units", ())):
        directory.join(each["id"], *each.get("members", ()))
    for name, members in document.get("roles", {}).items():
        directory.join(directory.activate(name), *members)
    for each in document.get("grants", ()):
        unit, eligible = each.get("unit"), bool(each.get("eligible"))
        directory.grant(each["role"], *each["members"], unit=unit, eligible=eligible)


def add_registrations(registered: Registered, document: JsonObject) -> None:
    """Add what people have registered: `methods`, `preferences` and `reported`.

    `methods` are kinds by person, or `{kind, …}` with more of a method's properties. `reported` are
    the names that the report says of a person, or null for no row.
    """
    for name, kinds in document.get("methods", {}).items():
        for each in kinds:
            fields = {"kind": each} if isinstance(each, str) else dict(each)
            registered.register(name, fields.pop("kind"), **fields)
    for name, preference in document.get("preferences", {}).items():
        registered.prefer(name, preference)
    for name, said in document.get("reported", {}).items():
        registered.report_as(name, said)
