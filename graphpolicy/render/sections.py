"""Which parts of a comment are shown if not all of them fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import number

ERRORS, CHANGES = 1, 3
"""The highest rank of refused or accepted errors, and the highest rank of changes."""

NAMED = 8

CHUNK = 4_000
"""Characters of one section at most, if its content can be split."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part that is shown whole or not at all.

    Sections with a low `rank` are kept first. Within a rank each `kind` has its turn, the short
    ones first: neither a long section nor many of one kind push out the others. `brief` replaces a
    section that is left out; sections with the same brief share it. `entries` counts the changed
    entries in it, and `errors` the errors. A section that is `first` may take all of the room.
    """

    rank: int
    name: str
    text: str
    brief: str = ""
    entries: int = 0
    kind: str = ""
    """A rule, or what the name says."""
    errors: int = 0
    first: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """How many errors are not even named, and how many changed entries are not shown."""

    errors: int = 0
    changes: int = 0

    def __bool__(self) -> bool:
        return bool(self.errors or self.changes)

    def __str__(self) -> str:
        entries = "changed entry" if self.changes == 1 else "changed entries"
        changes = f"{self.changes} {entries}" if self.changes else ""
        errors = number(self.errors, "error") if self.errors else ""
        return " and ".join(filter(None, (errors, changes)))


def fitting(sections: Sequence[Section], room: int) -> tuple[str, Left]:
    """As many whole sections as fit into `room` characters, in order, and a note about the others.

    Within a rank the first of every kind comes before the second of any. Refused and accepted
    errors leave room for changes, as long as every error is at least named.
    """
    order = _turns(sections)
    left, kept = room, set[int]()
    for index in order:
        if sections[index].first and len(sections[index].text) <= left:
            kept.add(index)
            left -= len(sections[index].text)
    errors = [index for index in order if sections[index].rank <= ERRORS]
    changes = [index for index in order if ERRORS < sections[index].rank <= CHANGES]
    briefs: set[str] = set()
    used = 0
    for which, share in ((errors, 0.6), (changes, 0.8), (order, 0.85)):
        for brief in (sections[index].brief for index in which):
            if brief not in briefs and used + len(brief) <= left * share:
                briefs.add(brief)
                used += len(brief)
    left -= used
    for which, least in ((errors, left * 0.4), (changes, 0), (order, 0)):
        for index in which:
            size = len(sections[index].text)
            if index not in kept and left - size >= least:
                kept.add(index)
                left -= size
    said: list[str] = []
    lacking: list[Section] = []
    unsaid = set(briefs)
    for index, section in enumerate(sections):
        if index in kept:
            said.append(section.text)
        elif section.brief in unsaid:
            unsaid.remove(section.brief)
            said.append(section.brief)
        if index not in kept and (not section.brief or section.brief not in briefs):
            lacking.append(section)
    text = "".join(said)
    cut = [section for index, section in enumerate(sections) if index not in kept]
    if not cut:
        return text, Left()
    names = list(dict.fromkeys(section.name for section in cut))
    listed = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    word = (
        f"{text}\n> [!NOTE]\n> **This was cut**: {number(len(cut), 'section')} did not fit into a "
        f"comment ({listed}). The page of the plan in the run's files has everything.\n"
    )
    unnamed = sum(section.errors for section in lacking)
    return word, Left(unnamed, sum(section.entries for section in cut))


def portions(pieces: Iterable[str], between: int = 0) -> Iterator[list[str]]:
    """Pieces in lists of at most `CHUNK` characters, or of one piece; `between` is the number of
    characters between two.
    """
    part: list[str] = []
    size = 0
    for piece in pieces:
        if part and size + len(piece) > CHUNK:
            yield part
            part, size = [], 0
        part.append(piece)
        size += len(piece) + between
    if part:
        yield part


def folded_away(summary: str, text: str) -> str:
    """A text that is seen when a reader opens it. `summary` is HTML."""
    return f"\n<details><summary>{summary}</summary>\n\n{text}\n</details>\n"


def _turns(sections: Sequence[Section]) -> list[int]:
    """The order in which sections are kept: by rank, each kind in turn, the short ones first."""
    turns: Counter[tuple[int, str]] = Counter()
    places: dict[int, tuple[int, int, int]] = {}
    for index in sorted(range(len(sections)), key=lambda each: len(sections[each].text)):
        section = sections[index]
        turn = (section.rank, section.kind or section.name)
        places[index] = (section.rank, turns[turn], len(section.text))
        turns[turn] += 1
    return sorted(places, key=lambda each: places[each])
