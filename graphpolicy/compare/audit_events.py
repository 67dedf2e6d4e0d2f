"""Who changed a setting, according to the tenant's audit log. Pure.

The log is used for who and when, never for what is live: Microsoft does not document its property
names, and records arrive late. Until April 2026 each record held the whole policy (Entra: what's
new, March 2026). Both forms are read, and a record that is not clearly about a setting is ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, METHODS
from graphpolicy.catalogue.strengths import AUTHENTICATION_STRENGTH, STRENGTHS
from graphpolicy.catalogue.values import as_map
from graphpolicy.model import CONFIGURATIONS, POLICY, Author, AuthorKind, Event, Json, Path
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member

WORDS = re.compile(r"[\s./:\[\]]+")
UNTOLD = object()
"""In place of a value that the log does not show."""

NAMELESS = "its record in the audit log names nobody"
ODD = "in the audit log has a shape that this release does not know"


@dataclass(frozen=True, slots=True)
class ActorFields:
    """How a record names one kind of author: its member, and in it names and ids, best first."""

    actor: str
    names: tuple[str, ...]
    ids: tuple[str, ...]


AUTHORS: Mapping[AuthorKind, ActorFields] = {
    "user": ActorFields("user", ("userPrincipalName", "displayName", "id"), ("id",)),
    "application": ActorFields(
        "app", ("displayName", "appId", "servicePrincipalId"), ("appId", "servicePrincipalId")
    ),
}
"""Graph: auditActivityInitiator, userIdentity, appIdentity."""

KNOWN = {
    name.casefold()
    for name in (
        *(method.id for method in METHODS),
        *(row.name for row in AUTHENTICATION_METHODS_POLICY.properties),
    )
}
"""The words in a property's name in the log that make clear what it is about."""

STAMP = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)")


def events(records: Iterable[Json]) -> tuple[Event, ...]:
    """Records of the directory audit log as events, newest first.

    A record of an odd shape keeps only its time, if it has one: its author is not known. Other
    items are ignored.
    """
    known = (record for record in records if isinstance(record, Mapping))
    found = [_event(record) if _sound(record) else _odd(record) for record in known]
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))


def touching(
    happened: Sequence[Event], resource: str, path: Path
) -> Iterator[tuple[Event, list[Json]]]:
    """The events that clearly changed a setting, in order, each with the values it left there.

    A value that the log does not show is not in the list.
    """
    for event in happened:
        if left := list(_left(event, resource, path)):
            yield event, [value for value in left if value is not UNTOLD]


def changed(event: Event) -> tuple[str, ...]:
    """What an event changed: settings if the log shows them, else the log's property names."""
    found: dict[str, None] = {}
    for name, old, new in event.modified:
        if same_json(old, new):
            continue
        if event.resource:
            found[f"{event.resource}.{name}"] = None
            continue
        sides = [{str(one.get("id")): one for one in _documents(side)} for side in (old, new)]
        settings = [
            f"{id_}.{setting}"
            for id_ in dict.fromkeys((*sides[0], *sides[1]))
            if id_ != "None" and all(id_ in side for side in sides)
            for setting in dict.fromkeys((*sides[0][id_], *sides[1][id_]))
            if setting not in (CONFIGURATIONS, "lastModifiedDateTime")
            and not same_json(sides[0][id_].get(setting), sides[1][id_].get(setting))
        ]
        found |= dict.fromkeys(settings or [name])
    return tuple(found)


def tells(event: Event) -> bool:
    """Whether an event clearly says what it changed."""
    if event.resource:
        return True
    return bool(event.modified) and all(
        any(each.get("id") for side in (old, new) for each in _documents(side))
        or _names_setting(name)
        for name, old, new in event.modified
        if not same_json(old, new)
    )


def second(at: str) -> str:
    """A time in UTC to the second, for comparing: the log has fractions of it, others have none."""
    return at[:19]


def moment(at: str) -> str:
    """A time of the log (ISO 8601, UTC) as `YYYY-MM-DD HH:MM UTC`; any other text unchanged."""
    found = STAMP.match(at)
    return f"{found[1]} {found[2]} UTC" if found else at


def _sound(record: Mapping[str, Json]) -> bool:
    """Whether a record is as Graph documents it, as far as who and what are read from it."""
    return isinstance(record.get("initiatedBy"), Mapping | None) and isinstance(
        record.get("targetResources"), list | None
    )


def _odd(record: Mapping[str, Json]) -> Event:
    at = record.get("activityDateTime")
    return Event(Author("unknown", at=at if isinstance(at, str) else "", why=ODD), (), "")


def _event(record: Mapping[str, Json]) -> Event:
    targets = record.get("targetResources")
    properties = [
        item
        for target in _list(targets)
        if isinstance(target, Mapping)
        for item in _list(target.get("modifiedProperties"))
        if isinstance(item, Mapping)
    ]
    return Event(
        _author(record),
        tuple(
            (str(item.get("displayName") or ""), _value(item, "oldValue"), _value(item, "newValue"))
            for item in properties
        ),
        _strength(record),
    )


def _strength(record: Mapping[str, Json]) -> str:
    """The strength that a record is about, '' for other records.

    Microsoft documents the names of the activities, not that the target bears the strength's name
    (Entra: "Audit log activity reference").
    """
    if not str(record.get("activityDisplayName")).startswith("Authentication Strength "):
        return ""
    targets = (each for each in _list(record.get("targetResources")) if isinstance(each, Mapping))
    name = next((str(each["displayName"]) for each in targets if each.get("displayName")), "")
    return f"{STRENGTHS}/{name}"


def _author(record: Mapping[str, Json]) -> Author:
    """Who a record names; `unknown` if it names nobody."""
    at, correlation = (
        str(record.get(name) or "") for name in ("activityDateTime", "correlationId")
    )
    initiated = record.get("initiatedBy")
    for kind, of in AUTHORS.items():
        actor = initiated.get(of.actor) if isinstance(initiated, Mapping) else None
        if isinstance(actor, Mapping):
            told = {each: str(actor[each]) for each in actor if actor[each]}
            if name := next(filter(None, map(told.get, of.names)), ""):
                id_ = next(filter(None, map(told.get, of.ids)), "")
                return Author(kind, name, id_, at, told.get("ipAddress", ""), correlation)
    return Author("unknown", at=at, correlation_id=correlation, why=NAMELESS)


def _value(item: Mapping[str, Json], name: str) -> Json:
    """A value of the log, which writes JSON in a string, plain text, or null."""
    value = item.get(name)
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _left(event: Event, resource: str, path: Path) -> Iterator[Json]:
    """The value that an event left a setting at, for each of its properties that changed it."""
    if event.resource and event.resource != resource:
        return
    if event.resource and not path:
        yield UNTOLD  # the strength as a whole: who creates or deletes it changes it
        return
    for name, old, new in event.modified:
        if event.resource:
            sides = [as_map(AUTHENTICATION_STRENGTH, {name: side}) for side in (old, new)]
            before, after = (member(side, *path) for side in sides)
            if not same_json(before, after):
                yield after
        elif not same_json(old, new):
            yield from _became(name, old, new, resource, path)


def _became(name: str, old: Json, new: Json, resource: str, path: Path) -> Iterator[Json]:
    """The new value if a modified property is the setting or contains it, and changed it."""
    whole = [_held(side, resource) for side in (old, new)]
    if any(side is not None for side in whole):
        before, after = (member(side, *path) for side in whole)
        if not same_json(before, after):
            yield after
        return
    if not path:
        return  # it names a setting, and does not say that the resource came or went
    words = [word.casefold() for word in WORDS.split(name) if word]
    steps = [step.casefold() for step in path]
    if steps[0] not in words or (resource != POLICY and resource.casefold() not in words):
        return
    rest = path[len([step for step in steps if step in words]) :]
    if rest and all(isinstance(side, Mapping) for side in (old, new)):
        before, after = (member(side, *rest) for side in (old, new))
        if not same_json(before, after):
            yield after
    else:
        yield UNTOLD if rest else new


def _names_setting(name: str) -> bool:
    """Whether the log's name of a property has that of a method or of a setting of the policy."""
    words = {word.casefold() for word in WORDS.split(name)}
    return not words.isdisjoint(KNOWN)


def _held(value: Json, resource: str) -> Json:
    """The resource in a logged policy or configuration; None if it is not there."""
    for document in _documents(value):
        if str(document.get("id", "")).casefold() == resource.casefold():
            return document
    return None


def _documents(value: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, Mapping):
        if CONFIGURATIONS in value:
            yield {**value, "id": POLICY}
            yield from (item for item in _list(value[CONFIGURATIONS]) if isinstance(item, Mapping))
        else:
            yield value


def same_json(one: Json, other: Json) -> bool:
    """Whether two values are equal in any list order. Values too deep to compare count as equal, so
    that nobody is named without evidence.
    """
    try:
        return _text(_sorted(one)) == _text(_sorted(other))
    except RecursionError:
        return True


def _sorted(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _sorted(member) for name, member in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(item) for item in value), key=_text)
    return value


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
