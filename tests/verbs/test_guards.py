"""What refuses a plan, and how a person may accept it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from graphpolicy.mock import Mock
from tests.shell import Shell, nobody_registered, policy

UNTIL = "owner: ana@contoso.com, expires: 2099-12-31"


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def weak(shell: Shell, mock: Mock) -> Shell:
    """A policy that switches voice calls on, which are off."""
    mock.portal("Voice", {"state": "disabled"}, actor="ana@contoso.com")
    shell.write(policy("Voice:\n  state: enabled"))
    return shell


def test_a_guard_refuses_what_it_finds(weak: Shell, mock: Mock) -> None:
    before = mock.policy("beta")
    assert weak("plan").code == 6
    assert weak("plan", "--detailed-exitcode").code == 6
    done = weak("apply", "--auto-approve")
    assert done.code == 6
    assert "refused: weak-method-enabled" in done.out
    assert mock.policy("beta") == before


def test_an_allowed_rule_is_accepted_for_one_run_and_recorded(weak: Shell) -> None:
    assert weak("apply", "--auto-approve", "--allow", "weak-method").code == 64
    assert weak("apply", "--auto-approve", "--allow", "weak-method-enabled").code == 0
    runs = json.loads(weak("history", "--format", "json").out)["runs"]
    assert runs[0]["consent"]["allow"] == ["weak-method-enabled"]
    again = weak("apply", "--auto-approve", "--allow", "weak-method-enabled")
    assert again.code == 0
    assert "allowed-not-fired" in again.out


def test_an_acknowledgement_accepts_until_its_day(weak: Shell) -> None:
    text = policy("Voice:\n  state: enabled")
    entry = "acknowledge: [{rule: weak-method-enabled, resource: Voice, reason: CHG1, %s}]\n"
    weak.write(text + entry % UNTIL.replace("2099", "2020"))
    ended = weak("apply", "--auto-approve")
    assert ended.code == 6
    assert "acknowledgement-expired" in ended.out
    weak.write(text + entry % UNTIL)
    [plan] = json.loads(weak("plan", "--format", "json").out)["plans"]
    [finding] = [one for one in plan["findings"] if one["rule"] == "weak-method-enabled"]
    assert finding["acknowledged"] is True
    assert (plan["refused"], plan["summary"]["errors"]) == (False, 0)
    assert weak("apply", "--auto-approve").code == 0
    assert "acknowledgement-unused" in weak("plan").out


def test_a_frozen_tenant_is_planned_and_not_written_to(weak: Shell, mock: Mock) -> None:
    text = policy("Sms:\n  state: disabled")
    freeze = f"freeze: {{reason: Year end, {UNTIL}}}"
    weak.write(text.replace("555555555555}", f"555555555555, {freeze}}}"))
    plan = weak("plan")
    assert plan.out.splitlines()[3].startswith("policies/contoso.yaml:2:")
    assert "error[tenant-frozen]" in plan.out.splitlines()[3]
    assert weak("apply", "--auto-approve").code == 6
    assert weak("drift").code == 2
    mock.portal("Sms", {"state": "disabled"}, actor="ana@contoso.com")
    assert weak("apply", "--auto-approve").code == 0


def test_a_policy_raises_a_level_and_lowers_none(shell: Shell) -> None:
    text = policy("Sms:\n  includeTargets: [{group: SG-MFA-Pilot-P}]")
    shell.write(text)
    assert shell("plan", "--detailed-exitcode").code == 2
    shell.write(f"{text}guards: {{inclusion-shrinks: error}}\n")
    assert shell("plan", "--detailed-exitcode").code == 6
    shell.write(f"{text}guards: {{weak-method-enabled: warning}}\n")
    refused = shell("validate")
    assert refused.code == 1
    assert "guard-level" in refused.out


def test_emergency_access_is_not_locked_out(shell: Shell, mock: Mock) -> None:
    everything = "MicrosoftAuthenticator:\n  state: disabled\nFido2:\n  state: disabled\n"
    shell.write("emergencyAccess: [{group: Break-glass accounts}]\n" + policy(everything))
    done = shell("plan", "--detailed-exitcode")
    assert done.code == 6
    assert "error[" in done.out
    shell.write(policy(everything))
    missing = shell("plan", "--detailed-exitcode")
    assert missing.code == 6
    assert "emergency-access-missing" in missing.out


@pytest.fixture
def night(shell: Shell, mock: Mock) -> Shell:
    """Main is applied; on-call turns voice off at night; a pull request changes a pass's length."""
    git(shell.folder, "init", "-q", "-b", "main")
    before = policy("Voice:\n  state: enabled\nTemporaryAccessPass:\n  defaultLength: 8")
    shell.write(before)
    git(shell.folder, "add", ".")
    git(shell.folder, "commit", "-qm", "as it was")
    assert shell("apply", "--auto-approve").code == 0
    mock.portal("Voice", {"state": "disabled"}, actor="oncall@contoso.com")
    shell.write(before.replace("defaultLength: 8", "defaultLength: 12"))
    git(shell.folder, "commit", "-qam", "longer passes")
    return shell


def test_merging_a_harmless_change_does_not_undo_what_on_call_did(night: Shell, mock: Mock) -> None:
    plan = night("plan", "--base", "HEAD~1", "--format", "json")
    changes = json.loads(plan.out)["plans"][0]["changes"]
    causes = {change["path"]: change["cause"] for change in changes}
    assert causes == {"state": "drift", "defaultLength": "edit"}
    [by] = [change["changed_by"] for change in changes if change["path"] == "state"]
    assert [each["name"] for each in by] == ["oncall@contoso.com"]
    text = night("plan", "--base", "HEAD~1").out
    assert text.index("Edited in the files") < text.index("Changed in the tenant")
    done = night("apply", "--auto-approve", "--base", "HEAD~1")
    assert done.code == 6
    assert "refused: weak-method-enabled, reverts-outside-change" in done.out
    assert "from enabled to disabled (by oncall@contoso.com, 20" in done.out
    assert night("plan", "--base", "no-such-rev").code == 1
    methods = mock.policy("v1.0")["authenticationMethodConfigurations"]
    assert [one["state"] for one in methods if one["id"] == "Voice"] == ["disabled"]


def test_a_file_that_was_moved_in_between_hides_nothing(night: Shell) -> None:
    (night.folder / "policies/contoso.yaml").rename(night.folder / "policies/c.yaml")
    done = night("apply", "policies/c.yaml", "--auto-approve", "--base", "HEAD~1")
    assert done.code == 6
    assert "refused: weak-method-enabled, reverts-outside-change" in done.out


def test_a_base_that_cannot_be_understood_lets_nothing_be_undone(night: Shell) -> None:
    sound = (night.folder / "policies/contoso.yaml").read_text(encoding="utf-8")
    night.write(sound.replace("Voice:", "Vioce:"))
    git(night.folder, "commit", "-qam", "a typing error")
    night.write(sound)
    accept = ("--allow", "weak-method-enabled")
    done = night("apply", "--auto-approve", "--base", "HEAD", *accept)
    assert done.code == 6
    assert "refused: reverts-outside-change" in done.out
    assert "HEAD:policies/contoso.yaml:5:5: error[unknown-method]" in done.err
    assert night("plan", "--base", "").code == 64


def test_drift_says_who_changed_it_or_that_nobody_may_tell(night: Shell, mock: Mock) -> None:
    [voice] = [
        change
        for change in json.loads(night("drift", "--format", "json").out)["plans"][0]["changes"]
        if change["resource"] == "Voice"
    ]
    assert [each["name"] for each in voice["changed_by"]] == ["oncall@contoso.com"]
    assert "(by oncall@contoso.com, 20" in night("drift").out
    mock.add_fault("status", path_contains="auditLogs", status=403)
    untold = night("drift")
    assert untold.code == 2
    assert "note[audit-log-not-read]" in untold.out
    assert "oncall" not in untold.out


def test_an_error_in_the_search_for_a_name_costs_the_name_alone(night: Shell) -> None:
    """A number can't be called, so each of these places fails."""
    sound = night.called("drift", "--format", "json")
    for place in ("compare.authors._known_authors", "compare.audit_events._event"):
        night.settings[f"graphpolicy.{place}"] = 0
        done = night.called("drift", "--format", "json")
        assert done.code == sound.code == 2
        then, now = (json.loads(each.out)["plans"][0] for each in (sound, done))
        values = ("resource", "path", "before", "after")
        for one, other in zip(then["changes"], now["changes"], strict=True):
            assert [one[name] for name in values] == [other[name] for name in values]
        notes = [each for each in now["findings"] if "TypeError" in each["message"]]
        assert [(each["level"], "py:" in each["message"]) for each in notes] == [("note", True)]
        changed_by = [each for change in now["changes"] for each in change["changed_by"]]
        assert {each["kind"] for each in changed_by} == {"unknown"}
        planned = night.called("plan", "--base", "HEAD~1", "--format", "json")
        assert [each["path"] for each in json.loads(planned.out)["plans"][0]["changes"]]
        night.settings.clear()


@pytest.mark.parametrize("recorded", ["no_actor", "no_record", "administrator"])
def test_drift_names_microsoft_where_no_administrator_is_on_record(
    recorded: str, shell: Shell, mock: Mock
) -> None:
    mock.advance(-7200)
    mock.portal("Fido2", {"state": "disabled"})
    mock.advance(60)
    mock.set_switches(september_2026=recorded)
    assert mock.ask("GET", "/v1.0/policies/authenticationMethodsPolicy").status == 200
    mock.advance(7140)
    shell.write(policy("Fido2: {state: disabled}"))
    done = shell("drift", "--format", "json")
    assert done.code == 2
    [change] = json.loads(done.out)["plans"][0]["changes"]
    [author] = change["changed_by"]
    text = shell("drift", "--format", "markdown").out
    if recorded == "administrator":
        assert (author["kind"], author["notice"]) == ("user", None)
        assert author["name"] in text
    else:
        assert (author["kind"], author["notice"]["since"]) == ("microsoft", "2026-09-01")
        assert "Microsoft" in text
        assert author["notice"]["source"] in text


def test_microsoft_is_not_named_where_the_tenant_opted_out(shell: Shell, mock: Mock) -> None:
    """Passkeys are on v1.0 and the opt-out is on beta alone: it is read before that is said."""
    shell.write(policy("Fido2: {state: disabled}"))
    for opted_out, named in (("absent", True), ("true", False)):
        mock.set_switches(opt_out=opted_out)
        [change] = json.loads(shell("drift", "--format", "json").out)["plans"][0]["changes"]
        assert any(each["notice"] for each in change["changed_by"]) is named


CAMPAIGN = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
authenticationMethodsPolicy:
  registrationEnforcement:
    authenticationMethodsRegistrationCampaign:
      state: enabled
      includeTargets: [{group: all_users, targetedAuthenticationMethod: fido2}]
"""


def test_a_campaign_that_prompts_nobody_is_told_with_its_place(shell: Shell, mock: Mock) -> None:
    mock.portal("Fido2", {"state": "disabled"})
    shell.write(CAMPAIGN)
    findings = json.loads(shell("plan", "--format", "json").out)["plans"][0]["findings"]
    [found] = [each for each in findings if each["rule"] == "campaign-reaches-nobody"]
    assert (found["source"]["file"], found["source"]["line"]) == ("policies/contoso.yaml", 7)


OPT_OUT = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
unmanaged: ignore
authenticationMethodsPolicy:
  optOutSettings: {passkeyDynamicMigration: %s}
"""


@pytest.mark.parametrize("live", ["absent", "null", "false", "true"])
def test_the_opt_out_is_written_whatever_the_tenant_holds(
    live: str, shell: Shell, mock: Mock
) -> None:
    mock.set_switches(opt_out=live)
    shell.write(OPT_OUT % "true")
    planned = shell("plan", "--detailed-exitcode")
    assert planned.code == (0 if live == "true" else 2)
    assert shell("apply", "--auto-approve").code == 0
    assert shell("plan", "--detailed-exitcode").code == 0
    assert "passkeyDynamicMigration: true" in shell("pull").out
    mock.portal("authenticationMethodsPolicy", {"optOutSettings": None})
    assert shell("drift").code == 2
    shell.write(OPT_OUT % "false")
    assert shell("drift").code == 0


def test_an_opt_out_that_ends_names_the_groups_whom_microsoft_then_reaches(
    shell: Shell, mock: Mock
) -> None:
    """Sms is not in the file, so nothing else asks for the name of its group."""
    mock.set_switches(opt_out="true")
    mock.portal("Voice", {"state": "disabled"})
    pilot = {"targetType": "group", "id": "0d1c2b3a-0000-4000-8000-000000000001"}
    mock.portal("Sms", {"includeTargets": [pilot]})
    shell.write(OPT_OUT % "false")
    done = shell("plan", "--format", "json")
    [found] = json.loads(done.out)["plans"][0]["findings"]
    assert found["rule"] == "opt-out-ends"
    assert "SG-MFA-Pilot-P" in found["message"]


def test_an_opt_out_that_is_not_kept_is_a_failure(shell: Shell, mock: Mock) -> None:
    mock.set_switches(**{"beta/optOutSettings": "read_only"})
    shell.write(OPT_OUT % "true")
    done = shell("apply", "--auto-approve", "--format", "json", "--verify-timeout", "0")
    assert done.code == 1
    [result] = json.loads(done.out)["plans"][0]["results"]
    assert result["outcome"] == "not_persisted"


def test_a_folder_is_a_base_too_and_a_new_tenant_has_only_edits(night: Shell) -> None:
    (night.folder / "old").mkdir()
    plan = night("plan", "--base", "old", "--format", "json")
    assert plan.code == 6
    (night.folder / "old/contoso.yaml").write_text(
        policy("Voice:\n  state: disabled"), encoding="utf-8"
    )
    plan = night("plan", "--base", "old", "--format", "json")
    causes = {
        change["path"]: change["cause"] for change in json.loads(plan.out)["plans"][0]["changes"]
    }
    assert causes == {"state": "edit", "defaultLength": "edit"}


def test_a_tenant_that_loses_its_file_is_told_of_in_the_plans_of_the_others(shell: Shell) -> None:
    other = "33333333-2222-4333-8444-555555555555"
    shell.write(policy("Sms: {state: enabled}"))
    given_up = shell.write(policy("Sms: {state: enabled}", other), "policies/other.yaml")
    for command in ("init -q", "add -A", "commit -qm a"):
        git(shell.folder, *command.split())

    def rules(*arguments: str) -> set[str]:
        done = shell(*arguments, "--base", "HEAD", "--format", "json")
        assert done.code == 0, done.text
        (made,) = json.loads(done.out)["plans"]
        told = {each["rule"] for each in made["findings"] if other in each["message"]}
        lost = [each for each in made["protection"] if each["key"] == "tenant"]
        assert bool(lost) == bool(told)
        for row in lost:
            assert (row["before"]["id"], row["after"], row["weaker"]) == (other, None, True)
        return told

    assert rules("plan", "--tenant", "contoso") == set()
    given_up.unlink()
    assert rules("plan") == {"protection-weakened"}
    assert rules("apply", "--auto-approve") == {"protection-weakened"}
    assert rules("plan", "policies/contoso.yaml") == set()
    assert "No changes" not in shell("plan", "--base", "HEAD", "--format", "markdown").out


def test_what_protects_a_tenant_is_compared_also_where_it_cannot_be_planned(shell: Shell) -> None:
    """With a name that no group has, from the tenant and from no snapshot of it."""
    shell.write(
        policy("Sms: {state: enabled, includeTargets: [{group: Nobody knows it}]}")
        + "emergencyAccess: [{user: bg-01@contoso.com}]\nguards: {inclusion-shrinks: error}\n",
        "old/contoso.yaml",
    )
    shell.write(policy("Voice: {includeTargets: [{group: Nobody knows it}]}"))
    shell.write(json.dumps({"format_version": "1"}), "empty/x.txt")
    rows = [
        ("emergencyAccess", "user bg-01@contoso.com"),
        ("guards", "inclusion-shrinks"),
        ("authenticationMethodsPolicy", "Sms.state"),
        ("authenticationMethodsPolicy", "Sms.includeTargets"),
    ]
    for verb in (("plan",), ("plan", "--against", "empty"), ("apply", "--auto-approve")):
        outputs = [
            word for suffix in ("md", "html", "sarif", "txt") for word in ("-o", f"o.{suffix}")
        ]
        done = shell(*verb, "--base", "old", "--format", "json", *outputs)
        assert done.code == 1
        (made,) = json.loads(done.out)["plans"]
        assert "error" in made
        assert [(each["key"], each["path"]) for each in made["protection"]] == rows
        assert all(each["weaker"] for each in made["protection"])
        for suffix in ("md", "html", "sarif", "txt"):
            text = (shell.folder / f"o.{suffix}").read_text(encoding="utf-8")
            assert [path for _, path in rows if path.split(" ")[-1] not in text] == [], suffix


def test_what_a_base_no_longer_protects_is_told_where_a_file_extends_it_no_more(
    shell: Shell,
) -> None:
    base = policy("Voice: {state: disabled}").replace("tenant: {id", "# {id")
    shell.write(
        f"{base}emergencyAccess: [{{user: bg-01@contoso.com}}]\n"
        "guards: {inclusion-shrinks: error}\n"
        "helpdesk: {refuse: [{role: any}], requireReason: true}\n",
        "policies/base.yaml",
    )
    child = shell.write("extends: [base.yaml]\n" + policy("Sms: {state: disabled}"))
    for command in ("init -q", "add -A", "commit -qm a"):
        git(shell.folder, *command.split())

    def rows() -> set[tuple[str, str]]:
        done = shell("plan", "--base", "HEAD", "--format", "json")
        assert done.code in (0, 6), done.text
        (made,) = json.loads(done.out)["plans"]
        assert all(each["weaker"] for each in made["protection"])
        return {(each["key"], each["path"]) for each in made["protection"]}

    assert rows() == set()
    child.write_text(policy("Sms: {state: disabled}"), encoding="utf-8")
    assert rows() == {
        ("emergencyAccess", "user bg-01@contoso.com"),
        ("guards", "inclusion-shrinks"),
        ("helpdesk", "refuse role any"),
        ("helpdesk", "requireReason"),
        ("authenticationMethodsPolicy", "Voice.state"),
    }


def test_a_warning_about_the_files_is_in_every_report_and_not_in_the_digest(
    shell: Shell, mock: Mock
) -> None:
    """Also an edited snapshot, at an apply as at a plan."""
    base = policy("Voice: {state: disabled}").replace("tenant: {id", "# {id")
    shell.write(base, "shared/base.yaml")
    shell.write(policy("Sms: {state: disabled}") + "extends: [../shared/base.yaml]\n")
    shell.write("{}\n", "snapshots/contoso.json")
    shell.write("/policies/ @ana\n", ".github/CODEOWNERS")
    for command in ("init -q", "add -A", "commit -qm a"):
        git(shell.folder, *command.split())
    shell.write("{ }\n", "snapshots/contoso.json")
    nobody_registered(mock)
    rules = {"unowned-file", "snapshot-edited"}
    validated = shell("validate")
    assert (validated.code, "unowned-file" in validated.out) == (0, True)
    for suffix in ("json", "md", "html", "sarif", "txt"):
        done = shell("plan", "--base", "HEAD", "-o", f"plan.{suffix}")
        text = (shell.folder / f"plan.{suffix}").read_text("utf-8")
        assert (done.code, {rule for rule in rules if rule in text}) == (0, rules), suffix
    digest = json.loads((shell.folder / "plan.json").read_text("utf-8"))["plans"][0]["digest"]
    shell.write("* @ana\n", ".github/CODEOWNERS")
    arguments = ("--base", "HEAD", "--expect-digest", digest, "--auto-approve", "--format", "json")
    applied = shell("apply", *arguments)
    found = json.loads(applied.out)["plans"][0]["findings"]
    assert (applied.code, {each["rule"] for each in found} & rules) == (0, {"snapshot-edited"})
