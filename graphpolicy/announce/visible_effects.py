"""What people notice of a plan: an effect for each thing they gain, lose or see changed. Pure.

An effect is caused by changes of the plan. A change has none if people do not notice it, or if only
Microsoft knows what it does (`default` without a known fact).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from graphpolicy.announce.proposal import ProposedResource
from graphpolicy.announce.visible_settings import AUTHENTICATOR, PROMPT, SEEN, VisibleSetting
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Enum, Kind, Property
from graphpolicy.catalogue.values import canonical, same
from graphpolicy.model import POLICY, Change, Cloud, Json, Path
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member, word
from graphpolicy.people.reach import Reach, joined, reach
from graphpolicy.rules.references import ALL, LISTS, SINGLES, Reference, listed, reference

NOBODY = Reach(on=False, include=frozenset(), exclude=frozenset())


@dataclass(frozen=True, slots=True)
class Recipients:
    """The people of an effect: included, excluded, and named groups with no change.

    `special` is the name of a text for people that no target describes, such as guests.
    """

    include: frozenset[Reference] = frozenset()
    exclude: frozenset[Reference] = frozenset()
    unchanged: frozenset[Reference] = frozenset()
    special: str = ""


def may(reach: Reach, who: Reference) -> bool:
    """Whether a group, or everyone, has it. An exclusion wins."""
    return reach.on and who not in reach.exclude and (who in reach.include or ALL in reach.include)


def within(inner: Reach, outer: Reach) -> Reach:
    """A feature's reach, limited to the people that its method reaches.

    If both name groups, their common members are not known from the ids, so the feature's groups
    are used.
    """
    include = outer.include if ALL in inner.include else inner.include
    return Reach(inner.on and outer.on, include, inner.exclude | outer.exclude)


def gained(before: Reach, after: Reach) -> Recipients | None:
    """The people that have it after but not before; None if nobody does."""
    return _moved(before, after, lambda who: may(after, who) and not may(before, who))


def lost(before: Reach, after: Reach) -> Recipients | None:
    """The people that had it before but not after; None if nobody did."""
    return _moved(before, after, lambda who: may(before, who) and not may(after, who))


def reached(reach: Reach) -> Recipients | None:
    """Everybody that it reaches; None if it reaches nobody."""
    return _moved(NOBODY, reach, lambda who: may(reach, who))


def _moved(before: Reach, after: Reach, moves: Callable[[Reference], bool]) -> Recipients | None:
    named = {ALL} | before.include | before.exclude | after.include | after.exclude
    include = frozenset(who for who in named if moves(who))
    if not include:
        return None
    stays = named - include - {ALL}
    if ALL in include:
        include = frozenset({ALL})
    return Recipients(
        include,
        frozenset(who for who in stays if not may(after, who) and who in after.exclude),
        frozenset(_same(stays, before, after))
        if ALL in include or not (include & after.exclude)
        else frozenset(),
    )


def _same(who: Iterable[Reference], before: Reach, after: Reach) -> set[Reference]:
    """The groups that have it both before and after."""
    return {one for one in who if may(before, one) and may(after, one)}


TARGETS = (*LISTS, *SINGLES)
APART = {seen.path for seen in SEEN if seen.special}
"""Switches that reach people independently of the method that they belong to."""

ALWAYS = Reach(on=True, include=frozenset({ALL}), exclude=frozenset())
MEANS = {
    "off": False,
    "on": True,
    "on, for everyone": True,
    "on for the first and the second factor": True,
}
"""What `default` means for everyone, by the words of the fact."""


@dataclass(frozen=True, slots=True)
class VisibleEffect:
    """One thing that people see: `value` is `on`, `off`, or the setting's value after the plan."""

    seen: VisibleSetting
    value: str
    audience: Recipients
    before: Json
    after: Json
    causes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """The reach of something before and after; None if only Microsoft knows it."""

    before: Reach | None
    after: Reach | None


def points(side: ProposedResource, facts: Facts, cloud: Cloud) -> Iterator[VisibleEffect]:
    """The points of one resource's changes."""
    for seen in SEEN:
        if seen.resource == side.kind.id:
            causes = _causes(seen, side.changes)
            pair = pair_of(side, _container(seen), facts, cloud)
            if causes and pair.after is not None:
                made = {"switch": _switch, "value": _value, "member": _member}[seen.how]
                yield from made(seen, side, pair, causes)


def pair_of(side: ProposedResource, path: Path, facts: Facts, cloud: Cloud) -> Pair:
    """The reach of the object at a path before and after, limited to that of its method."""
    found = Pair(
        _reach(side, side.before, path, facts, cloud), _reach(side, side.after, path, facts, cloud)
    )
    if not path or path in APART or side.kind.property("includeTargets") is None:
        return found
    outer = pair_of(side, (), facts, cloud)
    return Pair(_within(found.before, outer.before), _within(found.after, outer.after))


def prompts(
    side: ProposedResource, who: Iterable[Reference], facts: Facts, cloud: Cloud
) -> dict[str, tuple[bool, bool]]:
    """Whether the prompt of all these people asks for or shows each part, (before, after)."""
    people = list(who)
    pairs = {part: pair_of(side, path, facts, cloud) for part, path in PROMPT.items()}
    return {
        part: (
            all(may(pair.before or NOBODY, one) for one in people),
            all(may(pair.after or NOBODY, one) for one in people),
        )
        for part, pair in pairs.items()
    }


def _within(inner: Reach | None, outer: Reach | None) -> Reach | None:
    return within(inner, outer) if inner and outer else None


def _reach(
    side: ProposedResource, document: Json, path: Path, facts: Facts, cloud: Cloud
) -> Reach | None:
    """The reach of one object by itself. An enforced setting is on, although Graph omits it."""
    values = member(document, *path)
    if values is None:
        enforced = path and side.kind.at(path).enforced
        return ALWAYS if enforced else NOBODY
    inside = isinstance(values, Mapping)
    state = word(values.get("state") if inside else values)
    on: bool | None = state != "disabled"  # no state in the answer means on
    if state == "default":
        setting = ".".join((*path, "state") if inside else path)
        known = facts.managed_value(side.kind.id, setting, cloud).now
        on = MEANS.get(known.means) if known else None
    return None if on is None else joined(_named(values, on), side.nested)


def _named(values: Json, on: bool) -> Reach:
    """The reach of an object's targets."""
    own = reach(values, SINGLES if member(values, SINGLES[0]) is not None else LISTS)
    return Reach(on, own.include, own.exclude)


def _container(seen: VisibleSetting) -> Path:
    """The nearest switch of a row: the row itself, the switch above it, or the method."""
    if seen.how == "switch":
        return seen.path
    above = [
        row.path
        for row in SEEN
        if row.resource == seen.resource
        and row.how == "switch"
        and row.path == seen.path[: len(row.path)]
    ]
    return max(above, key=len, default=())


def _causes(seen: VisibleSetting, changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that cause a row's points."""
    if seen.how == "switch":
        paths = {".".join((*seen.path, name)) for name in ("state", *TARGETS)} | {
            ".".join(seen.path)
        }
        return tuple(change for change in changes if change.path in paths)
    path = ".".join(seen.path[:-1] if seen.how == "member" else seen.path)
    return tuple(change for change in changes if f"{change.path}.".startswith(f"{path}."))


def _switch(
    seen: VisibleSetting, side: ProposedResource, pair: Pair, causes: tuple[Change, ...]
) -> Iterator[VisibleEffect]:
    before, after = pair.before or NOBODY, pair.after or NOBODY
    if pair.before is None and not after.on:  # people who had it by Microsoft's default lose it
        before = _named(member(side.before, *seen.path), on=True)
    for value, audience in (("on", gained(before, after)), ("off", lost(before, after))):
        if audience:
            special = Recipients(special=seen.special) if seen.special else audience
            yield VisibleEffect(seen, value, special, None, None, causes)


def _value(
    seen: VisibleSetting, side: ProposedResource, pair: Pair, causes: tuple[Change, ...]
) -> Iterator[VisibleEffect]:
    audience = _all_of(seen, pair)
    kind = seen.row.kind
    before, after = member(side.before, *seen.path), member(side.after, *seen.path)
    if audience and _sayable(kind, after) and not same(kind, before, after):
        yield VisibleEffect(seen, _word(kind, after), audience, before, after, causes)


def _all_of(seen: VisibleSetting, pair: Pair) -> Recipients | None:
    """The people that a value affects: all that its method reaches; for the policy, everyone."""
    if not _container(seen) and seen.resource == POLICY:
        return Recipients(frozenset({ALL}))
    return reached(pair.after or NOBODY)


def _member(
    seen: VisibleSetting, side: ProposedResource, pair: Pair, causes: tuple[Change, ...]
) -> Iterator[VisibleEffect]:
    """Points for a target's member, one per new value, for people with the method all along."""
    before, after = pair.before or NOBODY, pair.after or NOBODY
    row, above = seen.row, seen.path[:-1]
    old, new = (_entries(member(document, *above)) for document in (side.before, side.after))
    moved: dict[str, tuple[list[Reference], Json, Json]] = {}
    for who in {**old, **new}:
        if may(before, who) and may(after, who):
            was, now = _of(old, who, row), _of(new, who, row)
            if _sayable(row.kind, now) and not same(row.kind, was, now):
                moved.setdefault(repr(canonical(row.kind, now)), ([], was, now))[0].append(who)
    for people, was, now in moved.values():
        include = frozenset(people)
        others = frozenset({*old, *new} - include - {ALL})
        audience = Recipients(
            frozenset({ALL}) if ALL in include else include,
            after.exclude,
            others - after.exclude if ALL in include else frozenset(),
        )
        yield VisibleEffect(seen, _word(row.kind, now), audience, was, now, causes)


def _entries(targets: Json) -> dict[Reference, Mapping[str, Json]]:
    return {reference(target): target for target in listed(targets)}


def _of(entries: Mapping[Reference, Mapping[str, Json]], who: Reference, row: Property) -> Json:
    """The member's value for a group: from its own target, else from that of everyone."""
    value = entries.get(who, entries.get(ALL, {})).get(row.name)
    return (row.default if row.absent is None else row.absent) if value is None else value


def _sayable(kind: Kind, value: Json) -> bool:
    """Whether a value has a text; one that is null or unknown to the catalogue has none."""
    if isinstance(kind, Enum):
        return word(value) in {word(each) for each in kind.members}
    return value is not None


def _word(kind: Kind, value: Json) -> str:
    """A value as in the name of its text: in the catalogue's spelling."""
    return str(value).lower() if isinstance(value, bool) else str(canonical(kind, value))


def prompt_side(sides: Iterable[ProposedResource]) -> ProposedResource | None:
    """The Authenticator; None if the plan does not manage it."""
    return next((side for side in sides if side.kind.id == AUTHENTICATOR), None)
