"""The pages of one list: it must end, and one that takes long says how far it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from graphpolicy.graph import failures
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.retry import Pace, ProgressCallback
from graphpolicy.graph.transport import masked, path_of
from graphpolicy.model import Json, Version
from graphpolicy.model.records import dataclass

MOST_PAGES, MOST_ROWS = 50_000, 50_000_000
"""Limits of one list; the largest tenants have a few million users, with 999 on a page."""

EMPTY_PAGES = 50
"""Empty pages in a row that are accepted. Graph may return some empty pages."""

SLOW_PAGES, SLOW_SECONDS = 5, 20.0
"""The limits for slow pages: this many, or more if they all took at most these seconds."""

TELL_SECONDS = 20.0
"""How often what takes long says how far it is."""


@dataclass(frozen=True, slots=True)
class Page:
    """The entries of one page, and the address of the next one; None on the last page."""

    entries: list[Json]
    following: str | None


class ListStore(Protocol):
    """Where long lists are kept for a while."""

    def pages(
        self, graph: Any, version: Version, url: str, *, paced: bool = False
    ) -> AsyncIterator[list[Json]]:
        """The entries of a list, page by page."""


class ProgressReporter:
    """Says now and then how far something is, and how it ended if anything was said before."""

    def __init__(self, pace: Pace, progress: ProgressCallback) -> None:
        self._clock = pace.clock
        self._progress = progress
        self._told = pace.clock()
        self._begun = False

    def far(self, words: Callable[[], str]) -> None:
        """Say `words()`, unless something was said a short while ago."""
        now = self._clock()
        if now - self._told >= TELL_SECONDS:
            self._told, self._begun = now, True
            self._progress(words())

    def end(self, words: str) -> None:
        """Say how it ended, if anything was said."""
        if self._begun:
            self._progress(words)


class Paging:
    """What was read of one list so far."""

    def __init__(self, pace: Pace, progress: ProgressCallback) -> None:
        self._clock = pace.clock
        self._telling = ProgressReporter(pace, progress)
        self._since = pace.clock()
        self._seen: set[str] = set()
        self._marks: set[tuple[int, str, str]] = set()
        self._rows = self._empty = 0

    async def follow(
        self,
        address: str,
        ask: Callable[[str], Awaitable[Json]],
        at_home: Callable[[Json], bool],
    ) -> AsyncIterator[Page]:
        """The pages from an address on; a page is read when it is asked for.

        Raises:
            GraphError: a page could not be read, is not a page, or leads elsewhere or nowhere.
        """
        reading = f"GET {masked(address)}"
        try:
            while True:
                self._asking(address)
                page = _checked(address, await ask(address), at_home)
                if page.following is None:
                    self._rows += len(page.entries)
                    self._telling.end(f"{reading}: {self._rows:,} entries, the list is complete")
                yield page
                if page.following is None:
                    return
                if why := self._trouble(page.entries, page.following):
                    raise failures.astray("GET", path_of(address), None, why)
                self._telling.far(lambda: f"{reading}: {self._far}")
                address = page.following
        except GraphError:
            self._telling.end(f"{reading}: stopped after {self._rows:,} entries, which are not all")
            raise

    def _asking(self, address: str) -> None:
        self._seen.add(address)
        if not self._empty:
            self._since = self._clock()

    def _trouble(self, value: list[Json], following: str) -> str:
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
        return ""

    @property
    def _far(self) -> str:
        return f"{self._rows:,} entries so far, on {len(self._seen):,} pages"


def _checked(address: str, page: Json, at_home: Callable[[Json], bool]) -> Page:
    value, following = page.get("value"), page.get("@odata.nextLink")
    if not isinstance(value, list):
        raise failures.not_graph("GET", path_of(address), 200, "an object without a list")
    if following is not None and not at_home(following):
        raise failures.elsewhere("GET", path_of(address), None, str(following))
    return Page(value, following)
