"""Findings as GitHub's workflow commands, read back as the runner reads them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from graphpolicy.model import Finding, Level, Place
from graphpolicy.plan.verdict import CheckedFiles, Report
from graphpolicy.render import Style, render
from tests.unit.render.hostile import HOSTILE
from tests.unit.render.reports import plan, report, state

HERE = Style(folder="/work/repository", repository="/work/repository")


def github(*items: Finding, style: Style = HERE) -> list[str]:
    return render(CheckedFiles(tuple(items), ("policies/a.yaml",)), "github", style).splitlines()


def finding(level: Level = "error", text: str = "x", file: str = "policies/a.yaml") -> Finding:
    return Finding("a-rule", level, text, source=Place(file, 3, 5))


def many(*, errors: int, warnings: int, notes: int) -> list[Finding]:
    """The worst last."""
    counts: dict[Level, int] = {"note": notes, "warning": warnings, "error": errors}
    return [finding(level, str(n)) for level, count in counts.items() for n in range(count)]


def understood(line: str) -> tuple[str, dict[str, str], str]:
    """Command, properties and data, as the runner unescapes them (actions/runner)."""
    told = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
    assert told, line
    properties = dict(item.split("=", 1) for item in told[2].split(","))
    for name, value in properties.items():
        properties[name] = _unescaped(value, {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","})
    return told[1], properties, _unescaped(told[3], {"%0D": "\r", "%0A": "\n"})


def _unescaped(text: str, codes: dict[str, str]) -> str:
    for code, meaning in {**codes, "%25": "%"}.items():
        text = text.replace(code, meaning)
    return text


def test_a_finding_is_a_command_with_its_place_and_its_way_out() -> None:
    item = Finding("bad-value", "error", "state is 50%, x", "write a, b", "Sms", "state")
    assert github(replace(item, source=Place("policies/a.yaml", 3, 5))) == [
        (
            "::error file=policies/a.yaml,line=3,col=5,title=graphpolicy bad-value"
            "::state is 50%25, x%0Ahelp: write a, b"
        ),
        "graphpolicy validate: 1 file, 1 error, 0 warnings",
    ]
    assert github(item)[0].startswith("::error title=graphpolicy bad-value::")


def commands_and_last(lines: list[str]) -> list[str]:
    """What GitHub acts on, and the last line; the log before it is indented."""
    return [line for line in lines if not line.startswith("  ")]


@pytest.mark.parametrize(
    ("level", "command"), [("error", "error"), ("warning", "warning"), ("note", "notice")]
)
def test_each_level_has_its_command(level: Level, command: str) -> None:
    assert understood(github(finding(level))[0])[0] == command


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_name_adds_no_command_and_reaches_the_reader_as_text(name: str) -> None:
    item = Finding("a-rule", "error", name, name, name, name, Place(name, 1, 1))
    first, last = commands_and_last(github(item))
    command, properties, data = understood(first)
    assert command == "error"
    assert set(properties) == {"file", "line", "col", "title"}
    assert first.isprintable()
    assert data.count("\n") == 1
    assert last == "graphpolicy validate: 1 file, 1 error, 0 warnings"


def test_what_stands_for_something_in_a_command_reaches_the_reader_as_it_is() -> None:
    text = "50% of a:b, %0A and ::error::"
    _, properties, data = understood(github(finding(text=text, file="a,b:%3A.yaml"))[0])
    assert data == text
    assert properties["file"] == "a,b:%3A.yaml"


def test_only_as_many_as_github_shows_the_worst_first_and_the_rest_in_one_line() -> None:
    told = github(*many(errors=10, warnings=12, notes=11))
    assert [line.split()[-1] for line in told[:4]] == ["10", "11", "9", "10"]
    *lines, more, last = commands_and_last(told)
    commands = [understood(line)[0] for line in lines]
    assert commands == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 9
    said = "and 2 more warnings, 2 more notes: the log of this step lists all of them"
    assert understood(more) == ("notice", {"title": "graphpolicy"}, said)
    assert last == "graphpolicy validate: 1 file, 10 errors, 12 warnings"


def test_ten_of_each_all_show() -> None:
    assert len(github(*many(errors=10, warnings=10, notes=10))) == 31


@pytest.mark.parametrize(
    ("folder", "file", "seen"),
    [
        ("/work/repository", "policies/a.yaml", "policies/a.yaml"),
        ("/work/repository/entra", "policies/a.yaml", "entra/policies/a.yaml"),
        ("/work/repository/entra", "../base.yaml", "base.yaml"),
        ("/work/repository", "/work/repository/a.yaml", "a.yaml"),
        ("/work/repository", "/tmp/a.yaml", "/tmp/a.yaml"),
        ("/work/repository", "../other/a.yaml", "/work/other/a.yaml"),
    ],
)
def test_files_are_named_as_the_repository_has_them(folder: str, file: str, seen: str) -> None:
    style = Style(folder=folder, repository="/work/repository")
    assert understood(github(finding(file=file), style=style)[0])[1]["file"] == seen


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_report_is_annotations_the_worst_first_and_one_last_line(name: str) -> None:
    *lines, last = commands_and_last(render(report(name), "github", HERE).splitlines())
    commands = [understood(line)[0] for line in lines]
    assert commands == ["error"] * 3 + ["warning"] + ["notice"] * 5
    counts = "2 to change, 0 errors, 1 warning; 1 error accepted; 1 could not be planned"
    assert last == f"graphpolicy apply: {counts}"
    assert all(len(understood(line)[2]) < 10_000 for line in lines)


def test_a_report_with_too_many_changes_says_how_many_more() -> None:
    many = tuple(state("Sms", "disabled", "enabled", n + 1) for n in range(30))
    told = render(Report("plan", (plan(changes=many),)), "github", HERE).splitlines()
    *lines, more, _ = commands_and_last(told)
    assert len(lines) == 9
    assert len(told) == 30 + 2
    assert understood(more)[2] == "and 21 more notes: the log of this step lists all of them"
