"""Results and records are written completely or not at all, never through a link."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from graphpolicy.disk.opening import append_record
from graphpolicy.mock import Mock
from graphpolicy.model import Json
from tests.shell import COMMAND, Done, Shell, policy
from tests.unit.runs import BEGUN, sending

SMS_OFF = policy("Sms:\n  state: disabled")
APPLY = ("apply", "--auto-approve")
PERSON = "mia.lopez@contoso.com"
ISSUE = ("tap", "issue", PERSON, "--auto-approve", "--reason", "INC1")
HISTORY = ("history",)


@pytest.fixture
def prepared(shell: Shell) -> Shell:
    """A repository with a policy, as somebody may have checked it out."""
    shell.write(SMS_OFF)
    git(shell, "init", "-q")
    return shell


def git(shell: Shell, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=shell.folder, check=True, capture_output=True)


def link(shell: Shell, name: str, *, folder: bool = False) -> Path:
    """A link that leads out of the repository, to a file or folder of the user."""
    target = shell.folder.parent / f"{shell.folder.name}-theirs"
    if folder:
        target.mkdir()
    else:
        target.write_text("theirs\n", encoding="utf-8")
    place = shell.folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    return target


def unchanged(target: Path) -> bool:
    if target.is_dir():
        return list(target.iterdir()) == []
    return target.read_text(encoding="utf-8") == "theirs\n"


def refused(done: Done, mock: Mock, *words: str) -> None:
    """One clear error, exit 1, and nothing sent that changes anything."""
    assert done.code == 1
    assert done.err.count("error: ") == 1
    assert "internal error" not in done.err
    for word in words:
        assert word in done.err
    assert not [each for each in mock.requests if each.method not in ("GET", "HEAD")]


@pytest.mark.parametrize(
    ("name", "folder", "command"),
    [
        (".graphpolicy/helpdesk.jsonl", False, ISSUE),
        (".graphpolicy", True, ISSUE),
        (".graphpolicy", True, APPLY),
        (".graphpolicy/runs", True, APPLY),
    ],
)
def test_records_are_not_written_through_a_link(
    prepared: Shell, mock: Mock, name: str, folder: bool, command: tuple[str, ...]
) -> None:
    target = link(prepared, name, folder=folder)
    refused(prepared(*command), mock, name, "link")
    assert unchanged(target)


@pytest.mark.parametrize("command", [ISSUE, APPLY, ("rollback", "--auto-approve")])
def test_records_that_git_tracks_are_refused(
    prepared: Shell, mock: Mock, command: tuple[str, ...]
) -> None:
    prepared.write("", ".graphpolicy/helpdesk.jsonl")
    git(prepared, "add", "-f", ".graphpolicy")
    done = prepared(*command)
    refused(done, mock, "git tracks .graphpolicy/helpdesk.jsonl")
    git(prepared, *done.err.partition("`git ")[2].partition("`")[0].split())
    assert "git tracks" not in prepared(*command).err


@pytest.mark.parametrize("command", [ISSUE, APPLY, HISTORY])
def test_a_state_folder_that_is_a_file_is_one_clear_error(
    prepared: Shell, mock: Mock, command: tuple[str, ...]
) -> None:
    prepared.write("", "state")
    refused(prepared(*command, "--state-dir", "state"), mock, "state")


def test_a_report_is_not_written_through_a_link(prepared: Shell, mock: Mock) -> None:
    target = link(prepared, "report.json")
    done = prepared(*APPLY, "-o", "report.json")
    assert done.code == 64
    assert "link" in done.err
    assert mock.requests == []
    assert unchanged(target)


def test_no_result_is_written_through_a_folder_that_a_link_leads_out(
    prepared: Shell, mock: Mock
) -> None:
    target = link(prepared, "reports", folder=True)
    theirs = target / "settings.json"
    theirs.write_text("theirs", encoding="utf-8")
    for command in (
        ("plan", "-o", "reports/settings.json"),
        (*APPLY, "-o", "reports/new.md"),
        ("mfa", "list", PERSON, "-o", "reports/new.csv"),
        ("pull", "-o", "reports/new.yaml"),
        ("pull", "--snapshot", "reports/new.snapshot.json"),
        (*ISSUE, "--out", "reports/pass"),
    ):
        done = prepared(*command)
        assert done.code in (1, 64), command
        assert "leads out of" in done.err, command
    assert not [each for each in mock.requests if each.method not in ("GET", "HEAD")]
    assert list(target.iterdir()) == [theirs]
    assert theirs.read_text(encoding="utf-8") == "theirs"
    (prepared.folder / "inside").symlink_to(".")
    assert prepared("plan", "-o", "inside/plan.json").code == 0


def test_no_file_that_is_named_is_read_through_a_link(prepared: Shell, mock: Mock) -> None:
    secret = '{"format_version": "hunter2", "userPrincipalName": "hunter2"}'
    target = link(prepared, "linked.json")
    target.write_text(secret, encoding="utf-8")
    (prepared.folder / "texts").mkdir()
    (prepared.folder / "texts" / "methods.txt").symlink_to(target)
    for command in (
        ("apply", "linked.json"),
        ("pull", "--from", "linked.json"),
        ("mfa", "list", "--from", "linked.json"),
        ("announce", "--plan", "linked.json"),
        ("announce", "--templates", "texts"),
        ("mock", "--snapshot", "linked.json"),
        ("ci", "outputs", "linked.json"),
        ("ci", "summary", "linked.json"),
    ):
        done = prepared(*command)
        assert done.code, command
        assert "link that leads out of" in done.err, (command, done.err)
        assert "hunter2" not in done.text, command
    assert mock.requests == []


def test_a_report_takes_the_place_of_an_ordinary_file(prepared: Shell) -> None:
    prepared.write("old", "plan.md").chmod(0o640)
    assert prepared("plan", "-o", "plan.md", "-o", "plan.json").code == 0
    assert "contoso" in (prepared.folder / "plan.md").read_text(encoding="utf-8")
    modes = [(prepared.folder / name).stat().st_mode & 0o777 for name in ("plan.md", "plan.json")]
    assert modes == [0o640, 0o600]


def small_files() -> None:
    """Let no file grow beyond some bytes, as on a disk that fills up."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


def test_a_report_that_does_not_fit_is_named_and_no_half_of_it_is_left(prepared: Shell) -> None:
    old = prepared.write("old", "plan.json")
    done = subprocess.run(
        [COMMAND, "plan", "-o", "plan.json"],
        cwd=prepared.folder,
        env={**prepared.environment, "PYTHONDONTWRITEBYTECODE": "1"},  # Python writes half of one
        capture_output=True,
        preexec_fn=small_files,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "error: plan.json: " in done.stderr
    assert "stdout" not in done.stderr
    assert "1 to change" in done.stdout
    assert old.read_text(encoding="utf-8") == "old"
    assert not list(prepared.folder.glob(".graphpolicy-*"))


def test_a_disk_that_fills_after_the_last_write_is_an_error(
    prepared: Shell, mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the last line does not fit."""

    def append(file: Path, record: Mapping[str, Json]) -> None:
        if record["event"] == "finished":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append_record(file, record)

    monkeypatch.setattr("graphpolicy.journal.folder.append_record", append)
    done = prepared.called(*APPLY, "-q")
    assert done.code == 1
    assert "1 setting changed and verified" in done.out
    assert "No space left on device" in done.err
    assert mock.configuration("Sms")["state"] == "disabled"


def odd_file(runs: Path) -> None:
    (runs / "file").touch()


def empty_folder(runs: Path) -> None:
    (runs / "empty").mkdir()


def last_day_of_all(runs: Path) -> None:
    (runs / "99991231T235959Z-contoso").mkdir()


@pytest.mark.parametrize("odd", [odd_file, empty_folder, last_day_of_all])
def test_what_is_no_run_below_runs_is_passed_over(
    prepared: Shell, odd: Callable[[Path], None]
) -> None:
    runs = prepared.folder / ".graphpolicy" / "runs"
    runs.mkdir(parents=True)
    odd(runs)
    assert prepared(*HISTORY).code == 0
    assert prepared(*APPLY).code == 0
    assert prepared("rollback", "--auto-approve", "--allow", "weak-method-enabled").code == 0


def journal_folder(run: Path) -> None:
    (run / "journal.jsonl").mkdir(parents=True)


def journal_link(run: Path) -> None:
    run.mkdir(parents=True)
    (run / "journal.jsonl").symlink_to("/dev/zero")


def linked_run(run: Path) -> None:
    run.parent.mkdir(parents=True)
    run.symlink_to("/")


def foreign_tenant(run: Path) -> None:
    run.mkdir(parents=True)
    tenant = {"name": "contoso", "id": "../../../common", "cloud": "global"}
    lines = [json.dumps(each) for each in ({**BEGUN, "tenant": tenant}, sending())]
    (run / "journal.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("odd", [journal_folder, journal_link, linked_run, foreign_tenant])
def test_a_run_that_can_not_be_read_is_one_clear_error(
    prepared: Shell, mock: Mock, odd: Callable[[Path], None]
) -> None:
    odd(prepared.folder / ".graphpolicy" / "runs" / "20261124T135001Z-contoso")
    for command in (HISTORY, ("rollback", "--auto-approve")):
        refused(prepared(*command), mock, "20261124T135001Z-contoso")
    done = prepared(*APPLY)
    assert done.code == 0
    assert "20261124T135001Z-contoso" in done.err
