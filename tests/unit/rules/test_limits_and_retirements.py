"""Rules about what Microsoft changes, with the tests' facts: limits, retirements, defaults."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.catalogue.facts import Facts
from graphpolicy.guards import GUARDS
from graphpolicy.guards.levels import Levels
from graphpolicy.guards.plan_view import PlanView, size
from graphpolicy.model import POLICY, Cloud, Declared
from graphpolicy.rules import broken_rules
from graphpolicy.rules.limits_and_retirements import left_to_microsoft
from graphpolicy.rules.subject import Subject
from tests.unit.build import ALL, A, B, group, held, planned, rules

DATED = {"as_of": "2026-03", "source": "https://learn.microsoft.com/x"}
FACTS = Facts.of(
    {
        "as_of": "2026-03",
        "limits": [
            {
                "name": "passkey-profiles",
                "resource": "Fido2",
                "setting": "passkeyProfiles",
                "about": "Profiles.",
                "value": value,
                "unit": "profiles",
                "status": status,
                **DATED,
            }
            for value, status in ((2, "complete"), (4, "rolling"))
        ]
        + [
            {
                "name": "policy-size",
                "resource": POLICY,
                "about": "Size.",
                "value": 1000,
                "unit": "bytes",
                "status": "complete",
                **DATED,
            }
        ],
        "retirements": [
            {
                "resource": "Sms",
                "about": "No messages are sent. Nobody gets any.",
                "instead": "passkeys",
                "since": "2027-02-01",
                "status": "announced",
                "cloud": "global",
                **DATED,
            },
            {
                "resource": "Fido2",
                "setting": "keyRestrictions",
                "about": "It is removed.",
                "instead": "profiles",
                "since": "2027-10",
                "status": "announced",
                **DATED,
            },
            {
                "resource": POLICY,
                "setting": "policyMigrationState",
                "about": "It was removed.",
                "instead": "nothing",
                "since": "2025-09",
                "status": "complete",
                **DATED,
            },
        ],
        "managed_values": [
            {
                "resource": "Email",
                "setting": "allowExternalIdToUseEmailOtp",
                "means": "off",
                "status": "complete",
                **DATED,
            }
        ],
    }
)


def subject(resource: str, tree: Any, cloud: Cloud = "global") -> Subject:
    return Subject(resource, resource, resource, tree, tree, FACTS, cloud)


def said(resource: str, tree: Any, cloud: Cloud = "global") -> list[tuple[str, str, str]]:
    found = broken_rules(subject(resource, tree, cloud))
    return [(finding.rule, finding.level, finding.path) for finding in found]


def profiles(count: int) -> Any:
    return {"passkeyProfiles": [{"name": f"Profile {number}"} for number in range(count)]}


@pytest.mark.parametrize(("count", "level"), [(2, None), (3, "note"), (4, "note"), (5, "warning")])
def test_more_profiles_than_microsoft_allows(count: int, level: str | None) -> None:
    """A note where a higher limit is on its way to the tenant."""
    expected = [("passkey-profile-count", level, "passkeyProfiles")] if level else []
    assert said("Fido2", profiles(count)) == expected


def test_a_limit_is_told_with_its_date() -> None:
    (found,) = broken_rules(subject("Fido2", profiles(3)))
    assert found.message == (
        "Fido2.passkeyProfiles would have 3 entries; Microsoft allows 2, as of 2026-03; "
        "4 are rolling out, as of 2026-03"
    )


RETIRING: dict[str, tuple[str, Any, Cloud, list[tuple[str, str, str]]]] = {
    "a method that is on": (
        "Sms",
        {"state": "enabled"},
        "global",
        [("retiring-setting", "warning", "state")],
    ),
    "a method that is off": ("Sms", {"state": "disabled"}, "global", []),
    "a method of another cloud": ("Sms", {"state": "enabled"}, "usgov", []),
    "a setting": (
        "Fido2",
        {"keyRestrictions": {"isEnforced": False}},
        "usgov",
        [("retiring-setting", "warning", "keyRestrictions")],
    ),
    "another setting": ("Fido2", {"state": "enabled"}, "global", []),
    "a setting that is gone": (POLICY, {"policyMigrationState": "preMigration"}, "global", []),
}


@pytest.mark.parametrize("case", RETIRING.values(), ids=RETIRING.keys())
def test_what_microsoft_takes_away(
    case: tuple[str, Any, Cloud, list[tuple[str, str, str]]],
) -> None:
    resource, tree, cloud, expected = case
    assert said(resource, tree, cloud) == expected


def test_a_retirement_is_told_with_its_day_and_what_comes_instead() -> None:
    (found,) = broken_rules(subject("Sms", {"state": "enabled"}))
    assert found.message == (
        "Sms ends on 2027-02-01: No messages are sent (announced, as of 2026-03)"
    )
    assert found.help == "use instead: passkeys"


def test_a_retiring_method_is_a_warning_where_the_file_says_on_and_a_note_where_it_is_live() -> (
    None
):
    live = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
    tree = {"state": "enabled", "excludeTargets": [group(A)]}
    assert rules(planned(held(Sms=live), {"Sms": {"excludeTargets": []}})) == {
        "retiring-setting": "note"
    }
    assert rules(planned(held(Sms=live), {"Sms": tree})) == {
        "inclusion-shrinks": "warning",
        "retiring-setting": "warning",
        "people-not-counted": "note",
    }
    off = {**live, "state": "disabled"}
    assert rules(planned(held(Sms=off), {"Sms": tree})) == {
        "weak-method-enabled": "error",
        "retiring-setting": "warning",
    }


def test_email_can_be_disabled_where_default_means_that_guests_have_no_codes() -> None:
    tree = {"state": "disabled", "allowExternalIdToUseEmailOtp": "default"}
    assert said("Email", tree) == []


def test_what_is_left_to_microsoft_is_told_where_a_policy_asks_for_it() -> None:
    tree = {
        "state": "enabled",
        "allowExternalIdToUseEmailOtp": "default",
    }
    (found,) = left_to_microsoft(subject("Email", tree))
    assert found.message == (
        "Email.allowExternalIdToUseEmailOtp is left to Microsoft: off, as of 2026-03"
    )
    feature = {"featureSettings": {"companionAppAllowedState": {"state": "default"}}}
    (bare,) = left_to_microsoft(subject("MicrosoftAuthenticator", feature))
    assert bare.message.endswith("companionAppAllowedState.state is left to Microsoft")
    assert said("MicrosoftAuthenticator", feature) == []


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        (100, 801, "note"),
        (100, 800, None),
        (999, 1001, "warning"),
        (1200, 1200, None),
        (1200, 1100, None),
        (1200, 1201, "warning"),
    ],
)
def test_a_policy_that_grows_too_large(before: int, after: int, level: str | None) -> None:
    seen = PlanView((), sizes=(before, after), facts=FACTS)
    found = list(GUARDS["policy-size"](seen))
    assert [finding.level for finding in found] == ([level] if level else [])


def test_the_size_of_a_policy_is_that_of_its_json_without_annotations() -> None:
    assert size({"a": [1, 2], "b": "ü", "c@odata.context": "https://graph"}) == 20


def test_a_plan_that_makes_the_policy_too_large() -> None:
    live = {"state": "disabled", "includeTargets": [], "excludeTargets": []}
    many = [group(f"0d1c2b3a-0000-4000-8000-{number:012}") for number in range(400)]
    assert rules(planned(held(Voice=live), {"Voice": {"includeTargets": many}})) == {
        "policy-size": "warning"
    }
    assert rules(planned(held(Voice=live), {"Voice": {"includeTargets": [group(B)]}})) == {}


def test_no_levels_are_asked_for_by_default() -> None:
    assert PlanView(()).levels == Levels()


def test_a_file_by_itself_is_judged_by_the_shipped_facts() -> None:
    declared = Declared("Fido2", {"isAttestationEnforced": True}, {})
    assert [finding.rule for finding in broken_rules(Subject.declared(declared))] == [
        "retiring-setting"
    ]
