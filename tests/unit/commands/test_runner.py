"""A run over several tenants, ring by ring, without a wire and without waiting."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.commands.apply import apply
from graphpolicy.commands.run_recorder import RunRecorder
from graphpolicy.commands.runner import WriteOptions
from graphpolicy.graph.protocols import WritePace
from graphpolicy.mock import Mock
from graphpolicy.model import Desired, Failure, Tenant
from graphpolicy.model.errors import GraphPolicyError
from graphpolicy.plan.verdict import Report
from graphpolicy.policyfile.load import load
from graphpolicy.render.phrases import go_on
from tests.laws.mock_tenant import InProcess
from tests.laws.situations import OCCASION, TODAY

METHODS = "authenticationMethodsPolicy: {authenticationMethodConfigurations: %s}\n"
LONGER = METHODS % "{TemporaryAccessPass: {defaultLength: 20}}"
UNKNOWN = METHODS % "{Sms: {includeTargets: [{group: Nobody}]}}"


@dataclass
class Fleet:
    """Tenants by name: those of ring 1 are a and b, then c in ring 2, and d without a ring."""

    folder: Path
    mocks: dict[str, Mock] = field(default_factory=lambda: {name: Mock() for name in "abcd"})
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    now: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)
    meanwhile: Callable[[], object] = lambda: None
    """What happens while the run soaks."""
    answered: str = "abcd"
    """The tenants that somebody says yes or no for."""
    wakes: bool = True
    """Whether the event loop has its turn before the soak is over."""

    def tenant(self, tenant: Tenant) -> InProcess:
        return InProcess(self.mocks[tenant.name])

    def policies(self, **files: str) -> list[Desired]:
        for name, ring in {"d": "", "c": ", ring: 2", "b": ", ring: 1", "a": ", ring: 1"}.items():
            tenant = f"id: {name * 8}-2222-4333-8444-555555555555{ring}"
            text = f"version: 1\ntenant: {{{tenant}}}\n{files.get(name, LONGER)}"
            (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        policies = load([str(self.folder)])
        assert policies.sound, policies.findings
        return list(policies.desired)

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        if seconds >= 3600:
            self.meanwhile()
            if self.wakes:
                await asyncio.sleep(0)

    def apply(self, *, soak: int = 0, going: bool = False, no: str = "", **files: str) -> Report:
        def approve(plans: Sequence[Any]) -> list[bool]:
            self.asked += [each.plan.tenant.name for each in plans]
            names = [each.plan.tenant.name for each in plans]
            return [name not in no for name in names if name in self.answered]

        keeper = RunRecorder(
            str(self.folder / "state"), {}, lambda: self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        )
        pace = WritePace(sleep=self.sleep)
        writing = WriteOptions(approve, pace, self.said.append, keeper, keep_going=going, soak=soak)
        session: Any = self
        return asyncio.run(apply(session, self.policies(**files), writing, OCCASION, expected={}))

    @property
    def written(self) -> str:
        """The names of the tenants that were written to."""
        return "".join(
            name
            for name, mock in self.mocks.items()
            if mock.configuration("TemporaryAccessPass")["defaultLength"] == 20
        )

    def break_down(self, name: str) -> None:
        self.mocks[name].add_fault("status", status=403, method="PATCH")


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "locks")
    monkeypatch.setattr(os, "fsync", lambda _: None)
    folder = tmp_path / "policies"
    folder.mkdir()
    return Fleet(folder)


def held_up(report: Report) -> dict[str, str]:
    names = {each.tenant.id: each.tenant.name for each in report.plans}
    return {names[id_]: unsent.why for id_, unsent in report.unsent.items()}


def begun(report: Report) -> list[str]:
    """The tenants that were written to, in their order."""
    names = {each.tenant.id: each.tenant.name for each in report.plans}
    return [names[id_] for id_ in report.results]


def test_rings_are_written_in_ascending_order_and_the_rest_last(fleet: Fleet) -> None:
    report = fleet.apply()
    assert (report.exit_code, fleet.written) == (0, "abcd")
    assert begun(report) == ["a", "b", "c", "d"]
    assert report.unsent == {}


def test_a_failed_write_stops_before_the_next_ring_although_others_go_on(fleet: Fleet) -> None:
    fleet.break_down("a")
    report = fleet.apply(going=True)
    assert fleet.written == "b"
    assert report.exit_code == 5
    assert set(held_up(report)) == {"c", "d"}
    assert "ring 1 (a: not completely applied)" in held_up(report)["c"]
    going = go_on(report, ["apply", "--keep-going", "--ring=1", "--ring", "2"])
    assert "graphpolicy apply --keep-going --ring 1 --ring 2 --ring none`" in going
    assert "a: not completely applied" in going


def test_a_failed_write_ends_the_run(fleet: Fleet) -> None:
    fleet.break_down("a")
    report = fleet.apply()
    assert (report.exit_code, fleet.written) == (4, "")
    assert set(held_up(report)) == {"b", "c", "d"}


@pytest.mark.parametrize("going", [False, True])
def test_a_tenant_that_cannot_be_planned_holds_up_what_comes_after_it(
    fleet: Fleet, going: bool
) -> None:
    report = fleet.apply(going=going, c=UNKNOWN)
    assert report.exit_code == 1
    assert fleet.written == ("ab" if going else "")
    assert fleet.asked == (["a", "b"] if going else [])
    assert set(held_up(report)) == ({"d"} if going else {"a", "b", "d"})


@pytest.mark.parametrize(("answered", "code"), [("abcd", 5), ("ab", 1)])
def test_a_no_holds_up_what_comes_after_it(fleet: Fleet, answered: str, code: int) -> None:
    """Whether or not somebody was asked about the later rings."""
    fleet.answered = answered
    report = fleet.apply(going=True, no="b")
    assert (report.exit_code, fleet.written) == (code, "a")
    assert all("b: declined" in held_up(report)[name] for name in "cd")
    assert "--ring 1 --ring 2 --ring none" in go_on(report, ["apply", "--keep-going"])


def test_between_two_rings_that_are_written_the_run_soaks(fleet: Fleet) -> None:
    seen: list[str] = []
    fleet.meanwhile = lambda: seen.append(fleet.written)
    start = fleet.now
    report = fleet.apply(soak=7200)
    assert (report.exit_code, fleet.written, seen) == (0, "abcd", ["ab", "abc"])
    assert fleet.now == start + timedelta(hours=4)
    assert f"waiting: ring 2 begins no earlier than {TODAY} 14:00 UTC" in "\n".join(fleet.said)
    fleet.apply(soak=7200)
    assert fleet.now == start + timedelta(hours=4)  # nothing is written, so no ring waits


def test_what_changes_while_a_run_soaks_makes_the_plan_stale(fleet: Fleet) -> None:
    fleet.meanwhile = lambda: fleet.mocks["c"].portal("TemporaryAccessPass", {"defaultLength": 9})
    report = fleet.apply(soak=3600)
    [failed] = [each for each in report.plans if isinstance(each, Failure)]
    assert (failed.tenant.name, failed.code, failed.exit_code) == ("c", "plan-stale", 3)
    assert failed.details
    assert (report.exit_code, fleet.written) == (5, "ab")
    assert "c: plan-stale" in held_up(report)["d"]
    assert "--ring 2 --ring none" in go_on(report, ["apply", "--ring", "1,2,none"])


def test_an_error_after_a_soak_is_the_tenants_and_the_report_is_kept(fleet: Fleet) -> None:
    def lose(*_: object, **__: object) -> None:
        raise GraphPolicyError("the sign-in has ended", "sign in again", 4)

    def meanwhile() -> None:
        fleet.mocks["c"].ask = lose  # type: ignore[method-assign,assignment]

    fleet.meanwhile = meanwhile
    report = fleet.apply(soak=3600)
    [failed] = [each for each in report.plans if isinstance(each, Failure)]
    assert (failed.tenant.name, failed.exit_code, fleet.written) == ("c", 4, "ab")
    assert set(held_up(report)) == {"d"}


@pytest.mark.parametrize("when", ["in the soak", "while the ring is planned again"])
def test_an_interrupt_ends_a_run_between_rings_and_names_those_that_are_left(
    fleet: Fleet, when: str
) -> None:
    fleet.wakes = when == "in the soak"

    def stop() -> None:
        task = asyncio.current_task()
        assert task
        task.cancel()

    fleet.meanwhile = stop
    report = fleet.apply(soak=3600)
    assert fleet.written == "ab"
    assert set(held_up(report)) == {"c", "d"}
    assert "interrupt" in held_up(report)["c"]
    assert go_on(
        report, ["apply", "--expect-digest", "a=sha256:1", "--expect-digest=c=sha256:2"]
    ) == ("to continue: `graphpolicy apply --expect-digest=c=sha256:2 --ring 2 --ring none`")


def test_without_rings_a_failure_holds_up_no_tenant_of_its_own(fleet: Fleet) -> None:
    fleet.break_down("a")
    policies = fleet.policies

    def plain(**files: str) -> list[Desired]:
        found = policies(**files)
        for each in found:
            object.__setattr__(each.tenant, "ring", None)
        return found

    fleet.policies = plain  # type: ignore[method-assign]
    report = fleet.apply(going=True)
    assert (report.exit_code, fleet.written, report.unsent) == (5, "bcd", {})
    assert go_on(report, ["apply", "--keep-going"]) == ""
