"""The workflows' own steps, run in order: a change from its pull request to the tenant."""

from __future__ import annotations

import signal
import subprocess
import time

import pytest

from graphpolicy.starter.workflows import LIST
from tests.github.actions.checkout import git
from tests.github.actions.results import Event
from tests.github.actions.scene import Scene, report
from tests.shell import policy

pytestmark = pytest.mark.e2e

FILE = "policies/contoso.yaml"
SMS_OFF = {FILE: policy("Sms: {state: disabled}")}
ONE_PERSON = (
    "acknowledge: [{rule: lockout, atMost: 1, reason: CHG1, owner: a@b.c, expires: 2099-12-31}]\n"
)
"""One person of the mock tenant has nothing but text messages."""
BOTH_OFF = {FILE: policy("Sms: {state: disabled}\nVoice: {state: disabled}") + ONE_PERSON}
VOICE_ON = {FILE: policy("Voice: {state: enabled}")}


# Ours are init's but for the install (`tests/unit/starter/test_workflows.py`), and gather records.
OURS = pytest.param(True, marks=pytest.mark.deep)


@pytest.mark.parametrize("repository", [False, OURS], ids=["init's", "ours"], indirect=True)
def test_a_change_goes_from_a_pull_request_to_the_tenant(repository: Scene) -> None:
    asked: list[str] = []

    def approve(environment: str) -> bool:
        asked.append(environment)
        return True

    repository.runner.approve = approve

    repository.change("both", BOTH_OFF)
    planned = repository.plan("both")
    results = planned.results()
    if "sarif / Code scanning" in results:  # nothing is uploaded where there is no code scanning
        assert results.pop("sarif / Code scanning") == "success"
        [upload] = planned.jobs["sarif / Code scanning"].steps["1"].text.splitlines()
        assert "no code scanning" in upload
    assert results == {"plan / Validate": "success", "plan / Plan": "success"}
    [comment] = repository.said("both")
    assert "for `contoso`: 2 to change" in comment
    kept = planned.artifacts["entra-plan-report"]
    assert sorted(file.name for file in kept.iterdir()) == [
        "plan.html",
        "plan.json",
        "plan.md",
        "plan.sarif",
    ]
    [reviewed] = report(planned, "entra-plan-report", "plan.json")["plans"]
    assert {change["cause"] for change in reviewed["changes"]} == {"edit"}
    assert asked == ["entra-plan"]
    assert repository.state("Sms") == "enabled"

    asked.clear()
    applied = repository.run("apply", repository.merge("both"))
    assert applied.green
    assert applied.jobs["apply / Apply"].result == "success"
    assert asked == ["entra-plan", "entra-apply"]
    plan = applied.jobs["apply / Plan"]
    assert plan.outputs == {"changes": "2", "digest": reviewed["digest"]}
    assert "the same plan as reviewed in #1" in plan.summary
    assert (repository.state("Sms"), repository.state("Voice")) == ("disabled", "disabled")
    writer = repository.runner.variables["entra-apply"]["AZURE_CLIENT_ID"]
    assert {edit.actor for edit in repository.mock.edits} == {writer}
    run = applied.artifacts["entra-apply-run"]
    [journal] = run.glob("runs/*/journal.jsonl")
    assert reviewed["digest"] in (journal.parent / "plan.json").read_text()
    [planning, told] = repository.said("both")
    assert planning == comment
    assert told.startswith("<!-- graphpolicy:apply ")
    assert (run / "apply.md").read_text() in told + "\n"

    again = repository.by_hand("apply")
    assert again.jobs["apply / Apply"].result == "skipped"
    assert len(repository.said("both")) == 2


@pytest.mark.parametrize("repository", [True], ids=["ours"], indirect=True)
def test_the_records_of_runs_gather_on_a_branch_also_of_one_that_failed_half_way(
    repository: Scene,
) -> None:
    nothing = repository.by_hand("apply")
    assert nothing.results() == {
        "apply / Plan": "success",
        "apply / Apply": "skipped",
        "journal / Journal": "success",
    }
    kept: list[int] = []
    email = {FILE: policy("Sms: {state: enabled}\nEmail: {state: disabled}") + ONE_PERSON}
    for branch, files, outcome in (("email", email, "success"), ("both", BOTH_OFF, "failure")):
        repository.change(branch, files)
        repository.mock.add_fault("status", method="PATCH", path_contains="voice", status=403)
        applied = repository.run("apply", repository.merge(branch))
        assert applied.jobs["apply / Apply"].result == outcome
        assert applied.jobs["journal / Journal"].result == "success"
        assert applied.jobs["journal / Journal"].permissions == {"contents": "write"}
        server = repository.repository.server
        names = git(server, "ls-tree", "-r", "--name-only", "graphpolicy-journal").splitlines()
        kept.append(len({name for name in names if name.endswith("/journal.jsonl")}))
        assert all(name.startswith("runs/") for name in names)
        own = applied.artifacts["entra-apply-run"].glob("runs/*/journal.jsonl")
        assert len([*own]) == 1  # without those of the branch
    assert kept == [1, 2]
    assert applied.jobs["apply / Apply"].steps["apply"].code == 5
    assert "failed" in repository.said("both")[-1]
    repository.repository.commit({"policies/contoso.yaml": policy("Sms: {state: enabled}")})
    assert repository.look().green
    [issue] = (each for each in repository.github.issues.values() if "Drift" in each["title"])
    assert "our run 20" in issue["body"]


WAVES = """\
rollouts:
  sms:
    open: pilot
    waves:
    - {name: pilot, target: {group: SG-MFA-Pilot-P}, from: 2026-01-01}
    - {name: everyone, target: all_users, from: 2026-01-02, needs: {soakDays: 1}}
"""


@pytest.mark.parametrize("repository", [True], ids=["ours"], indirect=True)
def test_a_pull_request_counts_the_days_of_a_wave_from_the_records(
    repository: Scene,
) -> None:
    begun = policy("Sms: {state: enabled, includeTargets: [{rollout: sms}]}") + WAVES
    begun += ONE_PERSON.replace("lockout, atMost: 1", "weak-method-enabled")
    repository.repository.commit({FILE: begun})
    assert repository.by_hand("apply").green
    repository.change("open", {FILE: begun.replace("open: pilot", "open: everyone")})
    assert not repository.plan("open").green
    [said] = repository.said("open")
    assert "has been in force for 0 days (applied on 20" in said


def test_what_a_guard_refuses_is_red_and_told_and_never_applied(repository: Scene) -> None:
    repository.mock.portal("Voice", {"state": "disabled"})
    repository.change("voice", VOICE_ON)
    merged = repository.run("apply", repository.merge("voice"))
    assert merged.results() == {"apply / Plan": "failure", "apply / Apply": "skipped"}
    [comment] = repository.said("voice")
    assert "weak-method-enabled" in comment
    assert repository.state("Voice") == "disabled"


def test_a_tenant_that_moves_while_the_approval_waits_is_not_written_to(repository: Scene) -> None:
    repository.change("both", BOTH_OFF)

    def approve(environment: str) -> bool:
        if environment == "entra-apply":
            repository.mock.portal("Voice", {"state": "disabled"}, actor="ana@contoso.com")
        return True

    repository.runner.approve = approve
    applied = repository.run("apply", repository.merge("both"))
    assert applied.results() == {"apply / Plan": "success", "apply / Apply": "failure"}
    assert applied.jobs["apply / Apply"].steps["apply"].code == 3
    assert "apply.json" in {file.name for file in applied.artifacts["entra-apply-run"].iterdir()}
    assert "nothing was written" in repository.said("both")[-1]
    assert repository.state("Sms") == "enabled"
    assert [edit.actor for edit in repository.mock.edits] == ["ana@contoso.com"]


def test_an_apply_that_is_cancelled_ends_in_order_and_keeps_its_record(repository: Scene) -> None:
    repository.change("both", BOTH_OFF)
    repository.mock.add_fault("slow", method="PATCH", seconds=1)

    def cancel(name: str, process: subprocess.Popen[str]) -> None:
        while name == "Apply" and "PATCH" not in {each.method for each in repository.mock.requests}:
            time.sleep(0.01)
        if name == "Apply":
            process.send_signal(signal.SIGINT)

    repository.runner.running = cancel
    applied = repository.run("apply", repository.merge("both"))
    assert applied.jobs["apply / Apply"].result == "cancelled"
    [journal] = applied.artifacts["entra-apply-run"].glob("runs/*/journal.jsonl")
    assert '"interrupted"' in journal.read_text() or "interrupted" in repository.said("both")[-1]
    written = {repository.state("Sms"), repository.state("Voice")}
    assert written == {"disabled", "enabled"}


def test_a_tenant_that_drifted_is_told_apart_and_only_a_person_brings_it_back(
    repository: Scene,
) -> None:
    repository.change("voice", {FILE: policy("Sms: {state: enabled}\nVoice: {state: disabled}")})
    repository.mock.portal("Sms", {"state": "disabled"}, actor="ana@contoso.com")
    planned = repository.plan("voice")
    assert planned.results() == {
        "plan / Validate": "success",
        "plan / Plan": "failure",
        "sarif / Code scanning": "success",
    }
    assert planned.jobs["plan / Plan"].steps["plan"].code == 6
    [plan] = report(planned, "entra-plan-report", "plan.json")["plans"]
    causes = {change["resource"]: change["cause"] for change in plan["changes"]}
    assert causes == {"Sms": "drift", "Voice": "edit"}
    assert "reverts-outside-change" in repository.said("voice")[0]

    repository.merge("voice")
    repository.mock.portal("Sms", {"state": "enabled"}, actor="ana@contoso.com")
    repository.mock.portal("Voice", {"state": "enabled"}, actor="ana@contoso.com")
    assert repository.by_hand("apply").green
    assert (repository.state("Sms"), repository.state("Voice")) == ("enabled", "disabled")


def test_by_hand_only_the_plan_of_the_digest_is_applied_with_what_the_base_installs(
    repository: Scene,
) -> None:
    def installed(run: int) -> list[str]:
        files = repository.runner.folder.glob(f"run-{run}-*/temp/installed.txt")
        return [file.read_text() for file in files]

    listed = repository.repository.file("main", LIST)
    repository.change("sms", {LIST: "something-else==1\n", **SMS_OFF})
    planned = repository.plan("sms")
    assert installed(1) == [listed] * 2
    repository.merge("sms")
    wrong = repository.by_hand("apply", digest="sha256:" + "0" * 64)
    assert installed(2) == ["something-else==1\n"] * 2
    assert wrong.jobs["apply / Apply"].steps["apply"].code == 3
    assert repository.state("Sms") == "enabled"
    [plan] = report(planned, "entra-plan-report", "plan.json")["plans"]
    assert plan["digest"] in repository.said("sms")[0]
    assert repository.by_hand("apply", digest=plan["digest"]).green
    assert repository.state("Sms") == "disabled"


def test_a_merge_queue_is_planned_against_what_it_is_based_on(repository: Scene) -> None:
    repository.change("sms", SMS_OFF)
    group = {
        "base_sha": repository.repository.head(),
        "head_sha": repository.repository.head("sms"),
    }
    event = Event("merge_group", group["head_sha"], {"merge_group": group})
    planned = repository.run("plan", event)
    assert planned.green
    [plan] = report(planned, "entra-plan-report", "plan.json")["plans"]
    assert [change["cause"] for change in plan["changes"]] == ["edit"]
    assert "1 to change" in planned.jobs["plan / Plan"].summary


def test_an_identity_that_entra_does_not_know_is_red_and_told(repository: Scene) -> None:
    repository.change("sms", SMS_OFF)
    variables = repository.runner.variables
    repository.runner.variables = {"entra-plan": {**variables["entra-plan"], "AZURE_CLIENT_ID": ""}}
    unset = repository.plan("sms").jobs["plan / Plan"]
    assert unset.result == "failure"
    [said] = repository.said("sms")
    assert "needs AZURE_CLIENT_ID" in said.replace("\\", "")
    repository.runner.variables = {"entra-plan": variables["entra-apply"]}
    wrong = repository.plan("sms").jobs["plan / Plan"]
    assert wrong.steps["plan"].code == 4
    [said] = repository.said("sms")
    assert "AADSTS" in said


def test_what_can_not_be_undone_is_applied_by_hand_alone_with_the_tenants_name(
    repository: Scene,
) -> None:
    repository.mock.set_switches(passkey_opt_in="before")
    profiles = policy(
        "Fido2:\n  passkeyProfiles:\n    Default passkey profile:\n"
        "      passkeyTypes: [deviceBound, synced]\n      attestationEnforcement: disabled\n"
        "      keyRestrictions: {isEnforced: false, enforcementType: block, aaGuids: []}\n"
    )
    accepted = (
        "emergencyAccess: {none: A tenant for tests}\n"
        "acknowledge:\n  - {rule: irreversible-change, reason: CHG1, owner: ana@contoso.com, "
        "expires: 2099-01-01}\n"
    )
    repository.change("profiles", {FILE: profiles + accepted})
    before = repository.mock.configuration("Fido2")
    merged = repository.run("apply", repository.merge("profiles"))
    assert merged.results() == {"apply / Plan": "success", "apply / Apply": "failure"}
    assert "--confirm contoso`" in merged.jobs["apply / Apply"].steps["apply"].text
    told = repository.said("profiles")[-1]
    assert told.startswith("<!-- graphpolicy:apply ")
    assert "can't be undone" in told
    assert "by hand, with `confirm`: contoso" in told.replace("\\", "")
    assert repository.mock.configuration("Fido2") == before
    assert repository.by_hand("apply", confirm="contoso").green
    assert repository.mock.configuration("Fido2") != before
