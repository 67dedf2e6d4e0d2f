"""Quoting in a message what a file says."""

from __future__ import annotations

from graphpolicy.model.unseen import unseen

_SHOWN = 60
"""How much of a value a message quotes."""


def show(text: str, most: int = _SHOWN) -> str:
    """`text` for a message: cut, and without characters that act on the terminal."""
    shown = ""
    for letter in text:
        piece = letter
        if unseen(letter):
            piece = {"\n": "\\n", "\t": "\\t"}.get(letter) or _escape(letter)
        if len(shown) + len(piece) >= most:
            return shown + "…"
        shown += piece
    return shown


def _escape(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def quoted(text: str) -> str:
    """The words "quote it", with how, where that is short enough to be shown."""
    shown = show(text)
    return f"quote it: '{shown}'" if shown == text else "quote it"
