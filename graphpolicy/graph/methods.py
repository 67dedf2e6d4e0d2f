"""A user's registered methods, Temporary Access Passes, default method and sign-in sessions.

Microsoft: "authentication: list methods" (each version lists the types that it has),
"signInPreferences" (beta), the delete pages of the types, "user: revokeSignInSessions". A user has
at most one pass ("temporaryAccessPassAuthenticationMethod"); creating one while another is valid
replaces it, and only the answer to the POST has the secret. Only v1.0 says whether a pass is
usable; the China cloud has only beta.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.read import each_of, or_unread, together
from graphpolicy.graph.users import address
from graphpolicy.helpdesk.access_pass import Pass, Terms
from graphpolicy.helpdesk.person import Person
from graphpolicy.helpdesk.registered_methods import Preference, RegisteredMethod, united
from graphpolicy.model import Json, SecretText, Unread, Version
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


@dataclass(frozen=True, slots=True)
class CreatedPass:
    """A pass that Graph created; `secret` is None if the answer had none."""

    made: Pass
    secret: SecretText | None
    request_id: str


class PassAlreadyCreated(Exception):  # noqa: N818 - not an error: an earlier attempt succeeded
    """Before a retry a new pass was found: an earlier attempt created it."""


def version(graph: Graph) -> Version:
    """The API version that has passes in the tenant's cloud."""
    return "beta" if graph.tenant.cloud == "china" else "v1.0"


async def read_passes(graph: Graph, person: Person) -> tuple[Pass, ...]:
    """The passes of a user as Graph returns them, without their secrets."""
    rows = await graph.get_all(version(graph), _passes_of(person))
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
) -> CreatedPass:
    """Create one pass and never a second: before each retry the passes are read again.

    `sending` is called before each attempt.

    Raises:
        PassAlreadyCreated: an attempt that Graph reported as failed created a pass.
        AnswerLostError: the pass may have been created.
        GraphError: the pass was not created.
    """
    attempts = 0

    async def body() -> dict[str, object]:
        nonlocal attempts
        if attempts and new_among(before, await read_passes(graph, person)):
            raise PassAlreadyCreated
        attempts += 1
        await sending()
        return terms.body

    answer = await graph.post(version(graph), _passes_of(person), body)
    row = answer.document if isinstance(answer.document, dict) else {}
    secret = row.get("temporaryAccessPass")
    kept = SecretText(secret) if isinstance(secret, str) and secret else None
    return CreatedPass(Pass.of(row), kept, answer.request_id)


async def delete_pass(graph: Graph, person: Person, id_: str) -> str:
    """Delete a pass; returns the request id. A pass that is already deleted (404) is fine.

    Raises:
        GraphError: the pass still exists, or may.
    """
    where = f"{_passes_of(person)}/{quote(id_, safe='')}"
    return await _delete(graph, version(graph), where)


async def _delete(graph: Graph, api: Version, where: str) -> str:
    try:
        return (await graph.delete(api, where)).request_id
    except GraphError as failure:
        if failure.status != 404:
            raise
        return failure.request_id


def _passes_of(person: Person) -> str:
    return f"{_address(person)}/temporaryAccessPassMethods"


PREFERRED = "userPreferredMethodForSecondaryAuthentication"


async def read_methods(
    graph: Graph, person: Person, wanted: Sequence[Version] = ("v1.0", "beta")
) -> tuple[RegisteredMethod, ...]:
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
    """A user's default second factor; `known` is false if Graph does not return it.

    It may not exist here, or need more permissions than the methods do.
    """
    row = await or_unread(graph.get("beta", f"{_address(person)}/signInPreferences"))
    if isinstance(row, Unread):
        return Preference(known=False)
    value = row.get(PREFERRED)
    chosen = "" if value in (None, "none", "unknownFutureValue") else str(value)
    return Preference(
        chosen, ignored=row.get("isSystemPreferredAuthenticationMethodEnabled") is True
    )


async def read_registered(
    graph: Graph, person: Person
) -> tuple[tuple[RegisteredMethod, ...], Preference]:
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


async def delete_method(graph: Graph, person: Person, method: RegisteredMethod) -> str:
    """Delete a method; returns the request id. A method that is already deleted (404) is fine.

    Raises:
        GraphError: the method still exists, or may.
    """
    if method.kind is None or not method.deletable:
        raise GraphError(f"Graph can't delete {method.label}")
    segment = f"{_address(person)}/{method.kind.segment}"
    where = segment if method.kind.single else f"{segment}/{quote(method.id, safe='')}"
    return await _delete(graph, method.version, where)


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
