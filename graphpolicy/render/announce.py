"""An announcement: its message and its note, as plain text, as Markdown and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from graphpolicy.announce import (
    PARTS,
    Announcement,
    AnnouncementSection,
    Picture,
    sentence,
    without_words,
)
from graphpolicy.announce.texts import SECURITY_INFO, Texts
from graphpolicy.announce.visible_settings import PROMPT
from graphpolicy.model import Change, Failure, Finding, Json
from graphpolicy.model.errors import Exit, worst
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import number
from graphpolicy.render import Style
from graphpolicy.render.as_json import failure_json, members, tenant_json
from graphpolicy.render.as_markdown import code, prose
from graphpolicy.render.blocks import Code, Heading, Items, Line
from graphpolicy.render.escape import short
from graphpolicy.render.plan_json import findings_json

WIDTH = 76
BETWEEN = f"\n{'_' * WIDTH}\n\n"

COUNTS = ("lose", "without_mfa", "not_known")

Part: TypeAlias = Literal["message", "note"]
BOTH: tuple[Part, ...] = ("message", "note")


@dataclass(frozen=True, slots=True)
class Drawn:
    """The prompt before and after, with the same in a sentence."""

    picture: Picture
    description: str


LetterBlock: TypeAlias = Heading | Line | Items | Code | Drawn
"""A piece of a letter; settings for the helpdesk are code."""

LETTERS = ("text", "markdown", "html")
"""Formats in which the message and the note are files of their own."""


@dataclass(frozen=True, slots=True)
class Announcements:
    """The announcements to write. `failures` are the tenants that have none, and why."""

    announcements: tuple[Announcement, ...]
    texts: Texts
    date: str = ""
    parts: tuple[Part, ...] = BOTH
    failures: tuple[Failure, ...] = ()
    file_findings: tuple[Finding, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 if the files have errors, else the worst of the tenants without an announcement."""
        if self.file_findings:
            return Exit.FAILED
        return worst(failure.exit_code for failure in self.failures)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong in the files, and in the messages to people."""
        found = (one for each in self.announcements for one in without_words(each))
        unsaid = dict.fromkeys(found) if "message" in self.parts else ()
        return (*self.file_findings, *unsaid)

    @property
    def verdict(self) -> str:
        """How many tenants have messages, and how many have none."""
        none = f", {number(len(self.failures), 'tenant')} without" if self.failures else ""
        return f"messages for {number(len(self.announcements), 'tenant')}{none}"


def messages(draft: Announcements) -> Iterator[list[LetterBlock]]:
    """Every letter: for each tenant the message, then the note."""
    for announcement in draft.announcements:
        texts = draft.texts.of(announcement.tenant.name)
        for part in draft.parts:
            made = _message if part == "message" else _note
            yield list(made(announcement, texts, draft.date))


def _message(announcement: Announcement, texts: Texts, date: str) -> Iterator[LetterBlock]:
    yield from _head("subject", announcement, texts, date)
    if not announcement.sections:
        yield Line(texts.fill("nothing"))
        return
    for section in announcement.sections:
        yield from _whom("for", section, texts)
        for part in ("see", "do", "never"):
            lines = section.parts(part)
            if part == "do" and section.register is not None:
                some = sentence(section.register, texts, "or")
                entry = f"register{'' if some else ' any'}{'' if date else ' soon'}"
                lines = (texts.fill(entry, methods=some, date=date), *lines)
            if lines:
                yield Heading(texts.fill(f"heading {part}"), 3)
                yield Items(lines)
        if section.picture:
            yield Heading(texts.fill("heading picture"), 3)
            yield Drawn(section.picture, described(section.picture, texts))
    yield Line(texts.fill("closing"))


def _note(announcement: Announcement, texts: Texts, date: str) -> Iterator[LetterBlock]:
    yield from _head("helpdesk subject", announcement, texts, date)
    if not announcement.sections:
        yield Line(texts.fill("nothing"))
        yield Line(texts.fill("helpdesk nothing"))
    for section in announcement.sections:
        yield from _whom("helpdesk for", section, texts)
        yield Heading(texts.fill("helpdesk heading people"), 3)
        yield Items((*section.parts("see"), *section.parts("never")))
        if answers := section.parts("helpdesk"):
            yield Heading(texts.fill("helpdesk heading answers"), 3)
            yield Items(answers)
    if counts := announcement.counts:
        yield Heading(texts.fill("helpdesk heading count"))
        lines = (texts.fill(f"helpdesk {name}", count=counts[name]) for name in COUNTS)
        yield Items(tuple(lines))
    unseen = announcement.unseen
    behind = [change for change in announcement.changes if change not in unseen]
    for name, changes in (("settings", behind), ("unseen", unseen)):
        if changes:
            yield Heading(texts.fill(f"helpdesk heading {name}"))
            yield Code(tuple(map(_setting, changes)))


def _head(
    subject: str, announcement: Announcement, texts: Texts, date: str
) -> Iterator[LetterBlock]:
    yield Heading(texts.fill(subject), 1)
    yield Line(texts.fill("tenant"), soft=True)
    if announcement.changes:
        yield Line(when(date, texts), soft=True)


def when(date: str, texts: Texts) -> str:
    """When the change comes, in a sentence: on the date, or soon if there is none."""
    return texts.fill("when", date=date) if date else texts.fill("when soon")


def _whom(entry: str, section: AnnouncementSection, texts: Texts) -> Iterator[LetterBlock]:
    people = section.people

    def named(words: Sequence[str]) -> str:
        """The words; in the note with the groups that they stand for."""
        groups = people.groups if entry == "helpdesk for" else {}
        return sentence(
            [f"{each} ({groups[each]})" if each in groups else each for each in words], texts
        )

    text = texts.fill(entry, people=named(people.include))
    if people.exclude:
        text = f"{text}, {texts.fill('but not', people=named(people.exclude))}"
    yield Heading(text)
    if people.unchanged:
        yield Line(texts.fill("unchanged", people=named(people.unchanged)))


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


def text(draft: Announcements, style: Style) -> str:
    """Every letter as plain text, in lines so short that no mail program wraps them."""
    return BETWEEN.join(map(text_of, messages(draft)))


def text_of(letter: Sequence[LetterBlock]) -> str:
    """One letter as plain text."""
    return "\n".join(_text(letter)).strip("\n") + "\n"


def _text(letter: Sequence[LetterBlock]) -> Iterator[str]:
    for block in letter:
        match block:
            case Drawn():
                yield _wrapped(block.description)
            case Heading(level=1):
                title = short(block.text, 2000)
                yield from (title, "=" * min(len(title), WIDTH), "")
            case Heading(level=2):
                title = _wrapped(short(block.text, 2000))
                yield from ("", title, "-" * max(map(len, title.split("\n"))))
            case Heading():
                yield from ("", short(block.text, 2000))
            case Line():
                yield from (*(() if block.soft else ("",)), _wrapped(short(block.text, 2000)))
            case Items() | Code():
                yield from (_wrapped(short(line, 2000), "* ") for line in block.lines)


def _wrapped(text: str, first: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def markdown(draft: Announcements, style: Style) -> str:
    """Every letter as Markdown, for a chat, a wiki or a pull request, with a rule between two."""
    letters = (
        "\n\n".join(_markdown(block, draft.texts) for block in letter) for letter in messages(draft)
    )
    return "\n---\n\n".join(f"{letter}\n" for letter in letters)


def _markdown(block: LetterBlock, texts: Texts) -> str:
    match block:
        case Drawn():
            return prose(block.description)
        case Heading():
            return f"{'#' * block.level} {prose(block.text)}"
        case Line():
            return prose(block.text)
        case Code():
            return "\n".join(f"* {code(line)}" for line in block.lines)
        case Items():
            link = f"[{prose(texts.security_info_name)}]({SECURITY_INFO})"
            lines = (link.join(map(prose, one.split(texts.security_info))) for one in block.lines)
            return "\n".join(f"* {line}" for line in lines)


def document(draft: Announcements, style: Style) -> Json:
    """Every tenant: the texts as in a mail, and the changes that each sentence comes from."""
    made = iter(messages(draft))
    found = [
        {
            **_announcement(announcement, draft),
            **{part: text_of(next(made)) for part in draft.parts},
        }
        for announcement in draft.announcements
    ]
    failures = [
        {"tenant": tenant_json(failure.tenant), "error": failure_json(failure)}
        for failure in draft.failures
    ]
    warnings = {"findings": findings_json(draft.findings)} if draft.findings else {}
    return {"announcements": [*found, *failures], **warnings}


def _announcement(announcement: Announcement, draft: Announcements) -> dict[str, Json]:
    texts = draft.texts.of(announcement.tenant.name)
    return {
        "tenant": tenant_json(announcement.tenant),
        "when": when(draft.date, texts) if announcement.changes else None,
        "date": draft.date or None,
        "sections": [
            {
                "people": {
                    **members(section.people, "include exclude unchanged"),
                    **({"groups": section.people.groups} if section.people.groups else {}),
                },
                "said": [
                    {
                        "setting": one.name,
                        "value": one.value or None,
                        **{part: one.texts.get(part) for part in PARTS},
                        "causes": _causes(one.causes),
                    }
                    for one in section.said
                ],
                "picture": section.picture and _picture(section.picture, texts),
            }
            for section in announcement.sections
        ],
        "unseen": _causes(announcement.unseen),
    }


def _picture(picture: Picture, texts: Texts) -> Json:
    sides = {"before": picture.before, "after": picture.after}
    return {
        **{name: {part: part in side for part in PROMPT} for name, side in sides.items()},
        "description": described(picture, texts),
    }


def _causes(changes: Iterable[Change]) -> Json:
    return [members(change, "resource path") for change in changes]
