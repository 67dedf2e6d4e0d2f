"""Findings as text; repeated notes are folded. It imports no rich: `validate` must start fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import click

from graphpolicy.model import Finding, Json, Level
from graphpolicy.plan.verdict import UNDOING, CheckedFiles
from graphpolicy.render import Style
from graphpolicy.render.ansi import fitted
from graphpolicy.render.escape import printable
from graphpolicy.rules.table import RULES

COLORS: dict[Level, str] = {"error": "red", "warning": "yellow", "note": "cyan"}


MOST_PEOPLE = 50
"""The most people that a line names."""

MOST_NAMED = 4
"""The most settings that a line about several notes names."""


def folded(findings: Iterable[Finding], *, quiet: bool = False) -> Iterator[Finding]:
    """The findings in their order, several notes of one rule as one; `quiet` leaves notes out."""
    findings = tuple(findings)
    notes: dict[str, list[Finding]] = {}
    for found in findings:
        if found.level == "note" and not found.acknowledged and not RULES[found.rule].each:
            notes.setdefault(found.rule, []).append(found)
    for found in findings:
        alike = notes.get(found.rule, [])
        if not any(found is each for each in alike):
            yield found
        elif found is alike[0] and not quiet:
            yield _as_one(alike) if len(alike) > 1 else found


def _as_one(notes: Sequence[Finding]) -> Finding:
    """One note in place of several of one rule: how many, what they are, and of which settings."""
    title = RULES[notes[0].rule].title
    what = title[0].lower() + title[1:] if title[1:2] in (" ", title[1:2].lower()) else title
    about = (".".join(filter(None, (each.resource, each.path))) for each in notes)
    named = list(dict.fromkeys(filter(None, about)))
    more = ", …" if len(named) > MOST_NAMED else ""
    listed = f": {', '.join(named[:MOST_NAMED])}{more}" if named else ""
    lead = UNDOING if notes[0].message.startswith(UNDOING) else ""
    return replace(notes[0], message=f"{lead}{len(notes)} notes, {what}{listed}", help="")


def finding_lines(finding: Finding, *, color: bool) -> list[str]:
    """One finding: place, level, rule and message in the first line, then the help."""
    place = f"{printable(str(finding.source))}: " if finding.source else ""
    level = f"{finding.level}[{printable(finding.rule)}]"  # which may be a code of Graph
    if color:
        level = click.style(level, fg=COLORS[finding.level], bold=True)
    message, *rest = said(finding)
    rest += people_of(finding)
    return [f"{place}{level}: {message}", *(f"  {line}" for line in rest)]


def said(finding: Finding) -> list[str]:
    """The message, who accepted it, and the help, as far as there are: an escaped line each."""
    fix = [f"help: {printable(finding.help)}"] if finding.help else []
    accepted = [f"accepted: {printable(finding.acknowledged)}"] if finding.acknowledged else []
    return [printable(finding.message), *accepted, *fix]


def people_of(finding: Finding) -> list[str]:
    """The people that it is about, for a terminal alone: no other text may name them."""
    some, more = finding.names[:MOST_PEOPLE], len(finding.names) - MOST_PEOPLE
    rest = f" and {more} more, which --format json lists" if more > 0 else ""
    return [f"who: {', '.join(map(printable, some))}{rest}"] if some else []


def count(items: Sequence[Finding], level: Level) -> int:
    """How many findings of a level there are, without accepted ones."""
    return sum(item.level == level and not item.acknowledged for item in items)


def render(result: CheckedFiles, style: Style) -> str:
    """All findings and one last line that counts."""
    shown = folded(result.findings, quiet=style.quiet)
    lines = [line for item in shown for line in finding_lines(item, color=style.color)]
    text = "\n".join([*lines, result.verdict]) + "\n"
    return fitted(text, style.width) if style.fit else text


def document(result: CheckedFiles, style: Style) -> Json:
    """The findings with the files that were checked."""
    from graphpolicy.render.plan_json import findings_json

    items = result.findings
    return {
        "files": list(result.files),
        "summary": {
            "errors": count(items, "error"),
            "warnings": count(items, "warning"),
            "notes": count(items, "note"),
        },
        "findings": findings_json(items),
    }
