"""The Temporary Access Passes of a user: read, create, delete.

Microsoft: "temporaryAccessPassAuthenticationMethod". A user has at most one; creating one while
another is valid replaces it, and only the answer to the POST has the secret. Only v1.0 says whether
a pass is usable; the China cloud has only beta.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.errors import GraphError
from graphpolicy.graph.users import address
from graphpolicy.helpdesk.access_pass import Pass, Terms
from graphpolicy.helpdesk.person import Person
from graphpolicy.model import SecretText, Version
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


@dataclass(frozen=True, slots=True)
class Made:
    """A pass that Graph created; `secret` is None if the answer had none."""

    made: Pass
    secret: SecretText | None
    request_id: str


class Appeared(Exception):  # noqa: N818 - not an error: an earlier attempt succeeded
    """Before a retry a new pass was found: an earlier attempt created it."""


def version(graph: Graph) -> Version:
    """The API version that has passes in the tenant's cloud."""
    return "beta" if graph.tenant.cloud == "china" else "v1.0"


async def read_passes(graph: Graph, person: Person) -> tuple[Pass, ...]:
    """The passes of a user as Graph returns them, without their secrets."""
    rows = await graph.get_all(version(graph), _address(person))
    return tuple(Pass.of(row) for row in rows if isinstance(row, dict))


def new_among(before: Sequence[Pass], now: Sequence[Pass]) -> Pass | None:
    """The pass in `now` that is not in `before`, by id and creation time; None if there is none."""
    known = {(each.id, each.created) for each in before}
    return next((each for each in now if (each.id, each.created) not in known), None)


async def create_pass(
    graph: Graph,
    person: Person,
    terms: Terms,
    before: Sequence[Pass],
    sending: Callable[[], Awaitable[None]],
) -> Made:
    """Create one pass and never a second: before each retry the passes are read again.

    `sending` is called before each attempt.

    Raises:
        Appeared: an attempt that Graph reported as failed created a pass.
        AnswerLostError: the pass may have been created.
        GraphError: the pass was not created.
    """
    attempts = 0

    async def body() -> dict[str, object]:
        nonlocal attempts
        if attempts and new_among(before, await read_passes(graph, person)):
            raise Appeared
        attempts += 1
        await sending()
        return terms.body

    answer = await graph.post(version(graph), _address(person), body)
    row = answer.document if isinstance(answer.document, dict) else {}
    secret = row.get("temporaryAccessPass")
    kept = SecretText(secret) if isinstance(secret, str) and secret else None
    return Made(Pass.of(row), kept, answer.request_id)


async def delete_pass(graph: Graph, person: Person, id_: str) -> str:
    """Delete a pass; returns the request id. A pass that is already deleted (404) is fine.

    Raises:
        GraphError: the pass still exists, or may.
    """
    try:
        answer = await graph.delete(version(graph), f"{_address(person)}/{quote(id_, safe='')}")
    except GraphError as failure:
        if failure.status != 404:
            raise
        return failure.request_id
    return answer.request_id


def _address(person: Person) -> str:
    return f"{address(person.id)}/authentication/temporaryAccessPassMethods"
