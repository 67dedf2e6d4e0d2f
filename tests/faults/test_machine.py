"""Policies, portal edits, applies, rollbacks, kills and faults in any order: the laws hold."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from graphpolicy.catalogue import EXTERNAL, LISTED
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.graph.read import read_policy
from graphpolicy.journal.recovery import write_outcome
from graphpolicy.model import Desired, Observed
from graphpolicy.plan.verdict import Report
from tests.faults.scene import Killed, Scene, code
from tests.faults.test_matrix import FATAL, SURVIVED
from tests.laws import mock_tenant
from tests.laws.acceptable import GENEROUS, SELDOM, files
from tests.laws.mock_tenant import InProcess
from tests.laws.situations import Held, desired
from tests.laws.test_mock_laws import strayed, views

TROUBLE = {**SURVIVED, **FATAL}
FOLLOWS = "defaultPasskeyProfile"
"""What Graph recalculates by itself."""

troubles = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(sorted(TROUBLE)), st.integers(0, 20)),
    st.tuples(st.just("killed"), st.integers(1, 40)),
)


class Machine(RuleBasedStateMachine):
    """One tenant and one machine that writes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("platformdirs.user_state_path", lambda *_, **__: self.folder / "state")
        self.patch.setattr(os, "fsync", lambda _: None)
        self.scene = Scene(self.folder)
        self.scene.mock.set_switches(**GENEROUS)
        for resource, held in SELDOM.items():
            self.scene.mock.portal(resource, held)
        self.untouched: tuple[str, Desired] | None = None
        """The last run, as long as nothing happened since, and all that was before it."""

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)

    @rule(objects=st.sampled_from(["deep", "replace"]))
    def graph_is_otherwise(self, objects: str) -> None:
        self.scene.mock.set_switches(merge_objects=objects)

    @rule(file=files())
    def somebody_works_in_the_portal(self, file: Held) -> None:
        for resource, tree in file.items():
            if resource not in (EXTERNAL.id, STRENGTHS):
                self.scene.mock.portal(resource, tree)
                self.untouched = None

    @rule(file=files(), trouble=troubles)
    def apply(self, file: Held, trouble: Any) -> None:
        policy = desired(file)
        before, old, runs = views(self.scene.mock), self.live(policy), self.names()
        report = self.attempt(lambda: self.scene.apply(policy), trouble)
        assert strayed(before, self.scene.mock, file) == []
        self.judge(report, before, runs)
        if report is not None and code(report) == 0:
            assert self.scene.plan(policy).plan.changes == ()
        new = self.names() - runs
        if new:
            self.untouched = (new.pop(), old)
        elif views(self.scene.mock) != before:
            self.untouched = None

    @precondition(lambda self: self.scene.runs)
    @rule(data=st.data(), override=st.booleans(), trouble=troubles)
    def rollback(self, data: st.DataObject, override: bool, trouble: Any) -> None:
        run = data.draw(st.sampled_from(sorted(self.names())))
        whole = desired({})
        before, old, runs = views(self.scene.mock), self.live(whole), self.names()
        undoes = self.untouched[1] if self.untouched and self.untouched[0] == run else None
        report = self.attempt(lambda: self.scene.rollback(run, whole, override=override), trouble)
        touched = {(a.resource, s.path) for a in self.scene.run(run).attempts for s in a.settings}
        assert not changed(before, views(self.scene.mock)) - all_above(touched)
        self.judge(report, before, runs)
        if undoes and report is not None and code(report) == 0:
            left = {
                (finding.resource, finding.path)
                for plan in report.plans
                for finding in getattr(plan, "findings", ())
                if finding.rule == "not-restorable"
            }
            plan = self.scene.plan(undoes).plan
            assert {(each.resource, each.path) for each in plan.changes} <= left
        new = self.names() - runs
        self.untouched = (new.pop(), old) if new else None

    @precondition(lambda self: self.scene.runs)
    @rule(data=st.data(), file=files())
    def resume(self, data: st.DataObject, file: Held) -> None:
        run = data.draw(st.sampled_from(sorted(self.names())))
        before, runs = views(self.scene.mock), self.names()
        report = self.scene.apply(desired(file), run)
        assert strayed(before, self.scene.mock, file) == []
        self.judge(report, before, runs)
        self.untouched = None

    def attempt(self, verb: Any, trouble: Any) -> Report | None:
        """The result of a verb that meets a fault; None if it was killed."""
        self.scene.mock.clear_requests()
        kind, at = trouble or ("", 0)
        if kind == "killed":
            self.scene.kill_at = at
        elif kind:
            TROUBLE[kind](self.scene, at)
        try:
            report: Report = verb()
        except Killed:
            return None
        finally:
            self.scene.end_faults()
        return report

    def judge(self, report: Report | None, before: Any, runs: set[str]) -> None:
        """The journal is true, and has every change."""
        here = self.observed()
        known: set[tuple[str, Any]] = set()
        for name in self.names() - runs:
            last = {(a.resource, a.settings[0].path): a for a in self.scene.run(name).attempts}
            for attempt in self.scene.run(name).attempts:
                # A set that gains and loses members is written twice: the last write counts.
                shows = attempt == last[attempt.resource, attempt.settings[0].path]
                if shows and attempt.fate in ("verified", "not written"):
                    assert write_outcome(attempt, here) == attempt.fate
                if attempt.fate != "not written":
                    known |= {(attempt.resource, each.path) for each in attempt.settings}
        assert not changed(before, views(self.scene.mock)) - all_above(known)
        for results in report.results.values() if report else ():
            assert not any("internal error" in result.error for result in results)
            assert not any(result.outcome == "conflict" for result in results)

    @invariant()
    def every_run_can_be_read(self) -> None:
        folder = self.scene.state / "runs"
        begun = [path for path in folder.glob("*") if (path / "journal.jsonl").is_file()]
        assert len(self.scene.runs) == len(begun)

    def names(self) -> set[str]:
        return {run.name for run in self.scene.runs}

    def observed(self) -> Observed:
        return asyncio.run(read_policy(InProcess(self.scene.mock), ("v1.0", "beta"), LISTED))

    def live(self, policy: Desired) -> Desired:
        """Everything as it is, as a policy of its own."""
        text = mock_tenant.pulled(self.scene.mock, policy)
        return mock_tenant.desired(self.folder / "live.yaml", text)


def changed(before: Any, after: Any) -> set[tuple[str, Any]]:
    """Settings of two views that differ, by id and path; objects opened, lists whole."""
    found: set[tuple[str, Any]] = set()
    created: Any = (STRENGTHS, {"combinationConfigurations": {}})
    for (_, old), (kind, new) in zip_longest(before, after, fillvalue=created):
        name = new.get("displayName")
        id_ = f"{STRENGTHS}/{name}" if kind == STRENGTHS else new["id"]
        paths = differing({"displayName": name, **old}, {"displayName": name, **new}, ())
        found |= {(id_, path) for path in paths if path[0] != FOLLOWS}
    return found


def differing(old: Any, new: Any, path: tuple[str, ...]) -> set[tuple[str, ...]]:
    if isinstance(old, dict) and isinstance(new, dict) and "targetType" not in {*old, *new}:
        names = old.keys() | new.keys()
        return {
            deeper
            for name in names
            for deeper in differing(old.get(name), new.get(name), (*path, name))
        }
    return set() if old == new else {path}


def all_above(settings_: set[tuple[str, Any]]) -> set[tuple[str, Any]]:
    """Settings with the objects that they are in, which may have been absent as a whole."""
    return {(id_, path[:end]) for id_, path in settings_ for end in range(1, len(path) + 1)}


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=12, stateful_step_count=12, suppress_health_check=[HealthCheck.data_too_large]
)
