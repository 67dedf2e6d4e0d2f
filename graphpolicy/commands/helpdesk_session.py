"""What every action on a person shares: the case at hand, who acts, whether it is allowed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from graphpolicy.graph.concurrency import together
from graphpolicy.graph.passes import version
from graphpolicy.graph.roles import with_all_roles
from graphpolicy.graph.users import belonging, find_person, refused_groups
from graphpolicy.helpdesk.access_pass import Limits
from graphpolicy.helpdesk.house_rules import (
    House,
    Refused,
    person_refusals,
    reason_refusals,
    refuse,
    unknown_rules,
)
from graphpolicy.helpdesk.person import Belongs, Person
from graphpolicy.model import Finding, Json, Level, Tenant, Version
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.plan.permission_check import identity

if TYPE_CHECKING:
    from graphpolicy.graph.protocols import Pace
    from graphpolicy.graph.session import Graph
    from graphpolicy.journal.ledger import Ledger

T = TypeVar("T")
U = TypeVar("U")

AT_ONCE = 16
"""People who are looked at at the same time; a look may take several requests."""

POLICY_URL = "/policies/authenticationMethodsPolicy"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is signed in, as far as the token says: a name for people, and an object id."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class HelpdeskSession:
    """One tenant's helpdesk at work.

    `ledger` makes the journal once it is known who acts. `count` says how many of how many people
    something was done for.
    """

    graph: Graph
    house: House
    reason: str
    ledger: Callable[[Actor], Ledger]
    say: Callable[[str], None]
    count: Callable[[int, int, str], None]
    pace: Pace
    state_dir: str

    @property
    def tenant(self) -> Tenant:
        return self.graph.tenant

    async def actor(self) -> Actor:
        """Who is signed in; an opaque token says nothing of its holder."""
        claims = await self.graph.token_claims()
        held = identity(claims)
        if held is None:
            return Actor("unknown (the token does not say)", "")
        id_ = str(claims.get("oid") or "")
        return Actor(held.person or held.application_name or held.application, id_.casefold())

    async def person(self, user: str) -> Person:
        """Who is meant."""
        return await find_person(self.graph, user)

    async def limits(self) -> Limits:
        """What the live policy says of passes."""
        return Limits.of(await self.policy())

    async def policy(self) -> Json:
        """The live policy."""
        return await self.graph.get(version(self.graph), POLICY_URL)

    async def policies(self) -> list[Json]:
        """The live policy as each version of the tenant's cloud has it; v1.0 comes first."""
        china = version(self.graph) == "beta"
        versions: tuple[Version, ...] = ("beta",) if china else ("v1.0", "beta")
        return await together(self.graph.get(each, POLICY_URL) for each in versions)

    async def refused(self) -> tuple[Refused, ...]:
        """The groups that the house rules refuse, looked up once for all people."""
        return await refused_groups(self.graph, self.house)

    async def belonging(self, person: Person, *, wanted: bool) -> Belongs:
        """What somebody belongs to, where anything depends on it."""
        wanted = wanted or self.house.asks_belonging
        found = await belonging(self.graph, person) if wanted else Belongs()
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
        """What a look at each of many gives, in their order, while it is said how far it is."""
        found: dict[int, U] = {}
        waiting = enumerate(users)

        async def work() -> None:
            for place, user in waiting:
                found[place] = await look(user)
                self.count(len(found), len(users), words)

        await together(work() for _ in range(at_once))
        return [found[place] for place in range(len(users))]

    def house_refusals(
        self, refused: Sequence[Refused], person: Person, belongs: Belongs
    ) -> tuple[Finding, ...]:
        """What the house rules say against helping somebody now."""
        return (
            *unknown_rules(self.house, self.tenant),
            *reason_refusals(self.house, self.reason),
            *person_refusals(self.house, refused, person, belongs),
        )


def refused_code(findings: Iterable[Finding]) -> int:
    """6 where anything refuses."""
    return Exit.REFUSED if refuse(findings) else 0


def rules_of(findings: Iterable[Finding], level: Level = "error") -> list[Json]:
    """The rules of a level, as the journal names them."""
    return [finding.rule for finding in findings if finding.level == level]


def noting(ledger: Ledger, findings: Iterable[Finding]) -> Ledger:
    """The journal of an action that was carried out beside these notes."""
    notes = rules_of(findings, "note")
    return replace(ledger, common={**ledger.common, "notes": notes}) if notes else ledger
