"""The state of emergency accounts: enabled, cloud-only, and what they can sign in with.

Sources: Graph, "Get user" (signInActivity is returned for an object id alone, with
AuditLog.Read.All, in a tenant with Microsoft Entra ID P1), "List group transitive members", "Get
group", "List methods" (beta has every type).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from graphpolicy.catalogue.shared import GUID
from graphpolicy.compare.documents import Documents
from graphpolicy.graph.batch import ask_each, rows_of
from graphpolicy.graph.emergency_accounts import GROUPS, MOST_PEOPLE
from graphpolicy.graph.members import people_url
from graphpolicy.graph.read import each_of, or_why, read_policy, together
from graphpolicy.graph.registrations import GroupFacts, read_groups, registered_rows
from graphpolicy.graph.users import address
from graphpolicy.model import Account, Emergencies, ExaminedEntry, Holder, Json, Unread

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

SHOWN = "id,accountEnabled,userType,onPremisesSyncEnabled"
GONE = Unread("it is no longer in the directory", "run it again in a few minutes")

T = TypeVar("T")
Entity: TypeAlias = Mapping[str, Json]


async def examine_accounts(
    graph: Graph, accounts: Iterable[Account], documents: Documents
) -> Emergencies:
    """The accounts, looked at closely. What can't be read is not known; it is not an error.

    `documents` are the policy as far as it was read; methods that beta alone has are read here.
    """
    found, policy = await each_of(
        together(_members(graph, account) for account in accounts), _whole(graph, documents)
    )
    ids = sorted({str(row["id"]) for _, rows, _ in found for row in rows or ()})
    groups = [account.id for account, *_ in found if account.group and account.id]
    (registered, belongs, last), facts = await each_of(
        each_of(
            or_why(registered_rows(graph, ids)),
            or_why(_groups(graph, ids)),
            or_why(_last_sign_ins(graph, ids)),
        ),
        or_why(read_groups(graph, groups)),
    )
    holders = {
        id_: Holder(
            id_.casefold(),
            None,
            None,
            None,
            None if isinstance(theirs := _of(belongs, id_), Unread) else theirs,
            _of(registered, id_),
            _of(last, id_),
        )
        for id_ in ids
    }
    known = {} if isinstance(facts, Unread) else facts
    entries = (_entry(*each, holders, known) for each in found)
    return Emergencies(tuple(entries), policy)


async def _members(graph: Graph, account: Account) -> tuple[Account, list[Entity] | None, int]:
    """An account with the entries of its people; None if these may not be read.

    The last is the most people that are read, if there are more, else 0.
    """
    if not account.id:
        return account, None if account.readable is False else [], 0
    if not account.group:
        row = await or_why(graph.get("v1.0", f"{address(account.id)}?$select={SHOWN}"))
        if isinstance(row, Unread):
            return replace(account, unread=_nameless(row)), None, 0
        return account, [{**row, "id": account.id}], 0
    url = people_url(account.id, SHOWN, MOST_PEOPLE + 1)
    rows = await or_why(graph.get_all("v1.0", url, MOST_PEOPLE))
    if isinstance(rows, Unread):
        return replace(account, unread=_nameless(rows)), None, 0
    people = [row for row in rows if isinstance(row, Mapping) and row.get("id")]
    if len(people) > MOST_PEOPLE:
        return account, [], MOST_PEOPLE
    return replace(account, empty=not people), people, 0


def _entry(
    account: Account,
    rows: list[Entity] | None,
    more_than: int,
    holders: Mapping[str, Holder],
    facts: Mapping[str, GroupFacts | Unread | None],
) -> ExaminedEntry:
    kind = facts.get(account.id)
    kind = (
        kind if isinstance(kind, GroupFacts) else GroupFacts("", dynamic=False, synchronised=False)
    )
    people: tuple[Holder, ...] | Unread = account.unread or GONE
    if rows is not None:
        people = tuple(_with_state(holders[str(row["id"])], row) for row in rows)
    return ExaminedEntry(account, people, kind.dynamic, kind.synchronised, more_than)


def _with_state(holder: Holder, row: Entity) -> Holder:
    """With what the directory says of the account; a token may see people's names alone."""
    enabled = row.get("accountEnabled")
    if not isinstance(enabled, bool):
        return holder
    guest = str(row.get("userType") or "").casefold() == "guest"
    synchronised = row.get("onPremisesSyncEnabled") is True
    return replace(holder, enabled=enabled, guest=guest, synchronised=synchronised)


async def _whole(graph: Graph, documents: Documents) -> tuple[Entity, ...]:
    found = tuple(documents.values())
    if "beta" in documents:
        return found
    beta = await or_why(read_policy(graph, ["beta"]))
    return found if isinstance(beta, Unread) else (*found, *beta.documents.values())


async def _groups(graph: Graph, ids: Collection[str]) -> dict[str, frozenset[str] | Unread]:
    """The folded ids of all groups of these people."""
    urls = {id_: f"{address(id_)}/{GROUPS}" for id_ in ids}
    answers = await ask_each(graph, "v1.0", urls, "the groups of emergency accounts")
    found: dict[str, frozenset[str] | Unread] = {}
    for id_, answer in answers.items():
        if isinstance(answer, dict):
            rows = await rows_of(graph, "v1.0", answer, f"/v1.0{urls[id_]}")
            found[id_] = frozenset(str(row.get("id", "")).casefold() for row in rows)
        else:
            found[id_] = answer or GONE
    return found


async def _last_sign_ins(graph: Graph, ids: Collection[str]) -> dict[str, str | Unread]:
    """The day of the last sign-in of these people, "" if there is none on record."""
    urls = {id_: f"{address(id_)}?$select=signInActivity" for id_ in ids}
    answers = await ask_each(graph, "v1.0", urls, "the last sign-ins of emergency accounts")
    return {
        id_: _day(answer) if isinstance(answer, dict) else answer or GONE
        for id_, answer in answers.items()
    }


def _day(row: Entity) -> str:
    """The day of the last sign-in that succeeded; if none is on record, of the last one of any
    kind.
    """
    activity = row.get("signInActivity")
    moments = activity if isinstance(activity, Mapping) else {}
    names = ("lastSuccessfulSignInDateTime", "lastSignInDateTime")
    return next((str(moments[name])[:10] for name in names if moments.get(name)), "")


def _of(found: Mapping[str, T | Unread | None] | Unread, id_: str) -> T | Unread:
    """What was found about a person, or why that is not known."""
    one = found if isinstance(found, Unread) else found.get(id_)
    if one is None:
        return GONE
    return _nameless(one) if isinstance(one, Unread) else one


def _nameless(unread: Unread) -> Unread:
    """A reason without the ids of people: members of a group are never named."""
    return replace(unread, why=re.sub(GUID, "{id}", unread.why))
