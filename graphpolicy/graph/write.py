"""Writing a plan: one request after the other, each read back before the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from graphpolicy.catalogue.kinds import Kind
from graphpolicy.catalogue.values import leaves, overlay, same, sendable
from graphpolicy.diff import compare, documents_of
from graphpolicy.graph.errors import AnswerLost, GraphFailure
from graphpolicy.graph.read import Reader, read_policy
from graphpolicy.model import Cloud, Json, Observed, Outcome, Path, Request, Result, Version
from graphpolicy.requests import Write

FIRST_WAIT, LONGEST_WAIT = 0.5, 5.0
LOST_ANSWER_TRIES = 3
NO_LONGER = "can no longer be toggled"
"""Microsoft's words for a setting that it has taken over (Microsoft365DSC#3406)."""


class Writer(Reader, Protocol):
    """What writing needs of a connection to one tenant."""

    async def patch(self, version: Version, url: str, body: Mapping[str, Json]) -> Answer: ...


class Answer(Protocol):
    """What an accepted write answered."""

    @property
    def request_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a write may take to show up, in seconds, and how waiting is done."""

    verify_timeout: float = 30.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def apply_writes(
    graph: Writer,
    writes: Sequence[Write],
    versions: Sequence[Version],
    *,
    cloud: Cloud,
    pace: Pace,
    progress: Callable[[str], None],
) -> tuple[Result, ...]:
    """Send every write of a plan in order; stop at the first that did not end well.

    Never raises for what Graph answers: each request has a `Result` that says what became of it.
    """
    run = _Run(graph, versions, cloud, pace, progress)
    results: list[Result] = []
    stopped = ""
    for write in writes:
        if stopped:
            request = write.request(write.comparison.documents)
            results.append(_result(request, "skipped", error=f"not tried: {stopped}"))
            continue
        result = await run.carry_out(write)
        results.append(result)
        if result.exit_code:
            stopped = f"{result.title} ended as {result.outcome}"
    return tuple(results)


@dataclass(slots=True)
class _Run:
    graph: Writer
    versions: Sequence[Version]
    cloud: Cloud
    pace: Pace
    progress: Callable[[str], None]
    observed: Observed | None = None

    async def carry_out(self, write: Write) -> Result:
        """One write, from the check that nothing moved to the read-back."""
        try:
            if self.observed is None:
                self.observed = await read_policy(self.graph, self.versions)
        except GraphFailure as failure:
            request = write.request(write.comparison.documents)
            return _result(
                request, "failed", failure, error=f"reading again failed: {failure.text}"
            )
        before = documents_of(write.comparison.declared, self.observed)
        request = write.request(before or write.comparison.documents)
        moved = _moved_since_plan(write, before, self.cloud)
        if moved:
            text = f"someone else changed {', '.join(moved)} after the plan; nothing was written"
            return replace(_result(request, "conflict", error=text), exit_code=3)
        self.progress(f"writing {request.title}: {', '.join(request.paths)}")
        return await self.send(write, request, before)

    async def send(
        self, write: Write, request: Request, before: Mapping[Version, Mapping[str, Json]]
    ) -> Result:
        for attempt in range(1, LOST_ANSWER_TRIES + 1):
            try:
                answer = await self.graph.patch(request.api, request.url, request.body)
            except AnswerLost as lost:
                settled = await self.settle(write, request, before, lost)
                if settled is None and attempt < LOST_ANSWER_TRIES:
                    self.progress(f"{request.title}: the write did not happen, sending it again")
                    continue
                return settled or _result(request, "failed", lost)
            except GraphFailure as failure:
                return _refused(write, request, failure)
            return await self.verify(write, request, before, answer.request_id)
        raise AssertionError("unreachable: the last attempt returns")

    async def settle(
        self,
        write: Write,
        request: Request,
        before: Mapping[Version, Mapping[str, Json]],
        lost: AnswerLost,
    ) -> Result | None:
        """After a lost answer, whether the write happened, by reading; None if it did not."""
        self.progress(f"{request.title}: the answer was lost, reading to see what happened")
        result = await self.verify(write, request, before, lost.request_id)
        if result.outcome == "not_persisted":
            return None
        return result

    async def verify(
        self,
        write: Write,
        request: Request,
        before: Mapping[Version, Mapping[str, Json]],
        request_id: str,
    ) -> Result:
        """Read until the write shows, then look at what else moved."""
        waited, wait = 0.0, FIRST_WAIT
        while True:
            try:
                self.observed = await read_policy(self.graph, self.versions)
            except GraphFailure as failure:
                text = f"written, and reading it back failed: {failure.text}"
                return _result(request, "unknown", failure, text, request_id, written=True)
            now = documents_of(write.comparison.declared, self.observed)
            missing = _missing(write, now, self.cloud)
            if not missing:
                break
            if waited >= self.pace.verify_timeout:
                text = f"Graph accepted the write, and after {waited:.0f} s it does not show: "
                text += ", ".join(missing)
                return _result(request, "not_persisted", None, text, request_id)
            self.progress(f"{request.title}: waiting for the write to show ({waited:.0f} s)")
            step = min(wait, self.pace.verify_timeout - waited)
            await self.pace.sleep(step)
            waited, wait = waited + step, min(wait * 2, LONGEST_WAIT)
        moved = list(_moved_beside(write, before, now))
        if moved and await self.restored(write, before, now, moved):
            moved = []
        if moved:
            text = "settings that were not sent moved too: " + ", ".join(moved)
            return _result(request, "side_effect", None, text, request_id, written=True)
        return replace(
            _result(request, "verified", request_id=request_id, written=True), exit_code=0
        )

    async def restored(
        self,
        write: Write,
        before: Mapping[Version, Mapping[str, Json]],
        now: Mapping[Version, Mapping[str, Json]],
        moved: Sequence[str],
    ) -> bool:
        """Put back number matching where Graph replaced its parent without it.

        It is left out of every body, since it may be refused; where Graph replaces nested objects
        and still keeps the setting, it falls back to its default. Only then it is sent, alone.
        """
        body = _enforced_as_before(write, before, now, moved)
        if body is None:
            return False
        request = write.request(now)
        self.progress(f"{request.title}: Graph reset {', '.join(moved)}, putting it back")
        try:
            await self.graph.patch("beta", request.url, body)
            self.observed = await read_policy(self.graph, self.versions)
        except GraphFailure:
            return False
        again = documents_of(write.comparison.declared, self.observed)
        return not list(_moved_beside(write, before, again))


def _refused(write: Write, request: Request, failure: GraphFailure) -> Result:
    if write.alone and failure.status == 400 and NO_LONGER in failure.message.casefold():
        asked_less = any(d.path[-1] != "state" or d.after == "disabled" for d in write.differences)
        text = "Microsoft enforces it and refuses every change"
        if asked_less:
            text += "; the policy asks for less than everyone (number-matching-enforced)"
        result = _result(request, "enforced", failure, text)
        return replace(result, exit_code=6 if asked_less else 0)
    return _result(request, "failed", failure)


def _moved_since_plan(
    write: Write, now: Mapping[Version, Mapping[str, Json]], cloud: Cloud
) -> list[str]:
    """Settings of a write whose live value is no longer the one that the plan was made from."""
    left = {d.path: d for d in compare(write.comparison.declared, now, cloud).differences}
    moved = []
    for planned in write.differences:
        current = left.get(planned.path)
        if current is None or not same(planned.row.kind, current.before, planned.before):
            moved.append(".".join(planned.path))
    return moved


def _missing(write: Write, now: Mapping[Version, Mapping[str, Json]], cloud: Cloud) -> list[str]:
    """Settings of a write that do not show yet."""
    comparison = compare(write.comparison.declared, now, cloud)
    left = {difference.path for difference in comparison.differences}
    shown = {path for path, _, _ in comparison.settings}
    return [
        ".".join(planned.path)
        for planned in write.differences
        if planned.path in left or ".".join(planned.path) not in shown
    ]


def _moved_beside(
    write: Write,
    before: Mapping[Version, Mapping[str, Json]],
    now: Mapping[Version, Mapping[str, Json]],
) -> Iterator[str]:
    """Settings of the same resource that were not to change and did."""
    resource = write.comparison.resource
    wanted = {difference.path for difference in write.differences}
    tops = set(write.tops)
    follow = {row.name for row in resource.properties if row.follows in tops}
    seen: set[Path] = set()
    for version, document in before.items():
        current = {
            path: value
            for path, _, value in leaves(resource.properties, now.get(version, {}), resource.known)
        }
        for path, kind, value in leaves(resource.properties, document, resource.known):
            if path in wanted or path in seen or path[0] in follow:
                continue
            if _equal(kind, value, current.get(path)):
                continue
            seen.add(path)
            yield ".".join(path)


def _equal(kind: Kind | None, left: Json, right: Json) -> bool:
    return bool(left == right if kind is None else same(kind, left, right))


def _enforced_as_before(
    write: Write,
    before: Mapping[Version, Mapping[str, Json]],
    now: Mapping[Version, Mapping[str, Json]],
    moved: Sequence[str],
) -> dict[str, Json] | None:
    """The PATCH that restores an enforced member, if that alone has moved."""
    resource = write.comparison.resource
    for row in resource.properties:
        members = getattr(row.kind, "members", ())
        for member in members:
            if member.enforced and all(
                path.startswith(f"{row.name}.{member.name}.") for path in moved
            ):
                old = before.get("beta", {}).get(row.name) or {}
                live = now.get("beta", {}).get(row.name)
                value = overlay(row.kind, live, {member.name: old.get(member.name) or {}})
                return {
                    "@odata.type": f"#microsoft.graph.{resource.type}",
                    row.name: sendable(row.kind, value, member.name),
                }
    return None


def _result(
    request: Request,
    outcome: Outcome,
    failure: GraphFailure | None = None,
    error: str = "",
    request_id: str = "",
    *,
    written: bool = False,
) -> Result:
    return Result(
        resource=request.resource,
        paths=request.paths,
        outcome=outcome,
        request_id=request_id or (failure.request_id if failure else ""),
        error=error or (failure.text if failure else ""),
        exit_code=failure.exit_code if failure else 1,
        title=request.title,
        written=written,
    )
