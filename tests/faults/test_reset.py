"""Every fault at every request of a reset, a kill at every boundary, and every odd default."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.commands.helpdesk_session import Actor, HelpdeskSession, settle
from graphpolicy.commands.mfa_reset import reset
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.protocols import WritePace
from graphpolicy.helpdesk.house_rules import HouseRules
from graphpolicy.helpdesk.reset import PlannedReset, Reset, ResetOptions
from graphpolicy.journal.ledger import Ledger, entries
from graphpolicy.model import Tenant
from tests.faults.scene import Killed, Scene

MIA = "mia.lopez@contoso.com"
CONTOSO = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
REQUESTS = 10
"""Of Mia's reset without rules: who, methods twice, default, four deletions, a look, sessions."""


def seldom(*values: object) -> list[Any]:
    """Values of a kind that other values represent: only a deep run tries them."""
    return [pytest.param(value, marks=pytest.mark.deep) for value in values]


@dataclass
class Yes:
    """Answers yes, and keeps what was shown."""

    planned: PlannedReset | None = None

    def reset(self, planned: PlannedReset) -> bool:
        self.planned = planned
        return True


def ledger_of(scene: Scene) -> Callable[[Actor], Ledger]:
    common = {"action": "mfa reset", "tenant": CONTOSO.id}
    return lambda actor: Ledger(
        str(scene.state), lambda: "now", {**common, "actor": {"name": actor.name}}
    )


def desk_of(scene: Scene) -> HelpdeskSession:
    return HelpdeskSession(
        scene.tenant(CONTOSO),
        HouseRules({}),
        "",
        ledger_of(scene),
        scene.said.append,
        lambda *_: None,
        WritePace(sleep=scene.sleep),
        str(scene.state),
    )


def run(scene: Scene, wish: ResetOptions = ResetOptions()) -> Reset:  # noqa: B008 - frozen
    scene.passed = 0
    try:
        return asyncio.run(reset(desk_of(scene), MIA, wish, Yes().reset))
    except BaseExceptionGroup as group:  # several requests were under way
        raise (Killed() if group.subgroup(Killed) else group) from group


def left(scene: Scene) -> list[str]:
    registered = scene.mock.tenant().registered
    return list(registered.kinds_of(scene.mock.tenant().directory.key(MIA)))


def deleted_lines(scene: Scene) -> int:
    """How many methods the journal records as deleted."""
    lines = [line for line in entries(str(scene.state)) if line["event"] == "deleted"]
    return len({line["method"]["id"] for line in lines})


def true(scene: Scene, result: Reset) -> None:
    """The report says exactly what happened."""
    gone, not_gone = result.of("gone", "accepted"), result.of("left")
    assert len(gone) + len(not_gone) + len(result.of("unknown")) == 4
    assert len(gone) <= 4 - len(left(scene))
    assert len(not_gone) <= len(left(scene))
    if not result.of("unknown"):  # the next command reports what could not be read
        assert deleted_lines(scene) >= 4 - len(left(scene))
    ended = any(
        "revokeSignInSessions" in r.path and (r.status or 200) < 300 for r in scene.mock.requests
    )
    assert ended or result.sessions not in ("ended", "unsaid")
    if result.exit_code == 0:
        assert (left(scene), result.sessions) == ([], "ended")


@pytest.mark.parametrize("position", range(REQUESTS + 1))
@pytest.mark.parametrize(
    "fault",
    ["reset_before", "reset_after", "throttled", "unavailable", "expire_token",
     *seldom("reset_half", "truncated", "throttled-bare", "gateway-timeout", "internal-error")],
)  # fmt: skip
def test_passing_trouble_at_any_request_changes_nothing(
    tmp_path: Path, fault: str, position: int
) -> None:
    scene = Scene(tmp_path)
    scene.mock.add_fault(fault, after=position)
    result = run(scene)
    true(scene, result)
    assert (result.exit_code, left(scene)) == (0, [])


@pytest.mark.parametrize("position", range(REQUESTS + 1))
@pytest.mark.parametrize("status", [401, 403, 409, 503, *seldom(400, 429, 500)])
@pytest.mark.parametrize("times", [1, None, *seldom(3)])
def test_the_account_is_true_whatever_is_refused(
    tmp_path: Path, status: int, position: int, times: int | None
) -> None:
    scene = Scene(tmp_path)
    scene.sign_in.renewable = False
    scene.mock.add_fault("status", status=status, after=position, times=times)
    try:
        result = run(scene)
    except GraphError:
        assert len(left(scene)) == 4
    else:
        true(scene, result)
    scene.mock.clear_faults()
    again = run(scene)
    true_again = (again.exit_code, left(scene), again.sessions)
    assert true_again == (0, [], "ended")


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("fault", ["not_persisted", "stale"])
def test_a_deletion_that_does_not_show(tmp_path: Path, fault: str, position: int) -> None:
    scene = Scene(tmp_path)
    scene.mock.add_fault(fault, method="DELETE", after=position)
    result = run(scene)
    true(scene, result)
    assert result.exit_code == (0 if fault == "stale" else 5)
    assert any("waiting until the deletion shows" in line for line in scene.said)
    assert ("still listed" in str(result)) == (fault == "not_persisted")


def test_the_others_go_where_one_answer_is_lost(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    run(scene)
    first = next(each.path for each in scene.mock.requests if each.method == "DELETE")
    scene = Scene(tmp_path / "again")
    scene.mock.add_fault("reset_after", method="DELETE", path_contains=first, times=None)
    result = run(scene)
    true(scene, result)
    assert (result.exit_code, left(scene), result.sessions) == (0, [], "ended")


@pytest.mark.parametrize("scope", ["phone", "any"])
@pytest.mark.parametrize("status", ["400", "403", "409"])
@pytest.mark.parametrize("read", ["true", "none", "refused"])
@pytest.mark.parametrize(
    "preference",
    ["sms", "voiceMobile", "push", "voiceAlternateMobile", *seldom("oath", "voiceOffice")],
)
def test_a_default_goes_whatever_is_known_of_it(
    tmp_path: Path, scope: str, status: str, read: str, preference: str
) -> None:
    scene = Scene(tmp_path)
    scene.mock.set_switches(default_delete=status, default_scope=scope)
    registered = scene.mock.tenant().registered
    registered.remove(MIA, "3ddfcfc8-9383-446f-83cc-3ab9be4be18f")
    registered.register(MIA, "officePhone")
    registered.prefer(MIA, preference)
    if read != "true":
        scene.mock.add_fault(
            "status",
            method="GET",
            path_contains="signInPreferences",
            status=200 if read == "none" else 404,
            body={"userPreferredMethodForSecondaryAuthentication": None},
        )
    result = run(scene)
    true(scene, result)
    assert (result.exit_code, left(scene)) == (0, []), result.error


@pytest.mark.parametrize(
    ("answer", "says"), [("204", "ended"), ("200_false", "unsaid"), ("200_true", "ended")]
)
def test_every_success_of_ending_sessions_counts(tmp_path: Path, answer: str, says: str) -> None:
    scene = Scene(tmp_path)
    scene.mock.set_switches(revoke=answer)
    result = run(scene)
    assert (result.exit_code, result.sessions) == (0, says)


@pytest.mark.parametrize("boundary", range(1, 2 * REQUESTS + 1))
def test_after_a_kill_at_any_boundary_the_same_command_finishes(
    tmp_path: Path, boundary: int
) -> None:
    scene = Scene(tmp_path)
    scene.kill_at = boundary
    with pytest.raises(Killed):
        run(scene)
    before = [line["event"] for line in entries(str(scene.state))]
    assert "finished" not in before
    assert before[:1] == (["begun"] if before else [])
    scene.kill_at = None
    asyncio.run(settle(desk_of(scene)))
    assert deleted_lines(scene) == 4 - len(left(scene))
    known = len(entries(str(scene.state)))
    asyncio.run(settle(desk_of(scene)))
    assert len(entries(str(scene.state))) == known
    result = run(scene)
    assert (result.exit_code, left(scene), result.sessions) == (0, [], "ended")
    assert deleted_lines(scene) == 4
    assert entries(str(scene.state))[-1]["event"] == "finished"
