"""The message and the note of an announcement as blocks, which each format lays out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from graphpolicy.announce import Announcement, Picture, Section, sentence
from graphpolicy.announce.texts import Texts
from graphpolicy.model import Change, Failure
from graphpolicy.model.records import dataclass

Part: TypeAlias = Literal["message", "note"]
BOTH: tuple[Part, ...] = ("message", "note")

Kind: TypeAlias = Literal["subject", "lead", "section", "heading", "line", "items", "settings"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a letter; `lines` is one text, or the items of a list."""

    kind: Kind
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The prompt before and after, with the same in a sentence."""

    picture: Picture
    description: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The announcements to write. `failures` are the tenants that have none, and why."""

    announcements: tuple[Announcement, ...]
    texts: Texts
    date: str = ""
    parts: tuple[Part, ...] = BOTH
    failures: tuple[Failure, ...] = ()


def messages(draft: Draft) -> Iterator[list[Block | Drawn]]:
    """Every letter: for each tenant the message, then the note."""
    for announcement in draft.announcements:
        texts = draft.texts.of(announcement.tenant.name)
        for part in draft.parts:
            made = _message if part == "message" else _note
            yield list(made(announcement, texts, draft.date))


def _message(announcement: Announcement, texts: Texts, date: str) -> Iterator[Block | Drawn]:
    yield from _head("subject", announcement, texts, date)
    if not announcement.sections:
        yield Block("line", (texts.fill("nothing"),))
        return
    for section in announcement.sections:
        yield from _whom("for", section, texts)
        for part in ("see", "do", "never"):
            if lines := section.parts(part):
                yield Block("heading", (texts.fill(f"heading {part}"),))
                yield Block("items", lines)
        if section.picture:
            yield Block("heading", (texts.fill("heading picture"),))
            yield Drawn(section.picture, described(section.picture, texts))
    yield Block("line", (texts.fill("closing"),))


def _note(announcement: Announcement, texts: Texts, date: str) -> Iterator[Block | Drawn]:
    yield from _head("helpdesk subject", announcement, texts, date)
    if not announcement.sections:
        yield Block("line", (texts.fill("nothing"),))
        yield Block("line", (texts.fill("helpdesk nothing"),))
    for section in announcement.sections:
        yield from _whom("helpdesk for", section, texts)
        yield Block("heading", (texts.fill("helpdesk heading people"),))
        yield Block("items", (*section.parts("see"), *section.parts("never")))
        if answers := section.parts("helpdesk"):
            yield Block("heading", (texts.fill("helpdesk heading answers"),))
            yield Block("items", answers)
    unseen = announcement.unseen
    behind = [change for change in announcement.changes if change not in unseen]
    for name, changes in (("settings", behind), ("unseen", unseen)):
        if changes:
            yield Block("section", (texts.fill(f"helpdesk heading {name}"),))
            yield Block("settings", tuple(map(_setting, changes)))


def _head(subject: str, announcement: Announcement, texts: Texts, date: str) -> Iterator[Block]:
    yield Block("subject", (texts.fill(subject),))
    yield Block("lead", (texts.fill("tenant"),))
    if announcement.changes:
        yield Block("lead", (when(date, texts),))


def when(date: str, texts: Texts) -> str:
    """When the change comes, in a sentence: on the date, or soon if there is none."""
    return texts.fill("when", date=date) if date else texts.fill("when soon")


def _whom(entry: str, section: Section, texts: Texts) -> Iterator[Block]:
    people = section.people
    text = texts.fill(entry, people=sentence(people.include, texts))
    if people.exclude:
        left = texts.fill("but not", people=sentence(people.exclude, texts))
        text = f"{text}, {left}"
    yield Block("section", (text,))
    if people.unchanged:
        same = texts.fill("unchanged", people=sentence(people.unchanged, texts))
        yield Block("line", (same,))


def _setting(change: Change) -> str:
    name = f"{change.resource}.{change.path}"
    return f"{name}: {change.before_label} -> {change.after_label}"


def described(picture: Picture, texts: Texts) -> str:
    """The picture in words, for people who can't see it."""

    def prompt(parts: frozenset[str]) -> str:
        first = "picture number" if "number" in parts else "picture tap"
        rest = [f"picture {part}" for part in ("application", "map") if part in parts]
        return sentence([texts.fill(entry) for entry in (first, *rest)], texts)

    return texts.fill(
        "picture description", before=prompt(picture.before), after=prompt(picture.after)
    )
