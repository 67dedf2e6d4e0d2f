"""The journal of what was done for people."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from graphpolicy.journal.folder import RunError
from graphpolicy.journal.ledger import Ledger, entries


def test_each_line_says_who_when_and_why_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state"
    ledger = Ledger(str(state), lambda: "2026-11-24T10:00:00Z", {"reason": "INC1"})
    ledger.add("sending", user={"id": "1"})
    ledger.add("issued", request_id="2")
    lines = [json.loads(line) for line in ledger.file.read_text(encoding="utf-8").splitlines()]
    first, second = lines
    assert first == {
        "at": "2026-11-24T10:00:00Z",
        "event": "sending",
        "reason": "INC1",
        "user": {"id": "1"},
    }
    assert (second["event"], second["request_id"]) == ("issued", "2")
    if sys.platform != "win32":
        assert ledger.file.stat().st_mode & 0o777 == 0o600
        assert state.stat().st_mode & 0o777 == 0o700


def test_the_first_line_is_on_disk_with_the_name_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def sync(descriptor: int) -> None:
        found = os.fstat(descriptor).st_ino
        names = {path.stat().st_ino: path.name for path in tmp_path.rglob("*")}
        synced.append(names.get(found, "above"))

    ledger = Ledger(str(tmp_path / "state"), lambda: "now", {})
    monkeypatch.setattr(os, "fsync", sync)
    ledger.add("sending")
    assert synced[-2:] == ["helpdesk.jsonl", "state"]
    synced.clear()
    ledger.add("issued")
    assert synced == ["helpdesk.jsonl"]


def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    ledger = Ledger(str(tmp_path / "state"), lambda: "now", {})
    with pytest.raises(RunError) as failed:
        ledger.add("sending")
    assert str(tmp_path / "state") in failed.value.text
    assert "--state-dir" in failed.value.help


def test_a_line_that_a_kill_cut_off_spoils_no_other(tmp_path: Path) -> None:
    assert entries(str(tmp_path)) == []
    ledger = Ledger(str(tmp_path), lambda: "now", {})
    ledger.add("begun")
    with ledger.file.open("a", encoding="utf-8") as file:
        file.write('{"event": "fini')
    ledger.add("begun again")
    assert [each["event"] for each in entries(str(tmp_path))] == ["begun", "begun again"]


def test_a_journal_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "helpdesk.jsonl").mkdir()
    with pytest.raises(RunError) as failed:
        entries(str(tmp_path))
    assert failed.value.text.startswith(f"{tmp_path / 'helpdesk.jsonl'} can't be read: ")


def test_a_line_that_another_process_adds_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(str(tmp_path), lambda: "now", {})
    ledger.add("begun")

    def another(_: object) -> bool:
        with ledger.file.open("a", encoding="utf-8") as opened:
            opened.write('{"event": "of another"}\n')
        return True

    monkeypatch.setattr("graphpolicy.disk.opening._ends_whole", another)
    ledger.add("finished")
    told = [each["event"] for each in entries(str(tmp_path))]
    assert told == ["begun", "of another", "finished"]


def test_bytes_that_are_no_text_spoil_no_line_but_their_own(tmp_path: Path) -> None:
    ledger = Ledger(str(tmp_path), lambda: "now", {})
    ledger.add("begun")
    with ledger.file.open("ab") as file:
        file.write(b"\xff\xfe\n")
    ledger.add("finished")
    assert [each["event"] for each in entries(str(tmp_path))] == ["begun", "finished"]
