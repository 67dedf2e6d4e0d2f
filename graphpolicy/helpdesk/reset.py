"""Requiring somebody to register anew: what it would do, what became of it, and the account. Pure.

With nothing registered a person is asked to register at the next sign-in that needs more than the
password (Graph: "authentication methods overview"). No single action of Graph's does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Literal, TypeAlias

from graphpolicy.helpdesk.methods import Method, Preference, deletions
from graphpolicy.helpdesk.person import Person
from graphpolicy.model import Finding, Json, Tenant
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass

State: TypeAlias = Literal["gone", "accepted", "left", "unknown"]
"""`accepted` is deleted by Graph's answer, and not looked at again."""

Ending: TypeAlias = Literal[
    "reset", "partly", "failed", "refused", "declined", "nothing", "dry_run", "interrupted",
    "not_begun", "done_before",
]  # fmt: skip

Sessions: TypeAlias = Literal["ended", "unsaid", "failed", "kept", "not_tried"]
"""`unsaid` is where Graph accepted the request and says that they did not end."""

Next: TypeAlias = Literal["", "reset", "pass", "list"]
"""What goes on from here: the reset once more, a pass to register with, or a look."""

NO_DELETE = "this release knows no DELETE of it"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for besides the deletion of what is registered."""

    passes: bool = True
    sessions: bool = True
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """What a reset of one person would do."""

    person: Person
    methods: tuple[Method, ...]
    preference: Preference
    wish: Wish
    notes: tuple[Finding, ...] = ()
    """What is to be known of the person before anything is deleted."""

    @property
    def chosen(self) -> tuple[Method, ...]:
        """What is deleted, in order."""
        return deletions(self.methods, self.preference, passes=self.wish.passes)

    @property
    def kept(self) -> tuple[Method, ...]:
        """Passes that stay because that was asked for."""
        return tuple(each for each in self.methods if each.is_pass and not self.wish.passes)

    @property
    def unknown(self) -> tuple[Method, ...]:
        """Types that this release does not know: they are left alone, and told."""
        return tuple(each for each in self.methods if each.kind is None)

    def left(self, fates: Iterable[Fate]) -> tuple[Method, ...]:
        """What somebody still has, once these became of what was to go."""
        gone = [each.method for each in fates if each.state in ("gone", "accepted")]
        return tuple(each for each in self.methods if each not in gone)

    @property
    def empty(self) -> bool:
        return not (self.chosen or self.unknown or self.wish.sessions)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one method, and why it is not gone."""

    method: Method
    state: State
    error: str = ""
    help: str = ""
    exit_code: int = Exit.FAILED


@dataclass(frozen=True, slots=True)
class Reset:
    """What became of one person's reset; `kept` are passes that were to stay.

    `preferred` is the second factor that had to be made the default on the way. `has` is what the
    person has left, the password included. `next` is the command that goes on from here.
    """

    person: Person
    ending: Ending
    fates: tuple[Fate, ...] = ()
    kept: tuple[Method, ...] = ()
    sessions: Sessions = "not_tried"
    preferred: str = ""
    findings: tuple[Finding, ...] = ()
    error: str = ""
    help: str = ""
    exit_code: int = Exit.DONE
    has: tuple[Method, ...] = ()
    next: Next = ""

    def of(self, *states: State) -> tuple[Method, ...]:
        """The methods that ended in one of these ways."""
        return tuple(each.method for each in self.fates if each.state in states)

    @property
    def effect(self) -> bool:
        """Whether anything of it has certainly taken effect."""
        return bool(self.of("gone", "accepted")) or self.sessions in ("ended", "unsaid")


@dataclass(frozen=True, slots=True)
class Resets:
    """What became of many; `since` is when a run began that this one goes on with."""

    results: tuple[Reset, ...]
    exit_code: int = Exit.DONE
    since: str = ""
    error: str = ""
    help: str = ""

    def count(self, *endings: Ending) -> int:
        return sum(each.ending in endings for each in self.results)


def nobody(why: str) -> Resets:
    """The account where there is nobody: who asks for a reset means somebody, so it is an error."""
    return Resets((), 1, error=f"nobody was reset: {why}", help="check which group is meant")


def judged(
    planned: Planned,
    fates: Sequence[Fate],
    sessions: Sessions,
    preferred: str,
    failure: tuple[str, str, int],
) -> Reset:
    """The account of one reset that was tried; `failure` is of the sessions, if they failed."""
    left = [each for each in fates if each.state != "gone"]
    failed = bool(left) or sessions == "failed"
    result = Reset(
        planned.person,
        "reset",
        tuple(fates),
        planned.kept,
        sessions,
        preferred,
        findings=planned.notes,
        has=planned.left(fates),
    )
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


def own_pass(holder: str, planned: Planned) -> tuple[Finding, ...]:
    """That nobody deletes a pass of their own (Entra: "Configure Temporary Access Pass")."""
    if holder != planned.person.id or not any(each.is_pass for each in planned.chosen):
        return ()
    message = f"{planned.person.label} is you, and Graph lets no administrator delete their own "
    fix = "ask a colleague who has the role, or add --keep-passes"
    return (Finding("tap-own", "error", f"{message}pass", fix),)


def job_of(people: Iterable[Person], wish: Wish) -> str:
    """A name for the same reset of the same people, by which a later run goes on with it."""
    words = [*sorted(each.id for each in people), str(wish.passes), str(wish.sessions)]
    return sha256("\n".join(words).encode()).hexdigest()[:16]


def done_before(
    entries: Iterable[Mapping[str, Json]], tenant: str, job: str
) -> tuple[str, frozenset[str]]:
    """When an unfinished run of a job began, and the ids of the people it was done with."""
    since, done = "", set[str]()
    for entry in entries:
        if entry.get("job") != job or entry.get("tenant") != tenant:
            continue
        match entry.get("event"):
            case "job_begun":
                since = since or str(entry.get("at"))
            case "finished" if since:
                user = entry.get("user")
                done.add(str(user.get("id")) if isinstance(user, Mapping) else "")
            case "job_finished":
                since, done = "", set()
    return (since, frozenset(done)) if done else ("", frozenset())


@dataclass(frozen=True, slots=True)
class Open:
    """A deletion of which the journal says that it was sent, and not what became of it."""

    person: Person
    method: Mapping[str, Json]
    at: str
    by: str

    def listed(self, methods: Iterable[Method]) -> bool:
        """Whether it is still registered; what was registered anew since is another one."""
        created = str(self.method.get("createdDateTime") or "")
        return any(
            (each.type, each.id) == (self.method.get("type"), self.method.get("id"))
            and (each.created == created or "" in (each.created, created))
            for each in methods
        )


PASS_TYPE = "#microsoft.graph.temporaryAccessPassAuthenticationMethod"  # noqa: S105 - a type
SENT = frozenset({"deleting", "removing"})
ENDED = frozenset({"deleted", "failed", "not_deleted", "removed", "revoked"})


def unsettled(entries: Iterable[Mapping[str, Json]], tenant: str) -> list[Open]:
    """The deletions in a tenant whose answer nobody waited for, as a kill leaves them.

    That is those of a reset, and of passes that were taken away.
    """
    found: dict[tuple[str, str, str], Open] = {}
    for entry in entries:
        user, method, actor = _member(entry, "user"), _method(entry), _member(entry, "actor")
        if entry.get("tenant") != tenant or not user.get("id") or not method:
            continue
        key = (str(user["id"]), str(method.get("type")), str(method.get("id")))
        event = entry.get("event")
        if event in SENT or (event == "sending" and entry.get("action") == "tap revoke"):
            name = str(user.get("userPrincipalName") or user["id"])
            person = Person(str(user["id"]), name, str(user.get("displayName") or ""))
            by = str(actor.get("name") or "")
            found[key] = Open(person, method, str(entry.get("at")), by)
        elif event in ENDED:
            found.pop(key, None)
    return list(found.values())


def _method(entry: Mapping[str, Json]) -> Mapping[str, Json]:
    """What a line is about: a method, or a pass by its id."""
    if "pass" not in entry:
        return _member(entry, "method")
    created = {"createdDateTime": entry["createdDateTime"]} if "createdDateTime" in entry else {}
    return {"type": PASS_TYPE, "id": entry["pass"], **created}


def _member(entry: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = entry.get(name)
    return value if isinstance(value, Mapping) else {}


@dataclass(frozen=True, slots=True)
class ResetOne:
    """What became of one person's reset; `next` is the command that goes on from here."""

    tenant: Tenant
    result: Reset
    next: str = ""


@dataclass(frozen=True, slots=True)
class ResetMany:
    """What became of many people's resets, with their tenant."""

    tenant: Tenant
    found: Resets
