"""What a call to Graph needs: the least permission for an app, the least Entra role for a person.

Sources: Microsoft's pages "authenticationMethodsPolicy: get" and ": update", "group: list",
"directoryObject: getByIds", "directoryAudit: list", "authentication: list methods",
"temporaryAccessPassAuthenticationMethod: list, delete", "user: revokeSignInSessions", "user: List
transitiveMemberOf", "group: List transitive members", "directoryRole: List members", "List
unifiedRoleAssignments", "List roleEligibilityScheduleInstances", "authenticationStrengthRoot: list
and create policies", "conditionalAccessRoot: list policies", "user resource type" (signInActivity).
The pages disagree about the least permission to create a pass. The pages on strengths call
Policy.ReadWrite.ConditionalAccess the least one, and accept the other, which this tool has anyway.
"""

from __future__ import annotations

import re
from functools import cache

from graphpolicy.catalogue.registered import KINDS, PASS
from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Permission:
    """One row: `methods` with | between them, `path` a regular expression below the API version.

    `higher` are higher permissions that also suffice, `roles` are such roles.
    """

    methods: str
    path: str
    scope: str
    role: str
    higher: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    either: str = ""
    """Another permission that Microsoft's pages name as the least one."""
    licence: str = ""
    """What the tenant must have. Graph may not see it without Directory.Read.All
    (microsoftgraph/microsoft-graph-docs#12537).
    """


WRITES = "PATCH|POST|DELETE"
POLICY = r"/policies/authenticationMethodsPolicy"
DIRECTORY = ("Directory.Read.All", "Directory.ReadWrite.All")
ROLES = (
    "RoleManagement.Read.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.ReadWrite.Directory",
)

METHODS = ("UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All")
HELPERS = (
    "Authentication Administrator",
    "Privileged Authentication Administrator",
    "Global Administrator",
)
"""The roles that may help people; the first may not act on administrators."""

ROLE_IDS = {
    "Authentication Administrator": "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    "Authentication Policy Administrator": "0526716b-113d-4c15-b2c8-68e3c22b9f80",
    "Conditional Access Administrator": "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Privileged Authentication Administrator": "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "Privileged Role Administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "Security Administrator": "194ae4cb-b126-40b2-bd5b-6091b380977d",
    "Security Reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
}
"""Template ids of the roles that are looked for in the claim `wids` of a token (Entra:
"Microsoft Entra built-in roles")."""

GRAPH = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph, in every cloud."""

APP_ROLES = {
    "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
    "Policy.Read.AuthenticationMethod": "8e3bc81b-d2f3-4b7b-838c-32c88218d2f0",
    "Policy.ReadWrite.AuthenticationMethod": "29c18626-4985-4dcd-85c0-193eef327366",
    "RoleEligibilitySchedule.Read.Directory": "ff278e11-4a33-4d0c-83d2-d01dc58929a5",
    "RoleManagement.Read.Directory": "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "UserAuthenticationMethod.Read.All": "38d9df27-64da-44fd-b7c5-a6fbac20248f",
}
"""Ids of the application permissions that plan and apply need, as `az` takes them, in every cloud
except China's ("Microsoft Graph permissions reference")."""

_OF_TYPES = tuple(
    Permission(
        "DELETE",
        rf"/users/[^/]+/authentication/{kind.segment}(/|$)",
        f"UserAuthMethod-{kind.scope}.ReadWrite.All",
        "Authentication Administrator",
        higher=("UserAuthenticationMethod.ReadWrite.All",),
        roles=HELPERS[1:],
        either="UserAuthenticationMethod.ReadWrite.All",
    )
    for kind in KINDS
    if kind.segment and kind.scope and kind.name != PASS
)
"""Microsoft's page for deleting a type names a permission for all types and one for that type."""

PERMISSIONS = (
    Permission(
        "GET",
        POLICY,
        "Policy.Read.AuthenticationMethod",
        "Global Reader",
        higher=("Policy.ReadWrite.AuthenticationMethod", "Policy.Read.All"),
        roles=("Authentication Policy Administrator", "Global Administrator"),
    ),
    Permission(
        WRITES,
        POLICY,
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
    Permission(
        "GET",
        r"/directoryRole",
        ROLES[0],
        "Directory Readers",
        higher=(*ROLES[2:], *DIRECTORY),
    ),
    Permission(
        "GET",
        r"/roleManagement/directory/roleEligibility",
        "RoleEligibilitySchedule.Read.Directory",
        "Global Reader",
        higher=("RoleEligibilitySchedule.ReadWrite.Directory", *ROLES),
        roles=(
            "Security Reader",
            "Security Administrator",
            "Privileged Role Administrator",
            "Global Administrator",
        ),
    ),
    Permission(
        "GET",
        r"/roleManagement/directory",
        ROLES[0],
        "Directory Readers",
        higher=(*ROLES[1:], *DIRECTORY),
    ),
    Permission("GET", r"/auditLogs", "AuditLog.Read.All and Directory.Read.All", "Reports Reader"),
    Permission(
        "GET",
        r"/reports/authenticationMethods",
        "AuditLog.Read.All",
        "Reports Reader",
        licence="Microsoft Entra ID P1",
    ),
    Permission(
        "GET",
        r"/users/[^/]+/authentication/temporaryAccessPassMethods",
        "UserAuthMethod-TAP.Read.All",
        "Global Reader",
        higher=("UserAuthMethod-TAP.ReadWrite.All", *METHODS),
        roles=HELPERS,
    ),
    Permission(
        WRITES,
        r"/users/[^/]+/authentication/temporaryAccessPassMethods",
        "UserAuthMethod-TAP.ReadWrite.All",
        "Authentication Administrator",
        higher=("UserAuthenticationMethod.ReadWrite.All",),
        roles=HELPERS[1:],
        either="UserAuthenticationMethod.ReadWrite.All",
    ),
    *_OF_TYPES,
    Permission(
        "GET",
        r"/users/[^/]+/authentication",
        "UserAuthenticationMethod.Read.All",
        "Global Reader",
        higher=METHODS[1:],
        roles=HELPERS,
    ),
    Permission(
        WRITES,
        r"/users/[^/]+/authentication",
        "UserAuthenticationMethod.ReadWrite.All",
        "Authentication Administrator",
        roles=HELPERS[1:],
    ),
    Permission(
        "POST",
        r"/users/[^/]+/revokeSignInSessions",
        "User.RevokeSessions.All",
        "Authentication Administrator",
        higher=("User.ReadWrite.All", "Directory.ReadWrite.All"),
        roles=HELPERS[1:],
    ),
    Permission(
        "GET",
        r"/users/[^/]+/transitiveMemberOf",
        "User.Read.All and GroupMember.Read.All",
        "Directory Readers",
        higher=DIRECTORY,
    ),
    Permission(
        "GET",
        r"/users/[^/]+\?\$select=signInActivity",
        "User.Read.All and AuditLog.Read.All",
        "Reports Reader",
        higher=("AuditLog.Read.All and Directory.Read.All",),
        licence="Microsoft Entra ID P1",
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
        higher=(
            "Policy.ReadWrite.AuthenticationMethod",
            "Policy.Read.All",
            "Policy.ReadWrite.ConditionalAccess",
        ),
        roles=(
            "Security Reader",
            "Security Administrator",
            "Conditional Access Administrator",
            "Global Administrator",
        ),
    ),
    Permission(
        WRITES,
        r"/policies/authenticationStrengthPolicies",
        "Policy.ReadWrite.AuthenticationMethod",
        "Conditional Access Administrator",
        higher=("Policy.ReadWrite.ConditionalAccess",),
        roles=("Security Administrator", "Global Administrator"),
        either="Policy.ReadWrite.ConditionalAccess",
    ),
    Permission(
        "GET",
        r"/identity/conditionalAccess/policies",
        "Policy.Read.All",
        "Global Reader",
        roles=(
            "Security Reader",
            "Security Administrator",
            "Conditional Access Administrator",
            "Global Administrator",
        ),
    ),
    Permission("GET", r"/(policies|identity)/", "Policy.Read.All", "Security Reader"),
)
"""The first row that matches applies."""


@cache
def permission_for(method: str, path: str) -> Permission | None:
    """What a call needs; None if no row matches."""
    for row in PERMISSIONS:
        if method in row.methods.split("|") and re.match(row.path, path, re.IGNORECASE):
            return row
    return None
