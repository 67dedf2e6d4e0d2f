"""The people of `emergencyAccess` and `helpdesk.refuse`, as the directory has them."""

from __future__ import annotations

import json

import pytest

from graphpolicy.mock import Mock
from tests.shell import Shell

TENANT = "11111111-2222-4333-8444-555555555555"
GLASS = "0d1c2b3a-0000-4000-8000-000000000002"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"
MIA_ID = "0e5e0000-0000-4000-8000-000000000008"
TAKES = "    Sms: {state: disabled}\n"
KEEPS = "    Sms: {state: enabled}\n"
OTHER = "name-of-another"
MISSING = "emergency-account-not-found"
REFUSE = "helpdesk-group-not-found"


def write(shell: Shell, block: str, method: str) -> None:
    shell.write(
        f"version: 1\ntenant: {{name: contoso, id: {TENANT}}}\n{block}\n"
        f"authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n{method}"
    )


def findings(text: str) -> dict[str, str]:
    (plan,) = json.loads(text)["plans"]
    return {each["rule"]: each["level"] for each in plan["findings"]}


@pytest.mark.parametrize(
    ("block", "rule"),
    [  # `tests/unit/commands/test_named_people.py` tests each entry
        (f"emergencyAccess: [{{user: bg-01@contoso.com, id: {MIA_ID}}}]", OTHER),
        ("helpdesk: {refuse: [{group: Nobody knows it}]}", REFUSE),
    ],
)
def test_an_entry_that_is_nobody_or_somebody_else(
    shell: Shell, mock: Mock, block: str, rule: str
) -> None:
    write(shell, block, TAKES)
    done = shell("plan", "--format", "json")
    assert findings(done.out)[rule] == "error", done.text
    assert f"{rule}" in shell("plan").out
    applied = shell("apply", "--auto-approve")
    assert applied.code == 6, applied.text
    assert not any(r.method == "PATCH" for r in mock.requests)
    doctor = shell("doctor", "--format", "json")
    (tenant,) = json.loads(doctor.out)["tenants"]
    assert doctor.code == 1, doctor.text
    (found,) = (each for each in tenant["findings"] if each["rule"] == rule)
    assert (found["level"], found["source"]["line"]) == ("error", 3)
    told = shell("doctor")
    assert (told.code, f"error[{rule}]" in told.out) == (1, True), told.text
    write(shell, block, KEEPS)
    assert findings(shell("plan", "--format", "json").out)[rule] == "error"


def test_who_is_named_well_is_no_finding(shell: Shell) -> None:
    entries = f"{{group: Break-glass accounts, id: {GLASS}}}, {{user: BG-01@contoso.com}}"
    refuse = f"{{role: any}}, {{group: SG-MFA-Pilot-P, id: {PILOT}}}, {{group: Finance}}"
    write(shell, f"emergencyAccess: [{entries}]\nhelpdesk: {{refuse: [{refuse}]}}", TAKES)
    found = findings(shell("plan", "--format", "json").out)
    assert not {OTHER, MISSING, REFUSE, "group-renamed"} & found.keys()
    assert shell("doctor").code == 0


def test_a_renamed_group_is_told_and_its_id_decides(shell: Shell, mock: Mock) -> None:
    mock.add_group(GLASS, "Break-glass 2027")
    write(shell, f"emergencyAccess: [{{group: Break-glass accounts, id: {GLASS}}}]", TAKES)
    done = shell("plan", "--format", "json")
    assert findings(done.out)["group-renamed"] == "warning"
    assert OTHER not in findings(done.out)


def test_an_entry_that_is_somebody_else_helps_nobody(shell: Shell, mock: Mock) -> None:
    """The command refuses and says where: it is not known who the house rules mean."""
    mock.portal("TemporaryAccessPass", {"state": "enabled"}, actor="somebody")
    entries = f"[{{user: bg-01@contoso.com}}, {{group: SG-MFA-Pilot-P, id: {GLASS}}}]"
    write(shell, f"emergencyAccess: {entries}", KEEPS)
    for verb in (("tap", "issue"), ("mfa", "reset")):
        done = shell(*verb, "kofi.mensah@contoso.com", "--auto-approve")
        assert (done.code, "SG-MFA-Pilot-P" in done.err) == (6, True), done.text
        assert "policies/contoso.yaml:3:46: " in done.err
    assert not any(r.method in ("POST", "DELETE") for r in mock.requests if "methods" in r.path)


def test_a_directory_that_may_not_be_read_is_no_finding_but_a_note(
    shell: Shell, mock: Mock
) -> None:
    mock.add_fault("status", path_contains="/groups", status=403, times=None)
    write(shell, "helpdesk: {refuse: [{group: Nobody knows it}]}", TAKES)
    done = shell("plan", "--format", "json")
    assert findings(done.out)[REFUSE] == "note", done.text
