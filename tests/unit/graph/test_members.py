"""Members of groups, a page at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from graphpolicy.graph import members as module
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.members import holders, members, members_needed
from graphpolicy.mock import Mock
from graphpolicy.model import Members, Party
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


READER = "4a5d8f65-41da-4de4-8968-e035b65339cf"
"""The template of Reports Reader, which one person of the seed has."""


def test_people_have_a_role_by_groups_too_and_some_may_activate_it(mock: Mock) -> None:
    by_group, eligible, by_both, scoped = (
        mock.add_person(f"{name}@contoso.com", name) for name in ("ada", "bob", "eve", "kim")
    )
    mock.assign_role("Reports Reader", OUTER)
    mock.join(OUTER, by_group)
    mock.grant_role("Reports Reader", eligible, INNER, eligible=True)
    mock.join(INNER, by_both)
    unit = mock.tenant().directory
    unit.add_unit("0d1c2b3a-0000-4000-8000-0000000000ee", "Unit")
    mock.grant_role(
        "Reports Reader", scoped, unit="0d1c2b3a-0000-4000-8000-0000000000ee", eligible=False
    )

    async def read() -> list[frozenset[str]]:
        graph: Any = InProcess(mock)
        return [ids async for ids in holders(graph, READER)]

    seen = frozenset().union(*asyncio.run(read()))
    assert {by_group, eligible, by_both} < seen
    assert not {scoped, OUTER, INNER} & seen
    assert len(seen) == 4


def needed(mock: Mock, *parties: Party, enough: int) -> dict[str, Members]:
    """The members that are read until this many people are known."""

    def asked(known: Any) -> set[Party]:
        people = frozenset[str]().union(*(each.ids for each in known.values()))
        return set() if len(people) >= enough else set(parties)

    graph: Any = InProcess(mock)
    return asyncio.run(members_needed(graph, asked, {}))


def test_members_are_read_until_they_decide(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    mock.add_crowd(3000, {OUTER: 1})
    known = needed(mock, ("group", OUTER), ("user", "ada"), enough=1001)
    assert len(known[OUTER].ids) == 2 * 999
    assert (known[OUTER].unread is None, known["ada"]) == (False, Members(frozenset({"ada"})))
    known = needed(mock, ("group", OUTER), ("group", INNER), enough=9999)
    assert (len(known[OUTER].ids), known[INNER]) == (3000, Members())
    monkeypatch.setattr(module, "MOST_PEOPLE", 1000)
    known = needed(mock, ("group", OUTER), enough=9999)
    assert len(known[OUTER].ids) == 2 * 999
    assert known[OUTER].unread is module.TOO_MANY


def test_what_is_refused_is_the_reason(mock: Mock) -> None:
    mock.remove_group(OUTER)
    mock.add_fault("status", path_contains=INNER, status=403)
    known = needed(mock, ("group", OUTER), ("group", INNER), ("guests", ""), enough=1)
    assert known[OUTER].unread is module.GONE
    unread = known[INNER].unread
    assert unread
    assert "GroupMember.Read.All" in unread.fix
    assert known[""].unread
