"""Lines of styled parts of text, with or without colour. It imports no rich, which loads slowly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

import click

from graphpolicy.render.escape import printable

Segment: TypeAlias = str | tuple[str, str]
"""Plain text, or text and its style: `bold`, `dim` and a colour, separated by spaces."""

StyledLine: TypeAlias = Sequence[Segment]

_ATTRIBUTES = frozenset({"bold", "dim"})


def styled(line: StyledLine, *, color: bool) -> str:
    """One line for a terminal, escaped; without `color` its text alone."""
    return "".join(
        _styled(part, "") if isinstance(part, str) else _styled(part[0], part[1] if color else "")
        for part in line
    )


def _styled(text: str, style: str) -> str:
    if not style:
        return printable(text)
    words = frozenset(style.split())
    color = next(iter(words - _ATTRIBUTES), None)
    attributes = dict.fromkeys(words & _ATTRIBUTES, True)
    return click.style(printable(text), fg=color, **attributes)


_WORD = re.compile(r"(?:[-+~] )?(?:`[^`\n]*`|[^\s`]|`)+")
"""What stays on one line: a word with its sign, or a command between backticks, to be copied."""

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def fitted(text: str, width: int) -> str:
    """The same with long lines broken at blanks; the rest continues below, indented.

    A word that is longer than a line keeps its line.
    """
    return "\n".join(_fitted(line, width) for line in text.split("\n"))


def _fitted(line: str, width: int) -> str:
    bare = _STYLE.sub("", line)
    if len(bare) <= width:
        return line
    hang = " " * (len(bare) - len(bare.lstrip(" ")) + 2)
    done, column, end = "", 0, 0
    for found in _WORD.finditer(line):
        gap, word = line[end : found.start()], found[0]
        size = len(_STYLE.sub("", word))
        if column > len(hang) and column + len(gap) + size > width:
            done, column = f"{done}\n{hang}", len(hang)
        else:
            done, column = done + gap, column + len(gap)
        done, column, end = done + word, column + size, found.end()
    return done + line[end:]
