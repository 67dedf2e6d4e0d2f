"""Blocks as Markdown, and hostile text in it: nothing of it is markup, a link or a mention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graphpolicy.model import Finding
from graphpolicy.render import Style, view
from graphpolicy.render.blocks import (
    Block,
    Code,
    Command,
    Diff,
    FactList,
    Gap,
    Heading,
    Items,
    Line,
    Table,
)
from graphpolicy.render.escape import WARNING, printable, short
from graphpolicy.render.findings import said

RISKY = re.compile(r"@|://|:[a-z+_-][a-z0-9+_-]*:|www\.|#\d|GH-\d", re.IGNORECASE)
"""What GitHub would turn into a mention, a link, an emoji or a reference, in a word."""

SIGNS = {"+": "+", "-": "-", "~": "!", " ": "!"}
"""The first character of a line of a diff."""

MOST_PEOPLE = 2_000
"""The most characters of a line about people."""


def fence(lines: Sequence[str], language: str = "") -> str:
    """Lines in a fence that nothing in them can close."""
    runs = [len(run) for line in lines for run in re.findall(r"`+", line)]
    ticks = "`" * max(3, 1 + max(runs, default=0))
    return "\n".join((f"{ticks}{language}", *lines, ticks)) + "\n"


def code(text: str, most: int | None = 400) -> str:
    """Text as a code span: no mention, no link, no markup in it."""
    text = (printable(text) if most is None else short(text, most)) or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def prose(text: str, most: int | None = 1500) -> str:
    """A sentence with names in it: words that GitHub would act on as code, the rest escaped."""
    text = printable(text) if most is None else short(text, most)
    return " ".join(map(_word, text.split(" ")))


def _word(word: str) -> str:
    if not RISKY.search(word):
        return re.sub(r"([\\`*_\[\]<>&|~#!$])", r"\\\1", word)
    inner = word.removeprefix("(").rstrip("),;:.")
    if not RISKY.search(inner):
        return code(word, None)
    lead, _, rest = word.partition(inner)
    return f"{lead}{code(inner, None)}{rest}"


def render(result: object, style: Style) -> str:
    """A result with blocks."""
    parts = [part for block in view(result, "page", style, "blocks") for part in _parts(block)]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _parts(block: Block) -> Iterator[str]:
    match block:
        case Heading(text=title, level=level):
            yield f"{'#' * (level + 1)} {prose(title)}"
        case FactList(rows=rows):
            # What continues a fact is a line of its item: a backslash breaks the line before it.
            facts = (
                f"\n- {name.strip()}: {prose(text)}" if name.strip() else f"\\\n  {prose(text)}"
                for name, text, *_ in rows
            )
            yield "".join(facts).removeprefix("\n")
        case Table(head=head, rows=rows):
            lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
            lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
            yield "\n".join(lines)
        case Line(text=sentence):
            yield prose(sentence)
        case Items(lines=lines):
            if lines:
                yield "\n".join(f"- {prose(line)}" for line in lines)
        case Command(lead=lead, text=command):
            if lead.strip():
                yield prose(lead.strip())
            yield fence([command], "sh")
        case Code(lines=lines):
            yield fence(lines)
        case Diff():
            yield fence(list(diff_lines(block)), "diff")
        case Finding():
            sign = {"error": "❌", "warning": WARNING, "note": "i"}[block.level]
            message, *rest = map(prose, said(block))
            place = f" ({code(str(block.source))})" if block.source else ""
            lead = f"{sign} **{block.level}** {code(block.rule)}: {message}{place}"
            yield "  \n".join([lead, *rest])
        case Gap():
            return


def diff_lines(diff: Diff) -> Iterator[str]:
    """The lines of a diff as GitHub colours them; entries that stay are left out."""
    if diff.heading:
        yield f"@@ {printable(diff.heading)} @@"
    yield f"  {short(diff.title)}"
    for entry in diff.entries:
        name = printable(entry.name)
        for sign, text in entry.lines:
            if sign != " " or diff.drift:
                yield f"{SIGNS[sign]}   {name}: {printable(text)}"
        if entry.emptied:
            yield f"!   {name}: {printable(entry.emptied)}"
        if not entry.lines:
            yield f"-   {name}: {printable(entry.before)}"
            yield f"+   {name}: {printable(entry.after)}"
        if entry.changed_by:
            yield f"      {short(entry.changed_by)}"
        if entry.people and not entry.people_said:
            yield f"      {short(entry.people, MOST_PEOPLE)}"


def _cell(text: str) -> str:
    """A code span that can't end the cell of a table."""
    return code(text).replace("|", "\\|") if text else ""
