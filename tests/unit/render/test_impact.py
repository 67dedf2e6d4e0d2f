"""What is said about the people that a plan reaches."""

from __future__ import annotations

import json
from dataclasses import replace

from syrupy.assertion import SnapshotAssertion

from graphpolicy.model import Counted, Failure, Finding, Numbers, Plan, Unread
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, render
from graphpolicy.render.impact_phrases import NOT_COUNTED, as_of, details, headline, not_counted
from graphpolicy.render.plan_markdown import MOST
from tests.unit.render.reports import TENANT, impact, plan, report, state

MANY = impact("Pilot")
ONE = Numbers(people=1, **dict.fromkeys(("lose", "without_mfa", "not_known"), 1))
NOTHING = Counted(Numbers(people=1_000), Numbers(), Numbers(), Numbers())


def said(counted: Counted, *, gaps: bool = True) -> list[str]:
    """The headline, and each part with its lines indented below its title."""
    lines = [headline(counted)]
    for part in details(counted, gaps=gaps):
        lines += [part.title or "All people", *(f"  {line}" for line in part.lines)]
    return [*lines, as_of(counted)]


def test_the_words_about_people(snapshot: SnapshotAssertion) -> None:
    """Many, one person, nobody, only a gain, and people who could not be counted."""
    gained = replace(NOTHING, everyone=Numbers(people=5, gain=2, not_known=3))
    assert {
        "many": said(MANY),
        "one person": said(Counted(ONE, Numbers(), ONE, Numbers(), unused=1)),
        "nobody": said(NOTHING),
        "hidden": [headline(replace(MANY, emergency=None))],
        "gained": said(gained),
        "not counted": not_counted(Unread("Graph said 403", "grant AuditLog.Read.All")),
    } == snapshot


def test_only_what_is_not_zero_is_said() -> None:
    assert list(details(NOTHING)) == []
    lines = [line for part in details(MANY) for line in part.lines]
    assert not [line for line in lines if line.startswith("0 ")]
    assert not [part for part in details(MANY, gaps=False) if "Not counted" in part.title]


CHANGES = (state("Sms", "enabled", "disabled", 3),)
UNREAD = Unread("Graph said 403", "grant AuditLog.Read.All")


def shown(format_: str, *plans: Plan | Failure) -> str:
    return render(Report("plan", plans), format_, Style())


def test_every_format_tells_whom_a_plan_reaches() -> None:
    """The number of people locked out is where a hurried reader sees it."""
    made = plan(changes=CHANGES, impact=MANY)
    assert "14 would have no method left" in shown("markdown", made).splitlines()[4]
    assert (
        shown("text", made).splitlines()[3].startswith("Impact: Of 61,204 people, 14 would have no")
    )
    assert shown("html", made).index("14 would") < shown("html", made).index("<table>")
    notices = [line for line in shown("github", made).splitlines() if "graphpolicy impact" in line]
    assert len(notices) == 1
    assert "14 would have no method left" in notices[0]
    (run,) = json.loads(shown("sarif", made))["runs"]
    numbers = run["properties"]["impact"][TENANT.id]
    assert (numbers["without_mfa"], numbers["admins_without_mfa"]) == (14, 2)
    assert (numbers["guests"]["lose"], numbers["people"]) == (12, 61_204)
    for format_ in ("text", "markdown", "html"):
        assert "1,120 people, dynamic, synchronised" in shown(format_, made)
        assert "2026-11-29 03:00 UTC" in shown(format_, made)


def test_numbers_alone_are_in_the_properties_of_a_run() -> None:
    (run,) = json.loads(render(report("zebra"), "sarif", Style()))["runs"]
    assert "zebra" not in json.dumps(run["properties"])


def test_what_was_not_counted_is_said_and_is_no_zero() -> None:
    made = plan(changes=CHANGES, impact=UNREAD)
    for format_ in ("text", "markdown", "html", "github"):
        text = shown(format_, made)
        assert "People could not be counted: Graph said 403" in text
        assert "grant AuditLog.Read.All" in text.replace("`", "")
        assert "0 people" not in text
        assert "obody" not in text
    assert "Graph said 403" in shown("markdown", made).splitlines()[4]
    (run,) = json.loads(shown("sarif", made))["runs"]
    assert run["properties"]["impact"][TENANT.id]["lose"] is None
    told = plan(changes=CHANGES, impact=UNREAD, findings=(Finding(NOT_COUNTED, "note", "x", "y"),))
    assert "grant AuditLog.Read.All" not in shown("text", told)


def test_a_plan_that_nobody_asked_to_count_says_nothing_of_people() -> None:
    made = plan(changes=CHANGES)
    for format_ in ("text", "markdown", "html", "github", "sarif"):
        assert "impact" not in shown(format_, made).casefold()


def test_several_tenants_are_counted_together_above_all_of_them() -> None:
    """In the first five lines, whatever their order."""
    others = [replace(TENANT, name=f"t{number}", id=f"{number}") for number in range(3)]
    impacts = (MANY, MANY, UNREAD)
    plans = [plan(tenant=who, impact=each) for who, each in zip(others, impacts, strict=True)]
    failed = Failure(TENANT, "x.yaml", "no-such-group", "a group is missing")
    head = "\n".join(shown("markdown", *plans, failed).splitlines()[:5])
    assert "28 would have no method left" in head
    assert "4 administrators" in head
    assert "Of 122,408 people" in head
    assert "people could not be counted in 1 tenant" in head
    assert "28 would have no method" in shown("github", *plans, failed)


def test_many_groups_never_push_the_changes_out_of_a_comment() -> None:
    groups = tuple(replace(MANY.groups[0], id=str(number)) for number in range(5_000))
    text = shown("markdown", plan(changes=CHANGES, impact=replace(MANY, groups=groups)))
    assert len(text) <= MOST
    assert "-   state: enabled\n+   state: disabled" in text
    assert "who it reaches" in text
    assert "14 would have no method left" in text.splitlines()[4]
    assert "(4999): 1,120 people" in shown(
        "html", plan(changes=CHANGES, impact=replace(MANY, groups=groups))
    )
