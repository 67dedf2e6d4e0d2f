"""Reading the policy: one document for each API version, whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from graphpolicy.diff import CONFIGURATIONS
from graphpolicy.graph.errors import GraphFailure
from graphpolicy.model import Json, Observed, Version
from graphpolicy.requests import CONFIGURATIONS_URL, POLICY_URL


class Reader(Protocol):
    """What reading needs of a connection to one tenant."""

    async def get(self, version: Version, url: str) -> Json: ...

    async def get_all(self, version: Version, url: str) -> list[Json]: ...


async def read_policy(graph: Reader, versions: Iterable[Version]) -> Observed:
    """The policy as each version shows it, read concurrently.

    Raises:
        GraphFailure: a read failed, or what came back is not a whole policy.
    """
    versions = tuple(versions)
    documents = await asyncio.gather(*(_document(graph, version) for version in versions))
    return Observed(dict(zip(versions, documents, strict=True)))


async def _document(graph: Reader, version: Version) -> dict[str, Json]:
    document = await graph.get(version, POLICY_URL)
    items = document.get(CONFIGURATIONS)
    if items is None or f"{CONFIGURATIONS}@odata.nextLink" in document:
        # Documented as always expanded, in one piece; never take a part for the whole.
        items = await graph.get_all(version, CONFIGURATIONS_URL)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise GraphFailure(
            f"GET /{version}{POLICY_URL} did not answer with a whole policy",
            help="try again; nothing is concluded from half an answer",
        )
    return {**document, CONFIGURATIONS: items}
