"""Reading the policy: whole, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.read import as_done, read_policy
from graphpolicy.model import Version

SMS = {"id": "Sms", "state": "enabled"}
LIST = "authenticationMethodConfigurations"


@dataclass
class Reading:
    """A connection that answers every GET with one document."""

    document: Any
    items: Any = None
    asked: list[str] = field(default_factory=list)

    async def get(self, version: Version, url: str) -> Any:
        self.asked.append(f"{version}{url}")
        return self.document

    async def get_all(self, version: Version, url: str) -> Any:
        self.asked.append(f"{version}{url} and all that follows")
        return self.items


def test_each_version_is_asked_once() -> None:
    graph = Reading({"id": "p", LIST: [SMS]})
    observed = asyncio.run(read_policy(graph, ["v1.0", "beta"]))
    assert list(observed.documents) == ["v1.0", "beta"]
    assert observed.documents["beta"] == {"id": "p", LIST: [SMS]}
    assert sorted(graph.asked) == [
        "beta/policies/authenticationMethodsPolicy",
        "v1.0/policies/authenticationMethodsPolicy",
    ]


PARTS = {
    "methods that are left out": {"id": "p"},
    "methods that are null": {"id": "p", LIST: None},
    "methods with more to come": {"id": "p", LIST: [], f"{LIST}@odata.nextLink": "https://next"},
}


@pytest.mark.parametrize("document", PARTS.values(), ids=PARTS.keys())
def test_are_read_from_their_own_address(document: dict[str, Any]) -> None:
    graph = Reading(document, [SMS])
    observed = asyncio.run(read_policy(graph, ["v1.0"]))
    assert observed.documents["v1.0"][LIST] == [SMS]
    assert graph.asked[1].endswith(f"/{LIST} and all that follows")


@pytest.mark.parametrize("items", [None, {"value": []}, ["Sms"], [SMS, None]], ids=str)
def test_half_an_answer_is_a_failure(items: Any) -> None:
    with pytest.raises(GraphError, match=r"GET /v1\.0/policies/\S+ is not a complete policy"):
        asyncio.run(read_policy(Reading({"id": "p"}, items), ["v1.0"]))


@pytest.mark.parametrize("document", [{}, {"error": {"code": "x"}}, {"value": []}], ids=str)
def test_an_answer_that_is_no_policy_is_a_failure_and_no_tenant_without_settings(
    document: dict[str, Any],
) -> None:
    with pytest.raises(GraphError, match=r"GET /v1\.0/policies/\S+ is not an authentication"):
        asyncio.run(read_policy(Reading(document, []), ["v1.0"]))


def test_empty_places_in_lists_are_no_entries() -> None:
    voice = {"id": "Voice", "includeTargets": [None, {"id": "all_users"}]}
    observed = asyncio.run(read_policy(Reading({"id": "p", LIST: [voice]}), ["v1.0"]))
    [read] = observed.documents["v1.0"][LIST]
    assert read == {"id": "Voice", "includeTargets": [{"id": "all_users"}]}


def test_another_shape_than_graphs_is_a_failure_that_names_each_place() -> None:
    odd = [{"id": "Sms", "includeTargets": {}}, {"id": "Fido2", "keyRestrictions": "allow"}]
    with pytest.raises(GraphError) as failed:
        asyncio.run(read_policy(Reading({"id": "p", LIST: odd}), ["beta"]))
    where, places = failed.value.text.split(": ")
    assert "GET /beta/policies/authenticationMethodsPolicy " in where
    assert [place.split()[0] for place in places.split("; ")] == [
        "Sms.includeTargets",
        "Fido2.keyRestrictions",
    ]
    assert (failed.value.code, failed.value.exit_code) == ("unforeseen-answer", 1)


def test_a_thoroughly_odd_answer_is_not_told_in_full() -> None:
    odd = [{"id": "Sms", "includeTargets": ["a"] * 8}]
    with pytest.raises(GraphError, match=r"\[4\] is a string, expected an object; and 3 more$"):
        asyncio.run(read_policy(Reading({"id": "p", LIST: odd}), ["beta"]))


def test_only_so_many_questions_run_at_once_and_a_slow_one_holds_up_no_other() -> None:
    running: set[int] = set()
    slow = asyncio.Event()
    most = 0

    async def ask(number: int) -> int:
        nonlocal most
        running.add(number)
        most = max(most, len(running))
        if number == 0:
            await slow.wait()
        await asyncio.sleep(0)
        running.remove(number)
        return number

    async def go() -> list[int]:
        found = []
        async for number in as_done(map(ask, range(20)), 3):
            found.append(number)
            if len(found) == 19:
                slow.set()
        return found

    found = asyncio.run(go())
    assert sorted(found) == list(range(20))
    assert found[-1] == 0
    assert most == 3


def test_the_first_failure_ends_the_other_questions() -> None:
    ended: list[int] = []

    async def ask(number: int) -> int:
        try:
            if number == 1:
                raise GraphError("no")
            await asyncio.Event().wait()
        finally:
            ended.append(number)
        return number

    async def go() -> None:
        async for _ in as_done(map(ask, range(9)), 3):
            raise AssertionError

    with pytest.raises(GraphError):
        asyncio.run(go())
    assert sorted(ended) == [0, 1, 2]
