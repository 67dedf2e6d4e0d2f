"""What protects a tenant, compared with the base of a pull request; and what approval covers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.compare.resolve import resolve
from graphpolicy.model import (
    Account,
    Acknowledgement,
    Declared,
    Desired,
    Directory,
    Expectation,
    Hold,
    Plan,
    Scope,
)
from graphpolicy.plan.make import make_plan
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.protection import default_entries
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, formats, render
from tests.laws.generated import observed
from tests.laws.situations import OCCASION
from tests.unit.build import ALL, file_of, held

SMS = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
LIVE = observed(held(Sms=SMS, MicrosoftAuthenticator=SMS))
NOW = Declared("Sms", {"state": "enabled"}, {})
FLOOR = {"targetType": "group", "id": "0d1c2b3a-0000-4000-8000-000000000005"}
USABLE = "isUsableForSignIn"
BG, OTHER = {"user": "bg@contoso.com"}, {"group": "Some others"}
UNTIL = ("CHG1", "ana@contoso.com", "2099-12-31")


def policy(**members: Any) -> Desired:
    return replace(file_of([NOW]), **members)


def scope(resource: str = "Sms", expires: str = "2099-12-31") -> Scope:
    return Scope(resource, ("state",), "CHG1", "ana@contoso.com", expires)


def plan(now: Desired, base: Desired | None = None, *allow: str, live: Any = LIVE) -> Plan:
    plan_context = PlanContext(OCCASION.today, OCCASION.facts, frozenset(allow))
    then = resolve(base, Directory(), live).desired if base else None
    return make_plan(resolve(now, Directory(), live), live, Directory(), plan_context, then).plan


VOICE, OATH = Declared("Voice", {}, {}), Declared("SoftwareOath", {}, {})
EXPECTED = Expectation(FLOOR["id"], can_use=(OATH, VOICE), since="2097-01-01", text="{...}")
ACCEPTED = Acknowledgement("weak-method-enabled", scope())
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[str, bool]]]] = {
    "an emergency account is lost": (
        {"emergency_access": [BG, OTHER]},
        {"emergency_access": [OTHER]},
        [("emergencyAccess", True)],
    ),
    "another group in its place": (
        {"emergency_access": [BG]},
        {"emergency_access": [OTHER]},
        [("emergencyAccess", True), ("emergencyAccess", False)],
    ),
    "none in its place": (
        {"emergency_access": [BG]},
        {"emergency_access": {"none": "we have none"}},
        [("emergencyAccess", True), ("emergencyAccess", True)],
    ),
    "an account more": (
        {"emergency_access": [BG]},
        {"emergency_access": [BG, OTHER]},
        [("emergencyAccess", False)],
    ),
    "a raised guard is lost": ({"guards": {"x": "error"}}, {"guards": {}}, [("guards", True)]),
    "a guard is raised": ({"guards": {}}, {"guards": {"x": "error"}}, [("guards", False)]),
    "a number grows": (
        {"guards": {"too-many-changes": {"atMost": 10}}},
        {"guards": {"too-many-changes": {"atMost": 20}}},
        [("guards", True)],
    ),
    "the freeze is lost": ({"freeze": scope("")}, {"freeze": None}, [("freeze", True)]),
    "the freeze ends sooner": (
        {"freeze": scope("")},
        {"freeze": scope("", "2098-01-01")},
        [("freeze", True)],
    ),
    "a freeze begins": ({"freeze": None}, {"freeze": scope("")}, [("freeze", False)]),
    "house rules are loosened": (
        {"helpdesk": {"once": True, "maxLifetimeInMinutes": 60, "refuse": [{"role": "any"}]}},
        {"helpdesk": {"once": False, "maxLifetimeInMinutes": 90, "refuse": []}},
        [("helpdesk", True)] * 3,
    ),
    "house rules get stricter": (
        {"helpdesk": {"maxLifetimeInMinutes": 90}},
        {"helpdesk": {"maxLifetimeInMinutes": 60, "once": True, "refuse": [{"role": "any"}]}},
        [("helpdesk", False)] * 3,
    ),
    "an acknowledgement is new": (
        {"acknowledgements": ()},
        {"acknowledgements": (ACCEPTED,)},
        [("acknowledge", True)],
    ),
    "an acknowledgement is taken back": (
        {"acknowledgements": (ACCEPTED,)},
        {"acknowledgements": ()},
        [("acknowledge", False)],
    ),
    "an acknowledgement lasts longer": (
        {"acknowledgements": (replace(ACCEPTED, scope=scope(expires="2098-01-01")),)},
        {"acknowledgements": (ACCEPTED,)},
        [("acknowledge", True)],
    ),
    "an acknowledgement is new beside one about the same": (
        {"acknowledgements": (ACCEPTED,)},
        {"acknowledgements": (replace(ACCEPTED, at_most=9), ACCEPTED)},
        [("acknowledge", True)],
    ),
    "an acknowledgement is for fewer people": (
        {"acknowledgements": (replace(ACCEPTED, at_most=9),)},
        {"acknowledgements": (replace(ACCEPTED, at_most=5),)},
        [("acknowledge", False)],
    ),
    "a number is new, and higher than without it": (
        {"guards": {}},
        {"guards": {"too-many-changes": {"atMost": 9999}}},
        [("guards", True)],
    ),
    "the name of an account in other letters": (
        {"emergency_access": [BG]},
        {"emergency_access": [{"user": "BG@contoso.com"}]},
        [],
    ),
    "an account is given an id that nobody can check": (
        {"emergency_access": [OTHER]},
        {"emergency_access": [{**OTHER, "id": FLOOR["id"]}]},
        [("emergencyAccess", True)],
    ),
    "an account has a new name and its id": (
        {"emergency_access": [{**OTHER, "id": FLOOR["id"]}]},
        {"emergency_access": [{"group": "Renamed", "id": FLOOR["id"]}]},
        [("emergencyAccess", False)],
    ),
    "a hold is new beside another about the same": (
        {"holds": (Hold(scope("Voice")),)},
        {"holds": (Hold(scope("Voice", "2099-12-30")), Hold(scope("Voice")))},
        [("hold", True)],
    ),
    "a member of a target is no longer declared": (
        {"resources": (Declared("Sms", {"includeTargets": [{**ALL, USABLE: True}]}, {}),)},
        {"resources": (Declared("Sms", {"includeTargets": [ALL]}, {}),)},
        [("authenticationMethodsPolicy", True)],
    ),
    "a hold is new": ({"holds": ()}, {"holds": (Hold(scope("Voice")),)}, [("hold", True)]),
    "a setting is no longer declared": (
        {"resources": (NOW, Declared("Voice", {"state": "disabled"}, {}))},
        {"resources": (NOW,)},
        [("authenticationMethodsPolicy", True)],
    ),
    "an expectation is lost": ({"expectations": (EXPECTED,)}, {}, [("expect", True)]),
    "an expectation is new": ({}, {"expectations": (EXPECTED,)}, [("expect", False)]),
    "an expectation asks for a method less": (
        {"expectations": (EXPECTED,)},
        {"expectations": (replace(EXPECTED, can_use=(OATH,)),)},
        [("expect", True)],
    ),
    "an expectation asks for a method more": (
        {"expectations": (replace(EXPECTED, can_use=(OATH,)),)},
        {"expectations": (EXPECTED,)},
        [("expect", False)],
    ),
    "an expectation asks the opposite": (
        {"expectations": (replace(EXPECTED, can_use=(OATH,)),)},
        {"expectations": (replace(EXPECTED, can_use=(), cannot_use=(OATH,)),)},
        [("expect", True)],
    ),
    "an expectation begins later": (
        {"expectations": (EXPECTED,)},
        {"expectations": (replace(EXPECTED, since="2099-01-01"),)},
        [("expect", True)],
    ),
    "an expectation begins sooner": (
        {"expectations": (replace(EXPECTED, since="2099-01-01"),)},
        {"expectations": (replace(EXPECTED, since="2098-01-01"),)},
        [("expect", False)],
    ),
    "an expectation becomes two": (
        {"expectations": (EXPECTED,)},
        {
            "expectations": (
                replace(EXPECTED, can_use=(OATH,)),
                replace(EXPECTED, can_use=(VOICE,), reason="CHG2"),
            )
        },
        [("expect", False)] * 2,
    ),
    "an expectation is about another group": (
        {"expectations": (EXPECTED,)},
        {"expectations": (replace(EXPECTED, who=f"{FLOOR['id'][:-1]}6"),)},
        [("expect", True), ("expect", False)],
    ),
    "an expectation is kept by one about everyone": (
        {"expectations": (EXPECTED, replace(EXPECTED, who="all_users", reason="CHG1"))},
        {"expectations": (replace(EXPECTED, who="all_users", reason="CHG1"),)},
        [("expect", False)],
    ),
    "an expectation has another reason": (
        {"expectations": (EXPECTED,)},
        {"expectations": (replace(EXPECTED, reason="CHG2"),)},
        [("expect", False)],
    ),
    "nothing": ({}, {}, []),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_difference_is_told_in_every_format_and_no_title_is_green(
    case: tuple[dict[str, Any], dict[str, Any], list[tuple[str, bool]]],
) -> None:
    before, after, expected = case
    made = plan(policy(**after), policy(**before))
    assert made.changes == ()
    assert [(item.key, item.weaker) for item in made.protection] == expected
    rules = [found.rule for found in made.findings]
    assert ("protection-weakened" in rules) == any(weaker for _, weaker in expected)
    lost = any(item.key == "emergencyAccess" and item.after is None for item in made.protection)
    assert (made.refused == "protection-weakened") == lost
    report = Report("plan", (made,))
    assert report.exit_code == (6 if lost else 0)
    for format_ in formats("Report"):
        text = render(report, format_, Style())
        for item in made.protection:
            assert item.path.split(" ")[-1].split(".")[-1] in text, format_
        if expected:
            assert "no changes" not in text.lower(), format_
            assert "✅" not in text, format_


@pytest.mark.parametrize(
    ("account", "weaker", "refused"),
    [
        (Account("user", FLOOR["id"]), [False], None),
        (Account("user", FLOOR["id"], readable=False), [True], None),
        (Account("user", FLOOR["id"], called="mia"), [True, False], "protection-weakened"),
        (Account("user", ""), [True, False], "protection-weakened"),
    ],
    ids=["checked", "not checked", "of another", "of nobody"],
)
def test_an_id_beside_a_name_is_the_same_account_where_the_directory_says_so(
    account: Account, weaker: list[bool], refused: str | None
) -> None:
    base, now = policy(emergency_access=[BG]), policy(emergency_access=[{**BG, "id": FLOOR["id"]}])
    directory = Directory(accounts=(account,))
    then = resolve(base, directory, LIVE).desired
    made = make_plan(resolve(now, directory, LIVE), LIVE, directory, OCCASION, then).plan
    assert [item.weaker for item in made.protection] == weaker
    assert made.refused == refused


def test_a_lost_account_can_be_accepted() -> None:
    made = plan(policy(), policy(emergency_access=[BG]), "protection-weakened")
    assert made.refused is None
    assert made.risky


def test_a_pull_request_cannot_lower_the_level_of_its_own_disarming() -> None:
    base = policy(guards={"protection-weakened": "error"}, holds=())
    made = plan(policy(holds=(Hold(scope("Voice")),)), base)
    assert made.refused == "protection-weakened"


def test_a_digest_binds_all_that_a_reviewer_consents_to() -> None:
    now = policy()
    live = observed(held(Sms={**SMS, "state": "disabled"}, MicrosoftAuthenticator=SMS))
    accepting = replace(now, acknowledgements=(ACCEPTED,))
    seen = [
        plan(each, None, *allow, live=live)
        for each, *allow in (
            (accepting,),
            (now, "weak-method-enabled"),
            (replace(accepting, emergency_access=[BG]), "emergency-access-missing"),
            (replace(accepting, emergency_access=[OTHER]), "emergency-access-missing"),
            (replace(accepting, guards={"too-many-changes": {"atMost": 3}}),),
            (replace(accepting, holds=(Hold(scope("Voice")),)),),
        )
    ]
    assert all(made.digest for made in seen), [made.refused for made in seen]
    assert len({made.digest for made in seen}) == len(seen)
    refused = plan(now, live=live)
    assert refused.refused
    [shown] = json.loads(render(Report("plan", (refused,)), "json", Style()))["plans"]
    assert shown["digest"] is None


def test_weaker_defaults_for_flags_are_a_finding_and_others_are_shown() -> None:
    before = {"tenant": ["contoso"], "format": "text", "state-dir": "records"}
    after = {"tenant": ["contoso", "fabrikam"], "format": "json", "auth": "cli"}
    plan_context = replace(OCCASION, defaults=tuple(default_entries(before, after)))
    live, nobody = LIVE, Directory()
    now = resolve(policy(), nobody, live)
    made = make_plan(now, live, nobody, plan_context, now.desired).plan
    assert [(each.path, each.weaker) for each in made.protection] == [
        ("tenant", False),
        ("format", False),
        ("state-dir", True),
        ("auth", True),
    ]
    [finding] = [found for found in made.findings if found.rule == "protection-weakened"]
    assert (finding.level, finding.path) == ("warning", "defaults")
