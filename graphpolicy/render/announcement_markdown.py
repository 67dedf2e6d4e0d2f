"""An announcement as Markdown, for a chat, a wiki or a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphpolicy.render import Style
from graphpolicy.render.announcement import Block, Draft, Drawn, messages as blocks
from graphpolicy.render.markdown import code, prose

HEADS = {"subject": "#", "section": "##", "heading": "###"}


def render(draft: Draft, style: Style) -> str:
    """Every letter, with a rule between two."""
    return "\n---\n\n".join(
        "\n".join(_lines(letter)).strip("\n") + "\n" for letter in blocks(draft)
    )


def _lines(letter: Sequence[Block | Drawn]) -> Iterator[str]:
    for block in letter:
        if isinstance(block, Drawn):
            yield from (prose(block.description), "")
        elif block.kind in HEADS:
            yield from (f"{HEADS[block.kind]} {prose(block.lines[0])}", "")
        elif block.kind == "items":
            yield from (*(f"* {prose(line)}" for line in block.lines), "")
        elif block.kind == "settings":
            yield from (*(f"* {code(line)}" for line in block.lines), "")
        else:
            yield from (prose(block.lines[0]), "")
