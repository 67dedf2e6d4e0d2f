"""What apply and rollback report, and several tenants in one run."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from graphpolicy.mock import Mock, Server
from tests.shell import Shell, application, policy, proposed
from tests.verbs.test_trouble import Terminal

pytestmark = pytest.mark.e2e

CONTOSO = "11111111-2222-4333-8444-555555555555"
FABRIKAM = "22222222-2222-4333-8444-555555555555"
LONGER = "TemporaryAccessPass:\n  defaultLength: 20"
NO_TEXTS = "Sms:\n  state: disabled"


@pytest.fixture
def fleet(bare: Shell, mock: Mock, server: Server) -> Shell:
    """A shell whose identity may write to two tenants."""
    mock.add_tenant(FABRIKAM, "fabrikam")
    bare.environment |= application(server)
    bare.write(policy(LONGER))
    bare.write(policy(LONGER, FABRIKAM), "policies/fabrikam.yaml")
    return bare


def lengths(mock: Mock) -> tuple[int, int]:
    def length(tenant: str) -> int:
        return int(mock.configuration("TemporaryAccessPass", tenant_id=tenant)["defaultLength"])

    return length(CONTOSO), length(FABRIKAM)


NOT_READY: dict[str, tuple[Any, int]] = {
    "refused": (policy("Voice:\n  state: enabled", FABRIKAM), 6),
    "not planned": (policy("Sms:\n  includeTargets: [{group: Nobody}]", FABRIKAM), 1),
}


@pytest.mark.parametrize(("text", "code"), NOT_READY.values(), ids=NOT_READY.keys())
def test_a_tenant_that_is_not_ready_holds_up_all(
    fleet: Shell, mock: Mock, text: str, code: int
) -> None:
    mock.portal("Voice", {"state": "disabled"}, tenant_id=FABRIKAM)
    fleet.write(text, "policies/fabrikam.yaml")
    done = fleet("apply", "--auto-approve")
    assert done.code == code
    assert lengths(mock) == (8, 8)
    assert "held up by fabrikam: " in done.out
    assert "nothing was written" in done.out.splitlines()[-1]
    [plan, _] = json.loads(fleet("apply", "--auto-approve", "--format", "json").out)["plans"]
    assert "fabrikam" in plan["not_applied"]
    going = next(command for command in proposed(done) if "--keep-going" in command)
    alone = fleet(*going)
    assert alone.code == code
    assert lengths(mock) == (20, 8)


def test_a_plan_of_several_tenants_needs_every_digest_to_be_right(fleet: Shell, mock: Mock) -> None:
    assert fleet("plan", "-o", "plan.json").code == 0
    mock.portal("TemporaryAccessPass", {"defaultLength": 9}, tenant_id=FABRIKAM)
    moved = fleet("apply", "--auto-approve", "plan.json")
    assert moved.code == 3
    assert lengths(mock) == (8, 9)
    assert "held up by fabrikam: plan-stale" in moved.out
    assert fleet("apply", "--auto-approve", "plan.json", "--tenant", "contoso").code == 0
    assert lengths(mock) == (20, 9)


@pytest.mark.parametrize("going", [(), ("--keep-going",)])
def test_a_no_for_one_tenant_is_a_no_for_all(
    fleet: Shell, mock: Mock, going: tuple[str, ...]
) -> None:
    terminal = Terminal(fleet, "apply", *going)
    terminal.until("Type yes to apply this to contoso")
    assert terminal.said.count("against Graph") == 2
    for counted in ("contoso: 1 to change", "fabrikam: 1 to change", "2 tenants: 2 to change"):
        assert counted in terminal.said
    terminal.type("yes\n")
    terminal.until("Type yes to apply this to fabrikam")
    terminal.type("no\n")
    assert terminal.end() == 1
    assert lengths(mock) == ((20, 8) if going else (8, 8))
    assert "eclined; nothing was written" in terminal.said


def test_a_write_that_fails_ends_the_run(fleet: Shell, mock: Mock) -> None:
    mock.add_fault("status", status=403, method="PATCH")
    done = fleet("apply", "--auto-approve")
    assert done.code == 4
    assert lengths(mock) == (8, 8)
    assert "held up by contoso: not completely applied" in done.out


def test_the_last_line_names_the_run_and_the_command_that_undoes_it(
    shell: Shell, mock: Mock
) -> None:
    shell.write(policy(f"{LONGER}\n{NO_TEXTS}"), "work/policies/contoso.yaml")
    for where in (("-C", "work"), ("-C", "work", "--state-dir", "kept here")):
        done = shell(*where, "apply", "--auto-approve")
        assert done.code == 0
        last = done.out.splitlines()[-1]
        assert "2 settings changed and verified in run" in last
        refused = shell(*proposed(done)[-1], "--auto-approve")
        assert refused.code == 6
        assert mock.configuration("Sms")["state"] == "disabled"
        assert shell(*proposed(refused)[-1]).code == 0
        assert mock.configuration("Sms")["state"] == "enabled"


def test_a_plan_file_finds_its_files_from_any_folder(shell: Shell, mock: Mock) -> None:
    (shell.folder / "repo/.git").mkdir(parents=True)
    (shell.folder / "repo/docs/deep").mkdir(parents=True)
    shell.write(policy(LONGER), "repo/tenants/eu/contoso.yaml")
    made = shell("-C", "repo/tenants", "plan", "eu", "-o", "../plan.json")
    assert made.code == 0
    file = shell.folder / "repo/plan.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["plans"][0]["file"] == "tenants/eu/contoso.yaml"
    deep = ("-C", "repo/docs/deep", "apply", "--auto-approve", "../../plan.json")
    (shell.folder / "repo/policies").mkdir()
    (shell.folder / "repo/tenants/eu/contoso.yaml").rename(
        shell.folder / "repo/policies/contoso.yaml"
    )
    gone = shell(*deep)
    assert gone.code == 3
    assert "tenants/eu/contoso.yaml" in gone.err
    [on] = proposed(gone)
    assert shell(*on).code == 0
    assert mock.configuration("TemporaryAccessPass")["defaultLength"] == 20


def test_a_refused_plan_file_names_the_command_that_plans_the_same_files(
    shell: Shell, mock: Mock
) -> None:
    mock.portal("Voice", {"state": "disabled"})
    (shell.folder / "repo/.git").mkdir(parents=True)
    (shell.folder / "repo/docs").mkdir()
    shell.write(policy("Voice:\n  state: enabled"), "repo/tenants/eu.yaml")
    assert shell("-C", "repo", "plan", "tenants", "-o", "plan.json").code == 6
    apply = ("-C", "repo/docs", "apply", "--auto-approve", "../plan.json")
    refused = shell(*apply)
    assert refused.code == 6
    [again] = proposed(refused)
    assert shell(*again).code == 0
    [*_, on] = proposed(shell(*apply))
    assert on == [*apply, "--allow", "weak-method-enabled"]
    assert shell(*on).code == 0
    assert mock.configuration("Voice")["state"] == "enabled"


def test_a_rule_is_not_offered_for_acceptance_where_the_plan_is_another_one(
    shell: Shell, mock: Mock
) -> None:
    mock.portal("Voice", {"state": "disabled"})
    weak = f"{LONGER}\nVoice:\n  state: enabled"
    shell.write(policy(LONGER))
    assert shell("plan", "-o", "plan.json").code == 0
    [plan] = json.loads((shell.folder / "plan.json").read_text(encoding="utf-8"))["plans"]
    shell.write(policy(weak))
    for consent in (("--expect-digest", plan["digest"]), ("plan.json",)):
        done = shell("apply", "--auto-approve", *consent)
        assert done.code == 6
        [[*again]] = proposed(done)
        assert again[0] == "plan"
        assert "--allow" not in again
    accepted = json.loads(shell("plan", "--allow", "weak-method-enabled", "--format", "json").out)
    digest = accepted["plans"][0]["digest"]
    [on] = proposed(shell("apply", "--auto-approve", "--expect-digest", digest))
    assert shell(*on).code == 0


PROFILE = """\
Fido2:
  passkeyProfiles:
    Keys:
      passkeyTypes: [deviceBound]
      attestationEnforcement: disabled
      keyRestrictions: {isEnforced: false, enforcementType: allow, aaGuids: []}
"""


@pytest.mark.parametrize("more", ["", f"{LONGER}\n"])
def test_only_what_can_be_undone_is_offered_to_be(shell: Shell, mock: Mock, more: str) -> None:
    mock.set_switches(passkey_opt_in="before")
    rules = ("irreversible-change", "emergency-access-missing")
    accepted = [word for rule in rules for word in ("--allow", rule)]
    shell.write(policy(f"{more}{PROFILE}"))
    done = shell("apply", "--auto-approve", "--confirm", "contoso", *accepted)
    assert done.code == 0
    assert "can't be undone" in done.out.splitlines()[-1]
    undo = [each for each in proposed(done) if each[0] == "rollback"]
    assert len(undo) == bool(more)
    for command in undo:
        assert shell(*command, "--auto-approve").code == 0
        assert mock.configuration("TemporaryAccessPass")["defaultLength"] == 8


OUTSIDE = ("/etc/passwd", "../secret.yaml", "x/../../secret.yaml", "link.yaml", "-", "a\\b.yaml")


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_plan_file_makes_nothing_outside_of_the_repository_be_read(
    shell: Shell, name: str
) -> None:
    secret = shell.write(policy(LONGER).replace("version: 1", "version: hunter2"), "secret.yaml")
    (shell.folder / "repo/.git").mkdir(parents=True)
    (shell.folder / "repo/link.yaml").symlink_to(secret)
    shell.write(policy(LONGER), "repo/policies/contoso.yaml")
    assert shell("-C", "repo", "plan", "-o", "plan.json").code == 0
    file = shell.folder / "repo/plan.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["plans"][0]["file"] = name
    file.write_text(json.dumps(document), encoding="utf-8")
    done = shell("-C", "repo", "apply", "--auto-approve", "plan.json")
    assert done.code == 3
    assert "hunter2" not in done.text
    assert "nothing was written" in done.err


def test_a_mistyped_digest_is_no_plan_that_moved(shell: Shell, mock: Mock) -> None:
    shell.write(policy(LONGER))
    [plan] = json.loads(shell("plan", "--format", "json").out)["plans"]
    digest = plan["digest"]
    wrong = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    done = shell("apply", "--auto-approve", "--expect-digest", wrong)
    assert (done.code, "mistyped" in done.err) == (64, True)
    mock.portal("TemporaryAccessPass", {"defaultLength": 9})
    moved = shell("apply", "--auto-approve", "--expect-digest", digest)
    assert (moved.code, "plan-stale" in moved.out) == (3, True)
    assert mock.configuration("TemporaryAccessPass")["defaultLength"] == 9


def test_a_plan_that_goes_to_a_file_is_summed_up(shell: Shell, mock: Mock) -> None:
    mock.portal("Voice", {"state": "disabled"})
    shell.write(policy("Voice:\n  state: enabled"))
    for more in ((), ("-q",)):
        done = shell("plan", "-o", "plan.json", *more)
        assert (done.code, done.out) == (6, "")
        assert "error[weak-method-enabled]" in done.err
        assert ("to change, " in done.err) == (not more)


def test_a_rollback_says_that_the_files_still_ask_and_how_to_revert_them(
    shell: Shell, mock: Mock
) -> None:
    shell.write(policy(LONGER))
    assert shell("apply", "--auto-approve").code == 0
    first = shell("rollback", "--auto-approve")
    assert first.code == 0
    assert "warning[files-still-ask]" in first.out
    assert "TemporaryAccessPass.defaultLength" in first.out
    run = re.search(r"undoing run (\S+)", first.err)
    assert run
    second = shell("rollback")
    assert second.code == 64
    assert f"which undid run {run[1]}: this repeats what run {run[1]} did" in second.err
    update = next(each for each in proposed(first) if each[0] == "pull")
    assert shell(*update).code == 0
    assert shell("plan", "--detailed-exitcode").code == 0
    redone = shell("rollback", "--auto-approve")
    assert (redone.code, "files-still-ask" in redone.text) == (0, True)
    assert mock.configuration("TemporaryAccessPass")["defaultLength"] == 20


def test_a_plan_of_some_settings_is_applied_as_it_was_and_nothing_else(
    shell: Shell, mock: Mock
) -> None:
    shell.write(policy(f"{LONGER}\n{NO_TEXTS}"))
    only = ("--only", "TemporaryAccessPass.defaultLength")
    assert shell("plan", "-q", *only, "-o", "some.json").code == 0
    assert shell("plan", "-q", "-o", "all.json").code == 0
    [plan] = json.loads((shell.folder / "some.json").read_text(encoding="utf-8"))["plans"]
    assert plan["selection"] == {"only": [only[1]], "left_out": ["Sms.state"]}
    for arguments in (("all.json", *only), ("some.json", "--only", "Sms")):
        done = shell("apply", *arguments, "--auto-approve")
        assert done.code == 3, done.text
    digest = ("--expect-digest", plan["digest"], "--auto-approve")
    assert shell("apply", *digest).code == 3
    assert shell("apply", "some.json", "--auto-approve").code == 0
    assert mock.configuration("TemporaryAccessPass")["defaultLength"] == 20
    assert mock.configuration("Sms")["state"] == "enabled"
    assert shell("apply", "--only", "Smss", "--auto-approve").code == 64
