"""What became of an action on a person: the nouns that commands make and renderers show. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

from graphpolicy.helpdesk.access_pass import Pass, Terms
from graphpolicy.helpdesk.methods import Allowed, Method, Preference
from graphpolicy.helpdesk.person import Person
from graphpolicy.model import Finding, SecretText, Tenant
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass

RevocationEnding: TypeAlias = Literal[
    "revoked", "refused", "declined", "failed", "nothing", "interrupted"
]

Ending: TypeAlias = Literal["issued", "refused", "declined", "lost", "failed"]


@dataclass(frozen=True, slots=True)
class Issue:
    """How issuing a pass ended; `secret` is there where it ended as `issued`.

    `replaced` are the passes that no longer work, `made` the new one as far as it is known.
    """

    person: Person
    ending: Ending
    asked: Terms
    findings: tuple[Finding, ...] = ()
    replaced: tuple[Pass, ...] = ()
    made: Pass | None = None
    secret: SecretText | None = None
    error: str = ""
    help: str = ""
    exit_code: int = Exit.DONE


@dataclass(frozen=True, slots=True)
class Holding:
    """The passes of one person, or why they can't be told."""

    user: str
    person: Person | None
    passes: tuple[Pass, ...] = ()
    error: str = ""
    help: str = ""
    exit_code: int = Exit.DONE


@dataclass(frozen=True, slots=True)
class Revocation:
    """What became of a person's passes: which are gone, which are left."""

    person: Person
    ending: RevocationEnding
    gone: tuple[Pass, ...] = ()
    left: tuple[Pass, ...] = ()
    findings: tuple[Finding, ...] = ()
    error: str = ""
    help: str = ""
    exit_code: int = Exit.DONE


@dataclass(frozen=True, slots=True)
class Registration:
    """What one person has registered and the policy says of each, or why that can't be told."""

    user: str
    person: Person | None
    methods: tuple[tuple[Method, Allowed], ...] = ()
    preference: Preference = Preference(known=False)
    error: str = ""
    help: str = ""
    exit_code: int = Exit.DONE


@dataclass(frozen=True, slots=True)
class PassList:
    """The passes of people of a tenant."""

    tenant: Tenant
    people: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class PassRevoked:
    """What became of a person's passes, with their tenant."""

    tenant: Tenant
    result: Revocation


@dataclass(frozen=True, slots=True)
class MethodList:
    """What people of a tenant have registered."""

    tenant: Tenant
    people: tuple[Registration, ...]
