"""What a pattern for tickets may hold: literals, classes and counts.

Python's `re` goes back and tries again, so a pattern that repeats what repeats can take longer
than the universe is old. A pattern here has no groups, nothing open-ended, and few open counts:
what `re` may have to try is small for every reason.
"""

from __future__ import annotations

import re
import warnings

LONGEST_REASON = 200
"""Characters of a reason; a pattern is tried from each of them on."""

LONGEST_PATTERN = 200
MOST_OPEN = 3
"""Counts such as {1,9} or ? in one alternative; a fixed count such as {7} costs nothing."""
MOST_TIMES = 20
"""The highest count."""

_CLASS = r"\[\^?\]?(?:\\.|[^\]\\])*\]"
_ATOM = rf"(?:{_CLASS}|\\[dDsSwW]|\\[^A-Za-z0-9]|[^\\^$.|?*+()\[\]{{}}]|\.)"
_COUNT = r"(?:\?|\{[0-9]{1,2}(?:,[0-9]{1,2})?\})?"
_PIECE = re.compile(rf"({_ATOM})({_COUNT})|\^|\$|\\b")
_OPEN = ("?", ",")


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
    return _held(pattern.removeprefix("(?i)"))


def matches(pattern: str, reason: str) -> bool:
    """Whether a reason holds a whole ticket of a pattern without `trouble`.

    A part of a longer word, number or ticket is none.
    """
    flags = re.IGNORECASE if pattern.startswith("(?i)") else re.NOFLAG
    whole = rf"(?<![\w-])(?:{pattern.removeprefix('(?i)')})(?![\w-])"
    return re.search(whole, reason[:LONGEST_REASON], flags) is not None


def _held(pattern: str) -> str:
    """What a pattern holds that it may not."""
    at = opened = 0
    while at < len(pattern):
        if pattern[at] == "|":
            at, opened = at + 1, 0
            continue
        found = _PIECE.match(pattern, at)
        count = (found[2] or "") if found else ""
        if found is None or pattern[found.end() : found.end() + 1] in ("*", "+", "?", "{"):
            end = found.end() if found else at
            return f"has {pattern[end : end + 3]!r}, which is not a literal, a class or a count"
        times = re.findall("[0-9]+", count)
        if any(int(each) > MOST_TIMES for each in times):
            return f"has the count {count}, and {MOST_TIMES} is the highest"
        if any(each != str(int(each)) for each in times):
            return f"has the count {count}, which begins with a zero that means nothing"
        if times and int(times[-1]) == 0:
            return f"has the count {count}, and what stands before it would never be there"
        opened += any(sign in count for sign in _OPEN)
        if opened > MOST_OPEN:
            return f"has more than {MOST_OPEN} counts that leave the length open"
        at = found.end()
    return ""
