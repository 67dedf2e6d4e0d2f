"""The author of a live value in words, and from our JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from graphpolicy.compare.audit_events import moment
from graphpolicy.model import Author, Json, Notice

NO_WINDOW = "no record, and no run or snapshot says how far back to look"
UNREAD = "the audit log could not be read"
FAILED = "the search for the author failed"
"""The beginning of a reason that is an error of ours, or a record of an unknown shape."""

NAMES = {
    "application": "the application ",
    "unknown": "somebody unknown",
}
"""What stands before an author's name, by kind."""


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


def without_addresses(changed_by: Iterable[Author]) -> tuple[Author, ...]:
    """The same authors, without the addresses of people's devices."""
    return tuple(replace(author, ip_address="") for author in changed_by)


def nowhere(changed_by: Sequence[Author]) -> bool:
    """Whether nothing is known of an author, for a reason that other differences share."""
    return list(changed_by) in ([Author("unknown", why=why)] for why in (NO_WINDOW, UNREAD))


def by_whom(changed_by: Sequence[Author]) -> str:
    """The last author in words, and how many were there before; '' if there is none.

    If no author can be known, the whole plan says so once.
    """
    if not changed_by or nowhere(changed_by):
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
        fits = f"matches the change that Microsoft announced{since} ({author.notice.source})"
    why = "; ".join(filter(None, (fits, author.why)))
    return f"{called(author)}{at}{f': {why}' if why else ''}"


def called(author: Author) -> str:
    """An author's kind and name: `the application pipeline`."""
    if author.kind == "ourselves":
        return f"our run {author.id}{f' ({author.name})' if author.name else ''}"
    if author.kind == "microsoft":
        return f"Microsoft{f' ({author.name})' if author.name else ''}"
    return f"{NAMES.get(author.kind, '')}{author.name}"
