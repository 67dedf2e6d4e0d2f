"""The schema that editors use: fresh, valid, and documenting every setting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

from graphpolicy.catalogue import EXTERNAL, RESOURCES
from graphpolicy.model import POLICY
from graphpolicy.policyfile.schema import schema

POLICIES = Path(__file__).parent.parent.parent.parent / "policies"


def below(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for member in value.values() if isinstance(value, dict) else value:
        if isinstance(member, dict | list):
            yield from below(member)


def test_the_committed_schema_is_the_one_that_the_catalogue_makes() -> None:
    """After a change: graphpolicy schema > policies/policy.schema.json."""
    committed = (POLICIES / "policy.schema.json").read_text(encoding="utf-8")
    assert committed == json.dumps(schema(), indent=2) + "\n"


def test_it_is_a_valid_schema_that_can_say_which_branch_was_meant() -> None:
    Draft7Validator.check_schema(schema())
    assert not any("oneOf" in part for part in below(schema()))


def test_the_example_is_valid_for_any_draft_07_validator() -> None:
    for path in POLICIES.glob("*.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert list(Draft7Validator(schema()).iter_errors(data)) == []


def test_every_setting_is_documented_with_its_label_and_a_page() -> None:
    policy = schema()["properties"]["authenticationMethodsPolicy"]["properties"]
    methods = policy["authenticationMethodConfigurations"]["properties"]
    for resource in RESOURCES.values():
        where = policy if resource.id == POLICY else methods[resource.id].get("properties")
        if resource is EXTERNAL:
            where = methods[resource.id]["additionalProperties"]["properties"]
        for row in resource.properties:
            description = where[row.name]["description"]
            assert row.label in description
            assert row.doc in description
            assert "\nhttps://learn.microsoft.com/" in description
