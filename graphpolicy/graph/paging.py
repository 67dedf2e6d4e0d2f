"""The pages of one list: it must end, and one that takes long says how far it is."""

from __future__ import annotations

from graphpolicy.graph.retry import Pace, Progress
from graphpolicy.graph.transport import masked
from graphpolicy.model import Json

MOST_PAGES, MOST_ROWS = 50_000, 50_000_000
"""Limits of one list; the largest tenants have a few million users, with 999 on a page."""

EMPTY_PAGES = 50
"""Empty pages in a row that are accepted. Graph may return some empty pages."""

SLOW_PAGES, SLOW_SECONDS = 5, 20.0
"""The same where they are slow: so many, or more if they all took at most these seconds."""

TELL_SECONDS = 20.0
"""How often a list that takes long says how far it is."""


class Paging:
    """What was read of one list so far."""

    def __init__(self, pace: Pace, progress: Progress) -> None:
        self._clock = pace.clock
        self._progress = progress
        self._told = self._since = pace.clock()
        self._seen: set[str] = set()
        self._marks: set[tuple[int, str, str]] = set()
        self._rows = self._empty = 0

    def asking(self, address: str) -> None:
        """A page is about to be read."""
        self._seen.add(address)
        if not self._empty:
            self._since = self._clock()

    def trouble(self, address: str, value: list[Json], following: str) -> str:
        """Why a list whose page leads to another one does not end; "" if it may."""
        self._rows += len(value)
        self._empty = 0 if value else self._empty + 1
        mark = (len(value), repr(value[0]), repr(value[-1])) if value else None
        if mark in self._marks:
            return "has a paging loop: it returned the same page twice"
        if mark:
            self._marks.add(mark)
        if following in self._seen:
            return "has a paging loop: its next page was already read"
        slow = self._empty > SLOW_PAGES and self._clock() - self._since > SLOW_SECONDS
        if self._empty > EMPTY_PAGES or slow:
            return f"returned {self._empty} empty pages in a row"
        if len(self._seen) >= MOST_PAGES or self._rows > MOST_ROWS:
            return f"has more than {MOST_PAGES:,} pages or {MOST_ROWS:,} entries"
        self._tell(address)
        return ""

    def _tell(self, address: str) -> None:
        now = self._clock()
        if now - self._told >= TELL_SECONDS:
            self._told = now
            far = f"{self._rows:,} entries so far, on {len(self._seen):,} pages"
            self._progress(f"GET {masked(address)}: {far}")
