"""Guards on who may use a method, and on what people lose: all of it, or a part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphpolicy.guards.certificates import less_accepted
from graphpolicy.guards.enabled_methods import WEAK
from graphpolicy.guards.levels import ORDER
from graphpolicy.guards.plan_view import BeforeAfter, PlanView, Shift
from graphpolicy.guards.restrictions import refused_keys
from graphpolicy.guards.single_settings import weakened
from graphpolicy.model import Finding, Json
from graphpolicy.model.tree import member, word
from graphpolicy.people.keys import FIDO2
from graphpolicy.people.reach import Reach
from graphpolicy.rules.references import (
    ALL,
    SINGLES,
    Reference,
    audiences,
    reference,
    references,
    single,
)

PARTS: Mapping[tuple[str, str], str] = {
    ("MicrosoftAuthenticator", "isSoftwareOathEnabled"): "the codes that the app shows",
    ("Voice", "isOfficePhoneAllowed"): "calls to office phones",
    ("Email", "allowExternalIdToUseEmailOtp"): "codes by email for guests",
}
"""Settings that switch a part of a method off. `default` counts as on."""

FEATURE = "companionAppAllowedState"
BINDINGS = "certificateUserBindings"
INCLUDE = "includeTargets"
CHECK = "make sure that they have another method, and tell them first"


def method_ends(view: PlanView) -> Iterator[Finding]:
    """Nobody can use a method, or a part of it, that somebody could use before."""
    for both in view.resources:
        if not both.is_method:
            continue
        before = both.reached
        lost = view.living(before.include - before.exclude) if before.on else frozenset()
        if lost and ended(view, both):
            yield _whole(view, both, before, lost)
        elif lost:
            yield from _parts(view, both)
        if both.kind == "Email":  # guests need no target
            yield from _switched_off(both, "Email", "allowExternalIdToUseEmailOtp")


def ended(view: PlanView, both: BeforeAfter) -> bool:
    """Whether nobody may use a method after the plan. A deleted group does not count."""
    after = both.reaches
    return not after.on or not view.living(after.include - after.exclude)


def _whole(view: PlanView, both: BeforeAfter, before: Reach, lost: frozenset[Reference]) -> Finding:
    after = both.reaches
    spared = view.living(before.exclude)
    people = view.label(lost)
    but = f" (except {view.label(spared)}, who could not use it)" if spared else ""
    path = "state"
    if after.on:
        path = INCLUDE if before.include != after.include else "excludeTargets"
    found = both.finding(
        "method-ends", f"{both.title} would end for {people}{but}: nobody could use it", CHECK, path
    )
    # Losing everyone is at least as serious as losing some (`inclusion-shrinks`).
    strict = view.levels.levels.get("inclusion-shrinks", found.level) if after.on else "note"
    return replace(found, level=max(found.level, strict, key=ORDER.index))


def _parts(view: PlanView, both: BeforeAfter) -> Iterator[Finding]:
    """Parts that end of a method that stays on."""
    for kind, name in PARTS:
        if kind == both.kind != "Email":
            yield from _switched_off(both, kind, name)
    if both.kind == "MicrosoftAuthenticator" and (found := weakened(view, both, FEATURE)):
        path, who = found
        yield _ends(both, f"approval in Outlook would end for {view.label(who)}", path)
    if both.kind == FIDO2:
        for what, path, entry in refused_keys(view, both):
            yield both.finding("method-ends", what, CHECK, path, entry=entry)
    if both.kind == "X509Certificate":
        for what, path in less_accepted(view, both):
            yield _ends(both, what, path)
        after = _bindings(both.after)
        for binding in _bindings(both.before):
            if binding not in after:
                text = f"certificates would no longer be bound by {' = '.join(binding)}"
                yield _ends(both, text, BINDINGS)
    yield from _of_targets(view, both)


def _switched_off(both: BeforeAfter, kind: str, name: str) -> Iterator[Finding]:
    before, after = (word(values.get(name)) for values in (both.before, both.after))
    if before in ("true", "enabled", "default") and after in ("false", "disabled"):
        yield _ends(both, f"{PARTS[kind, name]} would end for everyone who may use it", name)


def _of_targets(view: PlanView, both: BeforeAfter) -> Iterator[Finding]:
    """What targets lose that stay in the list."""
    before, after = _own(both.before), _own(both.after)
    for who in sorted(view.living(before.keys() & after.keys()), key=str):
        for what in sorted(before[who] - after[who]):
            text = f"{what} would end for {view.label([who])}"
            yield _ends(both, text, INCLUDE, who.target)


def _own(values: Mapping[str, Json]) -> dict[Reference, set[str]]:
    """What each target may use, by properties that only some methods' targets have."""
    found: dict[Reference, set[str]] = {}
    for target in values.get(INCLUDE) or ():
        own = found.setdefault(reference(target), set())
        own |= {
            f"Verified ID profile {word(id_)}" for id_ in target.get("verifiedIdProfiles") or ()
        }
        mode = word(target.get("authenticationMode"))
        if mode in ("any", "push"):
            own.add("notifications as a second factor")
        if mode in ("any", "devicebasedpush"):
            own.add("passwordless sign-in with the app")
        if target.get("isUsableForSignIn") is True:
            own.add("sign-in with the phone number")
    return found


def _bindings(values: Mapping[str, Json]) -> list[tuple[str, str]]:
    return [
        (str(each.get("x509CertificateField")), str(each.get("userProperty")))
        for each in member(values, BINDINGS) or ()
    ]


def _ends(both: BeforeAfter, what: str, path: str, entry: Json = None) -> Finding:
    return both.finding("method-ends", f"{both.title}: {what}", CHECK, path, entry=entry)


def inclusion_shrinks(view: PlanView) -> Iterator[Finding]:
    """People lose a method that others keep, by inclusion or by exclusion.

    If nobody keeps the method, `method-ends` reports it. Exclusions from a registration campaign
    are ignored: they take nothing from people.
    """
    for shift in _every(view):
        if not shift.path and shift.both.is_method and ended(view, shift.both):
            continue
        lost = view.living(shift.left_out)
        if lost:
            left = view.living(shift.after.include - shift.after.exclude)
            only = f"only {view.label(left)}" if left else "so nobody would be left"
            yield shift.both.finding(
                "inclusion-shrinks",
                f"{shift.name} would no longer include {view.label(lost)}, {only}",
                _check(lost),
                shift.at("includeTargets"),
            )
        barred = view.living(shift.shut_out)
        if barred and shift.both.is_method:
            yield shift.both.finding(
                "inclusion-shrinks",
                f"{shift.name} would exclude {view.label(barred)}",
                _check(barred),
                shift.at("excludeTargets"),
                entry=single(barred),
            )


def inclusion_widens(view: PlanView) -> Iterator[Finding]:
    """More people may use a method that was on. Weak methods have a guard of their own."""
    for shift in _every(view):
        if shift.taken_in and shift.both.kind not in WEAK:
            yield shift.both.finding(
                "inclusion-widens",
                f"{shift.name} would also include {view.label(shift.taken_in)}",
                "make sure that all of them should be included",
                shift.at("includeTargets"),
                entry=single(shift.taken_in),
            )


def exclusion_shrinks(view: PlanView) -> Iterator[Finding]:
    """An exclusion loses somebody: an error if it ends up empty or loses emergency access.

    A misspelt group once emptied such a list and locked a tenant out.
    """
    for shift in _every(view):
        emptied = not view.living(shift.after.exclude)
        yield from _freed(view, shift.both, shift.at("excludeTargets"), shift.let_in, emptied)
    for both in view.resources:
        if not both.reaches.on:
            continue
        for path, before in audiences(both.before):
            after = member(both.after, *path)
            if SINGLES[1] in before and word(member(after, "state")) != "disabled":
                freed = frozenset(references(before[SINGLES[1]]))
                freed -= frozenset(references(member(after, SINGLES[1])))
                yield from _freed(view, both, ".".join((*path, SINGLES[1])), freed, False)


def _freed(
    view: PlanView, both: BeforeAfter, path: str, freed: frozenset[Reference], emptied: bool
) -> Iterator[Finding]:
    freed = view.living(freed)
    if not freed:
        return
    guarded = frozenset(who for who in freed if who.value in view.emergency.ids)
    yield both.finding(
        "exclusion-shrinks",
        f"{both.title}.{path} would no longer exclude {view.label(freed)}"
        + (f"; {view.label(guarded)} is emergency access" if guarded else "")
        + ("; nobody would be excluded" if emptied else ""),
        "keep in the list everyone who must stay excluded",
        path,
        "error" if emptied or guarded else "warning",
    )


def _every(view: PlanView) -> Iterator[Shift]:
    for both in view.resources:
        yield from both.shifts


def _check(who: frozenset[Reference]) -> str:
    if ALL in who:
        return "make sure that everyone outside these groups has another method"
    return "make sure that they have another method"
