"""The ways in which people who are alike could sign in before a plan, and can after it. Pure.

A way is something registered together with the method of the policy that allows it: a mobile phone
has two, text messages and calls.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from functools import reduce
from operator import or_
from typing import TypeAlias

from graphpolicy.catalogue import EXTERNAL
from graphpolicy.catalogue.registered import KEY, SYNCED, RegisteredKind, reported_as
from graphpolicy.compare.resolve import target_ids
from graphpolicy.model import EVERYONE, Json
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import Someone, may_use, may_use_registered, reached
from graphpolicy.people.crowd import PeopleCase
from graphpolicy.people.reach import Reach

Tristate: TypeAlias = bool | None
"""Whether something is so; None if that is not known."""

CODES, APPS = (
    "softwareOath",
    frozenset({"microsoftAuthenticator", "passwordlessMicrosoftAuthenticator"}),
)


NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the policy before and after the plan. `kind` is its row in the catalogue."""

    id: str
    kind: str
    before: Mapping[str, Json]
    after: Mapping[str, Json]

    @property
    def named(self) -> frozenset[str]:
        """The folded ids that its targets name."""
        return frozenset(map(str.casefold, target_ids(self.before, self.after))) - {EVERYONE}


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way: `method` is the folded id of the method that allows it, '' if none governs it.

    External methods are one way; the report does not say which of them it is. `doubts` says whether
    the plan may take it or give it ("lose", "gain"), where that is not known.
    """

    kind: RegisteredKind
    method: str
    before: Tristate
    after: Tristate
    doubts: tuple[str, ...] = ()

    @property
    def methods(self) -> Sequence[str]:
        """The folded ids of the methods that may allow it."""
        return self.method.split(",")


def either(found: Iterable[Tristate]) -> Tristate:
    """Whether one of them is so."""
    found = tuple(found)
    return True if True in found else None if None in found else False


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class ReportedMethod:
    """Something registered by its name in the report, with a method that may allow it.

    Groups decide only by the `bits` that the method names. `certain` is false if the report does
    not say whether this method governs it. `known` has the way for each combination of bits and
    models that was judged.
    """

    name: str
    kind: RegisteredKind
    method: str
    bits: int
    certain: bool
    known: dict[tuple[int, frozenset[str] | None], Way]


class Judge:
    """Who may use what before and after a plan, for people as a crowd counts them.

    `groups` are those of the crowd, `unread` the folded ids whose members could not be read. There
    may be a million cases, so nothing is judged twice.
    """

    def __init__(
        self, methods: Iterable[Method], groups: Sequence[str], unread: AbstractSet[str] = NONE
    ) -> None:
        self.methods = {each.id.casefold(): each for each in methods}
        self.unread = frozenset(unread)
        self._bits = {group: 1 << number for number, group in enumerate(groups)}
        self._external = [id_ for id_, each in self.methods.items() if each.kind == EXTERNAL.id]
        self._of: dict[tuple[str, ...] | None, tuple[ReportedMethod, ...]] = {}
        self._registrations: dict[tuple[str, str, bool], ReportedMethod] = {}
        self._ways: dict[tuple[str, str, Tristate, Tristate, tuple[str, ...]], Way] = {}

    def mask(self, ids: Iterable[str]) -> int:
        """The bits of these groups."""
        return reduce(or_, (self._bits.get(id_, 0) for id_ in ids), 0)

    def someone(self, groups: int) -> Someone:
        """A person in these groups."""
        own = (group for group, bit in self._bits.items() if groups & bit)
        return Someone("", frozenset(own), self.unread)

    def reached(self, reach: Reach, groups: int) -> Tristate:
        """Whether somebody in these groups is in an audience."""
        return reach.on and reached(reach, self.someone(groups))

    def ways(self, case: PeopleCase) -> tuple[Way, ...]:
        """Every way of people who are alike; names that this release does not know have none."""
        names, groups, models = case.registered.methods, case.groups, case.models
        found = self._of.get(names)
        if found is None:
            found = self._of[names] = tuple(self._registered(names or ()))
        ways = [
            each.known.get((groups & each.bits, models)) or self._judged(each, groups, models)
            for each in found
        ]
        return tuple(ways)

    def _registered(self, names: Iterable[str]) -> Iterator[ReportedMethod]:
        kinds = [(name, kind) for name in names if (kind := reported_as(name))]
        app = any(kind.name in APPS for _, kind in kinds)
        for name, kind in kinds:
            through = [each.casefold() for each in kind.through]
            if kind.through == (EXTERNAL.id,):
                through = [",".join(self._external)]
            for method in through if kind.through else [""]:
                # The report has one name for the codes of Authenticator and those of another app.
                # People who have Authenticator have its codes, and perhaps another app's as well.
                # Other people have those of another app, which SoftwareOath governs.
                certain = kind.name != CODES or app == (method != CODES.casefold())
                key = (name, method, certain)
                if key not in self._registrations:
                    some = [self.methods[id_] for id_ in method.split(",") if id_ in self.methods]
                    bits = self.mask(id_ for each in some for id_ in each.named)
                    self._registrations[key] = ReportedMethod(name, kind, method, bits, certain, {})
                yield self._registrations[key]

    def _judged(self, each: ReportedMethod, groups: int, models: frozenset[str] | None) -> Way:
        own = groups & each.bits
        before, after = (self._may(each, side, own, models) for side in ("before", "after"))
        doubts: tuple[str, ...] = ()
        if not each.certain or None in (before, after):
            doubts = tuple(_moves(before, after))
        if not each.certain:
            before, after = before and None, after and None
        # One object stands for all equal ways, so that what follows from it is found by identity.
        key = (each.name, each.method, before, after, doubts)
        way = self._ways.setdefault(key, Way(each.kind, each.method, before, after, doubts))
        each.known[own, models] = way
        return way

    def _may(
        self, each: ReportedMethod, side: str, groups: int, models: frozenset[str] | None
    ) -> Tristate:
        if not each.kind.through:
            return True
        who, kind = self.someone(groups), each.kind
        if kind.through == (EXTERNAL.id,):
            ids = self._external
            return _all_alike([may_use(getattr(self.methods[id_], side), who).yes for id_ in ids])
        if each.method not in self.methods:  # Graph did not show it
            return None
        type_ = "synced" if each.name.casefold() == SYNCED.casefold() else "devicebound"
        of = self.methods[each.method]
        return either(
            may_use_registered(
                getattr(of, side),
                who,
                kind,
                of.kind,
                model=model,
                type_=type_ if kind.name == KEY else "",
                mode=kind.mode,
            ).yes
            for model in (models or ("",))
        )


def _moves(before: Tristate, after: Tristate) -> Iterator[str]:
    """What the plan may do to somebody with a method that they could use before it, and after."""
    if before is not False and after is not True:
        yield "lose"
    if before is not True and after is not False:
        yield "gain"


def _all_alike(found: Sequence[Tristate]) -> Tristate:
    """What holds for each of them, else None; False if there are none."""
    return (found[0] if len(set(found)) == 1 else None) if found else False
