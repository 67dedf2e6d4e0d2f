"""Reports to text, one module for each format. A renderer computes nothing; it only shows.

Each module has `render(report, style) -> str`. Adding a format is a module and a row here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphpolicy.model import Report

FORMATS = {"text": "as_text", "json": "as_json"}
"""Format names to modules, imported when used: text needs rich, the rest must not."""

SUFFIXES = {".json": "json", ".txt": "text"}
"""What the suffix of an output file stands for."""


@dataclass(frozen=True, slots=True)
class Style:
    """How text may look where it goes to."""

    color: bool = False
    width: int = 80
    brief: bool = False
    """Leave out a plan that was already shown before it was applied."""


def render(report: Report, format_: str, style: Style) -> str:
    """The report in one of `FORMATS`, ending with a newline."""
    module = import_module(f"{__name__}.{FORMATS[format_]}")
    text: str = module.render(report, style)
    return text
