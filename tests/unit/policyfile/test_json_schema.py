"""The JSON Schema: what editors complete and document, and what the check runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, METHODS
from graphpolicy.catalogue.kinds import Collection, Enum, Int, Object, Property, Targets
from graphpolicy.policyfile.json_schema import FUTURE_KEYS, node_at, schema
from graphpolicy.policyfile.pointers import METHODS_AT, row_at, rows_along
from graphpolicy.policyfile.strict_yaml import parse
from tests.every import every

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT / "policies").rglob("*.y*ml"))

Steps = tuple[str | int, ...]


def _rows(rows: Iterable[Property], at: Steps) -> Iterator[tuple[Steps, Property]]:
    """Every setting of the catalogue with its pointer into a file."""
    for row in rows:
        here = (*at, row.name)
        yield here, row
        match row.kind:
            case Object(members=members):
                yield from _rows(members, here)
            case Collection(members=members, key=key) if key:
                inner = [member for member in members if member.name != key]
                yield from _rows(inner, (*here, "any name"))
            case Collection(members=members) | Targets(members=members):
                yield from _rows(members, (*here, 0))


def _all_rows() -> Iterator[tuple[Steps, Property]]:
    yield from _rows(AUTHENTICATION_METHODS_POLICY.properties, METHODS_AT[:1])
    for method in METHODS:
        inner = (method.id, "any name") if method is EXTERNAL else (method.id,)
        yield from _rows(method.properties, (*METHODS_AT, *inner))


ROWS = dict(_all_rows())


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every map in the schema."""
    if isinstance(node, dict):
        yield node
        for member in node.values():
            yield from nodes(member)
    elif isinstance(node, list):
        for item in node:
            yield from nodes(item)


def test_the_committed_schema_is_fresh() -> None:
    """Generate it again with: graphpolicy schema > policies/policy.schema.json"""
    committed = (ROOT / "policies/policy.schema.json").read_text(encoding="utf-8")
    assert committed == json.dumps(schema(), indent=2) + "\n"


def test_it_is_a_draft_07_schema_without_one_of() -> None:
    Draft7Validator.check_schema(schema())
    assert schema()["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert "/1/" in schema()["$id"]
    assert not [node for node in nodes(schema()) if "oneOf" in node or "anyOf" in node]


def test_every_map_refuses_what_it_does_not_know() -> None:
    open_maps = [
        node
        for node in nodes(schema())
        if node.get("type") == "object" and "additionalProperties" not in node
    ]
    assert open_maps == []


def test_the_catalogue_has_settings_to_test() -> None:
    assert len(ROWS) > 120


@every("steps", ROWS)
def test_every_setting_is_documented_in_the_editor(steps: Steps) -> None:
    row, node = ROWS[steps], node_at(steps)
    text, _, link = node["description"].partition("\n")
    assert text.startswith(f"{row.label}: {row.doc}")
    assert link.startswith("https://learn.microsoft.com/")
    if row.default not in (None, []):
        assert "Microsoft's default: " in text
    if row.api == "beta":
        assert "Graph beta only." in text
    match row.kind:
        case Enum(members=members, also=also):
            assert node["enum"] == [*members, *also]
        case Int(minimum=minimum, maximum=maximum, unit=unit):
            assert (node["minimum"], node["maximum"]) == (minimum, maximum)
            assert not unit or f"In {unit}." in text
        case _:
            assert "type" in node


@every("steps", ROWS)
def test_a_pointer_leads_to_its_row(steps: Steps) -> None:
    assert row_at(steps) is ROWS[steps]
    assert row_at((*steps, 3)) is ROWS[steps]
    assert row_at((*steps, "unheard-of")) is None
    assert list(rows_along(steps))[-1] == (steps, ROWS[steps])


def test_what_default_means_today_is_said_where_it_is_chosen() -> None:
    feature = (*METHODS_AT, "MicrosoftAuthenticator", "featureSettings", "companionAppAllowedState")
    for words in (node_at((*feature, "state")), node_at(feature)["then"]):
        about = dict(zip(words["enum"], words["enumDescriptions"], strict=True))
        assert about["default"].endswith("Today: on (since 2023-06-26, as of 2026-05).")


def test_the_documentation_quotes_what_the_editor_proposes() -> None:
    feature = "displayAppInformationRequiredState"
    node = node_at((*METHODS_AT, "MicrosoftAuthenticator", "featureSettings", feature))
    said = [f"{row['label']:<12}{row['description']}\n" for row in node["defaultSnippets"]]
    assert f"```text\n{''.join(said)}```" in (ROOT / "docs/policy.md").read_text(encoding="utf-8")


def test_what_microsoft_takes_away_is_marked_and_said() -> None:
    fido2 = (*METHODS_AT, "Fido2")
    marked = {
        key for key, node in node_at(fido2)["properties"].items() if "deprecationMessage" in node
    }
    assert marked == {"isAttestationEnforced", "keyRestrictions"}
    assert "announced for 2027-10" in node_at((*fido2, "keyRestrictions"))["deprecationMessage"]
    assert "announced for 2027-02-01" in node_at((*METHODS_AT, "Sms"))["description"]


def test_an_editor_proposes_nothing_that_the_check_refuses() -> None:
    for node in nodes(schema()):
        bodies = [snippet["body"] for snippet in node.get("defaultSnippets", ())]
        for value in (*bodies, *node.get("examples", ())):
            assert [error.message for error in Draft7Validator(node).iter_errors(value)] == []


def test_an_editor_writes_no_setting_that_nobody_asked_for() -> None:
    """yaml-language-server writes every `default` below a map whose key it completes."""
    assert not [node for node in nodes(schema()) if "default" in node and "type" in node]


def test_every_word_says_what_it_means() -> None:
    for node in nodes(schema()):
        if "enumDescriptions" in node:
            assert len(node["enum"]) == len(node["enumDescriptions"])
    assert node_at((*METHODS_AT, "Fido2", "passkeyProfiles"))["additionalProperties"]["description"]


def test_a_method_that_beta_alone_has_says_so_at_each_setting() -> None:
    state = (*METHODS_AT, "HardwareOath", "state")
    assert "Graph beta only." in node_at(state)["description"]


def test_every_key_has_a_description() -> None:
    for node in nodes(schema()):
        for name, member in node.get("properties", {}).items():
            if isinstance(member, dict) and "$ref" not in member:
                assert member.get("description"), name


def test_what_comes_later_is_no_key_yet() -> None:
    assert not set(FUTURE_KEYS) & set(schema()["properties"])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_samples_validate_and_name_the_schema(sample: Path) -> None:
    text = sample.read_text(encoding="utf-8")
    first = text.split("\n", 1)[0]
    assert first == "# yaml-language-server: $schema=policy.schema.json"
    errors = Draft7Validator(schema()).iter_errors(parse(text.encode(), sample.name).data)
    assert [error.message for error in errors] == []


def test_plain_json_schema_refuses_what_the_check_refuses() -> None:
    """An editor, which has the schema alone, sees the same mistakes."""
    config = {"Sms": {"state": "on", "includeTargets": ["Everyone", {"gruop": "x"}]}}
    document = {
        "version": 2,
        "tenant": {"id": "x"},
        "authenticationMethodsPolicy": {"authenticationMethodConfigurations": config},
    }
    found = {
        (list(error.absolute_path)[-1], str(error.validator))
        for error in Draft7Validator(schema()).iter_errors(document)
    }
    assert found == {
        ("version", "enum"),
        ("id", "pattern"),
        ("state", "enum"),
        (0, "enum"),
        (1, "additionalProperties"),
    }
