"""What a call to Graph needs: the least permission of an app, the least Entra role of a person.

Sources: Microsoft's pages "authenticationMethodsPolicy: get" and ": update", "group: list",
"directoryObject: getByIds", "directoryAudit: list", "authentication: list methods".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

POLICY_URL = "/policies/authenticationMethodsPolicy"


@dataclass(frozen=True, slots=True)
class Permission:
    """One row: `methods` and `path` are regular expressions, `path` below the API version."""

    methods: str
    path: str
    scope: str
    role: str


WRITES = "PATCH|POST|DELETE"

PERMISSIONS = (
    Permission("GET", POLICY_URL, "Policy.Read.AuthenticationMethod", "Global Reader"),
    Permission(
        WRITES,
        POLICY_URL,
        "Policy.ReadWrite.AuthenticationMethod",
        "Authentication Policy Administrator",
    ),
    Permission("GET", r"/groups", "GroupMember.Read.All", "Directory Readers"),
    Permission("GET|POST", r"/directoryObjects", "Directory.Read.All", "Directory Readers"),
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
    Permission("GET", r"/users", "User.Read.All", "Directory Readers"),
    Permission("GET", r"/(policies|identity)/", "Policy.Read.All", "Security Reader"),
)
"""In order: the first that matches counts."""


def permission_for(method: str, path: str) -> Permission | None:
    """What a call needs; None where that is not known."""
    for row in PERMISSIONS:
        if re.fullmatch(row.methods, method) and re.match(row.path, path, re.IGNORECASE):
            return row
    return None
