"""The people that a plan, or a day, affects: what `impact` answers, and its work list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from graphpolicy.model import Failure, Json, WorkItem
from graphpolicy.plan.impact_assessment import Assessed, ImpactReport, WorkList
from graphpolicy.render import Style
from graphpolicy.render.as_json import failure_json, members, tenant_json
from graphpolicy.render.blocks import Block, Gap, Items, Line, Table, by_tenant
from graphpolicy.render.impact_json import dated_json, impact_json
from graphpolicy.render.impact_phrases import (
    ImpactText,
    as_of,
    details,
    headline,
    said_of_day,
)
from graphpolicy.render.plan_json import wrong_files_json

COLUMNS = (
    *("tenant", "priority", "reason", "person", "id", "administrator", "guest"),
    *("registered", "loses", "first"),
)


def document(result: ImpactReport, style: Style) -> Json:
    """`{plans: […]}`, each with `tenant` and `impact`; with a day also what happens by then."""
    return {
        "plans": [
            {
                "tenant": tenant_json(item.tenant),
                "error": failure_json(item),
            }
            if isinstance(item, Failure)
            else _item(item, result, style)
            for item in result.items
        ],
        **wrong_files_json(result.file_findings),
    }


def _item(item: Assessed, result: ImpactReport, style: Style) -> Json:
    return {
        "tenant": tenant_json(item.tenant),
        "file": style.on_github(item.file),
        **(dated_json(item.dated) if item.dated else {}),
        "impact": impact_json(item.counted) if item.counted else None,
        "incomplete": [
            {"message": each.why, "help": each.fix}
            for each in ((*item.counted.unread, *item.counted.notes) if item.counted else ())
        ],
        **({"people": [_person(each) for each in item.work]} if result.names else {}),
    }


def _person(each: WorkItem) -> Json:
    return members(each, "priority reason person id admin guest has loses first")


def page(result: ImpactReport, style: Style) -> Iterator[Block]:
    """The same for Markdown and HTML, which are passed on: nobody is named there."""
    return blocks(replace(result, names=False), style)


def blocks(result: ImpactReport, _style: Style) -> Iterator[Block]:
    """For each tenant the numbers; with --names the people too."""

    def shown(item: Assessed) -> Iterator[Block]:
        if item.dated:
            yield from _said(said_of_day(item.dated))
        elif item.counted:
            found = item.counted
            yield from _said(ImpactText(headline(found), tuple(details(found)), as_of(found)))
        if result.names and item.work:
            yield Gap()
            head = ("priority", "person", "reason", "loses", "first")
            yield Table(head, [_shown(each) for each in item.work], whole=True)

    return by_tenant(result.items, shown, result.file_findings)


def _said(impact: ImpactText) -> Iterator[Block]:
    yield Line(f"{impact.headline}.")
    for part in impact.parts:
        if part.title:
            yield Line(f"{part.title}:")
        yield Items(part.lines)
    if impact.as_of:
        yield Line(f"{impact.as_of}.")


def _shown(each: WorkItem) -> Sequence[str]:
    return (str(each.priority), each.person, each.reason, ", ".join(each.loses), each.first)


def table(result: WorkList, _style: Style) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The work list for a spreadsheet, the most urgent first."""
    rows = [
        (
            item.tenant.name,
            str(each.priority),
            each.reason,
            each.person,
            each.id,
            "yes" if each.admin else "",
            "yes" if each.guest else "",
            "; ".join(each.has),
            "; ".join(each.loses),
            each.first,
        )
        for item in result.items
        for each in item.work
    ]
    return COLUMNS, rows
