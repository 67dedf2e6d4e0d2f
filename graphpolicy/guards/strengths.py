"""The guard on authentication strengths that nobody could satisfy after the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.guards.reach import reach
from graphpolicy.model import POLICY, Finding, Unread

MODES: Mapping[str, str] = {
    "fido2": "Fido2",
    "x509certificatesinglefactor": "X509Certificate",
    "x509certificatemultifactor": "X509Certificate",
    "microsoftauthenticatorpush": "MicrosoftAuthenticator",
    "devicebasedpush": "MicrosoftAuthenticator",
    "softwareoath": "SoftwareOath",
    "hardwareoath": "HardwareOath",
    "sms": "Sms",
    "voice": "Voice",
    "email": "Email",
    "temporaryaccesspassonetime": "TemporaryAccessPass",
    "temporaryaccesspassmultiuse": "TemporaryAccessPass",
    "qrcodepin": "QRCodePin",
}
"""Folded authentication method modes and the method of this policy that each stands for (Graph:
authenticationMethodModes). This policy does not govern other modes, such as Windows Hello.
"""

ENDING = frozenset(MODES.values())


def strength_stranded(situation: PlanView) -> Iterator[Finding]:
    """A method ends that a required strength needs, and this policy offers no other for it."""
    ended = [
        both
        for both in situation.of(ENDING)
        if reach(both.before).anybody and not reach(both.after).anybody
    ]
    if not ended:
        return
    if isinstance(situation.strengths, Unread):
        yield Finding(
            "strength-stranded",
            "note",
            "the authentication strengths could not be read, so it is not known whether "
            f"Conditional Access requires one that needs {', '.join(both.title for both in ended)} "
            f"({situation.strengths.why})",
            situation.strengths.fix,
            POLICY,
        )
        return
    before = {both.kind for both in situation.of(ENDING) if reach(both.before).anybody}
    after = {both.kind for both in situation.of(ENDING) if reach(both.after).anybody}
    for strength in situation.strengths:
        was = list(_satisfying(strength.combinations, before))
        if strength.demanded_by == () or any(_satisfying(strength.combinations, after)):
            continue
        for both in ended:
            if any(both.kind in _methods(combination) for combination in was):
                yield _stranded(both, strength.name, strength.demanded_by or ())


def _stranded(both: BeforeAfter, strength: str, demanded_by: tuple[str, ...]) -> Finding:
    policies = ", ".join(repr(name) for name in demanded_by)
    return both.finding(
        "strength-stranded",
        f"the authentication strength {strength!r} needs {both.title}, and no other method of this "
        f"policy would satisfy it; Conditional Access requires it in {policies}",
        "keep the method for those people, or change the strength first",
        "includeTargets" if reach(both.after).on else "state",
    )


def _satisfying(
    combinations: Iterable[frozenset[str]], available: set[str]
) -> Iterator[frozenset[str]]:
    """The combinations that need a method of this policy and whose methods are all available."""
    for combination in combinations:
        methods = _methods(combination)
        if methods and methods <= available:
            yield combination


def _methods(combination: Iterable[str]) -> set[str]:
    return {MODES[mode] for mode in combination if mode in MODES}
