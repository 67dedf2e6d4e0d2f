"""Who an announcement is for, what it leaves out, and that a saved plan says the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graphpolicy.announce import Announcement, Picture, announce
from graphpolicy.announce.proposal import of_json, of_plan
from graphpolicy.announce.texts import default_texts
from graphpolicy.catalogue.facts import Facts
from graphpolicy.model import POLICY, Directory, Plan
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, render
from tests.laws.situations import Held
from tests.unit.build import ALL, NOBODY, A, B, C, group, held, planned

NAMES = {A: "Pilot", B: "Finance", C: "Break-glass"}
ON = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
APP, MAP = "displayAppInformationRequiredState", "displayLocationInformationRequiredState"
NUMBER = "numberMatchingRequiredState"


def plan_of(live: Held, trees: Held) -> Plan:
    return planned(held(**live), trees, directory=Directory(names=NAMES)).plan


def announced(live: Held, trees: Held) -> Announcement:
    """From the plan, and the same from the saved plan."""
    plan = plan_of(live, trees)
    made = announce(of_plan(plan), default_texts(), Facts.shipped())
    saved = json.loads(render(Report("plan", (plan,)), "json", Style()))["plans"][0]
    again = announce(of_json(saved), default_texts(), Facts.shipped())
    assert [(s.people, s.picture, [o.texts for o in s.said]) for s in made.sections] == [
        (s.people, s.picture, [o.texts for o in s.said]) for s in again.sections
    ]
    assert len(again.unseen) == len(made.unseen)
    return made


def app(**features: Any) -> Held:
    return {"MicrosoftAuthenticator": {**ON, "featureSettings": features}}


def feature(state: str, include: Any = ALL, exclude: Any = NOBODY) -> dict[str, Any]:
    return {"state": state, "includeTarget": include, "excludeTarget": exclude}


def whom(made: Announcement) -> list[tuple[tuple[str, ...], ...]]:
    return [(s.people.include, s.people.exclude, s.people.unchanged) for s in made.sections]


EVERYONE = ("everyone",)
AUDIENCES: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[Any, ...]]]] = {
    "on for everyone but one group": (
        {"state": "disabled", "includeTargets": [ALL], "excludeTargets": [group(C)]},
        {"state": "enabled"},
        [(EVERYONE, ("Break-glass",), ())],
    ),
    "on for a group": (
        {"state": "disabled", "includeTargets": [ALL]},
        {"state": "enabled", "includeTargets": [group(A)]},
        [(("Pilot",), (), ())],
    ),
    "from a pilot to everyone": (
        {"state": "enabled", "includeTargets": [group(A)]},
        {"includeTargets": [ALL]},
        [(EVERYONE, (), ("Pilot",))],
    ),
    "narrowed to a group": (
        {"state": "enabled", "includeTargets": [ALL]},
        {"includeTargets": [group(B)]},
        [(EVERYONE, (), ("Finance",))],
    ),
    "one group in another's place": (
        {"state": "enabled", "includeTargets": [group(A)]},
        {"includeTargets": [group(B)]},
        [(("Finance",), (), ()), (("Pilot",), (), ())],
    ),
    "a group shut out": (
        {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []},
        {"excludeTargets": [group(B)]},
        [(("Finance",), (), ())],
    ),
    "a group let in": (
        {"state": "enabled", "includeTargets": [ALL], "excludeTargets": [group(B)]},
        {"excludeTargets": []},
        [(("Finance",), (), ())],
    ),
    "a group beside everyone, who have it": (
        {"state": "enabled", "includeTargets": [ALL]},
        {"includeTargets": [ALL, group(A)]},
        [],
    ),
    "targets of what stays off": (
        {"state": "disabled", "includeTargets": [ALL]},
        {"includeTargets": [group(A)]},
        [],
    ),
    "how a pass works for those who get none": (
        {"state": "disabled", "includeTargets": [ALL], "isUsableOnce": False},
        {"isUsableOnce": True},
        [],
    ),
}


@pytest.mark.parametrize("case", AUDIENCES.values(), ids=AUDIENCES.keys())
def test_whom_it_is_for(
    case: tuple[dict[str, Any], dict[str, Any], list[tuple[Any, ...]]],
) -> None:
    live, tree, wanted = case
    made = announced({"TemporaryAccessPass": live}, {"TemporaryAccessPass": tree})
    assert whom(made) == wanted
    assert made.changes
    assert bool(made.unseen) == (not wanted)


def test_a_feature_reaches_no_further_than_its_method() -> None:
    live = app(**{APP: feature("disabled")})
    live["MicrosoftAuthenticator"]["includeTargets"] = [group(B)]
    live["MicrosoftAuthenticator"]["excludeTargets"] = [group(C)]
    made = announced(live, app_tree(**{APP: {"state": "enabled"}}))
    assert whom(made) == [(("Finance",), ("Break-glass",), ())]


def app_tree(**features: Any) -> Held:
    return {"MicrosoftAuthenticator": {"featureSettings": features}}


def test_a_feature_of_an_app_that_nobody_may_use_is_not_seen() -> None:
    live = app(**{APP: feature("disabled")})
    live["MicrosoftAuthenticator"]["state"] = "disabled"
    made = announced(live, app_tree(**{APP: {"state": "enabled"}}))
    assert made.sections == ()
    assert len(made.unseen) == 1


def test_two_audiences_have_two_sections_and_each_its_own_picture() -> None:
    live = app(**{APP: feature("disabled"), MAP: feature("disabled")})
    tree = app_tree(
        **{APP: {"state": "enabled", "includeTarget": group(A)}, MAP: {"state": "enabled"}}
    )
    made = announced(live, tree)
    assert whom(made) == [(EVERYONE, (), ()), (("Pilot",), (), ())]
    before = frozenset({"number"})
    assert [section.picture for section in made.sections] == [
        Picture(before, before | {"map"}),
        Picture(before, before | {"map", "application"}),
    ]


def test_what_is_enforced_is_in_the_picture_and_nothing_is_said_of_it() -> None:
    made = announced(app(**{APP: feature("disabled")}), app_tree(**{APP: {"state": "enabled"}}))
    (section,) = made.sections
    assert [one.name.rpartition(".")[2] for one in section.said] == [APP]
    assert section.picture == Picture(frozenset({"number"}), frozenset({"number", "application"}))


def test_number_matching_that_is_declared_and_enforced_is_no_change() -> None:
    made = announced(app(), app_tree(**{NUMBER: {"state": "enabled"}}))
    assert (made.changes, made.sections) == ((), ())


def test_number_matching_where_a_tenant_still_has_the_switch() -> None:
    live = app(**{NUMBER: feature("disabled")})
    made = announced(live, app_tree(**{NUMBER: {"state": "enabled"}}))
    (section,) = made.sections
    assert section.picture == Picture(frozenset(), frozenset({"number"}))
    assert len(section.parts("never")) == 1


def test_what_microsoft_manages_is_what_the_facts_say() -> None:
    off = announced(app(**{APP: feature("default")}), app_tree(**{APP: {"state": "disabled"}}))
    assert off.sections == ()
    on = announced(app(**{APP: feature("default")}), app_tree(**{APP: {"state": "enabled"}}))
    assert len(on.sections) == 1
    back = announced(app(**{APP: feature("enabled")}), app_tree(**{APP: {"state": "default"}}))
    assert back.sections[0].said[0].value == "off"


def test_where_microsoft_alone_knows_nothing_is_said() -> None:
    unknown = Facts("2026-11-24")
    plan = plan_of(app(**{APP: feature("enabled")}), app_tree(**{APP: {"state": "default"}}))
    made = announce(of_plan(plan), default_texts(), unknown)
    assert made.sections == ()
    assert len(made.unseen) == 1


def test_what_microsoft_alone_had_given_to_some_is_gone_for_all_when_it_goes_off() -> None:
    campaign = {"state": "default", "includeTargets": [ALL], "excludeTargets": []}
    live, wanted = (
        {POLICY: {"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": each}}}
        for each in (campaign, {"state": "disabled"})
    )
    made = announced(live, wanted)
    assert whom(made) == [(EVERYONE, (), ())]
    assert made.sections[0].parts("see") == (
        "When you sign in you are no longer asked to set up a stronger way to sign in.",
    )
    assert made.unseen == ()


def test_a_member_is_said_for_those_whose_value_moves() -> None:
    live = {"Sms": {"state": "enabled", "includeTargets": [{**ALL, "isUsableForSignIn": True}]}}
    tree = {"Sms": {"includeTargets": [{**ALL, "isUsableForSignIn": False}, group(A)]}}
    made = announced(live, tree)
    (section,) = made.sections
    assert [one.value for one in section.said] == ["false"]
    assert (section.people.include, section.people.unchanged) == (EVERYONE, ("Pilot",))


def test_an_external_method_goes_by_its_name() -> None:
    made = announced(
        {"External": {"state": "disabled", "includeTargets": [ALL]}},
        {"External": {"state": "enabled"}},
    )
    assert made.sections[0].parts("see") == ("You can confirm a sign-in with Duo.",)


def test_sentences_that_two_things_share_stand_once() -> None:
    live = {"Sms": ON, "Voice": ON}
    made = announced(live, {"Sms": {"state": "disabled"}, "Voice": {"state": "disabled"}})
    (section,) = made.sections
    assert len(section.parts("see")) == 2
    assert len(section.parts("do")) == 1


def test_a_dollar_in_a_name_is_a_dollar() -> None:
    directory = Directory(names={A: "$tenant ${x} $$"})
    live = held(Sms={"state": "disabled", "includeTargets": [group(A)]})
    plan = planned(live, {"Sms": {"state": "enabled"}}, directory=directory).plan
    made = announce(of_plan(plan), default_texts(), Facts.shipped())
    assert made.sections[0].people.include == ("$tenant ${x} $$",)
