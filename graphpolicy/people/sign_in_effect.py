"""What becomes of people with the same ways: what they lose, and what they are left with. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from itertools import chain

from graphpolicy.catalogue.authenticator import AUTHENTICATOR
from graphpolicy.catalogue.registered import KINDS, PASS, Proof
from graphpolicy.people.ways import Tristate, Way, either

APP = AUTHENTICATOR.id.casefold()
NONE: frozenset[str] = frozenset()

PROOFS: Mapping[str, Proof | None] = {
    "without_any": None,
    "without_mfa": "multifactor",
    "without_phishing_resistant": "phishing resistant",
}

REGISTRABLE = frozenset(
    method.casefold()
    for kind in KINDS
    if kind.proves and kind.reported and kind.name != PASS
    for method in kind.through
)
"""Methods that people register by themselves and keep."""

REPORTED = frozenset(
    method.casefold() for kind in KINDS if kind.reported for method in kind.through
)
"""Methods for which the report says who has them; it says nothing about certificates."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class SignInEffect:
    """What becomes of people with the same ways: the numbers in which each of them counts.

    `lost` and `gained` are methods by folded id, `registered` those of all their ways. `prompted`
    says whether they approve sign-ins in the app after the plan, `reset` whether they lose all that
    resets a password. `unsure` are numbers in which they may count, which is not known: each with
    the method that it is about, or ''.
    """

    counts: frozenset[str]
    lost: frozenset[str] = NONE
    gained: frozenset[str] = NONE
    registered: frozenset[str] = NONE
    unsure: frozenset[tuple[str, str]] = frozenset()
    prompted: Tristate = False
    reset: Tristate = False


UNKNOWN = SignInEffect(frozenset({"not_known"}))


def fate_of(ways: Sequence[Way], decided: AbstractSet[str]) -> SignInEffect:
    """What becomes of people with these ways, by a plan that decides about some methods."""
    lost = _methods(way for way in ways if ended(way.before, way.after))
    gained = _methods(way for way in ways if ended(way.after, way.before))
    counts = {name for name, some in (("lose", lost), ("gain", gained)) if some}
    for name, proof in PROOFS.items():
        good = [way for way in ways if _serves(way, proof)]
        without = _ending(good, decided)
        if without is not False:
            counts.add(name if without else "not_known")
    strong = [way for way in ways if "multifactor" in way.kind.proves]
    governed = [way for way in strong if way.method]
    unsure = {
        (name, method)
        for way in ways
        for name in way.doubts
        for method in decided & frozenset(way.methods)
    }
    if len(governed) < len(strong):
        alone = _ending(governed, decided)
        counts |= {"device_alone"} if alone else set()
        unsure |= {("device_alone", "")} if alone is None else set()
    return SignInEffect(
        frozenset(counts),
        lost,
        gained,
        _methods(ways),
        frozenset(unsure),
        either(way.after for way in ways if way.method == APP and way.kind.mode),
        _ending([way for way in ways if way.kind.resets], decided),
    )


def _ending(ways: Sequence[Way], decided: AbstractSet[str]) -> Tristate:
    """Whether they have one of these ways before the plan, and none after it."""
    before, after = _both(ways)
    if ended(before, after):
        return True
    return None if after is not True and any(_may_end(way, decided) for way in ways) else False


def _methods(ways: Iterable[Way]) -> frozenset[str]:
    return frozenset(chain.from_iterable(way.methods for way in ways))


def _serves(way: Way, proof: Proof | None) -> bool:
    """Whether one signs in with it at all, or in a way that is good for `proof`."""
    return proof in way.kind.proves if proof else way.kind.use in ("alone", "second")


def _may_end(way: Way, decided: AbstractSet[str]) -> bool:
    """Whether the plan takes it, as far as is known; methods that it does not decide about stay."""
    if way.before is way.after is None:
        return "lose" in way.doubts and not decided.isdisjoint(way.methods)
    return way.before is not False and way.after is not True


def _both(ways: Iterable[Way]) -> tuple[Tristate, Tristate]:
    ways = tuple(ways)
    return either(way.before for way in ways), either(way.after for way in ways)


def ended(before: Tristate, after: Tristate) -> bool:
    """Whether something was certainly so, and is certainly no longer so."""
    return before is True and after is False
