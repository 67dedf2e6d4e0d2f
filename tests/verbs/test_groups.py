"""`groups`: every group that the files use, with its id, its people and each place."""

from __future__ import annotations

import json
from typing import Any

from graphpolicy.mock import Mock
from tests.shell import Shell

PILOT, ADMINS = "SG-MFA-Pilot-P", "Break-glass accounts"
PILOT_ID = "0d1c2b3a-0000-4000-8000-000000000001"
ADMINS_ID = "0d1c2b3a-0000-4000-8000-000000000002"
DEAD = "0d1c2b3a-0000-4000-8000-0000000000ff"
FILE = f"""\
version: 1
tenant: {{name: contoso, id: 11111111-2222-4333-8444-555555555555}}
groups:
  pilot: {{group: {PILOT}, id: {PILOT_ID}}}
emergencyAccess:
  - group: {ADMINS}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Sms:
      includeTargets: [all_users]
      excludeTargets:
        - group: {ADMINS}
        - alias: pilot
    Voice:
      includeTargets: [{{id: {PILOT_ID}}}]
    MicrosoftAuthenticator:
      featureSettings:
        displayAppInformationRequiredState:
          includeTarget: {{alias: pilot}}
expect:
  - {{people: {{group: {ADMINS}}}, canUse: [MicrosoftAuthenticator]}}
helpdesk:
  refuse:
    - {{group: {ADMINS}}}
"""


def listed(shell: Shell, code: int = 0) -> Any:
    done = shell("groups", "--format", "json")
    assert done.code == code, done.text
    return json.loads(done.out)["tenants"][0]


def test_each_group_has_its_people_and_every_place_that_uses_it(shell: Shell) -> None:
    shell.write(FILE)
    tenant = listed(shell)
    assert tenant["findings"] == []
    assert {
        (group["name"], group["id"], group["people"]): {
            use["of"]: use["source"]["line"] for use in group["uses"]
        }
        for group in tenant["groups"]
    } == {
        (ADMINS, ADMINS_ID, 2): {
            "Sms.excludeTargets": 12,
            "expect": 21,
            "emergencyAccess": 6,
            "helpdesk.refuse": 24,
        },
        (PILOT, PILOT_ID, 2): {
            "Sms.excludeTargets": 13,
            "Voice.includeTargets": 15,
            "MicrosoftAuthenticator.featureSettings."
            "displayAppInformationRequiredState.includeTarget": 19,
            "groups": 4,
        },
    }
    text = shell("groups").out
    assert f"{PILOT}  {PILOT_ID}  2 people\n  policies/contoso.yaml:13:" in text
    page = shell("groups", "--format", "markdown").out
    assert f"{PILOT}  " in page
    assert "\n- policies/contoso.yaml:13:" in page
    assert "<li>policies/contoso.yaml:13:" in shell("groups", "--format", "html").out


def test_what_does_not_resolve_is_an_error_with_its_place(shell: Shell) -> None:
    shell.write(
        FILE.replace(f"[{{id: {PILOT_ID}}}]", f"[{{id: {DEAD}}}]")
        .replace(f"- group: {ADMINS}\n        -", "- group: Break-glas accounts\n        -")
        .replace(f"group: {PILOT},", "group: Old name,")
    )
    tenant = listed(shell, 1)
    found = {(one["rule"], one["source"]["line"], one["level"]) for one in tenant["findings"]}
    assert found == {
        ("group-not-resolved", 12, "error"),
        ("group-not-resolved", 15, "error"),
        ("group-renamed", 13, "warning"),
    }
    assert any("did you mean" in one["help"] for one in tenant["findings"])
    there = {(group["name"], group["id"]): group["people"] for group in tenant["groups"]}
    assert there == {
        (ADMINS, ADMINS_ID): 2,
        (PILOT, PILOT_ID): 2,
        (None, DEAD): None,
        ("Break-glas accounts", None): None,
    }


def test_sizes_that_may_not_be_read_are_no_error(shell: Shell, mock: Mock) -> None:
    shell.write(FILE)
    mock.add_fault("status", path_contains="/transitiveMembers", status=403, times=None)
    assert [group["people"] for group in listed(shell)["groups"]] == [None, None]
