"""A rollout in waves: what each day allows, from the pilot to everyone."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graphpolicy.mock import Mock
from graphpolicy.plan.verdict import UNDECLARED
from tests.shell import Done, Shell, policy, proposed
from tests.verbs.test_guards import git

APP = "MicrosoftAuthenticator"
STAFF_ID = "0d1c2b3a-0000-4000-8000-0000000000aa"
LOCATION = (
    f"{APP}: {{featureSettings: {{displayLocationInformationRequiredState: "
    "{state: enabled, includeTarget: {rollout: location}}}}"
)


def day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(ahead)).strftime("%Y-%m-%d")


def rollout(opened: str = "", needs: str = "{soakDays: 7}", methods: str = LOCATION) -> str:
    line = f"    open: {opened}\n" if opened else ""
    return (
        f"{policy(methods)}rollouts:\n  location:\n{line}    waves:\n"
        f"    - {{name: pilot, target: {{group: SG-MFA-Pilot-P}}, from: {day(-30)}}}\n"
        f"    - {{name: staff, target: {{group: Staff}}, from: {day(-1)}, needs: {needs}}}\n"
        f"    - {{name: everyone, target: all_users, from: {day(20)}}}\n"
    )


@pytest.fixture
def staff(mock: Mock) -> list[str]:
    """A group of ten people, the two of the pilot among them; all but three have the app."""
    directory = mock.tenant().directory
    directory.add_group(STAFF_ID, "Staff")
    directory.join(STAFF_ID, "0d1c2b3a-0000-4000-8000-000000000001")
    people = [f"5e000000-0000-4000-8000-{number:012}" for number in range(8)]
    for number, id_ in enumerate(people):
        directory.add_person(id_, f"staff{number}@contoso.com", f"Staff {number}")
        directory.join(STAFF_ID, id_)
        mock.report_as(id_, ("microsoftAuthenticatorPush",) if number > 2 else ())
    for name in ("mia.lopez@contoso.com", "noor.haddad@contoso.com"):
        mock.report_as(name, ("microsoftAuthenticatorPush",))
    return people


def plan_of(done: Done) -> dict[str, Any]:
    [found] = json.loads(done.out)["plans"]
    result: dict[str, Any] = found
    return result


def waves(done: Done) -> list[tuple[str, str]]:
    return [
        (each["rule"], each["level"])
        for each in plan_of(done)["findings"]
        if each["rule"].startswith("wave-") or each["rule"].startswith("rollout-")
    ]


def state(done: Done, wave: str = "staff") -> dict[str, Any]:
    [tenant] = json.loads(done.out)["tenants"]
    [only] = tenant["rollouts"]
    [found] = [each for each in only["waves"] if each["name"] == wave]
    result: dict[str, Any] = found
    return result


def include(mock: Mock) -> str:
    features = mock.configuration(APP)["featureSettings"]
    target = features["displayLocationInformationRequiredState"]["includeTarget"]
    found: str = target["id"]
    return found


def test_before_it_begins_nothing_is_switched_on(shell: Shell, mock: Mock) -> None:
    shell.write(rollout(methods=LOCATION + "\nFido2: {state: enabled}"))
    planned = shell("plan", "--format", "json")
    assert waves(planned) == [("rollout-not-begun", "note")]
    assert [each["resource"] for each in plan_of(planned)["changes"]] == []
    assert shell("apply", "--auto-approve").code == 0
    assert mock.edits == []


def test_from_the_pilot_to_everyone(shell: Shell, mock: Mock, staff: list[str]) -> None:
    """The pilot, a soak, too few registrations, enough of them, and a number that falls again."""
    needs = f"{{registered: {{method: {APP}, atLeast: 80}}, soakDays: 7, noDrift: true}}"
    file = shell.write(rollout("pilot", needs))
    planned = shell("plan", "--format", "json")
    assert waves(planned) == [("wave-opens", "note")]
    assert planned.code == 0
    assert shell("apply", "--auto-approve", "--confirm", "contoso").code == 0
    assert include(mock) == "0d1c2b3a-0000-4000-8000-000000000001"

    shown = shell("rollout", "location", "--format", "json")
    assert (shown.code, state(shown)["state"]) == (0, "waiting")
    assert (state(shown)["people"], state(shown)["registered"]) == (10, 7)
    assert len(state(shown)["waits_for"]) == 2  # the soak and the registrations

    listed = shell("rollout", "--csv", "missing.csv")
    assert listed.code == 0
    text = (shell.folder / "missing.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["wave"] == "staff"]
    assert [row["person"] for row in rows] == [f"staff{n}@contoso.com" for n in range(3)]
    assert "staff0" not in listed.text + shown.text

    shell.days_pass(mock, 8)
    early = shell("rollout", "open", "location", "--format", "json")
    assert (early.code, waves(early)) == (6, [("wave-not-ready", "error")])
    assert [
        each.replace("open: staff", "open: pilot") for each in file.read_text().splitlines()
    ] == (rollout("pilot", needs).splitlines())
    assert shell("apply", "--auto-approve", "--confirm", "contoso").code == 6
    assert include(mock) == "0d1c2b3a-0000-4000-8000-000000000001"

    mock.report_as(staff[0], ("microsoftAuthenticatorPush",))
    opened = shell("plan", "--format", "json")
    assert (opened.code, waves(opened)) == (0, [("wave-opens", "note")])
    rules = [each["rule"] for each in plan_of(opened)["findings"]]
    assert "context-weakened" not in rules  # the pilot is in the group of the next wave
    [told] = plan_of(opened)["rollouts"]
    assert [each["state"] for each in told["waves"]] == ["open", "opens", "waiting"]
    shell("plan", "-o", "plan.json")
    assert "no longer" not in shell("announce", "--plan", "plan.json").out
    assert shell("apply", "plan.json", "--auto-approve", "--confirm", "contoso").code == 0
    assert include(mock) == STAFF_ID
    told = json.loads(shell("history", "--format", "json").out)["runs"]
    waves_of = [[each["wave"] for each in run["opened"]] for run in told]
    assert waves_of == [["pilot"], ["staff"]]
    assert "opens staff of location" in shell("history", env={"COLUMNS": "200"}).out

    mock.report_as(staff[0], ())  # an open wave stays open
    fallen = shell("plan", "--format", "json")
    assert (fallen.code, plan_of(fallen)["changes"]) == (0, [])
    assert waves(fallen) == [("wave-fallen", "note")]
    again = shell("apply", "--auto-approve", "--format", "json")
    assert (again.code, waves(again)) == (0, [])  # it reads nobody for a note
    watched = plan_of(shell("drift", "--format", "json"))["rollouts"][0]["waves"]
    assert [(each["state"], each["unmet"]) for each in watched] == [
        ("open", []),
        ("open", []),
        ("waiting", [{"need": "from", "known": True}]),
    ]
    later = shell("rollout", "location")
    assert "last run" in later.out.casefold()
    assert "staff stays open: 70 per cent" in later.out


def test_the_last_rollout_is_not_taken_out_of_the_files_in_silence(
    shell: Shell, mock: Mock
) -> None:
    del mock
    shell.write(rollout("pilot"))
    assert shell("apply", "--auto-approve", "--confirm", "contoso").code == 0
    shell.write(policy(f"{APP}: {{state: enabled}}\nSms: {{state: disabled}}"))
    for verb in ("plan", "drift"):
        gone = shell(verb, "--format", "json")
        assert waves(gone) == [("wave-closed", "warning")]
    assert "'pilot'" in gone.out
    assert shell("apply", "--auto-approve", "--confirm", "contoso").code == 0
    assert waves(shell("plan", "--format", "json")) == []  # the last verified run had none


def test_an_update_takes_a_state_and_leaves_the_people_to_the_rollout(
    shell: Shell, mock: Mock
) -> None:
    file = shell.write(rollout("pilot"))
    features = mock.configuration(APP)["featureSettings"]
    name = "displayLocationInformationRequiredState"
    elsewhere = {**features[name], "state": "disabled", "includeTarget": {"id": STAFF_ID}}
    mock.portal(APP, {"featureSettings": {**features, name: elsewhere}})
    done = shell("pull", "--update")
    assert (done.code, done.err.count("error[not-updated]")) == (1, 1)
    assert "includeTarget could not be updated: the files take its people from" in done.err
    assert file.read_text(encoding="utf-8") == rollout(
        "pilot", methods=LOCATION.replace("state: enabled", "state: disabled")
    )


def test_an_approved_plan_is_judged_again(shell: Shell, mock: Mock, staff: list[str]) -> None:
    needs = f"{{registered: {{method: {APP}, atLeast: 70}}}}"
    shell.write(rollout("pilot", needs))
    assert shell("apply", "--auto-approve", "--confirm", "contoso").code == 0
    shell.write(rollout("staff", needs))
    assert shell("plan", "-o", "plan.json").code == 0
    mock.report_as(staff[5], ())
    refused = shell("apply", "plan.json", "--auto-approve", "--confirm", "contoso")
    assert refused.code == 6
    assert "wave-not-ready" in refused.text
    assert include(mock) == "0d1c2b3a-0000-4000-8000-000000000001"


def test_a_wave_whose_group_has_grown_since_the_plan_was_approved(
    shell: Shell, mock: Mock, staff: list[str]
) -> None:
    directory = mock.tenant().directory

    def joins(count: int, first: int) -> None:
        for number in range(first, first + count):
            id_ = f"5f000000-0000-4000-8000-{number:012}"
            directory.add_person(id_, f"new{number}@contoso.com", f"New {number}")
            directory.join(STAFF_ID, id_)

    def apply() -> Done:
        return shell(
            "apply", "plan.json", "--auto-approve", "--confirm", "contoso", "--format", "json"
        )

    shell.write(rollout("pilot"))
    assert shell("apply", "--auto-approve", "--confirm", "contoso").code == 0
    shell.write(rollout("staff", "{}"))
    shell("plan", "-o", "plan.json")
    joins(11, 0)  # 21 of 10
    refused = apply()
    assert (refused.code, "planned for 10 people, and has 21 now" in refused.out) == (3, True)
    assert include(mock) == "0d1c2b3a-0000-4000-8000-000000000001"
    directory.leave(STAFF_ID, "5f000000-0000-4000-8000-000000000000")
    done = apply()
    assert (done.code, include(mock)) == (0, STAFF_ID)
    assert set(waves(done)) == {("wave-opens", "note"), ("wave-resized", "note")}


def test_a_number_that_cannot_be_read_keeps_a_wave_closed(
    shell: Shell, mock: Mock, staff: list[str]
) -> None:
    del staff
    shell.write(rollout("pilot"))
    assert shell("apply", "--auto-approve", "--confirm", "contoso").code == 0
    shell.write(rollout("staff", f"{{registered: {{method: {APP}, atLeast: 10}}}}"))
    mock.add_fault("status", status=403, path_contains="userRegistrationDetails", times=None)
    planned = shell("plan", "--format", "json")
    assert (planned.code, waves(planned)) == (6, [("wave-not-ready", "error")])
    mock.clear_faults()
    mock.add_fault("status", status=403, path_contains=f"{STAFF_ID}/transitive", times=None)
    planned = shell("plan", "--format", "json")
    assert planned.code == 6
    assert set(waves(planned)) == {("wave-not-ready", "error"), ("wave-leaves-behind", "warning")}


def test_disjoint_groups_leave_the_earlier_wave_behind(
    shell: Shell, mock: Mock, staff: list[str]
) -> None:
    del staff
    directory = mock.tenant().directory
    directory.leave(STAFF_ID, "0d1c2b3a-0000-4000-8000-000000000001")
    shell.write(rollout("pilot"))
    assert shell("apply", "--auto-approve", "--confirm", "contoso").code == 0
    shell.write(rollout("staff", "{}"))
    planned = shell("plan", "--format", "json")
    assert set(waves(planned)) == {("wave-opens", "note"), ("wave-leaves-behind", "warning")}
    assert "no longer" in shell("announce").out


def test_a_base_says_what_a_pull_request_opens(shell: Shell, mock: Mock, staff: list[str]) -> None:
    """Repairing drift opens nothing; a soak counts from the commit if nothing else is known."""
    del mock, staff
    shell.write(rollout("pilot"))
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        git(shell.folder, *words)
    repair = shell("plan", "--base", "HEAD", "--format", "json")
    assert waves(repair) == []
    shell.write(rollout("staff"))
    planned = shell("plan", "--base", "HEAD", "--format", "json")
    assert ("wave-not-ready", "error") in waves(planned)
    shell.write(rollout("everyone"))
    skipped = shell("plan", "--base", "HEAD", "--format", "json")
    assert ("wave-skipped", "error") in waves(skipped)
    shell.write(rollout())
    closed = shell("plan", "--base", "HEAD", "--format", "json")
    assert ("wave-closed", "warning") in waves(closed)


def test_a_wave_that_was_merged_and_never_applied_has_no_days(
    shell: Shell, mock: Mock, staff: list[str]
) -> None:
    """The audit log's last record is older than the soak, but it is of the wave before."""
    pilot = {"targetType": "group", "id": "0d1c2b3a-0000-4000-8000-000000000001"}
    setting = {
        "displayLocationInformationRequiredState": {"state": "enabled", "includeTarget": pilot}
    }
    mock.portal(APP, {"featureSettings": setting})
    shell.days_pass(mock, 20)
    text = rollout("staff").replace(
        f"target: all_users, from: {day(20)}",
        f"target: all_users, from: {day(0)}, needs: {{soakDays: 14}}",
    )
    shell.write(text)
    assert state(shell("rollout", "--format", "json"), "everyone")["state"] == "waiting"
    setting["displayLocationInformationRequiredState"]["includeTarget"] = {**pilot, "id": STAFF_ID}
    mock.portal(APP, {"featureSettings": setting})
    shell.days_pass(mock, 15)
    assert state(shell("rollout", "--format", "json"), "everyone")["state"] == "due"


def test_from_a_snapshot_a_wave_is_not_verified(shell: Shell, staff: list[str]) -> None:
    del staff
    shell.write(rollout("pilot"))
    shell("pull", "--snapshot", "tenant.json")
    planned = shell("plan", "--against", "tenant.json", "--format", "json")
    assert waves(planned) == [("wave-not-ready", "warning")]
    assert plan_of(planned)["digest"] is None


def test_a_setting_that_waits_for_another_rollout(
    shell: Shell, mock: Mock, staff: list[str]
) -> None:
    """Its groups are still found, and a wave that changes nothing yet is still judged."""
    del mock, staff
    methods = "Fido2: {state: enabled, includeTargets: [{rollout: location}], excludeTargets: "
    other = f"  other: {{waves: [{{name: a, target: {{group: Staff}}, from: {day(9)}}}]}}\n"
    text = rollout("pilot", methods=f"{methods}[{{rollout: other}}]}}") + other
    shell.write(text)
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        git(shell.folder, *words)
    planned = shell("plan", "--format", "json")
    assert (planned.code, waves(planned)) == (0, [("rollout-not-begun", "note")])
    shell.write(text.replace("open: pilot", "open: staff"))
    early = shell("plan", "--base", "HEAD", "--format", "json")
    assert ("wave-not-ready", "error") in waves(early)


def test_the_file_of_a_new_tenant_opens_its_waves(
    shell: Shell, mock: Mock, staff: list[str]
) -> None:
    del mock, staff
    shell.write("version: 1\n", "policies/base.yaml")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        git(shell.folder, *words)
    shell.write(rollout("everyone"))
    planned = shell("plan", "--base", "HEAD", "--format", "json")
    assert planned.code == 6
    assert {("wave-skipped", "error"), ("wave-not-ready", "error")} <= set(waves(planned))


def test_what_cannot_be_known_of_a_later_wave(shell: Shell, mock: Mock, staff: list[str]) -> None:
    """A group that does not exist, and people whose registrations can't be read."""
    needs = f"{{registered: {{method: {APP}, atLeast: 80}}}}"
    text = rollout("pilot", needs)
    shell.write(text.replace("group: Staff", "group: Nobody here"))
    missing = shell("rollout", "--format", "json")
    assert (missing.code, state(missing)["people"]) == (0, None)
    assert "Nobody here" in state(missing)["waits_for"][0]

    shell.write(text)
    mock.add_fault("status", status=403, path_contains="userRegistrationDetails", times=None)
    unread = shell("rollout", "--csv", "missing.csv")
    assert "warning" in unread.err
    assert (shell.folder / "missing.csv").read_text(encoding="utf-8").count("\n") == 1
    mock.clear_faults()

    shell.write(text.replace("group: Staff", f"id: {STAFF_ID}"))
    mock.add_fault("status", status=404, path_contains=f"{STAFF_ID}/transitive", times=None)
    gone = shell("rollout", "--format", "json")
    assert (state(gone)["state"], state(gone)["registered"]) == ("waiting", None)
    assert "no longer in the directory" in state(gone)["waits_for"][0]


def test_no_flag_is_proposed_that_the_verb_does_not_have(shell: Shell, mock: Mock) -> None:
    del mock
    shell.write(rollout().replace(day(-30), day(3)).replace(day(-1), day(4)))
    early = shell("rollout", "open", "location")
    assert early.code == 6
    assert "--allow" not in early.text


def test_the_soak_without_records_of_runs(
    shell: Shell, mock: Mock, staff: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit log counts before git, where the day is that of the merge, not of its branch."""
    del staff

    def on(days: int, *words: str) -> None:
        when = f"{day(-days)}T23:30:00-0100"  # the next day in UTC
        monkeypatch.setenv("GIT_COMMITTER_DATE", when)
        git(shell.folder, *words)

    file = shell.write(rollout())
    git(shell.folder, "init", "-qb", "main")
    git(shell.folder, "add", "policies")
    on(40, "commit", "-qm", "Begin")
    git(shell.folder, "checkout", "-qb", "pilot")
    file.write_text(rollout("pilot"), encoding="utf-8")
    on(30, "commit", "-qam", "Open the pilot")
    git(shell.folder, "checkout", "-q", "main")
    on(6, "merge", "-q", "--no-ff", "-m", "Merge", "pilot")
    assert shell("apply", "--auto-approve", "--confirm", "contoso").code == 0
    fresh = ("rollout", "--format", "json", "--state-dir", str(shell.folder / "fresh"))
    assert "for 0 days (the audit log" in state(shell(*fresh))["waits_for"][0]
    mock.add_fault("status", status=403, path_contains="auditLogs", times=None)
    assert "for 5 days (the commit" in state(shell(*fresh))["waits_for"][0]


def test_a_method_that_waits_for_its_rollout_is_in_a_file(shell: Shell, mock: Mock) -> None:
    """It stays as it is, also if settings that no file declares refuse a plan."""
    del mock
    text = rollout(methods="Fido2: {state: enabled, includeTargets: [{rollout: location}]}")
    shell.write(f"{text}unmanaged: refuse\n")
    shell("pull", "--snapshot", "policies/contoso.snapshot.json")
    found = plan_of(shell("plan", "--format", "json"))["findings"]
    undeclared = {each["resource"] for each in found if each["rule"] == UNDECLARED}
    assert "Sms" in undeclared
    assert "Fido2" not in undeclared


def test_a_name_that_looks_like_a_flag_is_opened_by_the_proposed_command(
    shell: Shell, mock: Mock
) -> None:
    del mock
    shell.write(rollout().replace("location:", "-x:").replace("rollout: location", 'rollout: "-x"'))
    [on] = [each for each in proposed(shell("validate")) if each[0] == "rollout"]
    assert shell(*on).code == 0
