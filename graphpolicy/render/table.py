"""Rows as a plain table."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphpolicy.render import Style
from graphpolicy.render.escape import printable


def render_table(head: Sequence[str], rows: Iterable[Sequence[str]], style: Style) -> str:
    """A table without boxes, wrapped to the width."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, overflow="fold")  # nothing is cut off
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    buffer = io.StringIO()
    console = Console(
        file=buffer, width=style.width, force_terminal=style.color, no_color=not style.color
    )
    console.print(table)
    return buffer.getvalue()
