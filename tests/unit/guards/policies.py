"""Small policies before and after a plan, and what one guard finds between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphpolicy.catalogue.settings import settings
from graphpolicy.guards import GUARDS
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.model import Finding
from graphpolicy.rules.table import RULES
from tests.unit.build import ALL, NOBODY, A, B, group

Values = Mapping[str, Any]
SETTINGS = frozenset(setting.name for setting in settings())
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


def in_its_row(finding: Finding, view: PlanView) -> bool:
    """Whether the row of its rule has the setting that it is about: `explain` shows the rule there.

    A row may name what the setting is part of, or a part of it.
    """
    kinds = {both.id: both.kind for both in (*view.resources, *view.listed)}
    kind = kinds.get(finding.resource, finding.resource)
    whole = f"{kind}.{finding.path}" if finding.path else ""
    if ".".join(whole.split(".")[:2]) not in SETTINGS:  # a key of the file, or the whole resource
        return True
    row, steps = RULES[finding.rule], whole.split(".")
    return any(row.judges(".".join(steps[:end])) for end in range(2, len(steps) + 1)) or any(
        name.startswith(f"{whole}.") for name in row.settings
    )


def found(rule: str, before: Values, after: Values, **more: Any) -> list[tuple[str, str, str]]:
    """Level, resource and path of each finding of one guard."""
    view = seen(before, after, **more)
    findings = list(GUARDS[rule](view))
    assert {finding.rule for finding in findings} <= {rule}
    missing = [f"{each.resource}.{each.path}" for each in findings if not in_its_row(each, view)]
    assert missing == [], f"rules/rules.json: settings of {rule}"
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
    """The guard finds what is expected, and no guard finds anything if nothing changes."""
    rule, before, after, expected = case
    assert found(rule, before, after) == expected
    for state in (before, {**before, **after}):
        assert [rule for rule in GUARDS if found(rule, state, state)] == []
