"""What every helpdesk action shares: the tenant, who acts, and whether the house rules allow it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from graphpolicy.graph.methods import version
from graphpolicy.graph.read import together
from graphpolicy.graph.users import belonging, find_person, refused_groups, with_all_roles
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
"""People that are read at the same time; each may take several requests."""

POLICY_URL = "/policies/authenticationMethodsPolicy"


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
        return await self.graph.get(version(self.graph), POLICY_URL)

    async def policies(self) -> list[Json]:
        """The live policy in each Graph version of the tenant's cloud, v1.0 first."""
        china = version(self.graph) == "beta"
        versions: tuple[Version, ...] = ("beta",) if china else ("v1.0", "beta")
        return await together(self.graph.get(each, POLICY_URL) for each in versions)

    async def refused(self) -> tuple[Refused, ...]:
        """The groups that the house rules refuse; one lookup serves all people."""
        return await refused_groups(self.graph, self.house)

    async def belonging(self, person: Person, *, wanted: bool) -> Belongs:
        """A person's groups and roles; read only if `wanted` or if the house rules need them."""
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
        self, refused: Sequence[Refused], person: Person, belongs: Belongs
    ) -> tuple[Finding, ...]:
        """What the house rules find about helping this person for this reason."""
        return (
            *unknown_rules(self.house, self.tenant),
            *reason_refusals(self.house, self.reason),
            *person_refusals(self.house, refused, person, belongs),
        )


def refused_code(findings: Iterable[Finding]) -> int:
    """6 if a finding refuses, else 0."""
    return Exit.REFUSED if refuse(findings) else 0


def rules_of(findings: Iterable[Finding], level: Level = "error") -> list[Json]:
    """The rule ids of the findings with this level."""
    return [finding.rule for finding in findings if finding.level == level]


def noting(ledger: Ledger, findings: Iterable[Finding]) -> Ledger:
    """The journal, whose lines also name these notes."""
    notes = rules_of(findings, "note")
    return replace(ledger, common={**ledger.common, "notes": notes}) if notes else ledger
