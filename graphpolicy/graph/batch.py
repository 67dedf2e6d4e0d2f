"""Many short reads in few requests: Graph's JSON batching.

Source: Graph, "Combine multiple HTTP requests using JSON batching": at most 20 requests, each of
which is answered separately, in any order; "Microsoft Graph throttling guidance": each counts
separately, and one that is throttled has status 429 and a Retry-After of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from graphpolicy.graph import failures
from graphpolicy.graph.failures import REFUSED
from graphpolicy.graph.retry import OUTAGES, REPORTS, Reply
from graphpolicy.model import Json, Unread, Version

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

AT_ONCE = 20
BATCH = "/$batch"


async def ask_each(
    graph: Graph, version: Version, urls: Mapping[str, str], doing: str
) -> dict[str, dict[str, Json] | Unread | None]:
    """What Graph answers to a GET of each url, by its key: an object, None if there is no such
    object (404), or why it may not be read. `doing` says what is read: "the keys of people".

    What is throttled, or fails for a moment, is requested again, together with what is left and no
    faster than Graph then answers. If Graph refuses all of the first 20 (403), the others are not
    requested.

    Raises:
        GraphError: Graph could not answer one of them, or its answer to the batch is incomplete.
    """
    found: dict[str, dict[str, Json] | Unread | None] = {}
    batch, left, telling = _Batch(graph, version), iter(urls.items()), graph.telling()
    while some := dict(islice(left, AT_ONCE)):
        for key, reply in (await batch.replies(some)).items():
            found[key] = _read(f"/{version}{some[key]}", reply)
        first = list(found.values())
        if len(found) == len(some) == AT_ONCE and all(isinstance(each, Unread) for each in first):
            return {**dict.fromkeys(urls, first[0]), **found}
        telling.far(lambda: f"reading {doing}: {len(found):,} of {len(urls):,}")
    telling.end(f"reading {doing}: all {len(found):,} are read")
    return found


class _Batch:
    """The batches of one question. `_most` are sent in a batch: fewer once Graph throttles."""

    def __init__(self, graph: Graph, version: Version) -> None:
        self._graph = graph
        self._version: Version = version
        self._most = AT_ONCE

    async def replies(self, urls: Mapping[str, str]) -> dict[str, Reply]:
        """The final answer to each url."""
        settled: dict[str, Reply] = {}

        async def send(_fresh: bool) -> Reply:
            """Ask for what is left; the answer is the worst of those that must be repeated."""
            while left := {key: url for key, url in urls.items() if key not in settled}:
                some = dict(islice(left.items(), self._most))
                for _ in some if self._most == REPORTS else ():
                    await self._graph.pacer.turn()
                replies = await self._post(some)
                again = [reply for reply in replies.values() if _to_repeat(reply)]
                settled.update({k: v for k, v in replies.items() if not _to_repeat(v)})
                if again:
                    if any(reply.status == 429 for reply in again):
                        self._most = REPORTS
                    return max(again, key=_patience_needed)
            return Reply(200, {}, b"")

        reply = await self._graph.patience().answer(send)
        if reply.status != 200:
            url = next(url for key, url in urls.items() if key not in settled)
            path = f"/{self._version}{url}"
            raise failures.refusal("GET", path, reply.status, reply.headers, reply.body)
        return settled

    async def _post(self, urls: Mapping[str, str]) -> dict[str, Reply]:
        numbers = {str(number): key for number, key in enumerate(urls, 1)}
        requests = [
            {"id": number, "method": "GET", "url": urls[key]} for number, key in numbers.items()
        ]
        document = await self._graph.post_read(self._version, BATCH, {"requests": requests})
        replies = dict(_replies(document.get("responses")))
        if replies.keys() != numbers.keys():
            what = "a batch that does not answer each request once"
            raise failures.not_graph("POST", f"/{self._version}{BATCH}", 200, what)
        return {key: replies[number] for number, key in numbers.items()}


def _replies(rows: Json) -> Iterator[tuple[str, Reply]]:
    """Each answer of a batch by its id; an invalid or repeated one has the id ''."""
    seen = set[str]()
    for row in rows if isinstance(rows, list) else ():
        answer = row if isinstance(row, Mapping) else {}
        number, status, headers = answer.get("id"), answer.get("status"), answer.get("headers")
        if not isinstance(number, str) or not isinstance(status, int) or number in seen:
            number, status = "", 0
        seen.add(number)
        named = headers if isinstance(headers, Mapping) else {}
        texts = {str(name).lower(): str(value) for name, value in named.items()}
        yield number, Reply(status, texts, json.dumps(answer.get("body")).encode())


def _to_repeat(reply: Reply) -> bool:
    return reply.status == 429 or reply.status in OUTAGES


def _patience_needed(reply: Reply) -> tuple[bool, float]:
    """The key by which one of several answers says how long to wait: throttling, then its time."""
    asked = reply.headers.get("retry-after", "")
    return reply.status == 429, float(asked) if asked.isdecimal() else 0.0


def _read(path: str, reply: Reply) -> dict[str, Json] | Unread | None:
    if reply.status >= 300:
        failure = failures.refusal("GET", path, reply.status, reply.headers, reply.body)
        if reply.status == 404 and "for the segment" not in failure.message:
            return None
        if reply.status not in REFUSED:
            raise failure
        return failure.unread
    document = json.loads(reply.body)
    if not isinstance(document, dict):
        raise failures.not_graph("GET", path, reply.status, "not a JSON object")
    return document


async def rows_of(
    graph: Graph, version: Version, document: Mapping[str, Json], path: str
) -> Iterable[Mapping[str, Json]]:
    """The entries of a list that a batch answered, with those of its further pages.

    Raises:
        GraphError: it is not a list, or another page could not be read.
    """
    rows = document.get("value")
    if not isinstance(rows, list):
        raise failures.not_graph("GET", path, 200, "an object without a list")
    following = document.get("@odata.nextLink")
    if isinstance(following, str):
        rows = [*rows, *await graph.get_all(version, following)]
    return [row for row in rows if isinstance(row, Mapping)]
