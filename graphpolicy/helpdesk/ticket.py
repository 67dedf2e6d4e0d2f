"""Whether a pattern for tickets is one that no reason can keep busy for long.

Python's `re` goes back and tries again: a pattern that repeats what repeats can take longer than
the universe is old on thirty letters. What a pattern may have to try is counted here before it is
ever used, generously: an alternation is as many ways as it has branches, a repetition as many as
it has lengths.
"""

from __future__ import annotations

import re
import warnings
from math import prod

LONGEST_REASON = 200
"""Characters of a reason; a pattern is tried from each of them on."""

LONGEST_PATTERN = 200
MOST_WAYS = LONGEST_REASON**2 * 4
"""Two open repetitions and a few alternatives; less than a second even where all are tried."""

_QUANTIFIER = re.compile(r"[*+?]|\{([0-9]*)(,?)([0-9]*)\}")
_ATOM = re.compile(r"\\(.)|\[\^?\]?(?:\\.|[^\]\\])*\]|[^()|\\]", re.DOTALL)


def trouble(pattern: str) -> str:
    """What is wrong with a pattern, as the end of the sentence "it ..."; empty if nothing is."""
    if len(pattern) > LONGEST_PATTERN:
        return f"is longer than {LONGEST_PATTERN} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        return f"is no regular expression: {str(error) or 'too deep'}"
    if compiled.fullmatch(""):
        return "fits an empty text, so it asks for nothing"
    try:
        return "" if _Ways(pattern).all() <= MOST_WAYS else "could take very long to try"
    except ValueError as error:
        return str(error)


def matches(pattern: str, reason: str) -> bool:
    """Whether a reason holds what a pattern without `trouble` asks for."""
    return re.search(pattern, reason[:LONGEST_REASON]) is not None


class _Ways:
    """In how many ways a pattern that `re` takes may be tried at one place of a text."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern.removeprefix("(?i)")
        self.at = 0

    def all(self) -> int:
        """The whole pattern's number; raises ValueError with what can't be counted."""
        return self.branches()

    def branches(self) -> int:
        ways, branch = 0, [1]
        while self.at < len(self.pattern):
            char = self.pattern[self.at]
            if char == ")":
                break
            if char == "|":
                self.at += 1
                ways, branch = ways + prod(branch), [1]
            else:
                branch.append(self.repeated(self.atom()))
        return ways + prod(branch)

    def atom(self) -> int:
        if self.pattern[self.at] == "(":
            if self.pattern.startswith("(?", self.at) and self.pattern[self.at + 2] != ":":
                raise ValueError("looks around, names groups or sets flags inside")
            self.at += 3 if self.pattern.startswith("(?:", self.at) else 1
            ways = self.branches()
            self.at += 1
            return ways
        found = _ATOM.match(self.pattern, self.at)
        if found is None or (found[1] or "").isdigit():
            raise ValueError("refers back to what it has found")
        self.at = found.end()
        return 1

    def repeated(self, ways: int) -> int:
        found = _QUANTIFIER.match(self.pattern, self.at)
        if found is None:
            return ways
        self.at = found.end()
        if self.pattern[self.at : self.at + 1] in ("?", "+"):
            self.at += 1
        least, most = _lengths(found)
        if ways == 1:
            return most - least + 1
        if most >= LONGEST_REASON:
            return MOST_WAYS + 1
        return sum(min(ways**count, MOST_WAYS + 1) for count in range(least, most + 1))


def _lengths(found: re.Match[str]) -> tuple[int, int]:
    """How often a quantifier repeats, at least and at most."""
    if found[0] in "*+":
        return int(found[0] == "+"), LONGEST_REASON
    if found[0] == "?":
        return 0, 1
    least = min(int(found[1] or 0), LONGEST_REASON)
    if not found[2]:
        return least, least
    return least, min(int(found[3]), LONGEST_REASON) if found[3] else LONGEST_REASON
