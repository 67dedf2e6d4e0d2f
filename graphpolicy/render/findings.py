"""What `validate` found, as text. Free of rich: `validate` must start fast."""

from __future__ import annotations

from collections.abc import Sequence

import click

from graphpolicy.model import Finding, Level
from graphpolicy.plan.verdict import number
from graphpolicy.render import Style
from graphpolicy.render.escape import printable

COLORS: dict[Level, str] = {"error": "red", "warning": "yellow", "note": "cyan"}


def finding_lines(finding: Finding, *, color: bool) -> list[str]:
    """One finding: place, level, rule and message in the first line, then the way out."""
    place = f"{printable(str(finding.source))}: " if finding.source else ""
    level = f"{finding.level}[{finding.rule}]"
    if color:
        level = click.style(level, fg=COLORS[finding.level], bold=True)
    message, *rest = said(finding)
    return [f"{place}{level}: {message}", *(f"  {line}" for line in rest)]


def said(finding: Finding) -> list[str]:
    """The message, by whose leave, and the way out, if there are: a line each, harmless."""
    fix = [f"help: {printable(finding.help)}"] if finding.help else []
    leave = [f"accepted: {printable(finding.acknowledged)}"] if finding.acknowledged else []
    return [printable(finding.message), *leave, *fix]


def count(items: Sequence[Finding], level: Level) -> int:
    """How many findings of a level nobody has accepted."""
    return sum(item.level == level and not item.acknowledged for item in items)


def counted(items: Sequence[Finding], files: Sequence[str]) -> str:
    """The last line, which scripts may look for."""
    errors, warnings = count(items, "error"), count(items, "warning")
    return f"{number(len(files), 'file')}, {number(errors, 'error')}, {number(warnings, 'warning')}"


def findings(items: Sequence[Finding], files: Sequence[str], style: Style) -> str:
    """All findings and one last line that counts."""
    lines = [line for item in items for line in finding_lines(item, color=style.color)]
    return "\n".join([*lines, counted(items, files)]) + "\n"
