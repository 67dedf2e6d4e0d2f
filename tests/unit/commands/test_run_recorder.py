"""Settling the open writes of interrupted runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.commands.run_recorder import RunRecorder
from graphpolicy.graph.protocols import WritePace
from graphpolicy.journal.folder import load, runs
from graphpolicy.model import Tenant, Version
from tests.laws.situations import TENANT_ID
from tests.unit.journal.test_folder import kept
from tests.unit.runs import sending


@dataclass
class Showing:
    """A tenant whose reads show these states of SMS in order, then always the last."""

    states: list[str]
    reads: int = 0
    waited: list[float] = field(default_factory=list)

    async def get(self, version: Version, url: str) -> Mapping[str, Any]:
        state = self.states[min(self.reads, len(self.states) - 1)]
        self.reads += 1
        return {"authenticationMethodConfigurations": [{"id": "Sms", "state": state}]}

    async def get_all(self, version: Version, url: str) -> list[Any]:
        raise AssertionError(url)

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


def settle(tenant: Showing, state: Path, *elsewhere: Path) -> tuple[list[str], list[str]]:
    """What is reported about the open writes of a tenant, and while that takes time."""
    keeper = RunRecorder(str(state), {}, lambda: "2026-11-24T14:00:00Z")
    said: list[str] = []
    run = load(next(iter((*elsewhere, *(state / "runs").iterdir()))))
    cut_off = keeper.cut_off(run.tenant, run if elsewhere else None)
    pace = WritePace(8.0, tenant.sleep)
    found = asyncio.run(keeper.settle(tenant, cut_off, pace, said.append))
    return [finding.message for finding in found], said


def test_a_write_that_does_not_show_at_first_is_waited_for(tmp_path: Path) -> None:
    folder = kept(tmp_path, "one", sending())
    tenant = Showing(["enabled", "enabled", "disabled"])
    [told], said = settle(tenant, tmp_path)
    assert "it took effect" in told
    assert tenant.waited == [0.5, 1.0]
    assert "waiting for its write to show (0 s)" in said[0]
    assert said[-1] == told
    assert [one.fate for one in load(folder.path).attempts] == ["verified"]


def test_a_write_that_never_shows_did_not_happen(tmp_path: Path) -> None:
    folder = kept(tmp_path, "one", sending())
    tenant = Showing(["enabled"])
    [told], _ = settle(tenant, tmp_path)
    assert "it did not take effect" in told
    assert tenant.waited == [0.5, 1.0, 2.0, 4.0, 0.5]
    assert [one.fate for one in load(folder.path).attempts] == ["not written"]


@pytest.mark.parametrize(
    ("sent", "waited"),
    [
        ("2026-11-24T13:58:00Z", 8.0),  # the request may have been given up a moment ago
        ("2026-11-24T13:57:55Z", 3.0),
        ("2026-11-24T13:57:00Z", 0.0),
        ("yesterday", 8.0),
        ("2026-11-24T13:57:00", 8.0),
        ("2026-11-24T15:00:00Z", 8.0),  # another machine's clock, or a clock that was set back
    ],
)
def test_a_write_that_had_its_time_already_is_not_waited_for(
    tmp_path: Path, sent: str, waited: float
) -> None:
    kept(tmp_path, "one", sending(at=sent))
    tenant = Showing(["enabled"])
    [told], said = settle(tenant, tmp_path)
    assert "it did not take effect" in told
    assert sum(tenant.waited) == waited
    assert said[-1] == told


def test_a_value_of_somebody_else_is_not_waited_for(tmp_path: Path) -> None:
    kept(tmp_path, "one", sending())
    tenant = Showing(["quite different"])
    [told], _ = settle(tenant, tmp_path)
    assert "another value, which somebody else wrote" in told
    assert tenant.reads == 1


def test_a_run_that_lies_elsewhere_is_settled_too_and_once(tmp_path: Path) -> None:
    here = kept(tmp_path / "state", "one", sending())
    away = kept(tmp_path / "away", "two", sending())
    tenant = Showing(["disabled"])
    told, _ = settle(tenant, tmp_path / "state", away.path)
    assert len(told) == 2
    assert not load(here.path).open
    assert not load(away.path).open
    assert settle(tenant, tmp_path / "state", here.path) == ([], [])
    assert tenant.reads == 1


def test_the_runs_of_a_fleet_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path, "one", sending())
    reads: list[str] = []

    def counted(state_dir: str) -> Any:
        reads.append(state_dir)
        return runs(state_dir)

    monkeypatch.setattr("graphpolicy.commands.run_recorder.runs", counted)
    keeper = RunRecorder(str(tmp_path), {}, lambda: "2026-11-24T14:00:00Z")
    tenants = [Tenant("other", f"{n}") for n in range(9)] + [Tenant("contoso", TENANT_ID)]
    assert [len(keeper.cut_off(tenant)) for tenant in tenants] == [0] * 9 + [1]
    assert len(reads) == 1


def test_a_run_named_by_its_path_in_the_state_folder_is_settled_once(tmp_path: Path) -> None:
    here = kept(tmp_path, "one", sending())
    told, _ = settle(Showing(["disabled"]), tmp_path, here.path)
    assert len(told) == 1
