"""What a call to Graph needs: the least permission of an app, the least Entra role of a person.

Sources: Microsoft's pages "authenticationMethodsPolicy: get" and ": update", "group: list",
"directoryObject: getByIds", "directoryAudit: list", "authentication: list methods".
"""

from __future__ import annotations

import re

from graphpolicy.records import dataclass

POLICY_URL = "/policies/authenticationMethodsPolicy"


@dataclass(frozen=True, slots=True)
class Permission:
    """One row: `methods` and `path` are regular expressions, `path` below the API version.

    `higher` are permissions that do as well, `roles` higher roles that do.
    """

    methods: str
    path: str
    scope: str
    role: str
    higher: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


WRITES = "PATCH|POST|DELETE"
DIRECTORY = ("Directory.Read.All", "Directory.ReadWrite.All")

ROLE_IDS = {
    "Authentication Policy Administrator": "0526716b-113d-4c15-b2c8-68e3c22b9f80",
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
}
"""Template ids of the roles that a token is looked at for, as its `wids` have them (Entra:
"Microsoft Entra built-in roles")."""

PERMISSIONS = (
    Permission(
        "GET",
        POLICY_URL,
        "Policy.Read.AuthenticationMethod",
        "Global Reader",
        higher=("Policy.ReadWrite.AuthenticationMethod", "Policy.Read.All"),
        roles=("Authentication Policy Administrator", "Global Administrator"),
    ),
    Permission(
        WRITES,
        POLICY_URL,
        "Policy.ReadWrite.AuthenticationMethod",
        "Authentication Policy Administrator",
        roles=("Global Administrator",),
    ),
    Permission(
        "GET",
        r"/groups",
        "GroupMember.Read.All",
        "Directory Readers",
        higher=("Group.Read.All", "Group.ReadWrite.All", *DIRECTORY),
    ),
    Permission(
        "GET|POST",
        r"/directoryObjects",
        "Directory.Read.All",
        "Directory Readers",
        higher=("Directory.ReadWrite.All",),
    ),
    Permission(
        "GET", r"/directory/administrativeUnits", "AdministrativeUnit.Read.All", "Directory Readers"
    ),
    Permission("GET", r"/directoryRole", "RoleManagement.Read.Directory", "Directory Readers"),
    Permission("GET", r"/auditLogs", "AuditLog.Read.All and Directory.Read.All", "Reports Reader"),
    Permission("GET", r"/reports/authenticationMethods", "AuditLog.Read.All", "Reports Reader"),
    Permission(
        "GET",
        r"/users/[^/]+/authentication",
        "UserAuthenticationMethod.Read.All",
        "Authentication Administrator",
    ),
    Permission(
        WRITES,
        r"/users/[^/]+/authentication",
        "UserAuthenticationMethod.ReadWrite.All",
        "Authentication Administrator",
    ),
    Permission(
        "GET",
        r"/users",
        "User.Read.All",
        "Directory Readers",
        higher=("User.ReadWrite.All", *DIRECTORY),
    ),
    Permission(
        "GET",
        r"/policies/authenticationStrengthPolicies",
        "Policy.Read.AuthenticationMethod",
        "Global Reader",
        higher=("Policy.ReadWrite.AuthenticationMethod", "Policy.Read.All"),
        roles=("Security Reader", "Conditional Access Administrator", "Global Administrator"),
    ),
    Permission("GET", r"/(policies|identity)/", "Policy.Read.All", "Security Reader"),
)
"""In order: the first that matches counts."""


def permission_for(method: str, path: str) -> Permission | None:
    """What a call needs; None where that is not known."""
    for row in PERMISSIONS:
        if re.fullmatch(row.methods, method) and re.match(row.path, path, re.IGNORECASE):
            return row
    return None
