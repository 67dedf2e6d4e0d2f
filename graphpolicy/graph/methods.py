"""What somebody has registered: read on both versions, deleted, preferred; sessions ended.

Microsoft: "authentication: list methods" (each version lists the types that it has),
"signInPreferences" (beta), the delete pages of the types, "user: revokeSignInSessions". The China
cloud has beta alone.
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
"""Answers where there is no such thing, or where more is wanted for it than for the methods."""


async def read_methods(
    graph: Graph, person: Person, wanted: Sequence[Version] = ("v1.0", "beta")
) -> tuple[Method, ...]:
    """Everything that somebody has registered, in types of both versions, or of those wanted.

    Raises:
        GraphError: one of the versions could not be read; the list would have a hole.
    """
    where = f"{_address(person)}/methods"
    versions = ("beta",) if version(graph) == "beta" else wanted
    lists = await together(graph.get_all(each, where) for each in versions)
    found = dict(zip(versions, lists, strict=True))
    return united(found.get("v1.0", ()), found.get("beta", ()))


async def read_preference(graph: Graph, person: Person) -> Preference:
    """The second factor that somebody prefers; unknown where Graph does not say."""
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
    """Both of these at once."""
    return await each_of(read_methods(graph, person), read_preference(graph, person))


async def prefer(graph: Graph, person: Person, value: str) -> str:
    """Let somebody prefer another registered second factor; the request's id.

    Raises:
        GraphError: Graph refused, or the answer was lost; repeating it does no harm.
    """

    async def body() -> Json:
        return {PREFERRED: value}

    answer = await graph.patch("beta", f"{_address(person)}/signInPreferences", body)
    return answer.request_id


async def delete_method(graph: Graph, person: Person, method: Method) -> str:
    """Take a method away; the request's id. One that was gone before is as good.

    Raises:
        GraphError: it is still there, or may be.
    """
    if method.kind is None or not method.deletable:
        raise GraphError(f"there is no DELETE of {method.label}")
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
    """End somebody's sign-in sessions; whether Graph says so.

    Another success than the documented one may come back (the page's known issue), so every one
    counts but for an outright false. Ending them twice does no harm.

    Raises:
        GraphError: they did not end, or may not have.
    """
    answer = await graph.write(
        "POST", version(graph), f"{address(person.id)}/revokeSignInSessions", None
    )
    said = answer.document.get("value") if isinstance(answer.document, dict) else None
    return said is not False


def _address(person: Person) -> str:
    return f"{address(person.id)}/authentication"
