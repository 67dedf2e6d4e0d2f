"""Authentication strengths as an administrator works with them, together with passkey profiles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graphpolicy.mock import Mock
from tests.shell import Shell

HEAD = "version: 1\ntenant: {id: 11111111-2222-4333-8444-555555555555}\n"
KIND = "authenticationStrengthPolicies"
YUBIKEY, FEITIAN = (
    "fa2b99dc-9e39-4257-8f92-4a30d23c4118",
    "77010bd7-212a-4fc9-b236-d2ca5e9d4084",
)
NEW = f"""\
{HEAD}{KIND}:
  New keys:
    description: For the board
    allowedCombinations: [fido2, "password, sms"]  # why
    combinationConfigurations:
      fido2: {{allowedAAGUIDs: [{YUBIKEY}]}}
"""
WHY = "atMost: 9, reason: people of the seed, owner: me, expires: 2099-12-31"
ACCEPTED = f"""\
{HEAD}acknowledge:
  - {{rule: lockout, {WHY}}}
  - {{rule: lockout, people: administrators, {WHY}}}
"""
BOTH = f"""\
{ACCEPTED}emergencyAccess: {{none: a tenant of the tests}}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Fido2:
      passkeyProfiles:
        Default passkey profile:
          keyRestrictions: {{isEnforced: true, enforcementType: allow, aaGuids: [{FEITIAN}]}}
{KIND}:
  Company keys:
    combinationConfigurations:
      fido2: {{allowedAAGUIDs: [{FEITIAN}]}}
"""


TEAM, ADMIN = "0d1c2b3a-0000-4000-8000-0000000000aa", "admin@contoso.com"
FOR_TEAM = f"""\
{ACCEPTED}emergencyAccess: {{none: a tenant of the tests}}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Fido2:
      includeTargets: [{{id: {TEAM}, allowedPasskeyProfiles: [Default passkey profile]}}]
"""


@pytest.fixture
def mock() -> Mock:
    return Mock(seed="strengths")


def writes(mock: Mock) -> list[tuple[str, Any]]:
    return [
        (each.path.rpartition("/")[2], each.body)
        for each in mock.requests
        if each.method in ("POST", "PATCH", "DELETE") and "/policies/" in each.path
    ]


def test_a_profile_and_a_strength_change_in_one_plan_without_a_gap(
    shell: Shell, mock: Mock
) -> None:
    shell.write(BOTH)
    refused = shell("plan")
    assert refused.code == 6
    assert "strength-narrowed" in refused.out
    done = shell("apply", "--auto-approve", "--allow", "strength-narrowed", "--format", "json")
    [plan] = json.loads(done.out)["plans"]
    assert (done.code, {each["outcome"] for each in plan["results"]}) == (0, {"verified"})
    sent = [body.get("allowedAAGUIDs") for _, body in writes(mock)]
    assert sent[1] is None  # the profile is between the two of the strength
    assert (FEITIAN in sent[0], sent[0] != sent[2], sent[2]) == (True, True, [FEITIAN])
    assert shell("plan", "--detailed-exitcode").code == 0


def test_a_strength_is_created_drifts_and_is_pulled_and_undone(shell: Shell, mock: Mock) -> None:
    file = shell.write(NEW)
    applied = shell("apply", "--auto-approve")
    assert applied.code == 0, applied.text
    assert shell("plan", "--detailed-exitcode").code == 0
    mock.portal(f"{KIND}/New keys", {"allowedCombinations": ["fido2", "sms"]})
    drift = shell("drift", "--format", "json")
    assert drift.code == 2
    [change] = json.loads(drift.out)["plans"][0]["changes"]
    assert (change["resource"], change["path"]) == (f"{KIND}/New keys", "allowedCombinations")
    assert shell("pull", "--update").code == 0
    text = file.read_text()
    assert ("# why" in text, "sms" in text, "password" in text) == (True, True, False)
    assert shell("plan", "--detailed-exitcode").code == 0
    assert shell("pull", "-o", "policies/contoso.yaml").code != 0  # never over a file
    file.unlink()
    assert shell("pull", "-o", "policies/contoso.yaml").code == 0
    assert "New keys:" in file.read_text()
    assert shell("plan", "--detailed-exitcode").code == 0
    mock.portal(f"{KIND}/New keys", {"allowedCombinations": ["fido2", "password,sms"]})
    undone = shell("rollback", "--auto-approve")
    assert undone.code == 0, undone.text
    assert "not-restorable" in undone.text
    [left] = [row for row in mock.strengths() if row["displayName"] == "New keys"]
    assert (left["allowedCombinations"], left["combinationConfigurations"]) == ([], [])


def test_a_snapshot_is_restored_as_a_whole(shell: Shell, mock: Mock) -> None:
    shell.write(NEW)
    assert shell("pull", "--snapshot", "before.json").code == 0
    before = {row["displayName"]: row for row in mock.strengths()}
    assert shell("apply", "--auto-approve").code == 0
    added: dict[str, Any] = {"@odata.type": "#microsoft.graph.fido2CombinationConfiguration"}
    added |= {"appliesToCombinations": ["fido2"], "allowedAAGUIDs": [YUBIKEY]}
    mock.portal(f"{KIND}/Bootstrap and recovery", {"combinationConfigurations": [added]})
    mock.portal(f"{KIND}/Smart cards", {"description": "theirs"})
    done = shell(
        "rollback", "--to", "before.json", "--auto-approve", "--allow", "strength-loosened"
    )
    assert done.code == 0, done.text
    assert f"{KIND}/New keys can't be restored" in done.text
    after = {row["displayName"]: row for row in mock.strengths()}
    for name, row in before.items():
        for key in ("allowedCombinations", "combinationConfigurations"):
            assert after[name][key] == row[key]
        assert (after[name]["description"] or None) == row["description"]


def test_a_name_that_stands_for_nothing_or_too_much_is_told(shell: Shell, mock: Mock) -> None:
    mock.set_switches(strength_duplicate="allow")
    token = {"Authorization": f"Bearer {mock.issue_token()}"}
    twice = {"displayName": "Smart cards", "allowedCombinations": ["sms"]}
    assert mock.ask("POST", f"/v1.0/policies/{KIND}", twice, headers=token).status == 201
    mock.portal(f"{KIND}/Bootstrap and recovery", {"displayName": "Renamed"})
    description = "{description: x}"
    for name, code, rule in (
        ("Phishing-resistant MFA", 1, "built-in"),
        ("Smart cards", 1, "strength-ambiguous"),
        ("company keys", 1, "strength-ambiguous"),
        ("Bootstrap and recovery", 6, "incomplete-entry"),
    ):
        shell.write(f"{HEAD}{KIND}:\n  {name}: {description}\n")
        done = shell("plan")
        assert (done.code, rule in done.text) == (code, True), (name, done.text)


def unsatisfiable(text: str) -> list[tuple[str, str, str]]:
    [plan] = json.loads(text)["plans"]
    return [
        (each["level"], each["resource"], each["path"])
        for each in plan["findings"]
        if each["rule"] == "strength-unsatisfiable"
    ]


def test_members_of_groups_decide_whether_administrators_can_satisfy_a_strength(
    shell: Shell, mock: Mock
) -> None:
    mock.add_group(TEAM, "Key users")
    mock.join(TEAM, ADMIN)
    shell.write(FOR_TEAM)
    planned = shell("plan", "-o", "plan.json", "--format", "json")
    assert (planned.code, unsatisfiable(planned.out)) == (0, [])
    mock.leave(TEAM, ADMIN)
    refused = shell("apply", "plan.json", "--auto-approve", "--format", "json")
    assert (refused.code, mock.edits) == (6, [])
    assert unsatisfiable(refused.out) == [("error", "Fido2", "includeTargets")]
    mock.add_fault("status", path_contains=f"groups/{TEAM}/transitiveMembers", status=403, times=1)
    unread = shell("plan", "--format", "json")
    assert (unread.code, unsatisfiable(unread.out)) == (0, [("note", "Fido2", "includeTargets")])
    mock.grant_role("Global Administrator", "mia.lopez@contoso.com", eligible=True)
    mock.join(TEAM, "mia.lopez@contoso.com")
    done = shell("apply", "plan.json", "--auto-approve")  # not stale: only members have changed
    assert done.code == 0, done.text


SINGLE = "{x509CertificateAuthenticationDefaultMode: x509CertificateSingleFactor}"
MULTIFACTOR = "x509CertificateMultiFactor"
MULTI = {"x509CertificateAuthenticationDefaultMode": MULTIFACTOR, "rules": []}
TAKES_AWAY: tuple[tuple[str, str, str, Any, str], ...] = (
    ("password,softwareOath", "MicrosoftAuthenticator", "isSoftwareOathEnabled", True, "false"),
    ("temporaryAccessPassMultiUse", "TemporaryAccessPass", "isUsableOnce", False, "true"),
    (MULTIFACTOR, "X509Certificate", "authenticationModeConfiguration", MULTI, SINGLE),
)


def test_every_setting_that_can_take_a_combination_away_is_judged(shell: Shell, mock: Mock) -> None:
    token = {"Authorization": f"Bearer {mock.issue_token()}"}
    mock.portal("SoftwareOath", {"state": "disabled"})
    for number, (combination, method, path, live, value) in enumerate(TAKES_AWAY):
        mock.portal(method, {"state": "enabled", path: live})
        body = {"displayName": method, "allowedCombinations": [combination]}
        assert mock.ask("POST", f"/v1.0/policies/{KIND}", body, headers=token).status == 201
        [made] = [row["id"] for row in mock.strengths() if row["displayName"] == method]
        id_ = f"ca000000-0000-4000-8000-0000000001{number:02}"
        mock.demand({"id": id_, "displayName": method, "strength": made})
        shell.write(
            f"{ACCEPTED}authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
            f"    {method}: {{{path}: {value}}}\n"
        )
        planned = shell("plan", "--format", "json")
        assert (planned.code, unsatisfiable(planned.out)) == (6, [("error", method, path)])
