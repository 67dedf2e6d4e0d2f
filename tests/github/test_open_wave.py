"""One pull request per rollout that opens its next wave: from too few people to a merge."""

from __future__ import annotations

import subprocess

import pytest

from graphpolicy.github.wave import MOST, WaveChange
from graphpolicy.mock import Mock
from graphpolicy.model import Tenant
from tests.github.stand_in import Hub
from tests.shell import Done, Shell, policy
from tests.verbs.test_rollouts import APP, STAFF_ID, include, rollout, staff, waves

__all__ = ["staff"]

ID = "11111111-2222-4333-8444-555555555555"
BRANCH = f"graphpolicy/open-wave/{ID}/location"
FILE = "policies/contoso.yaml"
NEEDS = f"{{registered: {{method: {APP}, atLeast: 80}}, soakDays: 7}}"


@pytest.fixture
def job_on_main(job: Shell, mock: Mock, url: str, hub: Hub) -> Shell:
    """A job on main; the pilot of the rollout has been in force for eight days."""
    job.environment |= {
        "GRAPHPOLICY_GRAPH_URL": url,
        "GRAPHPOLICY_ACCESS_TOKEN": mock.token,
        "GITHUB_REF": "refs/heads/main",
    }
    subprocess.run(["git", "init", "-q", str(job.folder)], check=True)
    checked_out(job, hub, rollout("pilot", NEEDS))
    assert job("apply", "--auto-approve", "--confirm", "contoso").code == 0
    job.days_pass(mock, 8)
    return job


def checked_out(job: Shell, hub: Hub, text: str) -> None:
    job.environment["GITHUB_SHA"] = hub.git.push("main", {FILE: text.encode()})
    job.write(text)


def run(job: Shell, hub: Hub) -> Done:
    """One run, which changes neither main nor the files that it was started with."""
    main = hub.git.read("main", FILE).decode()
    done = job("ci", "open-wave")
    assert hub.git.read("main", FILE).decode() == main
    assert (job.folder / FILE).read_text(encoding="utf-8") == main
    return done


def test_from_a_pilot_to_everyone_by_pull_requests(
    job_on_main: Shell, hub: Hub, mock: Mock, staff: list[str]
) -> None:
    """The pilot, a soak, 89 per cent, 90, a merge, a number that falls, and everyone."""
    job, needs = job_on_main, NEEDS.replace("80", "90").replace("7", "9")
    app = ("microsoftAuthenticatorPush",)
    directory = mock.tenant().directory
    for number in range(90):  # a hundred people, of whom three do not have the app
        id_ = f"5f000000-0000-4000-8000-{number:012}"
        directory.add_person(id_, f"more{number}@contoso.com", f"More {number}")
        directory.join(STAFF_ID, id_)
        mock.report_as(id_, app if number > 7 else ())

    def merged(opened: str) -> None:
        checked_out(job, hub, rollout(opened, needs))
        assert job("apply", "--auto-approve", "--confirm", "contoso").code == 0

    checked_out(job, hub, rollout("pilot", needs))
    early = run(job, hub).err
    assert ("for 8 days" in early, "89 per cent (89 of 100 people)" in early) == (True, True)
    job.days_pass(mock, 1)
    few = run(job, hub)
    assert ("for 9 days" in few.err, "89 per cent" in few.err, hub.issues) == (False, True, {})
    mock.report_as(staff[0], app)
    assert "opened #1: Open the wave staff" in run(job, hub).err
    pull = hub.issues[1]
    assert (pull["base"]["ref"], pull["head"]["ref"]) == ("main", BRANCH)
    assert hub.git.read(BRANCH, FILE).decode() == rollout("staff", needs)
    for words in ("wave-opens", "90 per cent (90 of 100 people)", "What to tell people"):
        assert words in pull["body"]
    assert "more1@contoso.com" not in pull["body"]

    assert "up to date" in run(job, hub).err
    mock.report_as(staff[0], ())
    assert "closed #1" in run(job, hub).err
    assert (pull["state"], "89 per cent" in hub.said(1)[-1]) == ("closed", True)
    mock.report_as(staff[0], app)
    assert "opened #2" in run(job, hub).err
    hub.issues[2].update(state="closed", merged_at="2026-12-10T08:00:00Z")
    merged("staff")
    assert include(mock) == STAFF_ID

    mock.report_as(staff[0], ())
    fallen = job("plan", "--format", "json")
    assert (fallen.code, waves(fallen)) == (0, [("wave-fallen", "note")])
    job.days_pass(mock, 20)
    assert "opened #3: Open the wave everyone" in run(job, hub).err
    merged("everyone")
    assert include(mock) == "all_users"


def test_a_night_without_numbers_and_a_rollout_that_is_taken_away(
    job_on_main: Shell, hub: Hub, mock: Mock, staff: list[str]
) -> None:
    job = job_on_main
    mock.report_as(staff[0], ("microsoftAuthenticatorPush",))
    assert "opened #1" in run(job, hub).err
    mock.add_fault("status", status=403, path_contains="userRegistrationDetails", times=None)
    assert "is not known" in run(job, hub).err
    assert (hub.issues[1]["state"], hub.said(1)) == ("open", [])
    mock.clear_faults()
    checked_out(job, hub, policy("MicrosoftAuthenticator: {state: enabled}"))
    assert "no longer in the files: closed #1" in run(job, hub).err
    assert hub.issues[1]["state"] == "closed"
    assert "no longer in the files" in hub.said(1)[-1]
    assert BRANCH not in hub.git.refs


def test_what_a_person_declined_is_not_opened_again_until_the_wave_is_another(
    job_on_main: Shell, hub: Hub, mock: Mock, staff: list[str]
) -> None:
    """A number that falls and rises is not another wave, nor is an edit elsewhere in the file."""
    job = job_on_main
    mock.report_as(staff[0], ("microsoftAuthenticatorPush",))
    assert "opened #1" in run(job, hub).err
    hub.issues[1]["state"] = "closed"
    del hub.git.refs[BRANCH]  # the button beside `Close`
    mock.report_as(staff[0], ())
    assert "70 per cent" in run(job, hub).err
    mock.report_as(staff[0], ("microsoftAuthenticatorPush",))
    checked_out(job, hub, f"# another line\n{rollout('pilot', NEEDS)}")
    done = run(job, hub)
    assert (done.code, list(hub.issues)) == (0, [1])
    assert "somebody closed the pull request" in done.err
    checked_out(job, hub, rollout("pilot", NEEDS.replace("80", "75")))
    assert "opened #2" in run(job, hub).err


def test_a_push_of_somebody_else_is_never_forced_over(
    job_on_main: Shell, hub: Hub, mock: Mock, staff: list[str]
) -> None:
    mock.report_as(staff[0], ("microsoftAuthenticatorPush",))
    assert "opened #1" in run(job_on_main, hub).err
    mine = rollout("staff", NEEDS).replace("location:", "location:  # mine", 1)
    hub.git.push(BRANCH, {FILE: mine.encode()})
    assert "somebody else pushed" in run(job_on_main, hub).err
    assert hub.git.read(BRANCH, FILE).decode() == mine


def test_a_plan_that_is_refused_is_not_proposed(
    job_on_main: Shell, hub: Hub, mock: Mock, staff: list[str]
) -> None:
    mock.report_as(staff[0], ("microsoftAuthenticatorPush",))
    held = "expect: [{people: all_users, cannotUse: [MicrosoftAuthenticator]}]\n"
    checked_out(job_on_main, hub, rollout("pilot", NEEDS) + held)
    done = run(job_on_main, hub)
    assert (done.code, hub.issues) == (0, {})
    assert "expectation-broken" in done.err


def test_rollouts_whose_names_look_alike_have_branches_of_their_own() -> None:
    names = ["a b", "a-b", "größe", "grüße", "a..b", "x.lock", "..", "@{1}", "-", "n" * 300, "/"]
    branches = [WaveChange(Tenant("t", ID), FILE, b"", b"", name, "w").branch for name in names]
    assert len(set(branches)) == len(names)
    for branch in branches:
        subprocess.run(["git", "check-ref-format", "--branch", branch], check=True)
        assert len(branch) < 200


def test_a_message_that_does_not_fit_names_the_command_that_prints_it() -> None:
    whole = WaveChange(Tenant("t", ID), FILE, b"", b"", "r", "w", letter="x" * MOST)
    said = whole.body("https://github.com/contoso/policy/actions/runs/7")
    assert "too long to show here: run `graphpolicy announce`.\n" in said
    assert len(said) < MOST


def test_a_name_is_no_markup_in_what_is_said_on_closing(
    job_on_main: Shell, hub: Hub, mock: Mock, staff: list[str]
) -> None:
    mock.report_as(staff[0], ("microsoftAuthenticatorPush",))
    text = rollout("pilot", NEEDS).replace("name: staff", "name: '@octo/**all** <b>'")
    checked_out(job_on_main, hub, text)
    assert "opened #1" in run(job_on_main, hub).err
    mock.report_as(staff[0], ())
    assert "closed #1" in run(job_on_main, hub).err
    said = hub.said(1)[-1]
    assert "`'@octo/**all**`" in said or "`@octo/**all**`" in said
    assert "<b>" not in said.replace("\\<b\\>", "")
