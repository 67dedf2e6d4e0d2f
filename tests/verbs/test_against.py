"""plan --against: a plan from a snapshot, without a tenant, says what a live plan says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.mock import Mock
from tests.shell import Done, Shell, policy

POLICIES = Path(__file__).parents[2] / "policies"
SIGNED_IN = ("GRAPHPOLICY_GRAPH_URL", "GRAPHPOLICY_ACCESS_TOKEN")
FILES = {
    "a method off": "Sms:\n  state: disabled",
    "everyone": "TemporaryAccessPass:\n  state: enabled\n  includeTargets: [all_users]",
    "a setting of beta": "HardwareOath:\n  state: disabled",
    "a name and its id": (
        "Voice:\n  excludeTargets:\n"
        "  - {group: SG-MFA-Pilot-P, id: 0d1c2b3a-0000-4000-8000-000000000001}"
    ),
    "a name": "Voice:\n  excludeTargets: [{group: SG-MFA-Pilot-P}]",
    "a feature": (
        "MicrosoftAuthenticator:\n  featureSettings:\n"
        "    displayAppInformationRequiredState: enabled"
    ),
    "nothing": "Sms:\n  state: enabled",
}
COMPARED = ("resource", "path", "before", "after", "before_label", "after_label", "api", "audience")


def plan(shell: Shell, *flags: str, tenant: bool = False) -> Any:
    """The only plan, live or from a snapshot."""
    kept = dict(shell.environment)
    if not tenant:
        for name in SIGNED_IN:
            shell.environment.pop(name)
    done = shell("plan", "--tenant", "contoso", "--format", "json", *flags)
    shell.environment.update(kept)
    assert done.code in (0, 2, 6), done.err
    [only] = json.loads(done.out)["plans"]
    return only


def changes(planned: Any) -> list[dict[str, Any]]:
    return [{name: change[name] for name in COMPARED} for change in planned["changes"]]


def without(shell: Shell, *arguments: str) -> Done:
    for name in SIGNED_IN:
        shell.environment.pop(name, None)
    return shell(*arguments)


@pytest.mark.parametrize("text", FILES.values(), ids=FILES.keys())
def test_it_gives_the_changes_and_the_digest_of_a_live_plan(
    text: str, shell: Shell, mock: Mock
) -> None:
    shell.write(policy(text))
    shell("pull", "--snapshot", "tenant.json")
    live = plan(shell, tenant=True)
    before = len(mock.requests)
    saved = plan(shell, "--against", "tenant.json")
    assert len(mock.requests) == before
    assert changes(saved) == changes(live)
    assert saved["digest"] == live["digest"]
    assert saved["observed"] == live["observed"]


def test_the_example_of_the_readme_too(shell: Shell) -> None:
    shutil.copytree(POLICIES, shell.folder / "policies")
    shell("pull", "--tenant", "contoso", "--snapshot", "tenant.json")
    live, saved = plan(shell, tenant=True), plan(shell, "--against", "tenant.json")
    assert len(live["changes"]) == 10
    assert changes(saved) == changes(live)
    assert saved["digest"] == live["digest"]


def test_a_bare_id_that_is_new_in_the_file_stands_without_its_name(shell: Shell) -> None:
    pilot = "0d1c2b3a-0000-4000-8000-000000000001"
    shell.write(policy(f"Voice:\n  excludeTargets: [{{id: {pilot}}}]"))
    shell("pull", "--snapshot", "tenant.json")
    live, saved = plan(shell, tenant=True), plan(shell, "--against", "tenant.json")
    assert saved["digest"] == live["digest"]
    assert [each["after"] for each in saved["changes"]] == [[{"targetType": "group", "id": pilot}]]
    assert [each["after_label"] for each in saved["changes"]] == [pilot]


def test_a_group_that_the_snapshot_lacks_is_shown_by_name_with_a_warning(shell: Shell) -> None:
    shell.write(policy(FILES["nothing"]))
    shell("pull", "--snapshot", "tenant.json")
    shell.write(policy(FILES["a name"]))
    saved = plan(shell, "--against", "tenant.json")
    [change] = saved["changes"]
    assert (change["path"], change["after_label"]) == ("excludeTargets", "SG-MFA-Pilot-P")
    assert saved["digest"] is None
    [lacking] = [each for each in saved["findings"] if each["rule"] == "name-not-in-snapshot"]
    assert lacking["level"] == "warning"
    assert lacking["source"]["line"] == 6


def test_a_name_beside_the_id_of_another_group_is_seen_in_a_snapshot_too(shell: Shell) -> None:
    targets = "[{group: SG-MFA-Pilot-P}, {group: Break-glass accounts}]"
    shell.write(policy(f"Voice: {{excludeTargets: {targets}}}"))
    shell("pull", "--snapshot", "tenant.json")
    pilot = "0d1c2b3a-0000-4000-8000-000000000001"
    entry = f"{{group: Break-glass accounts, id: {pilot}}}"
    for block in (f"emergencyAccess: [{entry}]", f"helpdesk: {{refuse: [{{role: any}}, {entry}]}}"):
        shell.write(f"{policy(FILES['nothing'])}{block}\n")
        saved = plan(shell, "--against", "tenant.json")
        assert "name-of-another" in [each["rule"] for each in saved["findings"]]
    shell.write(f"{policy(FILES['nothing'])}helpdesk: {{refuse: [{{group: Nobody knows it}}]}}\n")
    saved = plan(shell, "--against", "tenant.json")
    [told] = [each for each in saved["findings"] if each["rule"] == "helpdesk-group-not-found"]
    assert told["level"] == "note"


def test_a_group_in_other_letters_is_another_name(shell: Shell) -> None:
    shell.write(policy(FILES["a name"]))
    shell("pull", "--snapshot", "tenant.json")
    shell.write(policy(FILES["a name"].replace("SG-MFA", "sg-mfa")))
    saved = plan(shell, "--against", "tenant.json")
    assert "name-not-in-snapshot" in [each["rule"] for each in saved["findings"]]


def test_a_snapshot_is_taken_where_groups_may_not_be_read(shell: Shell, mock: Mock) -> None:
    shell.write(policy(FILES["a name"]))
    token = mock.issue_token(roles=["Policy.Read.AuthenticationMethod"])
    shell.environment["GRAPHPOLICY_ACCESS_TOKEN"] = token
    assert shell("pull", "--snapshot", "tenant.json").code == 0
    assert json.loads((shell.folder / "tenant.json").read_text())["groups"] == []


def test_it_says_how_old_the_snapshot_is_in_every_format(shell: Shell) -> None:
    shell.write(policy(FILES["a method off"]))
    shell("pull", "--snapshot", "tenant.json")
    file = shell.folder / "tenant.json"
    data = json.loads(file.read_text())
    for taken, words in (
        ("2020-01-01T05:17:00Z", "days old"),
        (data["taken_at"], "taken today"),
        ("some time", "age unknown"),
    ):
        file.write_text(json.dumps({**data, "taken_at": taken}))
        for format_ in ("text", "json", "markdown", "html", "sarif", "github"):
            done = without(shell, "plan", "--against", "tenant.json", "--format", format_)
            assert done.code == 0
            assert words in done.out
        assert f"live state read {taken}, from a snapshot" in done.out or format_ == "github"


def test_a_plan_without_a_digest_can_not_be_applied(shell: Shell, mock: Mock) -> None:
    shell.write(policy("Voice:\n  excludeTargets: [{group: Nobody knows it}]"))
    shell("pull", "--snapshot", "tenant.json")
    shell("plan", "--against", "tenant.json", "-o", "plan.json")
    done = shell("apply", "plan.json", "--auto-approve")
    assert done.code == 1
    assert "it was planned from a snapshot that lacks a group" in done.err
    assert not [each for each in mock.requests if each.method == "PATCH"]


def test_a_folder_of_snapshots_serves_several_tenants(shell: Shell) -> None:
    shell.write(policy(FILES["a method off"]))
    other = "22222222-2222-4333-8444-555555555555"
    shell.write(policy(FILES["a method off"], other), "policies/fabrikam.yaml")
    (shell.folder / "snapshots").mkdir()
    shell("pull", "--tenant", "contoso", "--snapshot", "snapshots/contoso.json")
    done = without(shell, "plan", "--against", "snapshots")
    assert done.code == 1
    assert "no snapshot is of this tenant" in done.out
    assert "contoso: 1 to change" in done.out
    data = json.loads((shell.folder / "snapshots/contoso.json").read_text())
    data["tenant"] = {"name": "fabrikam", "id": other, "cloud": "global"}
    shell.write(json.dumps(data), "snapshots/fabrikam.json")
    done = without(shell, "plan", "--against", "snapshots")
    assert done.code == 0
    assert "2 tenants: 2 to change" in done.out
    shell.write(json.dumps(data), "snapshots/again.json")
    done = without(shell, "plan", "--against", "snapshots")
    assert done.code == 1
    assert f"are both of tenant {other}" in done.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file"),
        ("[" * 100_000, "can't be read as a snapshot"),
        ("{}", "it has no `documents`"),
        ("[]", "it is not a snapshot"),
        ('{"documents": {}, "format_version": "2"}', "this release reads 1"),
    ],
)
def test_what_is_no_snapshot_is_told(text: str | None, words: str, shell: Shell) -> None:
    shell.write(policy(FILES["a method off"]))
    if text is not None:
        shell.write(text, "tenant.json")
    done = without(shell, "plan", "--against", "tenant.json")
    assert done.code == 1
    assert words in done.err
    assert "pull --snapshot" in done.err


def test_an_unset_variable_is_no_snapshot(shell: Shell) -> None:
    shell.write(policy(FILES["a method off"]))
    assert without(shell, "plan", "--against", "").code == 64


def test_a_snapshot_without_a_version_that_is_needed_is_told(shell: Shell) -> None:
    shell.write(policy(FILES["a feature"]))
    shell("pull", "--snapshot", "tenant.json")
    data = json.loads((shell.folder / "tenant.json").read_text())
    del data["documents"]["beta"]
    shell.write(json.dumps(data), "tenant.json")
    done = without(shell, "plan", "--against", "tenant.json")
    assert done.code == 1
    assert "the snapshot has no beta document" in done.out


def test_a_shape_that_nobody_foresaw_is_this_tenants_failure(shell: Shell) -> None:
    shell.write(policy(FILES["a method off"]))
    shell("pull", "--snapshot", "tenant.json")
    data = json.loads((shell.folder / "tenant.json").read_text())
    data["documents"]["v1.0"]["authenticationMethodConfigurations"] = ["x"]
    shell.write(json.dumps(data), "tenant.json")
    done = without(shell, "plan", "--against", "tenant.json")
    assert done.code == 1
    assert "unexpected response from this tenant" in done.out


def test_with_a_base_it_tells_edits_from_drift(shell: Shell) -> None:
    shell.write(policy(FILES["nothing"]), "base/contoso.yaml")
    shell.write(policy(FILES["a method off"]))
    shell("pull", "--snapshot", "tenant.json")
    saved = plan(shell, "--against", "tenant.json", "--base", "base")
    assert [change["cause"] for change in saved["changes"]] == ["edit"]


def test_emergency_access_is_known_as_far_as_a_snapshot_goes(shell: Shell) -> None:
    text = policy(FILES["a method off"])
    shell.write(text + "emergencyAccess: [{user: bg-01@contoso.com}, {group: Unknown}]\n")
    shell("pull", "--snapshot", "tenant.json")
    saved = plan(shell, "--against", "tenant.json")
    said = [each["message"] for each in saved["findings"]]
    assert any(each.startswith("user 'bg-01@contoso.com'") for each in said)
    assert any(each.startswith("group 'Unknown'") for each in said)


def test_json_that_was_cut_off_is_told_with_its_place_by_every_verb(shell: Shell) -> None:
    shell.write(policy("Sms: {state: disabled}"))
    shell.write('{\n  "plans": [{"a', "cut.json")
    shell.write("", "none.json")
    verbs = {
        "pull --from FILE": 1,
        "init new --from FILE": 1,
        "plan --against FILE": 1,
        "apply FILE": 1,
        "rollback --to FILE": 1,
        "ci outputs FILE": 1,
        "announce --plan FILE": 1,
    }
    wrong = []
    for verb, code in verbs.items():
        for file, words in (("cut.json", "line 2, column 14"), ("none.json", "it is empty")):
            done = shell(*verb.replace("FILE", file).split())
            if (done.code, words in done.err, file in done.err) != (code, True, True):
                wrong.append((verb, done.code, done.text))
    assert wrong == []


def test_a_folder_of_saved_answers_drops_nothing_in_silence(shell: Shell, mock: Mock) -> None:
    """EntraExporter saves the policy itself and each method as files of their own."""
    whole = mock.policy("beta")
    items = whole.pop("authenticationMethodConfigurations")
    folder = "Policies/AuthenticationMethodsPolicy"
    shell.write(json.dumps({**whole, "reconfirmationInDays": 7}), f"{folder}/Root.json")
    for item in items:
        shell.write(json.dumps(item), f"{folder}/{item['id']}.json")
    shell.write(json.dumps({"id": "x", "displayName": "A group"}), "Policies/Group.json")
    done = shell("pull", "--from", "Policies")
    assert done.code == 0, done.text
    assert "reconfirmationInDays: 7" in done.out
    assert "Sms:" in done.out
    assert "left out, because it is not about the policy: Policies/Group.json" in done.err
    (shell.folder / folder / "Root.json").unlink()
    assert "own settings" in shell("pull", "--from", "Policies").err
