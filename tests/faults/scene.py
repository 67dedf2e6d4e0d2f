"""A tenant, a folder with runs, and the verbs that write, in one process and without waiting.

Everything is the product's own but for the wire: `Direct` hands each request to the mock and gives
back its answer, or what a broken connection looks like. Patience, token renewal, the journal on
disk and the lock are real.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from graphpolicy.commands.apply import apply
from graphpolicy.commands.approved_plan import resumed
from graphpolicy.commands.plan import plan_tenant
from graphpolicy.commands.rollback import around, rollback
from graphpolicy.commands.run_recorder import RunRecorder
from graphpolicy.commands.runner import WriteOptions
from graphpolicy.graph.connection import Connection
from graphpolicy.graph.failures import GraphError, refusal
from graphpolicy.graph.protocols import WritePace
from graphpolicy.graph.retry import NoAnswer, Pace, Reply
from graphpolicy.graph.session import Graph, Session
from graphpolicy.graph.transport import REQUEST_SECONDS, Wire, broken_off
from graphpolicy.guards import GUARDS
from graphpolicy.journal.folder import load, runs
from graphpolicy.journal.run import Run
from graphpolicy.mock import Mock
from graphpolicy.mock.app import _encoded
from graphpolicy.mock.graph.call import Message
from graphpolicy.mock.graph.router import Graph as MockGraph, Outcome
from graphpolicy.model import Desired
from graphpolicy.plan.make import Planned
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.verdict import Report
from tests.laws.situations import TODAY

OCCASION = PlanContext(TODAY, allowed=frozenset(GUARDS))
"""Every guard's finding is accepted: these tests are about writing."""

ROOT = "https://graph.microsoft.com"
CONFIGURATIONS = "authenticationMethodConfigurations"
Truth = dict[tuple[str, ...], Any]
"""Every setting of a tenant by path, the resource first; lists are whole."""


class Killed(BaseException):
    """The process was killed: graphpolicy must not catch this."""


@dataclass
class SignIn:
    """A sign-in whose token can be renewed, or can't, like one from the environment."""

    mock: Mock
    renewable: bool = True
    held: str = ""

    async def token(self, *_: object) -> str:
        self.held = self.held or self.mock.issue_token()
        return self.held

    def renew(self, *_: object) -> bool:
        if self.renewable:
            self.held = ""
        return self.renewable


class Direct(Graph):
    """Requests of one tenant, answered by the mock without a wire."""

    def __init__(self, scene: Scene, desired_tenant: Any) -> None:
        self.tenant = desired_tenant
        self.scene = scene
        self._budget = None
        self.lists = None
        self.root = ROOT
        self._scope = f"{ROOT}/.default"
        self._sender = self  # type: ignore[assignment]
        self._session = Session(
            connection=Connection(),
            progress=scene.said.append,
            pace=scene.pace,
            wire=Wire(scene.sign_in, asyncio.Semaphore(16), None, None),  # type: ignore[arg-type]
        )

    async def send(self, method: str, url: str, content: bytes | None, fresh: bool) -> Reply:
        token = await self.scene.sign_in.token()
        parts = urlsplit(url)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        if method != "PATCH":
            headers["prefer"] = "include-unknown-enum-members"
        message = Message(
            method=method,
            path=unquote(parts.path),
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers=headers,
            body=content or b"",
            root=ROOT,
        )
        self.scene.boundary()
        reply = _reply(method, MockGraph(self.scene.mock.world).receive(message))
        self.scene.boundary()
        return reply

    def refused(self, method: str, where: str, reply: Reply) -> GraphError:
        return refusal(method, where, reply.status, reply.headers, reply.body)


def _reply(method: str, outcome: Outcome) -> Reply:
    """What the session would make of an outcome on the wire."""
    answer, fault = outcome.answer, outcome.fault
    kind = fault.kind if fault else ""
    if answer is None or kind == "reset_half":
        raise NoAnswer("remote protocol error: the server went away", sent=True)
    if fault and kind == "slow" and fault.seconds > REQUEST_SECONDS:
        raise NoAnswer(f"timeout after {REQUEST_SECONDS:.0f} s", sent=True)
    content = _encoded(answer)
    if kind == "truncated":
        content = content[: len(content) // 2]
    reply = Reply(answer.status, httpx.Headers(dict(answer.headers)), content)
    if method != "PATCH" and broken_off(reply):
        raise NoAnswer("the answer is incomplete", sent=True)
    return reply


@dataclass
class Scene:
    """One machine and one tenant. `kill_at` ends the process at the n-th boundary of a request."""

    folder: Path
    mock: Mock = field(default_factory=Mock)
    said: list[str] = field(default_factory=list)
    now: float = 0.0
    passed: int = 0
    kill_at: int | None = None
    plan_context: PlanContext = OCCASION
    sign_in: SignIn = field(init=False)

    def __post_init__(self) -> None:
        self.sign_in = SignIn(self.mock)

    @property
    def state(self) -> Path:
        return self.folder / ".graphpolicy"

    @property
    def pace(self) -> Pace:
        return Pace(
            clock=lambda: self.now,
            today=lambda: datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=self.now),
            sleep=self.sleep,
            chance=lambda: 0.5,
        )

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def boundary(self) -> None:
        """A request is about to leave, or its answer has just come."""
        self.passed += 1
        if self.passed == self.kill_at:
            raise Killed

    def tenant(self, tenant: Any) -> Direct:
        return Direct(self, tenant)

    def plan(self, desired: Desired) -> Planned:
        planned = asyncio.run(plan_tenant(self.tenant(desired.tenant), desired, self.plan_context))
        assert isinstance(planned, Planned), planned
        return planned

    def apply(self, desired: Desired, resume: str | None = None) -> Report:
        """`apply`, or `apply --resume RUN`."""
        run = self.run(resume) if resume else None
        expected = resumed(run) if run else {}
        session: Any = self
        return self._run(
            lambda writing: apply(
                session, [desired], writing, self.plan_context, expected=expected, resumes=run
            )
        )

    def rollback(self, run: str, desired: Desired, *, override: bool = False) -> Report:
        recorded = self.run(run)
        policy = around(recorded.tenant, recorded.folder, desired)
        session: Any = self
        return self._run(
            lambda writing: rollback(
                session,
                recorded,
                policy,
                writing,
                override=override,
                plan_context=self.plan_context,
            ),
            "rollback",
        )

    def _run(self, verb: Callable[[WriteOptions], Any], name: str = "apply") -> Report:
        keeper = RunRecorder(str(self.state), {}, lambda: "2026-11-24T13:50:01Z")
        writing = WriteOptions(
            lambda plans: [True] * len(plans),
            WritePace(sleep=self.sleep),
            self.said.append,
            keeper,
            name,
        )
        self.passed = 0
        try:
            report: Report = asyncio.run(verb(writing))
        except BaseExceptionGroup as group:  # several requests were under way
            raise (Killed() if group.subgroup(Killed) else group) from group
        return report

    @property
    def runs(self) -> list[Run]:
        return list(runs(str(self.state)))

    def run(self, name: str) -> Run:
        return load(self.state / "runs" / name)

    def truth(self) -> Truth:
        """The state of the tenant, whatever a read shows."""
        policy = deepcopy(self.mock.tenant().policy)
        methods = policy.pop(CONFIGURATIONS)
        policy.pop("lastModifiedDateTime", None)
        flat = dict(_flat(policy, ("authenticationMethodsPolicy",)))
        for method in methods:
            flat |= dict(_flat(method, (method["id"],)))
        for strength in self.mock.strengths():
            flat |= _strength(strength)
        return flat

    def save(self) -> Callable[[], None]:
        """Remember tenant and runs; what is returned brings both back, and ends every fault."""
        policy = deepcopy(self.mock.tenant().policy)
        strengths = self.mock.strengths()
        kept = {path: path.read_bytes() for path in self.state.rglob("*") if path.is_file()}

        def bring_back() -> None:
            self.end_faults()
            self.mock.tenant().policy = deepcopy(policy)
            self.mock.tenant().strengths.rows = deepcopy(strengths)
            shutil.rmtree(self.state, ignore_errors=True)
            for path, content in kept.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

        return bring_back

    def end_faults(self) -> None:
        """End every fault."""
        self.mock.clear_faults()
        self.mock.tenant().settle()
        self.kill_at = None
        self.sign_in = SignIn(self.mock, held="" if self.expired else self.sign_in.held)

    @property
    def expired(self) -> bool:
        return self.mock.world.tenant_of(f"Bearer {self.sign_in.held}") is None


def _flat(value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping) and value and "targetType" not in value:
        for name, member in value.items():
            yield from _flat(member, (*path, name))
    else:
        yield path, value


def _strength(row: Mapping[str, Any]) -> Truth:
    """A strength by its name, with options by the combination that they apply to; sets ordered."""
    name = f"authenticationStrengthPolicies/{row['displayName']}"
    flat: Truth = {(name, "description"): row["description"] or ""}
    flat[name, "allowedCombinations"] = sorted(row["allowedCombinations"])
    for entry in row["combinationConfigurations"]:
        for of in entry["appliesToCombinations"]:
            for option in ("allowedAAGUIDs", "allowedIssuerSkis", "allowedPolicyOIDs"):
                if entry.get(option):
                    path = (name, "combinationConfigurations", of, option)
                    flat[path] = sorted(entry[option])
    return flat


def code(report: Report) -> int:
    return report.exit_code


@contextmanager
def told(scene: Scene, where: str | int, report: Report | None) -> Iterator[None]:
    """Name the moment if an assertion fails."""
    try:
        yield
    except AssertionError as problem:
        requests = [(each.method, each.path, each.status) for each in scene.mock.requests]
        said = "\n".join(map(str, (*requests, *scene.said)))
        problem.add_note(f"at {where}: {report.results if report else 'killed'}\n{said}")
        raise
