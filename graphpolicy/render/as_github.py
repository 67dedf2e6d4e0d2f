"""Findings as annotations in GitHub Actions: a workflow command for each.

GitHub shows ten errors, ten warnings and ten notices of a step and silently drops the rest
(docs.github.com, workflow commands and the limits of annotations). The rest, and what is too long
for an annotation, is in the log.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.model import Finding, Level
from graphpolicy.plan.tally import number
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style
from graphpolicy.render.as_findings import VerbFindings, as_findings
from graphpolicy.render.escape import printable, short
from graphpolicy.render.findings import finding_lines, said
from graphpolicy.render.impact_phrases import everywhere

COMMANDS: Mapping[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}
"""GitHub's name of each level, the worst first."""

MOST = 10
LONGEST = 2000
"""Characters of one line of a message; GitHub shortens longer ones."""


def render(result: VerbFindings, style: Style) -> str:
    """The worst findings as annotations at their lines, the people affected, and the counts."""
    impact = everywhere(result.plans) if isinstance(result, Report) else ""
    by_level: dict[Level, list[Finding]] = {level: [] for level in COMMANDS}
    for item in as_findings(result):
        by_level[_level(item)].append(item)
    room = dict.fromkeys(by_level, MOST)
    room["note"] -= bool(impact)
    if any(len(own) > room[level] for level, own in by_level.items()):
        room["note"] -= 1
    shown = [item for level, own in by_level.items() for item in own[: room[level]]]
    lines = [_annotation(item, style) for item in shown]
    left = {level: len(own) - room[level] for level, own in by_level.items()}
    more = [number(count, f"more {level}") for level, count in left.items() if count > 0]
    if more:
        text = f"and {', '.join(more)}: the log of this step lists all of them"
        lines.append(f"::notice title=graphpolicy::{_data(text)}")
    if impact:
        lines.append(f"::notice title=graphpolicy impact::{_data(short(impact, LONGEST))}")
    hidden = [item for level, own in by_level.items() for item in own[room[level] :]]
    cut = [item for item in shown if any(len(line) > LONGEST for line in said(item))]
    # Indented, since GitHub reads commands at the start of a line; `contained` escapes the others.
    log = [f"  {line}" for item in (*cut, *hidden) for line in finding_lines(item, color=False)]
    last = f"graphpolicy {result.verb}: {result.verdict}"
    return "\n".join([*log, *lines, last]) + "\n"


def _level(finding: Finding) -> Level:
    """The level of an annotation: an accepted finding is a note."""
    return "note" if finding.acknowledged else finding.level


def _annotation(finding: Finding, style: Style) -> str:
    place = finding.source
    where: dict[str, str | int] = {"file": style.on_github(place.file)} if place else {}
    if place and place.line:
        where |= {"line": place.line, "col": place.column}
    properties = {**where, "title": f"graphpolicy {finding.rule}"}
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    text = "\n".join(short(line, LONGEST) for line in said(finding))
    return f"::{COMMANDS[_level(finding)]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
