"""Results of actions on people, which commands return and renderers show. Pure."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from graphpolicy.helpdesk.access_pass import Pass, Terms
from graphpolicy.helpdesk.person import Person
from graphpolicy.helpdesk.registered_methods import Preference, RegisteredMethod
from graphpolicy.model import Finding, SecretText, Tenant
from graphpolicy.model.errors import Exit, worst
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import Allowed

RevocationEnding: TypeAlias = Literal[
    "revoked", "refused", "declined", "failed", "nothing", "interrupted"
]

IssuanceEnding: TypeAlias = Literal["issued", "refused", "declined", "lost", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOutcome:
    """What went wrong, what to do about it, and the exit code."""

    error: str = ""
    help: str = ""
    exit_code: int = Exit.DONE


@dataclass(frozen=True, slots=True)
class Issuance(ActionOutcome):
    """How issuing a pass ended; `secret` is set if `ending` is `issued`.

    `replaced` are the passes that no longer work, `made` is the new one, if it is known.
    """

    person: Person
    ending: IssuanceEnding
    asked: Terms
    findings: tuple[Finding, ...] = ()
    replaced: tuple[Pass, ...] = ()
    made: Pass | None = None
    secret: SecretText | None = None


@dataclass(frozen=True, slots=True)
class PersonPasses(ActionOutcome):
    """The passes of one person, or why they could not be read."""

    user: str
    person: Person | None
    passes: tuple[Pass, ...] = ()


@dataclass(frozen=True, slots=True)
class Revocation(ActionOutcome):
    """How revoking a person's passes ended: which are revoked, which are left."""

    person: Person
    ending: RevocationEnding
    gone: tuple[Pass, ...] = ()
    left: tuple[Pass, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonMethods(ActionOutcome):
    """The methods one person has registered, each with what the policy says about it.

    If they could not be read, the reason.
    """

    user: str
    person: Person | None
    methods: tuple[tuple[RegisteredMethod, Allowed], ...] = ()
    preference: Preference = Preference(known=False)


class PersonOutcome(Protocol):
    """The outcome of an action on one person."""

    @property
    def person(self) -> Person: ...

    @property
    def ending(self) -> str: ...

    @property
    def findings(self) -> tuple[Finding, ...]: ...

    @property
    def exit_code(self) -> int: ...


class OnePerson:
    """The result of an action on one person."""

    __slots__ = ()
    result: PersonOutcome
    failures = ()

    @property
    def verdict(self) -> str:
        return f"{self.result.person.name}: {self.result.ending}"

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.result.findings

    @property
    def exit_code(self) -> int:
        return self.result.exit_code


@dataclass(frozen=True, slots=True)
class PassIssued(OnePerson):
    """How issuing a pass ended, with the tenant.

    `shown` is the pass if this may show it, `file` the one that has it instead.
    """

    tenant: Tenant
    result: Issuance
    shown: SecretText | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class PassRevoked(OnePerson):
    """How revoking a person's passes ended, with the tenant."""

    tenant: Tenant
    result: Revocation


class SomePeople:
    """What was read about some people."""

    __slots__ = ()
    people: tuple[ActionOutcome, ...]
    findings = ()
    failures = ()

    @property
    def verdict(self) -> str:
        unread = sum(bool(each.error) for each in self.people)
        return number_of_people(len(self.people)) + (f", {unread:,} not read" if unread else "")

    @property
    def exit_code(self) -> int:
        return worst(each.exit_code for each in self.people)


@dataclass(frozen=True, slots=True)
class PassList(SomePeople):
    """The passes of some people in a tenant."""

    tenant: Tenant
    people: tuple[PersonPasses, ...]


@dataclass(frozen=True, slots=True)
class MethodList(SomePeople):
    """The methods that some people in a tenant have registered."""

    tenant: Tenant
    people: tuple[PersonMethods, ...]


def number_of_people(count: int) -> str:
    """`1 person`, `2 people`."""
    return "1 person" if count == 1 else f"{count:,} people"
