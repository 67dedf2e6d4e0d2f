"""The sticky comment of a pull request: each run updates it instead of adding one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TypeAlias

from graphpolicy.model.records import dataclass

MARKER = re.compile(r"\A<!-- graphpolicy:([a-z]+) (\{[^\n]*\}) -->")


ReportKey: TypeAlias = tuple[str, frozenset[str]]
"""What a comment reports: the verb, and the ids of the tenants."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as it stands on GitHub."""

    id: int
    author: str
    body: str


def key(body: str) -> ReportKey | None:
    """The verb and tenants in a report's first line; None if it is not a report."""
    verb, tenants = _marked(body, "tenants")
    return None if tenants is None else (verb, tenants)


def digests(body: str) -> frozenset[str]:
    """The digests of the plans in a report, from its first line."""
    return _marked(body, "digests")[1] or frozenset()


def people(body: str) -> list[int]:
    """How many people are in the waves that a report's plans open, from its first line."""
    found = MARKER.match(body)
    try:
        return [int(each) for each in json.loads(found[2]).get("people", ())] if found else []
    except (ValueError, TypeError, AttributeError, RecursionError):
        return []


def _marked(body: str, name: str) -> tuple[str, frozenset[str] | None]:
    """The verb in a report's first line, and one of the lists there; None if there is none."""
    found = MARKER.match(body)
    try:
        return (found[1], frozenset(json.loads(found[2])[name])) if found else ("", None)
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", None


def ours(comments: Iterable[Comment], body: str, author: str) -> list[Comment]:
    """The comments that a report replaces, oldest first.

    They have the same verb and share a tenant with it: a push may add or remove a tenant of a
    change. If the files are invalid a report has no tenants: it replaces another such comment, or
    the only one there is, whatever its tenants.

    Anyone can write our marker, so only comments by `author` count. There are several if two runs
    began at once.
    """
    wanted, known = key(body), _known(comments, body, author)
    if wanted is None:
        return []
    if wanted[1]:
        return [each for each, tenants in known if tenants & wanted[1]]
    return [each for each, tenants in known if not tenants or len(known) == 1]


def of_wrong_files(comments: Iterable[Comment], body: str, author: str) -> list[Comment]:
    """The comments about invalid files that a report with tenants makes obsolete."""
    wanted = key(body)
    if wanted is None or not wanted[1]:
        return []
    return [each for each, tenants in _known(comments, body, author) if not tenants]


def _known(
    comments: Iterable[Comment], body: str, author: str
) -> list[tuple[Comment, frozenset[str]]]:
    """The comments of the same author and verb, oldest first, and the tenants of each."""
    wanted = key(body)
    own = sorted((each for each in comments if each.author == author), key=lambda each: each.id)
    keyed = ((each, key(each.body)) for each in own)
    return [(each, found[1]) for each, found in keyed if found and wanted and found[0] == wanted[0]]
