"""The people that a plan affects and locks out: every case of a crowd, before and after it. Pure.

What is not known never counts as locked out, and never as safe: it is counted as not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set as AbstractSet
from itertools import chain, compress
from typing import Generic, TypeAlias, TypeVar

from graphpolicy.catalogue.registered import KEY, reported_as
from graphpolicy.catalogue.simple_methods import SMS
from graphpolicy.model import Json, Path
from graphpolicy.model.people_counts import ChangeImpact, Counted, Numbers
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import signs_in
from graphpolicy.people.crowd import PeopleCase, Registered
from graphpolicy.people.reach import Reach, reach
from graphpolicy.people.sign_in_effect import REGISTRABLE, REPORTED, UNKNOWN, SignInEffect, fate_of
from graphpolicy.people.ways import Judge, Tristate, Way, either
from graphpolicy.rules.references import ALL, LISTS

T = TypeVar("T")
ReachTest: TypeAlias = Callable[[Reach], Tristate]
"""Whether some people are in an audience."""

TEXTS = SMS.id.casefold()
NONE: frozenset[str] = frozenset()
UNREGISTERED = frozenset({"unregistered_in_target"})


@dataclass(frozen=True, slots=True)
class ReachChange:
    """One change of a plan: the audiences that somebody must be in for it to reach them.

    `method` is the folded id of the method that it is about; '' for the policy itself. `decides` is
    whether it can decide who may use the method.
    """

    resource: str
    path: Path
    method: str
    decides: bool
    before: tuple[Reach, ...]
    after: tuple[Reach, ...]


class CachedByGroups(Generic[T]):
    """A judgement that depends only on some groups, made once for each combination of them."""

    def __init__(self, bits: int, judged: Callable[[int], T]) -> None:
        self.bits = bits
        self.judged = judged
        self.known: dict[int, T] = {}

    def of(self, groups: int) -> T:
        """What holds for people in these groups."""
        own = groups & self.bits
        if own not in self.known:
            self.known[own] = self.judged(own)
        return self.known[own]


class Impact:
    """Judges the people of a crowd for one plan.

    `prompts` are the audiences of each part of the app's prompt, before and after the plan.
    """

    def __init__(
        self,
        judge: Judge,
        moved: Sequence[ReachChange],
        prompts: Iterable[tuple[Reach, Reach]] = (),
    ) -> None:
        self.judge = judge
        self._moved = moved
        self._reach = [self._view((*each.before, *each.after), _reaching(each)) for each in moved]
        pairs = [pair for pair in prompts if pair[0] != pair[1]]
        self._prompt = self._view(chain(*pairs), _differing(pairs))
        signing_in = _usable_for_sign_in(judge)
        self._sign_in = self._view(signing_in, lambda reached: _ends(*map(reached, signing_in)))
        self._bits = self._prompt.bits | self._sign_in.bits
        self._mores: dict[
            tuple[SignInEffect, bool, int], tuple[frozenset[str], frozenset[str]]
        ] = {}
        self._registrable = [_registrable(judge, each.method) for each in moved]
        self._decided = frozenset(each.method for each in moved if each.decides)
        self._fates: dict[tuple[Way, ...], SignInEffect] = {}

    def fate(self, case: PeopleCase) -> frozenset[str]:
        """The numbers in which people who are alike count, besides those about single changes."""
        fate = self._fate(case)
        lacks = any(
            view.of(case.groups)[1] and self._lacks(number, fate)
            for number, view in enumerate(self._reach)
        )
        return fate.counts | self._more(case, fate)[0] | (UNREGISTERED if lacks else NONE)

    def lost(self, case: PeopleCase) -> frozenset[str]:
        """The folded ids of the methods that they lose."""
        return self._fate(case).lost

    def asks_models(self, case: PeopleCase) -> bool:
        """Whether the models of their passkeys decide something that the plan changes."""
        if case.models is not None or case.registered.methods is None:
            return False
        keys = [way for way in self.judge.ways(case) if way.kind.name == KEY]
        if not any(None in (way.before, way.after) for way in keys):
            return False
        moved = any(each.method == keys[0].method and each.decides for each in self._moved)
        return moved or "not_known" in self._fate(case).counts

    def count(
        self,
        cases: Iterable[tuple[PeopleCase, int]],
        emergency: AbstractSet[str] = NONE,
    ) -> Counted:
        """Count the people of a crowd. `emergency` are the folded ids of emergency accounts."""
        protected = self.judge.mask(emergency)
        found: Counter[tuple[SignInEffect, frozenset[str], Registered, bool]] = Counter()
        at_least: set[str] = set()
        reached, lacking = ([0] * len(self._moved) for _ in range(2))
        unsure: set[int] = set()
        views = [(number, each, each.bits, each.known) for number, each in enumerate(self._reach)]
        mores, own = self._mores, self._bits
        for case, many in cases:  # everybody may be a case of their own: each call costs here
            registered, groups, _ = case
            fate = self._fate(case)
            more, perhaps = mores.get((fate, registered.resets, groups & own)) or self._more(
                case, fate
            )
            if perhaps:
                at_least |= perhaps
            for number, view, bits, known in views:
                reaches, meant = known.get(groups & bits) or view.of(groups)
                if reaches:
                    reached[number] += many
                elif reaches is None:
                    unsure.add(number)
                if meant is not False and self._lacks(number, fate):
                    if meant:
                        lacking[number] += many
                        more |= UNREGISTERED
                    else:
                        at_least |= UNREGISTERED
            found[fate, more, registered, bool(groups & protected)] += many
        totals: list[Counter[str]] = [Counter() for _ in range(4)]
        changes: Counter[tuple[str, object]] = Counter()
        strange: Counter[str] = Counter()
        for (fate, more, registered, emergent), many in found.items():
            circles = (True, registered.guest, registered.admin, emergent)
            for total in compress(totals, circles):
                total.update(dict.fromkeys({"people", *fate.counts, *more}, many))
            locked_out = "without_mfa" in fate.counts
            changes.update(dict.fromkeys((("gain", each) for each in fate.gained), many))
            changes.update(dict.fromkeys((("may", each) for each in fate.unsure), many))
            at_least |= {name for name, _ in fate.unsure} - fate.counts
            for each in fate.lost:
                changes["lose", each] += many
                changes["without_mfa", each] += many * locked_out
            names = (each for each in registered.methods or () if reported_as(each) is None)
            strange.update(dict.fromkeys(names, many))
        everyone, guests, admins, accounts = (Numbers(**circle) for circle in totals)
        about = tuple(
            self._about(number, changes, None if number in unsure else counts)
            for number, counts in enumerate(zip(reached, lacking, strict=True))
        )
        untold = {
            name for name in ("gain", "lose") for each in about if getattr(each, name) is None
        }
        return Counted(
            everyone,
            guests,
            admins,
            accounts if emergency.isdisjoint(self.judge.unread) else None,
            changes=about,
            strange=tuple(sorted(strange.items())),
            at_least=frozenset(at_least | untold),
        )

    def _about(
        self, number: int, changes: Counter[tuple[str, object]], counts: tuple[int, int] | None
    ) -> ChangeImpact:
        """One change; `counts` are the people that it reaches, and those who lack its method."""
        moved = self._moved[number]
        method = moved.method if moved.decides else None
        kind = self.judge.methods[method].kind if method in self.judge.methods else ""
        told = not kind or kind.casefold() in REPORTED
        doubts = {"gain": "gain", "lose": "lose", "without_mfa": "lose"}
        more = [each for each, doubt in doubts.items() if changes["may", (doubt, method)]]
        gain, lose, without_mfa = (
            changes[name, method] or (None if not told or name in more else 0) for name in doubts
        )
        at_least = frozenset(name for name in more if changes[name, method])
        reaches, lacking = counts or (None, None)
        path = ".".join(moved.path)
        return ChangeImpact(
            moved.resource, path, gain, lose, without_mfa, reaches, lacking, at_least
        )

    def _view(self, reaches: Iterable[Reach], says: Callable[[ReachTest], T]) -> CachedByGroups[T]:
        """What `says` makes of the audiences, for each combination of the groups they name."""
        named = {each.value for reach in reaches for each in reach.include | reach.exclude}
        judge = self.judge
        return CachedByGroups(
            judge.mask(named), lambda groups: says(lambda reach: judge.reached(reach, groups))
        )

    def _fate(self, case: PeopleCase) -> SignInEffect:
        if case.registered.methods is None:
            return UNKNOWN
        ways = self.judge.ways(case)
        fate = self._fates.get(ways)
        if fate is None:
            fate = self._fates[ways] = fate_of(ways, self._decided)
        return fate

    def _more(self, case: PeopleCase, fate: SignInEffect) -> tuple[frozenset[str], frozenset[str]]:
        """The numbers that do not follow from their ways alone: those that count, and may count."""
        key = fate, case.registered.resets, case.groups & self._bits
        if key not in self._mores:
            found = {
                "other_prompt": _every((fate.prompted, self._prompt.of(case.groups))),
                "without_reset": _every((fate.reset, case.registered.resets)),
                "without_sms_sign_in": _every(
                    (TEXTS in fate.registered, self._sign_in.of(case.groups))
                ),
            }
            counts, may = (
                frozenset(name for name, each in found.items() if each is known)
                for known in (True, None)
            )
            self._mores[key] = counts, may
        return self._mores[key]

    def _lacks(self, number: int, fate: SignInEffect) -> bool:
        """Whether they have registered nothing for the method of a change."""
        method = self._registrable[number]
        return bool(method) and fate is not UNKNOWN and method not in fate.registered


def _registrable(judge: Judge, method: str) -> str:
    """The method of a change if people register it; else ''."""
    known = judge.methods.get(method)
    return method if known and known.kind.casefold() in REGISTRABLE else ""


def _reaching(moved: ReachChange) -> Callable[[ReachTest], tuple[Tristate, Tristate]]:
    """Whether a change reaches somebody, and whether they are meant to use what it is about.

    What is switched off reaches the people that it applied to. People in a target group are meant
    to use it; a target of everyone means only the people that it is switched on for.
    """
    ends = not all(each.on for each in moved.after)
    grouped = bool(moved.after) and ALL not in moved.after[-1].include

    def says(reached: ReachTest) -> tuple[Tristate, Tristate]:
        before, after = (_every(map(reached, side)) for side in (moved.before, moved.after))
        newly = False if before or after is False else None if None in (before, after) else True
        return (before if ends else after), (after if grouped else newly)

    return says


def _every(found: Iterable[Tristate]) -> Tristate:
    """Whether all of them are so."""
    found = tuple(found)
    return False if False in found else None if None in found else True


def _differing(pairs: Sequence[tuple[Reach, Reach]]) -> Callable[[ReachTest], Tristate]:
    """Whether one of these audiences has somebody before or after, but not both."""

    def says(reached: ReachTest) -> Tristate:
        found = [{*map(reached, pair)} for pair in pairs]
        return either(None if None in each else len(each) > 1 for each in found)

    return says


def _ends(before: Tristate, after: Tristate) -> Tristate:
    """Whether something is so before the plan, and not after it."""
    return _every((before, None if after is None else not after))


def _usable_for_sign_in(judge: Judge) -> tuple[Reach, Reach]:
    """Who may sign in with a text message alone, before and after."""
    texts = judge.methods.get(TEXTS)
    return _flagged(texts.before if texts else OFF), _flagged(texts.after if texts else OFF)


OFF: Mapping[str, Json] = {"state": "disabled"}


def _flagged(values: Mapping[str, Json]) -> Reach:
    targets = [each for each in values.get(LISTS[0]) or () if signs_in(each)]
    return reach({**values, LISTS[0]: targets})
