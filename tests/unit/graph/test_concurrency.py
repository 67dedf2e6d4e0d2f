"""Questions at once: all answers, or the first failure."""

from __future__ import annotations

import asyncio

import pytest

from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.read import each_of, together


def test_answers_come_in_the_order_of_the_questions() -> None:
    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    assert asyncio.run(together(after(turns) for turns in (3, 1, 2))) == [3, 1, 2]
    assert asyncio.run(together([])) == []


def test_a_failure_ends_the_other_questions_and_is_raised_by_itself() -> None:
    ended: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("given up")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise GraphError("no") from ValueError("why")

    with pytest.raises(GraphError, match="no") as failed:
        asyncio.run(together([waits(), fails(), waits()]))
    assert ended == ["given up"] * 2
    assert isinstance(failed.value.__cause__, ValueError)


def test_questions_whose_answers_are_of_different_kinds() -> None:
    async def number() -> int:
        return 1

    async def text() -> str:
        return "one"

    async def nothing() -> None:
        return None

    assert asyncio.run(each_of(number(), text(), nothing())) == (1, "one", None)
