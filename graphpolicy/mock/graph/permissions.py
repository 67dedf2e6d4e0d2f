"""The permissions that each part of Graph requires, and how each service refuses without them.

The rows are `permissions.json`: the permissions of an application's token (`roles`), those of a
person's (`scp`) and the directory roles, one of which such a person needs. In `A and B` both are
needed; the first of a list is the least.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from ..entra.tokens import Token
from ..switches import Switches
from ..tables import data
from .errors import GraphError

_JOIN: Final = " and "


@dataclass(frozen=True, slots=True)
class Permission:
    """The alternatives for a token, each a set of permissions that must all be there."""

    name: str
    service: str
    application: tuple[frozenset[str], ...]
    delegated: tuple[frozenset[str], ...]
    roles: frozenset[str]
    tag: str
    source: str

    @property
    def text(self) -> str:
        """The row as a sentence of the table."""
        least = self.delegated[0] if self.delegated else self.application[0]
        return f"Needs {_JOIN.join(sorted(least))} or more."


@cache
def permissions() -> Mapping[str, Permission]:
    """Every row by name."""
    return MappingProxyType(
        {
            name: Permission(
                name,
                row["service"],
                _alternatives(row["application"]),
                _alternatives(row["delegated"]),
                frozenset(role_id(each) for each in row["roles"]),
                row["tag"],
                row["source"],
            )
            for name, row in data("permissions.json").items()
        }
    )


@cache
def every_permission(kind: str) -> tuple[str, ...]:
    """All permissions that a row names, for `application` or `delegated`."""
    found = {
        name
        for row in permissions().values()
        for each in (row.application if kind == "application" else row.delegated)
        for name in each
    }
    return tuple(sorted(found))


def role_id(name: str) -> str:
    """The template id of a directory role by its name."""
    identifier: str = data("roles.json")[name]
    return identifier


def check(permission: Permission, token: Token, switches: Switches) -> None:
    """Refuse a token that lacks the permission, or whose person lacks every role for it."""
    wanted = permission.delegated if token.delegated else permission.application
    if switches.tap_permission != "either" and permission.name == "pass-write":
        wanted = tuple(
            each for each in wanted if _is_old(each) == (switches.tap_permission == "old_only")
        )
    if not any(each <= token.permissions for each in wanted):
        raise _refused(permission, wanted, switches)
    if token.delegated and permission.roles and not permission.roles & token.wids:
        raise _role_missing(permission, switches)


def _is_old(alternative: frozenset[str]) -> bool:
    return all(each.startswith("UserAuthenticationMethod.") for each in alternative)


def _alternatives(rows: list[str]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(row.split(_JOIN)) for row in rows)


def _refused(
    permission: Permission, wanted: tuple[frozenset[str], ...], switches: Switches
) -> GraphError:
    match permission.service:
        case "policy":
            return GraphError(
                "scope-policy",
                "You cannot perform the requested operation, required scopes are missing in the "
                "token.",
                code=switches.missing_scope_code,
            )
        case "reports":
            named = ", ".join(sorted(wanted[0]))
            return GraphError(
                "scope-reports",
                f"Calling principal does not have required MSGraph permissions {named}",
            )
        case service:
            return _denied(service)


def _role_missing(permission: Permission, switches: Switches) -> GraphError:
    match permission.service:
        case "policy":
            said = "You do not have the role that this operation needs."
            return GraphError("role-policy", said, code=switches.missing_scope_code)
        case "reports":
            return GraphError("role-reports", "User is not in the allowed roles")
        case service:
            return _denied(service)


def _denied(service: str) -> GraphError:
    if service == "methods":
        return GraphError("scope-methods", "Request Authorization failed")
    return GraphError("scope-directory", "Insufficient privileges to complete the operation.")
