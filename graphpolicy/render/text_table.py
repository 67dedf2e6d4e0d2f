"""Rows as a plain table."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphpolicy.render import Style
from graphpolicy.render.escape import printable

GAP = 2
"""Spaces between two columns."""


def render_whole(head: Sequence[str], rows: Iterable[Sequence[str]], style: Style) -> str:
    """A table that breaks no word; if it is too wide for that, each row is a paragraph."""
    rows = [[printable(cell) for cell in row] for row in rows]
    used = [number for number in range(len(head)) if any(row[number] for row in rows)]
    least = [
        max(len(word) for row in (head, *rows) for word in (row[number].split() or [""]))
        for number in used
    ]
    if sum(least) + GAP * (len(used) - 1) > style.width:
        return "".join(f"{_stacked(row, style.width)}\n" for row in rows)
    widths = [max(len(row[number]) for row in (head, *rows)) for number in used]
    for _ in range(sum(widths) + GAP * (len(used) - 1) - style.width):
        narrowed = max(range(len(used)), key=lambda each: widths[each] - least[each])
        widths[narrowed] -= 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, width in zip(used, widths, strict=True):
        table.add_column(head[number], width=width)
    for row in rows:
        table.add_row(*(Text(row[number]) for number in used))
    return _printed(table, style)


def _stacked(row: Iterable[str], width: int) -> str:
    """The cells of a row on as few lines as they take, broken between words alone."""
    return textwrap.fill(
        "  ".join(cell for cell in row if cell),
        width,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def render_table(head: Sequence[str], rows: Iterable[Sequence[str]], style: Style) -> str:
    """A table without boxes, wrapped to the width."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, overflow="fold")  # the text is kept whole
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return _printed(table, style)


def _printed(table: Table, style: Style) -> str:
    buffer = io.StringIO()
    console = Console(
        file=buffer, width=style.width, force_terminal=style.color, no_color=not style.color
    )
    console.print(table)
    return buffer.getvalue()
