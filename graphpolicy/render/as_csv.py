"""A table for a spreadsheet."""

from __future__ import annotations

from graphpolicy.render import Style, view
from graphpolicy.render.table import render_csv


def render(result: object, style: Style) -> str:
    """A result with a `table`: the names of its columns, and its rows."""
    return render_csv(*view(result, "table", style))
