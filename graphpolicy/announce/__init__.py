"""The message to the people whom a plan concerns, and the note for the helpdesk. Pure.

A plan's changes become **points**, each with a cause; points for the same people become a
**section**. What the sentences say is in `texts/`, which a team may write anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from graphpolicy.announce.audience import Whom
from graphpolicy.announce.points import Point, points, prompt_side, prompts
from graphpolicy.announce.proposal import Proposal, Side, sides
from graphpolicy.announce.texts import Texts
from graphpolicy.announce.visible_settings import AUTHENTICATOR, PROMPT
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Int, Kind
from graphpolicy.model import Change, Json, Tenant
from graphpolicy.model.records import dataclass
from graphpolicy.rules.references import ALL, Reference

DAY, HOUR = 24 * 60, 60


@dataclass(frozen=True, slots=True)
class People:
    """Whom a section is for, in words: who is concerned, who is left out, for whom all stays."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one thing, part by part: `see`, `do`, `never`, `helpdesk`; and why."""

    name: str
    value: str
    texts: Mapping[str, str]
    causes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The prompt of the app before and after: which of `PROMPT` it asks for and shows."""

    before: frozenset[str]
    after: frozenset[str]


@dataclass(frozen=True, slots=True)
class Section:
    """What some people see; `picture` where their prompt changes."""

    people: People
    said: tuple[Said, ...]
    picture: Picture | None

    def parts(self, part: str) -> tuple[str, ...]:
        """The sentences of one part, each once."""
        return tuple(dict.fromkeys(one.texts[part] for one in self.said if part in one.texts))


@dataclass(frozen=True, slots=True)
class Announcement:
    """The message of one tenant; `unseen` are the changes of which people see nothing."""

    tenant: Tenant
    sections: tuple[Section, ...]
    changes: tuple[Change, ...]
    unseen: tuple[Change, ...]


PARTS = ("see", "do", "never", "helpdesk")


def announce(proposal: Proposal, texts: Texts, facts: Facts) -> Announcement:
    """What there is to say of a plan. Every sentence follows from a change of it."""
    texts = texts.of(proposal.tenant.name)
    found = list(sides(proposal))
    cloud = proposal.tenant.cloud
    by_people: dict[Whom, list[tuple[Side, Point]]] = {}
    for side in found:
        for point in points(side, facts, cloud):
            by_people.setdefault(point.whom, []).append((side, point))
    app = prompt_side(found)
    sections = tuple(
        Section(
            _people(whom, proposal.names, texts),
            tuple(_said(side, point, texts) for side, point in own),
            _picture(app, whom, (point for _, point in own), facts, proposal.tenant),
        )
        for whom, own in sorted(by_people.items(), key=lambda row: ALL not in row[0].include)
    )
    causes = {_key(cause) for each in sections for one in each.said for cause in one.causes}
    unseen = tuple(change for change in proposal.changes if _key(change) not in causes)
    return Announcement(proposal.tenant, sections, proposal.changes, unseen)


def _key(change: Change) -> tuple[str, str]:
    return change.resource, change.path


def _picture(
    app: Side | None, whom: Whom, own: Iterable[Point], facts: Facts, tenant: Tenant
) -> Picture | None:
    """The prompt of these people, where one of their points is about it."""
    paths = {point.seen.path for point in own if point.seen.resource == AUTHENTICATOR}
    if app is None or not paths & set(PROMPT.values()):
        return None
    parts = prompts(app, whom.include, facts, tenant.cloud)
    return Picture(
        frozenset(part for part, (before, _) in parts.items() if before),
        frozenset(part for part, (_, after) in parts.items() if after),
    )


def _people(whom: Whom, names: Mapping[str, str], texts: Texts) -> People:
    def named(who: Iterable[Reference]) -> tuple[str, ...]:
        return tuple(sorted((_name(one, names, texts) for one in who), key=str.casefold))

    include = (texts.fill(whom.special),) if whom.special else named(whom.include)
    return People(include, named(whom.exclude), named(whom.unchanged))


def _name(who: Reference, names: Mapping[str, str], texts: Texts) -> str:
    return texts.fill("everyone") if who == ALL else names.get(who.value, who.value)


def _said(side: Side, point: Point, texts: Texts) -> Said:
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
    return Said(name, point.value if lead == own else "", said, point.causes)


def _shown(kind: Kind | None, value: Json, texts: Texts) -> str:
    """A value in the words of the texts: lengths of time, else as it is."""
    if isinstance(kind, Int) and isinstance(value, int) and kind.unit in ("minutes", "days"):
        return _time(value * (DAY if kind.unit == "days" else 1), texts)
    return "-" if value is None else str(value)


def _time(minutes: int, texts: Texts) -> str:
    for size, one, many in ((DAY, "1 day", "days"), (HOUR, "1 hour", "hours")):
        if minutes and minutes % size == 0:
            count = minutes // size
            return texts.fill(one) if count == 1 else texts.fill(many, count=str(count))
    return texts.fill("1 minute") if minutes == 1 else texts.fill("minutes", count=str(minutes))


def sentence(people: Sequence[str], texts: Texts) -> str:
    """Names with commas and a word between them."""
    if len(people) < 2:
        return "".join(people)
    return f"{', '.join(people[:-1])} {texts.fill('and')} {people[-1]}"


def pictures(announcement: Announcement) -> Iterator[tuple[Section, Picture]]:
    """The sections that have a picture."""
    for section in announcement.sections:
        if section.picture:
            yield section, section.picture
