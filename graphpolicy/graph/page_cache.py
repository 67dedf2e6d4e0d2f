"""Lists about people that are read once and kept for a while (`--cache-for`).

They name people, so they are in the user's own folder: a job may publish its folder of records.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from graphpolicy.disk.kept_list import FORMAT, SUFFIX, KeptList, KeptPages, over
from graphpolicy.graph.failures import GraphError
from graphpolicy.journal.run_name import file_name
from graphpolicy.model import Json, Version

if TYPE_CHECKING:
    from graphpolicy.graph.paging import ListStore, Page
    from graphpolicy.graph.session import Graph

ENDED = (400, 404, 410)
"""Statuses of a next page that Graph no longer has: the list is read from its beginning."""


def lists_folder() -> FilePath:
    """The folder of kept lists: one folder in it for each tenant, by id. It may be deleted."""
    from platformdirs import user_state_path

    return FilePath(user_state_path("graphpolicy", appauthor=False)) / "lists"


def now() -> datetime:
    return datetime.now(UTC)


def sweep(
    folder: FilePath | None = None, today: datetime | None = None, *, everything: bool = False
) -> None:
    """Delete the expired lists of all tenants, or every list."""
    with suppress(OSError):
        for path in (folder or lists_folder()).glob(f"*/*{SUFFIX}"):
            with suppress(OSError):
                if everything or over(path, today or now()):
                    path.unlink()


class PageCache:
    """Lists that are read at most once in `seconds`. With 0 nothing is kept, and all is deleted.

    An incomplete list is continued where it ended, if Graph still has its next page. If the folder
    can't be used, lists are read as if there were no cache, and `say` gets the reason.
    """

    def __init__(
        self,
        seconds: float,
        say: Callable[[str], None],
        *,
        folder: FilePath | None = None,
        today: Callable[[], datetime] = now,
    ) -> None:
        self._seconds = seconds
        self._say = say
        self._folder = folder or lists_folder()
        self._today = today
        self._swept = False
        self._told = set[str]()

    async def pages(
        self, graph: Graph, version: Version, url: str, *, paced: bool = False
    ) -> AsyncIterator[list[Json]]:
        """The entries of a list, page by page, from disk or from Graph.

        Raises:
            GraphError: a page could not be read; what came before it is kept.
        """
        self._sweep()
        key = await self._key(graph, version, url)
        with ExitStack() as opened:
            kept = self._opened(opened, graph.tenant.id, key, f"/{version}{url}")
            found = kept.checked(self._today(), self._seconds) if kept else None
            pages = None
            if kept and found:
                pages = await self._following(graph, version, found, paced)
                if pages or not found.following:
                    since = f"as of {found.begun:%Y-%m-%d %H:%M} UTC"
                    self._say(f"GET {kept.where}: {since}, from {kept.path}")
                    for entries in kept.entries(found):
                        yield entries
                    if not pages:
                        return
            if kept and not pages:
                kept.begin(self._today(), self._seconds)
            async for page in pages or graph.linked_pages(version, url, paced=paced):
                if kept:
                    kept.add(page.entries, page.following)
                yield page.entries

    async def _following(
        self, graph: Graph, version: Version, found: KeptPages, paced: bool
    ) -> AsyncIterator[Page] | None:
        """The pages after those on disk; None if there are none, or Graph no longer has them."""
        if not found.following:
            return None
        rest = graph.linked_pages(version, found.following, paced=paced)
        try:
            first = await anext(rest)
        except GraphError as failure:
            if failure.status not in ENDED:
                raise
            return None
        return _then(first, rest)

    async def _key(self, graph: Graph, version: Version, url: str) -> str:
        """The list's name on disk: another sign-in may see another list."""
        claims = await graph.token_claims()
        who = [str(claims.get(name) or "") for name in ("appid", "azp", "oid", "scp", "roles")]
        parts = (FORMAT, graph.tenant.id, graph.root, version, url, *who)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def _opened(self, opened: ExitStack, tenant: str, key: str, where: str) -> KeptList | None:
        if not self._seconds:
            return None
        folder = self._folder / f"tenant-{file_name(tenant.casefold())}"
        try:
            return KeptList(opened, folder, key, where, self._tell)
        except OSError as error:
            self._tell(f"lists are not kept: {error.filename or self._folder}: {error.strerror}")
            return None

    def _tell(self, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            self._say(words)

    def _sweep(self) -> None:
        if not self._swept:
            self._swept = True
            sweep(self._folder, self._today(), everything=not self._seconds)


async def _then(first: Page, rest: AsyncIterator[Page]) -> AsyncIterator[Page]:
    yield first
    async for page in rest:
        yield page


async def pages(
    graph: Graph, url: str, cache: ListStore | None, *, paced: bool = False
) -> AsyncIterator[list[Json]]:
    """The entries of a list of v1.0, page by page, through a cache if there is one.

    Raises:
        GraphError: a page could not be read or is not a page, so that the list is not complete.
    """
    if cache:
        async for entries in cache.pages(graph, "v1.0", url, paced=paced):
            yield entries
        return
    async for page in graph.linked_pages("v1.0", url, paced=paced):
        yield page.entries
