"""What every helpdesk action shares: the tenant, who acts, and whether the house rules allow it.

It also settles what a killed process left open: deletions that were sent, and have no end in the
journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.methods import read_methods, version
from graphpolicy.graph.read import together
from graphpolicy.graph.users import belonging, find_person, refused_groups, with_all_roles
from graphpolicy.helpdesk.access_pass import Limits
from graphpolicy.helpdesk.actions import UnfinishedDeletion, unsettled
from graphpolicy.helpdesk.house_rules import (
    HouseRules,
    RefusedGroup,
    person_refusals,
    reason_refusals,
    unknown_rules,
)
from graphpolicy.helpdesk.person import Memberships, Person, person_json
from graphpolicy.helpdesk.registered_methods import RegisteredMethod
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.ledger import Ledger, entries
from graphpolicy.model import Finding, Json, Level, Tenant, Version
from graphpolicy.model.records import dataclass
from graphpolicy.plan.permission_check import identity
from graphpolicy.plan.tally import number

if TYPE_CHECKING:
    from graphpolicy.graph.protocols import WritePace
    from graphpolicy.graph.session import Graph

T = TypeVar("T")
U = TypeVar("U")

AT_ONCE = 16
"""People that are read at the same time; each may take several requests."""

SETTLING = 4.0
"""Seconds to read how open deletions ended after an interruption: a pipeline that stops a job kills
it some seconds later."""

BY_READING = "by reading"
"""How the journal says that a deletion was found done."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is signed in, as the token says: a name for people, and a case-folded object id."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class HelpdeskSession:
    """A helpdesk command in one tenant.

    `ledger` opens the journal for an actor. `say` shows a line of progress, `count` how many people
    of how many are done.
    """

    graph: Graph
    house: HouseRules
    reason: str
    ledger: Callable[[Actor], Ledger]
    say: Callable[[str], None]
    count: Callable[[int, int, str], None]
    pace: WritePace
    state_dir: str

    @property
    def tenant(self) -> Tenant:
        return self.graph.tenant

    async def actor(self) -> Actor:
        """Who is signed in; an opaque token does not say."""
        claims = await self.graph.token_claims()
        held = identity(claims)
        if held is None:
            return Actor("unknown (the token does not say)", "")
        id_ = str(claims.get("oid") or "")
        return Actor(held.person or held.application_name or held.application, id_.casefold())

    async def person(self, user: str) -> Person:
        """The person with this user principal name or id."""
        return await find_person(self.graph, user)

    async def limits(self) -> Limits:
        """What the live policy says about passes."""
        return Limits.of(await self.policy())

    async def policy(self) -> Json:
        """The live policy."""
        return await self.graph.get(version(self.graph), AUTHENTICATION_METHODS_POLICY.url)

    async def policies(self) -> list[Json]:
        """The live policy in each Graph version of the tenant's cloud, v1.0 first."""
        china = version(self.graph) == "beta"
        versions: tuple[Version, ...] = ("beta",) if china else ("v1.0", "beta")
        return await together(
            self.graph.get(each, AUTHENTICATION_METHODS_POLICY.url) for each in versions
        )

    async def refused(self) -> tuple[RefusedGroup, ...]:
        """The groups that the house rules refuse; one lookup serves all people."""
        return await refused_groups(self.graph, self.house)

    async def belonging(self, person: Person, *, wanted: bool) -> Memberships:
        """A person's groups and roles; read only if `wanted` or if the house rules need them."""
        wanted = wanted or self.house.asks_belonging
        found = await belonging(self.graph, person) if wanted else Memberships()
        if self.house.refuses_roles and not found.roles:
            return await with_all_roles(self.graph, person.id, found)
        return found

    async def each(
        self,
        users: Sequence[T],
        look: Callable[[T], Coroutine[None, None, U]],
        at_once: int = AT_ONCE,
        words: str = "people read",
    ) -> list[U]:
        """The result of `look` for each user, in order; `count` shows the progress."""
        found: dict[int, U] = {}
        waiting = enumerate(users)

        async def work() -> None:
            for place, user in waiting:
                found[place] = await look(user)
                self.count(len(found), len(users), words)

        await together(work() for _ in range(at_once))
        return [found[place] for place in range(len(users))]

    def house_refusals(
        self, refused: Sequence[RefusedGroup], person: Person, belongs: Memberships
    ) -> tuple[Finding, ...]:
        """What the house rules find about helping this person for this reason."""
        return (
            *unknown_rules(self.house, self.tenant),
            *reason_refusals(self.house, self.reason),
            *person_refusals(self.house, refused, person, belongs),
        )


def rules_of(findings: Iterable[Finding], level: Level = "error") -> list[Json]:
    """The rule ids of the findings with this level."""
    return [finding.rule for finding in findings if finding.level == level]


def noting(ledger: Ledger, findings: Iterable[Finding]) -> Ledger:
    """The journal, whose lines also name these notes."""
    notes = rules_of(findings, "note")
    return replace(ledger, common={**ledger.common, "notes": notes}) if notes else ledger


def uncancel() -> None:
    """Continue after a cancellation, so that what was done can still be reported."""
    task = asyncio.current_task()
    if task:
        task.uncancel()


async def settle(desk: HelpdeskSession) -> None:
    """Read how each deletion ended that a killed process left open, and write it to the journal.

    A failure is a warning: it must not stop the command that was asked for.
    """
    try:
        left = unsettled(entries(desk.state_dir), desk.tenant.id)
        if not left:
            return
        ledger = desk.ledger(await desk.actor())
        people = list(dict.fromkeys(each.person for each in left))
        for start in range(0, len(people), AT_ONCE):
            await together(
                _settled(desk, ledger, person, [each for each in left if each.person == person])
                for person in people[start : start + AT_ONCE]
            )
    except RunError as failure:
        desk.say(f"warning: {failure.text}")


async def _settled(
    desk: HelpdeskSession, ledger: Ledger, person: Person, left: Sequence[UnfinishedDeletion]
) -> None:
    try:
        shown = await _listed(desk, person, left)
    except GraphError as failure:
        desk.say(
            f"warning: it is not known yet how {number(len(left), 'deletion')} for "
            f"{person.label}, sent at {left[0].at}, ended: {failure.text}"
        )
        return
    for each in left:
        gone = not each.listed(shown)
        desk.say(
            f"{person.label}: the deletion that was interrupted at {each.at} "
            f"{'took effect' if gone else 'did not take effect'}; it is in the journal now"
        )
        ledger.add(
            "deleted" if gone else "not_deleted",
            user=person_json(person),
            method=dict(each.method),
            found=BY_READING,
            sent={"at": each.at, "by": each.by or None},
        )


async def _listed(
    desk: HelpdeskSession, person: Person, left: Sequence[UnfinishedDeletion]
) -> Sequence[RegisteredMethod]:
    """The methods that are listed, read again for a while if an open deletion does not show."""
    shown: Sequence[RegisteredMethod] = ()
    async for _ in replace(desk.pace, verify_timeout=SETTLING).looks(lambda _: None):
        try:
            shown = await read_methods(desk.graph, person)
        except GraphError as failure:
            if failure.status != 404:
                raise
            return ()  # the user was deleted, and their methods too
        if not any(each.listed(shown) for each in left):
            break
    return shown
