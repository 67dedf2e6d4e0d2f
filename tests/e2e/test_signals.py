"""SIGINT and SIGTERM at any moment: a word, the right code, and a journal that is understood."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from graphpolicy.mock import Mock
from tests.e2e.conftest import COMMAND, Process, Shell, nobody_registered, policy, until

pytestmark = pytest.mark.e2e

BEFORE = {"TemporaryAccessPass": "disabled", "Sms": "enabled", "Voice": "enabled"}
AFTER = {"TemporaryAccessPass": "enabled", "Sms": "disabled", "Voice": "disabled"}
WANTED = policy("".join(f"{name}:\n  state: {state}\n" for name, state in AFTER.items()))
WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
SIGNALS = pytest.mark.parametrize("sent", WORDS)
APPLY = ("apply", "--auto-approve", "--verify-timeout", "1")
SECONDS = 2.0
"""More than an apply takes here, most of which is imports."""


@pytest.fixture
def mock() -> Mock:
    """A tenant in which no plan locks anybody out."""
    return nobody_registered(Mock())


def listens(process: Process) -> bool:
    """Whether the process has begun with our first line; before that it is Python's alone."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def ended(process: Process, sent: signal.Signals, out: str, err: str) -> None:
    """It ended by the signal, or was done before it came."""
    assert "Traceback" not in err
    assert "internal error" not in err
    if process.returncode == 0:
        assert " changed and verified in run " in out
    else:
        assert process.returncode == 128 + sent, err
        assert f"error: {WORDS[sent]}\n" in err


def stopped(shell: Shell, mock: Mock, sent: signal.Signals, delay: float) -> None:
    """An apply that gets a signal after some time, and one more that goes on from there."""
    for name, state in BEFORE.items():
        mock.portal(name, {"state": state}, actor="ana@contoso.com")
    with shell.begun(*APPLY) as process:
        until(lambda: process.poll() is not None or listens(process))
        time.sleep(delay)
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    ended(process, sent, out, err)
    assert shell(*APPLY).code == 0
    assert {name: mock.configuration(name)["state"] for name in AFTER} == AFTER
    for journal in shell.folder.glob(".graphpolicy/runs/*/journal.jsonl"):
        assert [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


@SIGNALS
@pytest.mark.parametrize("part", range(3))
def test_an_apply_is_stopped_at_some_moment(
    shell: Shell, mock: Mock, sent: signal.Signals, part: int
) -> None:
    shell.write(WANTED)
    stopped(shell, mock, sent, SECONDS * random.Random(f"{sent} {part}").random() * (part + 1) / 3)


@pytest.mark.deep
@SIGNALS
@pytest.mark.parametrize("part", range(60))
def test_an_apply_is_stopped_at_any_moment(
    shell: Shell, mock: Mock, sent: signal.Signals, part: int
) -> None:
    shell.write(WANTED)
    stopped(shell, mock, sent, SECONDS * part / 60)


@SIGNALS
def test_while_modules_are_loaded_a_signal_ends_it_at_once(
    shell: Shell, sent: signal.Signals
) -> None:
    with shell.begun("validate") as process:
        until(lambda: listens(process))
        process.send_signal(sent)
        err = process.communicate(timeout=30)[1]
    assert (process.returncode, err) == (128 + sent, f"error: {WORDS[sent]}\n")


@SIGNALS
def test_the_report_of_an_apply_is_delivered_whole_also_where_a_signal_comes_meanwhile(
    shell: Shell, mock: Mock, sent: signal.Signals
) -> None:
    """A reader that is slow: the report is longer than a pipe takes."""
    shell.write(WANTED)
    with subprocess.Popen(
        [COMMAND, *APPLY, "--format", "html"],
        cwd=shell.folder,
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pipesize=4096,
        encoding="utf-8",
    ) as process:
        until(lambda: mock.configuration("Voice")["state"] == "disabled")
        time.sleep(1.0)
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert out.rstrip().endswith("</html>")
    assert "verified" in out
    assert process.returncode == 128 + sent
    assert f"error: {WORDS[sent]}\n" in err


def test_a_second_signal_ends_what_the_first_could_not(shell: Shell, mock: Mock) -> None:
    """A reader that never reads."""
    shell.write(WANTED)
    with subprocess.Popen(
        [COMMAND, *APPLY, "--format", "html"],
        cwd=shell.folder,
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pipesize=4096,
        encoding="utf-8",
    ) as process:
        until(lambda: mock.configuration("Voice")["state"] == "disabled")
        for seconds in (1.0, 1.5):
            time.sleep(seconds)
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr
        assert process.stderr.read().endswith("error: interrupted\n")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("apply",), 64),
        (("mfa", "reset", "mia.lopez@contoso.com"), 64),
        (APPLY, 0),
        (("plan", "-"), 1),
    ],
)
def test_stdin_that_is_closed_is_no_terminal_and_holds_nothing(
    shell: Shell, command: tuple[str, ...], code: int
) -> None:
    shell.write(WANTED)
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" "$@" <&-', COMMAND, *command],
        cwd=shell.folder,
        env=shell.environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == code
    assert "internal error" not in done.stderr
    assert code != 64 or "no terminal" in done.stderr
