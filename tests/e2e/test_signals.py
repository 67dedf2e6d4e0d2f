"""SIGINT and SIGTERM at any moment: a message, the right code, and a journal that can be read."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from graphpolicy.cli.signals import PASSED_ON
from graphpolicy.mock import Mock
from tests.shell import COMMAND, Done, Process, Shell, nobody_registered, policy, until

pytestmark = pytest.mark.e2e

BEFORE = {"TemporaryAccessPass": "disabled", "Sms": "enabled", "Voice": "enabled"}
AFTER = {"TemporaryAccessPass": "enabled", "Sms": "disabled", "Voice": "disabled"}
WANTED = policy("".join(f"{name}:\n  state: {state}\n" for name, state in AFTER.items()))
WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
SIGNALS = pytest.mark.parametrize("sent", WORDS)
APPLY = ("apply", "--auto-approve", "--verify-timeout", "1")
FORK, INSTALLED = 0.4, 2.0
"""Seconds that are more than an apply takes, in a fork and with all its imports."""


@pytest.fixture
def mock() -> Mock:
    """A tenant in which no plan locks anybody out."""
    return nobody_registered(Mock())


def listens(process: int) -> bool:
    """Whether the process runs graphpolicy already; before that Python handles the signals."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def ended(done: Done, sent: signal.Signals) -> None:
    """It was ended by the signal, or was done before."""
    assert "internal error" not in done.err
    if done.code == 0:
        assert " changed and verified in run " in done.out
    else:
        assert done.code == 128 + sent, done.err
        assert f"error: {WORDS[sent]}\n" in done.err


def stopped(shell: Shell, mock: Mock, sent: signal.Signals, seconds: float) -> None:
    """An apply that gets a signal after some time, and a second one that continues from there."""

    def strike(process: int) -> None:
        with suppress(FileNotFoundError, ProcessLookupError):  # it is done
            until(lambda: listens(process))
            time.sleep(seconds)
            os.kill(process, sent)

    shell.write(WANTED)
    for name, state in BEFORE.items():
        mock.portal(name, {"state": state}, actor="ana@contoso.com")
    done = shell.watched(strike, *APPLY)
    assert "Traceback" not in done.err
    ended(done, sent)
    assert shell.called(*APPLY).code == 0
    assert {name: mock.configuration(name)["state"] for name in AFTER} == AFTER
    for journal in shell.folder.glob(".graphpolicy/runs/*/journal.jsonl"):
        assert [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


@SIGNALS
@pytest.mark.parametrize("part", range(3))
def test_an_apply_is_stopped_at_some_moment(
    shell: Shell, mock: Mock, sent: signal.Signals, part: int
) -> None:
    moment = random.Random(f"{sent} {part}").random()
    stopped(shell, mock, sent, FORK * (part + moment) / 3)


@SIGNALS
@pytest.mark.parametrize(
    "part", [10, *(pytest.param(n, marks=pytest.mark.deep) for n in range(60) if n != 10)]
)
def test_the_installed_command_is_stopped_at_any_moment(
    shell: Shell, mock: Mock, sent: signal.Signals, part: int
) -> None:
    """Many of these moments are within an import."""
    shell.installed = True
    stopped(shell, mock, sent, INSTALLED * part / 60)


@SIGNALS
def test_while_modules_are_loaded_a_signal_ends_it_at_once(
    shell: Shell, sent: signal.Signals
) -> None:
    with shell.begun("validate") as process:
        until(lambda: listens(process.pid))
        process.send_signal(sent)
        err = process.communicate(timeout=30)[1]
    assert (process.returncode, err) == (128 + sent, f"error: {WORDS[sent]}\n")


IN_A_CALLBACK = """
import signal, weakref
from graphpolicy.cli.signals import STOPPING
STOPPING.listen()
kept = set()
reference = weakref.ref(kept, lambda _: signal.raise_signal(signal.SIGINT))
del kept
print("went on")
"""


def test_a_signal_within_a_callback_of_python_ends_it_too() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_CALLBACK], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nerror: interrupted\n")


@contextmanager
def reporting(shell: Shell) -> Iterator[Process]:
    """An apply that has written, and whose report the reader has not read completely."""
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
        assert process.stdout
        out = process.stdout.fileno()
        until(lambda: struct.unpack("i", fcntl.ioctl(out, termios.FIONREAD, bytes(4))) == (4096,))
        yield process


@pytest.mark.parametrize(
    "sent",  # that the report holds up SIGINT is shown below, too
    [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.deep)],
)
def test_the_report_of_an_apply_is_delivered_whole_also_where_a_signal_comes_meanwhile(
    shell: Shell, sent: signal.Signals
) -> None:
    """A reader that is slow."""
    with reporting(shell) as process:
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert out.rstrip().endswith("</html>")
    assert "verified" in out
    assert process.returncode == 128 + sent
    assert f"error: {WORDS[sent]}\n" in err


def test_a_second_signal_ends_what_the_first_could_not(shell: Shell) -> None:
    """A reader that never reads."""
    with reporting(shell) as process:
        process.send_signal(signal.SIGINT)
        time.sleep(PASSED_ON + 0.1)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr
        assert process.stderr.read().endswith("error: interrupted\n")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("apply",), 64),
        (APPLY, 0),
        # The null device takes the place of stdin before there is a verb.
        pytest.param(("mfa", "reset", "mia.lopez@contoso.com"), 64, marks=pytest.mark.deep),
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
