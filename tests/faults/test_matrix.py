"""Every fault at every request of an apply, under both ways in which Graph may take nested objects.

After each: the tenant is in the old state, the new one, or one that the journal describes; what
nobody declared is as it was; a repeated apply and a resumed run arrive at what is declared; a
rollback restores what was.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.disk.opening import store
from graphpolicy.journal.folder import JOURNAL
from graphpolicy.model import Desired, Failure
from graphpolicy.plan.verdict import Report
from tests.faults.scene import Killed, Scene, Truth, code, told
from tests.laws import mock_tenant

POLICY = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Fido2:
      isSelfServiceRegistrationAllowed: false
      keyRestrictions: {isEnforced: true}
    MicrosoftAuthenticator:
      featureSettings: {displayAppInformationRequiredState: enabled}
    Sms:
      state: disabled
      excludeTargets: [{group: Finance}]
"""
SEMANTICS = ("deep", "replace")
WRITES = 3
REQUESTS = 19
"""Two reads, a look-up, strengths with the usage of three and the policies that use them to plan,
two reads to check, then each write and two to read it back."""

FIRST_WRITE = 10

PILOT = {"targetType": "group", "id": "0d1c2b3a-0000-4000-8000-000000000001"}
FEATURE = ("MicrosoftAuthenticator", "featureSettings", "companionAppAllowedState", "state")


@dataclass
class Stage:
    """A scene before an apply, and the two states between which it moves the tenant."""

    scene: Scene
    desired: Desired
    old: Truth
    new: Truth
    bring_back: Callable[[], None]
    edited: Truth = field(default_factory=dict)
    """What somebody else wrote meanwhile."""
    came: bool = False
    """Whether they came before the run was over."""
    lost: bool = False
    """Whether the other edit may be lost: it came between the last read and the write."""

    @property
    def declared(self) -> set[tuple[str, ...]]:
        return {path for path in self.new if self.new[path] != self.old.get(path)}

    def start(self, edited: Truth | None = None) -> None:
        self.bring_back()
        self.scene.mock.clear_requests()
        self.scene.said.clear()
        self.edited, self.came, self.lost = edited or {}, False, False

    def apply(self) -> Report | None:
        """None if the process was killed."""
        try:
            return self.scene.apply(self.desired)
        except Killed:
            return None


@pytest.fixture(scope="module", params=SEMANTICS)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """One for all tests: `start` restores the state before."""
    folder = tmp_path_factory.mktemp(request.param)
    scene = Scene(folder)
    scene.mock.set_switches(merge_objects=request.param, passkey_opt_in="before")
    desired = mock_tenant.desired(folder / "policy.yaml", POLICY)
    old, bring_back = scene.truth(), scene.save()
    scene.mock.clear_requests()
    assert code(scene.apply(desired)) == 0
    assert len(scene.mock.requests) == REQUESTS
    return Stage(scene, desired, old, scene.truth(), bring_back)


Arm = Callable[[Scene, int], object]


def status(number: int, **more: Any) -> Arm:
    return lambda scene, at: scene.mock.add_fault("status", after=at, status=number, **more)


def kind(name: str, **more: Any) -> Arm:
    return lambda scene, at: scene.mock.add_fault(name, after=at, **more)


def token_ends(*, renewable: bool) -> Arm:
    def arm(scene: Scene, at: int) -> None:
        scene.sign_in.renewable = renewable
        scene.mock.add_fault("expire_token", after=at)

    return arm


PAGE = "<html><body>Bad gateway</body></html>"
SURVIVED: Mapping[str, Arm] = {
    "429, seconds": status(429, retry_after="5"),
    "429, longer than the SDK waits": status(429, retry_after="315"),
    "429, a date": status(429, retry_after="date:7"),
    "429, no time": status(429),
    "429, five times": status(429, retry_after="1", times=5),
    "500": status(500),
    "502, a web page": status(502, body=PAGE),
    "503, a time": status(503, retry_after="2"),
    "503, longer than the SDK waits": status(503, retry_after="315"),
    "503, a time, five times": status(503, retry_after="1", times=5),
    "503": status(503),
    "504": status(504),
    "no answer, nothing done": kind("reset_before"),
    "no answer, all done": kind("reset_after"),
    "half an answer": kind("reset_half"),
    "an answer cut short": kind("truncated"),
    "slow": kind("slow", seconds=30),
    "too slow": kind("slow", seconds=200),
    "stale reads": kind("stale", reads=4),
    "a token that ends": token_ends(renewable=True),
}
"""Faults that an apply bears: it arrives all the same."""

FATAL: Mapping[str, Arm] = {
    "429 for ever": status(429, retry_after="60", times=None),
    "500 for ever": status(500, times=None),
    "no answer for ever": kind("reset_after", times=None),
    "403": status(403),
    "400": status(400),
    "not persisted": kind("not_persisted"),
    "stale for long": kind("stale", reads=60),
    "a token that ends and can't be renewed": token_ends(renewable=False),
}
"""Faults that end an apply, wherever they strike a write."""


SAMPLED = pytest.mark.parametrize("every", [16, pytest.param(1, marks=pytest.mark.deep)])
"""For a commit one moment in sixteen, all of them in a deep run."""


def moments(stage: Stage, number: int, every: int, count: int = REQUESTS) -> list[int]:
    """The first write, and one moment in `every`; each fault and each semantics has others."""
    start = number + every // 2 * SEMANTICS.index(stage.scene.mock.switches.merge_objects)
    return [at for at in range(count) if at == FIRST_WRITE or (at - start) % every == 0]


@SAMPLED
@pytest.mark.parametrize("name", SURVIVED)
def test_a_fault_that_is_borne(stage: Stage, name: str, every: int) -> None:
    for at in moments(stage, list(SURVIVED).index(name), every):
        stage.start()
        SURVIVED[name](stage.scene, at)
        report = stage.apply()
        with told(stage.scene, at, report):
            assert report is not None
            assert code(report) == 0
            assert stage.scene.truth() == stage.new
            judge(stage, report)


@SAMPLED
@pytest.mark.parametrize("name", FATAL)
def test_a_fault_that_ends_the_run(stage: Stage, name: str, every: int) -> None:
    for at in moments(stage, list(FATAL).index(name), every):
        stage.start()
        FATAL[name](stage.scene, at)
        report = stage.apply()
        with told(stage.scene, at, report):
            judge(stage, report)


@SAMPLED
def test_a_process_killed_around_any_request(stage: Stage, every: int) -> None:
    writes = range(2 * FIRST_WRITE, 2 * FIRST_WRITE + 3)  # before it, after it, before the next
    for at in sorted({*writes, *(each + 1 for each in moments(stage, 0, every, 2 * REQUESTS))}):
        stage.start()
        stage.scene.kill_at = at
        report = stage.apply()
        with told(stage.scene, at, report):
            assert report is None
            judge(stage, report)


LINES = 2 + 1 + 2 * WRITES + 1
"""Two files, then begun, each request twice, finished."""


FEW = pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.deep)])
"""For a commit every third line: a write has two, before it and after it, and both are met."""


@FEW
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_process_killed_around_any_line_of_the_record(
    stage: Stage, share: float, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`share` is how much of the line reached the disk."""
    for at in moments(stage, round(2 * share), every, LINES):
        stage.start()
        with monkeypatch.context() as patch:
            cut = cutting(at, share)
            patch.setattr("graphpolicy.disk.opening.store", cut)
            report = stage.apply()
        with told(stage.scene, at, report):
            assert report is None
            judge(stage, report)


def cutting(at: int, share: float) -> Callable[[int, bytes], None]:
    """Writes that are killed at the n-th."""
    count = 0

    def cut(descriptor: int, data: bytes) -> None:
        nonlocal count
        count += 1
        store(descriptor, data if count <= at else data[: int(len(data) * share)])
        if count > at:
            raise Killed

    return cut


@FEW
def test_a_disk_that_is_full_at_any_line_of_the_record(
    stage: Stage, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = LINES - 1  # the end of the last write: no other line tells whether it is missed
    for at in sorted({*moments(stage, 0, every, LINES), last}):
        stage.start()
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full(at))
            report = stage.apply()
        with told(stage.scene, at, report):
            assert report is not None
            assert code(report) != 0  # a run whose last line is missing is not done, either
            changed = any(stage.scene.truth()[path] != stage.old[path] for path in stage.declared)
            results = report.results.get(stage.desired.tenant.id, ())
            assert any(result.written for result in results) == changed
            judge(stage, report)


def full(at: int) -> Callable[[int], None]:
    count = 0

    def sync(descriptor: int) -> None:
        nonlocal count
        count += stat.S_ISREG(os.fstat(descriptor).st_mode)  # folders are synced besides
        if count > at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return sync


EDITS: Mapping[str, tuple[str, Any, Truth]] = {
    "of another method": ("Voice", {"isOfficePhoneAllowed": True},
                          {("Voice", "isOfficePhoneAllowed"): True}),
    "of a setting beside": ("Sms", {"includeTargets": [PILOT]},
                            {("Sms", "includeTargets"): [PILOT]}),
    "in the same object": ("MicrosoftAuthenticator",
                           {"featureSettings": {FEATURE[2]: {"state": "disabled"}}},
                           {FEATURE: "disabled"}),
    "of what is declared": ("Sms", {"excludeTargets": [PILOT]},
                            {("Sms", "excludeTargets"): [PILOT]}),
}  # fmt: skip


@SAMPLED
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", EDITS)
def test_a_second_administrator_at_any_moment(
    stage: Stage, name: str, when: str, every: int
) -> None:
    resource, change, edited = EDITS[name]
    for at in moments(stage, list(EDITS).index(name) + 2 * (when == "after"), every):
        stage.start(edited)
        edit = {"resource": resource, "set": change, "when": when}
        stage.scene.mock.add_fault("interleave", after=at, edit=edit)
        report = stage.apply()
        stage.lost = unseen(stage.scene, resource, at if when == "before" else at + 1)
        with told(stage.scene, at, report):
            judge(stage, report)


def unseen(scene: Scene, resource: str, moment: int) -> bool:
    """Whether no read lies between a moment and the next write to a resource."""
    for request in scene.mock.requests[moment:]:
        if request.method == "GET" and "authenticationMethodsPolicy" in request.path:
            return False
        if request.method == "PATCH" and request.path.endswith(resource):
            return True
    return False


def judge(stage: Stage, report: Report | None) -> None:
    """What must be true after an apply, whatever happened during it."""
    scene = stage.scene
    stage.came = bool(stage.edited) and not scene.mock.world.faults.armed()
    scene.end_faults()
    no_bug(report)
    nothing_undeclared_moved(stage)
    the_journal_is_true(stage)
    here = scene.truth()
    place = repr((scene.mock.switches.merge_objects, here, traces(scene), stage.edited))
    if place in JUDGED:
        return
    JUDGED.add(place)
    back = scene.save()
    run = scene.runs[-1].name if scene.runs else None
    moved = any(here[path] != stage.new[path] for path in stage.declared & stage.edited.keys())

    again = scene.apply(stage.desired)
    assert code(again) == 0
    arrived(stage)
    assert scene.plan(stage.desired).plan.changes == ()

    if run:
        back()
        resumed = scene.apply(stage.desired, run)
        no_bug(resumed)
        assert code(resumed) in ((0, 3) if stage.edited else (0,))
        if code(resumed) == 0:
            arrived(stage)
        else:
            assert moved
            assert scene.truth() == here

        back()
        undone = scene.rollback(run, stage.desired)
        no_bug(undone)
        if code(undone):
            assert code(undone) == 3
            assert moved
            assert scene.truth() == here
            back()
            assert code(scene.rollback(run, stage.desired, override=True)) == 0
        restored(stage, here)


JUDGED: set[str] = set()
"""Tenants and records from which every way on was tried: what led there makes no difference."""


def traces(scene: Scene) -> list[Any]:
    """Everything in a run's folder that a later run could go by."""
    traces: list[Any] = [sorted(path.name for path in scene.state.rglob("*"))]
    for run in scene.runs:
        lines = Path(run.folder, JOURNAL).read_bytes().splitlines(keepends=True)
        traces += [run.exit_code, not lines[-1].endswith(b"\n")]
        traces += [replace(attempt, request_id="") for attempt in run.attempts]
    return traces


def no_bug(report: Report | None) -> None:
    for item in report.plans if report else ():
        assert not isinstance(item, Failure) or item.exit_code
    for results in report.results.values() if report else ():
        for result in results:
            assert "internal error" not in result.error


def nothing_undeclared_moved(stage: Stage) -> None:
    for path, value in stage.scene.truth().items():
        known = [stage.old.get(path)]
        if path in stage.declared:
            known.append(stage.new[path])
        if path in stage.edited:
            known.append(stage.edited[path])
            if path not in stage.declared and stage.came and not stage.lost:
                known = [stage.edited[path]]
        assert value in known, path


def the_journal_is_true(stage: Stage) -> None:
    """The outcome of each request is what the tenant shows, and every change was sent by one."""
    here, covered = stage.scene.truth(), set[tuple[str, ...]]()
    for run in stage.scene.runs:
        for attempt in run.attempts:
            paths = {(attempt.resource, *setting.path) for setting in attempt.settings}
            covered |= paths if attempt.fate != "not written" else set()
            paths -= stage.edited.keys()
            shown = [here[path] == stage.new[path] for path in sorted(paths)]
            match attempt.fate:
                case "verified":
                    assert all(shown), attempt
                case "not written":
                    assert not any(shown), attempt
                case "written":
                    assert any(shown), attempt
    changed = {path for path in stage.declared if here[path] == stage.new[path]}
    assert changed - stage.edited.keys() <= covered


def arrived(stage: Stage) -> None:
    """Everything declared is as declared, and the other edit is still there."""
    nothing_undeclared_moved(stage)
    here = stage.scene.truth()
    assert {path for path in stage.declared if here[path] != stage.new[path]} == set()


def restored(stage: Stage, before: Truth) -> None:
    """Everything is as before the run, except what somebody else wrote."""
    here = stage.scene.truth()
    for path, value in here.items():
        if path in stage.edited and path in stage.declared:
            assert value in (stage.old[path], stage.edited[path]), path
        elif path in stage.edited:
            assert value == before[path], path
        else:
            assert value == stage.old.get(path), path
