"""The message to the people that a plan affects, and the note for the helpdesk. Pure.

A plan's changes become **points**, each with its causes; the points for the same people become a
**section**. The sentences are in `texts/`, which a team can replace with its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, field

from graphpolicy.announce.proposal import Proposal, ProposedResource, sides
from graphpolicy.announce.texts import Texts
from graphpolicy.announce.visible_effects import (
    Recipients,
    VisibleEffect,
    may,
    pair_of,
    points,
    prompt_side,
    prompts,
)
from graphpolicy.announce.visible_settings import AUTHENTICATOR, PROMPT
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Int, Kind
from graphpolicy.model import Change, Finding, Json, Numbers, Tenant
from graphpolicy.model.records import dataclass
from graphpolicy.people.sign_in_effect import REGISTRABLE
from graphpolicy.rules.references import ALL, Reference

DAY, HOUR = 24 * 60, 60
WEAK = ("Sms", "Voice")
"""Methods that the message proposes only if there is no other."""


@dataclass(frozen=True, slots=True)
class RecipientNames:
    """The people of a section: included, excluded, and those with no change.

    `groups` are the groups' own names, by the words that stand for them. `unnamed` are groups for
    which there are no words, so that their own names are used.
    """

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    unchanged: tuple[str, ...]
    groups: Mapping[str, str] = field(default_factory=dict)
    unnamed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SettingSentences:
    """The sentences about one setting by part (`see`, `do`, `never`, `helpdesk`), and causes."""

    name: str
    value: str
    texts: Mapping[str, str]
    causes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The app's prompt before and after: the names in `PROMPT` that it asks for or shows."""

    before: frozenset[str]
    after: frozenset[str]


@dataclass(frozen=True, slots=True)
class AnnouncementSection:
    """What some people see; `picture` is set if their prompt changes.

    `register` are the methods from which people who would have none left must set one up. It is
    empty if the plan does not say which methods, and None if nobody must set one up.
    """

    people: RecipientNames
    said: tuple[SettingSentences, ...]
    picture: Picture | None
    register: tuple[str, ...] | None = None

    def parts(self, part: str) -> tuple[str, ...]:
        """The sentences of one part, each once."""
        return tuple(dict.fromkeys(one.texts[part] for one in self.said if part in one.texts))


@dataclass(frozen=True, slots=True)
class Announcement:
    """The message for one tenant; `unseen` are the changes that people do not notice."""

    tenant: Tenant
    sections: tuple[AnnouncementSection, ...]
    changes: tuple[Change, ...]
    unseen: tuple[Change, ...]
    counted: Numbers | None = None
    at_least: frozenset[str] = frozenset()

    @property
    def counts(self) -> Mapping[str, str]:
        """The numbers of people by name, with a sign where they may be greater; empty without."""
        numbers = asdict(self.counted) if self.counted else {}
        return {
            name: f"≥ {many:,}" if name in self.at_least else f"{many:,}"
            for name, many in numbers.items()
        }


PARTS = ("see", "do", "never", "helpdesk")


def announce(proposal: Proposal, texts: Texts, facts: Facts) -> Announcement:
    """The announcement of a plan. Every sentence has a cause among its changes."""
    texts = texts.of(proposal.tenant.name)
    found = list(sides(proposal))
    cloud = proposal.tenant.cloud
    by_people: dict[Recipients, list[tuple[ProposedResource, VisibleEffect]]] = {}
    for side in found:
        for point in points(side, facts, cloud):
            by_people.setdefault(point.audience, []).append((side, point))
    app = prompt_side(found)
    sections = tuple(
        AnnouncementSection(
            _people(audience, proposal, texts),
            tuple(_said(side, point, texts) for side, point in own),
            _picture(app, audience, (point for _, point in own), facts, proposal.tenant),
            _register(audience, own, found, facts, proposal),
        )
        for audience, own in sorted(by_people.items(), key=lambda row: ALL not in row[0].include)
    )
    causes = {_key(cause) for each in sections for one in each.said for cause in one.causes}
    unseen = tuple(change for change in proposal.changes if _key(change) not in causes)
    return Announcement(
        proposal.tenant, sections, proposal.changes, unseen, proposal.counted, proposal.at_least
    )


def _register(
    audience: Recipients,
    own: Iterable[tuple[ProposedResource, VisibleEffect]],
    found: Iterable[ProposedResource],
    facts: Facts,
    proposal: Proposal,
) -> tuple[str, ...] | None:
    """The methods that these people may set up, if they lose one and some people keep none.

    A plan says nothing about methods that the files leave alone.
    """
    counted = proposal.counted
    lose = any(not point.seen.path and point.value == "off" for _, point in own)
    if not counted or not lose or not (counted.without_mfa or counted.without_any):
        return None
    kept = []
    for side in found:
        after = pair_of(side, (), facts, proposal.tenant.cloud).after
        if side.id.casefold() in REGISTRABLE and after:
            kept += [side] if all(may(after, who) for who in audience.include) else []
    weak = [side.title for side in kept if side.id in WEAK]
    strong = [side.title for side in kept if side.id not in WEAK]
    return tuple(strong or weak)


def _key(change: Change) -> tuple[str, str]:
    return change.resource, change.path


def _picture(
    app: ProposedResource | None,
    audience: Recipients,
    own: Iterable[VisibleEffect],
    facts: Facts,
    tenant: Tenant,
) -> Picture | None:
    """The prompt of these people; None if none of their points is about it."""
    paths = {point.seen.path for point in own if point.seen.resource == AUTHENTICATOR}
    if app is None or not paths & set(PROMPT.values()):
        return None
    parts = prompts(app, audience.include, facts, tenant.cloud)
    return Picture(
        frozenset(part for part, (before, _) in parts.items() if before),
        frozenset(part for part, (_, after) in parts.items() if after),
    )


def _people(audience: Recipients, proposal: Proposal, texts: Texts) -> RecipientNames:
    groups: dict[str, str] = {}
    unnamed: set[str] = set()

    def word(who: Reference) -> str:
        name = proposal.names.get(who.value, who.value)
        words = proposal.audiences.get(name) or proposal.audiences.get(who.value)
        if who == ALL:
            return words or texts.fill("everyone")
        if not words:
            unnamed.add(name)
            return name
        groups[words] = f"{groups[words]}, {name}" if words in groups else name
        return words

    def named(who: Iterable[Reference]) -> tuple[str, ...]:
        return tuple(sorted(set(map(word, who)), key=str.casefold))

    include = (texts.fill(audience.special),) if audience.special else named(audience.include)
    lists = (include, named(audience.exclude), named(audience.unchanged))
    return RecipientNames(*lists, groups, frozenset(unnamed))


def without_words(announcement: Announcement) -> Iterator[Finding]:
    """Warnings about groups that the message calls by their own names."""
    names = {name for section in announcement.sections for name in section.people.unnamed}
    for name in sorted(names):
        yield Finding(
            "audience-without-words",
            "warning",
            f"the message to people has the group {name!r}, a name that staff may not know",
            "say what they call it, as in "
            f"announce: {{audiences: {{{json.dumps(name)}: the pilot group}}}}",
        )


def _said(side: ProposedResource, point: VisibleEffect, texts: Texts) -> SettingSentences:
    kind = None if point.seen.how == "switch" else point.seen.row.kind
    values = {
        "method": side.title,
        "before": _shown(kind, point.before, texts),
        "after": _shown(kind, point.after, texts),
    }
    name = point.seen.name
    own = f"{name}: {point.value}"
    lead = own if own in texts else name
    entries = {"see": lead, **{part: f"{lead}, {part}" for part in PARTS[1:]}}
    said = {part: texts.fill(key, **values) for part, key in entries.items() if key in texts}
    return SettingSentences(name, point.value if lead == own else "", said, point.causes)


def _shown(kind: Kind | None, value: Json, texts: Texts) -> str:
    """A value for a text: a number of minutes or days as a duration, else as it is."""
    if isinstance(kind, Int) and isinstance(value, int) and kind.unit in ("minutes", "days"):
        return _time(value * (DAY if kind.unit == "days" else 1), texts)
    return "-" if value is None else str(value)


def _time(minutes: int, texts: Texts) -> str:
    for size, one, many in ((DAY, "1 day", "days"), (HOUR, "1 hour", "hours")):
        if minutes and minutes % size == 0:
            count = minutes // size
            return texts.fill(one) if count == 1 else texts.fill(many, count=str(count))
    return texts.fill("1 minute") if minutes == 1 else texts.fill("minutes", count=str(minutes))


def sentence(people: Sequence[str], texts: Texts, last: str = "and") -> str:
    """Names joined with commas, and with the text `last` before the last."""
    if len(people) < 2:
        return "".join(people)
    return f"{', '.join(people[:-1])} {texts.fill(last)} {people[-1]}"


def pictures(announcement: Announcement) -> Iterator[tuple[AnnouncementSection, Picture]]:
    """The sections that have a picture."""
    for section in announcement.sections:
        if section.picture:
            yield section, section.picture
