"""Issuing a pass: an answer that is lost anywhere leaves at most one pass, and a true report."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from graphpolicy.commands.tap_issue import issue
from graphpolicy.helpdesk.access_pass import PassRequest
from graphpolicy.helpdesk.house_rules import HouseRules
from graphpolicy.helpdesk.outcomes import Issuance
from graphpolicy.journal.ledger import entries
from tests.faults.scene import Scene
from tests.faults.test_reset import MIA
from tests.faults.test_revoke import Yes, desk, with_pass, without_pass

PASSES = "temporaryAccessPassMethods"
REQUESTS = 7
"""Of a pass where roles refuse: the policy, who, groups, roles twice, the passes, the creation."""
LOST = ["reset_before", "reset_after", "reset_half", "truncated"]


def issued(scene: Scene) -> Issuance:
    scene.mock.clear_requests()
    house = HouseRules({"refuse": [{"role": "any"}]})
    return asyncio.run(issue(desk(scene, "tap issue", house=house), MIA, PassRequest(), Yes()))


def made(scene: Scene) -> list[str]:
    """Every pass that the mock has made so far."""
    return list(scene.mock.tenant().secrets.values())


def sent(scene: Scene) -> list[str]:
    return [each.method for each in scene.mock.requests if PASSES in each.path]


def true(scene: Scene, done: Issuance, new: list[str]) -> None:
    """The report of a creation whose answer was lost says exactly what is true."""
    assert sent(scene).count("POST") == 1
    assert len(new) <= 1
    assert (done.exit_code, done.secret) == (1, None)
    assert done.ending == ("lost" if new else "failed")
    assert ("its secret is lost" in done.error) == bool(new)
    assert ("no pass was created" in done.error) != bool(new)
    assert entries(str(scene.state))[-1]["event"] == ("lost" if new else "unknown")


@pytest.mark.parametrize("position", range(REQUESTS))
@pytest.mark.parametrize("fault", LOST)
def test_an_answer_lost_anywhere_leaves_one_pass_at_most_and_a_true_account(
    tmp_path: Path, fault: str, position: int
) -> None:
    scene = without_pass(tmp_path)
    scene.mock.add_fault(fault, after=position)
    done = issued(scene)
    new = made(scene)
    if position == REQUESTS - 1:
        true(scene, done, new)
    else:
        assert (len(scene.mock.requests), sent(scene)) == (REQUESTS + 1, SENT[position])
        assert (done.ending, [done.secret and done.secret.reveal()]) == ("issued", new)


SENT = [["GET", "POST"]] * (REQUESTS - 2) + [["GET", "GET", "POST"]]


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_never_makes_a_second_pass(tmp_path: Path, fault: str) -> None:
    scene = with_pass(tmp_path)
    scene.mock.add_fault(fault, method="POST", path_contains=PASSES)
    earlier = made(scene)
    done = issued(scene)
    true(scene, done, made(scene)[len(earlier) :])
    assert len(done.replaced) == (done.ending == "lost")
    assert issued(scene).ending == "issued"


def test_a_throttled_creation_is_looked_at_before_it_is_sent_again(tmp_path: Path) -> None:
    scene = without_pass(tmp_path)
    scene.mock.add_fault("status", method="POST", path_contains=PASSES, status=429, retry_after="1")
    assert issued(scene).ending == "issued"
    assert (len(made(scene)), scene.now) == (1, 1.0)
    assert sent(scene) == ["GET", "POST", "GET", "POST"]
