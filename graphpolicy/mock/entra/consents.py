"""Consent: which delegated permissions an application may use, and who may grant them."""

from dataclasses import dataclass, field
from typing import Final

from ..graph.permissions import every_permission, role_id
from ..rules import enforces
from .applications import Application
from .errors import SignInError
from .tokens import Person

EVERYBODY: Final = ""
"""All people of a tenant: an administrator consented for them."""
CHOICES: Final = ("me", "organization", "no")
"""What a person can answer when asked for consent."""
_ALONE: Final = frozenset({"User.Read", "User.ReadBasic.All"})
_OPENID: Final = frozenset({"openid", "profile", "email", "offline_access"})
_GRANTING: Final = frozenset(
    role_id(name)
    for name in (
        "Global Administrator",
        "Privileged Role Administrator",
        "Cloud Application Administrator",
        "Application Administrator",
    )
)


@dataclass(slots=True)
class Consents:
    """The consents given so far, by tenant, application and person, besides `Application.scopes`.

    `withdrawn` says that the scopes of applications that may ask for more do not count either.
    """

    withdrawn: bool = False
    _rows: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)

    def grant(self, tenant_id: str, application: str, person: str, scopes: frozenset[str]) -> None:
        """Record a consent to `scopes`, of a person by id or for EVERYBODY."""
        key = (tenant_id, application.lower(), person)
        self._rows.setdefault(key, set()).update(scopes)

    def of(self, tenant_id: str, application: Application, person: Person) -> frozenset[str]:
        """The permissions that the application may use for a person."""
        own = () if self.withdrawn and not application.fixed else application.scopes
        given = (
            self._rows.get((tenant_id, application.id.lower(), each), set())
            for each in (EVERYBODY, person.id)
        )
        return frozenset(own).union(*given)


def named(scopes: list[str]) -> frozenset[str]:
    """Graph's permissions among the scopes without their resource; refuses one that does not exist.

    `.default` is not a permission: it stands for what was consented to already.
    """
    known = {*every_permission("delegated"), *_ALONE}
    wanted = frozenset(scopes) - _OPENID - {".default"}
    if unknown := sorted(wanted - known):
        raise SignInError(
            "entra-scope-unknown",
            650053,
            f"The application asked for scope '{unknown[0]}' that doesn't exist on the resource "
            "'00000003-0000-0000-c000-000000000000'. Contact the app vendor.",
        )
    return wanted


@enforces("entra-consent-roles", "entra-consent-alone")
def may_grant(person: Person, scopes: frozenset[str], choice: str) -> bool:
    """Say whether a person may consent, for themselves (`me`) or for the whole tenant."""
    return bool(person.wids & _GRANTING) or (choice == "me" and scopes <= _ALONE)


def decline(application: Application, lacking: frozenset[str], *, may: bool) -> SignInError:
    """The refusal of a person who did not consent, or may not."""
    if application.fixed:
        return SignInError(
            "entra-preauthorized",
            65002,
            f"Consent between first party application '{application.id}' and first party resource "
            "'00000003-0000-0000-c000-000000000000' must be configured via preauthorization - "
            "applications owned and operated by Microsoft must get approval from the API owner "
            f"before requesting tokens for that API: {', '.join(sorted(lacking))}.",
        )
    if may:
        return SignInError(
            "entra-consent-declined", 65004, "User declined to consent to access the app."
        )
    return SignInError(
        "entra-consent-admin",
        90094,
        f"{application.display_name} needs permission to access resources in your organization "
        "that only an admin can grant. Please ask an admin to grant permission to this app before "
        "you can use it.",
    )


def required(application: Application, name: str) -> SignInError:
    """The refusal of a token without a page on which somebody could consent."""
    return SignInError(
        "entra-consent",
        65001,
        f"The user or administrator has not consented to use the application with ID "
        f"'{application.id}' named '{application.display_name}'. Send an interactive authorization "
        f"request for this user and resource: {name}.",
    )
