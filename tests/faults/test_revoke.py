"""Revoking a pass: after a stop or a kill at any boundary every deletion is reported."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.commands.helpdesk_session import HelpdeskSession, settle
from graphpolicy.commands.tap_issue import issue
from graphpolicy.commands.tap_revoke import revoke
from graphpolicy.graph.failures import AnswerLostError
from graphpolicy.helpdesk.access_pass import PassRequest
from graphpolicy.helpdesk.outcomes import Revocation
from graphpolicy.journal.ledger import Ledger, entries
from tests.faults.scene import Killed, Scene
from tests.faults.test_reset import CONTOSO, MIA, desk_of

EVERYONE = {"targetType": "group", "id": "all_users", "isRegistrationRequired": False}
BOUNDARIES = 6
"""Who it is, the passes, one deletion: each has two."""


class Yes:
    """Answers yes."""

    def issue(self, *_: Any) -> bool:
        return True

    def replace(self, *_: Any) -> bool:
        return False

    def revoke(self, *_: Any) -> bool:
        return True


class AfterDelete:
    """A Graph where a deletion takes effect, and something else replaces its answer."""

    def __init__(self, graph: Any, comes: BaseException) -> None:
        self._graph, self._comes = graph, comes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    async def delete(self, *arguments: Any) -> Any:
        await self._graph.delete(*arguments)
        raise self._comes


def desk(scene: Scene, action: str = "tap revoke", **other: Any) -> HelpdeskSession:
    def ledger(_actor: Any) -> Ledger:
        common = {"action": action, "tenant": CONTOSO.id}
        return Ledger(str(scene.state), lambda: "now", common)

    return replace(desk_of(scene), ledger=ledger, **other)


def without_pass(folder: Path) -> Scene:
    """A tenant where passes are on, and nobody has one."""
    scene = Scene(folder)
    scene.mock.portal("TemporaryAccessPass", {"state": "enabled", "includeTargets": [EVERYONE]})
    return scene


def with_pass(folder: Path) -> Scene:
    scene = without_pass(folder)
    done = asyncio.run(issue(desk(scene, "tap issue"), MIA, PassRequest(), Yes()))
    assert done.ending == "issued"
    scene.passed = 0
    return scene


def left(scene: Scene) -> bool:
    tenant = scene.mock.tenant()
    return tenant.registered.access_pass(tenant.directory.key(MIA)) is not None


def told(scene: Scene) -> list[str]:
    """What the journal says after the pass was issued."""
    return [str(line["event"]) for line in entries(str(scene.state))][2:]


def taken(scene: Scene, comes: BaseException) -> Revocation:
    graph: Any = AfterDelete(desk(scene).graph, comes)
    return asyncio.run(revoke(desk(scene, graph=graph), MIA, Yes().revoke))


def test_a_stop_between_a_deletion_and_its_answer_is_settled_by_reading(tmp_path: Path) -> None:
    scene = with_pass(tmp_path)
    done = taken(scene, asyncio.CancelledError())
    assert (done.ending, done.exit_code, len(done.gone), left(scene)) == (
        "interrupted",
        130,
        1,
        False,
    )
    assert told(scene) == ["sending", "revoked"]


def test_a_lost_answer_is_settled_by_reading(tmp_path: Path) -> None:
    scene = with_pass(tmp_path)
    done = taken(scene, AnswerLostError("the connection broke"))
    assert (done.ending, done.exit_code, left(scene)) == ("revoked", 0, False)
    assert told(scene) == ["sending", "revoked"]


@pytest.mark.parametrize("boundary", range(1, BOUNDARIES + 1))
def test_after_a_kill_at_any_boundary_the_next_command_settles_it(
    tmp_path: Path, boundary: int
) -> None:
    scene = with_pass(tmp_path)
    scene.kill_at = boundary
    with pytest.raises(Killed):
        asyncio.run(revoke(desk(scene), MIA, Yes().revoke))
    scene.kill_at = None
    sent = told(scene)
    assert sent == (["sending"] if boundary >= BOUNDARIES - 1 else [])
    for _ in range(2):  # the second has nothing left to settle
        asyncio.run(settle(desk(scene, "tap list")))
        assert told(scene) == [
            *sent,
            *([] if not sent else ["not_deleted" if left(scene) else "deleted"]),
        ]
    done = asyncio.run(revoke(desk(scene), MIA, Yes().revoke))
    assert (done.exit_code, left(scene)) == (0, False)
