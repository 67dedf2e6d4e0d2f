"""Members of groups, a page at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from graphpolicy.graph.errors import GraphError
from graphpolicy.graph.members import members
from graphpolicy.mock import Mock
from tests.laws.mock_tenant import InProcess
from tests.unit.graph.network import Clock, Network, answers, ok

OUTER, INNER = (f"0d1c2b3a-0000-4000-8000-00000000000{n}" for n in "ab")


@pytest.fixture
def mock() -> Mock:
    mock = Mock(seed="contoso")
    mock.add_group(OUTER, "Outer")
    mock.add_group(INNER, "Inner")
    return mock


def pages(mock: Mock, group: str) -> list[frozenset[str]]:
    async def read() -> list[frozenset[str]]:
        graph: Any = InProcess(mock)
        return [ids async for ids in members(graph, group)]

    return asyncio.run(read())


def test_people_of_nested_groups_are_members_and_groups_are_not(mock: Mock) -> None:
    person = mock.add_person("ada@contoso.com", "Ada", identifier=OUTER.upper()[:-1] + "C")
    mock.join(OUTER, INNER)
    mock.join(INNER, "ada@contoso.com")
    assert pages(mock, OUTER) == [frozenset({person.casefold()})]
    assert pages(mock, INNER.upper()) == pages(mock, OUTER)


def test_a_large_group_has_several_pages_and_an_empty_one_nobody(mock: Mock) -> None:
    mock.add_crowd(2000, {OUTER: 1})
    assert [len(ids) for ids in pages(mock, OUTER)] == [999, 999, 2]
    assert not any(pages(mock, INNER))


def test_a_group_that_is_gone_is_an_error(mock: Mock) -> None:
    mock.remove_group(OUTER)
    with pytest.raises(GraphError) as failed:
        pages(mock, OUTER)
    assert failed.value.status == 404


def test_who_stops_reads_no_further_page(clock: Clock) -> None:
    link = "http://127.0.0.1:1/v1.0/groups?$skiptoken=b"
    network = Network(answers(ok({"value": [{"id": "A"}], "@odata.nextLink": link})), clock)

    async def first(graph: Any) -> frozenset[str]:
        async for ids in members(graph, OUTER):
            return ids
        return frozenset()

    assert network.run(first) == {"a"}
    assert len(network.sent) == 1
