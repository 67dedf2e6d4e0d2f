"""Authentication strengths of a tenant, and the Conditional Access policies that require each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.catalogue.strengths import AUTHENTICATION_STRENGTH, CONDITIONAL_ACCESS
from graphpolicy.graph.failures import REFUSED, GraphError
from graphpolicy.graph.read import or_unread, read_list, together
from graphpolicy.model import Demand, Json, Party, Strength, Unread, Who
from graphpolicy.model.tree import member, word
from graphpolicy.rules.custom_strengths import strength_of

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

URL = AUTHENTICATION_STRENGTH.url


async def list_strengths(graph: Graph) -> tuple[Strength, ...] | Unread:
    """All authentication strengths of the tenant, built-in and custom, or why they can't be read.

    `demanded_by` is not filled, see `demanded`. Source: Graph, "List
    authenticationStrengthPolicies".
    """
    try:
        return tuple(map(strength_of, await read_list(graph, AUTHENTICATION_STRENGTH)))
    except GraphError as failure:
        if failure.status in REFUSED or failure.code == "unforeseen-answer":
            return failure.unread
        raise


async def demanded(graph: Graph, strengths: Iterable[Strength]) -> tuple[Strength, ...]:
    """The same strengths with the policies that require each, or why these can't be read.

    Source: Graph, "authenticationStrengthPolicy: usage". Its answers may leave out who a policy is
    for: then the policies are read, which needs another permission.
    """
    strengths = tuple(strengths)
    usages = await or_unread(together(graph.get("v1.0", _usage(each)) for each in strengths))
    if isinstance(usages, Unread):
        return tuple(replace(each, demanded_by=usages) for each in strengths)
    policies = [list(_policies(usage)) for usage in usages]
    known: dict[str, Mapping[str, Json]] = {}
    if any("conditions" not in policy for each in policies for policy in each):
        rows = await or_unread(graph.get_all("v1.0", CONDITIONAL_ACCESS))
        whole = [] if isinstance(rows, Unread) else rows
        known = {str(row.get("id")): row for row in whole if isinstance(row, Mapping)}
    return tuple(
        _named(strength, [{**each, **known.get(str(each.get("id")), {})} for each in some])
        for strength, some in zip(strengths, policies, strict=True)
    )


def _usage(strength: Strength) -> str:
    return f"{URL}/{quote(strength.id, safe='')}/usage()"


def _policies(usage: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    for kind in ("mfa", "none"):
        rows = usage.get(kind)
        yield from (
            (row for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else ()
        )


def _named(strength: Strength, policies: Iterable[Mapping[str, Json]]) -> Strength:
    """A strength with the policies that name it: those that are on or report-only require it."""
    off: list[Demand] = []
    on: list[Demand] = []
    for policy in policies:
        (off if word(policy.get("state")) == "disabled" else on).append(_demand(policy))
    return replace(strength, demanded_by=tuple(on), named_by=tuple(each.name for each in off))


def _demand(policy: Mapping[str, Json]) -> Demand:
    """The people that a policy is for (Graph: conditionalAccessUsers)."""
    users = member(policy, "conditions", "users")
    include, exclude = (frozenset(_parties(users, side)) for side in ("include", "exclude"))
    who: Who = "some" if isinstance(users, Mapping) else ""
    if ("user", "all") in include:
        who, include = "everyone", frozenset()
    elif any(kind == "role" for kind, _ in include):
        who = "administrators"
    name = str(policy.get("displayName") or policy.get("id"))
    # Excluded guests are few, and their groups don't tell them from other people.
    exclude -= {GUESTS}
    return Demand(name, who, include, "report" in word(policy.get("state")), exclude)


GUESTS: Party = ("guests", "")


def _parties(users: Json, side: str) -> Iterator[Party]:
    for kind in ("user", "group", "role"):
        for id_ in _ids(users, f"{side}{kind.capitalize()}s") - {"none"}:
            yield GUESTS if id_ == "guestsorexternalusers" else (kind, id_)
    if member(users, f"{side}GuestsOrExternalUsers") is not None:
        yield GUESTS


def _ids(users: Json, name: str) -> frozenset[str]:
    found = member(users, name)
    return frozenset(map(word, found)) if isinstance(found, list) else frozenset()
