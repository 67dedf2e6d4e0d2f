"""Guards on authentication strengths: can people satisfy what Conditional Access requires of them?

A strength and this policy are two places of the portal. Each finding judges both, before the plan
and after it, whichever of the two the plan changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from functools import partial

from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.model import POLICY, Demand, Finding, Json, Level, Strength, Unread
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import word
from graphpolicy.people.keys import FIDO2, blocks
from graphpolicy.people.reach import reach
from graphpolicy.rules.passkeys import PROFILES
from graphpolicy.rules.strengths import spelled, strength_of

MODES: Mapping[str, str] = {
    "fido2": "Fido2",
    "x509certificatesinglefactor": "X509Certificate",
    "x509certificatemultifactor": "X509Certificate",
    "microsoftauthenticatorpush": "MicrosoftAuthenticator",
    "devicebasedpush": "MicrosoftAuthenticator",
    "softwareoath": "SoftwareOath",
    "hardwareoath": "HardwareOath",
    "sms": "Sms",
    "voice": "Voice",
    "email": "Email",
    "temporaryaccesspassonetime": "TemporaryAccessPass",
    "temporaryaccesspassmultiuse": "TemporaryAccessPass",
    "qrcodepin": "QRCodePin",
}
"""Folded authentication method modes and the method of this policy that each stands for (Graph:
authenticationMethodModes). This policy does not govern other modes, such as Windows Hello.
"""

ENDING = frozenset(MODES.values())
CREDENTIALS = {"microsoftauthenticatorpush": "push", "devicebasedpush": "devicebasedpush"}
"""Modes of the Authenticator, and the `authenticationMode` of a target that allows each."""

COMBINATIONS = "allowedCombinations"
OPTIONS = "combinationConfigurations"


@dataclass(frozen=True, slots=True)
class Both:
    """One strength before and after the plan; `own` is what a file declares of it."""

    before: Strength | None
    after: Strength
    own: BeforeAfter | None

    @property
    def changed(self) -> bool:
        return bool(self.own) and self.own.before != self.own.after  # type: ignore[union-attr]

    @property
    def demands(self) -> tuple[Demand, ...]:
        """The policies that require it, as far as they are known."""
        found = self.after.demanded_by
        return found if isinstance(found, tuple) else ()

    @property
    def title(self) -> str:
        return f"the authentication strength {self.after.name!r}"

    @property
    def use(self) -> str:
        """Which policies require it, as the end of a sentence; '' if none does."""
        known = self.after.demanded_by
        if isinstance(known, Unread):
            return (
                "it is not known whether Conditional Access requires it, because its use can't be "
                f"read ({known.why})"
            )
        return f"Conditional Access requires it {required_by(self.demands)}" if self.demands else ""


def required_by(demands: Iterable[Demand]) -> str:
    """The policies that require a strength, and who must satisfy it."""
    said = []
    for each in demands:
        whom = {"some": "", "": "who it applies to is not known"}.get(each.who, f"from {each.who}")
        notes = [whom, "report-only" if each.report_only else ""]
        about = ", ".join(filter(None, notes))
        said.append(f"{each.name!r} ({about})" if about else repr(each.name))
    return f"in {', '.join(said)}"


def strengths(situation: PlanView) -> Iterator[Both]:
    """Every strength of the tenant, and those that the plan creates."""
    own = {both.title: both for both in situation.listed if both.kind == STRENGTHS}
    live = situation.strengths if isinstance(situation.strengths, tuple) else ()
    for strength in live:
        both = own.pop(f"{STRENGTHS}/{strength.name}", None) if strength.custom else None
        yield Both(strength, _after(both, strength) if both else strength, both)
    for both in own.values():
        name = both.title.removeprefix(f"{STRENGTHS}/")
        before = strength_of(both.before, name) if both.before else None
        yield Both(before, strength_of(both.after, name), both)


def _after(both: BeforeAfter, live: Strength) -> Strength:
    made = strength_of(both.after, live.name)
    return Strength(
        live.id, live.name, made.combinations, made.models, live.demanded_by, custom=True
    )


def worth_asking(
    known: Iterable[Strength], methods: AbstractSet[str], changed: AbstractSet[str]
) -> list[Strength]:
    """The strengths whose use matters to a plan: it changes them, or methods that they need.

    `methods` are those that it narrows, `changed` the titles of strengths that it changes.
    """
    return [
        each
        for each in known
        if (each.custom and f"{STRENGTHS}/{each.name}" in changed)
        or any(methods & _methods(one) for one in each.combinations)
    ]


# What can satisfy a strength


def satisfying(
    strength: Strength, side: Mapping[str, Mapping[str, Json]], demands: Iterable[Demand] = ()
) -> list[frozenset[str]]:
    """The combinations that at least one of the people can use to whom `demands` apply.

    `side` are the methods of this policy by id. A method that it does not govern counts as usable.
    """
    able = partial(_usable, strength=strength, side=side, demands=tuple(demands))
    return [each for each in strength.combinations if all(map(able, each))]


def _usable(
    mode: str,
    strength: Strength,
    side: Mapping[str, Mapping[str, Json]],
    demands: tuple[Demand, ...],
) -> bool:
    if mode not in MODES:
        return True
    values = side.get(MODES[mode], {"state": "disabled"})  # a method that the tenant lacks is off
    who = reach(values)
    excluded = {each.value for each in who.exclude}
    if not who.anybody or (demands and all(d.groups and d.groups <= excluded for d in demands)):
        return False
    if mode == "fido2" and strength.models is not None:
        return any(not blocks(values, model, None) for model in strength.models)
    if mode == "temporaryaccesspassmultiuse":
        return values.get("isUsableOnce") is not True
    if mode in CREDENTIALS:
        targets = values.get("includeTargets") or ()
        modes = {word(target.get("authenticationMode")) for target in targets}
        return not modes or bool(modes & {"", "any", CREDENTIALS[mode]})
    return True


def _sides(situation: PlanView) -> tuple[dict[str, Mapping[str, Json]], ...]:
    methods = situation.of(ENDING)
    return {m.kind: m.before for m in methods}, {m.kind: m.after for m in methods}


def strength_unsatisfiable(situation: PlanView) -> Iterator[Finding]:
    """Nobody could satisfy a strength, or models count that no passkey profile accepts."""
    before, after = _sides(situation)
    for both in strengths(situation):
        if both.after.demanded_by == () and not both.changed:
            continue
        demands = [each for each in both.demands if not each.report_only]
        was = bool(both.before and satisfying(both.before, before))
        old = _stuck(both.before, before, demands) if both.before else []
        stuck = _stuck(both.after, after, demands)
        nobody = not satisfying(both.after, after)
        if nobody or stuck:
            if (nobody and was) or both.changed or any(each not in old for each in stuck):
                unread = isinstance(both.after.demanded_by, Unread) and both.own is None
                yield _nobody(situation, both, "note" if unread else _level(stuck), stuck)
            elif both.own:
                yield _nobody(situation, both, "warning", stuck)
        elif both.changed or before.get(FIDO2) != after.get(FIDO2):
            yield from _models(both, after)


def _stuck(
    strength: Strength, side: Mapping[str, Mapping[str, Json]], demands: Iterable[Demand]
) -> list[Demand]:
    """The policies that nobody they apply to could satisfy."""
    return [each for each in demands if not satisfying(strength, side, [each])]


def _level(demands: Iterable[Demand]) -> Level:
    widely = any(each.who in ("everyone", "administrators") for each in demands)
    return "error" if widely else "warning"


def _nobody(situation: PlanView, both: Both, level: Level, stuck: Sequence[Demand]) -> Finding:
    ways = " or ".join(map(spelled, both.after.combinations))
    why = f"this policy allows the people concerned no {ways}" if ways else "it has no combinations"
    use = f"Conditional Access requires it {required_by(stuck)}" if stuck else both.use
    use = f"; {use}" if use else ""
    of, path = _place(situation, both)
    return of.finding(
        "strength-unsatisfiable",
        f"nobody could satisfy {both.title}, because {why}{use}",
        "enable a method that it accepts, accept its models in a passkey profile, or change the "
        "strength in the same plan",
        path,
        level,
    )


def _models(both: Both, after: Mapping[str, Mapping[str, Json]]) -> Iterator[Finding]:
    """Models that count for a strength of the file, and that no profile accepts."""
    models, values = both.after.models, after.get(FIDO2)
    if models is None or values is None or both.own is None:
        return
    refused = sorted(model for model in models if blocks(values, model, None))
    if refused:
        yield both.own.finding(
            "strength-unsatisfiable",
            f"{both.title} accepts the models {', '.join(refused)}, but no passkey profile does",
            "accept them in a passkey profile, or remove them from the strength",
            f"{OPTIONS}.fido2.allowedAAGUIDs",
            "warning" if len(refused) == len(models) else "note",
        )


def _place(situation: PlanView, both: Both) -> tuple[BeforeAfter, str]:
    """What a finding about a strength is about: its declaration, else the method that changes."""
    if both.own is not None:
        return both.own, COMBINATIONS
    needs = {MODES.get(mode) for combination in both.after.combinations for mode in combination}
    changing = [m for m in situation.of(ENDING) if m.kind in needs and m.before != m.after]
    ended = [method for method in changing if not method.reaches.anybody]
    of = (ended or changing)[0]
    if ended:
        return of, of.ending
    keys = (PROFILES, "keyRestrictions", "isUsableOnce", "includeTargets", "excludeTargets")
    return of, next((key for key in keys if of.before.get(key) != of.after.get(key)), "state")


# A method ends that only one strength needs


def strength_stranded(situation: PlanView) -> Iterator[Finding]:
    """A method ends, and only methods outside this policy still satisfy a required strength."""
    ended = [m for m in situation.of(ENDING) if m.reached.anybody and not m.reaches.anybody]
    if not ended:
        return
    if isinstance(situation.strengths, Unread):
        yield Finding(
            "strength-stranded",
            "note",
            "the authentication strengths could not be read, so it is not known whether "
            f"Conditional Access requires one that needs {', '.join(both.title for both in ended)} "
            f"({situation.strengths.why})",
            situation.strengths.fix,
            POLICY,
        )
        return
    before, after = _sides(situation)
    for both in strengths(situation):
        left = satisfying(both.after, after)
        if both.before is None or both.after.demanded_by == () or not left:
            continue  # if nothing is left, strength-unsatisfiable says so
        was = [each for each in satisfying(both.before, before) if _methods(each)]
        if any(map(_methods, left)):
            continue
        for method in ended:
            if any(method.kind in _methods(each) for each in was):
                yield method.finding(
                    "strength-stranded",
                    f"{both.title} needs {method.title}, and no other method of this policy would "
                    f"satisfy it; {both.use}",
                    "keep the method for those people, or change the strength first",
                    method.ending,
                    "note" if isinstance(both.after.demanded_by, Unread) else None,
                )


def _methods(combination: Iterable[str]) -> set[str]:
    return {MODES[mode] for mode in combination if mode in MODES}
