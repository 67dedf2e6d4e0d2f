"""Guards on whole methods: the last of a kind, and the weak ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from graphpolicy.catalogue.registered import governed
from graphpolicy.catalogue.x509 import X509_CERTIFICATE
from graphpolicy.guards.plan_view import BeforeAfter, PlanView, Shift
from graphpolicy.model import Finding, Json
from graphpolicy.model.tree import word
from graphpolicy.rules.references import Reference, reference, single

WEAK = frozenset({"Sms", "Voice", "Email"})
"""Codes that can be intercepted, forwarded and phished."""

CERTIFICATE = frozenset({X509_CERTIFICATE.id})
"""Graph never lists certificates as registered, so the table of registrations has none."""

PHISHING_RESISTANT = CERTIFICATE | governed("phishing resistant")
"""The methods of the built-in strength "Phishing-resistant MFA" that this policy governs."""

MULTIFACTOR = CERTIFICATE | governed("multifactor")
"""Methods that a person can keep and use for multifactor sign-in.

A pass expires, email is for password reset and guests, and a QR code is a first factor, so these do
not count.
"""

EXTERNAL_CODES = "allowExternalIdToUseEmailOtp"


def last_mfa_method(view: PlanView) -> Iterator[Finding]:
    """The last method for multifactor sign-in is taken away."""
    yield from _last(view, MULTIFACTOR, "last-mfa-method", "multifactor sign-in")


def last_phishing_resistant_method(view: PlanView) -> Iterator[Finding]:
    """The last phishing-resistant method is taken away."""
    rule = "last-phishing-resistant-method"
    yield from _last(view, PHISHING_RESISTANT, rule, "phishing-resistant sign-in")


def _last(view: PlanView, kinds: Collection[str], rule: str, what: str) -> Iterator[Finding]:
    """A method ends, and no other is left, or none for everyone although this one was."""
    methods = view.of(kinds)
    left = {both.id: both.title for both in methods if both.reaches.anybody}
    for_all = any(both.reaches.everyone for both in methods)
    for both in methods:
        before = both.reached
        if not before.anybody or both.id in left or for_all or (left and not before.everyone):
            continue
        some = ", ".join(left.values())
        yield both.finding(
            rule,
            f"{both.title} is the last method for {what}"
            + (
                f" that everyone may use; {some} would be left, for some people only"
                if left
                else ""
            ),
            "enable another method for the same people first",
            both.ending,
        )


def weak_method_enabled(view: PlanView) -> Iterator[Finding]:
    """A weak method is switched on, or more people may use it."""
    for both in view.of(WEAK):
        before, after = both.reached, both.reaches
        if after.anybody and not before.anybody:
            path = "includeTargets" if before.on else "state"
            yield _weak(both, f"be on for {view.label(after.include - after.exclude)}", path)
        elif after.anybody:
            for shift in both.shifts:
                yield from _widened(view, shift)
        if _codes(both.after) and not _codes(both.before) and EXTERNAL_CODES in both.before:
            yield _weak(both, "be on for external users", EXTERNAL_CODES)
        if before.on and after.anybody and (first := _first_factor(both)):
            yield _weak(both, f"be a first factor for {view.label(first)}", "includeTargets", first)


def _widened(view: PlanView, shift: Shift) -> Iterator[Finding]:
    if shift.taken_in:
        who = view.label(shift.taken_in)
        yield _weak(shift.both, f"be on for {who} too", "includeTargets", shift.taken_in)
    freed = frozenset(who for who in shift.let_in if who.value not in view.gone)
    if freed:
        who = view.label(freed)
        yield _weak(shift.both, f"no longer be off for {who}", "excludeTargets")


def _weak(
    both: BeforeAfter, what: str, path: str, who: frozenset[Reference] = frozenset()
) -> Finding:
    return both.finding(
        "weak-method-enabled",
        f"{both.title} would {what}; it can be intercepted and phished",
        "offer a stronger method instead, or acknowledge this while it is needed",
        path,
        entry=single(who),
    )


def _codes(values: Json) -> bool:
    """Whether guests may sign in with emailed codes; `default` counts as on."""
    return word(values.get(EXTERNAL_CODES)) in ("enabled", "default")


def _first_factor(both: BeforeAfter) -> frozenset[Reference]:
    """The targets that could newly use a phone number as a first factor."""
    before, after = (
        {reference(target): target.get("isUsableForSignIn") for target in values or ()}
        for values in (both.before.get("includeTargets"), both.after.get("includeTargets"))
    )
    return frozenset(who for who in after if after[who] and before.get(who) is False)
