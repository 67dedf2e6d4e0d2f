"""The people that a method of the policy reaches, and those that an administrator may change."""

from typing import Final

from ..graph.call import Call
from ..graph.errors import GraphError
from ..graph.permissions import role_id
from ..rules import enforces
from ..tables import JsonObject
from .directory import Directory

ABOVE_ALL: Final = frozenset(
    {role_id("Privileged Authentication Administrator"), role_id("Global Administrator")}
)
"""The roles that may touch the methods of administrators."""

MINOR: Final = frozenset(
    role_id(name)
    for name in (
        "Authentication Administrator",
        "Directory Readers",
        "Guest Inviter",
        "Message Center Reader",
        "Password Administrator",
        "Reports Reader",
        "Usage Summary Reports Reader",
    )
)
"""The roles whose holders an Authentication Administrator may help (Entra: "Who can reset
passwords", to which the role's description refers)."""


def reaches_all(configuration: JsonObject) -> bool | None:
    """Whether a method reaches everybody (True) or nobody (False); None if it depends."""
    if configuration["state"] != "enabled":
        return False
    included = {each["id"].lower() for each in configuration.get("includeTargets", ())}
    if configuration.get("excludeTargets") or included - {"all_users"}:
        return None
    return "all_users" in included


@enforces("excluded-wins")
def reaches(configuration: JsonObject, person: str, directory: Directory) -> bool:
    """Say whether a person may use a method: enabled, included and not excluded."""
    everybody = reaches_all(configuration)
    if everybody is not None:
        return everybody
    included = {each["id"].lower() for each in configuration.get("includeTargets", ())}
    excluded = {each["id"].lower() for each in configuration.get("excludeTargets", ())}
    own = {directory.key(person), "all_users"}
    own |= {each["id"].lower() for each in directory.groups_of(person)}
    return bool(own & included) and not own & excluded


def guest(person: JsonObject) -> bool:
    """Say whether somebody was invited and signs in elsewhere."""
    return "#ext#" in str(person["userPrincipalName"]).lower()


def within_reach(call: Call, found: JsonObject) -> bool:
    """Whether the caller may change a person's methods: administrators' are protected."""
    if not call.token.delegated or call.token.wids & ABOVE_ALL:
        return True
    return MINOR.issuperset(call.tenant.directory.roles_of(found["id"]))


def check_reach(call: Call, found: JsonObject) -> None:
    """Refuse a caller who may not change the methods of administrators."""
    if not within_reach(call, found):
        raise GraphError("methods-of-administrators", "Request Authorization failed")
