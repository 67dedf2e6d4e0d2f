"""Opting in to passkey profiles, under every answer of a tenant about their ids and the default."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.mock import Mock, Switches
from tests.laws.mock_tenant import apply, desired, plan
from tests.laws.situations import TENANT_ID

HEAD = f"version: 1\ntenant: {{name: contoso, id: {TENANT_ID}}}\n"
OPEN = "passkeyTypes: [deviceBound, synced], attestationEnforcement: disabled"
KEYS = "keyRestrictions: {isEnforced: false, enforcementType: allow, aaGuids: []}"


def policy(*profiles: str, targets: str, more: str = "") -> str:
    inner = f"state: enabled, {more}includeTargets: [{targets}], "
    inner += f"passkeyProfiles: {{{', '.join(f'{name}: {{{OPEN}, {KEYS}}}' for name in profiles)}}}"
    methods = f"authenticationMethodConfigurations: {{Fido2: {{{inner}}}}}"
    return f"{HEAD}authenticationMethodsPolicy: {{{methods}}}\n"


EVERYONE = "{group: all_users, allowedPasskeyProfiles: [%s]}"
PILOT = "{group: SG-MFA-Pilot-P, allowedPasskeyProfiles: [%s]}"
POLICIES = {
    "two new profiles": policy("A", "B", targets=f"{EVERYONE % 'A'}, {PILOT % 'A, B'}"),
    "the default by its name": policy(
        "Default passkey profile", targets=EVERYONE % "Default passkey profile"
    ),
    "the default and a new one": policy(
        "Default passkey profile",
        "A",
        targets=f"{EVERYONE % 'Default passkey profile'}, {PILOT % 'A'}",
    ),
    "a default of its own": policy("A", targets=EVERYONE % "A", more="defaultPasskeyProfile: A, "),
    "profiles that no target uses": policy("A", targets="{group: all_users}"),
}
SWITCHES = {
    "profile_id": ("client", "server"),
    "default_profile": ("created", "sent"),
    "passkey_opt_in": ("before", "after"),
}


@pytest.mark.parametrize("text", POLICIES.values(), ids=POLICIES.keys())
def test_opting_in_is_right_under_every_answer(text: str, tmp_path: Path) -> None:
    """Everything declared is there afterwards, each target has its profiles; no plan is left."""
    wrong = []
    for answers in product(*SWITCHES.values()):
        chosen: dict[str, Any] = dict(zip(SWITCHES, answers, strict=True))
        mock = Mock(Switches(**chosen))
        mock.portal("Fido2", {"state": "disabled"})
        wanted = desired(tmp_path / "contoso.yaml", text)
        results = apply(mock, plan(mock, wanted))
        outcomes = {result.outcome for result in results}
        left = plan(mock, wanted).plan.changes
        if outcomes != {"verified"} or left:
            wrong.append((answers, [(r.outcome, r.error) for r in results], left))
    assert wrong == []


def test_a_written_id_that_graph_does_not_take_is_named(tmp_path: Path) -> None:
    """Else each apply would add the profile again."""
    mock = Mock(Switches(profile_id="server"))
    text = policy("A", targets=EVERYONE % "A").replace("A: {", f"A: {{id: {TENANT_ID}, ")
    [result] = apply(mock, plan(mock, desired(tmp_path / "contoso.yaml", text)))
    assert (result.outcome, "'A' another id" in str(result.error)) == ("not_persisted", True)
