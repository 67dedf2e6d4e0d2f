"""What guards find in files alone, and what several files set for guards together."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.guards.acknowledgements import accepted_offline
from graphpolicy.guards.drift_and_freeze import ended
from graphpolicy.guards.levels import strictest
from graphpolicy.guards.restrictions import declared_empty_allow_lists
from graphpolicy.model import Acknowledgement, Declared, Finding, Hold, Scope
from graphpolicy.rules.subject import Subject
from tests.laws.situations import TODAY
from tests.unit.build import A
from tests.unit.guards.policies import FIDO2, keys, profile

EMPTY, FULL = keys(), keys(A)
BEFORE = "2026-11-23"

DECLARED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "empty and enforced": ({"state": "enabled", "keyRestrictions": EMPTY}, ["keyRestrictions"]),
    "of a method whose state is not declared": ({"keyRestrictions": EMPTY}, []),
    "of a method that is off": ({"state": "disabled", "keyRestrictions": EMPTY}, []),
    "of a method for nobody": (
        {"state": "enabled", "includeTargets": [], "keyRestrictions": EMPTY},
        [],
    ),
    "with a model": ({"state": "enabled", "keyRestrictions": FULL}, []),
    "not enforced": ({"state": "enabled", "keyRestrictions": keys(enforced=False)}, []),
    "of models that are blocked": (
        {"state": "enabled", "keyRestrictions": keys(type_="block")},
        [],
    ),
    "not declared whole": ({"state": "enabled", "keyRestrictions": {"isEnforced": True}}, []),
    "of one profile of two": (
        {
            "state": "enabled",
            "passkeyProfiles": [
                profile(A, keyRestrictions=FULL),
                profile(A, keyRestrictions=EMPTY),
            ],
        },
        ["passkeyProfiles"],
    ),
}


@pytest.mark.parametrize("case", DECLARED.values(), ids=DECLARED)
def test_an_empty_allow_list_in_a_file(case: tuple[dict[str, Any], list[str]]) -> None:
    tree, expected = case
    found = list(declared_empty_allow_lists(Subject.declared(Declared(FIDO2, tree, {}))))
    assert [(one.rule, one.level, one.resource, one.path) for one in found] == [
        ("empty-allow-list", "error", FIDO2, path) for path in expected
    ]


def test_an_empty_allow_list_is_told_with_its_profile_and_the_way_out() -> None:
    tree = {"state": "enabled", "passkeyProfiles": [profile(A, keyRestrictions=EMPTY)]}
    [found] = declared_empty_allow_lists(Subject.declared(Declared(FIDO2, tree, {})))
    assert found.message == (
        f"profile 'Profile {A[-1]}' would allow only the listed models, and the list is empty: it "
        "would block every key, even registered ones"
    )
    assert found.help == "list the models that are in use, or don't enforce the restriction"
    assert found.entry == tree["passkeyProfiles"][0]
    legacy = {"state": "enabled", "keyRestrictions": EMPTY}
    [found] = declared_empty_allow_lists(Subject.declared(Declared(FIDO2, legacy, {})))
    assert found.message.startswith("Fido2 would allow only")


def test_the_stricter_of_what_files_ask_for_counts() -> None:
    base = {"tap-too-open": "error", "inclusion-widens": "note", "too-many-changes": {"atMost": 9}}
    own = {"tap-too-open": "warning", "inclusion-widens": "error", "policy-size": "error"}
    both = {
        "tap-too-open": "error",
        "inclusion-widens": "error",
        "too-many-changes": {"atMost": 9},
        "policy-size": "error",
    }
    assert strictest([base, own]) == both
    assert strictest([own, base]) == both
    counts = [{"too-many-changes": {"atMost": most}} for most in (30, 5, 12)]
    assert strictest(counts) == {"too-many-changes": {"atMost": 5}}
    assert strictest([{"too-many-changes": "error"}, counts[0]]) == counts[0]


def scope(expires: str) -> Scope:
    return Scope(FIDO2, (), "trial", "ana@contoso.com", expires)


def test_an_acceptance_counts_offline_until_its_day_and_is_not_called_unused() -> None:
    found = Finding("empty-allow-list", "error", "it is empty", "", FIDO2, "keyRestrictions")
    [told] = accepted_offline([found], (Acknowledgement(found.rule, scope(TODAY)),), TODAY)
    assert told.acknowledged
    late = tuple(accepted_offline([found], (Acknowledgement(found.rule, scope(BEFORE)),), TODAY))
    assert [one.rule for one in late] == [found.rule, "acknowledgement-expired"]
    assert not late[0].acknowledged
    other = (Acknowledgement("tap-too-open", scope(TODAY)),)
    assert [one.rule for one in accepted_offline([found], other, TODAY)] == [found.rule]


def test_what_was_to_last_until_a_day_that_is_over_is_told() -> None:
    over, lasting = Hold(scope(BEFORE)), Hold(scope(TODAY))
    told = list(ended([over, lasting], scope(BEFORE), TODAY))
    assert [(one.rule, one.level) for one in told] == [
        ("hold-expired", "warning"),
        ("freeze-expired", "warning"),
    ]
    assert told[0].message == f"the hold on Fido2 expired on {BEFORE}; the setting is planned again"
    assert list(ended([lasting], scope(TODAY), TODAY)) == []
    assert list(ended([], None, TODAY)) == []
