"""Did you mean: the known word that is nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable

_FEWEST = 4
"""From this length on, a part of one single choice is enough to name it."""


def closest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that `word` was probably meant to be, or None if all are far away.

    It is a slip away, or the only one that contains the word.
    """
    choices = set(choices)
    near = nearest(word, choices)
    if near is not None:
        return near
    bare = plain(word)
    holding = [choice for choice in choices if bare in plain(choice)]
    return holding[0] if len(bare) >= _FEWEST and len(holding) == 1 else None


def question(word: str, choices: Iterable[str]) -> str:
    """The help that asks for the choice that was probably meant; empty if all are far away."""
    near = closest(word, choices)
    return f"did you mean '{near}'?" if near else ""


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that `word` is a slip of, or None if all are far away.

    Case, hyphens, underscores and spaces don't count. One slip is forgiven in three letters, at
    most three in all; a slip is a letter too many, missing, wrong, or swapped with its neighbour.
    """
    ordered = sorted(set(choices))
    bare = plain(word)
    ranked = [
        (distance, choice)
        for choice in ordered
        if (distance := _distance(bare, plain(choice))) is not None
    ]
    return min(ranked)[1] if ranked else None


def plain(word: str) -> str:
    """A word without case, hyphens, underscores and spaces."""
    return "".join(letter for letter in word.casefold() if letter not in "-_ ")


def _distance(left: str, right: str) -> int | None:
    """The number of slips between two words (optimal string alignment), None if too many."""
    if left == right:
        return 0
    limit = min(len(left) // 3, len(right) // 3, 3)
    if not limit or abs(len(left) - len(right)) > limit:
        return None
    before: list[int] = []
    above = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            slips = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if before and j > 1 and a == right[j - 2] and left[i - 2] == b:
                slips = min(slips, before[j - 2] + 1)
            row.append(slips)
        before, above = above, row
    return above[-1] if above[-1] <= limit else None
