"""Authentication strengths that lose the last method which satisfies them."""

from __future__ import annotations

import pytest

from graphpolicy.model import POLICY, Strength, Unread
from tests.unit.build import A, B
from tests.unit.guards.policies import (
    APP,
    FIDO2,
    SMS,
    X509,
    Values,
    found,
    message,
    off,
    on,
)

RULE = "strength-stranded"
HELLO = frozenset({"windowshelloforbusiness"})
KEY, CARD = frozenset({"fido2"}), frozenset({"x509certificatemultifactor"})
CODE = frozenset({"password", "sms"})
RESISTANT = Strength("4", "Phishing-resistant MFA", (HELLO, KEY, CARD), ("Admins", "Finance"))
CODES = Strength("5", "Codes", (CODE, frozenset({"sms", "federatedsinglefactor"})), ("Everyone",))

STRANDED: dict[str, tuple[Values, Values, list[tuple[str, str, str]]]] = {
    "its last method ends": ({FIDO2: on()}, {FIDO2: off()}, [("warning", FIDO2, "state")]),
    "both of its methods end": (
        {FIDO2: on(), X509: on()},
        {FIDO2: off(), X509: off()},
        [("warning", FIDO2, "state"), ("warning", X509, "state")],
    ),
    "another method of it stays": ({FIDO2: on(), X509: on()}, {FIDO2: off()}, []),
    "a method that it does not need ends": ({FIDO2: on(), APP: on()}, {APP: off()}, []),
    "its method is for fewer": ({FIDO2: on()}, {FIDO2: on(A)}, []),
    "its method is for nobody any more": (
        {FIDO2: on(A)},
        {FIDO2: on(A, exclude=(A,))},
        [("warning", FIDO2, "includeTargets")],
    ),
    "it was off before": ({FIDO2: off(), APP: on()}, {APP: off()}, []),
    "a method of another strength ends": ({SMS: on()}, {SMS: off()}, [("warning", SMS, "state")]),
}


@pytest.mark.parametrize("case", STRANDED.values(), ids=STRANDED.keys())
def test_a_demanded_strength(case: tuple[Values, Values, list[tuple[str, str, str]]]) -> None:
    before, after, expected = case
    assert found(RULE, before, after, strengths=(RESISTANT, CODES)) == expected


def test_who_demands_it_is_told() -> None:
    said = message(RULE, {FIDO2: on(B)}, {FIDO2: off()}, strengths=(RESISTANT,))
    assert said == (
        "the authentication strength 'Phishing-resistant MFA' needs Fido2, and no other method of "
        "this policy would satisfy it; Conditional Access requires it in 'Admins', 'Finance'"
    )


def test_a_strength_that_nobody_demands_is_let_go() -> None:
    unused = Strength("6", "Keys", (KEY,), ())
    assert found(RULE, {FIDO2: on()}, {FIDO2: off()}, strengths=(unused,)) == []


UNREAD = Unread("Graph refused it: 403", "grant Policy.Read.All")


def test_why_strengths_could_not_be_read_is_told() -> None:
    assert message(RULE, {FIDO2: on()}, {FIDO2: off()}, strengths=UNREAD) == (
        "the authentication strengths could not be read, so it is not known whether Conditional "
        "Access requires one that needs Fido2 (Graph refused it: 403)"
    )


def test_strengths_that_could_not_be_read_are_a_note_where_a_method_ends() -> None:
    noted = [("note", POLICY, "")]
    assert found(RULE, {FIDO2: on()}, {FIDO2: off()}, strengths=UNREAD) == noted
    assert found(RULE, {FIDO2: on()}, {FIDO2: on(A)}, strengths=UNREAD) == []


@pytest.mark.parametrize(
    ("mode", "method"),
    [
        ("fido2", FIDO2),
        ("x509certificatesinglefactor", X509),
        ("x509certificatemultifactor", X509),
        ("microsoftauthenticatorpush", APP),
        ("devicebasedpush", APP),
        ("softwareoath", "SoftwareOath"),
        ("hardwareoath", "HardwareOath"),
        ("sms", SMS),
        ("voice", "Voice"),
        ("email", "Email"),
        ("temporaryaccesspassonetime", "TemporaryAccessPass"),
        ("temporaryaccesspassmultiuse", "TemporaryAccessPass"),
        ("qrcodepin", "QRCodePin"),
    ],
)
def test_every_mode_needs_its_method(mode: str, method: str) -> None:
    strength = Strength("6", "Own", (frozenset({"password", mode}),), ("Everyone",))
    ended = found(RULE, {method: on()}, {method: off()}, strengths=(strength,))
    assert ended == [("warning", method, "state")]
