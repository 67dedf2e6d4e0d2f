"""Results of actions on people, which commands return and renderers show. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

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

Ending: TypeAlias = Literal["issued", "refused", "declined", "lost", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOutcome:
    """What went wrong, what to do about it, and the exit code."""

    error: str = ""
    help: str = ""
    exit_code: int = Exit.DONE


@dataclass(frozen=True, slots=True)
class Issue(ActionOutcome):
    """How issuing a pass ended; `secret` is set if `ending` is `issued`.

    `replaced` are the passes that no longer work, `made` is the new one, if it is known.
    """

    person: Person
    ending: Ending
    asked: Terms
    findings: tuple[Finding, ...] = ()
    replaced: tuple[Pass, ...] = ()
    made: Pass | None = None
    secret: SecretText | None = None


@dataclass(frozen=True, slots=True)
class Holding(ActionOutcome):
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
class Registration(ActionOutcome):
    """The methods one person has registered, each with what the policy says about it.

    If they could not be read, the reason.
    """

    user: str
    person: Person | None
    methods: tuple[tuple[RegisteredMethod, Allowed], ...] = ()
    preference: Preference = Preference(known=False)


@dataclass(frozen=True, slots=True)
class PassList:
    """The passes of some people in a tenant."""

    tenant: Tenant
    people: tuple[Holding, ...]

    @property
    def exit_code(self) -> int:
        return worst(each.exit_code for each in self.people)


@dataclass(frozen=True, slots=True)
class PassRevoked:
    """How revoking a person's passes ended, with the tenant."""

    tenant: Tenant
    result: Revocation

    @property
    def exit_code(self) -> int:
        return self.result.exit_code


@dataclass(frozen=True, slots=True)
class MethodList:
    """The methods that some people in a tenant have registered."""

    tenant: Tenant
    people: tuple[Registration, ...]

    @property
    def exit_code(self) -> int:
        return worst(each.exit_code for each in self.people)
