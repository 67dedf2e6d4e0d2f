"""A pass: what is requested from Graph, what the live policy and the house rules refuse."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.helpdesk.access_pass import (
    Limits,
    Pass,
    PassRequest,
    in_fours,
    limit_refusals,
    target_refusals,
    terms,
)
from graphpolicy.helpdesk.house_rules import HouseRules
from graphpolicy.helpdesk.person import Memberships, Person

MIA = Person("0e5e0000-0000-4000-8000-000000000008", "mia.lopez@contoso.com", "Mia Lopez")
FREE = HouseRules({})


def limits(**changes: Any) -> Limits:
    live = {
        "id": "temporaryAccessPass",
        "state": "enabled",
        "defaultLifetimeInMinutes": 120,
        "minimumLifetimeInMinutes": 60,
        "maximumLifetimeInMinutes": 480,
        "isUsableOnce": False,
        "includeTargets": [{"id": "all_users", "targetType": "group"}],
        "excludeTargets": [],
        **changes,
    }
    return Limits.of({"authenticationMethodConfigurations": [{"id": "Sms"}, live]})


def refused(wish: PassRequest, live: Limits, house: HouseRules = FREE) -> list[str]:
    return [found.rule for found in limit_refusals(terms(wish, live, house), live, house)]


def test_what_is_not_asked_for_is_the_policys_within_the_house_rules() -> None:
    assert terms(PassRequest(), limits(), FREE).body == {
        "lifetimeInMinutes": 120,
        "isUsableOnce": False,
    }
    strict = HouseRules({"maxLifetimeInMinutes": 90, "once": True})
    assert terms(PassRequest(), limits(), strict).body == {
        "lifetimeInMinutes": 90,
        "isUsableOnce": True,
    }
    asked = terms(PassRequest(60, False, "2026-12-01T08:00:00Z"), limits(isUsableOnce=True), FREE)
    assert asked.body == {
        "lifetimeInMinutes": 60,
        "isUsableOnce": False,
        "startDateTime": "2026-12-01T08:00:00Z",
    }


@pytest.mark.parametrize(
    ("wish", "changes", "rules", "expected"),
    [
        (PassRequest(), {}, {}, []),
        (PassRequest(60), {}, {}, []),
        (PassRequest(480), {}, {}, []),
        (PassRequest(59), {}, {}, ["tap-lifetime"]),
        (PassRequest(481), {}, {}, ["tap-lifetime"]),
        (PassRequest(), {"state": "disabled"}, {}, ["tap-disabled"]),
        (PassRequest(once=False), {"isUsableOnce": True}, {}, ["tap-one-time"]),
        (PassRequest(once=True), {"isUsableOnce": True}, {}, []),
        (PassRequest(once=False), {}, {"once": True}, ["helpdesk-once"]),
        (PassRequest(240), {}, {"maxLifetimeInMinutes": 90}, ["helpdesk-lifetime"]),
        (
            PassRequest(5000),
            {},
            {"maxLifetimeInMinutes": 90},
            ["tap-lifetime", "helpdesk-lifetime"],
        ),
        (PassRequest(5000), {"maximumLifetimeInMinutes": None}, {}, []),
    ],
)
def test_what_policy_and_house_rules_refuse(
    wish: PassRequest, changes: dict[str, Any], rules: dict[str, Any], expected: list[str]
) -> None:
    assert refused(wish, limits(**changes), HouseRules(rules)) == expected


def test_a_tenant_that_does_not_return_the_method_has_it_off() -> None:
    assert refused(PassRequest(), Limits.of({"authenticationMethodConfigurations": []})) == [
        "tap-disabled"
    ]


@pytest.mark.parametrize(
    ("include", "exclude", "groups", "works"),
    [
        (["all_users"], [], [], True),
        (["G1"], [], [], False),
        (["G1"], [], ["g1"], True),
        (["all_users"], ["G1"], ["g1"], False),
        (["all_users"], ["G1"], [], True),
        (["G1"], ["G2"], ["g1", "g2"], False),
        ([MIA.id.upper()], [], [], True),
        ([], [], [], False),
    ],
)
def test_a_pass_works_for_whom_the_policy_includes_and_does_not_exclude(
    include: list[str], exclude: list[str], groups: list[str], works: bool
) -> None:
    live = limits(
        includeTargets=[{"id": each} for each in include],
        excludeTargets=[{"id": each} for each in exclude],
    )
    found = list(target_refusals(live, MIA, Memberships(frozenset(groups))))
    assert [each.rule for each in found] == ([] if works else ["tap-not-included"])
    assert live.asks_belonging == (include != ["all_users"] or bool(exclude))


def test_a_pass_is_alive_until_graph_says_that_it_is_over() -> None:
    def made(reason: str | None) -> Pass:
        return Pass.of({"id": "1", "lifetimeInMinutes": 60, "methodUsabilityReason": reason})

    alive = [made(reason).alive for reason in ("EnabledByPolicy", "NotYetValid", "New", None)]
    assert alive == [True] * 4
    assert [made(reason).alive for reason in ("Expired", "OneTimeUsed")] == [False, False]
    assert made("New").state == "New"
    assert made(None).state == "unknown"


def test_a_secret_is_read_out_in_groups_of_four() -> None:
    assert in_fours("abcdefghij") == "abcd efgh ij"
