"""The changes of a plan as diffs, the same for all formats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from graphpolicy.compare.author_words import by_whom
from graphpolicy.model import Audience, Cause, Change
from graphpolicy.render.blocks import Diff, DiffEntry
from graphpolicy.render.phrases import reach

HEADINGS: Mapping[Cause, str] = {
    "edit": "Edited in the files",
    "both": "Edited in the files, and changed in the tenant as well",
    "drift": "Changed in the tenant, which this plan would undo",
    "unknown": "",
}
"""The heading above the changes of each cause."""


def diffs(changes: Sequence[Change], verb: str) -> Iterator[Diff]:
    """A diff for each run of changes to one resource, those of one cause together."""
    for cause, heading in HEADINGS.items():
        drift = "drift" in (verb, cause)
        own = [change for change in changes if change.cause == cause]
        runs = groupby(own, key=lambda change: change.title)
        for index, (title, run) in enumerate(runs):
            entries = tuple(_entries(run, verb, drift=drift))
            yield Diff(title, entries, "" if index else heading, drift)


def _entries(changes: Iterator[Change], verb: str, *, drift: bool) -> Iterator[DiffEntry]:
    previous: Audience | None = None
    for change in changes:
        own, by = change.audience, by_whom(change.changed_by)
        # A state decides about the whole method, so it always says who that is. A drift report says
        # it once, where it describes the apply that would undo the drift.
        news = own != previous or change.path.endswith("state")
        yield DiffEntry(
            name=change.path,
            lines=tuple(drifted(change)) if drift else change.entries,
            before=change.before_label,
            after=change.after_label,
            emptied="" if drift or not change.entries or change.after != [] else _emptied(change),
            label=change.label,
            source=change.source,
            changed_by=f"changed by {by}" if by and not drift else "",
            address=(change.author and change.author.ip_address) or "",
            people=reach(change, own) if own else "",
            people_said=not news or verb == "drift",
        )
        previous = own


def drifted(change: Change) -> Iterator[tuple[str, str]]:
    """How the tenant differs from the file, live first: (`-`, `+`, `~` or a blank, text).

    `-` is only in the tenant, `+` only in the file.
    """
    by = by_whom(change.changed_by)
    if not change.entries:
        live = f"tenant: {change.before_label}{f' (by {by})' if by else ''}"
        yield " ", f"{live} · file: {change.after_label}"
        return
    if by:
        yield " ", f"changed by {by}"
    where = {"-": "only in the tenant", "+": "only in the file", "~": "tenant -> file"}
    for symbol, side in where.items():
        for own, text in change.entries:
            if own == symbol:
                yield symbol, f"{side}: {text}"


def _emptied(change: Change) -> str:
    who = change.path.rpartition(".")[2] in ("includeTargets", "excludeTargets")
    return f"{'nobody' if who else 'nothing'} is left in the list"
