"""The pull request that makes a tenant's file say what is live: its branch, words and decisions.

A tenant has one branch. Each commit of ours says in its last line what it made of what, so that a
later run tells its own from what somebody else pushed, whoever GitHub calls the author.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from itertools import accumulate

from graphpolicy.compare.audit_log import moment
from graphpolicy.model import Event, Tenant
from graphpolicy.model.records import dataclass
from graphpolicy.render.escape import short
from graphpolicy.render.markdown import code, prose

TRAILER = re.compile(r"\ngraphpolicy-adopts: (\{[^\n]*\})\s*\Z")
ROOM = 15_000
"""Characters of a list, about: there are three, and GitHub takes 65,536."""

MOST = 1000
"""More characters than any value has that is no list."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that the file would say otherwise, in words; who made it so, if the log says."""

    name: str
    before: str
    after: str
    event: Event | None = None
    moves: tuple[tuple[str, str], ...] = ()
    """What would come of the entries of a list in the file: (`+`, `-` or `~`, label)."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """What would become of a tenant's file, given by its path in the repository.

    `left` is what stays different, and why; `notes` what goes with the change, such as a comment.
    """

    tenant: Tenant
    path: str
    old: bytes
    new: bytes
    settings: tuple[Setting, ...]
    left: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def branch(self) -> str:
        """By the id: a tenant's name may hold what a branch's may not."""
        return f"graphpolicy/adopt-drift/{self.tenant.id}"


@dataclass(frozen=True, slots=True)
class Made:
    """What a commit of ours says of itself: whose file, the tree, its base, blobs before, after."""

    tenant: str
    tree: str
    base: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Tip:
    """The newest commit of a branch."""

    sha: str
    tree: str
    message: str


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request as it stands on GitHub; `head` is the commit that it ends at."""

    number: int
    open: bool
    merged: bool
    author: str
    head: str
    title: str
    body: str


def blob(data: bytes) -> str:
    """What git calls a file of these bytes."""
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def made(adoption: Adoption, tree: str, base: str) -> Made:
    return Made(adoption.tenant.id, tree, base, blob(adoption.old), blob(adoption.new))


def message(adoption: Adoption, commit: Made) -> str:
    """A commit's message: no name from the tenant is in it, which could close an issue."""
    return f"{title(adoption)}\n\ngraphpolicy-adopts: {json.dumps(asdict(commit))}\n"


def by_us(tip: Tip, adoption: Adoption) -> Made | None:
    """What a commit says of itself, if it is just as we made it, for this tenant."""
    found = TRAILER.search(tip.message)
    try:
        said = Made(**json.loads(found[1])) if found else None
    except (ValueError, TypeError, RecursionError):
        return None
    return said if said and (said.tenant, said.tree) == (adoption.tenant.id, tip.tree) else None


def same(said: Made, adoption: Adoption) -> bool:
    """Whether a commit of ours already makes of the file what is to be made of it."""
    return (said.was, said.now) == (blob(adoption.old), blob(adoption.new))


def title(adoption: Adoption) -> str:
    count = len(adoption.settings)
    return f"Adopt drift in {short(adoption.tenant.name, 60)}: {_count(count)}"


def body(adoption: Adoption, run: str) -> str:
    """What a reviewer reads; below GitHub's limit, and harmless whatever the names are."""
    whose = f"{code(adoption.tenant.name)} ({code(adoption.tenant.id)})"
    lead = (
        f"In the tenant {whose} somebody changed what {code(adoption.path)} says. Merge this to "
        "accept what is live; apply the file as it is to take it back; or write a `hold` with a "
        "reason and an end.\n"
    )
    rows = [_row(setting) for setting in adoption.settings]
    foot = (
        "\nThis branch is brought up to date while nobody else pushes to it, and the pull request "
        "is closed when the drift is gone. GitHub starts no checks for what a job opens: close it "
        f"and open it again. [run]({run})\n"
    )
    left = _part("Stays different, for a person to settle:", adoption.left)
    notes = _part("Goes with it:", adoption.notes)
    settings = _some(rows, "settings, in the change itself")
    return "".join((f"{lead}\n", *settings, *left, *notes, foot))


SIDES = {"+": "only in the tenant", "-": "only in the file", "~": "file -> tenant"}


def _row(setting: Setting) -> str:
    """One setting; for a list every entry that came, went or changed, or a word that it is cut."""
    event = setting.event
    by = f" (by {prose(short(event.who, 100))}, {moment(event.at)})" if event else ""
    name = code(short(setting.name, 200))
    if not setting.moves:
        before, after = code(setting.before, MOST), code(setting.after, MOST)
        return f"{name}: {before} in the file, {after} in the tenant{by}"
    moves = (f"\n  * {SIDES[symbol]}: {code(text, None)}" for symbol, text in setting.moves)
    return f"{name}{by}:{''.join(moves)}"


def _part(lead: str, told: Iterable[str]) -> tuple[str, ...]:
    rows = [prose(short(line, 300)) for line in told]
    return (f"\n{lead}\n\n", *_some(rows, "more")) if rows else ()


def _some(rows: list[str], rest: str) -> tuple[str, ...]:
    """As many rows as there is room for, and a word on the others."""
    lengths = accumulate(len(row) for row in rows)
    shown = [row for row, length in zip(rows, lengths, strict=True) if length <= ROOM]
    more = len(rows) - len(shown)
    return (*(f"* {row}\n" for row in shown), *([f"* and {more} {rest}\n"] if more else ()))


def _count(count: int) -> str:
    return "1 setting" if count == 1 else f"{count} settings"
