"""What a ticket pattern may contain: literals, character classes and counts.

Python's `re` backtracks, so nested repeats can take practically forever. A pattern here has no
groups, no unbounded repeats and few variable counts, so `re` has little to try for any reason.
"""

from __future__ import annotations

import re
import warnings

LONGEST_REASON = 200
"""Characters of a reason. A pattern is tried at each of them, so this bounds the work."""

LONGEST_PATTERN = 200
MOST_OPEN = 3
"""Variable counts such as {1,9} or ? in one alternative; a fixed count such as {7} is free."""
MOST_TIMES = 20
"""The highest count."""

_CLASS = r"\[\^?\]?(?:\\.|[^\]\\])*\]"
_ATOM = rf"(?:{_CLASS}|\\[dDsSwW]|\\[^A-Za-z0-9]|[^\\^$.|?*+()\[\]{{}}]|\.)"
_COUNT = r"(?:\?|\{[0-9]{1,2}(?:,[0-9]{1,2})?\})?"
_PIECE = re.compile(rf"({_ATOM})({_COUNT})|\^|\$|\\b")
_OPEN = ("?", ",")


def trouble(pattern: str) -> str:
    """What is wrong with a pattern, as the end of the sentence "it ..."; empty if it is valid."""
    if len(pattern) > LONGEST_PATTERN:
        return f"is longer than {LONGEST_PATTERN} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        return f"is not a regular expression: {str(error) or 'too deeply nested'}"
    if compiled.fullmatch(""):
        return "matches empty text, so it requires nothing"
    return _held(pattern.removeprefix("(?i)"))


def matches(pattern: str, reason: str) -> bool:
    """Whether a reason contains a whole ticket; `pattern` must have no `trouble`.

    A match inside a longer word, number or ticket does not count.
    """
    flags = re.IGNORECASE if pattern.startswith("(?i)") else re.NOFLAG
    whole = rf"(?<![\w-])(?:{pattern.removeprefix('(?i)')})(?![\w-])"
    return re.search(whole, reason[:LONGEST_REASON], flags) is not None


def _held(pattern: str) -> str:
    """The first thing in a pattern that is not allowed; empty if there is none."""
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
            return f"has the count {count}; the highest allowed is {MOST_TIMES}"
        if any(each != str(int(each)) for each in times):
            return f"has the count {count}, which has a leading zero"
        if times and int(times[-1]) == 0:
            return f"has the count {count}, so what it repeats never occurs"
        opened += any(sign in count for sign in _OPEN)
        if opened > MOST_OPEN:
            return f"has more than {MOST_OPEN} variable counts, such as ? or {{1,9}}"
        at = found.end()
    return ""
