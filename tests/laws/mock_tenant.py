"""The real mock in this process: plan, write and pull without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphpolicy.commands.plan import plan_tenant
from graphpolicy.commands.pull import pull, update_each
from graphpolicy.compare.requests import Write
from graphpolicy.graph.failures import refusal
from graphpolicy.graph.paging import Page
from graphpolicy.graph.protocols import WritePace
from graphpolicy.graph.write import apply_writes
from graphpolicy.mock import Mock, Switches
from graphpolicy.model import Desired, Failure, Request, Result, Tenant, Version
from graphpolicy.plan.make import Planned
from graphpolicy.policyfile.load import load
from graphpolicy.policyfile.update import Update
from tests.laws.situations import OCCASION

Body = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Accepted:
    """An accepted write."""

    request_id: str
    document: Any = None


def not_opted_in() -> Mock:
    """A tenant without passkey profiles, for files may declare the legacy settings of Fido2."""
    return Mock(Switches(passkey_opt_in="before"))


@dataclass
class InProcess:
    """Graph as the mock answers it."""

    mock: Mock
    lists = None
    """Nothing is kept."""

    def apart(self) -> InProcess:
        """A copy with its own budget of waiting; there is none here."""
        return self

    def _ask(self, method: str, version: Version, url: str, body: Any = None) -> Any:
        address = url if "://" in url else f"/{version}{url}"
        prefer = {} if method != "GET" else {"Prefer": "include-unknown-enum-members"}
        answer = self.mock.ask(method, address, body, headers=prefer)
        if answer.status >= 400:
            raw = json.dumps(answer.body).encode()
            raise refusal(method, url, answer.status, answer.headers, raw)
        return answer

    async def get(self, version: Version, url: str) -> Any:
        return self._ask("GET", version, url).body

    async def get_all(self, version: Version, url: str, most: int | None = None) -> list[Any]:
        del most  # the mock answers these on one page
        values: list[Any] = self._ask("GET", version, url).body["value"]
        return values

    async def pages(self, version: Version, url: str) -> AsyncIterator[list[Any]]:
        async for page in self.linked_pages(version, url):
            yield page.entries

    async def linked_pages(
        self, version: Version, url: str, *, paced: bool = False
    ) -> AsyncIterator[Page]:
        del paced  # nothing waits here
        following: str | None = url
        while following:
            page = self._ask("GET", version, following).body
            following = page.get("@odata.nextLink")
            yield Page(page["value"], following)

    async def post_read(self, version: Version, url: str, body: Any) -> Any:
        return self._ask("POST", version, url, body).body

    async def write(self, method: str, version: Version, url: str, body: Body | None) -> Accepted:
        answer = self._ask(method, version, url, dict(await body()) if body else None)
        return Accepted(answer.headers.get("request-id", ""), answer.body)


async def _no_time(_seconds: float) -> None:
    """Waiting that takes no time."""


AT_ONCE = WritePace(sleep=_no_time)


def desired(path: Path, text: str) -> Desired:
    path.write_text(text, encoding="utf-8")
    policies = load([str(path)])
    assert policies.sound, policies.findings
    (policy,) = policies.desired
    return policy


def plan(mock: Mock, policy: Desired) -> Planned:
    graph: Any = InProcess(mock)
    planned = asyncio.run(plan_tenant(graph, policy, OCCASION))
    assert isinstance(planned, Planned), planned
    return planned


def apply(mock: Mock, planned: Planned) -> tuple[Result, ...]:
    return apply_through(InProcess(mock), planned)


class Unrecorded:
    """A record that keeps nothing."""

    def sending(self, number: int, write: Write, request: Request) -> None: ...

    def ended(self, number: int, result: Result) -> None: ...


def apply_through(
    graph: InProcess, planned: Planned, pace: WritePace = AT_ONCE, said: list[str] | None = None
) -> tuple[Result, ...]:
    lines = [] if said is None else said
    return asyncio.run(
        apply_writes(
            graph,
            planned.writes,
            planned.plan.versions,
            cloud=planned.plan.tenant.cloud,
            pace=pace,
            progress=lines.append,
            record=Unrecorded(),
        )
    )


def pulled(mock: Mock, policy: Desired) -> str:
    graph: Any = InProcess(mock)
    done = asyncio.run(pull(graph, policy.tenant))
    assert isinstance(done, tuple), done
    return done[0]


@dataclass
class Session:
    """Graph for every tenant of a run: the one mock."""

    mock: Mock

    def tenant(self, _tenant: Tenant) -> InProcess:
        return InProcess(self.mock)


def updated(mock: Mock, *policies: Desired) -> list[Update | Failure]:
    """`pull --update` of files on disk."""
    session: Any = Session(mock)
    return asyncio.run(update_each(session, policies, OCCASION))
