"""Run folders on disk: their owner, what an interrupted run leaves, and how to find them again."""

from __future__ import annotations

import errno
import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.journal.folder import (
    ELSEWHERE,
    JOURNAL,
    RunError,
    RunFolder,
    document,
    find,
    load,
    run_names,
    runs,
    unreadable,
)
from graphpolicy.journal.run_name import name_after
from tests.unit.runs import BEGUN, TENANT, result, sending


def kept(state: Path, name: str, *events: Any) -> RunFolder:
    """A run below a state folder, with a journal of these events."""
    folder = RunFolder.make(str(state), name)
    for event in ({**BEGUN, "run": folder.name}, *events):
        folder.append(event)
    return folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_can_read_a_run_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = kept(tmp_path / "deep" / "state", "one")
        folder.keep("plan.json", {})
    finally:
        os.umask(before)
    if os.name == "posix":  # on Windows a folder's access list decides, which files take over
        assert (mode(folder.path), mode(folder.path.parent)) == (0o700, 0o700)
        assert {mode(path) for path in folder.path.iterdir()} == {0o600}


def test_two_runs_of_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    names = [RunFolder.make(str(tmp_path), "one").name for _ in range(3)]
    assert names == ["one", "one-2", "one-3"]


def test_a_file_of_a_run_is_never_written_over(tmp_path: Path) -> None:
    folder = kept(tmp_path, "one")
    folder.keep("plan.json", {"first": True})
    with pytest.raises(RunError, match="File exists"):
        folder.keep("plan.json", {"second": True})
    assert document(load(folder.path), "plan.json") == {"first": True}


def test_every_line_is_on_disk_before_the_next_thing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def sync(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            synced.append(Path(tmp_path, "runs", "one", JOURNAL).read_text(encoding="utf-8"))

    monkeypatch.setattr(os, "fsync", sync)
    folder = RunFolder.make(str(tmp_path), "one")
    folder.append({"event": "begun"})
    folder.append({"event": "größe"})
    assert synced == [
        '{"event": "begun"}\n',
        '{"event": "begun"}\n{"event": "gr\\u00f6\\u00dfe"}\n',
    ]


def test_a_new_run_is_on_disk_with_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    folders = {tmp_path.stat().st_ino: "state"}

    def sync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        names = {path.stat().st_ino: path.name for path in tmp_path.rglob("*")} | folders
        synced.append(names.get(found.st_ino, "above"))

    monkeypatch.setattr(os, "fsync", sync)
    folder = RunFolder.make(str(tmp_path), "one")
    assert synced == ["state", "runs"]
    folder.append({"event": "begun"})
    folder.append({"event": "finished"})
    assert synced[2:] == [JOURNAL, "one", JOURNAL]


def test_a_file_system_that_syncs_no_folders_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", sync)
    assert not load(kept(tmp_path, "one").path).attempts


def test_a_line_after_one_that_was_cut_off_can_be_read(tmp_path: Path) -> None:
    """Killed while the result was written: the next apply settles it, and that must count."""
    folder = kept(tmp_path, "one", sending())
    with (folder.path / JOURNAL).open("a", encoding="utf-8") as file:
        file.write(json.dumps(result())[:30])
    assert [one.number for one in load(folder.path).open] == [1]
    folder.append({"event": "settled", "request": 1, "fate": "verified"})
    run = load(folder.path)
    assert run.open == ()
    assert [one.fate for one in run.written] == ["verified"]


def no_space(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_said_and_nothing_more_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = kept(tmp_path, "one")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(RunError, match="No space left on device") as caught:
        folder.append(sending())
    assert "disk space" in caught.value.help
    assert caught.value.exit_code == 1


def test_a_folder_that_may_not_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(RunError, match="Read-only file system; nothing was written") as caught:
        RunFolder.make(str(tmp_path), "one")
    assert "--state-dir" in caught.value.help


def test_a_file_in_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="records can't be kept in"):
        RunFolder.make(str(tmp_path), "one")


def test_runs_come_oldest_first_without_those_that_cannot_be_read(tmp_path: Path) -> None:
    for name in ("2-second", "1-first"):
        kept(tmp_path, name)
    RunFolder.make(str(tmp_path), "3-nothing-in-it")
    never_begun(tmp_path, "4-cut-off")
    RunFolder.make(str(tmp_path), "5-torn").append({"event": "sending"})
    assert [run.name for run in runs(str(tmp_path))] == ["1-first", "2-second"]
    assert list(runs(str(tmp_path / "no-such-folder"))) == []


def never_begun(state: Path, name: str) -> None:
    """A run that was killed while its first line was on its way to the disk."""
    folder = RunFolder.make(str(state), name)
    (folder.path / JOURNAL).write_text('{"event": "beg', encoding="utf-8")


def test_runs_that_cannot_be_read_are_told_unless_they_sent_nothing(tmp_path: Path) -> None:
    kept(tmp_path, "1", sending())
    never_begun(tmp_path, "2")
    kept(tmp_path, "3", sending(1, "state", "Telepathy"))
    RunFolder.make(str(tmp_path), "4").append({**BEGUN, "format_version": "2"})
    third, fourth = unreadable(str(tmp_path))
    assert "Telepathy" in third
    assert "format_version '2'" in fourth
    assert "can't be settled or rolled back" in fourth


def test_a_tenant_of_any_name_stays_in_the_folder_of_runs(tmp_path: Path) -> None:
    """The name may come from a snapshot, which nobody has checked."""
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    named = name_after(run_names(str(tmp_path)), moment, "../../a:b\\c\n")
    assert named == "20261124T000000Z-..-..-a-b-c-"
    assert RunFolder.make(str(tmp_path), named).path.parent == tmp_path / "runs"


def test_a_run_is_found_by_name_by_folder_or_as_the_last_that_sent_anything(tmp_path: Path) -> None:
    first = kept(tmp_path, "1", sending())
    kept(tmp_path, "2")
    assert find(str(tmp_path), None).name == "1"
    assert find(str(tmp_path), "2").name == "2"
    assert find("elsewhere", str(first.path)).name == "1"


def test_the_last_run_is_of_the_tenant_that_is_asked_for(tmp_path: Path) -> None:
    other = {**TENANT, "name": "fabrikam", "id": "22222222-2222-4333-8444-555555555555"}
    kept(tmp_path, "1", sending())
    RunFolder.make(str(tmp_path), "2").append({**BEGUN, "run": "2", "tenant": other})
    RunFolder.at(str(tmp_path / "runs" / "2")).append(sending())
    assert find(str(tmp_path), None).name == "2"
    for tenant in ("contoso", "Contoso", TENANT["id"]):
        assert find(str(tmp_path), None, tenant).name == "1"
        with pytest.raises(RunError, match="run 2 is for fabrikam") as caught:
            find(str(tmp_path), "2", tenant)
        assert caught.value.exit_code == 64
        assert "--tenant" in caught.value.help
    with pytest.raises(RunError, match="there is no run for northwind"):
        find(str(tmp_path), None, "northwind")


def test_where_a_run_cannot_be_read_the_last_one_is_not_guessed(tmp_path: Path) -> None:
    kept(tmp_path, "1", sending())
    RunFolder.make(str(tmp_path), "2").append({**BEGUN, "format_version": "2"})
    with pytest.raises(RunError, match=r"not clear which run is the last: .*runs/2 ") as caught:
        find(str(tmp_path), None)
    assert caught.value.exit_code == 1
    assert "move that folder" in caught.value.help
    assert find(str(tmp_path), "1").name == "1"


@pytest.mark.parametrize(
    ("now", "named"),
    [
        ("2026-11-24T13:50:02", "20261124T135002Z-contoso"),
        ("2026-11-24T13:50:01", "20261124T135002Z-contoso"),
        ("2026-11-24T13:49:01", "20261124T135002Z-contoso"),
        ("2026-12-01T00:00:00", "20261201T000000Z-contoso"),
    ],
)
def test_the_name_of_a_new_run_sorts_last_whatever_the_clock_says(
    tmp_path: Path, now: str, named: str
) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert (
        name_after(run_names(str(tmp_path)), moment, "contoso")
        == f"{moment:%Y%m%dT%H%M%SZ}-contoso"
    )
    for name in ("20261124T134000Z-zeta", "20261124T135001Z-fabrikam", "somebody's", "2026-x"):
        RunFolder.make(str(tmp_path), name)
    assert name_after(run_names(str(tmp_path)), moment, "contoso") == named


def test_of_one_tenant_in_one_second_the_second_run_sorts_last(tmp_path: Path) -> None:
    """By a number behind the name the tenth would sort before the second."""
    moment = datetime(2026, 11, 24, 13, 50, 1, tzinfo=UTC)
    for tenant in ("contoso", "north-wind-Test"):
        state = str(tmp_path / tenant)
        names = []
        for _ in range(3):
            names.append(name_after(run_names(state), moment, tenant))
            RunFolder.make(state, names[-1])
        assert names == [f"20261124T13500{second}Z-{tenant}" for second in (1, 2, 3)]


@pytest.mark.parametrize("wanted", ["3", None])
def test_a_run_that_is_not_there_is_a_mistake_of_the_call(
    tmp_path: Path, wanted: str | None
) -> None:
    with pytest.raises(RunError, match="there is no run") as caught:
        find(str(tmp_path), wanted)
    assert caught.value.exit_code == 64
    assert "None" not in caught.value.text
    assert ("`graphpolicy history`" in caught.value.help) == (wanted is not None)
    assert caught.value.help.endswith(ELSEWHERE)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b'{"event": "begun", "format_version": "1"}\n',
        b'{"event": "begun", "format_version": "9"}\n',
        b'{"event": "begun", "format_version": "1", "run": "x", "tenant": 1}\n',
    ],
)
def test_what_is_no_journal_is_no_run(tmp_path: Path, text: bytes) -> None:
    (tmp_path / JOURNAL).write_bytes(text)
    with pytest.raises(RunError, match="is not a run folder"):
        load(tmp_path)


def test_a_journal_whose_lines_lack_something_is_no_run(tmp_path: Path) -> None:
    folder = kept(tmp_path, "1", {"event": "sending", "request": 1})
    with pytest.raises(RunError, match="is not a run folder"):
        load(folder.path)
    folder = kept(tmp_path, "2", {"event": "finished", "exit_code": float("inf")})
    with pytest.raises(RunError, match="is not a run folder"):
        load(folder.path)


def test_what_cannot_be_read_of_a_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=f"{JOURNAL}: No such file or directory$"):
        load(tmp_path)
    (tmp_path / JOURNAL).write_bytes(b"\xff\xfe")
    with pytest.raises(RunError, match=f"{JOURNAL}: UnicodeDecodeError$"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file"),
        ("{", "it is not valid JSON: a name in double quotes is missing, line 1, column 2"),
        ("\x00", "it is empty"),
    ],
)
def test_a_file_of_a_run_that_cannot_be_read_is_named(
    tmp_path: Path, text: str | None, why: str
) -> None:
    folder = kept(tmp_path, "1")
    if text is not None:
        (folder.path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(RunError, match=rf"plan\.json can't be read: {why}"):
        document(load(folder.path), "plan.json")
