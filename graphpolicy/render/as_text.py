"""Blocks as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace

import click

from graphpolicy.model import Finding
from graphpolicy.render import Style, view
from graphpolicy.render.ansi import fitted
from graphpolicy.render.blocks import (
    Block,
    Code,
    Command,
    FactList,
    Gap,
    Heading,
    Items,
    Line,
    Table,
)
from graphpolicy.render.escape import printable
from graphpolicy.render.findings import finding_lines

NARROWEST = 40
"""Columns that text has at least, even if the terminal is narrower."""


def render(result: object, style: Style) -> str:
    """A result with blocks."""
    return text_of(view(result, "blocks", style), style)


def text_of(blocks: Iterable[Block], style: Style) -> str:
    """Blocks one below the other."""
    return "".join(f"{line}\n" for block in blocks for line in _lines(block, style))


def _lines(block: Block, style: Style) -> Iterator[str]:
    match block:
        case Heading(text=title):
            yield click.style(printable(title), bold=True) if style.color else printable(title)
        case FactList(rows=rows, indent=indent):
            for name, value, *colour in rows:
                lead = f"  {name:<{indent - 2}}  "
                first, *rest = _wrapped(lead, value, style)
                if colour and style.color:
                    first = click.style(lead, fg=colour[0]) + first[len(lead) :]
                yield from (first, *rest)
        case Table(head=head, rows=rows, whole=whole, inset=inset):
            from graphpolicy.render.text_table import render_table, render_whole  # loads rich

            inner = replace(style, width=max(style.width - inset, NARROWEST))
            table = (render_whole if whole else render_table)(head, rows, inner)
            yield textwrap.indent(table, " " * inset).removesuffix("\n")
        case Line(text=sentence):
            yield from _wrapped("", sentence, style)
        case Items(lines=lines):
            for line in lines:
                yield from _wrapped("  ", line, style, more=2)
        case Command(lead=lead, text=command):
            yield f"  {lead}{printable(command)}"
        case Code(lines=lines):
            yield from (f"  {printable(line)}" for line in lines)
        case Gap():
            yield ""
        case Finding():
            for line in finding_lines(block, color=style.color):
                yield fitted(line, style.width) if style.fit else line


def _wrapped(lead: str, sentence: str, style: Style, more: int = 0) -> Iterator[str]:
    """A sentence after `lead`; further lines are indented below it, by `more`."""
    lines = textwrap.wrap(
        printable(sentence),
        max(style.width - len(lead), NARROWEST),
        subsequent_indent=" " * more,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines or [""]:
        yield f"{lead}{line}".rstrip()
        lead = " " * len(lead)
