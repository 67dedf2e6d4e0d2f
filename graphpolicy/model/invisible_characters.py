"""Characters that are invisible or change how text is shown, by their Unicode properties."""

from __future__ import annotations

import unicodedata

ACTS = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"})
"""General categories that move the cursor, reorder or hide text, or look like a space."""

DEFAULT_IGNORABLE = (
    *(0x00AD, 0x00AD, 0x034F, 0x034F, 0x061C, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5),
    *(0x180B, 0x180F, 0x200B, 0x200F, 0x202A, 0x202E, 0x2060, 0x206F, 0x3164, 0x3164),
    *(0xFE00, 0xFE0F, 0xFEFF, 0xFEFF, 0xFFA0, 0xFFA0, 0xFFF0, 0xFFF8, 0x1BCA0, 0x1BCA3),
    *(0x1D173, 0x1D17A, 0xE0000, 0xE0FFF),
)
"""The property Default_Ignorable_Code_Point of Unicode 14.0: the first and last of each range.

Python's unicodedata does not have it. Perl prints it: `prop_invlist` of Unicode::UCD.
"""

BLANK = frozenset("\u2800\U0001d159\U00016fe4")
"""Invisible, although no property says so: braille blank, null notehead, Khitan filler."""

_RANGES = tuple(zip(DEFAULT_IGNORABLE[::2], DEFAULT_IGNORABLE[1::2], strict=True))


def ignorable(character: str) -> bool:
    """Whether Unicode makes it invisible by default."""
    return any(first <= ord(character) <= last for first, last in _RANGES)


def invisible(character: str) -> bool:
    """Whether a reader can't see a character, or can't tell it from an ordinary space."""
    if character.isascii():
        return not character.isprintable()
    if unicodedata.category(character) in ACTS or character in BLANK:
        return True
    return ignorable(character)


def ignorable_class() -> str:
    """The ignorable characters as the content of a character class in a regular expression."""
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in _RANGES)
