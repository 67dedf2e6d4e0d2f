"""Who made a live value: a person, an application, a run of ours, or Microsoft. Pure."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import field, replace
from math import inf

from graphpolicy.catalogue.actors import ACTORS
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Kind
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.catalogue.values import canonical, same
from graphpolicy.compare.audit_events import ODD, moment, same_json, second, tells, touching
from graphpolicy.compare.author_words import (
    FAILED,
    NO_WINDOW,
    UNREAD,
    told,
)
from graphpolicy.model import (
    POLICY,
    AuditLog,
    Author,
    AuthorKind,
    Cloud,
    Event,
    Json,
    Notice,
    Observed,
    OwnRuns,
    OwnWrite,
    Path,
    Unread,
)
from graphpolicy.model.errors import unforeseen
from graphpolicy.model.records import dataclass

AGAIN = "the newest record of it left another value"
NO_RECORD = "the audit log has no administrator's record of it"
NOT_YET = "not yet in the audit log, which may be some minutes behind"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about who changed a tenant; `log` is None if nobody asked for it.

    `since` is when a person says that the tenant was as its files say, '' if nobody does.
    `modified` is when the policy and each strength was last modified, by what a plan calls it (all
    ISO 8601, UTC).
    """

    log: AuditLog | Unread | None = None
    own: OwnRuns = OwnRuns()
    since: str = ""
    modified: Mapping[str, str] = field(default_factory=dict)
    opted_out: AbstractSet[str] = frozenset()
    """The settings with which the tenant opted out of what Microsoft does."""
    today: str = ""


@dataclass(frozen=True, slots=True)
class MovedSetting:
    """A setting whose live value differs from its last known one, `was`.

    `was` is from a file or a snapshot, None if the setting did not exist. `since` is when it was
    last seen (ISO 8601, UTC), '' if that is not known; our runs, and a record that left it, count
    as well.
    """

    resource: str
    path: Path
    """Empty for a strength as a whole."""
    live: Json
    was: Json
    kind: Kind | None = None
    """What the catalogue says of the setting, None if it does not know it."""
    since: str = ""
    notice: Notice | None = None
    """What Microsoft announced that the live value fits: see `announced`."""


def modified(observed: Observed) -> Mapping[str, str]:
    """When the policy and each strength was last modified, as far as Graph says so."""
    policy = (each.get("lastModifiedDateTime") for each in observed.documents.values())
    return {
        POLICY: max(map(str, filter(None, policy)), default=""),
        **{
            f"{STRENGTHS}/{each.get('displayName')}": str(each.get("modifiedDateTime") or "")
            for each in observed.lists.get(STRENGTHS, ())
        },
    }


def authors(evidence: Evidence, moved: MovedSetting) -> tuple[Author, ...]:
    """Who made the live value of a setting, newest first; empty if nobody asked for the log.

    The last one is `unknown` if there is no proof: Microsoft is named only where the log was read
    from when the setting had its last known value, and has no administrator's record. An error in
    the search costs only the name, and stands there as the reason.
    """
    try:
        return _authors(evidence, moved)
    except Exception as error:  # noqa: BLE001 - a record of an unknown shape, or a bug
        return (Author("unknown", why=f"{FAILED}: {unforeseen(error)}"),)


def _authors(evidence: Evidence, moved: MovedSetting) -> tuple[Author, ...]:
    if evidence.log is None:
        return ()
    begins = _begins(evidence, moved)
    known: list[Author] = []
    is_live = False
    for author, left in _known_authors(evidence, moved):
        if left and all(_equal(moved, value, moved.was) for value in left):
            begins = max(begins, second(author.at))
            break
        if second(author.at) < begins:
            break
        is_live = is_live or (
            not known and all(_equal(moved, value, moved.live, odd=True) for value in left)
        )
        known.append(author)
    if is_live and known[0].kind != "unknown":
        return tuple(known)
    last = known.pop(0) if is_live else Author("unknown")  # its record names nobody
    return (_concluded(evidence, moved, begins, last, known), *known)


def identified(author: Author, writes: Iterable[OwnWrite] = ()) -> Author:
    """The author of a record, as Microsoft or as one of the runs that may have made these writes.

    A write is the same one by the id of its request, else by its time: the nearest one.
    """
    if author.kind == "application" and author.id.casefold() in ACTORS:
        return replace(author, kind="microsoft", name=ACTORS[author.id.casefold()].name)
    at = second(author.at)
    ours = [
        (write.request_id != author.correlation_id, _apart(at, second(write.at)), write)
        for write in writes
        if (write.request_id and write.request_id == author.correlation_id)
        or write.earliest <= at <= write.latest
    ]
    if not ours:
        return author
    _, _, write = min(ours, key=lambda one: one[:2])
    return replace(_ours(write), at=author.at, correlation_id=author.correlation_id)


def event_authors(events: Sequence[Event], writes: Iterable[OwnWrite]) -> list[Author]:
    """The author of each event of a log, given everything that runs of ours wrote there.

    Somebody else may have set the same value minutes before or after a write. So a record is of a
    write only if it has the author of the record nearest to it.
    """
    possible: list[list[OwnWrite]] = [[] for _ in events]
    for write in writes:
        about = MovedSetting(write.resource, write.path, write.after, None)
        fitting = [
            number
            for number, event in enumerate(events)
            for _, left in touching([event], write.resource, write.path)
            if all(_equal(about, value, write.after, odd=True) for value in left)
        ]
        if not fitting:
            continue
        sent = second(write.at)
        nearest = min(
            (events[number].author for number in fitting),
            key=lambda one: (one.correlation_id != write.request_id, _apart(second(one.at), sent)),
        )
        for number in fitting:
            author = events[number].author
            if (author.kind, author.id) == (nearest.kind, nearest.id):
                possible[number].append(write)
    return [identified(event.author, ours) for event, ours in zip(events, possible, strict=True)]


def _apart(one: str, other: str) -> float:
    """The seconds between two times; endless if one is not known."""
    parts = [[int(part) for part in re.findall(r"\d+", each)] for each in (one, other)]
    try:
        return abs(timegm(tuple(parts[0])) - timegm(tuple(parts[1])))
    except ValueError:
        return inf


def announced(
    facts: Facts,
    cloud: Cloud,
    about: tuple[str, Path],
    live: tuple[Kind, Json],
    evidence: Evidence,
) -> Notice | None:
    """What Microsoft has announced to change by itself by today, if a live value fits it.

    `about` are the catalogue's resource and the path, `live` the kind of the setting and its value.
    """
    (resource, path), value = about, canonical(*live)
    for row in facts.rewriting(resource, ".".join(path), cloud).rows:
        open_ = row.unless not in evidence.opted_out and row.since <= evidence.today
        if open_ and row.becomes in ("", value):
            return Notice(row.about, row.since, row.source)
    return None


def is_microsofts(changed_by: Sequence[Author]) -> bool:
    """Whether a value is Microsoft's doing beyond doubt: it fits what was announced, or each record
    names an application of Microsoft's.
    """
    return bool(changed_by) and all(
        author.kind == "microsoft" and (author.notice or author.name) for author in changed_by
    )


def _begins(evidence: Evidence, moved: MovedSetting) -> str:
    """When the setting was last seen with its last known value, '' if that is not known."""
    if evidence.since:
        return second(evidence.since)
    own, at = evidence.own, (moved.resource, ".".join(moved.path))
    was = moved.was if moved.kind is None else canonical(moved.kind, moved.was)
    seen = at in own.seen and same_json(own.seen[at], was)
    return max(second(moved.since), second(own.seen_at) if seen else "")


def _known_authors(evidence: Evidence, moved: MovedSetting) -> list[tuple[Author, list[Json]]]:
    """Everybody who changed the setting, by the log and by our records, newest first.

    With each: the values that were left, none if that is not known.
    """
    own = [
        write
        for write in evidence.own.writes
        if write.resource == moved.resource and moved.path in ((), write.path)
    ]
    found: list[tuple[Author, list[Json]]] = []
    log = evidence.log.events if isinstance(evidence.log, AuditLog) else ()
    for event, left in touching(log, moved.resource, moved.path):
        ours = [
            each for each in own if all(_equal(moved, one, each.after, odd=True) for one in left)
        ]
        author = identified(event.author, ours)
        own = [
            each for each in own if (each.run, each.request_id) != (author.id, author.request_id)
        ]
        found.append((author, left))
    found += [(_ours(write), [write.after]) for write in own]
    return sorted(found, key=lambda each: second(each[0].at), reverse=True)


def _ours(write: OwnWrite) -> Author:
    return Author("ourselves", write.by, write.run, write.at, request_id=write.request_id)


def _concluded(
    evidence: Evidence, moved: MovedSetting, begins: str, last: Author, known: Sequence[Author]
) -> Author:
    """The author of a live value for which no record gives a name."""
    why = _doubt(evidence, moved, begins, known)
    kind: AuthorKind = "unknown" if why else "microsoft"
    return replace(last, kind=kind, why=why or NO_RECORD, notice=moved.notice)


def _doubt(evidence: Evidence, moved: MovedSetting, begins: str, known: Sequence[Author]) -> str:
    """Why the author may not be Microsoft; '' if it must be Microsoft."""
    log = evidence.log
    if not isinstance(log, AuditLog):
        return UNREAD
    if any(author.kind != "microsoft" for author in known):
        return AGAIN
    begins = begins or (moved.notice.since if moved.notice else "")
    if not begins:
        return NO_WINDOW
    for event in log.events:
        someone = identified(event.author).kind in ("user", "application")
        if event.author.why == ODD and (not event.at or second(event.at) >= begins):
            return f"a record {ODD}, so it may have been anybody"
        if someone and second(event.at) >= begins and not tells(event):
            return f"a record of {told(event.author)} does not say what it changed"
    if not log.begins or log.begins > begins:
        days = f"the audit log reaches back to {moment(log.begins)} only" if log.begins else UNREAD
        return f"{days}, and the value was last seen on {moment(begins)}"
    kind = moved.resource if moved.resource.startswith(f"{STRENGTHS}/") else POLICY
    modified = evidence.modified.get(kind, "")
    if not modified or max(second(modified), begins) > log.ends:
        return NOT_YET
    return ""


def _equal(moved: MovedSetting, left: Json, other: Json, *, odd: bool = False) -> bool:
    """Whether a value of the log is another one; `odd` where they can't be compared."""
    try:
        if isinstance(left, str) and isinstance(other, bool | int):
            return left.casefold() == str(other).casefold()  # the log writes "False" and "12"
        if type(left) is not type(other):
            return odd
        return same_json(left, other) if moved.kind is None else same(moved.kind, left, other)
    except (AttributeError, KeyError, TypeError, ValueError):  # the log has odd shapes
        return odd
