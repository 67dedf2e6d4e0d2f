"""Reading the policy: one document for each API version, complete or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from graphpolicy.compare.answers import filled, misshapen
from graphpolicy.compare.requests import CONFIGURATIONS_URL, POLICY_URL
from graphpolicy.graph.concurrency import together
from graphpolicy.graph.errors import GraphError
from graphpolicy.model import CONFIGURATIONS, Json, Observed, Version

ODD_SHOWN = 5
"""How many unexpected places in an answer the message lists."""


class Reader(Protocol):
    """A connection to one tenant that can read."""

    async def get(self, version: Version, url: str) -> Json: ...

    async def get_all(self, version: Version, url: str) -> list[Json]: ...


async def read_policy(graph: Reader, versions: Iterable[Version]) -> Observed:
    """The policy as each version shows it, read concurrently.

    Raises:
        GraphError: a read failed, or the answer is not a complete policy.
    """
    versions = tuple(versions)
    documents = await together(_document(graph, version) for version in versions)
    return Observed(dict(zip(versions, documents, strict=True)))


async def _document(graph: Reader, version: Version) -> dict[str, Json]:
    document = await graph.get(version, POLICY_URL)
    if "id" not in document and CONFIGURATIONS not in document:
        raise GraphError(
            f"the answer to GET /{version}{POLICY_URL} is not an authentication methods policy",
            help="a proxy or gateway may have answered; check GRAPHPOLICY_GRAPH_URL if it is set",
        )
    items = document.get(CONFIGURATIONS)
    if items is None or f"{CONFIGURATIONS}@odata.nextLink" in document:
        # Graph documents the list as always expanded, without pages. If it is not, read it on its
        # own: a method that is missing here would look as if the tenant did not have it.
        items = await graph.get_all(version, CONFIGURATIONS_URL)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise GraphError(
            f"the answer to GET /{version}{POLICY_URL} is not a complete policy",
            help="try again; graphpolicy does not use incomplete answers",
        )
    whole: dict[str, Json] = filled({**document, CONFIGURATIONS: items})
    _check_shape(whole, version)
    return whole


def _check_shape(document: Mapping[str, Json], version: Version) -> None:
    odd = list(misshapen(document))
    if odd:
        more = f"; and {len(odd) - ODD_SHOWN} more" if len(odd) > ODD_SHOWN else ""
        raise GraphError(
            f"the answer to GET /{version}{POLICY_URL} differs from what Graph documents: "
            f"{'; '.join(odd[:ODD_SHOWN])}{more}",
            help="the answer was not used; if no proxy changed it, please report this line and "
            "`graphpolicy --version`",
            code="unforeseen-answer",
        )
