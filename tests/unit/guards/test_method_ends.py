"""What people can no longer use, over every method of the catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy import catalogue
from graphpolicy.guards.levels import read_levels
from graphpolicy.model import EVERYONE
from tests.unit.build import A, B, group, held, planned
from tests.unit.guards.policies import (
    APP,
    FIDO2,
    SMS,
    X509,
    Case,
    check,
    found,
    keys,
    message,
    off,
    on,
    passkeys,
    profile,
)

METHODS = [row.id for row in catalogue.METHODS]
ENDINGS: dict[str, tuple[dict[str, Any], str]] = {
    "off": (off(), "state"),
    "off, and for nobody": ({**off(), "includeTargets": []}, "state"),
    "an empty list": ({**on(), "includeTargets": []}, "includeTargets"),
    "everyone is excluded": (on(exclude=(EVERYONE,)), "excludeTargets"),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("way", ENDINGS.values(), ids=ENDINGS.keys())
def test_no_method_ends_in_silence(method: str, way: tuple[dict[str, Any], str]) -> None:
    after, path = way
    ends = found("method-ends", {method: on()}, {method: after})
    assert ends == [("warning", method, path)]
    assert found("inclusion-shrinks", {method: on()}, {method: after}) == []
    assert "for everyone" in message("method-ends", {method: on()}, {method: after})


@pytest.mark.parametrize("method", METHODS)
def test_no_method_narrows_in_silence(method: str) -> None:
    for after in (on(A), on(exclude=(B,))):
        assert found("inclusion-shrinks", {method: on()}, {method: after})
        assert found("method-ends", {method: on()}, {method: after}) == []


def test_it_says_who_was_excluded_before() -> None:
    before = {APP: on(exclude=(B,))}
    assert message("method-ends", before, {APP: off()}) == (
        f"MicrosoftAuthenticator would end for everyone (except Break-glass accounts ({B}), "
        "who could not use it): nobody could use it"
    )


def test_nobodys_loss_is_no_end() -> None:
    gone = frozenset({A})
    assert found("method-ends", {SMS: on(A)}, {SMS: off()}, gone=gone) == []
    assert found("method-ends", {SMS: off()}, {SMS: off(isUsableOnce=True)}) == []
    assert found("method-ends", {SMS: on(A, B)}, {SMS: on(A)}, gone=gone) == [
        ("warning", SMS, "includeTargets")
    ]


def test_a_policy_that_refuses_fewer_people_refuses_none_as_well() -> None:
    levels = read_levels({"inclusion-shrinks": "error"})[0]
    emptied = {**on(), "includeTargets": []}
    [(level, _, _)] = found("method-ends", {SMS: on()}, {SMS: emptied}, levels=levels)
    assert level == "error"


def bindings(*fields: str) -> dict[str, Any]:
    rows = [
        {"priority": number, "x509CertificateField": field, "userProperty": "email"}
        for number, field in enumerate(fields)
    ]
    return on(certificateUserBindings=rows)


def outlook(state: str) -> dict[str, Any]:
    target = {"targetType": "group", "id": EVERYONE}
    return on(
        featureSettings={"companionAppAllowedState": {"state": state, "includeTarget": target}}
    )


INCLUDE = "includeTargets"
PARTS: dict[str, Case] = {
    "codes of the app": (
        "method-ends",
        {APP: on(isSoftwareOathEnabled=True)},
        {APP: on(isSoftwareOathEnabled=False)},
        [("warning", APP, "isSoftwareOathEnabled")],
    ),
    "codes for guests, of a method that is off": (
        "method-ends",
        {"Email": off(allowExternalIdToUseEmailOtp="default")},
        {"Email": off(allowExternalIdToUseEmailOtp="disabled")},
        [("warning", "Email", "allowExternalIdToUseEmailOtp")],
    ),
    "approval in Outlook": (
        "method-ends",
        {APP: outlook("enabled")},
        {APP: outlook("disabled")},
        [("warning", APP, "featureSettings.companionAppAllowedState.state")],
    ),
    "passwordless sign-in": (
        "method-ends",
        {APP: on(group(A, authenticationMode="any"))},
        {APP: on(group(A, authenticationMode="push"))},
        [("warning", APP, INCLUDE)],
    ),
    "a model of key": (
        "method-ends",
        {FIDO2: on(keyRestrictions=keys(A, B))},
        {FIDO2: on(keyRestrictions=keys(A))},
        [("warning", FIDO2, "keyRestrictions")],
    ),
    "a profile for the same people": (
        "method-ends",
        {FIDO2: passkeys(profile(A), profile(B, "deviceBound,synced"), allowed=(A, B))},
        {FIDO2: passkeys(profile(A), profile(B, "deviceBound,synced"), allowed=(A,))},
        [("warning", FIDO2, INCLUDE)],
    ),
    "a binding": (
        "method-ends",
        {X509: bindings("PrincipalName", "RFC822Name")},
        {X509: bindings("PrincipalName")},
        [("warning", X509, "certificateUserBindings")],
    ),
    "bindings in another order": (
        "method-ends",
        {X509: bindings("PrincipalName", "RFC822Name")},
        {X509: bindings("RFC822Name", "PrincipalName")},
        [],
    ),
}


@pytest.mark.parametrize("case", PARTS.values(), ids=PARTS.keys())
def test_no_part_of_a_method_ends_in_silence(case: Case) -> None:
    check(case)


def test_a_model_that_is_no_longer_accepted_is_named() -> None:
    said = message(
        "method-ends", {FIDO2: on(keyRestrictions=keys(A, B))}, {FIDO2: on(keyRestrictions=keys(A))}
    )
    assert said == f"Fido2 would no longer accept model {B}"


def test_a_list_that_graph_answers_as_null_does_not_end_where_the_file_says_nobody() -> None:
    live = held(Sms={"state": "enabled", "includeTargets": None})
    plan = planned(live, {"Sms": {"includeTargets": []}}).plan
    assert plan.changes == ()
    assert [finding.rule for finding in plan.findings if finding.level != "note"] == []
