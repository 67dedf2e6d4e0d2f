"""Reading the policy: one document for each API version, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from graphpolicy.compare.diff import CONFIGURATIONS
from graphpolicy.compare.requests import CONFIGURATIONS_URL, POLICY_URL
from graphpolicy.compare.response_shape import filled, misshapen
from graphpolicy.graph.concurrency import together
from graphpolicy.graph.errors import GraphError
from graphpolicy.model import Json, Observed, Version

ODD_SHOWN = 5
"""How many places of another shape are told."""


class Reader(Protocol):
    """What reading needs of a connection to one tenant."""

    async def get(self, version: Version, url: str) -> Json: ...

    async def get_all(self, version: Version, url: str) -> list[Json]: ...


async def read_policy(graph: Reader, versions: Iterable[Version]) -> Observed:
    """The policy as each version shows it, read concurrently.

    Raises:
        GraphError: a read failed, or what came back is not a whole policy.
    """
    versions = tuple(versions)
    documents = await together(_document(graph, version) for version in versions)
    return Observed(dict(zip(versions, documents, strict=True)))


async def _document(graph: Reader, version: Version) -> dict[str, Json]:
    document = await graph.get(version, POLICY_URL)
    if "id" not in document and CONFIGURATIONS not in document:
        raise GraphError(
            f"GET /{version}{POLICY_URL} was answered with something that is no policy",
            help="a proxy or gateway may have answered; nothing is concluded from it",
        )
    items = document.get(CONFIGURATIONS)
    if items is None or f"{CONFIGURATIONS}@odata.nextLink" in document:
        # Documented as always expanded, in one piece; never take a part for the whole.
        items = await graph.get_all(version, CONFIGURATIONS_URL)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise GraphError(
            f"GET /{version}{POLICY_URL} did not answer with a whole policy",
            help="try again; nothing is concluded from half an answer",
        )
    whole: dict[str, Json] = filled({**document, CONFIGURATIONS: items})
    _check_shape(whole, version)
    return whole


def _check_shape(document: Mapping[str, Json], version: Version) -> None:
    odd = list(misshapen(document))
    if odd:
        more = f"; and {len(odd) - ODD_SHOWN} more" if len(odd) > ODD_SHOWN else ""
        raise GraphError(
            f"GET /{version}{POLICY_URL} was answered in a shape that Graph does not document: "
            f"{'; '.join(odd[:ODD_SHOWN])}{more}",
            help="nothing is concluded from it; where it is Graph's own answer and no proxy's, "
            "please report this line, with `graphpolicy --version`",
            code="unforeseen-answer",
        )
