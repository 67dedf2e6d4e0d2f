"""Several requests at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeAlias, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
T = TypeVar("T")
Question: TypeAlias = Coroutine[Any, Any, T]


async def together(questions: Iterable[Question[T]]) -> list[T]:
    """All results in order. The first failure is raised, and the other questions are cancelled.

    `asyncio.gather` would let the others run on, on a connection that is closed by then.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in questions]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed.exceptions[0].__cause__
    return [task.result() for task in tasks]


@overload
async def each_of(first: Question[A], second: Question[B], /) -> tuple[A, B]: ...
@overload
async def each_of(
    first: Question[A], second: Question[B], third: Question[C], /
) -> tuple[A, B, C]: ...
async def each_of(*questions: Question[Any]) -> tuple[Any, ...]:
    """`together` for questions with results of different types."""
    return tuple(await together(questions))
