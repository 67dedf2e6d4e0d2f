"""One pull request per tenant that accepts its drift: from the first change to its end."""

from __future__ import annotations

import json
import re
import subprocess
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from graphpolicy.github.adoption import AdoptedSetting, Adoption
from graphpolicy.github.file_change import blob
from graphpolicy.mock import DEFAULT_APPLICATION, Mock, Server
from graphpolicy.model import Author, Change, Tenant
from graphpolicy.starter.workflows import workflows
from tests.github.conftest import on_path
from tests.github.stand_in import BOT, MALLORY, Hub
from tests.shell import Done, Shell, policy
from tests.unit.render.hostile import HOSTILE

ID = "11111111-2222-4333-8444-555555555555"
BRANCH = f"graphpolicy/adopt-drift/{ID}"
FILE = "policies/contoso.yaml"
TEXT = policy("Voice: {state: disabled}  # weak\nSms: {state: disabled}")


@pytest.fixture
def watch(job: Shell, mock: Mock, url: str, hub: Hub) -> Shell:
    """A job on main, whose tenant is as its file says."""
    job.environment |= {
        "GRAPHPOLICY_GRAPH_URL": url,
        "GRAPHPOLICY_ACCESS_TOKEN": mock.token,
        "GITHUB_REF": "refs/heads/main",
    }
    mock.portal("Voice", {"state": "disabled"})
    mock.portal("Sms", {"state": "disabled"})
    subprocess.run(["git", "init", "-q", str(job.folder)], check=True)
    hub.git.push("main", {"README.md": b"ours"})
    checked_out(job, hub, TEXT)
    return job


def checked_out(job: Shell, hub: Hub, text: str) -> None:
    """Commit a file to main, and let the job run on that."""
    job.environment["GITHUB_SHA"] = hub.git.push("main", {FILE: text.encode()})
    job.write(text)


def adopt(job: Shell, hub: Hub, *arguments: str) -> Done:
    """One run, which changes neither main nor the files that it was started with."""
    main = hub.git.read("main", FILE).decode()
    here = (job.folder / FILE).read_text(encoding="utf-8")
    done = job("ci", "adopt-drift", *arguments)
    assert hub.git.read("main", FILE).decode() == main
    assert (job.folder / FILE).read_text(encoding="utf-8") == here
    return done


def drifted(mock: Mock, method: str = "Voice", state: str = "enabled") -> None:
    mock.portal(method, {"state": state}, actor="oncall@contoso.com")


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """GitHub after the first run of `opened`."""
    return {}


@pytest.fixture
def opened(watch: Shell, hub: Hub, mock: Mock, kept: dict[str, Any]) -> Shell:
    """The job after it opened a pull request for a drift of Voice, once for all tests."""
    drifted(mock)
    if not kept:
        adopt(watch, hub)
        kept.update(deepcopy(vars(hub)))
    vars(hub).update(deepcopy(kept))
    return watch


def only(hub: Hub) -> tuple[int, str]:
    [(number, pull)] = hub.issues.items()
    return number, pull["state"]


def test_a_drift_becomes_a_pull_request_that_changes_just_that(
    watch: Shell, hub: Hub, mock: Mock
) -> None:
    drifted(mock)
    done = adopt(watch, hub)
    assert (done.code, done.err) == (0, "contoso: opened #1: Adopt drift in contoso: 1 setting\n")
    pull = hub.issues[1]
    assert (pull["base"]["ref"], pull["head"]["ref"]) == ("main", BRANCH)
    assert pull["labels"] == [{"name": "graphpolicy-adopt"}]
    assert "`Voice.state`: `disabled` in the file, `enabled` in the tenant" in pull["body"]
    assert "by `oncall@contoso.com`" in pull["body"]
    assert hub.git.read(BRANCH, FILE).decode() == TEXT.replace(
        "Voice: {state: disabled}", "Voice: {state: enabled}"
    )
    assert hub.git.read(BRANCH, "README.md") == b"ours"
    assert hub.git.history("main") < hub.git.history(BRANCH)


def test_it_is_found_again_and_brought_up_to_date(opened: Shell, hub: Hub, mock: Mock) -> None:
    first = hub.git.refs[BRANCH]
    assert adopt(opened, hub).err.startswith("contoso: brought #1 up to date")
    assert hub.git.refs[BRANCH] == first
    drifted(mock, "Sms")
    hub.git.push("main", {"README.md": b"newer"})
    checked_out(opened, hub, hub.git.read("main", FILE).decode())
    assert adopt(opened, hub).code == 0
    assert only(hub) == (1, "open")
    assert hub.issues[1]["title"] == "Adopt drift in contoso: 2 settings"
    assert hub.git.read(BRANCH, FILE).count(b"state: enabled") == 2
    assert hub.git.read(BRANCH, "README.md") == b"newer"
    assert {first, hub.git.refs["main"]} < hub.git.history(BRANCH)


def test_when_the_drift_is_gone_it_is_closed_with_a_word(
    watch: Shell, hub: Hub, mock: Mock
) -> None:
    assert adopt(watch, hub).err == "contoso: no drift to adopt\n"
    assert hub.issues == {}
    drifted(mock)
    adopt(watch, hub)
    drifted(mock, state="disabled")
    assert "no more drift: closed #1" in adopt(watch, hub).err
    assert only(hub) == (1, "closed")
    assert hub.said(1)[0].startswith("No more drift")
    assert BRANCH not in hub.git.refs
    drifted(mock)
    assert "opened #2" in adopt(watch, hub).err


def test_once_it_is_merged_there_is_nothing_left_to_do(opened: Shell, hub: Hub) -> None:
    hub.issues[1].update(state="closed", merged_at="2026-11-24T02:40:00Z")
    checked_out(opened, hub, hub.git.read(BRANCH, FILE).decode())
    assert adopt(opened, hub).code == 0
    assert BRANCH not in hub.git.refs
    assert len(hub.issues) == 1


def test_after_a_merge_a_new_drift_gets_a_new_one_though_the_branch_is_there(
    opened: Shell, hub: Hub, mock: Mock
) -> None:
    hub.issues[1].update(state="closed", merged_at="2026-11-24T02:40:00Z")
    checked_out(opened, hub, hub.git.read(BRANCH, FILE).decode())
    drifted(mock, "Sms")
    assert "opened #2" in adopt(opened, hub).err
    assert hub.git.history("main") < hub.git.history(BRANCH)


def test_what_a_person_closed_is_not_opened_again_for_the_same_drift(
    opened: Shell, hub: Hub, mock: Mock
) -> None:
    hub.issues[1]["state"] = "closed"
    done = adopt(opened, hub)
    assert (done.code, len(hub.issues)) == (0, 1)
    assert "somebody closed the pull request" in done.err
    drifted(mock, "Sms")
    assert "opened #2" in adopt(opened, hub).err


def test_what_somebody_else_pushed_is_left_alone(opened: Shell, hub: Hub, mock: Mock) -> None:
    theirs = hub.git.push(BRANCH, {FILE: b"better"})
    drifted(mock, "Sms")
    done = adopt(opened, hub)
    assert done.code == 0
    assert "somebody else pushed to #1, so it was not changed" in done.err
    drifted(mock, "Sms", "disabled")
    drifted(mock, state="disabled")
    adopt(opened, hub)
    assert hub.git.refs[BRANCH] == theirs
    assert only(hub) == (1, "open")


@pytest.mark.parametrize("opened", [False, True])
def test_nor_is_what_somebody_pushes_while_it_looks(
    watch: Shell, hub: Hub, mock: Mock, opened: bool
) -> None:
    drifted(mock)
    if opened:
        adopt(watch, hub)
        drifted(mock, "Sms")
    hub.git.race = {FILE: b"theirs"}
    done = adopt(watch, hub)
    assert done.code == 0
    assert "meanwhile, so it was not changed" in done.err
    assert hub.git.read(BRANCH, FILE) == b"theirs"


def test_a_commit_that_only_claims_to_be_ours_is_not(opened: Shell, hub: Hub, mock: Mock) -> None:
    ours = hub.git.commits[hub.git.refs[BRANCH]]["message"]
    theirs = hub.git.push(BRANCH, {FILE: b"amended"}, ours)
    drifted(mock, "Sms")
    assert "so it was not changed" in adopt(opened, hub).err
    assert hub.git.refs[BRANCH] == theirs


def test_a_pull_request_that_somebody_else_opened_is_left_alone(
    opened: Shell, hub: Hub, mock: Mock
) -> None:
    hub.issues[1]["user"] = MALLORY
    drifted(mock, "Sms")
    assert "mallory opened #1, so it was not changed" in adopt(opened, hub).err
    hub.issues[1]["user"] = BOT
    assert "brought #1 up to date" in adopt(opened, hub).err


def test_two_runs_at_once_open_one(opened: Shell, hub: Hub) -> None:
    hub.issues[1]["head"]["label"] = "not yet in the list"
    assert "another run has just opened the pull request" in adopt(opened, hub).err
    assert len(hub.issues) == 1


def test_where_jobs_may_not_open_pull_requests_the_setting_is_named(
    watch: Shell, hub: Hub, mock: Mock
) -> None:
    drifted(mock)
    hub.may_open_pulls = False
    done = adopt(watch, hub)
    assert done.code == 1
    assert "Allow GitHub Actions to create and approve pull requests" in done.err
    hub.may_open_pulls = True
    assert "opened #1" in adopt(watch, hub).err


def test_a_token_without_contents_write_is_told(watch: Shell, hub: Hub, mock: Mock) -> None:
    drifted(mock)
    hub.read_only = True
    done = adopt(watch, hub)
    assert done.code == 1
    assert "`contents: write` (branches)" in done.err
    assert hub.git.refs.keys() == {"main"}
    hub.read_only = False
    assert "opened #1" in adopt(watch, hub).err


def test_a_tenant_that_can_not_be_read_changes_nothing(opened: Shell, hub: Hub, mock: Mock) -> None:
    before = dict(hub.git.refs)
    mock.add_fault("status", method="GET", status=403, times=None)
    done = adopt(opened, hub)
    assert done.code == 4
    assert hub.git.refs == before
    assert only(hub) == (1, "open")


def test_files_that_are_not_those_of_the_commit_are_not_pushed(
    watch: Shell, hub: Hub, mock: Mock
) -> None:
    drifted(mock)
    watch.write(TEXT + "# edited in the job\n")
    done = watch("ci", "adopt-drift")
    assert done.code == 1
    assert "differs from commit" in done.err
    assert hub.git.refs.keys() == {"main"}


@pytest.mark.parametrize("ref", ["refs/pull/3/merge", "refs/tags/v1", "", "main"])
def test_it_is_for_a_job_on_a_branch(watch: Shell, hub: Hub, ref: str) -> None:
    watch.environment["GITHUB_REF"] = ref
    done = watch("ci", "adopt-drift")
    assert done.code == 64
    assert hub.asked == []


@pytest.mark.e2e
def test_the_workflow_that_init_writes_runs_just_that(
    watch: Shell, hub: Hub, mock: Mock, server: Server, tmp_path: Path
) -> None:
    drifted(mock)
    text = workflows(("contoso",))[".github/workflows/graphpolicy-adopt.yml"]
    job = yaml.safe_load(text)["jobs"]["adopt"]
    step = job["steps"][-1]
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        cwd=watch.folder,
        env={
            **watch.environment,
            **mock.github_job(),
            "PATH": on_path(tmp_path / "bin", watch),
            "POLICIES": "policies",
            "TENANT": "contoso",
            "GRAPHPOLICY_ACCESS_TOKEN": "",
            "GRAPHPOLICY_GRAPH_URL": server.url,
            "AZURE_AUTHORITY_HOST": server.authority,
            "AZURE_CLIENT_ID": DEFAULT_APPLICATION,
            "SSL_CERT_FILE": str(server.certificate),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert step["env"].keys() == {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "GITHUB_TOKEN"}
    assert job["permissions"].keys() == {"contents", "id-token", "pull-requests"}
    assert only(hub) == (1, "open")


def test_the_snapshot_comes_along_in_the_same_commit(watch: Shell, hub: Hub, mock: Mock) -> None:
    snapshot = "policies/contoso.snapshot.json"
    assert watch("pull", "--snapshot", snapshot).code == 0
    old = (watch.folder / snapshot).read_bytes()
    files = {FILE: TEXT.encode(), snapshot: old}
    watch.environment["GITHUB_SHA"] = hub.git.push("main", files)
    assert adopt(watch, hub).err == "contoso: no drift to adopt\n"
    drifted(mock, "QRCodePin")
    assert "opened #1: Adopt drift in contoso: 1 setting" in adopt(watch, hub).err
    assert hub.git.read(BRANCH, FILE) == TEXT.encode()
    assert (watch.folder / snapshot).read_bytes() == old
    lines = zip(old.splitlines(), hub.git.read(BRANCH, snapshot).splitlines(), strict=True)
    moved = {new.strip() for was, new in lines if was != new and b"taken_at" not in new}
    assert moved == {b'"state": "enabled"'}
    assert "QRCodePin.state" in hub.issues[1]["body"]
    tip = hub.git.refs[BRANCH]
    adopt(watch, hub)
    assert hub.git.refs[BRANCH] == tip  # another time is not another change
    drifted(mock)
    adopt(watch, hub)
    assert b"Voice: {state: enabled}" in hub.git.read(BRANCH, FILE)
    assert hub.git.read(BRANCH, snapshot).count(b'"enabled"') > hub.git.read(
        "main", snapshot
    ).count(b'"enabled"')


def adoption(name: str, count: int = 100) -> Adoption:
    hand = Author("user", name, at="2026-11-24T02:10:00Z", ip_address="203.0.113.7")
    change = Change("Sms", "state", 1, 2, "1", "2", "v1.0", None, changed_by=(hand,))
    settings = (AdoptedSetting(f"{name}{n}", name, name, change) for n in range(count))
    left = (name,) * count
    return Adoption(Tenant("contoso", ID), FILE, b"old", b"new", tuple(settings), left, left)


def test_no_entry_that_came_or_went_is_cut_out_of_a_long_list() -> None:
    keys = "; ".join(f"{number:08x}-0000-4000-8000-000000000000" for number in range(12))
    moves = (("+", "0000000c-0000-4000-8000-000000000000"), ("-", "<old> @team"))
    listed = AdoptedSetting("Fido2.keyRestrictions.aaGuids", keys, f"{keys}; and one", None, moves)
    scalar = AdoptedSetting("Fido2.state", "x" * 900, "y" * 900)
    few = replace(adoption("x", 1), settings=(listed, scalar))
    text = few.body("https://run")
    assert "  * only in the tenant: `0000000c-0000-4000-8000-000000000000`\n" in text
    assert "  * only in the file: `<old> @team`\n" in text
    assert "x" * 900 in text


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_are_text(name: str) -> None:
    assert len(adoption(name).body("https://run")) < 65_536
    text = adoption(name, 5).body("https://run")
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"(?<!\\)<script|@team|(?<!\\)\|", outside)
    harmless = adoption("x", 5).body("https://run")
    assert text.count("\n") == harmless.count("\n")
    assert not {"\x1b", "\u202e"} & set(text)
    commit = adoption(name).message("t", "b")
    assert commit == adoption("x").message("t", "b")
    assert adoption(name, 1).title == "Adopt drift in contoso: 1 setting"


def test_a_file_is_called_what_git_calls_it() -> None:
    assert blob(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_the_trailer_is_json() -> None:
    last = adoption("x").message("t", "b").splitlines()[-1]
    assert json.loads(last.partition(": ")[2])["tenant"] == ID
