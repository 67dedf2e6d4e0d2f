"""A run read from its journal, also from one that ends anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graphpolicy.journal.run import read
from tests.unit.runs import BEGUN, result, run, sending

APP_NAME = "featureSettings.displayAppInformationRequiredState.state"


def test_a_run_tells_what_it_sent_and_what_became_of_it() -> None:
    found = run(
        sending(1),
        result(1),
        sending(2, APP_NAME, "MicrosoftAuthenticator"),
        result(2, "not written", "r-2"),
        {"event": "finished", "exit_code": 5},
    )
    assert (found.name, found.tenant.name, found.exit_code) == (BEGUN["run"], "contoso", 5)
    assert [(one.resource, one.fate, one.request_id) for one in found.attempts] == [
        ("Sms", "verified", "r-1"),
        ("MicrosoftAuthenticator", "not written", "r-2"),
    ]
    assert (found.folder, found.begun["verb"]) == ("runs/one", "apply")
    first = found.attempts[0]
    assert (first.type, first.title, first.api) == ("Sms", "Sms", "v1.0")
    [setting] = first.settings
    assert (setting.path, setting.before, setting.after) == (("state",), "enabled", "disabled")
    assert found.attempts[1].settings[0].path == tuple(APP_NAME.split("."))
    assert [one.number for one in found.written] == [1]
    assert found.open == ()


def test_a_request_without_a_result_is_open() -> None:
    found = run(sending(1), result(1), sending(2))
    assert [one.number for one in found.open] == [2]
    assert [one.number for one in found.written] == [1]
    assert found.exit_code is None


@pytest.mark.parametrize("fate", ["verified", "written", "not written", "unknown"])
def test_settling_an_open_request_closes_it(fate: str) -> None:
    settled = {"event": "settled", "request": 1, "fate": fate}
    found = run(sending(1), result(1, None, "r-9"), settled)
    assert found.open == ()
    assert found.attempts[0].fate == fate
    assert found.attempts[0].request_id == "r-9"
    assert bool(found.written) == (fate != "not written")


def test_a_request_that_is_sent_again_counts_once_and_is_open_again() -> None:
    found = run(sending(1), result(1), sending(1, "includeTargets"))
    [one] = found.attempts
    assert one.fate is None
    assert one.request_id == ""
    assert one.settings[0].path == ("includeTargets",)


def test_a_result_of_nothing_that_was_sent_is_no_request() -> None:
    assert run(result(1)).attempts == ()


def test_a_line_that_was_cut_off_anywhere_hides_no_other() -> None:
    lines = [json.dumps(event) for event in (BEGUN, sending(1), result(1))]
    for length in range(len(lines[2])):
        assert read([*lines[:2], lines[2][:length]], "").attempts[0].fate is None
    settled = json.dumps({"event": "settled", "request": 1, "fate": "verified"})
    assert read([*lines[:2], lines[2][:40], settled], "").open == ()


def test_lines_of_another_shape_are_left_out() -> None:
    lines = [json.dumps(event) for event in (BEGUN, ["event"], "event", sending(1), {"at": "x"})]
    assert len(read(lines, "").attempts) == 1


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "no first line with event .begun."),
        (["{"], "no first line with event .begun."),
        (['"text"', "[]", "{}"], "no first line with event .begun."),
        ([json.dumps(sending(1))], "no first line with event .begun."),
        ([json.dumps({**BEGUN, "format_version": "2"})], "format_version '2'"),
        ([json.dumps({"event": "begun"})], "format_version None"),
    ],
)
def test_what_is_no_journal_is_refused(lines: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(lines, "")


@pytest.mark.parametrize(
    "event", [sending(1, "state", "Telepathy"), sending(1, "mood"), sending(1, "state.deep")]
)
def test_a_setting_that_this_release_does_not_know_is_not_passed_over(event: Any) -> None:
    """A newer release wrote it: to settle or undo only the rest would be wrong."""
    with pytest.raises(KeyError):
        run(sending(2), event)
