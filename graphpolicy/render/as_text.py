"""Blocks as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace

import click

from graphpolicy.model import Finding
from graphpolicy.render import Style, view
from graphpolicy.render.ansi import StyledLine, fitted, styled
from graphpolicy.render.blocks import (
    MOST_UNCHANGED,
    Block,
    Code,
    Command,
    Diff,
    DiffEntry,
    FactList,
    Gap,
    Heading,
    Items,
    Line,
    Table,
)
from graphpolicy.render.escape import printable
from graphpolicy.render.findings import finding_lines

SIGNS = {"+": "green", "-": "red", "~": "yellow", " ": "dim"}
"""The colour of an entry of a diff."""

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
        case Diff():
            for styled_line in diff_lines(block, style):
                text = styled(styled_line, color=style.color)
                yield fitted(text, style.width) if style.fit else text
        case Gap():
            yield ""
        case Finding():
            for line in finding_lines(block, color=style.color):
                yield fitted(line, style.width) if style.fit else line


def diff_lines(diff: Diff, style: Style) -> Iterator[StyledLine]:
    """A diff with all that is known of each entry, and a blank line below."""
    if diff.heading:
        yield [(diff.heading, "bold")]
        yield []
    yield [(diff.title, "bold")]
    for entry in diff.entries:
        yield ["  ", ("~ ", SIGNS["~"]), entry.name]
        if diff.drift:
            for sign, text in entry.lines:
                yield ["      ", (text, SIGNS[sign] if sign != " " else "bold")]
        elif entry.lines:
            yield from _listed(entry)
        else:
            yield ["      ", entry.before, " -> ", (entry.after, "bold")]
        source = f"{entry.source}  " if entry.source else ""
        yield [(f"      {source}{entry.label}", "dim")]
        if entry.changed_by:
            yield [f"      {entry.changed_by}"]
        if style.fit and entry.address:
            yield [(f"      from {entry.address}", "dim")]  # on a terminal, which nobody publishes
        if entry.people and not entry.people_said:
            yield [f"      {entry.people}"]
    yield []


def _listed(entry: DiffEntry) -> Iterator[StyledLine]:
    kept = sum(sign == " " for sign, _ in entry.lines)
    for sign, text in entry.lines:
        if sign != " " or kept <= MOST_UNCHANGED:
            yield ["      ", (f"{sign} ", SIGNS[sign]), text]
    if kept > MOST_UNCHANGED:
        yield [(f"        and {kept} unchanged", "dim")]
    if entry.emptied:
        yield [(f"      -> {entry.emptied}", "bold")]


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
