"""A table for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re

from graphpolicy.render import Style, view
from graphpolicy.render.escape import printable

_FORMULA = re.compile(r"(\A|;)([\s\"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a spreadsheet reads what follows as a formula (OWASP: "CSV injection").

Their fullwidth forms begin one, too. A semicolon ends a cell if the comma is the decimal sign.
"""


def render(result: object, style: Style) -> str:
    """A result with a `table`: the names of its columns, and its rows. No cell is a formula."""
    head, rows = view(result, "table", style)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(map(_cell, row))
    return buffer.getvalue()


def _cell(text: str) -> str:
    return _FORMULA.sub(r"\1\2'", printable(text))
