"""Read what waves wait for: how many people they have, and how many have registered a method."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.catalogue.registered import registers, reported_as
from graphpolicy.graph.directory import look_up
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.people import PeopleRead, read_people
from graphpolicy.model import (
    EVERYONE,
    MissingPerson,
    Named,
    RolloutFacts,
    Unread,
    Wave,
    WavePeople,
)
from graphpolicy.people.crowd import Crowd
from graphpolicy.rollouts.status import Opening

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


RENAME = "correct the wave's target in the files"


async def with_ids(graph: Graph, waves: Collection[Opening]) -> list[Opening]:
    """These waves with the ids of groups; a name that stands for none, or several, stays a name.

    If names can't be looked up, the waves that need it are left out: their people are not counted.
    """
    named = [each.wave.target for each in waves if isinstance(each.wave.target, Named)]
    names = {each.name for each in named if each.id is None}
    try:
        found = (await look_up(graph, names, [])).by_name if names else {}
    except GraphError:
        return [each for each in waves if not isinstance(each.wave.target, Named)]

    def known(each: Opening) -> Opening:
        who = each.wave.target
        if not isinstance(who, Named):
            return each
        hits = found.get(who.name, ())
        id_ = who.id or (hits[0][0] if len(hits) == 1 else None)
        return replace(each, wave=replace(each.wave, target=id_)) if id_ else each

    return [known(each) for each in waves]


async def with_people(
    graph: Graph, facts: Mapping[str, RolloutFacts], opening: Collection[Opening]
) -> Mapping[str, RolloutFacts]:
    """The facts with the people of these waves; what can't be read is there with its reason."""
    return counted(facts, opening, await read_waves(graph, opening)) if opening else facts


async def read_waves(
    graph: Graph, opening: Collection[Opening], *, named: bool = False
) -> PeopleRead:
    """Read the people of these waves. The registration report is read only if a wave needs it."""
    groups = {id_ for each in opening for id_ in _groups(each)}
    registered = any(each.wave.registered for each in opening)
    return await read_people(graph.apart(), groups, registered=registered, named=named)


def counted(
    facts: Mapping[str, RolloutFacts], opening: Iterable[Opening], read: PeopleRead
) -> dict[str, RolloutFacts]:
    """The facts with the people of these waves, who were read."""
    found = dict(facts)
    for each in opening:
        name = each.rollout.name
        known = found.get(name, RolloutFacts())
        people = {**known.people, each.wave.name: _people(each, read)}
        found[name] = replace(known, people=people)
    return found


def missing(opening: Opening, read: PeopleRead) -> Iterator[MissingPerson]:
    """The people of a wave who have not registered what it asks for, if that is known."""
    wave, id_ = opening.wave, _id(opening.wave)
    if read.report:
        return
    bit = _bits(read.crowd, [id_])
    for person, name, case in read.crowd.people() if wave.registered else ():
        names = case.registered.methods or ()
        if (id_ == EVERYONE or case.groups & bit) and not _has(wave.registered, names):
            yield MissingPerson(person, name, names)


def _groups(opening: Opening) -> Iterator[str]:
    waves = (opening.wave, *(opening.earlier if opening.single else ()))
    known = (wave for wave in waves if not isinstance(wave.target, Named))
    return (id_ for id_ in map(_id, known) if id_ != EVERYONE)


def _id(wave: Wave) -> str:
    return str(wave.target).casefold()


def _people(opening: Opening, read: PeopleRead) -> WavePeople | Unread:
    wave, id_ = opening.wave, _id(opening.wave)
    if isinstance(wave.target, Named):
        return Unread(f"not exactly one group is called {wave.target.name!r}", RENAME)
    if id_ in read.hidden:
        return read.hidden[id_].unread
    if id_ in read.gone:
        return WavePeople(0, unread=Unread("its group is no longer in the directory", RENAME))
    if id_ == EVERYONE and wave.registered and read.report:
        return read.report.unread
    if id_ == EVERYONE and not wave.registered:
        return Unread(
            "everyone is counted only where a wave needs `registered`", "add `registered`"
        )
    earlier = [_id(each) for each in opening.earlier] if opening.single else []
    everyone = id_ == EVERYONE
    people = registered = left = 0
    bit, before = _bits(read.crowd, [id_]), _bits(read.crowd, earlier)
    for case, many in read.crowd.counted_cases():
        if everyone or case.groups & bit:
            people += many
            registered += many * _has(wave.registered, case.registered.methods or ())
        elif case.groups & before:
            left += many
    known = not read.hidden.keys() & set(earlier)
    why = read.report.unread if wave.registered and read.report else None
    has = registered if wave.registered and not why else None
    return WavePeople(people, has, left if known else None, why)


def _bits(crowd: Crowd, ids: Collection[str]) -> int:
    return sum(1 << number for number, id_ in enumerate(crowd.groups) if id_ in ids)


def _has(method: str, names: Iterable[str]) -> bool:
    """Whether one of these names of the report is a registration of the method."""
    return any(method in registers(reported_as(name)) for name in names)
