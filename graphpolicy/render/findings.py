"""What `validate` found, as text. Free of rich: `validate` must start fast."""

from __future__ import annotations

import click

from graphpolicy.model import Finding, Level
from graphpolicy.render.escape import printable

COLORS: dict[Level, str] = {"error": "red", "warning": "yellow", "note": "cyan"}


def finding_lines(finding: Finding, *, color: bool) -> list[str]:
    """One finding: place, level, rule and message in the first line, then the way out."""
    place = f"{printable(str(finding.source))}: " if finding.source else ""
    level = f"{finding.level}[{finding.rule}]"
    if color:
        level = click.style(level, fg=COLORS[finding.level], bold=True)
    lines = [f"{place}{level}: {printable(finding.message)}"]
    if finding.help:
        lines.append(f"  help: {printable(finding.help)}")
    return lines


def render_findings(items: tuple[Finding, ...], files: tuple[str, ...], *, color: bool) -> str:
    """All findings and one last line that counts."""
    lines = [line for item in items for line in finding_lines(item, color=color)]
    errors = sum(item.level == "error" for item in items)
    warnings = sum(item.level == "warning" for item in items)
    file_word = "file" if len(files) == 1 else "files"
    lines.append(f"{len(files)} {file_word}, {errors} errors, {warnings} warnings")
    return "\n".join(lines) + "\n"
