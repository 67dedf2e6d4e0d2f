"""Helpdesk actions as the journal records them: who was helped, and what is still open. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphpolicy.helpdesk.person import Person
from graphpolicy.helpdesk.registered_methods import RegisteredMethod
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass

STEPS = frozenset(
    {
        "deleted",
        "deleting",
        "job_begun",
        "job_finished",
        "not_deleted",
        "preferred",
        "removed",
        "removing",
        "sessions",
    }
)
"""Events that are a step of one person's action, or about a whole list of people."""

OPENING = frozenset({"begun", "sending"})
CUT_OFF = "interrupted"


@dataclass(frozen=True, slots=True)
class HelpdeskAction:
    """One action on one person: `at` is the journal's timestamp, `tenant` an id.

    `ended` is the journal's event with spaces, or CUT_OFF.
    """

    at: str
    tenant: str
    what: str
    by: str
    ended: str


def deeds(entries: Iterable[Mapping[str, Json]]) -> list[HelpdeskAction]:
    """Each action on a person and how it ended, by time.

    An action that began and has no end in the journal was interrupted.
    """
    found: list[HelpdeskAction] = []
    begun: dict[tuple[str, str], HelpdeskAction] = {}
    for entry in entries:
        event = str(entry.get("event"))
        if event in STEPS:
            continue
        user, actor = _member(entry, "user"), _member(entry, "actor")
        reason = f" ({entry['reason']})" if entry.get("reason") else ""
        who = str(user.get("userPrincipalName") or user.get("id") or "somebody")
        action = str(entry.get("action"))
        deed = HelpdeskAction(
            str(entry.get("at")),
            str(entry.get("tenant")),
            f"{action} {who}{reason}",
            str(actor.get("name") or ""),
            CUT_OFF if event in OPENING else event.replace("_", " "),
        )
        earlier = begun.pop((action, who), None)
        if event in OPENING:
            begun[action, who] = deed
            found += [earlier] if earlier and not _again(earlier, deed) else []
        else:
            found.append(deed)
    return sorted([*found, *begun.values()], key=lambda each: each.at)


def _again(earlier: HelpdeskAction, deed: HelpdeskAction) -> bool:
    """Whether the later line continues the same action: a pass may be requested twice."""
    return earlier.what == deed.what and earlier.what.startswith("tap")


def done_before(
    entries: Iterable[Mapping[str, Json]], tenant: str, job: str
) -> tuple[str, frozenset[str]]:
    """When an unfinished run of a job began, and the ids of the people that it already reset."""
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
class UnfinishedDeletion:
    """A deletion that the journal says was sent, without saying how it ended."""

    person: Person
    method: Mapping[str, Json]
    at: str
    by: str

    def listed(self, methods: Iterable[RegisteredMethod]) -> bool:
        """Whether the method is still registered; one that was registered again does not count."""
        created = str(self.method.get("createdDateTime") or "")
        return any(
            (each.type, each.id) == (self.method.get("type"), self.method.get("id"))
            and (each.created == created or "" in (each.created, created))
            for each in methods
        )


PASS_TYPE = "#microsoft.graph.temporaryAccessPassAuthenticationMethod"  # noqa: S105 - a type
SENT = frozenset({"deleting", "removing"})
ENDED = frozenset({"deleted", "failed", "not_deleted", "removed", "revoked"})


def unsettled(entries: Iterable[Mapping[str, Json]], tenant: str) -> list[UnfinishedDeletion]:
    """The deletions in a tenant that have no end in the journal, because the process was killed.

    These are deletions by `mfa reset`, and of passes by `tap`.
    """
    found: dict[tuple[str, str, str], UnfinishedDeletion] = {}
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
            found[key] = UnfinishedDeletion(person, method, str(entry.get("at")), by)
        elif event in ENDED:
            found.pop(key, None)
    return list(found.values())


def _method(entry: Mapping[str, Json]) -> Mapping[str, Json]:
    """The method that a line is about; a pass is named by its id."""
    if "pass" not in entry:
        return _member(entry, "method")
    created = {"createdDateTime": entry["createdDateTime"]} if "createdDateTime" in entry else {}
    return {"type": PASS_TYPE, "id": entry["pass"], **created}


def _member(entry: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = entry.get(name)
    return value if isinstance(value, Mapping) else {}
