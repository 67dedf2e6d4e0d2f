"""Hostile text made harmless: names come from tenants and pull requests."""

from __future__ import annotations

import unicodedata

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that can move the cursor, reorder or hide text."""


def printable(text: str) -> str:
    """The text with everything that a terminal would obey written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if unicodedata.category(character) not in INVISIBLE else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def short(text: str, most: int = 400) -> str:
    """Harmless text, cut where nobody would read on, with a word that says so."""
    if len(text) <= most:
        return printable(text)
    return f"{printable(text[:most])}… ({len(text)} characters)"
