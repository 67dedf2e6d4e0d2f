"""Small policies before and after a plan, and what one guard finds between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphpolicy.guards import GUARDS
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from tests.unit.build import ALL, NOBODY, A, B, group

Values = Mapping[str, Any]
NAMES = {A: "Pilot", B: "Break-glass accounts"}


def on(*include: Any, exclude: tuple[Any, ...] = (), **members: Any) -> dict[str, Any]:
    """A method that is on for these targets, by default for everyone."""
    targets = [
        target if isinstance(target, dict) else group(target) for target in include or (ALL,)
    ]
    excluded = [group(id_) for id_ in exclude]
    return {
        "state": "enabled",
        "includeTargets": targets,
        "excludeTargets": excluded,
        **members,
    }


def off(**members: Any) -> dict[str, Any]:
    return {**on(), "state": "disabled", **members}


def seen(before: Values, after: Values, **more: Any) -> PlanView:
    """A policy before and after; what `after` leaves out stays as it is."""
    resources = tuple(
        BeforeAfter(kind, kind, kind, values, after.get(kind, values))
        for kind, values in before.items()
    )
    return PlanView(resources, names=NAMES, **more)


def found(rule: str, before: Values, after: Values, **more: Any) -> list[tuple[str, str, str]]:
    """Level, resource and path of each finding of one guard."""
    findings = list(GUARDS[rule](seen(before, after, **more)))
    assert {finding.rule for finding in findings} <= {rule}
    return [(finding.level, finding.resource, finding.path) for finding in findings]


def message(rule: str, before: Values, after: Values, **more: Any) -> str:
    (finding,) = GUARDS[rule](seen(before, after, **more))
    return finding.message


Case = tuple[str, Values, Values, list[tuple[str, str, str]]]

APP, SMS, FIDO2, X509 = "MicrosoftAuthenticator", "Sms", "Fido2", "X509Certificate"
TAP = "TemporaryAccessPass"
MIGRATION = "policyMigrationState"


def features(**settings: Any) -> dict[str, Any]:
    return on(featureSettings=settings)


def shown(state: str, include: Any = ALL, exclude: Any = NOBODY) -> dict[str, Any]:
    return {"state": state, "includeTarget": include, "excludeTarget": exclude}


def keys(*models: str, enforced: bool = True, type_: str = "allow") -> dict[str, Any]:
    return {"isEnforced": enforced, "enforcementType": type_, "aaGuids": list(models)}


def profile(id_: str, types: str = "deviceBound", **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": f"Profile {id_[-1]}",
        "passkeyTypes": types,
        "attestationEnforcement": "disabled",
        "keyRestrictions": keys(enforced=False),
        **more,
    }


ATTESTED = {"attestationEnforcement": "registrationOnly"}


def passkeys(*profiles: Any, allowed: tuple[str, ...] = (A,)) -> dict[str, Any]:
    return on({**ALL, "allowedPasskeyProfiles": list(allowed)}, passkeyProfiles=list(profiles))


def preferred(state: str, *include: Any) -> dict[str, Any]:
    return {
        "systemCredentialPreferences": {
            "state": state,
            "includeTargets": list(include),
            "excludeTargets": [],
        }
    }


def check(case: Case) -> None:
    """The guard finds what is expected, and no guard finds anything where nothing changes."""
    rule, before, after, expected = case
    assert found(rule, before, after) == expected
    for state in (before, {**before, **after}):
        assert [rule for rule in GUARDS if found(rule, state, state)] == []
