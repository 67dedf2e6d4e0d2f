"""A tenant's raw documents as a file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graphpolicy.journal.snapshot import Snapshot, as_json, from_json
from graphpolicy.model import Observed, Tenant
from tests.laws.situations import TENANT_ID
from tests.unit.build import A, B

SNAPSHOT = Snapshot(
    Tenant("contoso", TENANT_ID, "usgov"),
    "2026-11-24T13:50:01Z",
    Observed({"v1.0": {"id": "p", "größe": [1]}, "beta": {"id": "p"}}),
    {A: "Finance", B: "Sales"},
)


def file() -> Any:
    return json.loads(json.dumps(as_json(SNAPSHOT)))


def test_a_snapshot_goes_through_a_file_unharmed() -> None:
    assert from_json(file()) == SNAPSHOT


def test_names_are_found_by_folded_id_and_are_not_needed() -> None:
    data = file()
    data["groups"] = [{"id": A.upper(), "displayName": "Finance"}]
    assert from_json(data).names == {A: "Finance"}
    del data["groups"]
    assert from_json(data).names == {}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no documents": ({"documents": None}, "not a complete snapshot"),
    "other format": ({"format_version": "2"}, "format_version '2', but this release reads 1"),
    "number as format": ({"format_version": 1}, "format_version 1"),
    "empty": ({"documents": {}}, "not `v1.0` and `beta`"),
    "other version": ({"documents": {"v2.0": {}}}, "not `v1.0` and `beta`"),
    "list as document": ({"documents": {"beta": ["x"]}}, "not a complete snapshot"),
    "tenant of another shape": ({"tenant": {"guid": "x"}}, "not a complete snapshot: TypeError"),
    "group without id": ({"groups": [{}]}, "not a complete snapshot: KeyError"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_whole_snapshot_says_why(case: str) -> None:
    change, why = WRONG[case]
    with pytest.raises(ValueError, match=why):
        from_json({**file(), **change})


@pytest.mark.parametrize("data", [None, [], "text", {}, {"format_version": "1"}])
def test_something_else_is_no_snapshot(data: Any) -> None:
    with pytest.raises(ValueError, match="it is not a snapshot"):
        from_json(data)


def test_a_snapshot_without_a_moment_is_none() -> None:
    data = file()
    del data["taken_at"]
    with pytest.raises(ValueError, match="taken_at"):
        from_json(data)
