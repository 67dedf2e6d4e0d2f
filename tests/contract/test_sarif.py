"""SARIF against its published schema, and what code scanning needs of it.

The schema is SchemaStore's sarif-2.1.0-rtm.5, as the npm package @microsoft/jest-sarif (MIT) has
it, without line breaks.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator

from graphpolicy.model import Finding, Place
from graphpolicy.plan.verdict import CheckedFiles
from graphpolicy.policyfile.assembly import judge
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.render import Style, render
from graphpolicy.rules.table import RULES
from tests.every import every
from tests.unit.policyfile.test_schema_errors import CASES
from tests.unit.render.hostile import HOSTILE
from tests.unit.render.reports import report

SCHEMA = Path(__file__).with_name("sarif-2.1.0-rtm.5.json")
VALIDATOR: Any = Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
HERE = Style(folder="/work/repository/entra", repository="/work/repository")


def run(*items: Finding) -> Any:
    document = json.loads(render(CheckedFiles(tuple(items), ()), "sarif", HERE))
    VALIDATOR.validate(document)
    [only] = document["runs"]
    return only


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("verb", ["plan", "drift", "apply"])
def test_a_whole_report_is_valid_whatever_its_names(verb: str, name: str) -> None:
    document = json.loads(render(replace(report(name), verb=verb), "sarif", HERE))
    VALIDATOR.validate(document)
    [only] = document["runs"]
    assert only["automationDetails"]["id"] == f"graphpolicy/{verb}/"
    assert {result["ruleId"] for result in only["results"]} == {
        "bad-value",
        "group-renamed",
        "inclusion-shrinks",
        "inclusion-widens",
        "not-planned",
        "not-written",
        "setting-differs",
    }
    assert all(result["locations"] for result in only["results"])


def found(text: str, file: str = "policies/a.yaml") -> tuple[Finding, ...]:
    return judge(parse(text.encode(), file)).findings


def test_nothing_found_is_an_empty_run() -> None:
    assert run()["results"] == []


@every("id_", RULES)
def test_every_rule_is_described(id_: str) -> None:
    [rule] = run(Finding(id_, "warning", "x"))["tool"]["driver"]["rules"]
    assert rule["id"] == id_
    assert rule["shortDescription"]["text"] == RULES[id_].title
    assert RULES[id_].fix in rule["help"]["text"]
    assert RULES[id_].fix in rule["help"]["markdown"]
    assert rule.get("helpUri", "") == RULES[id_].source


def test_a_result_says_what_and_the_way_out_and_where() -> None:
    [result] = run(*found("version: 1\nowner: me\n"))["results"]
    assert result["ruleId"] == "unknown-setting"
    assert result["level"] == "error"
    assert result["message"]["text"].startswith("a policy file has no key 'owner'\nhelp: ")
    [location] = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "entra/policies/a.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 2, "startColumn": 1},
    }


def test_rules_and_results_point_at_each_other() -> None:
    items = found("version: 2\nowner: me\ntenant: x\n")
    only = run(*items, *reversed(items))
    rules = only["tool"]["driver"]["rules"]
    assert len(rules) == len({item.rule for item in items})
    for result in only["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_are_text(name: str) -> None:
    item = Finding("bad-value", "error", name, name, name, name, Place(name, 1, 1))
    [result] = run(item)["results"]
    assert result["message"]["text"].replace("\n", "").isprintable()
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(' <>"\\^`{|}')


def test_a_message_makes_no_link() -> None:
    [result] = run(Finding("bad-value", "error", "x is '[help](https://evil.example)'"))["results"]
    assert "](" not in result["message"]["text"]


@pytest.mark.parametrize("name", ["a b%c#d?.yaml", "größe/é.yaml", "a:b.yaml", "[x].yaml"])
def test_a_file_is_a_relative_uri(name: str) -> None:
    [result] = run(Finding("bad-value", "error", "x", source=Place(name, 1, 1)))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(" #?:[]")
    assert unquote(uri) == f"entra/{name}"


def test_a_file_outside_the_repository_is_an_absolute_uri() -> None:
    [result] = run(Finding("bad-value", "error", "x", source=Place("/tmp/a b", 1, 1)))["results"]
    where = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where == {"uri": "file:///tmp/a%20b"}


def fingerprints(text: str) -> list[str]:
    results = run(*found(text))["results"]
    return sorted(item["partialFingerprints"]["primaryLocationLineHash"] for item in results)


@every("case", CASES)
def test_a_finding_keeps_its_fingerprint_when_lines_move(case: str) -> None:
    text, _ = CASES[case]
    assert fingerprints(text) == fingerprints(f"# moved\n\n{text}")


def test_fingerprints_tell_findings_apart() -> None:
    text = "version: 1\na: 1\nb: 1\nemergencyAccess: [{user: x}, {user: x}, {user: y}]\n"
    all_ = fingerprints(text)
    assert len(set(all_)) == len(all_) == 5
    assert set(fingerprints("version: 1\nb: 1\n")) < set(all_)
