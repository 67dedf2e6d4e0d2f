"""Every format with hostile names, and what every format must show."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import click
import pytest

from graphpolicy.github.drift_result import looks
from graphpolicy.model import Access, Change, Failure, Finding, Matrix, Place, Plan, Result, Tenant
from graphpolicy.plan.fleet_summary import FleetCollector
from graphpolicy.plan.verdict import CheckedFiles, Report
from graphpolicy.render import (
    BLOCKS,
    FINDINGS,
    VIEWS,
    WRITERS,
    Style,
    as_html,
    as_jsonl,
    as_markdown,
    as_text,
    formats,
    render,
)
from graphpolicy.render.as_markdown import fence
from graphpolicy.render.blocks import Diff, DiffEntry
from graphpolicy.render.escape import contained, printable
from tests.every import every
from tests.unit.render.hostile import HOSTILE
from tests.unit.render.reports import TENANT, plan, report

COMMANDS = 9
"""Annotations of `report`: one for each finding, change, failure and result, and one about people,
whatever the names."""


def test_every_result_has_the_views_that_its_writers_take() -> None:
    """A missing row in one of the tables would end a verb with an internal error."""
    takes = {"as_json": {"document"}, "as_csv": {"table"}, "as_text": {"blocks"}}
    takes |= {name: {"blocks", "page"} for name in BLOCKS.values() if name not in takes}
    assert VIEWS.keys() == WRITERS.keys()
    wrong = [
        (result, writer)
        for result, writers in WRITERS.items()
        for has in [vars(import_module(f"graphpolicy.render.{VIEWS[result]}"))]
        for writer in writers.values()
        if writer in takes and not takes[writer] & has.keys()
    ]
    assert wrong == []


@dataclass(frozen=True)
class Greeting:
    """A result of a verb that does not exist."""

    findings: tuple[Finding, ...]
    verb: str = "hello"
    verdict: str = "1 error, 0 warnings"
    exit_code: int = 1


@pytest.mark.parametrize("format_", FINDINGS)
def test_any_result_with_findings_can_have_the_formats_of_findings(
    format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphpolicy.render.WRITERS", {"Greeting": {**FINDINGS}})
    odd = Finding("unknown-setting", "error", "this is odd", source=Place("a.yaml", 3, 1))
    assert "this is odd" in render(Greeting((odd,)), format_, Style())


def test_the_page_lists_every_format_that_a_plan_and_a_check_have() -> None:
    page = (Path(__file__).parents[3] / "docs/review.md").read_text(encoding="utf-8")
    table = page.partition("| `--format` | `-o` | is |\n")[2].partition("\n\n")[0]
    cells = (line.split(" | ")[0] for line in table.splitlines()[1:])
    assert {name for cell in cells for name in re.findall("`(.+?)`", cell)} == {*formats("Report")}
    listed = re.search(r"^`validate` has (.*?)\.", page, re.MULTILINE)
    assert listed
    assert {*re.findall("`(.+?)`", listed[1])} == {*formats("CheckedFiles")}


@every("name", HOSTILE.values(), ids=HOSTILE.keys())
@every("format_", formats("Report"))
@every("brief", [False, True])
def test_no_format_lets_a_name_do_anything(format_: str, name: str, *, brief: bool) -> None:
    text = render(report(name), format_, Style(brief=brief))
    for character in set(text) - {"\n"}:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    commands = [line for line in text.splitlines() if line.startswith("::")]
    assert len(commands) == (COMMANDS if format_ == "github" else 0)


@every("name", HOSTILE.values(), ids=HOSTILE.keys())
@every("format_", formats("Fleet"))
def test_no_format_of_a_fleet_lets_a_name_do_anything(format_: str, name: str) -> None:
    gathering = FleetCollector()
    for document in as_jsonl.plans(report(name), Style()):
        gathering.add(json.loads(as_jsonl.line(document)))
    text = render(gathering.fleet, format_, Style())
    for character in set(text) - {"\n"}:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [each for each in text.splitlines() if each.startswith("::")]


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_findings_are_as_harmless(name: str) -> None:
    finding = Finding("a-rule", "error", name, name, source=Place(name, 1, 1))
    text = render(CheckedFiles((finding,), (name,)), "text", Style())
    assert len(text.splitlines()) == 3
    assert all(printable(line) == line for line in text.splitlines())


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("format_", formats("CheckedFiles"))
def test_no_format_of_findings_lets_a_name_do_anything(format_: str, name: str) -> None:
    finding = Finding("bad-value", "error", name, name, name, name, source=Place(name, 1, 1))
    text = render(CheckedFiles((finding,), (name,)), format_, Style())
    for character in set(text) - {"\n"}:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    commands = [line for line in text.splitlines() if line.startswith("::")]
    assert len(commands) == (format_ == "github")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_terminal_breaks_no_word_and_no_command_and_lacks_none(name: str) -> None:
    finding = Finding("bad-value", "error", f"{name} {'so long ' * 20}", help="run `a b` " * 20)
    for what in (report(name), CheckedFiles((finding,) * 2, (name,))):
        whole = render(what, "text", Style())
        for color in (False, True):
            shown = click.unstyle(render(what, "text", Style(color=color, width=40, fit=True)))
            shown = shown.replace("      from 203.0.113.7\n", "")  # for a terminal alone
            assert shown.split() == whole.split()
            for line in shown.splitlines():
                assert len(line) <= 40 or len(re.findall(r"(?:`[^`]*`|[^\s`]|`)+", line)) <= 2
            for command in re.findall(r"`[^`\n]*`", whole):
                assert command in shown


def test_what_is_printable_stays_as_it_is() -> None:
    for text in ("Café München 日本語 😀", "O'Brien's team", "plain"):
        assert printable(text) == text


def test_colour_is_asked_for_or_absent() -> None:
    plain = render(report("x"), "text", Style())
    coloured = render(report("x"), "text", Style(color=True))
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured


def test_json_is_json_and_has_its_version() -> None:
    document = json.loads(render(report("x"), "json", Style()))
    assert document["format_version"] == "1"
    planned, failed = document["plans"]
    assert planned["results"][0]["outcome"] == "failed"
    assert failed["error"] == {"code": "x", "message": "x", "help": "x", "details": ["x"]}


@pytest.mark.parametrize("format_", ["json", "jsonl", "sarif"])
def test_documents_stay_json_where_a_command_to_an_agent_is_escaped(format_: str) -> None:
    text = render(report("a ##[error]b section_start:"), format_, Style())
    written = contained(text, format_)
    assert written != text
    if format_ == "jsonl":
        assert list(map(json.loads, written.splitlines())) == [*map(json.loads, text.splitlines())]
    else:
        assert json.loads(written) == json.loads(text)


def test_the_last_line_counts_the_same_setting_in_each_tenant() -> None:
    first, other = plan(), replace(plan(), tenant=Tenant("other", "b"))
    done = Result("Sms", ("state",), "verified", written=True)
    results = {first.tenant.id: (done,), "b": (done,)}
    text = render(Report("apply", (first, other), results), "text", Style())
    assert text.rstrip().endswith("; 2 settings changed and verified")


def test_the_last_line_counts_and_names_the_rule_that_refuses() -> None:
    refusing = Finding("number-matching-enforced", "error", "can't be")
    plan = report("x").plans[0]
    assert isinstance(plan, Plan)
    refused = Plan(
        **{name: getattr(plan, name) for name in plan.__slots__ if name != "findings"},
        findings=(refusing,),
    )
    last = render(Report("plan", (refused,)), "text", Style()).splitlines()[-1]
    assert last == "2 to change, 1 error, 0 warnings; refused: number-matching-enforced"


def test_a_list_that_becomes_empty_says_so() -> None:
    change = Change("Sms", "excludeTargets", [{}], [], "x", "none", "v1.0", None, title="Sms")
    plan = report("x").plans[0]
    assert isinstance(plan, Plan)
    emptied = Plan(
        **{name: getattr(plan, name) for name in plan.__slots__ if name != "changes"},
        changes=(change,),
    )
    assert "x -> none" in render(Report("plan", (emptied,)), "text", Style())


@pytest.mark.parametrize(
    ("code", "words"), [(3, "was not applied"), (1, "could not be planned"), (4, "not be planned")]
)
@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
def test_a_plan_that_moved_could_be_planned_and_was_not_applied(
    format_: str, code: int, words: str
) -> None:
    failure = Failure(TENANT, "contoso.yaml", "a-code", "it moved", "plan again", code)
    assert f"{words}; nothing was written" in render(Report("apply", (failure,)), format_, Style())


@pytest.mark.parametrize(
    ("format_", "heading"), [("text", "{}\n"), ("markdown", "### {}\n"), ("html", ">{}</h2>")]
)
def test_tenants_stand_under_their_rings(format_: str, heading: str) -> None:
    rings = {"a": 10, "b": None, "c": 2, "d": 2}
    plans = [plan(tenant=Tenant(name, name, ring=ring)) for name, ring in rings.items()]
    text = render(Report("plan", tuple(plans)), format_, Style())
    words = [heading.format(word) for word in ("Ring 2", "Ring 10", "No ring")]
    places = [text.index(word) for word in words]
    assert places == sorted(places)
    assert not any(text.count(word) > 1 for word in words)
    for few in ([plans[0]], [plans[1], plan()]):
        text = render(Report("plan", tuple(few)), format_, Style())
        assert not re.search("Ring 10|No ring", text)


def test_the_ring_of_a_tenant_is_in_the_json() -> None:
    plans = (plan(tenant=Tenant("a", "a", ring=10)), plan())
    made = json.loads(render(Report("plan", plans), "json", Style()))["plans"]
    assert [each["tenant"].get("ring") for each in made] == [10, None]
    assert "ring" not in made[1]["tenant"]


def test_of_several_tenants_one_that_moved_is_no_plan_that_failed() -> None:
    moved, failed = (Failure(TENANT, "contoso.yaml", "a-code", "x", "", code) for code in (3, 1))
    text = render(Report("apply", (moved, failed)), "text", Style())
    assert text.splitlines()[-1].endswith("; 1 was not applied; 1 could not be planned")
    text = render(Report("apply", (moved, moved, failed)), "text", Style())
    assert text.splitlines()[-1].endswith("; 2 were not applied; 1 could not be planned")


def test_the_counts_of_a_drift_are_the_same_in_json_as_in_its_last_line() -> None:
    found = tuple(Finding(rule, "error", "x") for rule in ("weak-method-enabled", "not-offered"))
    drift = Report("drift", (plan(findings=found),))
    summary = json.loads(render(drift, "json", Style()))["plans"][0]["summary"]
    assert summary == {"changes": 0, "errors": 1, "warnings": 0, "notes": 0}
    last = render(drift, "text", Style()).splitlines()[-1]
    assert last.startswith("0 differences, 1 error, 0 warnings")


def test_a_drift_shows_who_may_use_a_method_now_before_what_an_apply_would_make_of_it() -> None:
    matrix = Matrix(("everyone",), (Access("Sms", "SMS", (("yes", "no"),)),))
    page = render(Report("drift", (plan(matrix=matrix),)), "html", Style())
    assert '<td class="moved">allowed<br><span>after an apply: not allowed</span></td>' in page


def test_a_freeze_stands_first_and_apart() -> None:
    frozen = Finding("tenant-frozen", "error", "this tenant is frozen", "wait")
    change = Change("Sms", "state", "x", "y", "x", "y", "v1.0", None, title="Sms", label="Enable")
    made = plan(findings=(frozen,), changes=(change,))
    lines = render(Report("plan", (made,)), "text", Style()).splitlines()
    assert lines[2:6] == ["", "error[tenant-frozen]: this tenant is frozen", "  help: wait", ""]
    assert lines[6] == "Sms"
    assert "" not in [lines[-1], lines[-3]]


def test_notes_of_one_rule_are_one_line_with_a_count_where_people_read() -> None:
    """JSON, code scanning and annotations have every one, and so has the page below its line."""
    notes = tuple(
        Finding("retiring-setting", "note", f"ends: {name}", "help", name, "state")
        for name in ("Sms", "Voice")
    )
    other = Finding("directory-not-read", "note", "not read")
    made = Report("plan", (plan(findings=(*notes, other)),))
    texts = {format_: render(made, format_, Style()) for format_ in formats("Report")}
    counted = {name for name, text in texts.items() if "2 notes, " in text}
    assert counted == {"text", "markdown", "html"}
    each = {name for name, text in texts.items() if "ends: Sms" in text and "ends: Voice" in text}
    assert each == {"json", "jsonl", "html", *FINDINGS}
    assert all("not read" in text for text in texts.values())
    assert "Sms.state, Voice.state" in texts["text"]
    assert "note[" not in render(made, "text", Style(quiet=True))


@pytest.mark.parametrize("verb", ["plan", "drift"])
def test_the_address_of_a_persons_device_is_for_scripts_and_a_terminal(verb: str) -> None:
    made, address = replace(report("ana"), verb=verb), "203.0.113.7"
    assert address in render(made, "json", Style())
    assert address in render(made, "text", Style(fit=True, width=200))
    for format_ in ("text", "markdown", "html", "sarif", "github"):
        assert address not in render(made, format_, Style())
    look = looks(json.loads(render(made, "json", Style())))
    assert address not in str(look)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_every_member_of_a_diff_is_escaped(name: str) -> None:
    """Today headings and names of settings are ours; a diff of something else may have others."""
    lines = (("-", name), ("~", name), (" ", name))
    made = [
        DiffEntry(
            name,
            own,
            name,
            name,
            name,
            name,
            Place(name, 1, 1),
            name,
            name,
            name,
            people_said=False,
        )
        for own in (lines, ())
    ]
    for drift in (False, True):
        diff = Diff(name, made, name, drift)
        shown = as_html.diff_html(diff, Style(source="https://x/"))
        shown += fence(list(as_markdown.diff_lines(diff)))
        shown += as_text.text_of([diff], Style())
        for character in set(shown) - {"\n"}:
            assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        assert "<script" not in as_html.diff_html(diff, Style())
