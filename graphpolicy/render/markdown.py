"""Hostile text as Markdown: nothing in it is markup, a link or a mention."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphpolicy.render.escape import printable, short

RISKY = re.compile(r"@|://|:[a-z+_-][a-z0-9+_-]*:|www\.|#\d|GH-\d", re.IGNORECASE)
"""What GitHub would turn into a mention, a link, an emoji or a reference, in a word."""


def fence(lines: Sequence[str], language: str = "") -> str:
    """Lines in a fence that nothing in them can close."""
    runs = [len(run) for line in lines for run in re.findall(r"`+", line)]
    ticks = "`" * max(3, 1 + max(runs, default=0))
    return "\n".join((f"{ticks}{language}", *lines, ticks)) + "\n"


def code(text: str, most: int | None = 400) -> str:
    """Text as a code span: no mention, no link, no markup in it."""
    text = (printable(text) if most is None else short(text, most)) or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def prose(text: str, most: int | None = 1500) -> str:
    """A sentence with names in it: words that GitHub would act on as code, the rest escaped."""
    text = printable(text) if most is None else short(text, most)
    return " ".join(map(_word, text.split(" ")))


def _word(word: str) -> str:
    if not RISKY.search(word):
        return re.sub(r"([\\`*_\[\]<>&|~#!$])", r"\\\1", word)
    inner = word.removeprefix("(").rstrip("),;:.")
    if not RISKY.search(inner):
        return code(word, None)
    lead, _, rest = word.partition(inner)
    return f"{lead}{code(inner, None)}{rest}"
