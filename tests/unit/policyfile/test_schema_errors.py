"""The message for each mistake in a policy: one table with exact place and words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphpolicy.policyfile.assembly import judge
from graphpolicy.policyfile.strict_yaml import parse
from tests.every import every


def _corpus() -> dict[str, tuple[str, list[str]]]:
    """File and expected lines by the sentence that names the case."""
    text = (Path(__file__).parent / "corpus_policy/mistakes.txt").read_text(encoding="utf-8")
    cases: dict[str, tuple[str, list[str]]] = {}
    for block in text.split("\n## ")[1:]:
        name, _, rest = block.strip("\n").partition("\n")
        lines = rest.split("\n")
        wrong = [line for line in lines if not line.startswith("=> ")]
        expected = [line.removeprefix("=> ") for line in lines if line.startswith("=> ")]
        assert name not in cases
        assert expected, name
        cases[name] = ("\n".join(wrong) + "\n", expected)
    return cases


CASES = _corpus()
SEVERAL = {
    "several mistakes, seen in one go",
    "the same in a file that does not say that it is a policy, so that nothing is quoted from it",
}


def said(text: str) -> list[str]:
    return [
        f"{found.source.line}:{found.source.column} {found.rule}: {found.message} || {found.help}"
        for found in judge(parse(text.encode(), "policies/contoso.yaml")).findings
        if found.source and found.rule != "retiring-setting"  # comes and goes with the facts
    ]


@every("case", CASES)
def test_a_mistake_is_told_once_with_its_place_and_its_fix(case: str) -> None:
    text, expected = CASES[case]
    assert said(text) == expected
    assert len(expected) == 1 or case in SEVERAL


@every("case", CASES)
def test_messages_are_one_sentence_with_a_way_out(case: str) -> None:
    for line in CASES[case][1]:
        told = re.fullmatch(r"\d+:\d+ [a-z0-9-]+: (.+) \|\| (.+)", line)
        assert told, line
        assert not told[1].endswith(".")
        assert not told[2].endswith(".")
        assert line.isprintable()


def test_a_mistake_hides_no_other_one_behind_it() -> None:
    """Values that belong together are judged although something else in the file is wrong."""
    text = """\
version: 1
owner: me
emergencyAccess: []
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Sms: {state: on, includeTargets: [{gruop: x}, {group: a}, {group: a}]}
    TemporaryAccessPass: {minimumLifetimeInMinutes: 60, maximumLifetimeInMinutes: 30}
"""
    assert [line.partition(": ")[0] for line in said(text)] == [
        "2:1 unknown-setting",
        "3:18 emergency-access",
        "6:18 yaml-boolean",
        "6:40 unknown-setting",
        "6:63 duplicate-entry",
        "7:57 tap-lifetime-order",
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("version: ~\n", ["1:10 yaml-null: 'version'"]),
        ("version: 1\n~: x\n", ["2:1 yaml-key: the key '~'"]),
        ("version: 1\non: x\n", ["2:1 yaml-boolean: the key 'on' is a boolean"]),
        ("version: 1\ntenant: !x {id: 1}\n", ["2:9 yaml-tag", "2:17 wrong-type"]),
        ("version: !!int 1\n", ["1:10 yaml-tag: "]),
        ("a: &a x\nversion: 1\ntenant: *a\n", ["1:1 unknown", "1:4 yaml-anchor", "3:9 yaml-anc"]),
        ("version: 1\nversion: 2\n", ["2:1 yaml-duplicate-key: the key 'version' is already set"]),
        ("version: 1\nemergencyAccess: [~]\n", ["2:19 yaml-null: an item of a list is ~"]),
        ("version: 1\nemergencyAccess:\n", ["2:17 yaml-null: 'emergencyAccess' has no value"]),
        ("version: 1\nemergencyAccess: [{user: 2026-12-01}]\n", ["2:26 yaml-date"]),
    ],
)
def test_what_the_reader_has_told_is_not_told_again(text: str, lines: list[str]) -> None:
    found = said(text)
    assert [line[: len(start)] for line, start in zip(found, lines, strict=True)] == lines
