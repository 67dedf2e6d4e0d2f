"""The guard on people: who would have no method left that is good for multifactor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.guards.emergency_access import takes_a_method
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.model import ADMINISTRATORS, POLICY, Counted, Finding, Json, Level, Unread
from graphpolicy.model.tree import word
from graphpolicy.people.access import SWITCHES

RULE = "lockout"
MODE = "authenticationMode"
CERTIFICATES = Unread(
    "no report says who signs in with a certificate, so people who lose that are not counted",
    "check in the sign-in logs who uses a certificate, and make sure that they have another "
    "method; where the policy requires the count, remove lockout.required for this change",
)
"""What a reader of the numbers must know of a plan that takes certificates from somebody."""


def takes(view: PlanView) -> bool:
    """Whether the plan may take a method from somebody."""
    methods = [both for both in view.resources if both.is_method]
    return takes_a_method(methods) or any(map(_switched_off, methods))


def _switched_off(both: BeforeAfter) -> bool:
    """Whether it no longer takes one kind of registration, or narrows the mode of a target."""
    switches = [row for row in SWITCHES if row.through == both.kind]
    if any(both.before.get(row.setting) and not both.after.get(row.setting) for row in switches):
        return True
    before, after = (_modes(side) for side in (both.before, both.after))
    return any(mode != before.get(who, mode) and mode != "any" for who, mode in after.items())


def _modes(values: Mapping[str, Json]) -> dict[str, str]:
    targets = values.get("includeTargets") or ()
    return {str(each.get("id")).casefold(): word(each.get(MODE)) or "any" for each in targets}


def lockout(view: PlanView) -> Iterator[Finding]:
    """People who had a method for multifactor would have none; administrators apart."""
    counted = view.impact
    if not isinstance(counted, Counted):
        return
    everyone, admins = counted.everyone.without_mfa, counted.admins.without_mfa
    for circle, number in (("", everyone - admins), (ADMINISTRATORS, admins)):
        if number:
            yield _locked_out(number, circle)


def _locked_out(number: int, circle: str) -> Finding:
    one, of = number == 1, f", people: {circle}" if circle else ""
    who = (
        f"{number:,} {'administrator' if one else 'administrators'}"
        if circle
        else f"{number:,} {'person' if one else 'people'}"
    )
    return Finding(
        "lockout",
        "error",
        f"{who} would be left without a method that is good for multifactor authentication",
        "let them register another method first (`graphpolicy impact --csv FILE` lists them), or "
        f"accept them: acknowledge: [{{rule: {RULE}, atMost: {number}{of}, reason: …, owner: …, "
        "expires: …}]",
        POLICY,
        people=number,
        circle=circle,
    )


def not_counted(view: PlanView) -> Iterable[Finding]:
    """A plan takes a method from somebody, and people were not, or not all, counted."""
    if not takes(view):
        return
    counted, required = view.impact, view.levels.required(RULE)
    level: Level = "error" if required else "warning"
    if counted is None:
        yield Finding(
            "people-not-counted",
            "error" if required else "note",
            "the plan takes a method from somebody, and the people concerned were not counted",
            "plan with --impact, against the tenant itself",
            POLICY,
        )
    elif isinstance(counted, Unread):
        message = f"the people concerned could not be counted: {counted.why}"
        yield Finding("people-not-counted", level, message, counted.fix, POLICY)
    else:
        for unread in counted.unread:
            yield Finding("people-not-counted", level, unread.why, unread.fix, POLICY)
        for note in counted.notes:
            said: Level = level if note == CERTIFICATES else "note"
            yield Finding("people-not-counted", said, note.why, note.fix, POLICY)
        if number := counted.everyone.not_known:
            yield Finding(
                "people-not-counted",
                level,
                f"for {number:,} {'person' if number == 1 else 'people'} it is not known whether "
                "they would be left without a method; they count neither as safe nor as locked out",
                "wait for the next registration report, or grant what doctor names as missing",
                POLICY,
                people=number,
            )
