"""The permissions that a policy needs to be planned and applied, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY
from graphpolicy.catalogue.permissions import Permission, permission_for
from graphpolicy.catalogue.strengths import AUTHENTICATION_STRENGTH, CONDITIONAL_ACCESS
from graphpolicy.compare.documents import lists_needed
from graphpolicy.compare.resolve import group_names
from graphpolicy.model import Desired
from graphpolicy.model.records import dataclass

Verb = Literal["plan", "apply", "impact", "tap", "mfa"]


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that a verb needs, and why. Without an optional one a plan says less."""

    verb: Verb
    permission: Permission
    why: str
    required: bool = True


def needs(desired: Desired) -> tuple[Need, ...]:
    """The permissions that planning and applying this policy needs."""
    return tuple(_needs(desired))


def _needs(desired: Desired) -> Iterator[Need]:
    yield _need("plan", "GET", AUTHENTICATION_METHODS_POLICY.url, "reads the policy", required=True)
    names = group_names(desired.mentioned)
    if names:
        yield _need(
            "plan", "GET", "/groups", f"looks up {_groups(len(names))} by name", required=True
        )
    kept = desired.emergency_access if isinstance(desired.emergency_access, list) else []
    if kept:
        why = "finds the emergency accounts, and whether each is enabled, cloud-only and no guest"
        yield _need("plan", "GET", "/users", why)
        why = "finds the groups of the emergency accounts, for the guards"
        yield _need("plan", "GET", "/groups", why)
        path = "/users/0/authentication/methods"
        why = "finds what is registered for emergency accounts, and whether the policy accepts it"
        yield _need("plan", "GET", path, why)
        path = "/users/0?$select=signInActivity"
        yield _need("plan", "GET", path, "finds when emergency accounts last signed in, for drift")
    yield from _of_expecting(desired)
    yield _need(
        "plan",
        "POST",
        "/directoryObjects/getByIds",
        "shows names instead of ids, and finds deleted groups",
    )
    kinds = lists_needed(desired.mentioned)
    for kind in kinds:
        yield _need("plan", "GET", kind.url, f"reads {kind.id}", required=True)
    if not kinds and any(item.tree.get("state") == "disabled" for item in desired.resources):
        why = "finds authentication strengths that need a method that is switched off"
        yield _need("plan", "GET", AUTHENTICATION_STRENGTH.url, why)
    if AUTHENTICATION_STRENGTH in kinds:
        why = "shows who must satisfy a strength that Conditional Access requires"
        yield _need("plan", "GET", CONDITIONAL_ACCESS, why)
        why = "finds whether anybody can satisfy a required strength, by the members of groups"
        yield _need("plan", "GET", "/groups", why)
        why = "finds the people with a role that a strength is required from"
        yield _need("plan", "GET", "/directoryRoles", why)
        why = "finds those who may activate such a role (PIM)"
        yield _need("plan", "GET", ELIGIBLE, why)
    yield _need("plan", "GET", "/auditLogs", "names who changed what by hand")
    if len(kinds) < len({item.resource for item in desired.resources}) or not kinds:
        url = AUTHENTICATION_METHODS_POLICY.url
        yield _need("apply", "PATCH", url, "writes the policy", required=True)
        yield from _of_counting()
    for kind in (each for each in kinds if not each.read_only):
        yield _need("apply", "PATCH", kind.url, f"writes {kind.id}", required=True)
    if desired.helpdesk:
        yield from _of_helping()
    if any("role" in entry for entry in desired.helpdesk.get("refuse") or ()):
        yield from _of_roles()


def _of_expecting(desired: Desired) -> Iterator[Need]:
    """Permissions to judge what the policy expects, where it depends on who is in a group."""
    expected = desired.expectations
    if any(not each.person for each in expected):
        yield _need("plan", "GET", "/groups", "finds who is in the groups that expect depends on")
    if any(each.person for each in expected):
        yield _need("plan", "GET", "/users/ID", "finds the persons whom expect names")
        path = "/users/ID/transitiveMemberOf"
        yield _need("plan", "GET", path, "finds the groups of the persons whom expect names")
    if any(each.has for each in expected):
        path = "/users/ID/authentication/methods"
        yield _need("plan", "GET", path, "finds what people have registered, for expect")
    if any(each.has and not each.person for each in expected):
        path = "/reports/authenticationMethods/userRegistrationDetails"
        yield _need("plan", "GET", path, "finds what many people have registered, for expect")


def _of_counting() -> Iterator[Need]:
    """Permissions to count whom a change reaches; what is not read is not counted."""
    for path, why in (
        ("/reports/authenticationMethods", "reads what people have registered, else counts nobody"),
        ("/groups", "finds who is in a group, else does not count them"),
        ("/users", "finds people who are not in the report, else does not say how many"),
        ("/users/0/authentication/methods", "reads models of keys, and last uses"),
    ):
        yield _need("impact", "GET", path, why)


def _of_helping() -> Iterator[Need]:
    """Permissions to help people, if the policy has `helpdesk`."""
    about = "checks which rules and targets apply to them"
    person = (("GET", "", "finds the person"), ("GET", "/transitiveMemberOf", about))
    calls: dict[Verb, tuple[tuple[str, str, str], ...]] = {
        "tap": (
            *person,
            ("GET", PASSES, "lists passes"),
            ("POST", PASSES, "creates and deletes passes"),
        ),
        "mfa": (
            *person,
            ("GET", "/authentication/methods", "lists what is registered"),
            ("DELETE", "/authentication/methods", "deletes what is registered"),
            ("POST", "/revokeSignInSessions", "ends sign-in sessions"),
        ),
    }
    for verb, of_verb in calls.items():
        for method, path, why in of_verb:
            yield _need(verb, method, f"/users/ID{path}", why)


def _of_roles() -> Iterator[Need]:
    """Permissions to refuse everyone who has a role or may activate one."""
    verbs: tuple[Verb, ...] = ("tap", "mfa")
    for verb in verbs:
        path = "/roleManagement/directory/roleAssignments"
        yield _need(verb, "GET", path, "finds roles for a part of the tenant")
        why = "finds roles that a person may activate (PIM)"
        yield _need(verb, "GET", ELIGIBLE, why)


ELIGIBLE = "/roleManagement/directory/roleEligibilityScheduleInstances"
PASSES = "/authentication/temporaryAccessPassMethods"


def _need(verb: Verb, method: str, path: str, why: str, *, required: bool = False) -> Need:
    permission = permission_for(method, path)
    if permission is None:
        raise LookupError(path)
    return Need(verb, permission, why, required)


def _groups(count: int) -> str:
    return "a group" if count == 1 else f"{count} groups"
