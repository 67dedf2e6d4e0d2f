"""Authentication strengths that lose the last method which satisfies them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.guards import guarded
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.guards.strength_changes import strength_in_use
from graphpolicy.model import POLICY, Demand, Strength, Unread
from graphpolicy.rules.custom_strengths import strength_of
from tests.unit.build import ALL, A, B
from tests.unit.guards.policies import (
    APP,
    FIDO2,
    SMS,
    X509,
    Values,
    found,
    keys,
    message,
    off,
    on,
    passkeys,
    profile,
)

RULE = "strength-stranded"
UNSATISFIABLE = "strength-unsatisfiable"
HELLO = frozenset({"windowshelloforbusiness"})
KEY, CARD = frozenset({"fido2"}), frozenset({"x509certificatemultifactor"})
CODE = frozenset({"password", "sms"})
USED = (Demand("Admins"), Demand("Finance", "some"))
EVERYONE = (Demand("Everyone", "everyone"),)
RESISTANT = Strength("4", "Phishing-resistant MFA", (HELLO, KEY, CARD), None, USED)
CODES = Strength("5", "Codes", (CODE, frozenset({"sms", "federatedsinglefactor"})), None, EVERYONE)

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
    "nothing at all would be left": ({SMS: on()}, {SMS: off()}, []),
}


@pytest.mark.parametrize("case", STRANDED.values(), ids=STRANDED.keys())
def test_a_demanded_strength(case: tuple[Values, Values, list[tuple[str, str, str]]]) -> None:
    before, after, expected = case
    assert found(RULE, before, after, strengths=(RESISTANT, CODES)) == expected


def test_who_demands_it_is_told() -> None:
    said = message(RULE, {FIDO2: on(B)}, {FIDO2: off()}, strengths=(RESISTANT,))
    assert said == (
        "the authentication strength 'Phishing-resistant MFA' needs Fido2, and no other method of "
        "this policy would satisfy it; Conditional Access requires it in 'Admins' (it is "
        "not known who it applies to), 'Finance'"
    )


def test_a_strength_that_nobody_demands_is_let_go() -> None:
    unused = Strength("6", "Keys", (KEY,), None, ())
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
    strength = Strength("6", "Own", (frozenset({"password", mode}),), None, EVERYONE)
    ended = found(UNSATISFIABLE, {method: on()}, {method: off()}, strengths=(strength,))
    assert ended == [("error", method, "state")]


MODEL, OTHER = (f"fa2b99dc-9e39-4257-8f92-4a30d23c411{n}" for n in "89")
WIDE = (Demand("All", "everyone"),)
NARROW = (Demand("Pilot", "some", frozenset({("group", A)})),)
REPORT = (Demand("Later", "everyone", report_only=True),)
OPTIONS = "combinationConfigurations.fido2.allowedAAGUIDs"


def keys_only(*demands: Demand, models: frozenset[str] | None = None) -> Strength:
    return Strength("7", "Keys", (KEY,), models, demands, custom=True)


def one_model(model: str) -> Values:
    return {FIDO2: passkeys(profile(A, keyRestrictions=keys(model)))}


@pytest.mark.parametrize(
    ("demands", "level"),
    [(WIDE, "error"), ((Demand("Admins", "administrators"),), "error"), (NARROW, "warning")],
)
def test_it_matters_from_whom_a_strength_is_required(
    demands: tuple[Demand, ...], level: str
) -> None:
    found_ = found(UNSATISFIABLE, {FIDO2: on()}, {FIDO2: off()}, strengths=(keys_only(*demands),))
    assert found_ == [(level, FIDO2, "state")]


def test_a_profile_that_no_longer_accepts_the_models_of_a_strength() -> None:
    strength = keys_only(*WIDE, models=frozenset({MODEL}))
    before, after = one_model(MODEL), one_model(OTHER)
    assert found(UNSATISFIABLE, before, after, strengths=(strength,)) == [
        ("error", FIDO2, "passkeyProfiles")
    ]
    assert found(UNSATISFIABLE, after, before, strengths=(strength,)) == []


def test_a_group_that_is_excluded_can_not_satisfy_what_is_required_of_it_alone() -> None:
    before, after = {FIDO2: on()}, {FIDO2: on(exclude=(A,))}
    strengths = (keys_only(*NARROW),)
    assert found(UNSATISFIABLE, before, after, strengths=strengths) == [
        ("warning", FIDO2, "excludeTargets")
    ]
    strengths = (keys_only(*WIDE),)
    assert found(UNSATISFIABLE, before, after, strengths=strengths) == []
    strengths = (keys_only(*NARROW, *WIDE),)  # one policy that can be satisfied hides no other
    assert found(UNSATISFIABLE, before, after, strengths=strengths) == [
        ("warning", FIDO2, "excludeTargets")
    ]


SINGLE, MULTI = "x509CertificateSingleFactor", "x509CertificateMultiFactor"


def counts_as(default: str, *rules: str) -> Values:
    """Certificates, and what they count as by default and by rules."""
    of = [{"x509CertificateAuthenticationMode": each} for each in rules]
    modes = {"x509CertificateAuthenticationDefaultMode": default, "rules": of}
    return on(authenticationModeConfiguration=modes)


@pytest.mark.parametrize(
    ("mode", "before", "after"),
    [
        (MULTI.casefold(), counts_as(MULTI), counts_as(SINGLE)),
        (MULTI.casefold(), counts_as(SINGLE, MULTI), counts_as(SINGLE, SINGLE)),
        ("softwareoath", on(isSoftwareOathEnabled=True), on(isSoftwareOathEnabled=False)),
        ("temporaryaccesspassmultiuse", on(isUsableOnce=False), on(isUsableOnce=True)),
        ("devicebasedpush", on(), on({**ALL, "authenticationMode": "push"})),
        ("microsoftauthenticatorpush", on(), on({**ALL, "authenticationMode": "deviceBasedPush"})),
    ],
)
def test_a_mode_that_the_method_no_longer_has(mode: str, before: Values, after: Values) -> None:
    method = {"t": "TemporaryAccessPass", "x": X509}.get(mode[0], APP)
    strength = Strength("6", "Own", (frozenset({mode}),), None, EVERYONE)
    levels = [
        row[0]
        for row in found(UNSATISFIABLE, {method: before}, {method: after}, strengths=(strength,))
    ]
    assert levels == ["error"]


def test_the_codes_of_the_app_are_as_good_as_those_of_another() -> None:
    codes = Strength("6", "Own", (frozenset({"password", "softwareoath"}),), None, EVERYONE)
    ends = {"SoftwareOath": off()}
    for allowed, expected in ((True, []), (False, [("error", "SoftwareOath", "state")])):
        before = {"SoftwareOath": on(), APP: on(isSoftwareOathEnabled=allowed)}
        assert found(UNSATISFIABLE, before, ends, strengths=(codes,)) == expected


def own(*combinations: str, models: Sequence[str] = ()) -> dict[str, Any]:
    options = {"fido2": {"allowedAAGUIDs": list(models)}} if models else {}
    return {"allowedCombinations": list(combinations), "combinationConfigurations": options}


Found = list[tuple[str, ...]]


def changed(
    before: Values | None, after: Values, *, keys_: Values, use: Any
) -> list[tuple[str, ...]]:
    """What is found where the plan changes a strength, which `use` requires."""
    both = BeforeAfter(STRENGTHS, TITLE, TITLE, before or {}, after)
    live = [strength_of({**before, "displayName": "Keys", "id": "7"})] if before else []
    view = PlanView(
        (BeforeAfter(FIDO2, FIDO2, FIDO2, keys_, keys_),),
        strengths=tuple(replace(each, demanded_by=use) for each in live),
        listed=(both,),
    )
    return [(one.rule, one.level, one.path) for one in guarded(view)]


TITLE = f"{STRENGTHS}/Keys"
IN_USE = ("strength-in-use", "note", "")
NARROWED, LOOSENED = "strength-narrowed", "strength-loosened"
FULL, ONE = own("fido2", "password,sms"), own("fido2")
LIMITED, SWAPPED = own("fido2", models=[MODEL]), own("fido2", models=[OTHER])
COMBINATIONS = "allowedCombinations"
CHANGED: dict[str, tuple[Values | None, Values, Any, Found]] = {
    "a combination goes": (FULL, ONE, WIDE, [(NARROWED, "error", COMBINATIONS), IN_USE]),
    "nobody requires it": (FULL, ONE, (), []),
    "it is only reported": (FULL, ONE, REPORT, [(NARROWED, "warning", COMBINATIONS), IN_USE]),
    "its use is not known": (FULL, ONE, UNREAD, [(NARROWED, "note", COMBINATIONS)]),
    "a combination comes": (ONE, FULL, WIDE, [(LOOSENED, "warning", COMBINATIONS), IN_USE]),
    "only some models count": (ONE, LIMITED, WIDE, [(NARROWED, "error", OPTIONS), IN_USE]),
    "all models count": (LIMITED, ONE, WIDE, [(LOOSENED, "warning", OPTIONS), IN_USE]),
    "another model counts": (
        LIMITED,
        SWAPPED,
        WIDE,
        [(NARROWED, "error", OPTIONS), (LOOSENED, "warning", OPTIONS), IN_USE],
    ),
    "it is new": (None, ONE, (), [IN_USE]),
    "it is new and nobody could satisfy it": (
        None,
        own("password,sms"),
        (),
        [(UNSATISFIABLE, "warning", COMBINATIONS), IN_USE],
    ),
    "it accepts nothing any more": (
        ONE,
        own(),
        WIDE,
        [(UNSATISFIABLE, "error", COMBINATIONS), (NARROWED, "error", COMBINATIONS), IN_USE],
    ),
}


@pytest.mark.parametrize("case", CHANGED.values(), ids=CHANGED.keys())
def test_a_strength_that_changes(
    case: tuple[Values | None, Values, Any, list[tuple[str, ...]]],
) -> None:
    before, after, use, expected = case
    assert changed(before, after, keys_=on(), use=use) == expected


def test_models_that_no_profile_accepts() -> None:
    profiles = one_model(MODEL)[FIDO2]
    none = changed(
        None, own("fido2", "windowsHelloForBusiness", models=[OTHER]), keys_=profiles, use=()
    )
    assert none == [(UNSATISFIABLE, "warning", OPTIONS), IN_USE]
    some = changed(None, own("fido2", models=[MODEL, OTHER]), keys_=profiles, use=())
    assert some == [(UNSATISFIABLE, "note", OPTIONS), IN_USE]


def test_a_strength_in_no_file_loses_models_while_other_ways_are_left() -> None:
    before, after = one_model(MODEL), one_model(OTHER)
    for models, use, level in (
        ({MODEL}, WIDE, "warning"),
        ({MODEL, OTHER}, WIDE, "note"),
        ({MODEL}, UNREAD, "note"),
    ):
        strength = Strength("7", "Keys", (KEY, HELLO), frozenset(models), use, custom=True)
        assert found(UNSATISFIABLE, before, after, strengths=(strength,)) == [
            (level, FIDO2, "passkeyProfiles")
        ]
    none = Strength("7", "Keys", (KEY, HELLO), frozenset({B}), WIDE, custom=True)
    assert found(UNSATISFIABLE, before, after, strengths=(none,)) == []


def test_a_strength_that_may_have_been_renamed_is_named() -> None:
    both = BeforeAfter(STRENGTHS, TITLE, TITLE, {}, ONE)
    live = replace(keys_only(), name="Company keys")
    [finding] = strength_in_use(PlanView((), strengths=(live,), listed=(both,)))
    assert "'Company keys'" in finding.message
