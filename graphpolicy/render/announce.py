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
from graphpolicy.model.errors import worst
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import number
from graphpolicy.render import Style
from graphpolicy.render.as_json import failure_json, members, tenant_json
from graphpolicy.render.as_markdown import code, prose
from graphpolicy.render.escape import short
from graphpolicy.render.plan_json import findings_json

WIDTH = 76
BETWEEN = f"\n{'_' * WIDTH}\n\n"
HEADS = {"subject": "# ", "section": "## ", "heading": "### "}

COUNTS = ("lose", "without_mfa", "not_known")

Part: TypeAlias = Literal["message", "note"]
BOTH: tuple[Part, ...] = ("message", "note")

PassageKind: TypeAlias = Literal[
    "subject", "lead", "section", "heading", "line", "items", "settings"
]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a letter; `lines` is one text, or the items of a list."""

    kind: PassageKind
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The prompt before and after, with the same in a sentence."""

    picture: Picture
    description: str


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

    @property
    def exit_code(self) -> int:
        return worst(failure.exit_code for failure in self.failures)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong in the messages to people."""
        found = (one for each in self.announcements for one in without_words(each))
        return tuple(dict.fromkeys(found)) if "message" in self.parts else ()

    @property
    def verdict(self) -> str:
        """How many tenants have messages, and how many have none."""
        none = f", {number(len(self.failures), 'tenant')} without" if self.failures else ""
        return f"messages for {number(len(self.announcements), 'tenant')}{none}"


def messages(draft: Announcements) -> Iterator[list[Passage | Drawn]]:
    """Every letter: for each tenant the message, then the note."""
    for announcement in draft.announcements:
        texts = draft.texts.of(announcement.tenant.name)
        for part in draft.parts:
            made = _message if part == "message" else _note
            yield list(made(announcement, texts, draft.date))


def _message(announcement: Announcement, texts: Texts, date: str) -> Iterator[Passage | Drawn]:
    yield from _head("subject", announcement, texts, date)
    if not announcement.sections:
        yield Passage("line", (texts.fill("nothing"),))
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
                yield Passage("heading", (texts.fill(f"heading {part}"),))
                yield Passage("items", lines)
        if section.picture:
            yield Passage("heading", (texts.fill("heading picture"),))
            yield Drawn(section.picture, described(section.picture, texts))
    yield Passage("line", (texts.fill("closing"),))


def _note(announcement: Announcement, texts: Texts, date: str) -> Iterator[Passage | Drawn]:
    yield from _head("helpdesk subject", announcement, texts, date)
    if not announcement.sections:
        yield Passage("line", (texts.fill("nothing"),))
        yield Passage("line", (texts.fill("helpdesk nothing"),))
    for section in announcement.sections:
        yield from _whom("helpdesk for", section, texts)
        yield Passage("heading", (texts.fill("helpdesk heading people"),))
        yield Passage("items", (*section.parts("see"), *section.parts("never")))
        if answers := section.parts("helpdesk"):
            yield Passage("heading", (texts.fill("helpdesk heading answers"),))
            yield Passage("items", answers)
    if counts := announcement.counts:
        yield Passage("section", (texts.fill("helpdesk heading count"),))
        lines = (texts.fill(f"helpdesk {name}", count=counts[name]) for name in COUNTS)
        yield Passage("items", tuple(lines))
    unseen = announcement.unseen
    behind = [change for change in announcement.changes if change not in unseen]
    for name, changes in (("settings", behind), ("unseen", unseen)):
        if changes:
            yield Passage("section", (texts.fill(f"helpdesk heading {name}"),))
            yield Passage("settings", tuple(map(_setting, changes)))


def _head(subject: str, announcement: Announcement, texts: Texts, date: str) -> Iterator[Passage]:
    yield Passage("subject", (texts.fill(subject),))
    yield Passage("lead", (texts.fill("tenant"),))
    if announcement.changes:
        yield Passage("lead", (when(date, texts),))


def when(date: str, texts: Texts) -> str:
    """When the change comes, in a sentence: on the date, or soon if there is none."""
    return texts.fill("when", date=date) if date else texts.fill("when soon")


def _whom(entry: str, section: AnnouncementSection, texts: Texts) -> Iterator[Passage]:
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
    yield Passage("section", (text,))
    if people.unchanged:
        yield Passage("line", (texts.fill("unchanged", people=named(people.unchanged)),))


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


def text_of(letter: Sequence[Passage | Drawn]) -> str:
    """One letter as plain text."""
    return "\n".join(_text(letter)).strip("\n") + "\n"


def _text(letter: Sequence[Passage | Drawn]) -> Iterator[str]:
    for block in letter:
        if isinstance(block, Drawn):
            yield _wrapped(block.description)
            continue
        texts = [short(line, 2000) for line in block.lines]
        match block.kind:
            case "subject":
                yield from (texts[0], "=" * min(len(texts[0]), WIDTH), "")
            case "lead":
                yield _wrapped(texts[0])
            case "section":
                title = _wrapped(texts[0])
                yield from ("", title, "-" * max(map(len, title.split("\n"))))
            case "heading":
                yield from ("", texts[0])
            case "line":
                yield from ("", _wrapped(texts[0]))
            case "items" | "settings":
                yield from (_wrapped(text, "* ") for text in texts)


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


def _markdown(block: Passage | Drawn, texts: Texts) -> str:
    if isinstance(block, Drawn):
        return prose(block.description)
    if block.kind in ("items", "settings"):
        if block.kind == "settings":
            return "\n".join(f"* {code(line)}" for line in block.lines)
        link = f"[{prose(texts.security_info_name)}]({SECURITY_INFO})"
        items = (link.join(map(prose, line.split(texts.security_info))) for line in block.lines)
        return "\n".join(f"* {line}" for line in items)
    return f"{HEADS.get(block.kind, '')}{prose(block.lines[0])}"


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
