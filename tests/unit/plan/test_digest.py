"""What an approval is bound to, and what is reported if that has changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.model import Bound
from graphpolicy.plan.digest import as_json, digest, from_json, moved
from tests.laws.situations import TENANT_ID

SMS = ("Sms", "state", "disabled", "enabled")
OTHER = "22222222-2222-4333-8444-555555555555"
TARGETS: tuple[str, str, Any, Any] = ("Sms", "includeTargets", [{"id": "all_users"}], [])
BOUND = Bound(TENANT_ID, "global", (SMS, TARGETS), (("Finance", "id-1"),))
OTHERS: dict[str, Bound] = {
    "tenant": replace(BOUND, tenant=OTHER),
    "cloud": replace(BOUND, cloud="usgov"),
    "desired": replace(BOUND, settings=(("Sms", "state", "enabled", "enabled"), TARGETS)),
    "observed": replace(BOUND, settings=(("Sms", "state", "disabled", "disabled"), TARGETS)),
    "fewer settings": replace(BOUND, settings=(SMS,)),
    "more settings": replace(BOUND, settings=(SMS, TARGETS, ("Voice", "state", "enabled", "x"))),
    "group": replace(BOUND, groups=(("Finance", "id-2"),)),
    "no group": replace(BOUND, groups=()),
    "accepted rule": replace(BOUND, terms={"allow": ("tap-too-open",)}),
    "finding": replace(
        BOUND, terms={"findings": (["method-ends", "warning", "Sms", "state", True],)}
    ),
    "no finding at all": replace(BOUND, terms={"findings": ("anything",)}),
}
GONE = (
    'Sms.includeTargets was declared [{"id": "all_users"}], but is no longer declared, or no '
    "longer returned"
)
SAID = {
    "tenant": [f"the tenant is {OTHER} (global), but was {TENANT_ID} (global)"],
    "cloud": [f"the tenant is {TENANT_ID} (usgov), but was {TENANT_ID} (global)"],
    "desired": ['Sms.state is declared "enabled", but was "disabled"'],
    "observed": ['Sms.state is "disabled" in the tenant, but was "enabled"'],
    "fewer settings": [GONE],
    "more settings": ['Voice.state is declared "enabled", but was not declared, or not returned'],
    "group": ["group 'Finance' is id-2, but was id-1"],
    "no group": ["group 'Finance' is not used, but was id-1"],
    "accepted rule": ["--allow tap-too-open is given, but was not before"],
    "finding": ["the warning method-ends about Sms.state (accepted) is new"],
    "no finding at all": ['the finding "anything" is new'],
}


@pytest.mark.parametrize("case", OTHERS)
def test_whatever_is_bound_moves_the_digest_and_is_named(case: str) -> None:
    assert digest(OTHERS[case]) != digest(BOUND)
    assert list(moved(BOUND, OTHERS[case])) == SAID[case]


def test_equal_things_have_one_digest_and_nothing_moved() -> None:
    again = replace(BOUND)
    assert digest(again) == digest(BOUND)
    assert digest(BOUND).startswith("sha256:")
    assert len(digest(BOUND)) == len("sha256:") + 64
    assert list(moved(BOUND, again)) == []


def test_a_digest_is_the_same_in_every_release() -> None:
    settings = (("Sms", "state", "disabled", "enabled"),)
    known = "sha256:e4491cecff45ed15a93ac5e6f5f4b82048c53a6ea185dfaaf20a2ca80d324bcc"
    assert digest(Bound("t", "global", settings, (("Größe", "id-1"),))) == known


def test_what_is_bound_goes_through_a_file_unharmed() -> None:
    assert from_json(json.loads(json.dumps(as_json(BOUND)))) == BOUND


def test_groups_come_back_in_order_whatever_the_file_says() -> None:
    data = as_json(replace(BOUND, groups=()))
    data["groups"] = {"b": "2", "a": "1"}
    assert from_json(data).groups == (("a", "1"), ("b", "2"))


@pytest.mark.parametrize("data", [{}, [], None, {"settings": 1}, {**as_json(BOUND), "groups": []}])
def test_another_shape_is_refused(data: Any) -> None:
    with pytest.raises((KeyError, TypeError, AttributeError)):
        from_json(data)


def test_a_run_that_is_resumed_may_find_what_it_wrote_and_nothing_else() -> None:
    written = {("Sms", "state")}
    assert list(moved(BOUND, OTHERS["observed"], written)) == []
    third = replace(BOUND, settings=(("Sms", "state", "disabled", "default"), TARGETS))
    assert list(moved(BOUND, third, written)) == [
        'Sms.state is "default" in the tenant, but was "enabled"'
    ]
    assert list(moved(BOUND, OTHERS["observed"], {("Sms", "includeTargets")})) != []
    edited = replace(BOUND, settings=(("Sms", "state", "enabled", "disabled"), TARGETS))
    assert len(list(moved(BOUND, edited, written))) == 2


def test_a_write_of_its_own_hides_nothing_that_moved_after_it() -> None:
    own = ("Sms", "state", "disabled", "disabled")
    now = replace(BOUND, settings=(own, ("Voice", "state", "enabled", "größe"), TARGETS))
    then = replace(BOUND, settings=(SMS, ("Voice", "state", "enabled", "x"), TARGETS))
    assert list(moved(then, now, {("Sms", "state")})) == [
        'Voice.state is "größe" in the tenant, but was "x"'
    ]


def test_a_group_that_is_used_anew_is_named() -> None:
    assert list(moved(replace(BOUND, groups=()), BOUND)) == [
        "group 'Finance' is id-1, but was not used"
    ]


@pytest.mark.parametrize(
    ("live", "same"),
    [
        ([{"id": "all_users", "authenticationMode": "any"}], True),
        ([{"id": "all_users"}], True),
        ([{"id": "finance", "authenticationMode": "any"}], False),
        ([{"id": "all_users"}, {"id": "finance"}], False),
        ([], False),
        (None, False),
    ],
)
def test_what_graph_fills_in_by_itself_has_not_moved(live: Any, same: bool) -> None:
    now = replace(BOUND, settings=(SMS, ("Sms", "includeTargets", live, live)))
    assert (list(moved(BOUND, now, {("Sms", "includeTargets")})) == []) == same
    assert list(moved(BOUND, now)) != []
