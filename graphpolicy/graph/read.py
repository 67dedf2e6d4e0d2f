"""Reading what a plan needs of a tenant: its policy and lists of other kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, TypeAlias, TypeVar, overload
from urllib.parse import quote

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, METHODS, Resource
from graphpolicy.catalogue.kinds import Object
from graphpolicy.compare.conformance import filled, misshapen, misshapen_items
from graphpolicy.graph.failures import REFUSED, GraphError
from graphpolicy.model import (
    CONFIGURATIONS,
    Json,
    Observed,
    Unread,
    Version,
)

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
T = TypeVar("T")
Query: TypeAlias = Coroutine[Any, Any, T]


async def together(questions: Iterable[Query[T]]) -> list[T]:
    """All results in order. The first failure is raised, and the other questions are cancelled.

    `asyncio.gather` would let the others continue on a connection that is closed by then.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in questions]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed.exceptions[0].__cause__
    return [task.result() for task in tasks]


@overload
async def each_of(first: Query[A], second: Query[B], /) -> tuple[A, B]: ...
@overload
async def each_of(first: Query[A], second: Query[B], third: Query[C], /) -> tuple[A, B, C]: ...
async def each_of(*questions: Query[Any]) -> tuple[Any, ...]:
    """`together` for questions with results of different types."""
    return tuple(await together(questions))


async def as_done(questions: Iterable[Query[T]], at_once: int) -> AsyncIterator[T]:
    """Each result as soon as it is there; no more than `at_once` of the questions run.

    The first failure is raised, and the other questions are cancelled.
    """
    running: set[asyncio.Task[T]] = set()
    done: set[asyncio.Task[T]] = set()
    waiting = iter(questions)
    try:
        while True:
            for question in islice(waiting, at_once - len(running)):
                running.add(asyncio.create_task(question))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *done, return_exceptions=True)


ODD_SHOWN = 5
"""How many unexpected places in an answer the message lists."""


async def or_unread(question: Query[T]) -> T | Unread:
    """The result, or why it may not be read or does not exist here."""
    try:
        return await question
    except GraphError as failure:
        if failure.status not in REFUSED:
            raise
        return failure.unread


async def or_why(question: Query[T]) -> T | Unread:
    """The result, or why there is none, after any failure: the caller can continue without it."""
    try:
        return await question
    except GraphError as failure:
        return failure.unread


async def or_none(question: Query[T]) -> T | None:
    """The result; None if Graph answers that there is none (404)."""
    try:
        return await question
    except GraphError as failure:
        if failure.status != 404:
            raise
        return None


async def read_again(graph: Reader, kind: Resource, versions: Iterable[Version]) -> Observed:
    """What a write of one kind changes: the policy in these versions, or the kind's own list.

    Raises:
        GraphError: as `read_policy`.
    """
    if not kind.by_name:
        return await read_policy(graph, versions)
    return Observed({}, {kind.id: await read_list(graph, kind)})


class Reader(Protocol):
    """A connection to one tenant that can read."""

    async def get(self, version: Version, url: str) -> Json: ...

    async def get_all(self, version: Version, url: str) -> list[Json]: ...


async def read_policy(
    graph: Reader, versions: Iterable[Version], kinds: Iterable[Resource] = ()
) -> Observed:
    """The policy as each version shows it and the lists of other kinds, read concurrently.

    Raises:
        GraphError: a read failed, or an answer is not complete.
    """
    versions, kinds = tuple(versions), tuple(kinds)
    documents, lists = await each_of(
        together(_document(graph, version) for version in versions),
        together(read_list(graph, kind) for kind in kinds),
    )
    return Observed(
        dict(zip(versions, documents, strict=True)),
        {kind.id: items for kind, items in zip(kinds, lists, strict=True)},
    )


async def read_list(graph: Reader, kind: Resource) -> tuple[Mapping[str, Json], ...]:
    """All resources of a kind that has a list of its own; what is listed below each is complete.

    Raises:
        GraphError: a read failed, or the answer is not what Graph documents.
    """
    items = await graph.get_all("v1.0", kind.url)
    items = await together(_with_lists(graph, kind, filled(item)) for item in items)
    odd = list(misshapen_items(kind, items))
    _refuse_odd(odd, f"/v1.0{kind.url}")
    return tuple(items)


async def _with_lists(graph: Reader, kind: Resource, item: Json) -> Json:
    """A resource with the lists below it. Graph calls them relationships: it need not expand them.

    A built-in resource has none.
    """
    if not isinstance(item, dict) or item.get(kind.builtin[0]) == kind.builtin[1]:
        return item
    for row in kind.properties:
        listed = isinstance(row.kind, Object) and row.kind.listed_by
        if listed and (item.get(row.name) is None or f"{row.name}@odata.nextLink" in item):
            url = f"{kind.url}/{quote(str(item.get('id')), safe='')}/{row.name}"
            item = {**item, row.name: filled(await graph.get_all("v1.0", url))}
    return item


async def _document(graph: Reader, version: Version) -> dict[str, Json]:
    policy, methods = AUTHENTICATION_METHODS_POLICY.url, METHODS[0].url
    document = await graph.get(version, policy)
    if "id" not in document and CONFIGURATIONS not in document:
        raise GraphError(
            f"the answer to GET /{version}{policy} is not an authentication methods policy",
            help="a proxy or gateway may have answered; check GRAPHPOLICY_GRAPH_URL if it is set",
        )
    items = document.get(CONFIGURATIONS)
    if items is None or f"{CONFIGURATIONS}@odata.nextLink" in document:
        # Graph documents the list as always expanded, without pages. If it is not, read it on its
        # own: a method that is missing here would look as if the tenant did not have it.
        items = await graph.get_all(version, methods)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise GraphError(
            f"the answer to GET /{version}{policy} is not a complete policy",
            help="try again; graphpolicy does not use incomplete answers",
        )
    whole: dict[str, Json] = filled({**document, CONFIGURATIONS: items})
    _refuse_odd(list(misshapen(whole)), f"/{version}{policy}")
    return whole


def _refuse_odd(odd: Sequence[str], where: str) -> None:
    """Raise if an answer has another shape than Graph documents."""
    if odd:
        more = f"; and {len(odd) - ODD_SHOWN} more" if len(odd) > ODD_SHOWN else ""
        raise GraphError(
            f"the answer to GET {where} differs from what Graph documents: "
            f"{'; '.join(odd[:ODD_SHOWN])}{more}",
            help="the answer was not used; if no proxy changed it, please report this line and "
            "`graphpolicy --version`",
            code="unforeseen-answer",
        )
