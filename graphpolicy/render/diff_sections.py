"""Diffs in a comment, in sections that may be left out if not all of them fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from graphpolicy.model import Change
from graphpolicy.plan.tally import settings
from graphpolicy.render.as_markdown import code, diff_lines, fence
from graphpolicy.render.blocks import Diff, DiffEntry
from graphpolicy.render.escape import printable, short
from graphpolicy.render.plan_diff import diffs
from graphpolicy.render.sections import CHUNK, Section, folded_away, portions

OPEN = 40
"""Lines up to which a diff is not folded; a longer one is folded by resource."""


def diff_sections(changes: Sequence[Change], verb: str, rank: int) -> Iterator[Section]:
    """The sections of the diff: one if it is short, else folded by resource, and split if long."""
    blocks = [(diff, list(diff_lines(diff))) for diff in diffs(changes, verb)]
    lines = [line for _, own in blocks for line in own]
    if lines and len(lines) <= OPEN and len("".join(lines)) <= CHUNK:
        moves = sum(_moves(entry) for diff, _ in blocks for entry in diff.entries)
        yield Section(rank, "the diff", f"\n{fence(lines, 'diff')}", entries=moves)
        return
    for diff, own in blocks:
        title = code(short(diff.title, 60))
        if len("".join(own)) <= CHUNK:
            what = settings(len(diff.entries))
            brief = f"\n* {title}: {what}, more on the page of the plan\n"
            moves = sum(map(_moves, diff.entries))
            yield Section(
                rank, f"the diff of {title}", _folded(diff.title, what, own), brief, moves
            )
            continue
        for entry in diff.entries:
            alone = replace(entry, people_said=verb == "drift")
            yield from _parts(replace(diff, heading="", entries=(alone,)), rank)


def _parts(diff: Diff, rank: int) -> Iterator[Section]:
    """A diff of one entry in sections of whole lines, of at most `CHUNK` characters or one line."""
    (entry,) = diff.entries
    about = f"\n* {code(diff.title)}: {code(entry.name)}, more on the page of the plan\n"
    name = f"<code>{escape(printable(entry.name))}</code>"
    lead, *lines = diff_lines(diff)
    for part in portions(lines):
        moves = sum(line[0] in "+-!" for line in part)
        text = _folded(diff.title, name, [lead, *part])
        moves = moves if entry.lines else min(moves, 1)
        yield Section(rank, f"the diff of {code(short(diff.title, 60))}", text, about, moves)


def _folded(title: str, what: str, lines: Sequence[str]) -> str:
    """Lines of a diff, folded. `what` is HTML."""
    summary = f"<code>{escape(short(title, 60))}</code>: {what}"
    return folded_away(summary, fence(lines, "diff"))


def _moves(entry: DiffEntry) -> int:
    return sum(sign != " " for sign, _ in entry.lines) or 1
