"""A finding has one level wherever it is shown: `validate` and `plan` agree about a file."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any

from graphpolicy.commands.plan import plan_tenant
from graphpolicy.mock import Mock
from graphpolicy.model import Desired
from graphpolicy.plan.make import Planned
from graphpolicy.policyfile.load import load
from graphpolicy.rules.table import RULES
from tests.laws.mock_tenant import InProcess, apply
from tests.laws.situations import OCCASION, TODAY

TENANT = "11111111-2222-4333-8444-555555555555"
HEAD = (
    f"version: 1\ntenant: {{name: contoso, id: {TENANT}}}\n"
    "emergencyAccess: {none: a tenant of the tests}\n"
)
ENDED = "reason: x, owner: a@contoso.com, expires: 2026-11-23"
PILOT, FINANCE = "{group: SG-MFA-Pilot-P}", "{group: Factory floor}"
CAMPAIGN = "registrationEnforcement: {authenticationMethodsRegistrationCampaign: "
KEYS = "keyRestrictions: {isEnforced: false, enforcementType: block, aaGuids: []}"
STRICT = f"passkeyTypes: [deviceBound], attestationEnforcement: registrationOnly, {KEYS}"
LOOSE = f"passkeyTypes: [deviceBound, synced], attestationEnforcement: disabled, {KEYS}"


def methods(text: str, policy: str = "") -> str:
    inner = f"{policy}authenticationMethodConfigurations: {{{text}}}"
    return f"authenticationMethodsPolicy: {{{inner}}}\n"


def profiles(*several: str, targets: str = "") -> str:
    listed = ", ".join(f"P{number}: {{{text}}}" for number, text in enumerate(several))
    return methods(f"Fido2: {{state: enabled, {targets}passkeyProfiles: {{{listed}}}}}")


FILES = {
    "a method that ends": methods("Sms: {state: enabled}"),
    "a method that ends, off in the tenant": methods("Voice: {state: enabled}"),
    "a method that ends and is held": methods("Voice: {state: enabled, isOfficePhoneAllowed: true}")
    + f"hold: [{{resource: Voice, path: state, {ENDED.replace('2026-11-23', TODAY)}}}]\n",
    "a method that ends, strictly": methods("Sms: {state: enabled}")
    + "guards: {retiring-setting: error}\n",
    "a method that ends, accepted": methods("Sms: {state: enabled}")
    + "acknowledge: [{rule: retiring-setting, resource: Sms, "
    + f"{ENDED.replace('2026-11-23', TODAY)}}}]\n",
    "settings that end": methods(
        "Fido2: {isAttestationEnforced: true, keyRestrictions: {isEnforced: false}}"
    ),
    "left to Microsoft": methods("Email: {allowExternalIdToUseEmailOtp: default}")
    + "guards: {microsoft-managed: error}\n",
    "left to Microsoft, mildly": methods("Email: {allowExternalIdToUseEmailOtp: default}")
    + "guards: {microsoft-managed: note}\n",
    "snoozes without effect": methods(
        "", f"{CAMPAIGN}{{state: default, snoozeDurationInDays: 3}}}}, "
    ),
    "everybody excluded": methods(f"Sms: {{includeTargets: [{PILOT}], excludeTargets: [{PILOT}]}}"),
    "some excluded": methods(
        f"Sms: {{includeTargets: [{PILOT}, {FINANCE}], excludeTargets: [{PILOT}]}}"
    ),
    "a feature outside": methods(
        f"MicrosoftAuthenticator: {{includeTargets: [{FINANCE}], featureSettings: "
        f"{{displayAppInformationRequiredState: {{state: enabled, includeTarget: {PILOT}}}}}}}"
    ),
    "a feature excluded": methods(
        f"MicrosoftAuthenticator: {{includeTargets: [{FINANCE}], excludeTargets: [{PILOT}], "
        "featureSettings: {displayAppInformationRequiredState: "
        f"{{state: enabled, includeTarget: {PILOT}}}}}}}"
    ),
    "codes for guests by default": methods(
        "Email: {state: disabled, allowExternalIdToUseEmailOtp: default}"
    ),
    "a profile that restricts nobody": profiles(
        STRICT,
        LOOSE,
        targets="includeTargets: [{group: all_users, allowedPasskeyProfiles: [P0, P1]}], ",
    ),
    "four profiles": profiles(*[STRICT] * 4),
    "six profiles": profiles(*[STRICT] * 6),
    "thirty profiles": profiles(*[STRICT] * 30),
    "attested and synced": profiles(LOOSE.replace("disabled", "registrationOnly")),
    "a list that blocks every key": profiles(
        STRICT.replace(
            KEYS, "keyRestrictions: {isEnforced: true, enforcementType: allow, aaGuids: []}"
        )
    ),
    "two groups for one": methods(
        "",
        f"systemCredentialPreferences: {{state: enabled, includeTargets: [{PILOT}, {FINANCE}]}}, ",
    ),
    "a person": methods(
        "Sms: {includeTargets: [{id: 0e5e0000-0000-4000-8000-000000000008, targetType: user}]}"
    ),
    "one factor": "authenticationStrengthPolicies: {Keys: {allowedCombinations: [sms, fido2]}}\n",
    "a hold that ended": methods("Voice: {state: enabled}")
    + f"hold: [{{resource: Voice, {ENDED}}}]\n",
    "an acceptance that ended": methods("Voice: {state: enabled}")
    + f"acknowledge: [{{rule: retiring-setting, resource: Voice, {ENDED}}}]\n",
}
"""Files by what is found in each of them."""

NEVER_PLANNED = {
    "built-in",
    "binding-priority",
    "campaign-several-methods",
    "combination-not-allowed",
    "passkey-legacy-and-profiles",
    "tap-lifetime-order",
}
"""Rules that are always an error of the file, so that no plan is made."""


def levels(findings: Any) -> dict[tuple[str, str], set[str]]:
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for found in findings:
        told[found.rule, found.path].add(f"{found.level}{' accepted' * bool(found.acknowledged)}")
    return dict(told)


def plan(mock: Mock, policy: Desired) -> Planned:
    graph: Any = InProcess(mock)
    made = asyncio.run(plan_tenant(graph, policy, OCCASION))
    assert isinstance(made, Planned), made
    return made


def test_validate_and_plan_give_one_level_to_what_a_file_says(tmp_path: Path) -> None:
    """In a tenant that differs from the file, and in one that matches it."""
    both: set[str] = set()
    wrong = []
    for name, text in FILES.items():
        file = tmp_path / "contoso.yaml"
        file.write_text(HEAD + text, encoding="utf-8")
        read = load([str(file)], today=TODAY)
        alone = levels(read.findings)
        mock = Mock()
        mock.portal("Email", {"allowExternalIdToUseEmailOtp": "enabled"})
        for when in ("to be changed", "as the file says"):
            made = plan(mock, read.desired[0])
            planned = levels(made.plan.findings)
            shared = alone.keys() & planned.keys()
            both |= {rule for rule, _ in shared}
            wrong += [
                f"{name}, {when}: {rule} {path}: {alone[rule, path]}, {planned[rule, path]}"
                for rule, path in shared
                if alone[rule, path] != planned[rule, path]
            ]
            apply(mock, made)
    assert wrong == []
    told = {row.id for row in RULES.values() if row.kind == "policy"} - NEVER_PLANNED
    assert both >= {
        *told,
        "retiring-setting",
        "microsoft-managed",
        "empty-allow-list",
        "hold-expired",
        "acknowledgement-expired",
    }
