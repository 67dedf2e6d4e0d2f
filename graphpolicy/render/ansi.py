"""Lines as parts of text with a style, painted or plain. Free of rich, which is slow to load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import click

Part: TypeAlias = str | tuple[str, str]
"""Plain text, or text and its style: `bold`, `dim` and a colour, in words with blanks between."""

Line: TypeAlias = Sequence[Part]

_ATTRIBUTES = frozenset({"bold", "dim"})


def styled(line: Line, *, color: bool) -> str:
    """One line for a terminal; without `color` its text alone."""
    return "".join(
        part if isinstance(part, str) else _styled(*part) if color else part[0] for part in line
    )


def _styled(text: str, style: str) -> str:
    words = frozenset(style.split())
    color = next(iter(words - _ATTRIBUTES), None)
    attributes = dict.fromkeys(words & _ATTRIBUTES, True)
    return click.style(text, fg=color, **attributes)
