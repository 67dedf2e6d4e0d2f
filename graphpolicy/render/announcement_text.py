"""An announcement as plain text, in lines so short that no mail program wraps them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from graphpolicy.render import Style
from graphpolicy.render.announcement import Block, Draft, Drawn, messages as blocks
from graphpolicy.render.escape import short

WIDTH = 76
BETWEEN = f"\n{'_' * WIDTH}\n\n"


def render(draft: Draft, style: Style) -> str:
    """Every letter, with a line between two."""
    return BETWEEN.join(map(text_of, blocks(draft)))


def text_of(letter: Sequence[Block | Drawn]) -> str:
    """One letter."""
    return "\n".join(_lines(letter)).strip("\n") + "\n"


def _lines(letter: Sequence[Block | Drawn]) -> Iterator[str]:
    for block in letter:
        if isinstance(block, Drawn):
            yield _wrapped(block.description)
            continue
        texts = [short(line, 2000) for line in block.lines]
        match block.kind:
            case "subject":
                yield from (texts[0], "=" * min(len(texts[0]), WIDTH), "")
            case "lead":
                yield _wrapped(texts[0])
            case "section":
                title = _wrapped(texts[0])
                yield from ("", title, "-" * max(map(len, title.split("\n"))))
            case "heading":
                yield from ("", texts[0])
            case "line":
                yield from ("", _wrapped(texts[0]))
            case "items" | "settings":
                yield from (_wrapped(text, "* ", "  ") for text in texts)


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
