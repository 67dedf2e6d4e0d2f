"""Blocks as Markdown, for a comment or a wiki."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.model import Finding
from graphpolicy.render import Style, view
from graphpolicy.render.blocks import Block, Code, Command, Facts, Gap, Heading, Line, Table
from graphpolicy.render.escape import WARNING
from graphpolicy.render.findings import said
from graphpolicy.render.markdown import code, fence, prose


def render(result: object, style: Style) -> str:
    """A result with blocks."""
    parts = [part for block in view(result, "page", style, "blocks") for part in _parts(block)]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _parts(block: Block) -> Iterator[str]:
    match block:
        case Heading(text=title):
            yield f"### {prose(title)}"
        case Facts(rows=rows):
            yield "\n".join(
                f"- {f'{name.strip()}: ' if name.strip() else ''}{prose(text)}"
                for name, text, *_ in rows
            )
        case Table(head=head, rows=rows):
            lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
            lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
            yield "\n".join(lines)
        case Line(text=sentence):
            yield prose(sentence)
        case Command(lead=lead, text=command):
            if lead.strip():
                yield prose(lead.strip())
            yield fence([command], "sh")
        case Code(lines=lines):
            yield fence(lines)
        case Finding():
            sign = {"error": "❌", "warning": WARNING, "note": "i"}[block.level]
            message, *rest = map(prose, said(block))
            place = f" ({code(str(block.source))})" if block.source else ""
            lead = f"{sign} **{block.level}** {code(block.rule)}: {message}{place}"
            yield "  \n".join([lead, *rest])
        case Gap():
            return


def _cell(text: str) -> str:
    """A code span that can't end the cell of a table."""
    return code(text).replace("|", "\\|") if text else ""
