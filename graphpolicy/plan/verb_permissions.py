"""The permissions that a policy needs to be planned and applied, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY
from graphpolicy.catalogue.permissions import PERMISSIONS, Permission, permission_for
from graphpolicy.catalogue.strengths import AUTHENTICATION_STRENGTH, CONDITIONAL_ACCESS
from graphpolicy.compare.documents import lists_needed
from graphpolicy.compare.resolve import group_names
from graphpolicy.model import Desired
from graphpolicy.model.records import dataclass

Verb = Literal["plan", "apply", "impact", "tap", "mfa"]


@dataclass(frozen=True, slots=True)
class VerbPermission:
    """A permission that a verb needs, and why. Without an optional one a plan says less.

    `asked` are the delegated permissions that a person's sign-in asks for because of it. A
    permission that shows much about people and only adds words to a plan is not requested.
    """

    verb: Verb
    permission: Permission
    why: str
    required: bool = True
    asked: tuple[str, ...] = ()
    first_alone: bool = False
    """Whether only a first sign-in asks for it: nobody is asked to sign in again because of it."""


OF_VERBS: Mapping[str, tuple[Verb, ...]] = {
    **dict.fromkeys(("apply", "rollback"), ("plan", "apply")),
    **dict.fromkeys(("impact", "rollout"), ("plan", "impact")),
    "tap": ("tap",),
    "mfa": ("mfa",),
}
"""The rows of `needs` that belong to a command; those of `plan` to all others."""


def needed(
    command: tuple[str, ...], policies: Iterable[Desired] = (), *, people: bool = False
) -> tuple[VerbPermission, ...]:
    """What a command such as `("tap", "list")` needs for these policies, or for none.

    `people` says that it counts people, as `--impact` does.
    """
    verb = command[0] if command else "plan"
    audit = _need("plan", "GET", "/auditLogs", "shows who changed what by hand", asked=True)
    if verb == "history":
        return (audit,)
    wanted = (*OF_VERBS.get(verb, ("plan",)), *(("impact",) if people else ()))
    found = [each for desired in policies for each in needs(desired)]
    found = found or [*_of_reading(), _names(), *_of_counting(), _writing()]
    if verb in ("tap", "mfa"):
        refuse = [each for each in found if each.verb == verb]
        found = [*_of_reading(), *_of_helping(), *refuse]
        if command[1:2] == ("list",):
            found = [each for each in found if each.permission.methods.startswith("GET")]
        wanted = ("plan", *wanted)
    if verb == "drift":
        found.append(replace(audit, first_alone=True))
    return tuple(dict.fromkeys(each for each in found if each.verb in wanted))


def scopes(wanted: Iterable[VerbPermission], *, least: bool = False) -> tuple[str, ...]:
    """The delegated permissions that a person's sign-in asks for, without those that others
    include. A person is asked again if one of the `least` is missing.
    """
    rows = (need for need in wanted if not (least and need.first_alone))
    asked = {name for need in rows for name in need.asked}
    includes = {row.scope: row.higher for row in PERMISSIONS}
    return tuple(sorted(name for name in asked if not asked.intersection(includes.get(name, ()))))


def needs(desired: Desired) -> tuple[VerbPermission, ...]:
    """The permissions that planning and applying this policy needs."""
    return tuple(_needs(desired))


def _needs(desired: Desired) -> Iterator[VerbPermission]:
    yield from _of_reading()
    names = group_names(desired.mentioned)
    if names:
        yield _need(
            "plan", "GET", "/groups", f"looks up {_groups(len(names))} by name", required=True
        )
    kept = desired.emergency_access if isinstance(desired.emergency_access, list) else []
    if kept:
        why = (
            "finds the emergency accounts, and whether each is enabled, cloud-only and not a guest"
        )
        yield _need("plan", "GET", "/users", why, asked=True)
        why = "finds the groups of the emergency accounts, for the guards"
        yield _need("plan", "GET", "/groups", why, asked=True)
        path = "/users/0/authentication/methods"
        why = "finds what is registered for emergency accounts, and whether the policy accepts it"
        yield _need("plan", "GET", path, why)
        path = "/users/0?$select=signInActivity"
        yield _need("plan", "GET", path, "finds when emergency accounts last signed in, for drift")
    yield from _of_expecting(desired)
    yield from _of_rollouts(desired)
    yield _names()
    kinds = lists_needed(desired.mentioned)
    for kind in kinds:
        yield _need("plan", "GET", kind.url, f"reads {kind.id}", required=True)
    if not kinds and any(item.tree.get("state") == "disabled" for item in desired.resources):
        why = "finds authentication strengths that need a method that is switched off"
        yield _need("plan", "GET", AUTHENTICATION_STRENGTH.url, why, asked=True)
    if AUTHENTICATION_STRENGTH in kinds:
        why = "shows who must satisfy a strength that Conditional Access requires"
        yield _need("plan", "GET", CONDITIONAL_ACCESS, why)
        why = "finds whether anybody can satisfy a required strength, by the members of groups"
        yield _need("plan", "GET", "/groups", why)
        why = "finds the people with a role that a strength is required from"
        yield _need("plan", "GET", "/directoryRoles", why)
        why = "finds those who may activate such a role (PIM)"
        yield _need("plan", "GET", ELIGIBLE, why)
    yield _need("plan", "GET", "/auditLogs", "shows who changed what by hand")
    if len(kinds) < len({item.resource for item in desired.resources}) or not kinds:
        yield _writing()
        yield from _of_counting()
    for kind in (each for each in kinds if not each.read_only):
        yield _need("apply", "PATCH", kind.url, f"writes {kind.id}", required=True)
    if desired.helpdesk:
        yield from _of_helping()
    if any("role" in entry for entry in desired.helpdesk.get("refuse") or ()):
        yield from _of_roles()


def _of_reading() -> Iterator[VerbPermission]:
    """The permission to read the policy."""
    yield _need("plan", "GET", AUTHENTICATION_METHODS_POLICY.url, "reads the policy", required=True)


def _writing() -> VerbPermission:
    url = AUTHENTICATION_METHODS_POLICY.url
    return _need("apply", "PATCH", url, "writes the policy", required=True)


def _of_expecting(desired: Desired) -> Iterator[VerbPermission]:
    """Permissions to judge what the policy expects, where it depends on who is in a group."""
    expected = desired.expectations
    if any(not each.person for each in expected):
        why = "finds who is in the groups that expect depends on"
        yield _need("plan", "GET", "/groups", why, asked=True)
    if any(each.person for each in expected):
        why = "finds the people that expect names"
        yield _need("plan", "GET", "/users/ID", why, asked=True)
        path = "/users/ID/transitiveMemberOf"
        why = "finds the groups of the people that expect names"
        yield _need("plan", "GET", path, why, asked=True)
    if any(each.has for each in expected):
        path = "/users/ID/authentication/methods"
        why = "finds what people have registered, for expect"
        yield _need("plan", "GET", path, why, asked=True)
    if any(each.has and not each.person for each in expected):
        path = "/reports/authenticationMethods/userRegistrationDetails"
        why = "finds what many people have registered, for expect"
        yield _need("plan", "GET", path, why, asked=True)


def _of_rollouts(desired: Desired) -> Iterator[VerbPermission]:
    """Permissions to judge what waves wait for; a need that can't be read keeps a wave closed."""
    waves = [wave for each in desired.rollouts for wave in each.waves]
    if waves:
        yield _need("plan", "GET", "/groups", "finds who is in the groups of waves", asked=True)
    if any(wave.registered for wave in waves):
        path = "/reports/authenticationMethods/userRegistrationDetails"
        why = "finds who of a wave has registered what it needs"
        yield _need("plan", "GET", path, why, asked=True)
        why = "finds people of a wave who are not in that report"
        yield _need("plan", "GET", "/users", why, asked=True)


def _of_counting() -> Iterator[VerbPermission]:
    """Permissions to count the people that a change affects; what is not read is not counted."""
    for path, why in (
        (
            "/reports/authenticationMethods",
            "reads what people have registered; without it nobody is counted",
        ),
        ("/groups", "finds who is in a group; without it they are not counted"),
        ("/users", "finds people who are not in the report; without it their number is not known"),
        ("/users/0/authentication/methods", "reads models of keys, and last uses"),
    ):
        yield _need("impact", "GET", path, why, asked="/authentication/methods" not in path)


def _of_helping() -> Iterator[VerbPermission]:
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
            yield _need(verb, method, f"/users/ID{path}", why, asked=True)


def _of_roles() -> Iterator[VerbPermission]:
    """Permissions to refuse everyone who has a role or may activate one."""
    verbs: tuple[Verb, ...] = ("tap", "mfa")
    for verb in verbs:
        path = "/roleManagement/directory/roleAssignments"
        yield _need(verb, "GET", path, "finds roles for a part of the tenant", asked=True)
        why = "finds roles that a person may activate (PIM)"
        yield _need(verb, "GET", ELIGIBLE, why, asked=True)


ELIGIBLE = "/roleManagement/directory/roleEligibilityScheduleInstances"
PASSES = "/authentication/temporaryAccessPassMethods"


def _names() -> VerbPermission:
    """A person is asked for the permission for groups alone: with it their names are read."""
    why = "names targets that are not groups, and finds deleted groups"
    found = _need("plan", "POST", "/directoryObjects/getByIds", why)
    return replace(found, asked=("GroupMember.Read.All",))


def _need(
    verb: Verb, method: str, path: str, why: str, *, required: bool = False, asked: bool = False
) -> VerbPermission:
    permission = permission_for(method, path)
    if permission is None:
        raise LookupError(path)
    named = tuple(permission.scope.split(" and ")) if asked or required else ()
    return VerbPermission(verb, permission, why, required, named)


def _groups(count: int) -> str:
    return "a group" if count == 1 else f"{count} groups"
