"""Graph's resources: every path with its methods, their handlers and permissions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from ..directory import (
    audit_api as audit,
    groups_api as groups,
    methods_api as methods,
    passes,
    people_api as people,
    registration,
    roles_api as roles,
)
from ..directory.kinds import PASS, kinds
from ..policy import api as policy, strengths
from ..policy.wire import CONFIGURATIONS, POLICY
from ..rules import enforces
from .call import Answer, Call
from .errors import GraphError
from .permissions import Permission, permissions

Handle = Callable[[Call], Answer]

_QUESTIONS: Final = (groups.get_by_ids, people.check_member_groups, people.get_member_groups)
"""POST actions that only read."""
_BELONGED_TO: Final = ("group", "directoryRole", "administrativeUnit")
_MANAGEMENT: Final = "roleManagement/directory"
_KEYED: Final = frozenset({"*", "verifiablecredentials"})
"""Segments that name something; VerifiableCredentials may be followed by a further id."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does on a resource, which permission it needs, and what it reads."""

    handle: Handle
    permission: Permission
    reads_people: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """A path, `*` for a name, with the methods that it takes."""

    path: tuple[str, ...]
    operations: Mapping[str, Operation]
    versions: tuple[str, ...] = ("v1.0", "beta")

    @property
    def is_policy(self) -> bool:
        """Say whether this is the policy or a part of it."""
        return _concerns_policy("/".join(self.path))

    def matches(self, segments: tuple[str, ...]) -> bool:
        """Say whether a path leads here or, if it is shorter, in this direction."""
        return all(
            own in ("*", given.lower()) for own, given in zip(self.path, segments, strict=False)
        ) and len(segments) <= len(self.path)

    def names(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        """What a path that leads here puts in the place of each `*`."""
        return tuple(given for own, given in zip(self.path, segments, strict=True) if own in _KEYED)


def _concerns_policy(path: str) -> bool:
    return not {POLICY.lower(), CONFIGURATIONS.lower()}.isdisjoint(path.lower().split("/"))


def _at(path: str, *, beta_only: bool = False, **operations: tuple[Handle, str]) -> Resource:
    return Resource(
        tuple(path.lower().split("/")),
        {
            method: Operation(
                handle,
                permissions()[permission],
                not _concerns_policy(path) and (method == "GET" or handle in _QUESTIONS),
            )
            for method, (handle, permission) in operations.items()
        },
        ("beta",) if beta_only else ("v1.0", "beta"),
    )


def _policy() -> list[Resource]:
    whole = (f"policies/{POLICY}", POLICY)
    lists = (*(f"{path}/{CONFIGURATIONS}" for path in whole), CONFIGURATIONS)
    found = [
        _at(
            path,
            GET=(policy.get_policy, "policy-read"),
            PATCH=(policy.patch_policy, "policy-write"),
        )
        for path in whole
    ]
    found += [
        _at(
            path,
            GET=(policy.list_configurations, "policy-read"),
            POST=(policy.create_configuration, "policy-write"),
        )
        for path in lists
    ]
    found += [
        _at(
            f"{path}/{key}",
            GET=(policy.get_configuration, "policy-read"),
            PATCH=(policy.patch_configuration, "policy-write"),
            DELETE=(policy.delete_configuration, "policy-write"),
        )
        for path in lists
        for key in ("*", "verifiablecredentials/*")
    ]
    return found


def _directory() -> list[Resource]:
    found = [
        _at("groups", GET=(groups.list_groups, "groups-read")),
        _at("groups/*", GET=(groups.get_group, "groups-read")),
        _at("directoryObjects/getByIds", POST=(groups.get_by_ids, "objects-read")),
        _at("organization", GET=(groups.get_organization, "organization-read")),
        _at("users", GET=(people.list_people, "users-read")),
        _at("users/*", GET=(people.get_person, "users-read")),
        _at("me", GET=(people.get_me, "self-read")),
        _at("directory/administrativeUnits", GET=(people.list_units, "units-read")),
        _at("directory/administrativeUnits/*", GET=(people.get_unit, "units-read")),
        _at("directory/administrativeUnits/*/members", GET=(people.list_belonging, "units-read")),
        _at("directoryRoles", GET=(roles.list_roles, "roles-read")),
        _at("directoryRoles/*", GET=(people.get_role, "roles-read")),
        _at("directoryRoles/*/members", GET=(people.list_belonging, "roles-read")),
        _at("directoryRoleTemplates", GET=(roles.list_role_templates, "roles-read")),
        _at(f"{_MANAGEMENT}/roleAssignments", GET=(roles.list_assignments, "roles-read")),
        _at(f"{_MANAGEMENT}/roleDefinitions", GET=(roles.list_definitions, "roles-read")),
        _at(f"{_MANAGEMENT}/roleDefinitions/*", GET=(roles.get_definition, "roles-read")),
        _at(
            f"{_MANAGEMENT}/roleEligibilityScheduleInstances",
            GET=(roles.list_eligible, "eligible-read"),
        ),
    ]
    for name in ("members", "transitiveMembers"):
        found += [
            _at(f"groups/*/{name}{rest}", GET=(groups.list_members, "groups-read"))
            for rest in ("", "/$count", "/microsoft.graph.user", "/microsoft.graph.user/$count")
        ]
    for kind in ("users", "groups", "directoryObjects"):
        permission = "groups-read" if kind == "groups" else "members-of-person"
        found += [
            _at(f"{kind}/*/{name}{cast}", GET=(people.list_member_of, permission))
            for name in ("memberOf", "transitiveMemberOf")
            for cast in ("", *(f"/microsoft.graph.{each}" for each in _BELONGED_TO))
            if kind != "directoryObjects"
        ]
        found += [
            _at(f"{kind}/*/checkMemberGroups", POST=(people.check_member_groups, permission)),
            _at(f"{kind}/*/getMemberGroups", POST=(people.get_member_groups, permission)),
        ]
    return found


def _methods() -> list[Resource]:
    below = "users/*/authentication"
    found = [
        _at(f"{below}/methods", GET=(methods.list_methods, "methods-read")),
        _at(f"{below}/methods/*", GET=(methods.get_method, "methods-read")),
        _at(
            f"{below}/temporaryAccessPassMethods",
            GET=(methods.list_of_kind, "pass-read"),
            POST=(passes.create_pass, "pass-write"),
        ),
        _at(
            f"{below}/temporaryAccessPassMethods/*",
            GET=(methods.get_method, "pass-read"),
            DELETE=(methods.delete_method, "pass-write"),
        ),
        _at(
            f"{below}/qrCodePinMethod",
            beta_only=True,
            GET=(methods.get_method, "methods-read"),
            DELETE=(methods.delete_method, "methods-write"),
        ),
        _at(
            f"{below}/signInPreferences",
            beta_only=True,
            GET=(methods.get_preferences, "methods-read"),
            PATCH=(methods.patch_preferences, "methods-write"),
        ),
        _at(
            f"{below}/requirements",
            beta_only=True,
            GET=(methods.get_requirements, "methods-read"),
            PATCH=(methods.patch_requirements, "methods-write"),
        ),
        _at("users/*/revokeSignInSessions", POST=(methods.revoke_sessions, "sessions-revoke")),
    ]
    rows = {kind.segment: kind for kind in kinds().values() if kind.name not in {PASS, "qrCodePin"}}
    for segment, kind in rows.items():
        beta_only = "v1.0" not in kind.deletable and kind.name != "password"
        delete = {"DELETE": (methods.delete_method, "methods-write")} if kind.deletable else {}
        found += [
            _at(
                f"{below}/{segment}",
                beta_only=beta_only,
                GET=(methods.list_of_kind, "methods-read"),
            ),
            _at(
                f"{below}/{segment}/*",
                beta_only=beta_only,
                GET=(methods.get_method, "methods-read"),
                **delete,
            ),
        ]
    return found


def _reports() -> list[Resource]:
    report = "reports/authenticationMethods/userRegistrationDetails"
    return [
        _at("auditLogs/directoryAudits", GET=(audit.list_audits, "audit-read")),
        _at("auditLogs/directoryAudits/*", GET=(audit.get_audit, "audit-read")),
        _at(report, GET=(registration.list_registrations, "registration-read")),
        _at(f"{report}/*", GET=(registration.get_registration, "registration-read")),
        _at(
            "policies/authenticationStrengthPolicies",
            GET=(strengths.list_strengths, "strengths-read"),
        ),
        _at(
            "policies/authenticationStrengthPolicies/*",
            GET=(strengths.get_strength, "strengths-read"),
        ),
        *(
            _at(
                f"policies/authenticationStrengthPolicies/*/{function}",
                GET=(strengths.get_usage, "strengths-read"),
            )
            for function in ("usage", "usage()")
        ),
    ]


@cache
def resources() -> tuple[Resource, ...]:
    """Every resource, the longer names of a place before its `*`."""
    return (*_policy(), *_directory(), *_methods(), *_reports())


@enforces("segment-case", "root-alias")
def resource_at(segments: tuple[str, ...], version: str) -> Resource:
    """The resource at a path, or a refusal that names the segment where it gets lost."""
    for resource in resources():
        if len(resource.path) == len(segments) and resource.matches(segments):
            if version not in resource.versions:
                raise not_allowed()
            return resource
    for depth, segment in enumerate(segments):
        if not any(each.matches(segments[: depth + 1]) for each in resources()):
            raise _unknown(segment)
    raise _unknown(segments[-1] if segments else "")


def not_allowed() -> GraphError:
    """Refuse a method that the resource, or its version of Graph, does not have."""
    return GraphError(
        "method-not-allowed", "Specified HTTP method is not allowed for the request target."
    )


def _unknown(segment: str) -> GraphError:
    return GraphError("segment-unknown", f"Resource not found for the segment '{segment}'.")
