"""What guards find in files alone, and how `validate` judges it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.cli import main
from graphpolicy.plan.tally import number
from graphpolicy.policyfile.load import load

TODAY = "2026-11-24"
NOBODY_ENTERS = "keyRestrictions: {isEnforced: true, enforcementType: allow, aaGuids: []}"
TENANT = "tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}\n"
OTHER = "tenant: {name: fabrikam, id: 22222222-2222-4333-8444-555555555555}\n"
EXCUSED = (
    "acknowledge: [{{rule: empty-allow-list, resource: Fido2, reason: CHG1, owner: a@contoso.com, "
    "expires: {day}}}]\n"
)


def fido(members: str) -> str:
    methods = f"authenticationMethodConfigurations: {{Fido2: {{{members}}}}}"
    return f"authenticationMethodsPolicy: {{{methods}}}\n"


BLOCKED = fido(f"state: enabled, {NOBODY_ENTERS}")


def written(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(f"version: 1\n{text}", encoding="utf-8")
    return [str(folder)]


def found(folder: Path, **files: str) -> list[tuple[str, str, bool]]:
    """Rule, level, and whether it is accepted, of each finding."""
    findings = load(written(folder, **files), today=TODAY).findings
    return [(one.rule, one.level, bool(one.acknowledged)) for one in findings]


ALONE: dict[str, tuple[str, list[tuple[str, str, bool]]]] = {
    "a list that blocks every key": (
        BLOCKED,
        [("empty-allow-list", "error", False), ("retiring-setting", "warning", False)],
    ),
    "a profile whose list blocks every key": (
        fido(f"state: enabled, passkeyProfiles: {{One: {{{NOBODY_ENTERS}}}}}"),
        [("empty-allow-list", "error", False)],
    ),
    "a profile beside it": (
        fido(
            "state: enabled, passkeyProfiles: {One: {passkeyTypes: [synced]}, "
            f"Two: {{{NOBODY_ENTERS}}}}}"
        ),
        [("empty-allow-list", "error", False)],
    ),
    "a method that is off blocks nobody": (
        fido(f"state: disabled, passkeyProfiles: {{One: {{{NOBODY_ENTERS}}}}}"),
        [],
    ),
    "whether it is on only the tenant knows": (
        fido(f"passkeyProfiles: {{One: {{{NOBODY_ENTERS}}}}}"),
        [],
    ),
    "nobody has the method": (
        fido(f"state: enabled, includeTargets: [], passkeyProfiles: {{One: {{{NOBODY_ENTERS}}}}}"),
        [],
    ),
    "a list that is not enforced": (
        fido(
            "state: enabled, passkeyProfiles: {One: {keyRestrictions: "
            "{isEnforced: false, enforcementType: allow, aaGuids: []}}}"
        ),
        [],
    ),
    "accepted on its last day": (
        BLOCKED + EXCUSED.format(day=TODAY),
        [("retiring-setting", "warning", False), ("empty-allow-list", "error", True)],
    ),
    "accepted until yesterday": (
        BLOCKED + EXCUSED.format(day="2026-11-23"),
        [
            ("empty-allow-list", "error", False),
            ("retiring-setting", "warning", False),
            ("acknowledgement-expired", "warning", False),
        ],
    ),
    "whether an acceptance is needed only the tenant knows": (EXCUSED.format(day=TODAY), []),
    "what the policy asks to be strict about": (
        "guards: {microsoft-managed: error, retiring-setting: error}\n"
        + fido("isAttestationEnforced: true").replace(
            "}}}\n", "}, Email: {allowExternalIdToUseEmailOtp: default}}}\n"
        ),
        [("retiring-setting", "error", False), ("microsoft-managed", "error", False)],
    ),
    "what is on may have been on before": (
        fido("state: enabled").replace("Fido2", "Email"),
        [],
    ),
    "a hold that ended": (
        "hold: [{resource: Voice, reason: x, owner: a@contoso.com, expires: 2026-11-23}]\n",
        [("hold-expired", "warning", False)],
    ),
}


@pytest.mark.parametrize("case", ALONE.values(), ids=ALONE.keys())
def test_what_guards_say_of_a_file(case: tuple[str, list[Any]], tmp_path: Path) -> None:
    text, expected = case
    assert found(tmp_path, policy=TENANT + text) == expected


def test_a_freeze_that_ended_is_told_and_one_that_lasts_is_not(tmp_path: Path) -> None:
    def frozen(day: str) -> str:
        freeze = f"{{reason: x, owner: a@contoso.com, expires: {day}}}"
        return TENANT.replace("}\n", f", freeze: {freeze}}}\n")

    assert found(tmp_path, policy=frozen("2026-11-23")) == [("freeze-expired", "warning", False)]
    assert found(tmp_path, policy=frozen(TODAY)) == []


def test_a_plan_is_made_of_a_file_that_guards_object_to(tmp_path: Path) -> None:
    """There they see what changes, and a plan without changes is never refused."""
    paths = written(tmp_path, policy=TENANT + BLOCKED)
    for today in ("", TODAY):
        policies = load(paths, today=today)
        assert policies.sound
        assert len(policies.desired) == 1
    assert [one.rule for one in load(paths).findings] == ["retiring-setting"]


def test_what_a_base_says_is_judged_by_what_those_who_extend_it_accept(tmp_path: Path) -> None:
    base, child = BLOCKED, f"extends: [base.yaml]\n{TENANT}"
    excused = child + EXCUSED.format(day=TODAY)
    other = f"extends: [base.yaml]\n{OTHER}"
    blocked = ("empty-allow-list", "error", False)
    retiring = ("retiring-setting", "warning", False)
    accepted = ("empty-allow-list", "error", True)
    assert found(tmp_path, base=base, contoso=child) == [blocked, retiring]
    assert found(tmp_path, base=base, contoso=excused) == [retiring, accepted]
    assert found(tmp_path, base=base, contoso=excused, fabrikam=other) == [
        blocked,
        retiring,
        accepted,
    ]


def exit_code(*arguments: str) -> Any:
    with pytest.raises(SystemExit) as ended:
        main(["validate", *arguments])
    return ended.value.code


CODES = {
    "guards alone object": (TENANT + BLOCKED, 6, "1 file, 1 error, 1 warning"),
    "accepted": (
        TENANT + BLOCKED + EXCUSED.format(day="9999-12-31"),
        0,
        "1 file, 0 errors, 1 warning",
    ),
    "a mistake beside it": (
        TENANT + BLOCKED + "unmanaged: warn\n",
        1,
        "1 file, 2 errors, 1 warning",
    ),
    "a mistake alone": (TENANT + "owner: me\n", 1, "1 file, 1 error, 0 warnings"),
    "a warning alone": (TENANT + fido("isAttestationEnforced: true"), 0, ", 1 warning"),
}


@pytest.mark.parametrize("case", CODES.values(), ids=CODES.keys())
def test_what_it_is_worth_to_the_shell(
    case: tuple[str, int, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, code, counts = case
    (path,) = written(tmp_path, policy=text)
    assert exit_code(path) == code
    assert capsys.readouterr().out.splitlines()[-1].endswith(counts)
    assert exit_code(path, "--format", "json") == code
    summary = json.loads(capsys.readouterr().out)["summary"]
    assert counts.endswith(f", {number(summary['warnings'], 'warning')}")


def test_what_is_accepted_alarms_nobody_in_any_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = written(tmp_path, policy=TENANT + BLOCKED + EXCUSED.format(day="9999-12-31"))
    assert exit_code(path, "--format", "github") == 0
    levels = [line.split(" ")[0] for line in capsys.readouterr().out.splitlines()]
    assert levels[:2] == ["::warning", "::notice"]
    assert exit_code(path, "--format", "sarif") == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    accepted = {one["ruleId"]: one.get("suppressions") for one in run["results"]}
    reason = "a@contoso.com until 9999-12-31: CHG1"
    assert accepted == {
        "empty-allow-list": [{"kind": "inSource", "justification": reason}],
        "retiring-setting": None,
    }
    assert exit_code(path) == 0
    assert f"  accepted: {reason}\n" in capsys.readouterr().out
