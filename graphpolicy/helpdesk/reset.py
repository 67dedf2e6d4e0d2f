"""Requiring a person to register again: what it would do, and how it ended. Pure.

A person who has nothing registered is asked to register at the next sign-in that needs more than
the password (Graph: "authentication methods overview"). Graph has no single action for that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from graphpolicy.helpdesk.outcomes import ActionOutcome, OnePerson, number_of_people
from graphpolicy.helpdesk.person import Person
from graphpolicy.helpdesk.registered_methods import Preference, RegisteredMethod, deletions
from graphpolicy.model import Finding, Tenant
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass

DeletionState: TypeAlias = Literal["gone", "accepted", "left", "unknown"]
"""`accepted`: Graph answered that it is deleted, and that was not verified by reading."""

ResetEnding: TypeAlias = Literal[
    "reset", "partly", "failed", "refused", "declined", "nothing", "dry_run", "interrupted",
    "not_begun", "done_before",
]  # fmt: skip

ENDINGS: Mapping[ResetEnding, str] = {
    "reset": "must re-register",
    "partly": "partly reset",
    "failed": "not reset",
    "refused": "refused",
    "declined": "declined",
    "nothing": "nothing to delete",
    "dry_run": "would be reset",
    "interrupted": "interrupted",
    "not_begun": "not started",
    "done_before": "already done",
}
"""The endings in words."""

Sessions: TypeAlias = Literal["ended", "unsaid", "failed", "kept", "not_tried"]
"""`unsaid`: Graph accepted the request, and its answer says that the sessions did not end."""

NextCommand: TypeAlias = Literal["", "reset", "pass", "list"]
"""The command to run next: the reset again, a pass to register with, or `mfa list`."""

NO_DELETE = "this release does not know how to delete it"


@dataclass(frozen=True, slots=True)
class ResetOptions:
    """What to do besides deleting the registered methods."""

    passes: bool = True
    sessions: bool = True
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class PlannedReset:
    """What a reset of one person would do."""

    person: Person
    methods: tuple[RegisteredMethod, ...]
    preference: Preference
    wish: ResetOptions
    notes: tuple[Finding, ...] = ()
    """Notes about the person to show before anything is deleted."""

    @property
    def chosen(self) -> tuple[RegisteredMethod, ...]:
        """The methods to delete, in order."""
        return deletions(self.methods, self.preference, passes=self.wish.passes)

    @property
    def kept(self) -> tuple[RegisteredMethod, ...]:
        """Passes that stay because --keep-passes was given."""
        return tuple(each for each in self.methods if each.is_pass and not self.wish.passes)

    @property
    def unknown(self) -> tuple[RegisteredMethod, ...]:
        """Methods of a type that this release does not know: they are reported and not deleted."""
        return tuple(each for each in self.methods if each.kind is None)

    def left(self, fates: Iterable[MethodFate]) -> tuple[RegisteredMethod, ...]:
        """The methods that the person still has."""
        gone = [each.method for each in fates if each.state in ("gone", "accepted")]
        return tuple(each for each in self.methods if each not in gone)

    @property
    def empty(self) -> bool:
        return not (self.chosen or self.unknown or self.wish.sessions)

    def ended(self, ending: ResetEnding, fates: Sequence[MethodFate] = (), **more: Any) -> Reset:
        """The result, with what the person has left; `more` are other members of `Reset`."""
        return Reset(
            self.person,
            ending,
            tuple(fates),
            self.kept,
            findings=self.notes,
            has=self.left(fates),
            **more,
        )


@dataclass(frozen=True, slots=True)
class MethodFate:
    """What happened to one method, and why it is not deleted."""

    method: RegisteredMethod
    state: DeletionState
    error: str = ""
    help: str = ""
    exit_code: int = Exit.FAILED


@dataclass(frozen=True, slots=True)
class Reset(ActionOutcome):
    """How one person's reset ended; `kept` are passes that had to stay.

    `preferred` is the second factor that was made the default so that others could be deleted.
    `has` is what the person has left, including the password. `next` is the command to run next.
    """

    person: Person
    ending: ResetEnding
    fates: tuple[MethodFate, ...] = ()
    kept: tuple[RegisteredMethod, ...] = ()
    sessions: Sessions = "not_tried"
    preferred: str = ""
    findings: tuple[Finding, ...] = ()
    has: tuple[RegisteredMethod, ...] = ()
    next: NextCommand = ""

    def of(self, *states: DeletionState) -> tuple[RegisteredMethod, ...]:
        """The methods in one of these states."""
        return tuple(each.method for each in self.fates if each.state in states)

    @property
    def effect(self) -> bool:
        """Whether any part of it has certainly taken effect."""
        return bool(self.of("gone", "accepted")) or self.sessions in ("ended", "unsaid")


@dataclass(frozen=True, slots=True)
class Resets(ActionOutcome):
    """How the resets of many people ended; `since` is when the run began that this one resumes."""

    results: tuple[Reset, ...]
    since: str = ""

    def count(self, *endings: ResetEnding) -> int:
        return sum(each.ending in endings for each in self.results)


def nobody(why: str) -> Resets:
    """The result for an empty list. It is an error: a reset is always meant for somebody."""
    error = f"nobody was reset: {why}"
    return Resets((), exit_code=Exit.FAILED, error=error, help="check the name of the group")


def judged(
    planned: PlannedReset,
    fates: Sequence[MethodFate],
    sessions: Sessions,
    preferred: str,
    failure: tuple[str, str, int],
) -> Reset:
    """The result of one reset that was tried.

    `failure` is text, help and exit code if ending the sessions failed.
    """
    left = [each for each in fates if each.state != "gone"]
    failed = bool(left) or sessions == "failed"
    result = planned.ended("reset", fates, sessions=sessions, preferred=preferred)
    if not failed:
        return result
    text, help_, code = failure
    if not text:
        text, help_, code = left[0].error, left[0].help, max(each.exit_code for each in left)
    partly = result.effect
    return replace(
        result,
        ending="partly" if partly else "failed",
        error=text,
        help=help_,
        exit_code=Exit.PARTLY if partly else code,
        next="reset",
    )


def own_pass(holder: str, planned: PlannedReset) -> tuple[Finding, ...]:
    """Refuses to delete one's own pass (Entra: "Configure Temporary Access Pass")."""
    if holder != planned.person.id or not any(each.is_pass for each in planned.chosen):
        return ()
    message = f"{planned.person.label} is you, and Graph does not let administrators delete their "
    message += "own pass"
    fix = "ask a colleague who has the role, or add --keep-passes"
    return (Finding("tap-own", "error", message, fix),)


def job_of(people: Iterable[Person], wish: ResetOptions) -> str:
    """An id for the same reset of the same people, by which a later run resumes it."""
    words = [*sorted(each.id for each in people), str(wish.passes), str(wish.sessions)]
    return sha256("\n".join(words).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ResetOne(OnePerson):
    """How one person's reset ended, with the tenant; `next` is the command to run next."""

    tenant: Tenant
    result: Reset
    next: str = ""


@dataclass(frozen=True, slots=True)
class ResetMany:
    """How the resets of many people ended, with the tenant."""

    tenant: Tenant
    found: Resets
    failures = ()

    @property
    def verdict(self) -> str:
        """How many resets there are of each outcome."""
        counted = Counter(each.ending for each in self.found.results)
        some = [f"{counted[each]:,} {words}" for each, words in ENDINGS.items() if counted[each]]
        people = number_of_people(len(self.found.results))
        return f"{people}: {', '.join(some) or 'nobody was reset'}"

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(found for each in self.found.results for found in each.findings)

    @property
    def exit_code(self) -> int:
        return self.found.exit_code
