"""Blocks as one self-contained HTML page, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from graphpolicy.model import Finding
from graphpolicy.render import VIEWS, Style, view
from graphpolicy.render.blocks import Block, Code, Command, Facts, Gap, Heading, Line, Table
from graphpolicy.render.escape import printable, short
from graphpolicy.render.findings import said
from graphpolicy.render.html import page


def render(result: object, style: Style) -> str:
    """A result with blocks."""
    blocks = list(view(result, "page", style, "blocks"))
    what = VIEWS[type(result).__name__].replace("_", " ")
    title = next((block.text for block in blocks if isinstance(block, Heading)), what)
    parts = (part for block in blocks for part in _parts(block))
    return page(f"graphpolicy: {_text(title)}", parts)


def _parts(block: Block) -> Iterator[str]:
    match block:
        case Heading(text=title):
            yield f"<h2>{_text(title)}</h2>\n"
        case Facts(rows=rows):
            facts = (f"<dt>{_text(name)}</dt><dd>{_text(text)}</dd>\n" for name, text, *_ in rows)
            yield f"<dl>\n{''.join(facts)}</dl>\n"
        case Table(head=head, rows=rows):
            names = "".join(f"<th>{_text(name)}</th>" for name in head)
            cells = ("".join(f"<td>{_text(cell)}</td>" for cell in row) for row in rows)
            body = "".join(f"<tr>{row}</tr>\n" for row in cells)
            yield f"<table>\n<tr>{names}</tr>\n{body}</table>\n"
        case Line(text=sentence):
            yield f"<p>{_text(sentence)}</p>\n"
        case Command(lead=lead, text=command):
            yield f"<p>{_text(lead.strip())}</p>\n<pre>{escape(short(command, 4000))}</pre>\n"
        case Code(lines=lines):
            yield f"<pre>{escape(chr(10).join(map(printable, lines)))}</pre>\n"
        case Finding():
            message, *rest = map(_text, said(block))
            place = f" (<code>{_text(str(block.source))}</code>)" if block.source else ""
            lead = f"<b>{block.level}</b> {_text(block.rule)}: {message}{place}"
            yield f'<p class="{block.level}">{"<br>".join([lead, *rest])}</p>\n'
        case Gap():
            return


def _text(value: str) -> str:
    return escape(short(value, 2000))
