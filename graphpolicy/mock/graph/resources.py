"""Graph's resources: every path with its methods, their handlers and permissions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
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
from ..policy import api as policy
from ..policy.wire import CONFIGURATIONS, POLICY
from ..rules import enforces
from ..strengths import api as strengths, configurations, demands
from .call import Answer, Call, Key
from .errors import GraphError
from .permissions import Permission, permissions

Handle = Callable[[Call], Answer]
Others = Mapping[str, tuple[Handle, str]]

_QUESTIONS: Final = (groups.get_by_ids, people.check_member_groups, people.get_member_groups)
"""POST actions that only read."""
_BELONGED_TO: Final = ("group", "directoryRole", "administrativeUnit")
_MANAGEMENT: Final = "roleManagement/directory"
_NAMING: Final = frozenset({"*", "verifiablecredentials"})
"""Segments that name something; VerifiableCredentials may be followed by a further id."""
_COUNT: Final = "$count"
_ACCESS: Final = "identity/conditionalAccess"
_STRENGTHS: Final = (
    "policies/authenticationStrengthPolicies",
    f"{_ACCESS}/authenticationStrength/policies",
)
_DEMANDS: Final = (f"{_ACCESS}/policies", "policies/conditionalAccessPolicies")


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does on a resource, which permission it needs, and what it reads."""

    handle: Handle
    permission: Permission
    reads_people: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """A path with the methods that it takes: `*` is a name, `(a,b)` a key of these parts.

    `countable` are lists of which `/$count` answers the number.
    """

    path: tuple[str, ...]
    operations: Mapping[str, Operation]
    versions: tuple[str, ...] = ("v1.0", "beta")
    countable: bool = False

    @property
    def is_policy(self) -> bool:
        """Say whether this is the policy or a part of it."""
        return _concerns_policy("/".join(self.path))

    @property
    def is_strength(self) -> bool:
        """Say whether this is a strength, a part of one or the list of them."""
        return "/".join(self.path).startswith(tuple(each.lower() for each in _STRENGTHS))

    def matches(self, segments: tuple[str, ...]) -> bool:
        """Say whether a path leads here or, if it is shorter, in this direction."""
        return len(segments) <= len(self.path) and all(map(_leads, self.path, segments))

    def names(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        """What a path that leads here puts in the place of each `*`, and of each part of a key."""
        found: list[str] = []
        for own, given in zip(self.path, segments, strict=True):
            if isinstance(given, Key) and given.names:
                found += given.values
            elif own in _NAMING:
                found.append(given)
        return tuple(found)


def _leads(own: str, given: str) -> bool:
    if isinstance(given, Key):
        if given.names:
            return own == f"({','.join(given.names)})"
        return own == "*" or (own in _NAMING and own == given.lower())
    return own in {"*", given.lower()}


def _concerns_policy(path: str) -> bool:
    return not {POLICY.lower(), CONFIGURATIONS.lower()}.isdisjoint(path.lower().split("/"))


def _concerns_people(path: str) -> bool:
    others = (*_STRENGTHS, *_DEMANDS, _ACCESS)
    return not _concerns_policy(path) and not path.startswith(others)


def _at(
    path: str,
    permission: str,
    get: Handle | None = None,
    others: Others = MappingProxyType({}),
    *,
    beta_only: bool = False,
    countable: bool = False,
) -> Resource:
    """A resource: what its GET does with which permission, and what other methods do."""
    asked = {**({"GET": (get, permission)} if get else {}), **others}
    return Resource(
        tuple(path.lower().split("/")),
        {
            method: Operation(
                handle,
                permissions()[needed],
                _concerns_people(path) and (method == "GET" or handle in _QUESTIONS),
            )
            for method, (handle, needed) in asked.items()
        },
        ("beta",) if beta_only else ("v1.0", "beta"),
        countable,
    )


def _list(
    path: str, permission: str, get: Handle, others: Others = MappingProxyType({})
) -> Resource:
    return _at(path, permission, get, others, countable=True)


def _policy() -> Iterator[Resource]:
    read, write = "policy-read", "policy-write"
    whole = (f"policies/{POLICY}", POLICY)
    for path in whole:
        yield _at(path, read, policy.get_policy, {"PATCH": (policy.patch_policy, write)})
    for path in (*(f"{each}/{CONFIGURATIONS}" for each in whole), CONFIGURATIONS):
        create = {"POST": (policy.create_configuration, write)}
        yield _list(path, read, policy.list_configurations, create)
        for key in ("*", "verifiablecredentials/*"):
            yield _at(
                f"{path}/{key}",
                read,
                policy.get_configuration,
                {
                    "PATCH": (policy.patch_configuration, write),
                    "DELETE": (policy.delete_configuration, write),
                },
            )


def _strengths() -> Iterator[Resource]:
    read, write = "strengths-read", "strengths-write"
    for path in _STRENGTHS:
        create, delete = {"POST": (strengths.create, write)}, {"DELETE": (strengths.delete, write)}
        yield _list(path, read, strengths.list_strengths, create)
        yield _at(f"{path}/*", read, strengths.get, {"PATCH": (strengths.patch, write), **delete})
        yield _at(f"{path}/*/$ref", "", None, delete)
        for function in ("usage", "usage()"):
            yield _at(f"{path}/*/{function}", read, strengths.get_usage)
        update = {"POST": (strengths.update_combinations, write)}
        yield _at(f"{path}/*/updateAllowedCombinations", "", None, update)
        below = f"{path}/*/combinationConfigurations"
        create = {"POST": (configurations.create, write)}
        delete = {"DELETE": (configurations.delete, write)}
        patch = {"PATCH": (configurations.patch, write), **delete}
        yield _list(below, read, configurations.list_configurations, create)
        yield _at(f"{below}/*", read, configurations.get, patch)
        yield _at(f"{below}/*/$ref", "", None, delete)
    root = f"{_ACCESS}/authenticationStrength"
    yield _list(f"{root}/authenticationMethodModes", read, strengths.list_modes)
    yield _at(f"{root}/combinations", read, strengths.list_combinations)
    for path in _DEMANDS:
        yield _list(path, "demands-read", demands.list_demands)
        yield _at(f"{path}/*", "demands-read", demands.get_demand)


def _directory() -> Iterator[Resource]:
    units, role = "directory/administrativeUnits", "directoryRoles"
    yield _list("groups", "groups-read", groups.list_groups)
    yield _at("groups/*", "groups-read", groups.get_group)
    yield _at("directoryObjects/getByIds", "", None, {"POST": (groups.get_by_ids, "objects-read")})
    yield _list("organization", "organization-read", groups.list_organization)
    yield _at("organization/*", "organization-read", groups.get_organization)
    yield _list("domains", "domains-read", groups.list_domains)
    yield _at("domains/*", "domains-read", groups.get_domain)
    yield _list("users", "users-read", people.list_people)
    yield _at("users/*", "users-read", people.get_person)
    yield _at("me", "self-read", people.get_me)
    yield _list(units, "units-read", people.list_units)
    yield _at(f"{units}/*", "units-read", people.get_unit)
    yield _list(f"{units}/*/members", "units-read", people.list_belonging)
    yield _list(role, "roles-read", roles.list_roles)
    for key in ("*", "(roletemplateid)"):
        yield _at(f"{role}/{key}", "roles-read", people.get_role)
        yield _list(f"{role}/{key}/members", "roles-read", people.list_belonging)
    yield _list("directoryRoleTemplates", "roles-read", roles.list_role_templates)
    yield _list(f"{_MANAGEMENT}/roleAssignments", "roles-read", roles.list_assignments)
    yield _list(f"{_MANAGEMENT}/roleDefinitions", "roles-read", roles.list_definitions)
    yield _at(f"{_MANAGEMENT}/roleDefinitions/*", "roles-read", roles.get_definition)
    eligible = f"{_MANAGEMENT}/roleEligibilityScheduleInstances"
    yield _list(eligible, "eligible-read", roles.list_eligible)
    yield _list("groups/*/owners", "groups-read", groups.list_owners)
    for name in ("members", "transitiveMembers"):
        for cast in ("", "/microsoft.graph.user"):
            yield _list(f"groups/*/{name}{cast}", "groups-read", groups.list_members)
    for kind in ("users", "groups", "directoryObjects"):
        needed = "groups-read" if kind == "groups" else "members-of-person"
        for name in ("memberOf", "transitiveMemberOf") if kind != "directoryObjects" else ():
            for cast in ("", *(f"/microsoft.graph.{each}" for each in _BELONGED_TO)):
                yield _list(f"{kind}/*/{name}{cast}", needed, people.list_member_of)
        for name, ask in (
            ("checkMemberGroups", people.check_member_groups),
            ("getMemberGroups", people.get_member_groups),
        ):
            yield _at(f"{kind}/*/{name}", "", None, {"POST": (ask, needed)})


def _methods() -> Iterator[Resource]:
    below, read, write = "users/*/authentication", "methods-read", "methods-write"
    get, delete = methods.get_method, methods.delete_method
    yield _list(f"{below}/methods", read, methods.list_methods)
    yield _at(f"{below}/methods/*", read, get)
    path = f"{below}/temporaryAccessPassMethods"
    create = {"POST": (passes.create_pass, "pass-write")}
    yield _list(path, "pass-read", methods.list_of_kind, create)
    yield _at(f"{path}/*", "pass-read", get, {"DELETE": (delete, "pass-write")})
    path = f"{below}/qrCodePinMethod"
    yield _at(path, read, get, {"DELETE": (delete, write)}, beta_only=True)
    for name, show, change in (
        ("signInPreferences", methods.get_preferences, methods.patch_preferences),
        ("requirements", methods.get_requirements, methods.patch_requirements),
    ):
        yield _at(f"{below}/{name}", read, show, {"PATCH": (change, write)}, beta_only=True)
    revoke = {"POST": (methods.revoke_sessions, "sessions-revoke")}
    yield _at("users/*/revokeSignInSessions", "", None, revoke)
    path = f"{below}/passwordlessMicrosoftAuthenticatorMethods"
    yield _at(path, read, methods.list_of_kind, beta_only=True, countable=True)
    rows = {kind.segment: kind for kind in kinds().values() if kind.name not in {PASS, "qrCodePin"}}
    for segment, kind in rows.items():
        beta = "v1.0" not in kind.deletable and kind.name != "password"
        create = {"POST": (methods.create_method, write)} if kind.created else {}
        gone = {"DELETE": (delete, write)} if kind.deletable else {}
        path = f"{below}/{segment}"
        yield _at(path, read, methods.list_of_kind, create, beta_only=beta, countable=True)
        yield _at(f"{path}/*", read, get, gone, beta_only=beta)


def _reports() -> Iterator[Resource]:
    report = "reports/authenticationMethods"
    yield _at("auditLogs/directoryAudits", "audit-read", audit.list_audits)
    yield _at("auditLogs/directoryAudits/*", "audit-read", audit.get_audit)
    path = f"{report}/userRegistrationDetails"
    yield _at(path, "registration-read", registration.list_registrations)
    yield _at(f"{path}/*", "registration-read", registration.get_registration)
    path = f"{report}/usersRegisteredByMethod/(includedusertypes,includeduserroles)"
    yield _at(path, "registration-read", registration.get_registered_by_method)


@cache
def resources() -> tuple[Resource, ...]:
    """Every resource, the longer names of a place before its `*`."""
    return (*_policy(), *_strengths(), *_directory(), *_methods(), *_reports())


@enforces("segment-case", "root-alias", "count-segment")
def resource_at(segments: tuple[str, ...], version: str) -> tuple[Resource, tuple[str, ...]]:
    """The resource at a path, without its `/$count`, or a refusal that names the lost segment."""
    counted = segments[-1:] == (_COUNT,)
    led = segments[:-1] if counted else segments
    for resource in resources():
        if len(resource.path) == len(led) and resource.matches(led):
            if counted and not resource.countable:
                break
            if version not in resource.versions:
                raise not_allowed()
            return resource, led
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
