"""The authentication strengths of a tenant, and who must satisfy each."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from graphpolicy.graph.strength_usage import demanded, list_strengths
from graphpolicy.mock import Mock
from graphpolicy.model import Demand, Strength, Unread
from tests.laws.mock_tenant import InProcess

GROUP, OTHER = (f"0d1c2b3a-0000-4000-8000-00000000000{n}" for n in "12")
ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
BUILT_IN = "00000000-0000-0000-0000-000000000004"


@pytest.fixture
def mock() -> Mock:
    return Mock()


def read(mock: Mock) -> tuple[Strength, ...]:
    async def both() -> tuple[Strength, ...]:
        graph: Any = InProcess(mock)
        listed = await list_strengths(graph)
        assert isinstance(listed, tuple), listed
        return await demanded(graph, [each for each in listed if each.id == BUILT_IN])

    return asyncio.run(both())


def demands(mock: Mock) -> object:
    (strength,) = read(mock)
    return strength.demanded_by


USERS: dict[str, tuple[dict[str, Any], Demand]] = {
    "everyone": ({"includeUsers": ["All"]}, Demand("Keys", "everyone")),
    "a role": (
        {"includeRoles": [ADMINISTRATOR.upper()]},
        Demand("Keys", "administrators", frozenset({("role", ADMINISTRATOR)})),
    ),
    "a group": (
        {"includeGroups": [GROUP], "includeUsers": ["None"]},
        Demand("Keys", "some", frozenset({("group", GROUP)})),
    ),
    "people, guests and exclusions": (
        {
            "includeUsers": [OTHER, "GuestsOrExternalUsers"],
            "excludeUsers": ["GuestsOrExternalUsers"],
            "excludeGroups": [GROUP],
        },
        Demand(
            "Keys",
            "some",
            frozenset({("user", OTHER), ("guests", "")}),
            exclude=frozenset({("group", GROUP)}),
        ),
    ),
}


@pytest.mark.parametrize("usage", ["short", "whole"])
def test_whom_a_strength_is_required_from(mock: Mock, usage: str) -> None:
    mock.set_switches(strength_usage=usage)
    for users, expected in USERS.values():
        mock.demand({"id": "ca1", "displayName": "Keys", "strength": BUILT_IN, "users": users})
        found = demands(mock)
        assert isinstance(found, tuple)
        assert expected in found, users


@pytest.mark.parametrize("usage", ["short", "whole"])
@pytest.mark.parametrize(
    ("state", "expected"),
    [("disabled", []), ("enabledForReportingButNotEnforced", [True]), ("enabled", [False])],
)
def test_a_disabled_policy_requires_nothing(
    mock: Mock, usage: str, state: str, expected: list[bool]
) -> None:
    mock.set_switches(strength_usage=usage)
    mock.demand({"id": "ca1", "displayName": "Keys", "strength": BUILT_IN, "state": state})
    (strength,) = read(mock)
    assert isinstance(strength.demanded_by, tuple)
    required = [each.report_only for each in strength.demanded_by if each.name == "Keys"]
    assert required == expected
    assert strength.named_by == (() if expected else ("Keys",))
    assert "Keys" in strength.kept_by


def test_without_the_right_to_read_the_policies_it_is_not_known_from_whom(mock: Mock) -> None:
    mock.set_switches(strength_usage="short")
    mock.add_fault("status", path_contains="conditionalAccess/policies", status=403)
    found = demands(mock)
    assert isinstance(found, tuple)
    assert {each.who for each in found} == {""}


def test_without_the_right_to_read_their_use_each_says_so(mock: Mock) -> None:
    mock.add_fault("status", path_contains="usage", status=403)
    assert isinstance(demands(mock), Unread)
