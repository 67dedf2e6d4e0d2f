"""The news of a nightly run, as a message for Teams, for Slack, or as plain JSON. Pure.

Sources: Adaptive Cards' schema 1.5; Microsoft's pages "Create incoming webhooks with Workflows"
(the message that such a webhook takes) and "Microsoft Teams", known issues (28 KB in all); Slack's
pages "Sending messages using incoming webhooks", "Formatting text for app surfaces" (what is to be
escaped) and of each block (their limits). Names come from tenants: they stand only where a receiver
reads no marks, links or mentions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from graphpolicy.github.drift_result import DriftedSetting, TenantDrift
from graphpolicy.github.tenant_issue import SINCE, WHERE, count
from graphpolicy.github.wave_news import WaveNews, counted
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass
from graphpolicy.render.escape import short

NewsKind: TypeAlias = Literal["drift", "ended", "blind", "sees", "waves"]

TEAMS_BYTES = 20_000
"""Teams documents about 28 KB for a message; 21 KB is what public tools have measured."""

SLACK_CHARACTERS = 10_000
"""Slack takes 50 blocks of 3,000 characters, and refused 13,200 in all (slackapi/bolt-js#2509)."""

SLACK_BLOCKS, SLACK_SECTION, SLACK_HEADER = 50, 3_000, 150
JSON_BYTES = 100_000
LONGEST_LINE, LONGEST_NAME = 400, 60
ADDRESS = re.compile(r"https?://[^\s<>|\"'{}]+")


@dataclass(frozen=True, slots=True)
class News:
    """What is new about one tenant since the last message."""

    kind: NewsKind
    look: TenantDrift
    waves: tuple[WaveNews, ...] = ()

    @property
    def title(self) -> str:
        name = short(self.look.name, LONGEST_NAME)
        if self.kind == "blind":
            return f"Drift in {name} can't be checked"
        if self.kind == "sees":
            return f"Drift in {name} can be checked again, and there is none"
        if self.kind == "ended":
            return f"No more drift in {name}"
        if self.kind == "waves":
            return f"Waves of rollouts in {name}: {counted(self.waves)}"
        return f"Drift in {name}: {count(self.look)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The sentences below the title, each a whole one."""
        return tuple(short(each, LONGEST_LINE) for each in self._said())

    def _said(self) -> Iterator[str]:
        if self.kind == "blind":
            yield f"The tenant could not be read: {self.look.blind}"
        elif self.kind == "waves":
            yield from (each.sentence for each in self.waves)
        elif self.kind == "drift":
            for rule, message in (*self.look.errors, *self.look.warnings):
                yield f"{rule}: {message}"
            yield from map(_line, self.look.differences)
            if self.look.besides:
                yield f"also changed, in no file and not counted as drift: {len(self.look.besides)}"


def _line(each: DriftedSetting) -> str:
    by = f" (by {each.who})" if each.who else ""
    what = f"{each.what}, in no file" if each.undeclared else each.what
    if each.moves:
        words = SINCE if each.undeclared else WHERE
        return f"{what}{by}: {'; '.join(f'{words[sign]}: {text}' for sign, text in each.moves)}"
    before = "snapshot" if each.undeclared else "file"
    return f"{what}: tenant {each.live}{by}, {before} {each.declared}"


@dataclass(frozen=True, slots=True)
class TenantSection:
    """A tenant in a message, with as many of its lines as there was room for."""

    title: str
    lines: tuple[str, ...]


def fitted(
    news: Sequence[News], room: int, cost: Callable[[str], int], most: int | None = None
) -> tuple[list[TenantSection], str]:
    """As many tenants and lines as there is room for, and a sentence about what is left out.

    A line is whole or left out. Titles come before lines: every tenant is named before
    the first one gets its lines. `most` is how many tenants may be in it, None for any number.
    """
    titles: list[News] = []
    for each in news[:most]:
        if cost(each.title) > room:
            break
        room -= cost(each.title)
        titles.append(each)
    sections, left = [], 0
    for each in titles:
        kept: list[str] = []
        for line in each.lines:
            if cost(line) > room:
                left += 1
                continue
            room -= cost(line)
            kept.append(line)
        sections.append(TenantSection(each.title, tuple(kept)))
    away = len(news) - len(titles)
    said = [f"{left} more {'line' if left == 1 else 'lines'}"] if left else []
    said += [f"{away} more {'tenant' if away == 1 else 'tenants'}"] if away else []
    return sections, f"and {' and '.join(said)}, see the run" if said else ""


def teams(news: Sequence[News], run: str) -> Json:
    """An Adaptive Card in a message, as a webhook of Teams Workflows takes it.

    Text from tenants is in text runs, in which Teams reads no Markdown.
    """
    sections, more = fitted(news, TEAMS_BYTES, lambda text: _bytes(_run(text)))
    body: list[Json] = []
    for section in sections:
        body.append(_run(section.title, weight="Bolder", size="Medium"))
        body += map(_run, section.lines)
    body += [_run(more, isSubtle=True)] if more else []
    link = {"type": "Action.OpenUrl", "title": "Open the run", "url": run}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "fallbackText": "graphpolicy has news; this client is too old to show it.",
        "body": body,
        "actions": [link] if run else [],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, **look: Json) -> Json:
    """A paragraph. A card evaluates what is between double braces, so these are split."""
    parted = text.replace("{{", "{ {")
    return {
        "type": "RichTextBlock",
        "inlines": [{"type": "TextRun", "text": parted, **look}],
    }


def slack(news: Sequence[News], run: str) -> Json:
    """A message of blocks, as an incoming webhook of Slack takes it.

    Text from tenants is in plain text, in which Slack reads neither marks nor mentions.
    """
    # A header and a section for each tenant, one block for what is left out, one for the link.
    most = (SLACK_BLOCKS - 2) // 2
    sections, more = fitted(news, SLACK_CHARACTERS, lambda text: len(_plain(text)) + 1, most)
    blocks: list[Json] = []
    for section in sections:
        blocks.append({"type": "header", "text": _text(section.title, SLACK_HEADER)})
        body = "\n".join(section.lines)
        if body:
            blocks.append({"type": "section", "text": _text(body, SLACK_SECTION)})
    blocks += [{"type": "section", "text": _text(more, SLACK_SECTION)}] if more else []
    if run:
        words = {"type": "mrkdwn", "text": f"<{_plain(run)}|Open the run>", "verbatim": True}
        blocks.append({"type": "section", "text": words})
    title = "; ".join(section.title for section in sections)
    return {"text": _cut(title, SLACK_SECTION), "blocks": blocks}


def _text(text: str, most: int) -> Json:
    return {"type": "plain_text", "text": _cut(text, most), "emoji": False}


def _cut(text: str, most: int) -> str:
    """The text for Slack; if it is too long the whole lines that fit, or else its beginning."""
    if len(_plain(text)) <= most:
        return _plain(text)
    lines = text.split("\n")
    for kept in range(len(lines) - 1, 0, -1):
        left = len(lines) - kept
        shown = "\n".join([*lines[:kept], f"and {left} more, see the run"])
        if len(_plain(shown)) <= most:
            return _plain(shown)
    while len(_plain(text)) > most - 1:
        text = text[:-1]
    return f"{_plain(text)}…"


def _plain(text: str) -> str:
    """Slack's three control characters as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def webhook(news: Sequence[News], run: str) -> Json:
    """Plain JSON for any other receiver.

    `{source, version, run, tenants, left_out}`, a tenant `{name, id, kind, title, blind,
    differences, errors, warnings, waves}`: `kind` is drift, ended, blind, sees or waves, `left_out`
    how many entries there was no room for. A wave is `{rollout, wave, state, waits_for}`, its state
    opened, due or held.
    """
    tenants: list[dict[str, Json]] = []
    room, left = JSON_BYTES, 0
    for each in news:
        look = each.look
        head: dict[str, Json] = {
            "name": short(look.name, LONGEST_NAME),
            "id": short(look.tenant, LONGEST_NAME),
            "kind": each.kind,
            "title": each.title,
            "blind": short(look.blind, LONGEST_LINE) or None,
            **{name: [] for name in ("differences", "errors", "warnings", "waves")},
        }
        if _bytes(head) > room:
            left += 1
            continue
        room -= _bytes(head)
        tenants.append(head)
        for name, entry in _entries(each):
            if _bytes(entry) > room:
                left += 1
                continue
            room -= _bytes(entry)
            head[name].append(entry)
    return {
        "source": "graphpolicy",
        "version": "1",
        "run": run or None,
        "tenants": tenants,
        "left_out": left,
    }


def _entries(news: News) -> Iterator[tuple[str, Json]]:
    """The news about a tenant, by the list that it is in."""
    for wave in news.waves:
        why = [short(each, LONGEST_LINE) for each in wave.why]
        names = {
            "rollout": short(wave.rollout, LONGEST_LINE),
            "wave": short(wave.wave, LONGEST_LINE),
        }
        yield "waves", {**names, "state": wave.state, "waits_for": why}
    if news.kind == "drift":
        yield from _of_drift(news.look)


def _of_drift(look: TenantDrift) -> Iterator[tuple[str, Json]]:
    for name, found in (("errors", look.errors), ("warnings", look.warnings)):
        for rule, said in found:
            yield name, {"rule": rule, "message": short(said, LONGEST_LINE)}
    for each in look.differences:
        yield (
            "differences",
            {
                "setting": short(each.what, LONGEST_LINE),
                "in_a_file": not each.undeclared,
                "declared": short(each.declared, LONGEST_LINE),
                "tenant": short(each.live, LONGEST_LINE),
                "changed_by": short(each.who, LONGEST_LINE) or None,
            },
        )


RECEIVERS: Mapping[str, Callable[[Sequence[News], str], Json]] = {
    "teams": teams,
    "slack": slack,
    "webhook": webhook,
}
"""The message for each kind of receiver."""


def message(receiver: str, news: Sequence[News], run: str) -> bytes:
    """The body to post. `run` is the URL of the run, '' if it is not known."""
    address = run if ADDRESS.fullmatch(run) else ""
    return _encoded(RECEIVERS[receiver](news, address))


def _encoded(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _bytes(value: Json) -> int:
    return len(_encoded(value)) + 2
