"""Reports and findings to text, one module for each format. A renderer computes nothing.

Adding a format is a module and a row here.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.explain import Topic
    from graphpolicy.model import Finding, Report

FORMATS = {
    "text": "as_text",
    "json": "as_json",
    "markdown": "as_markdown",
    "html": "as_html",
    "sarif": "as_sarif",
    "github": "as_github",
}
"""Formats of a report to modules with `render(report, style) -> str`, imported when used."""

FINDING_FORMATS = {
    "text": "findings",
    "json": "as_json",
    "github": "as_github",
    "sarif": "as_sarif",
}
"""Formats of what `validate` found to modules with `findings(items, files, style) -> str`."""

TOPIC_FORMATS = {"text": "explain_text", "json": "explain_json", "markdown": "explain_markdown"}
"""Formats of `explain` to modules with `topics(items, facts, style) -> str`."""

ANNOUNCEMENT_FORMATS = {
    "text": "announcement_text",
    "markdown": "announcement_markdown",
    "html": "announcement_html",
    "json": "announcement_json",
    "svg": "prompt_svg",
}
"""Formats of `announce` to modules with `messages(draft, style) -> str`."""

ACCOUNT_FORMATS = ("text", "json", "markdown", "csv")
"""Formats of what became of many people's resets, all in `mfa_reset`."""

SUFFIXES = {
    ".json": "json",
    ".md": "markdown",
    ".html": "html",
    ".sarif": "sarif",
    ".txt": "text",
    ".csv": "csv",
    ".svg": "svg",
}
"""What the suffix of an output file stands for."""


@dataclass(frozen=True, slots=True)
class Style:
    """How text may look where it goes to, and where the files are that it speaks of."""

    color: bool = False
    width: int = 80
    quiet: bool = False
    """Leave out notes, in text."""
    brief: bool = False
    """Leave out a plan that was shown before somebody was asked for a yes to it."""
    typed: tuple[str, ...] = ()
    """The command line that is running, without the program, for messages that propose it again."""
    common: tuple[str, ...] = ()
    """Flags of it that another verb needs as well to find the same folder, records and sign-in."""
    folder: str = ""
    """The absolute path that names of files are relative to."""
    repository: str = ""
    """The absolute path of the repository around it, which names on GitHub are relative to."""
    source: str = ""
    """What a link to a file of the repository begins with: an address, or a way up to its root."""


def render(report: Report, format_: str, style: Style) -> str:
    """The report in one of `FORMATS`, ending with a newline."""
    module = import_module(f"{__name__}.{FORMATS[format_]}")
    text: str = module.render(report, style)
    return text


def render_findings(
    items: Sequence[Finding], files: Sequence[str], format_: str, style: Style
) -> str:
    """What was found in some files in one of `FINDING_FORMATS`, ending with a newline."""
    module = import_module(f"{__name__}.{FINDING_FORMATS[format_]}")
    text: str = module.findings(items, files, style)
    return text


def render_topics(items: Sequence[Topic], facts: Facts, format_: str, style: Style) -> str:
    """What `explain` was asked for in one of `TOPIC_FORMATS`, ending with a newline."""
    module = import_module(f"{__name__}.{TOPIC_FORMATS[format_]}")
    text: str = module.topics(items, facts, style)
    return text


def output_format(output: str) -> str:
    """The format that a file's suffix stands for; one of `SUFFIXES`, as the flag has checked."""
    return SUFFIXES[f".{output.rpartition('.')[2].lower()}"]
