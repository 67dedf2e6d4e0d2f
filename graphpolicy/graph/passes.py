"""The Temporary Access Passes of a person: read, made, taken away.

Microsoft: "temporaryAccessPassAuthenticationMethod". A person has at most one; making one while
another is valid replaces it, and only the answer to the making has the secret. v1.0 alone says
whether a pass is usable, except in the China cloud, which has beta alone.
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
    """A pass that Graph has made; `secret` is None where the answer did not have it."""

    made: Pass
    secret: SecretText | None
    request_id: str


class Appeared(Exception):  # noqa: N818 - what was found where a creation would have been repeated
    """A pass was there before the request was sent again: an earlier attempt has made it."""


def version(graph: Graph) -> Version:
    """The version that has passes in the tenant's cloud."""
    return "beta" if graph.tenant.cloud == "china" else "v1.0"


async def read_passes(graph: Graph, person: Person) -> tuple[Pass, ...]:
    """The passes of a person as Graph shows them, without their secrets."""
    rows = await graph.get_all(version(graph), _address(person))
    return tuple(Pass.of(row) for row in rows if isinstance(row, dict))


def new_among(before: Sequence[Pass], now: Sequence[Pass]) -> Pass | None:
    """The pass that was made since: one with another id, or made at another time."""
    known = {(each.id, each.created) for each in before}
    return next((each for each in now if (each.id, each.created) not in known), None)


async def create_pass(
    graph: Graph,
    person: Person,
    terms: Terms,
    before: Sequence[Pass],
    sending: Callable[[], Awaitable[None]],
) -> Made:
    """Make one pass, and never a second: before a repetition it is looked whether one is there.

    `sending` is called before each attempt.

    Raises:
        Appeared: an attempt that was answered as not carried out has made a pass.
        AnswerLostError: it may have been made.
        GraphError: it was not made.
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
    """Take a pass away; the request's id. One that was gone before is as good.

    Raises:
        GraphError: it is still there, or may be.
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
