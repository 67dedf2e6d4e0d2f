"""What a token permits of what a policy needs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from graphpolicy.catalogue.permissions import ROLE_IDS
from graphpolicy.model import Default, Failure, Finding, Json, Tenant
from graphpolicy.model.errors import Exit, worst
from graphpolicy.model.records import dataclass
from graphpolicy.plan.verb_permissions import Verb, VerbPermission
from graphpolicy.plan.verdict import UNHEALTHY

PermissionState = Literal["held", "missing", "asked", "unknown"]
"""`asked`: missing in this token, and asked for when a person signs in for that verb."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity in a token. `permissions` are its `roles` or its `scp`.

    `person` is empty for an application. `wids` are template ids of a person's directory roles.
    `expires` is in seconds since 1970, 0 if the token does not say.
    """

    tenant: str
    application: str
    application_name: str
    person: str
    permissions: frozenset[str]
    wids: frozenset[str]
    expires: int


@dataclass(frozen=True, slots=True)
class CheckedPermission:
    """One need and one token: `by` is the permission that meets it, or the one that is missing."""

    need: VerbPermission
    state: PermissionState
    by: str


@dataclass(frozen=True, slots=True)
class Federation:
    """What the CI system's token says about the job; the app's federated credential must match."""

    issuer: str
    subject: str
    audience: str


@dataclass(frozen=True, slots=True)
class PermissionCheck:
    """What was found for one tenant. `answered` is how long Graph took, in milliseconds."""

    tenant: Tenant
    file: str
    credential: str
    because: str
    authority: str
    root: str
    identity: Identity | None
    checked: tuple[CheckedPermission, ...]
    federation: Federation | None = None
    answered: int | None = None
    failure: Failure | None = None
    findings: tuple[Finding, ...] = ()
    """Problems with groups and accounts that the policy names."""
    account: str = ""
    """How a person's sign-in is kept, in words; '' for methods without a person."""

    @property
    def exit_code(self) -> int:
        if self.failure:
            return self.failure.exit_code
        if not self.works("plan"):
            return Exit.SIGN_IN
        return Exit.FAILED if self.wrong else Exit.DONE

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The errors in what the policy names, that nobody has accepted."""
        return tuple(
            finding
            for finding in self.findings
            if finding.level == "error" and not finding.acknowledged
        )

    def works(self, verb: Verb) -> bool:
        """Whether nothing is known to be missing for a verb; apply needs what plan needs."""
        wanted = ("plan",) if verb == "plan" else ("plan", "apply")
        return self.failure is None and not any(
            item.state == "missing" and item.need.required and item.need.verb in wanted
            for item in self.checked
        )

    @property
    def verdict(self) -> str:
        """What works, and what does not."""
        if self.failure:
            return "nothing works until this is fixed"
        if self.identity is None:
            return "reading works; it is not clear whether writing works"
        if not self.works("plan"):
            return f"plan does not work: {self._lack('plan')}"
        if not self.works("apply"):
            return f"plan works, apply does not: {self._lack('apply')}"
        useless = [finding for finding in self.wrong if finding.rule == UNHEALTHY]
        errors = len(self.wrong) - len(useless)
        if useless and not errors:
            return "sign-in and permissions work, but emergency access can't be relied on"
        if errors:
            wrong = "1 entry is wrong" if errors == 1 else f"{errors} entries are wrong"
            return f"sign-in and permissions work; {wrong} in the policy"
        asked = [each.by for each in self.checked if each.state == "asked" and each.need.required]
        if asked:
            return f"plan works; apply asks for {' and '.join(dict.fromkeys(asked))} at sign-in"
        return "plan and apply work"

    def _lack(self, verb: Verb) -> str:
        lacking = [
            entry.by
            for entry in self.checked
            if entry.state == "missing" and entry.need.required and entry.need.verb == verb
        ]
        names = " and ".join(dict.fromkeys(lacking))
        return f"{names} {'is' if len(lacking) == 1 else 'are'} missing"

    @property
    def unneeded(self) -> tuple[str, ...]:
        """Permissions of the token that this policy does not need, or that are more than enough for
        what is optional.
        """
        held = self.identity.permissions if self.identity else frozenset()
        used = {
            name
            for item in self.checked
            if item.state == "held"
            and (item.need.required or item.by == item.need.permission.scope)
            for name in item.by.split()
        }
        return tuple(sorted(held - used))


@dataclass(frozen=True, slots=True)
class PermissionChecks:
    """One check for each tenant; none if the files have errors, which are in `file_findings`."""

    checks: tuple[PermissionCheck, ...]
    file_findings: tuple[Finding, ...] = ()
    defaults: tuple[Default, ...] = ()
    """The values of flags that are not given."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong in the files, and with what they name."""
        return (*self.file_findings, *(found for each in self.checks for found in each.findings))

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The tenants that could not be read."""
        return tuple(each.failure for each in self.checks if each.failure)

    @property
    def verdict(self) -> str:
        """What works in each tenant."""
        return "; ".join(f"{each.tenant.name}: {each.verdict}" for each in self.checks)

    @property
    def exit_code(self) -> int:
        """The worst exit code: 0 if every tenant can be planned.

        A token that can't write is fine: a plan should run with such a token.
        """
        if self.file_findings:
            return Exit.FAILED
        return worst(each.exit_code for each in self.checks)


def identity(claims: Mapping[str, Json]) -> Identity | None:
    """The identity in a token's claims (Entra: "Access token claims reference"); None without one.

    A person's token has `scp`, an application's token has `roles`.
    """
    if not isinstance(claims.get("tid"), str):
        return None
    person = _text(claims, "upn") or _text(claims, "unique_name") or _text(claims, "oid")
    delegated = isinstance(claims.get("scp"), str)
    permissions = _text(claims, "scp").split() if delegated else _texts(claims, "roles")
    return Identity(
        tenant=_text(claims, "tid"),
        application=_text(claims, "appid") or _text(claims, "azp"),
        application_name=_text(claims, "app_displayname"),
        person=person if delegated else "",
        permissions=frozenset(permissions),
        wids=frozenset(_texts(claims, "wids")),
        expires=claims["exp"] if isinstance(claims.get("exp"), int) else 0,
    )


def checked(
    wanted: tuple[VerbPermission, ...], held: Identity | None
) -> tuple[CheckedPermission, ...]:
    """Each need compared with a token; `unknown` for an opaque token."""
    return tuple(_checked(need, held) for need in wanted)


def at_sign_in(found: tuple[CheckedPermission, ...]) -> tuple[CheckedPermission, ...]:
    """A permission that only other verbs ask a person for is not missing."""
    return tuple(
        replace(each, state="asked")
        if each.state == "missing"
        and each.need.verb != "plan"
        and each.need.asked
        and each.by == each.need.permission.scope
        else each
        for each in found
    )


def _checked(need: VerbPermission, held: Identity | None) -> CheckedPermission:
    row = need.permission
    if held is None:
        return CheckedPermission(need, "unknown", row.scope)
    for scope in (row.scope, *row.higher):
        if held.permissions.issuperset(scope.split(" and ")):
            break
    else:
        return CheckedPermission(need, "missing", row.scope)
    known = [ROLE_IDS[name] for name in (row.role, *row.roles) if name in ROLE_IDS]
    if held.person and row.role in ROLE_IDS and not held.wids.intersection(known):
        return CheckedPermission(need, "missing", f"the Entra role {row.role}")
    return CheckedPermission(need, "held", scope)


def _text(claims: Mapping[str, Json], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _texts(claims: Mapping[str, Json], name: str) -> list[str]:
    value = claims.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
