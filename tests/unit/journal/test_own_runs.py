"""What the records of runs say about who changed a tenant."""

from __future__ import annotations

import json
from pathlib import Path

from graphpolicy.journal.own_runs import own_runs
from graphpolicy.model import OwnRuns
from tests.laws.situations import TENANT_ID
from tests.unit.journal.test_folder import kept
from tests.unit.runs import result, sending

DONE = {"event": "finished", "exit_code": 0}


def test_what_runs_wrote_is_known_newest_first_with_the_times_of_its_records(
    tmp_path: Path,
) -> None:
    kept(tmp_path, "one", sending(), result(), DONE)
    later = {**sending(2, "state", "Voice"), "at": "2026-11-25T00:00:00Z"}
    kept(tmp_path, "two", later, result(2, None), sending(3), result(3, "not written"))
    kept(tmp_path, "three", {**later, "request": 4}, result(4, "unknown", "r-4"))
    [newest, oldest] = own_runs(str(tmp_path))[TENANT_ID].writes
    assert (newest.resource, newest.path, newest.request_id) == ("Voice", ("state",), "r-4")
    assert (oldest.resource, oldest.after, oldest.at) == ("Sms", "disabled", sending()["at"])
    assert (oldest.earliest, oldest.latest) == ("2026-11-24T13:54:59", "2026-11-24T14:04:59")


def test_what_the_last_verified_run_left_is_seen_then(tmp_path: Path) -> None:
    folder = kept(tmp_path, "one", sending(), result(), DONE)
    bound = {"settings": [{"resource": "Sms", "path": "state", "desired": "disabled"}]}
    plan = {"plans": [{"bound": bound}]}
    (folder.path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    kept(tmp_path, "two", sending(), result(1, "written"), {**DONE, "exit_code": 5})
    found = own_runs(str(tmp_path))[TENANT_ID]
    assert (found.seen, found.seen_at) == ({("Sms", "state"): "disabled"}, sending()["at"])


def test_records_that_somebody_edited_are_borne(tmp_path: Path) -> None:
    odd = {**sending(), "at": "yesterday"}
    folder = kept(tmp_path, "one", odd, result(), DONE)
    (folder.path / "plan.json").write_text('{"plans": [{"bound": 5}]}', encoding="utf-8")
    found = own_runs(str(tmp_path))[TENANT_ID]
    assert (found.seen, found.writes[0].earliest) == ({}, "")
    assert own_runs(str(tmp_path / "nowhere")) == {}
    assert OwnRuns().seen_at == ""
