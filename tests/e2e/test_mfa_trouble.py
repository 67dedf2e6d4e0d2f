"""A reset of one person that somebody stops or kills; `tests/faults` tests faults."""

from __future__ import annotations

import json
import signal

import pytest

from graphpolicy.mock import Mock
from tests.e2e.test_mfa_reset import MIA, kinds, reset, struck
from tests.shell import NO_WAITING, Done, Shell, without_rules

pytestmark = pytest.mark.e2e


def killed(shell: Shell, mock: Mock, sent: signal.Signals, after: int) -> Done:
    """A reset of Mia that gets a signal."""
    without_rules(shell)
    shell.settings |= NO_WAITING
    words = ("mfa", "reset", MIA, "--auto-approve", "--format", "json")
    return struck(shell, mock, sent, after, *words)


def gone_and_told(shell: Shell, mock: Mock) -> tuple[int, int]:
    """How many methods were deleted, and how many the journal records as deleted."""
    text = (shell.folder / ".graphpolicy" / "helpdesk.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    told = {line["method"]["id"] for line in lines if line["event"] == "deleted"}
    return 4 - len(kinds(mock, MIA)), len(told)


@pytest.mark.parametrize(
    "sent",
    [
        signal.SIGTERM,
        pytest.param(signal.SIGINT, marks=pytest.mark.deep),  # of many: `test_mfa_many.py`
    ],
)
def test_an_interruption_ends_with_an_account(
    shell: Shell, mock: Mock, sent: signal.Signals
) -> None:
    done = killed(shell, mock, sent, after=1)
    assert done.code == 128 + sent, done.err
    found = json.loads(done.out)
    assert found["outcome"] == "interrupted"
    assert [each["state"] for each in found["methods"]] == ["accepted", "gone", "left", "left"]
    assert gone_and_told(shell, mock) == (2, 2)
    assert found["sessions"] == "not_tried"
    assert done.err.rstrip().endswith("help: run the same command again to finish the reset")
    assert done.err.count("error: ") == 1  # how it ended is said once
    mock.clear_faults()
    assert reset(shell, MIA).code == 0
    assert kinds(mock, MIA) == []


@pytest.mark.parametrize(
    "after",
    [  # a kill at every boundary of a request: `tests/faults/test_reset.py`
        1,
        *(pytest.param(after, marks=pytest.mark.deep) for after in (0, 2, 3)),
    ],
)
def test_after_a_kill_the_same_command_finishes(shell: Shell, mock: Mock, after: int) -> None:
    assert killed(shell, mock, signal.SIGKILL, after).code == -signal.SIGKILL
    lines = (shell.folder / ".graphpolicy" / "helpdesk.jsonl").read_text().splitlines()
    events = [json.loads(line)["event"] for line in lines]
    assert events == ["begun", *["deleting", "deleted"] * after, "deleting"]
    mock.clear_faults()
    told = shell("tap", "list", "kofi.mensah@contoso.com")  # any command about the tenant
    assert (told.code, "in the journal now" in told.err) == (0, True), told.text
    assert gone_and_told(shell, mock) == (after + 1, after + 1)
    assert "in the journal" not in shell("mfa", "list", MIA).err
    assert reset(shell, MIA).code == 0
    assert gone_and_told(shell, mock) == (4, 4)
    assert kinds(mock, MIA) == []
