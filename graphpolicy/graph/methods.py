"""A user's registered methods, default method and sign-in sessions: read, change, delete, revoke.

Microsoft: "authentication: list methods" (each version lists the types that it has),
"signInPreferences" (beta), the delete pages of the types, "user: revokeSignInSessions". The China
cloud has only beta.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.concurrency import each_of, together
from graphpolicy.graph.errors import GraphError
from graphpolicy.graph.passes import version
from graphpolicy.graph.users import address
from graphpolicy.helpdesk.methods import Method, Preference, united
from graphpolicy.helpdesk.person import Person
from graphpolicy.model import Json, Version

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

PREFERRED = "userPreferredMethodForSecondaryAuthentication"
UNSAID = frozenset({400, 403, 404, 405, 501})
"""Statuses for a preference that does not exist here, or that needs more permissions than the
methods do."""


async def read_methods(
    graph: Graph, person: Person, wanted: Sequence[Version] = ("v1.0", "beta")
) -> tuple[Method, ...]:
    """All methods that a user has registered, from both versions or those wanted.

    Raises:
        GraphError: one of the versions could not be read, so the list would be incomplete.
    """
    where = f"{_address(person)}/methods"
    versions = ("beta",) if version(graph) == "beta" else wanted
    lists = await together(graph.get_all(each, where) for each in versions)
    found = dict(zip(versions, lists, strict=True))
    return united(found.get("v1.0", ()), found.get("beta", ()))


async def read_preference(graph: Graph, person: Person) -> Preference:
    """A user's default second factor; `known` is false if Graph does not return it."""
    try:
        row = await graph.get("beta", f"{_address(person)}/signInPreferences")
    except GraphError as failure:
        if failure.status not in UNSAID:
            raise
        return Preference(known=False)
    value = row.get(PREFERRED)
    chosen = "" if value in (None, "none", "unknownFutureValue") else str(value)
    return Preference(
        chosen, ignored=row.get("isSystemPreferredAuthenticationMethodEnabled") is True
    )


async def read_registered(graph: Graph, person: Person) -> tuple[tuple[Method, ...], Preference]:
    """A user's methods and default second factor, read at once."""
    return await each_of(read_methods(graph, person), read_preference(graph, person))


async def prefer(graph: Graph, person: Person, value: str) -> str:
    """Make another registered method a user's default second factor; returns the request id.

    Raises:
        GraphError: Graph refused, or the answer was lost; repeating it does no harm.
    """

    async def body() -> Json:
        return {PREFERRED: value}

    answer = await graph.patch("beta", f"{_address(person)}/signInPreferences", body)
    return answer.request_id


async def delete_method(graph: Graph, person: Person, method: Method) -> str:
    """Delete a method; returns the request id. A method that is already deleted (404) is fine.

    Raises:
        GraphError: the method still exists, or may.
    """
    if method.kind is None or not method.deletable:
        raise GraphError(f"Graph can't delete {method.label}")
    segment = f"{_address(person)}/{method.kind.segment}"
    where = segment if method.kind.single else f"{segment}/{quote(method.id, safe='')}"
    try:
        answer = await graph.delete(method.version, where)
    except GraphError as failure:
        if failure.status != 404:
            raise
        return failure.request_id
    return answer.request_id


async def end_sessions(graph: Graph, person: Person) -> bool:
    """Revoke a user's sign-in sessions; returns whether Graph confirms it.

    Graph may answer with another success than the documented one (the page's known issue), so any
    success counts unless `value` is false. Revoking twice does no harm.

    Raises:
        GraphError: the sessions were not revoked, or may not have been.
    """
    answer = await graph.write(
        "POST", version(graph), f"{address(person.id)}/revokeSignInSessions", None
    )
    said = answer.document.get("value") if isinstance(answer.document, dict) else None
    return said is not False


def _address(person: Person) -> str:
    return f"{address(person.id)}/authentication"
