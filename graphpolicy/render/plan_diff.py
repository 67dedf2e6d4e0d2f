"""The changes of a plan as a diff in a comment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from graphpolicy.model import Change
from graphpolicy.plan.tally import settings
from graphpolicy.render.as_markdown import code, fence
from graphpolicy.render.escape import printable, short
from graphpolicy.render.phrases import CAUSES, changed_by, drifted, emptied, reached
from graphpolicy.render.sections import CHUNK, Section, folded_away, portions

OPEN = 40
"""Lines up to which a diff is not folded; a longer one is folded by resource."""

SYMBOLS = {"+": "+", "-": "-", "~": "!"}


def diffs(changes: Sequence[Change], verb: str, rank: int) -> Iterator[Section]:
    """The sections of the diff: one if it is short, else folded by resource, and split if long."""
    blocks: list[tuple[str, list[Change], list[str]]] = []
    for cause, heading in CAUSES.items():
        own = [change for change in changes if change.cause == cause]
        for index, (title, group) in enumerate(groupby(own, key=lambda change: change.title)):
            block = list(group)
            lead = [f"@@ {heading} @@"] if heading and not index else []
            blocks.append((title, block, [*lead, *_diff(title, block, verb)]))
    lines = [line for _, _, diff in blocks for line in diff]
    if lines and len(lines) <= OPEN and len("".join(lines)) <= CHUNK:
        moves = sum(map(_moves, changes))
        yield Section(rank, "the diff", f"\n{fence(lines, 'diff')}", entries=moves)
        return
    for title, block, diff in blocks:
        if len("".join(diff)) <= CHUNK:
            what, brief = settings(len(block)), f"\n* {code(short(title, 60))}: "
            brief += f"{what}, more on the page of the plan\n"
            moves = sum(map(_moves, block))
            yield Section(
                rank,
                f"the diff of {code(short(title, 60))}",
                _block(title, what, diff),
                brief,
                moves,
            )
            continue
        for change in block:
            name, *steps = _diff(title, [change], verb)
            yield from _parts(change, name, steps, rank)


def _parts(change: Change, lead: str, steps: Sequence[str], rank: int) -> Iterator[Section]:
    """One change in sections of whole lines, each of at most `CHUNK` characters or one line."""
    about = f"\n* {code(change.title)}: {code(change.path)}, more on the page of the plan\n"
    name = f"<code>{escape(printable(change.path))}</code>"
    for part in portions(steps):
        moves = sum(line[0] in "+-!" for line in part)
        text = _block(change.title, name, [lead, *part])
        moves = moves if change.entries else min(moves, 1)
        yield Section(rank, f"the diff of {code(short(change.title, 60))}", text, about, moves)


def _block(title: str, what: str, lines: Sequence[str]) -> str:
    """Lines of a diff, folded. `what` is HTML."""
    summary = f"<code>{escape(short(title, 60))}</code>: {what}"
    return folded_away(summary, fence(lines, "diff"))


def _moves(change: Change) -> int:
    return len(change.moves) or 1


def _diff(title: str, changes: Iterable[Change], verb: str) -> Iterator[str]:
    yield f"  {short(title)}"
    for change, people in reached(changes):
        live_first = "drift" in (verb, change.cause)
        if live_first:
            for symbol, text in drifted(change):
                yield f"{SYMBOLS.get(symbol, '!')}   {change.path}: {printable(text)}"
        elif change.entries:
            for symbol, text in change.moves:
                yield f"{SYMBOLS[symbol]}   {change.path}: {printable(text)}"
            if change.after == []:
                yield f"!   {change.path}: {emptied(change)}"
        else:
            yield f"-   {change.path}: {printable(change.before_label)}"
            yield f"+   {change.path}: {printable(change.after_label)}"
        if not live_first and (by := changed_by(change)):
            yield f"      {short(by)}"
        if people and verb != "drift":
            yield f"      {short(people, CHUNK // 2)}"
