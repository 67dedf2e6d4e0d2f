"""Progress at a terminal: a spinner that says what is happening."""

from __future__ import annotations

import io
import sys

import pytest

from graphpolicy.cli.console import Console
from graphpolicy.cli.progress import progress, waiting
from tests.shell import until


class Terminal(io.StringIO):
    """A terminal that remembers what was shown."""

    def isatty(self) -> bool:
        return True


def shown_at(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """What standard error is from now on: pytest's capture would replace it after a fixture."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    return terminal


def test_answers_are_counted_until_something_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = shown_at(monkeypatch)
    with progress(Console(environment={})) as say:
        assert say.status is not None
        for words in ("1 answer so far", "2 answers so far"):
            say.answered()
            assert words in str(say.status.status)
        say("writing Sms: state")
        say.answered()
        assert "writing Sms" in str(say.status.status)
    assert "writing Sms" in shown.getvalue()


def test_work_on_this_machine_shows_a_spinner_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = shown_at(monkeypatch)
    with waiting(Console(environment={}), "reading the policy files"):
        pass
    assert shown.getvalue() == ""
    monkeypatch.setattr("graphpolicy.cli.progress.SOON", 0.0)
    with waiting(Console(environment={}), "reading the policy files"):
        until(lambda: "reading the policy files" in shown.getvalue())


def test_nothing_moves_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = shown_at(monkeypatch)
    for console in (Console(environment={"CI": "1"}), Console(environment={}, quiet=True)):
        with progress(console) as say, waiting(console, "reading"):
            say.answered()
            assert say.status is None
    assert shown.getvalue() == ""


def test_requests_that_wait_together_say_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = shown_at(monkeypatch)
    with progress(Console(environment={"CI": "1"})) as say:
        for words in ("trying again in 1 s", "trying again in 1 s", "trying again in 2 s"):
            say(words)
        monkeypatch.setattr("graphpolicy.cli.progress.SOON", -1.0)  # a while later
        say("trying again in 2 s")
    told = [line.removeprefix("trying again in ") for line in shown.getvalue().splitlines()]
    assert told == ["1 s", "2 s", "2 s"]
