"""Whom a method of the policy reaches, and whom an administrator does."""

from typing import Final

from ..graph.call import Call
from ..graph.errors import GraphError
from ..graph.permissions import role_id
from ..policy.wire import CONFIGURATIONS
from ..rules import enforces
from ..tables import JsonObject
from .directory import Directory

ABOVE_ALL: Final = frozenset(
    {role_id("Privileged Authentication Administrator"), role_id("Global Administrator")}
)
"""The roles that may touch the methods of administrators."""


@enforces("excluded-wins")
def reaches(configuration: JsonObject, person: str, directory: Directory) -> bool:
    """Say whether a person may use a method: enabled, included and not excluded."""
    if configuration["state"] != "enabled":
        return False
    included = {each["id"].lower() for each in configuration.get("includeTargets", ())}
    excluded = {each["id"].lower() for each in configuration.get("excludeTargets", ())}
    if "all_users" in included and not excluded:
        return True
    own = {directory.key(person), "all_users"}
    own |= {each["id"].lower() for each in directory.groups_of(person)}
    return bool(own & included) and not own & excluded


def allowed(name: str, policy: JsonObject, person: str, directory: Directory) -> bool:
    """Say whether the policy's method of a name reaches a person."""
    for each in policy[CONFIGURATIONS]:
        if each["id"].lower() == name.lower():
            return reaches(each, person, directory)
    return False


def check_reach(call: Call, found: JsonObject) -> None:
    """Refuse a person who may not touch the methods of administrators."""
    if not call.token.delegated or call.token.wids & ABOVE_ALL:
        return
    if call.tenant.directory.roles_of(found["id"]):
        raise GraphError("methods-of-administrators", "Request Authorization failed")
