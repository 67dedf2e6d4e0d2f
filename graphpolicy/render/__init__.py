"""Results to text: one table from a result and a format to its writer. A writer computes nothing.

A format for every result with findings, or with blocks, is a module and a row in `FINDINGS` or
`BLOCKS`. A module of the table has `render(result, style) -> str`, ending with a newline.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.model import Place

FINDINGS: Mapping[str, str] = {"sarif": "as_sarif", "github": "as_github"}
"""Formats of results with `findings` and a `verb` (`as_findings.py`)."""

BLOCKS: Mapping[str, str] = {
    "text": "as_text",
    "markdown": "as_markdown",
    "html": "as_html",
}
"""Formats of results that are shown in blocks (`blocks.py`)."""

WRITERS: Mapping[str, Mapping[str, str]] = {
    "Report": {
        "text": "plan_text",
        "json": "as_json",
        "jsonl": "as_jsonl",
        "markdown": "plan_markdown",
        "html": "plan_html",
        **FINDINGS,
    },
    "Fleet": {**BLOCKS, "json": "as_json"},
    "CheckedFiles": {"text": "findings", "json": "as_json", **FINDINGS},
    "Explained": {**BLOCKS, "json": "as_json", "markdown": "explain_markdown"},
    "Announcements": {
        "text": "announce.text",
        "markdown": "announce.markdown",
        "html": "announcement_html",
        "json": "as_json",
        "svg": "prompt_svg",
    },
    "PermissionChecks": {**BLOCKS, "json": "as_json"},
    "History": {**BLOCKS, "json": "as_json"},
    "PassIssued": {"text": "as_text", "json": "as_json"},
    "PassList": {**BLOCKS, "json": "as_json"},
    "PassRevoked": {**BLOCKS, "json": "as_json"},
    "MethodList": {**BLOCKS, "json": "as_json", "csv": "as_csv"},
    "ResetOne": {**BLOCKS, "json": "as_json"},
    "ResetMany": {**BLOCKS, "json": "as_json", "csv": "as_csv"},
    "ImpactReport": {**BLOCKS, "json": "as_json"},
    "WorkList": {"csv": "as_csv"},
    "RolloutReport": {**BLOCKS, "json": "as_json"},
    "MissingPeople": {"csv": "as_csv"},
    "GroupList": {**BLOCKS, "json": "as_json"},
}
"""The writers of each result, by the name of its type: a module here, loaded when it is used.

`MODULE.FUNCTION` is a function with another name than `render`.
"""

VIEWS: Mapping[str, str] = {
    "Report": "plan_json",
    "Fleet": "fleet",
    "CheckedFiles": "findings",
    "Explained": "explain",
    "Announcements": "announce",
    "PermissionChecks": "doctor",
    "History": "history",
    "PassIssued": "tap",
    "PassList": "tap",
    "PassRevoked": "tap",
    "MethodList": "mfa_list",
    "ResetOne": "mfa_reset",
    "ResetMany": "mfa_reset",
    "ImpactReport": "impact",
    "WorkList": "impact",
    "RolloutReport": "rollout",
    "MissingPeople": "rollout",
    "GroupList": "groups",
}
"""The module here with the views of a result: `document`, and `blocks`, `page` or `table`."""

LOGS = ("text", "github")
"""Formats that a person reads at a terminal or in the log of a job."""

SUFFIXES: Mapping[str, str] = {
    {"text": ".txt", "markdown": ".md"}.get(name, f".{name}"): name
    for writers in WRITERS.values()
    for name in writers
    if name != "github"  # its commands are for the log of a job
}
"""The suffixes of output files and the formats that they stand for."""


@dataclass(frozen=True, slots=True)
class Style:
    """How text may look at its destination, and where the files are that it names."""

    color: bool = False
    width: int = 80
    fit: bool = False
    """Break lines of any text at the width, between words: it goes to a terminal."""
    quiet: bool = False
    """Leave out notes, in text."""
    brief: bool = False
    """Leave out a plan that was already shown for approval."""
    typed: tuple[str, ...] = ()
    """The arguments of the running command, for messages that propose to run it again."""
    common: tuple[str, ...] = ()
    """The flags of it that other verbs need to use the same folder, records and sign-in."""
    folder: str = ""
    """The absolute path that names of files are relative to."""
    repository: str = ""
    """The absolute path of the repository around it, which names on GitHub are relative to."""
    source: str = ""
    """What a link to a file of the repository begins with: an address, or a way up to its root."""

    def on_github(self, file: str) -> str:
        """A file's path below its repository, as GitHub expects it; outside, the whole path."""
        # Without `..`, by names alone: links are not followed.
        whole = PurePath(os.path.normpath(PurePath(self.folder, file)))
        inside = whole.is_relative_to(self.repository)
        return (whole.relative_to(self.repository) if inside else whole).as_posix()

    def uri(self, file: str) -> str:
        """The same as a URI, relative below the repository."""
        from urllib.parse import quote

        name = self.on_github(file)
        quoted = quote(name, errors="backslashreplace")
        if PurePath(name).is_absolute():
            return f"file://{'' if name.startswith('/') else '/'}{quoted}"
        return quoted

    def link(self, place: Place) -> str:
        """A link to a place, or '' where the file is not in the repository."""
        where = self.uri(place.file)
        if where.startswith("file:"):
            return ""
        return f"{self.source}{where}" + (f"#L{place.line}" if place.line else "")


def formats(*results: str) -> tuple[str, ...]:
    """The formats that any of these results can have, by the names of their types."""
    return tuple(dict.fromkeys(name for result in results for name in WRITERS[result]))


def render(result: object, format_: str, style: Style) -> str:
    """A result in one of its formats, ending with a newline."""
    module, _, function = WRITERS[type(result).__name__][format_].partition(".")
    writer = getattr(import_module(f"{__name__}.{module}"), function or "render")
    text: str = writer(result, style)
    return text


def view(result: object, name: str, style: Style, otherwise: str = "") -> Any:
    """A view of a result, for a writer: its `document`, its `blocks`, its `page` or its `table`.

    `otherwise` is the view to take if the result does not have that one.
    """
    module = import_module(f"{__name__}.{VIEWS[type(result).__name__]}")
    return getattr(module, name if hasattr(module, name) else otherwise)(result, style)


def output_format(output: str) -> str:
    """The format that a file's suffix stands for; one of `SUFFIXES`, as the flag has checked."""
    return SUFFIXES[f".{output.rpartition('.')[2].lower()}"]
