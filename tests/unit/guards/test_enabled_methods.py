"""The last method of its kind, and the weak ones."""

from __future__ import annotations

import pytest

from tests.unit.build import A, B, group
from tests.unit.guards.policies import (
    APP,
    FIDO2,
    SMS,
    TAP,
    X509,
    Case,
    Values,
    check,
    message,
    off,
    on,
)

LAST: dict[str, Case] = {
    "the only method is switched off": (
        "last-mfa-method",
        {APP: on(), TAP: on(), "Email": on()},
        {APP: off()},
        [("error", APP, "state")],
    ),
    "the only method, a weak one, is switched off": (
        "last-mfa-method",
        {SMS: on(A), APP: off()},
        {SMS: off()},
        [("error", SMS, "state")],
    ),
    "the only method is for nobody": (
        "last-mfa-method",
        {APP: on()},
        {APP: {**on(), "includeTargets": []}},
        [("error", APP, "includeTargets")],
    ),
    "all who are included are excluded": (
        "last-mfa-method",
        {APP: on(A)},
        {APP: on(A, exclude=(A, B))},
        [("error", APP, "includeTargets")],
    ),
    "two methods are switched off and none is left": (
        "last-mfa-method",
        {APP: on(), SMS: on(A)},
        {APP: off(), SMS: off()},
        [("error", APP, "state"), ("error", SMS, "state")],
    ),
    "one for everyone is switched off and one for a group is left": (
        "last-mfa-method",
        {SMS: on(), APP: on(A)},
        {SMS: off()},
        [("error", SMS, "state")],
    ),
    "one for everyone is left": ("last-mfa-method", {SMS: on(), APP: on()}, {SMS: off()}, []),
    "another takes its place": (
        "last-mfa-method",
        {SMS: on(), APP: off()},
        {SMS: off(), APP: on()},
        [],
    ),
    "one for a group goes, one for another is left": (
        "last-mfa-method",
        {APP: on(A), SMS: on(B)},
        {APP: off()},
        [],
    ),
    "what was off for nobody stays so": (
        "last-mfa-method",
        {APP: off()},
        {APP: off(isSoftwareOathEnabled=True)},
        [],
    ),
    "everyone becomes a group": ("last-mfa-method", {APP: on()}, {APP: on(A)}, []),
    "an external method is one": (
        "last-mfa-method",
        {"External": on(), APP: on()},
        {APP: off()},
        [],
    ),
    "passkeys go and certificates stay": (
        "last-phishing-resistant-method",
        {FIDO2: on(), X509: on(), APP: on()},
        {FIDO2: off()},
        [],
    ),
    "passkeys go and only the app stays": (
        "last-phishing-resistant-method",
        {FIDO2: on(A), X509: off(), APP: on()},
        {FIDO2: off()},
        [("error", FIDO2, "state")],
    ),
}

WEAK: dict[str, Case] = {
    "a weak method is switched on": (
        "weak-method-enabled",
        {SMS: off()},
        {SMS: on(A)},
        [("error", SMS, "state")],
    ),
    "a weak method that was on for nobody": (
        "weak-method-enabled",
        {"Voice": {**on(), "includeTargets": []}},
        {"Voice": on(A)},
        [("error", "Voice", "includeTargets")],
    ),
    "a weak method is switched on for nobody": (
        "weak-method-enabled",
        {SMS: off()},
        {SMS: {**on(), "includeTargets": []}},
        [],
    ),
    "a weak method for more people": (
        "weak-method-enabled",
        {SMS: on(A)},
        {SMS: on(A, B)},
        [("error", SMS, "includeTargets")],
    ),
    "a weak method that excludes fewer": (
        "weak-method-enabled",
        {SMS: on(exclude=(A,))},
        {SMS: on()},
        [("error", SMS, "excludeTargets")],
    ),
    "a weak method for fewer people": ("weak-method-enabled", {SMS: on()}, {SMS: on(A)}, []),
    "a weak method that is switched off": ("weak-method-enabled", {SMS: on()}, {SMS: off()}, []),
    "a phone number becomes a first factor": (
        "weak-method-enabled",
        {SMS: on(group(A, isUsableForSignIn=False))},
        {SMS: on(group(A, isUsableForSignIn=True))},
        [("error", SMS, "includeTargets")],
    ),
    "a phone number is no first factor any more": (
        "weak-method-enabled",
        {SMS: on(group(A, isUsableForSignIn=True))},
        {SMS: on(group(A, isUsableForSignIn=False))},
        [],
    ),
    "emailed codes for guests": (
        "weak-method-enabled",
        {"Email": on(allowExternalIdToUseEmailOtp="disabled")},
        {"Email": on(allowExternalIdToUseEmailOtp="default")},
        [("error", "Email", "allowExternalIdToUseEmailOtp")],
    ),
    "a strong method is switched on": ("weak-method-enabled", {APP: off()}, {APP: on()}, []),
}


@pytest.mark.parametrize("case", (LAST | WEAK).values(), ids=(LAST | WEAK).keys())
def test_a_method(case: Case) -> None:
    check(case)


SAID: dict[str, tuple[str, Values, Values, str]] = {
    "which methods are left, and for whom": (
        "last-mfa-method",
        {SMS: on(), APP: on(A)},
        {SMS: off()},
        (
            "Sms is the last method for multifactor sign-in that everyone may use; "
            "MicrosoftAuthenticator would be left, for some people only"
        ),
    ),
}


@pytest.mark.parametrize("case", SAID.values(), ids=SAID.keys())
def test_what_it_says(case: tuple[str, Values, Values, str]) -> None:
    rule, before, after, expected = case
    assert message(rule, before, after) == expected
