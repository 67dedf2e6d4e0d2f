"""The one comment of a pull request that is brought up to date instead of added to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TypeAlias

from graphpolicy.model import Json
from graphpolicy.records import dataclass

MARKER = re.compile(r"\A<!-- graphpolicy:([a-z]+) (\{[^\n]*\}) -->")


Report: TypeAlias = tuple[str, frozenset[str]]
"""What a comment is a report of: the verb, and ids of tenants."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as it stands on GitHub."""

    id: int
    author: str
    body: str


def key(body: str) -> Report | None:
    """What a report is of, by its first line: the verb and the tenants; None where it is none."""
    found = MARKER.match(body)
    try:
        data: Json = json.loads(found[2]) if found else None
        return (found[1], frozenset(data["tenants"])) if found else None
    except (ValueError, TypeError, KeyError):
        return None


def digests(body: str) -> frozenset[str]:
    """The digests of the plans that a report shows, by its first line."""
    found = MARKER.match(body)
    try:
        return frozenset(json.loads(found[2])["digests"]) if found else frozenset()
    except (ValueError, TypeError, KeyError):
        return frozenset()


def ours(comments: Iterable[Comment], body: str, author: str) -> list[Comment]:
    """The comments that a report takes the place of, oldest first.

    They are of the same verb, and of a tenant that it is about too: a push may add a tenant to a
    change, or take one away.

    Anyone can write our marker; only what `author` wrote is ours. There are several where two runs
    began at once.
    """
    wanted = key(body)
    same = (each for each in comments if each.author == author and _same(key(each.body), wanted))
    return sorted(same, key=lambda each: each.id)


def _same(one: Report | None, other: Report | None) -> bool:
    return one is not None and other is not None and one[0] == other[0] and bool(one[1] & other[1])
