"""Whose hand a live value shows: a person's, an application's, our own, or Microsoft's. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Kind
from graphpolicy.catalogue.values import canonical, same
from graphpolicy.compare.audit_log import moment, same_json, touching
from graphpolicy.model import Author, Cloud, Event, Json, Notice, Path, Unread
from graphpolicy.model.records import dataclass

NO_RECORD = "the audit log has no administrator's record of it"
AGAIN = "the newest record in the audit log left another value"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about who changed a tenant; `log` is None if nobody asked for it."""

    log: Sequence[Event] | Unread | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A setting whose live value differs from its last known one, `was`.

    `was` is from a file or a snapshot, None if the setting did not exist. `since` is when it was
    last seen (ISO 8601, UTC), '' if that is not known; a record that left it counts as well.
    """

    resource: str
    path: Path
    live: Json
    was: Json
    kind: Kind | None = None
    """What the catalogue says of the setting, None if it does not know it."""
    since: str = ""
    notice: Notice | None = None
    """What Microsoft announced that the live value fits: see `announced`."""


def authors(evidence: Evidence, moved: Moved) -> tuple[Author, ...]:
    """Who made the live value of a setting, newest first; empty if nobody asked for the log."""
    if evidence.log is None:
        return ()
    found = tuple(_recorded(evidence, moved))
    names = [event.author for event, _ in found]
    if found and all(_equal(moved, value, moved.live, odd=True) for value in found[0][1]):
        if names[0].kind != "unknown":
            return tuple(names)
        last, *names = names  # the record names nobody
    else:
        last = Author("unknown")
    return (_concluded(evidence, last, names, moved.notice), *names)


def announced(
    facts: Facts,
    cloud: Cloud,
    resource: str,
    path: Path,
    live: Json,
    *,
    kind: Kind,
    opted_out: Collection[str],
    today: str,
) -> Notice | None:
    """What Microsoft has announced to change by itself by today and a live value fits, if any.

    `opted_out` are the settings of the policy with which the tenant opted out of something.
    """
    value = canonical(kind, live)
    for row in facts.rewriting(resource, ".".join(path), cloud).rows:
        if row.becomes in ("", value) and row.unless not in opted_out and row.since <= today:
            return Notice(row.about, row.since, row.source)
    return None


def author_of(document: Mapping[str, Json]) -> Author:
    """An author from our JSON, without the address of a person's device.

    Raises:
        KeyError, TypeError: it is not from our JSON.
    """
    known = {
        name: document[name] or ""
        for name in ("name", "id", "at", "correlation_id", "request_id", "why")
    }
    notice = document["notice"]
    about = notice and Notice(notice["about"], notice["since"] or "", notice["source"])
    return Author(document["kind"], notice=about, **known)


def by_whom(changed_by: Sequence[Author]) -> str:
    """The last author in words, and how many were there before; '' if there is none."""
    if not changed_by:
        return ""
    earlier = len(changed_by) - 1
    before = f"; before that {earlier} other change{'' if earlier == 1 else 's'}"
    return f"{told(changed_by[0])}{before if earlier else ''}"


def told(author: Author) -> str:
    """An author in words: `ann@contoso.com, 2026-11-24 02:10 UTC`."""
    at = f", {moment(author.at)}" if author.at else ""
    fits = ""
    if author.notice:
        since = f" for {author.notice.since}" if author.notice.since else ""
        fits = f"fits the rewriting announced{since} ({author.notice.source})"
    why = "; ".join(filter(None, (fits, author.why)))
    return f"{called(author)}{at}{f': {why}' if why else ''}"


def called(author: Author) -> str:
    """An author's kind and name: `the application pipeline`."""
    return f"{NAMES.get(author.kind, '')}{author.name}"


NAMES = {
    "application": "the application ",
    "ourselves": "our run ",
    "microsoft": "Microsoft",
    "unknown": "somebody unknown",
}
"""What stands before an author's name, by kind."""


def _recorded(evidence: Evidence, moved: Moved) -> Iterator[tuple[Event, list[Json]]]:
    """The records of a setting after its last known value was seen, with the values they left."""
    log = () if isinstance(evidence.log, Unread | None) else evidence.log
    for event, left in touching(log, moved.resource, moved.path):
        back = left and all(_equal(moved, value, moved.was) for value in left)
        if back or event.at < moved.since:
            return
        yield event, left


def _concluded(
    evidence: Evidence, last: Author, names: Sequence[Author], notice: Notice | None
) -> Author:
    """The author of a live value that no record gives a name for."""
    if isinstance(evidence.log, Unread):
        return replace(last, why="the audit log could not be read", notice=notice)
    if names:
        return replace(last, why=AGAIN, notice=notice)
    if notice:
        return replace(last, kind="microsoft", why=NO_RECORD, notice=notice)
    return replace(last, why=last.why or NO_RECORD)


def _equal(moved: Moved, left: Json, other: Json, *, odd: bool = False) -> bool:
    """Whether a value of the log is another one; `odd` where they can't be compared."""
    try:
        if isinstance(left, str) and isinstance(other, bool | int):
            return left.casefold() == str(other).casefold()  # the log writes "False" and "12"
        if type(left) is not type(other):
            return odd
        return same_json(left, other) if moved.kind is None else same(moved.kind, left, other)
    except (AttributeError, KeyError, TypeError, ValueError):  # the log has odd shapes
        return odd
