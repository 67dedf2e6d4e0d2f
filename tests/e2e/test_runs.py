"""What a run leaves behind, and what follows after one that was interrupted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.mock import Mock
from tests.shell import (
    COMMAND,
    NO_PATIENCE,
    NO_WAITING,
    Done,
    Shell,
    nobody_registered,
    policy,
    proposed,
    until,
)

pytestmark = pytest.mark.e2e

CHANGES = policy(
    "TemporaryAccessPass:\n  state: enabled\nSms:\n  state: disabled\nVoice:\n  state: disabled"
)
WRITES = 3
PLANNED = 6
"""Requests of an apply of them before it is planned: the policy, strengths, since methods end, and
the usage of one; the policy on beta, the registration report and the users, to count people."""
REQUESTS = PLANNED + 7
"""All of them: one more before writing, then each write and its read."""
ALLOWED = ("--allow", "weak-method-enabled")
"""Going back switches weak methods on again, which a person answers for."""
AFTER = {"TemporaryAccessPass": "enabled", "Sms": "disabled", "Voice": "disabled"}


@pytest.fixture
def mock() -> Mock:
    """A tenant in which no plan locks anybody out."""
    return nobody_registered(Mock())


@pytest.fixture
def wanted(shell: Shell) -> Shell:
    """A shell with a policy that needs three writes."""
    shell.write(CHANGES)
    return shell


def apply(shell: Shell, *more: str) -> Done:
    return shell("apply", "--auto-approve", *more)


def states(mock: Mock) -> dict[str, str]:
    methods = mock.policy("v1.0")["authenticationMethodConfigurations"]
    wanted = ("TemporaryAccessPass", "Sms", "Voice")
    return {item["id"]: item["state"] for item in methods if item["id"] in wanted}


def run_folder(shell: Shell, number: int = -1) -> Path:
    return sorted((shell.folder / ".graphpolicy/runs").iterdir())[number]


def journal(shell: Shell) -> list[dict[str, Any]]:
    text = (run_folder(shell) / "journal.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_is_kept_for_its_owner_alone_and_without_a_secret(wanted: Shell, mock: Mock) -> None:
    token = mock.token
    origin = {"GITHUB_SHA": "abc123", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_ACTOR": "ana"}
    done = wanted("apply", "--auto-approve", env=origin)
    assert done.code == 0
    assert len(mock.requests) == REQUESTS
    folder = run_folder(wanted)
    assert {path.name for path in folder.iterdir()} == {"plan.json", "before.json", "journal.jsonl"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert token not in path.read_text(encoding="utf-8")
    events = journal(wanted)
    assert [event["event"] for event in events] == [
        "begun",
        *["sending", "result"] * WRITES,
        "finished",
    ]
    assert events[0]["origin"] == {"commit": "abc123", "pull_request": "7", "author": "ana"}
    assert {event["fate"] for event in events if event["event"] == "result"} == {"verified"}
    before = json.loads((folder / "before.json").read_text(encoding="utf-8"))
    assert before["documents"]["v1.0"]["id"] == "authenticationMethodsPolicy"


def test_a_plan_that_changes_nothing_leaves_no_run(wanted: Shell) -> None:
    assert apply(wanted).code == 0
    first = run_folder(wanted)
    assert apply(wanted).code == 0
    assert list((wanted.folder / ".graphpolicy/runs").iterdir()) == [first]


def test_nothing_is_written_where_no_run_can_be_kept(wanted: Shell, mock: Mock) -> None:
    before = states(mock)
    (wanted.folder / ".graphpolicy").write_text("no folder", encoding="utf-8")
    done = apply(wanted)
    assert done.code == 1
    assert "nothing was written" in done.text
    assert states(mock) == before


def test_rollback_restores_what_was(wanted: Shell, mock: Mock) -> None:
    before = mock.policy("beta")
    assert apply(wanted).code == 0
    assert mock.policy("beta") != before
    done = wanted("rollback", "--auto-approve", *ALLOWED)
    assert done.code == 0
    assert without_stamps(mock.policy("beta")) == without_stamps(before)
    assert wanted("history", "--format", "json").out.count('"verb": "rollback"') == 1


def test_rollback_of_a_strength_where_the_policy_is_on_beta_alone(shell: Shell, mock: Mock) -> None:
    mock.set_switches(cloud="china")
    shell.write(
        "version: 1\ntenant: {id: 11111111-2222-4333-8444-555555555555, cloud: china}\n"
        "authenticationStrengthPolicies:\n  Keys: {allowedCombinations: [fido2]}\n"
    )
    assert apply(shell).code == 0
    done = shell("rollback", "--auto-approve")
    assert done.code == 0, done.err
    assert [each["allowedCombinations"] for each in mock.strengths()] == [[]]


def without_stamps(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "lastModifiedDateTime"}


def test_rollback_from_another_machine_takes_the_folder(
    wanted: Shell, mock: Mock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = states(mock)
    assert apply(wanted).code == 0
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(run_folder(wanted), elsewhere / "run")
    other = Shell(elsewhere, {**wanted.environment, "XDG_STATE_HOME": str(elsewhere / "state")})
    assert other("history", "run").code == 0
    assert other("rollback", "run", "--auto-approve", *ALLOWED).code == 0
    assert states(mock) == before


def test_rollback_names_what_has_moved(shell: Shell, mock: Mock) -> None:
    shell.write(policy("TemporaryAccessPass:\n  defaultLength: 20"))
    assert apply(shell).code == 0
    mock.portal("TemporaryAccessPass", {"defaultLength": 30}, actor="ana@contoso.com")
    done = shell("rollback", "--auto-approve", *ALLOWED)
    assert done.code == 3
    assert "TemporaryAccessPass.defaultLength" in done.out
    assert shell("rollback", "--auto-approve", "--override").code == 0
    assert shell("rollback", "no-such-run").code == 64


OTHER = "22222222-2222-4333-8444-555555555555"


def test_rollback_undoes_the_last_run_of_the_tenant_that_is_asked_for(
    shell: Shell, mock: Mock
) -> None:
    other = mock.add_tenant(OTHER, "fabrikam")
    theirs = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_token(tenant_id=other)}
    for name, tenant, env in (("contoso", None, {}), ("fabrikam", other, theirs)):
        methods = "TemporaryAccessPass:\n  defaultLength: 20"
        text = policy(methods, tenant) if tenant else policy(methods)
        shell.write(text, f"policies/{name}.yaml")
        assert shell("apply", "--auto-approve", "--tenant", name, env=env).code == 0

    def length(tenant: str | None = None) -> int:
        return int(mock.configuration("TemporaryAccessPass", tenant_id=tenant)["defaultLength"])

    done = shell("rollback", "--tenant", "contoso", "--auto-approve")
    assert done.code == 0
    assert (length(), length(other)) == (8, 20)
    wrong = shell("rollback", run_folder(shell).name, "--tenant", "fabrikam", "--auto-approve")
    assert wrong.code == 64
    assert "is for contoso" in wrong.err
    assert shell("pull", "--tenant", "contoso", "--snapshot", "s.json").code == 0
    assert shell("rollback", "--to", "s.json", "--tenant", "fabrikam").code == 64


def test_a_run_that_cannot_be_read_is_told_and_not_passed_over(wanted: Shell) -> None:
    assert apply(wanted).code == 0
    file = run_folder(wanted) / "journal.jsonl"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"format_version": "1"', '"format_version": "2"'), "utf-8")
    for verb, code in ((("history",), 1), (("apply", "--auto-approve"), 0)):
        done = wanted(*verb)
        assert done.code == code
        assert "format_version '2'" in done.err
    guessed = wanted("rollback", "--auto-approve", *ALLOWED)
    assert guessed.code == 1
    assert "not clear which run is the last" in guessed.err


def test_back_to_a_snapshot_without_a_run(wanted: Shell, mock: Mock) -> None:
    before = mock.policy("beta")
    assert apply(wanted).code == 0
    snapshot = run_folder(wanted) / "before.json"
    assert wanted("rollback", "--to", str(snapshot), "--auto-approve", *ALLOWED).code == 0
    assert without_stamps(mock.policy("beta")) == without_stamps(before)


def test_back_to_a_snapshot_says_what_stays(shell: Shell, mock: Mock) -> None:
    assert shell("pull", "--snapshot", "s.json").code == 0
    file = shell.folder / "s.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    for whole in document["documents"].values():
        for item in whole["authenticationMethodConfigurations"]:
            if item["id"] == "Voice":
                item["state"] = "paused"
            if item["id"] == "TemporaryAccessPass":
                item["defaultLength"] = None
    file.write_text(json.dumps(document), encoding="utf-8")
    done = shell("rollback", "--to", "s.json", "--auto-approve", "--format", "json")
    assert done.code == 6
    [plan] = json.loads(done.out)["plans"]
    told = [each["message"] for each in plan["findings"] if each["rule"] == "not-restorable"]
    assert sorted(told) == [
        "TemporaryAccessPass.defaultLength can't be restored: it had no value then",
        "Voice.state can't be restored: this release does not know the value 'paused' (bad-value)",
    ]
    document["tenant"]["id"] = "contoso"
    file.write_text(json.dumps(document), encoding="utf-8")
    nothing = shell("rollback", "--to", "s.json", "--auto-approve")
    assert nothing.code == 1
    assert "s.json can't be turned into a policy" in nothing.err


@pytest.mark.parametrize(("beside", "code"), [("", 6), ("\nSms: {state: disabled}", 0)])
def test_a_rollback_of_what_had_no_value_never_looks_done(
    shell: Shell, mock: Mock, beside: str, code: int
) -> None:
    document = mock.policy("beta")
    for item in document["authenticationMethodConfigurations"]:
        if item["id"] == "TemporaryAccessPass":
            item["defaultLength"] = None
    mock.load({"policy": document})
    shell.write(policy(f"TemporaryAccessPass: {{defaultLength: 20}}{beside}"))
    assert apply(shell).code == 0
    writes = sum(request.method == "PATCH" for request in mock.requests)
    done = shell("rollback", "--auto-approve", *ALLOWED, "-o", "r.json", "-o", "r.txt")
    assert done.code == code, done.text
    [plan] = json.loads((shell.folder / "r.json").read_text("utf-8"))["plans"]
    levels = {each["level"] for each in plan["findings"] if each["rule"] == "not-restorable"}
    wrote = sum(request.method == "PATCH" for request in mock.requests) - writes
    last = (shell.folder / "r.txt").read_text("utf-8").strip().splitlines()[-1]
    if code:
        assert (levels, plan["refused"], wrote) == ({"error"}, True, 0)
        assert "refused: not-restorable" in last
    else:
        assert (levels, plan["refused"], wrote) == ({"warning"}, False, 1)
        assert "1 setting can't be restored" in last


FREEZE = "freeze: {reason: INC1, owner: ana@contoso.com, expires: 2099-01-01}"


def frozen(text: str) -> str:
    return text.replace("tenant: {", f"tenant: {{{FREEZE}, ")


@pytest.mark.parametrize("folder", ["policies", "tenants"])
def test_a_rollback_goes_by_the_policy_that_the_run_applied(
    shell: Shell, mock: Mock, folder: str
) -> None:
    text = policy("TemporaryAccessPass:\n  defaultLength: 20")
    shell.write(text, f"{folder}/contoso.yaml")
    assert apply(shell, folder).code == 0
    shell.write(frozen(text), f"{folder}/contoso.yaml")
    done = shell("rollback", "--auto-approve")
    assert (done.code, "tenant-frozen" in done.out) == (6, True)
    shell.write(frozen(text) + "nonsense: 1\n", f"{folder}/contoso.yaml")
    wrong = shell("rollback", "--auto-approve")
    assert wrong.code == 1
    assert "freezes of contoso are not known" in wrong.err
    (shell.folder / folder / "contoso.yaml").unlink()
    alone = shell("rollback", "--auto-approve")
    assert alone.code == 0
    assert "there is no policy file of contoso here" in alone.err
    assert mock.configuration("TemporaryAccessPass")["defaultLength"] == 8


def test_a_plan_file_is_applied_as_it_was_reviewed_or_not_at_all(wanted: Shell, mock: Mock) -> None:
    assert wanted("plan", "-o", "plan.json").code == 0
    mock.portal("Sms", {"state": "disabled"}, actor="ana@contoso.com")
    moved = apply(wanted, "plan.json")
    assert moved.code == 3
    assert 'Sms.state is "disabled" in the tenant, but was "enabled"' in moved.out
    mock.portal("Sms", {"state": "enabled"}, actor="ana@contoso.com")
    assert apply(wanted, "plan.json").code == 0
    assert wanted("plan", "--detailed-exitcode").code == 0


def test_a_plan_file_says_what_moved_in_the_files(wanted: Shell) -> None:
    assert wanted("plan", "-o", "plan.json").code == 0
    wanted.write(CHANGES.replace("Voice:\n      state: disabled", "Voice:\n      state: enabled"))
    moved = apply(wanted, "plan.json", "--format", "json")
    assert moved.code == 3
    [plan] = json.loads(moved.out)["plans"]
    assert plan["error"]["code"] == "plan-stale"
    assert plan["error"]["details"] == [
        'Voice.state is declared "enabled", but was "disabled"',
        "the warning method-ends about Voice.state has disappeared",
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format_version": "0"}, 3),
        ({"plans": [{"digest": "sha256:0"}]}, 3),
        ("altered", 3),
        ("not json", 1),
    ],
)
def test_a_plan_file_that_is_none_is_refused(wanted: Shell, change: Any, code: int) -> None:
    assert wanted("plan", "-o", "plan.json").code == 0
    file = wanted.folder / "plan.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    if change == "altered":
        document["plans"][0]["bound"]["settings"][0]["observed"] = "disabled"
    elif isinstance(change, dict):
        document.update(change)
    text = "{" if change == "not json" else json.dumps(document)
    file.write_text(text, encoding="utf-8")
    done = apply(wanted, "plan.json")
    assert done.code == code
    assert "plan.json" in done.err


def test_a_digest_that_is_given_is_always_checked(wanted: Shell, mock: Mock) -> None:
    [plan] = json.loads(wanted("plan", "--format", "json").out)["plans"]
    for wrong in ("", "null", "sha256:abc", f"other={plan['digest']}"):
        assert apply(wanted, "--expect-digest", wrong).code == 64
    stale = apply(wanted, "--expect-digest", f"sha256:{'0' * 64}")
    assert stale.code == 3
    assert "3 to change" not in stale.out
    assert "TemporaryAccessPass" in stale.out
    assert apply(wanted, "--expect-digest", plan["digest"]).code == 0
    patches = [request for request in mock.requests if request.method == "PATCH"]
    assert len(patches) == WRITES


IN_A_SCRIPT = ("sh", "-c", """trap "" INT; exec "$@" """, "sh")
"""Begins a job as a script does with `&`: SIGINT is ignored."""


def killed_at(
    shell: Shell,
    mock: Mock,
    number: int,
    how: signal.Signals,
    lead: tuple[str, ...] = (),
    *,
    more: tuple[str, ...] = (),
) -> int:
    """Apply, and end the process while its n-th request is being answered; its exit code."""
    mock.clear_requests()
    mock.add_fault("slow", after=number - 1, seconds=1.5)

    def strike(process: int) -> None:
        until(lambda: len(mock.requests) >= number)
        os.kill(process, how)

    code, out = _watched(shell, strike, lead, ("apply", "--auto-approve", *more))
    mock.clear_faults()
    assert "Traceback" not in out
    (shell.folder / "said.txt").write_text(out, encoding="utf-8")
    return code


def _watched(
    shell: Shell, strike: Callable[[int], None], lead: tuple[str, ...], arguments: tuple[str, ...]
) -> tuple[int, str]:
    if not lead:
        done = shell.watched(strike, *arguments)
        return done.code, done.out
    with subprocess.Popen(
        [*lead, COMMAND, *arguments],
        cwd=shell.folder,
        env=shell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        strike(process.pid)
        out = process.communicate(timeout=20)[0].decode()
    return process.returncode, out


DEEP = pytest.mark.deep  # tests/faults/test_matrix.py kills a run at every request, and resumes it
AT = (1, *range(PLANNED, REQUESTS + 1))


@pytest.mark.parametrize(
    "number", [n if n in (1, PLANNED + 4) else pytest.param(n, marks=DEEP) for n in AT]
)
def test_a_run_that_is_killed_leaves_a_true_journal_and_the_next_one_goes_on(
    wanted: Shell, mock: Mock, number: int
) -> None:
    before = mock.policy("beta")
    killed_at(wanted, mock, number, signal.SIGKILL)
    fates: dict[str, Any] = {}
    if (wanted.folder / ".graphpolicy").is_dir():
        for event in journal(wanted):
            if event["event"] == "sending":
                fates[event["resource"]] = None
            elif event["event"] == "result":
                fates[list(fates)[-1]] = event["fate"]
    written = {name for name, state in states(mock).items() if state != _state(before, name)}
    for name, fate in fates.items():
        assert fate != "verified" or name in written
    assert written <= set(fates), "a write that no journal tells of"
    again = apply(wanted, "--verify-timeout", "2")
    assert again.code == 0
    if None in fates.values():
        assert "interrupted-write" in again.out
    assert states(mock) == AFTER


def test_a_write_that_was_killed_before_it_was_done_is_found_not_to_have_happened(
    wanted: Shell, mock: Mock
) -> None:
    mock.add_fault("reset_before", method="PATCH")

    def strike(process: int) -> None:
        until(lambda: any(each.method == "PATCH" for each in mock.requests))
        os.kill(process, signal.SIGKILL)

    wanted.watched(strike, "apply", "--auto-approve")
    assert states(mock) != AFTER
    wanted.settings |= NO_WAITING
    done = apply(wanted, "--verify-timeout", "0.05")
    assert done.code == 0
    assert "it did not take effect" in done.out
    assert "it did not take effect" in done.err
    assert states(mock) == AFTER


def _state(document: dict[str, Any], name: str) -> str:
    return next(
        str(item["state"])
        for item in document["authenticationMethodConfigurations"]
        if item["id"] == name
    )


@pytest.mark.parametrize(
    "number",
    [PLANNED + 3, *(pytest.param(PLANNED + n, marks=DEEP) for n in (2, 4, 5))],
)
def test_a_cut_off_run_is_resumed_under_its_own_consent(
    wanted: Shell, mock: Mock, number: int
) -> None:
    killed_at(wanted, mock, number, signal.SIGKILL)
    run = run_folder(wanted).name
    assert wanted("apply", "--resume", run, "--verify-timeout", "2").code == 0
    assert wanted("plan", "--detailed-exitcode").code == 0


def test_what_was_accepted_for_a_run_is_accepted_anew_when_it_is_resumed(
    shell: Shell, mock: Mock
) -> None:
    mock.portal("Voice", {"state": "disabled"}, actor="ana@contoso.com")
    shell.write(policy("Voice: {state: enabled}"))
    killed_at(shell, mock, 4, signal.SIGKILL, more=ALLOWED)
    assert not [one for one in mock.requests if one.method == "PATCH"]
    assert shell("apply", "--auto-approve").code == 6
    resume = ("apply", "--resume", run_folder(shell, 0).name)
    done = shell(*resume)
    assert done.code == 64
    [on] = proposed(done)
    assert mock.configuration("Voice")["state"] == "disabled"
    assert shell(*on).code == 0
    assert mock.configuration("Voice")["state"] == "enabled"
    assert journal(shell)[0]["consent"]["allow"] == ["weak-method-enabled"]


def test_a_run_that_git_tracks_is_not_resumed(wanted: Shell, mock: Mock) -> None:
    killed_at(wanted, mock, PLANNED + 4, signal.SIGKILL)
    shutil.move(run_folder(wanted), wanted.folder / "run")
    for arguments in (("init", "-q"), ("add", "-f", "run")):
        subprocess.run(["git", *arguments], cwd=wanted.folder, check=True)
    mock.clear_requests()
    done = wanted("apply", "--resume", "run")
    assert done.code == 1
    assert "git tracks run/" in done.err
    assert mock.requests == []


def test_a_run_that_was_carried_away_is_resumed_and_settled_by_its_path(
    wanted: Shell, mock: Mock, tmp_path: Path
) -> None:
    killed_at(wanted, mock, PLANNED + 3, signal.SIGKILL)
    away = tmp_path / "away"
    shutil.move(run_folder(wanted), away)
    done = wanted("apply", "--resume", str(away), "--verify-timeout", "1")
    assert done.code == 0
    assert "interrupted-write" in done.out
    assert ["rollback", str(away)] in proposed(done)
    events = [json.loads(line) for line in (away / "journal.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events][-1] == "settled"
    assert states(mock) == AFTER


def test_a_cut_off_run_is_not_resumed_where_something_moved(wanted: Shell, mock: Mock) -> None:
    killed_at(wanted, mock, PLANNED + 4, signal.SIGKILL)
    mock.portal("Voice", {"state": "disabled"}, actor="ana@contoso.com")
    done = wanted("apply", "--resume", run_folder(wanted).name)
    assert done.code == 3
    assert "Voice.state" in done.out


def test_a_cut_off_run_is_undone(wanted: Shell, mock: Mock) -> None:
    before = states(mock)
    killed_at(wanted, mock, PLANNED + 6, signal.SIGKILL)
    assert wanted("rollback", "--auto-approve", "--verify-timeout", "2", *ALLOWED).code == 0
    assert states(mock) == before


@pytest.mark.parametrize(
    ("how", "lead"),
    [(signal.SIGINT, ()), (signal.SIGTERM, ()), (signal.SIGTERM, IN_A_SCRIPT)],
    ids=["SIGINT", "SIGTERM", "SIGTERM in a script"],
)
def test_an_interrupted_run_says_what_it_did(
    wanted: Shell, mock: Mock, how: signal.Signals, lead: tuple[str, ...]
) -> None:
    assert killed_at(wanted, mock, PLANNED + 4, how, lead) == 128 + how
    said = (wanted.folder / "said.txt").read_text(encoding="utf-8")
    assert "verified" in said
    assert "unknown" in said
    assert "skipped" in said
    assert journal(wanted)[-1] | {"at": ""} == {
        "event": "finished",
        "at": "",
        "exit_code": 128 + how,
    }
    assert apply(wanted).code == 0


def test_two_runs_of_one_tenant_exclude_each_other(wanted: Shell, mock: Mock) -> None:
    mock.add_fault("slow", method="PATCH", seconds=0.5)
    others: list[Done] = []

    def run_too(process: int) -> None:
        until(lambda: any(each.method == "PATCH" for each in mock.requests))
        os.kill(process, signal.SIGSTOP)
        try:
            others.append(apply(wanted))
        finally:
            os.kill(process, signal.SIGCONT)

    assert wanted.watched(run_too, "apply", "--auto-approve").code == 0
    [done] = others
    assert done.code == 1
    assert "another run" in done.text
    assert apply(wanted).code == 0


def test_history_shows_runs_and_the_audit_log_on_one_timeline(wanted: Shell, mock: Mock) -> None:
    mock.portal("TemporaryAccessPass", {"defaultLength": 11}, actor="ana@contoso.com")
    apply(wanted)
    told = wanted("history").out.splitlines()
    assert any("ana@contoso.com" in line for line in told)  # in the same second it may be second
    assert any(run_folder(wanted).name in line for line in told)
    found = json.loads(wanted("history", "--format", "json").out)
    [audit] = found["audit"]
    assert audit["by"] == "ana@contoso.com"
    assert audit["changed"] == ["TemporaryAccessPass.defaultLength"]
    assert [len(run["audit"]) for run in found["runs"]] == [WRITES]  # the tool's are with the run
    assert wanted("history", "--tenant", "fabrikam", "--format", "json").code == 0


def test_history_goes_without_the_audit_log_where_it_must(wanted: Shell, mock: Mock) -> None:
    apply(wanted)
    run = run_folder(wanted).name
    mock.clear_requests()
    wanted.settings |= NO_PATIENCE
    alone = {"GRAPHPOLICY_ACCESS_TOKEN": "", "GRAPHPOLICY_GRAPH_URL": ""}
    offline = wanted("history", env=alone)
    assert (offline.code, offline.err, mock.requests) == (0, "", [])
    assert run in offline.out
    for kept in (
        {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_token(roles=["Policy.Read.All"])},
        {"GRAPHPOLICY_GRAPH_URL": "http://127.0.0.1:9"},
        {"GRAPHPOLICY_ACCESS_TOKEN": "", "AZURE_CLIENT_ID": "a", "AZURE_CLIENT_SECRET": "b"},
    ):
        degraded = wanted("history", env=kept)
        assert degraded.code == 0
        assert run in degraded.out
        assert "audit log" in degraded.err


def test_a_run_of_a_file_elsewhere_is_found_again_or_said_how(shell: Shell, mock: Mock) -> None:
    subprocess.run(["git", "init", "-q"], cwd=shell.folder, check=True)
    shell.write(CHANGES, "tenants/contoso.yaml")
    killed_at(shell, mock, PLANNED + 4, signal.SIGKILL, more=("tenants",))
    run = run_folder(shell).name
    moved = shell.folder / "tenants" / "other.yml"
    (shell.folder / "tenants/contoso.yaml").rename(moved)
    lost = shell("apply", "--resume", run)
    assert (lost.code, "tenants/contoso.yaml" in lost.err) == (64, True)
    assert proposed(lost) == [["apply", "--resume", run, "FILE"]]
    moved.rename(shell.folder / "tenants/contoso.yaml")
    below = shell.folder / "deep"
    below.mkdir()
    there = Shell(below, shell.environment)
    for verb in (("history",), ("rollback",), ("apply", "--resume", run)):
        done = there(*verb)
        assert "-C DIR" in done.err, done.text
    state = ("--state-dir", "../.graphpolicy")
    assert run in there("history", *state).out
    resumed = there("apply", "--resume", run, "--verify-timeout", "2", *state)
    assert resumed.code == 0, resumed.text
    assert shell("plan", "tenants", "--detailed-exitcode").code == 0
    undone = there("rollback", "--auto-approve", *ALLOWED, *state)
    assert undone.code == 0, undone.text
    assert "no policy file" not in undone.err


def test_a_folder_of_records_that_is_a_link_is_not_taken_for_an_empty_one(
    shell: Shell, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away")
    at = shell.folder / ".graphpolicy"
    wrong = []
    for target in (away, away / "nowhere"):
        at.symlink_to(target)
        for verb in (("history",), ("history", "--format", "json"), ("rollback",)):
            done = shell(*verb)
            if (done.code, "it is a link" in done.err) != (1, True):
                wrong.append((verb, target.name, done.code, done.text))
        at.unlink()
    at.mkdir()
    (at / "runs").symlink_to(away)
    assert shell("history").code == 1
    assert wrong == []
