"""Whether what somebody has registered is accepted by a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.guards.reach import reach
from graphpolicy.guards.restrictions import FIDO2, blocks
from graphpolicy.guards.situation import Both
from graphpolicy.model import Account, Finding, Json, Person
from graphpolicy.rules.references import ALL

METHODS: Mapping[str, tuple[str, ...]] = {
    "microsoftauthenticator": ("MicrosoftAuthenticator",),
    "passwordlessmicrosoftauthenticator": ("MicrosoftAuthenticator",),
    "softwareoath": ("SoftwareOath", "MicrosoftAuthenticator"),
    "hardwareoath": ("HardwareOath",),
    "fido2": (FIDO2,),
    "phone": ("Sms", "Voice"),
    "external": ("External",),
}
"""What is registered, and the methods of the policy that each is used through (Graph: resource type
authenticationMethod; a code may come from the Authenticator too)."""

UNRULED = frozenset({"windowshelloforbusiness", "platformcredential"})
"""Credentials of a device, which this policy does not rule."""

UNSEEN = frozenset({"X509Certificate", "HardwareOath"})
"""Methods that work without anything that v1.0 lists as registered."""


def usable(values: Mapping[str, Json], account: Account) -> bool | None:
    """Whether an account may use a method; None if its groups would tell."""
    found = reach(values)
    if not found.on:
        return False
    own = {account.id} | (account.within or frozenset())
    if any(who.value in own for who in found.exclude):
        return False
    included = ALL in found.include or any(who.value in own for who in found.include)
    if account.within is not None:
        return included
    if not included and not found.include:
        return False
    return True if included and not found.exclude else None


def credential_lost(methods: Iterable[Both], account: Account) -> Iterator[Finding]:
    """People who could sign in with something registered before, and with nothing after.

    Where a certificate or a hardware token may serve, which the list of what is registered does not
    show, it is a warning.
    """
    methods = list(methods)
    unseen = any(
        usable(both.after, account) is not False for both in methods if both.kind in UNSEEN
    )
    for person in account.people or ():
        lost = [both for both in methods if _accepted(both, both.before, person, account)]
        kept = any(_accepted(both, both.after, person, account) for both in methods)
        if not lost or kept or any(kind in UNRULED for kind, _ in person.registered):
            continue
        both = lost[0]
        yield both.finding(
            "emergency-access-locked-out",
            f"{person.label} is emergency access, and nothing that is registered there "
            f"({', '.join(sorted(_names(person)))}) would be accepted"
            + ("; a certificate or a hardware token may be" if unseen else ""),
            "keep accepting what is registered, or register something else there first",
            _path(both),
            "warning" if unseen else "error",
        )


def _accepted(both: Both, values: Mapping[str, Json], person: Person, account: Account) -> bool:
    """Whether somebody has registered something that is used through this method and accepted."""
    if usable(values, account) is False:
        return False
    return any(
        both.kind in METHODS.get(kind, ()) and not (kind == "fido2" and blocks(values, model))
        for kind, model in person.registered
    )


def _path(both: Both) -> str:
    """The setting that ends it."""
    before, after = reach(both.before), reach(both.after)
    if not after.on:
        return "state"
    if before == after and both.kind == FIDO2:
        return "passkeyProfiles" if both.after.get("passkeyProfiles") else "keyRestrictions"
    return "includeTargets"


def _names(person: Person) -> set[str]:
    return {f"{kind} {model}".strip() for kind, model in person.registered if kind in METHODS}
