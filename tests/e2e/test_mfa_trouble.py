"""A reset of one person while answers are lost, a default is odd, or somebody kills it."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest

from graphpolicy.mock import Mock
from tests.e2e.conftest import COMMAND, Shell
from tests.e2e.test_mfa_reset import MIA, in_json, kinds, reset

pytestmark = pytest.mark.e2e

POSITIONS = range(11)
"""Every request of Mia's reset without rules: who, methods twice, default, four deletions, the last
look, sessions; and beyond the end."""


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_trouble_at_any_request_changes_nothing(
    shell: Shell, mock: Mock, fault: str, position: int
) -> None:
    mock.add_fault(fault, after=position)
    done = reset(shell, MIA, "--format", "json")
    assert done.code == 0, done.text
    assert kinds(mock, MIA) == []
    found = in_json(done)
    assert {each["state"] for each in found["methods"]} == {"gone"}
    assert found["sessions"] == "ended"


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("status", [400, 403])
def test_the_account_is_true_whatever_is_refused(
    shell: Shell, mock: Mock, status: int, position: int
) -> None:
    mock.add_fault("status", status=status, after=position, times=2)
    done = reset(shell, MIA, "--format", "json")
    left = kinds(mock, MIA)
    deleted = any(r.method == "DELETE" and r.status == 204 for r in mock.requests)
    if not done.out:  # refused before anything was asked or done
        assert (len(left), done.code) == (4, 4 if status != 400 else 1)
        return
    found = in_json(done)
    gone = [each for each in found["methods"] if each["state"] == "gone"]
    assert len(gone) <= 4 - len(left)
    assert (done.code == 0) == (not left and found["sessions"] == "ended" and len(gone) == 4)
    if done.code:
        assert done.code == (5 if deleted else 4 if status != 400 else 1)
        mock.clear_faults()
        assert reset(shell, MIA).code == 0
    assert kinds(mock, MIA) == []


def killed(shell: Shell, mock: Mock, sent: signal.Signals, after: int) -> tuple[int, str, str]:
    """A reset that a signal meets while Graph takes its time with a deletion."""
    mock.add_fault("slow", method="DELETE", after=after, seconds=20)
    with subprocess.Popen(
        [COMMAND, "mfa", "reset", MIA, "--auto-approve", "--format", "json"],
        cwd=shell.folder,
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        for _ in range(200):
            if sum(r.method == "DELETE" for r in mock.requests) > after:
                break
            time.sleep(0.1)
        time.sleep(0.3)
        process.send_signal(sent)
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_with_an_account(
    shell: Shell, mock: Mock, sent: signal.Signals
) -> None:
    code, out, err = killed(shell, mock, sent, after=1)
    assert code == 130, err
    found = json.loads(out)
    assert found["outcome"] == "interrupted"
    assert [each["state"] for each in found["methods"]] == ["accepted", "unknown", "left", "left"]
    assert found["sessions"] == "not_tried"
    assert "run it again" in err
    mock.clear_faults()
    assert reset(shell, MIA).code == 0
    assert kinds(mock, MIA) == []


@pytest.mark.parametrize("after", range(4))
def test_after_a_kill_the_same_command_finishes(shell: Shell, mock: Mock, after: int) -> None:
    assert killed(shell, mock, signal.SIGKILL, after)[0] == -signal.SIGKILL
    lines = (shell.folder / ".graphpolicy" / "helpdesk.jsonl").read_text().splitlines()
    events = [json.loads(line)["event"] for line in lines]
    assert events == ["begun", *["deleted"] * after]
    mock.clear_faults()
    assert reset(shell, MIA).code == 0
    assert kinds(mock, MIA) == []
