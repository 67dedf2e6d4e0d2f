"""Who a plan reaches and locks out: sixty people, each with the effect judged by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from graphpolicy.catalogue.authenticator import AUTHENTICATOR
from graphpolicy.catalogue.registered import KINDS
from graphpolicy.guards.lockout import CERTIFICATES
from graphpolicy.model import Account, Counted, Directory, Numbers
from graphpolicy.people.affected import Impact
from graphpolicy.people.crowd import Crowd
from graphpolicy.people.ways import Judge
from graphpolicy.plan.impact_assessment import Question, question
from graphpolicy.render.impact_json import numbers_json
from graphpolicy.render.impact_phrases import headline
from tests.unit.build import ALL, A, B, C, group, held, planned
from tests.unit.guards.policies import keys, off, on, passkeys, profile
from tests.unit.people.sixty import (
    AFTER,
    BEFORE,
    DUO,
    GROUPS,
    HIDDEN,
    NUMBERS,
    PEOPLE,
    Person,
)

ACCOUNTS = (
    Account("emergency.user", "emergency.user"),
    Account("Emergency", GROUPS["Emergency"], group=True),
)


def resources(documents: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {"External" if name == DUO else name: values for name, values in documents.items()}


def asked(before: dict[str, Any], after: dict[str, Any], *accounts: Account) -> Question:
    """The question of the plan from one policy to the other."""
    made = planned(held(**before), after, directory=Directory(accounts=accounts))
    assert not [each for each in made.plan.findings if each.rule == "unmodelled"]
    return question(made.seen, made.plan.changes)


def judged(what: Question, groups: Iterable[str], hidden: Iterable[str] = ()) -> Impact:
    unread = frozenset(hidden) | what.other
    return Impact(Judge(what.methods, tuple(groups), unread), what.moved, what.prompts)


def crowd_of(people: dict[str, Person], what: Question) -> Crowd:
    """The lists as Graph has them: the nested group's members are those of the outer one, too."""
    crowd = Crowd(sorted(what.groups | what.people))
    for id_ in what.people:
        crowd.members(id_, [id_])
    within: dict[str, set[str]] = {}
    for id_, each in people.items():
        named = {*each.groups, *(("Callers",) if "Nested" in each.groups else ())}
        for name in named:
            within.setdefault(GROUPS[name], set()).add(id_)
    for id_ in what.groups & within.keys():
        crowd.members(id_, within[id_])
    crowd.report(
        {
            "id": id_,
            "methodsRegistered": list(each.reported),
            "isAdmin": each.admin,
            "userType": "guest" if each.guest else "member",
            "isSsprCapable": each.resets,
        }
        for id_, each in people.items()
        if each.reported is not None
    )
    crowd.users(
        {
            "id": id_,
            "accountEnabled": not each.disabled,
            "userType": "Guest" if each.guest else "Member",
        }
        for id_, each in people.items()
    )
    return crowd


WHAT = asked(resources(BEFORE), resources(AFTER), *ACCOUNTS)


def test_every_name_in_the_report_is_somebodys() -> None:
    names = {name for each in PEOPLE.values() for name in each.reported or ()}
    assert {name for kind in KINDS for name in kind.reported} <= names


def test_what_becomes_of_each_of_sixty_people() -> None:
    impact = judged(WHAT, crowd_of(PEOPLE, WHAT).groups, {HIDDEN})
    wrong = {}
    for name, person in PEOPLE.items():
        crowd = crowd_of({name: person}, WHAT)
        asking = {id_ for id_, _, case in crowd.people() if impact.asks_models(case)}
        crowd.keys({id_: person.models or frozenset() for id_ in asking})
        cases = list(crowd.counted_cases())
        if person.disabled:
            assert cases == []
            continue
        [(case, many)] = cases
        assert many == 1
        ways = impact.judge.ways(case)
        found = (
            impact.fate(case),
            impact.lost(case),
            frozenset(way.method for way in ways if way.before is False and way.after),
        )
        if found != (person.counts, person.loses, person.gains):
            wrong[name] = found
    assert wrong == {}


def expected(people: Iterable[Person]) -> Numbers:
    people = [each for each in people if not each.disabled]
    counts = Counter(name for each in people for name in each.counts)
    return Numbers(people=len(people), **{name: counts[name] for name in NUMBERS})


def counted() -> Counted:
    crowd = crowd_of(PEOPLE, WHAT)
    impact = judged(WHAT, crowd.groups, {HIDDEN})
    asking = {id_ for id_, _, case in crowd.people() if impact.asks_models(case)}
    crowd.keys({id_: PEOPLE[id_].models or frozenset() for id_ in asking})
    return impact.count(crowd.counted_cases(), WHAT.emergency)


def test_the_numbers_are_those_of_all_and_of_each_circle() -> None:
    found = counted()
    everybody = PEOPLE.values()
    assert found.everyone == expected(everybody)
    assert found.guests == expected(each for each in everybody if each.guest)
    assert found.admins == expected(each for each in everybody if each.admin)
    emergency = [PEOPLE["emergency.user"], PEOPLE["emergency.member"]]
    assert found.emergency == expected(emergency)
    assert found.strange == (("futureMethod", 2),)
    assert {each.name for each in fields(Numbers)} == {"people", *NUMBERS}


def test_an_emergency_group_that_is_not_read_has_no_numbers() -> None:
    crowd = crowd_of(PEOPLE, WHAT)
    impact = judged(WHAT, crowd.groups, {HIDDEN, GROUPS["Emergency"]})
    assert impact.count(crowd.counted_cases(), WHAT.emergency).emergency is None


KEY, OTHER = (f"2fc0579f-8113-47ea-b116-555a8db9202{n}" for n in "ab")
Case = tuple[dict[str, Any], dict[str, Any], str, str, dict[str, Any]]


def case(
    before: dict[str, Any], after: dict[str, Any], reported: str, counts: str = "", **more: Any
) -> Case:
    """`more` may have the `groups` and key `models` of the person, and the `hidden` groups."""
    return before, after, reported, counts, more


OFF = {"state": "disabled"}
APP = "MicrosoftAuthenticator"


def app(name: str, before: Any, after: Any, *targets: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A part of the prompt of the app that is on for some people, before and after."""

    def setting(value: Any) -> dict[str, Any]:
        state, target = value
        return {"state": state, "includeTarget": target, "excludeTarget": group(B)}

    found = on(*targets, featureSettings={name: setting(before)}, isSoftwareOathEnabled=True)
    return {APP: found}, {APP: {"featureSettings": {name: setting(after)}}}


def by_group(*ids: str, **narrowed: Any) -> dict[str, Any]:
    """Passkeys of everyone by the first profile, of a group by the second."""
    first, second = ids
    targets = [
        {**ALL, "allowedPasskeyProfiles": [first]},
        group(second, allowedPasskeyProfiles=[second]),
    ]
    return on(*targets, passkeyProfiles=[profile(first, **narrowed), profile(second)])


def blocking(*ids: str) -> dict[str, Any]:
    """The first of these profiles no longer accepts a key of the model."""
    found = by_group(*ids, keyRestrictions=keys(KEY, type_="block"))
    return {"passkeyProfiles": found["passkeyProfiles"]}


NUMBER, NAME, MAP = (
    "numberMatchingRequiredState",
    "displayAppInformationRequiredState",
    "displayLocationInformationRequiredState",
)
PUSH = "microsoftAuthenticatorPush"
LOCKED = "without_any without_mfa"
RESISTANT = f"{LOCKED} without_phishing_resistant"
MORE: dict[str, Case] = {
    "the one external method ends": case(
        {"External": on()}, {"External": OFF}, "externalAuthMethod", f"lose {LOCKED}"
    ),
    "an external method that was off": case(
        {"External": off(), "Sms": on()}, {"Sms": OFF}, "externalAuthMethod"
    ),
    "an external method comes": case(
        {"External": off()}, {"External": {"state": "enabled"}}, "externalAuthMethod", "gain"
    ),
    "an external method comes, and nothing is registered for it": case(
        {"External": off()}, {"External": {"state": "enabled"}}, "sms", "unregistered_in_target"
    ),
    "a method stays on for a group of theirs, and nothing is registered for it": case(
        {"External": on(A, B)},
        {"External": {"includeTargets": [group(A)]}},
        "sms",
        "unregistered_in_target",
        groups=[A],
    ),
    "a method stays on for everyone, and nothing is registered for it": case(
        {"External": on()}, {"External": {"excludeTargets": [group(B)]}}, "sms"
    ),
    "a pass is nothing that people register": case(
        {"TemporaryAccessPass": off()}, {"TemporaryAccessPass": {"state": "enabled"}}, ""
    ),
    "an unread group was included, and the method ends": case(
        {"Sms": on(A)}, {"Sms": OFF}, "sms", "not_known", hidden=[A]
    ),
    "an unread group takes the place of another": case(
        {"Sms": on(A)}, {"Sms": {"includeTargets": [group(B)]}}, "sms", "not_known", hidden=[A, B]
    ),
    "an unread group is excluded": case(
        {"Sms": on()}, {"Sms": {"excludeTargets": [group(A)]}}, "sms", "not_known", hidden=[A]
    ),
    "an unread group is excluded, and something else is left": case(
        {"Sms": on(), "Fido2": on()},
        {"Sms": {"excludeTargets": [group(A)]}},
        "sms fido2",
        hidden=[A],
    ),
    "what an unread group decides does not change": case(
        {"Voice": on(A), "Sms": on()}, {"Sms": OFF}, "alternateMobilePhone", hidden=[A]
    ),
    "what an unread group decides may be all that is left": case(
        {"Voice": on(A), "Sms": on()},
        {"Sms": OFF},
        "mobilePhone",
        "lose not_known without_sms_sign_in",
        hidden=[A],
    ),
    "a target that says nothing of sign-in lets them sign in with a text message": case(
        {"Sms": on({**ALL, "isUsableForSignIn": True})},
        {"Sms": {"includeTargets": [group(A)]}},
        "mobileSMS",
        groups=[A],
    ),
    "a target that takes away the sign-in with a text message": case(
        {"Sms": on({**ALL, "isUsableForSignIn": True})},
        {"Sms": {"includeTargets": [{**group(A), "isUsableForSignIn": False}]}},
        "mobileSMS",
        "without_sms_sign_in",
        groups=[A],
    ),
    "they were excluded, whatever an unread group says": case(
        {"Sms": on(A, exclude=(B,)), "Voice": on()}, {"Sms": OFF}, "sms", groups=[B], hidden=[A]
    ),
    "Graph does not show the method of what is left": case(
        {"Sms": on(), "Voice": off()},
        {"Sms": OFF},
        "sms hardwareOneTimePasscode",
        "lose not_known without_sms_sign_in",
    ),
    "Graph does not show the method of what they have": case(
        {"Sms": on()}, {"Sms": OFF}, "hardwareOneTimePasscode"
    ),
    "a deleted group has no members": case(
        {"Sms": on(A)}, {"Sms": {"includeTargets": [group(B)]}}, "sms"
    ),
    "two groups, and one of them stays": case(
        {"Sms": on(A, B), "Voice": off()},
        {"Sms": {"includeTargets": [group(B)]}},
        "sms",
        groups=[A, B],
    ),
    "a key on the list of models": case(
        {"Fido2": on(keyRestrictions=keys(enforced=False), isAttestationEnforced=False)},
        {"Fido2": {"keyRestrictions": keys(KEY)}},
        "fido2",
        models=[KEY],
    ),
    "a key that is not on it": case(
        {"Fido2": on(keyRestrictions=keys(enforced=False), isAttestationEnforced=False)},
        {"Fido2": {"keyRestrictions": keys(KEY)}},
        "fido2",
        f"lose {RESISTANT}",
        models=[OTHER],
    ),
    "a key of a model that is not known": case(
        {"Fido2": on(keyRestrictions=keys(enforced=False), isAttestationEnforced=False)},
        {"Fido2": {"keyRestrictions": keys(KEY)}},
        "fido2",
        "not_known",
    ),
    "a key that is blocked, and another that is not": case(
        {"Fido2": on(keyRestrictions=keys(enforced=False), isAttestationEnforced=False)},
        {"Fido2": {"keyRestrictions": keys(KEY, type_="block")}},
        "fido2",
        models=[KEY, OTHER],
    ),
    "no key is accepted any more": case(
        {"Fido2": on(keyRestrictions=keys(enforced=False), isAttestationEnforced=False)},
        {"Fido2": {"keyRestrictions": keys()}},
        "fido2",
        f"lose {RESISTANT}",
    ),
    "a synced key of a profile that takes only device-bound ones": case(
        {"Fido2": passkeys(profile(A, "deviceBound,synced"))},
        {"Fido2": {"passkeyProfiles": [profile(A)]}},
        "passKeySynced",
        f"lose {RESISTANT}",
        models=[KEY],
    ),
    "a device-bound key of the same": case(
        {"Fido2": passkeys(profile(A, "deviceBound,synced"))},
        {"Fido2": {"passkeyProfiles": [profile(A)]}},
        "passKeyDeviceBound",
        models=[KEY],
    ),
    "a profile of a group of theirs is left": case(
        {"Fido2": by_group(A, B)}, {"Fido2": blocking(A, B)}, "fido2", models=[KEY], groups=[B]
    ),
    "a profile of a group of others is left": case(
        {"Fido2": by_group(A, B)},
        {"Fido2": blocking(A, B)},
        "fido2",
        f"lose {RESISTANT}",
        models=[KEY],
    ),
    "a profile of an unread group is left": case(
        {"Fido2": by_group(A, B)},
        {"Fido2": blocking(A, B)},
        "fido2",
        "not_known",
        models=[KEY],
        hidden=[B],
    ),
    "the place comes into the prompt": case(
        *app(MAP, ("disabled", ALL), ("enabled", ALL)), PUSH, "other_prompt"
    ),
    "the application for a group of theirs": case(
        *app(NAME, ("disabled", ALL), ("enabled", group(A))), PUSH, "other_prompt", groups=[A]
    ),
    "the application for a group of others": case(
        *app(NAME, ("disabled", ALL), ("enabled", group(A))), PUSH
    ),
    "the application for an unread group": case(
        *app(NAME, ("disabled", ALL), ("enabled", group(A))), PUSH, hidden=[A]
    ),
    "a number, which nobody has entered so far": case(
        *app(NUMBER, ("disabled", ALL), ("enabled", ALL)), PUSH, "other_prompt"
    ),
    "what Microsoft has off is turned off": case(
        *app(NAME, ("default", ALL), ("disabled", ALL)), PUSH
    ),
    "what Microsoft has off is turned on": case(
        *app(NAME, ("default", ALL), ("enabled", ALL)), PUSH, "other_prompt"
    ),
    "who has no app sees no prompt": case(
        *app(MAP, ("disabled", ALL), ("enabled", ALL)), "softwareOneTimePasscode"
    ),
    "codes of the app are taken away, and another app may give some": case(
        {APP: on(isSoftwareOathEnabled=True), "SoftwareOath": off()},
        {APP: {"isSoftwareOathEnabled": False}},
        "softwareOneTimePasscode",
        "not_known",
    ),
    "codes of the app, which is on their phone": case(
        {APP: on(isSoftwareOathEnabled=True), "SoftwareOath": off()},
        {APP: {"isSoftwareOathEnabled": False}},
        f"softwareOneTimePasscode {PUSH}",
        "lose",
    ),
}


def test_what_else_decides() -> None:
    wrong = {}
    for name, (before, after, reported, counts, more) in MORE.items():
        what = asked(before, after)
        groups, hidden = (more.get(key, ()) for key in ("groups", "hidden"))
        crowd = Crowd(sorted(what.groups))
        for id_ in groups:
            crowd.members(id_, [C])
        crowd.report([{"id": C, "methodsRegistered": reported.split()}])
        impact = judged(what, crowd.groups, hidden)
        [(found, _)] = crowd.counted_cases()
        if more.get("models") and impact.asks_models(found):
            found = found._replace(models=frozenset(more["models"]))
        if impact.fate(found) != frozenset(counts.split()):
            wrong[name] = impact.fate(found)
    assert wrong == {}


def test_who_uses_a_certificate_is_in_no_report() -> None:
    what = asked({"X509Certificate": on(), "Sms": on()}, {"X509Certificate": OFF})
    assert CERTIFICATES in what.notes
    impact = judged(what, ())
    crowd = Crowd()
    crowd.report([{"id": C, "methodsRegistered": ["mobileSMS"]}])
    [change] = impact.count(crowd.counted_cases()).changes
    assert (change.gain, change.lose, change.without_mfa) == (None, None, None)
    assert change.reaches == 1
    wider = asked({"X509Certificate": off()}, {"X509Certificate": on()})
    assert CERTIFICATES not in wider.notes


def test_where_an_unread_group_decides_who_loses_a_method_that_is_no_zero() -> None:
    what = asked({"Sms": on(A), "Fido2": on()}, {"Sms": OFF})
    crowd = Crowd(sorted(what.groups))
    crowd.report([{"id": C, "methodsRegistered": ["mobileSMS", "fido2"]}])
    found = judged(what, crowd.groups, [A]).count(crowd.counted_cases())
    [change] = found.changes
    assert (change.lose, change.reaches) == (None, None)
    assert found.everyone.not_known == 0
    assert numbers_json(found)["lose"] is None
    assert "nobody" not in headline(found)


def test_a_number_that_may_be_greater_says_so() -> None:
    """Where the members of a group that decides could not be read, and nowhere else."""
    what = asked(
        {"Sms": on(A), "Voice": on(), "Fido2": on(B)}, {"Sms": OFF, "Fido2": on(A, B), "Voice": OFF}
    )
    crowd = Crowd(sorted(what.groups))
    crowd.report([{"id": each, "methodsRegistered": ["mobilePhone"]} for each in (A, B, C)])
    crowd.members(A, [C])
    sure = judged(what, crowd.groups).count(crowd.counted_cases())
    assert sure.at_least == frozenset()
    assert (sure.everyone.lose, sure.everyone.unregistered_in_target) == (3, 1)
    found = judged(what, crowd.groups, [A]).count(crowd.counted_cases())
    assert found.everyone.lose == 3  # by voice, whoever is in the group
    assert found.at_least == {"unregistered_in_target", "without_sms_sign_in"}
    assert numbers_json(found)["at_least"] == sorted(found.at_least)
    what = asked({"Sms": on(A), "Fido2": on()}, {"Sms": OFF})
    found = judged(what, crowd.groups, [A]).count(crowd.counted_cases())
    assert found.changes[0].lose == found.everyone.lose == 1
    assert "lose" in found.changes[0].at_least & found.at_least
    assert "at least 1 would lose" in headline(found)


def test_a_method_that_somebody_may_gain_is_no_zero() -> None:
    """Through the end of an exclusion, or through a group that may have had them already."""
    registered = {"id": C, "methodsRegistered": ["softwareOneTimePasscode"]}
    for before, after, hidden in (
        ({**on(A, B), "excludeTargets": [group(A)]}, {**on(A, B), "excludeTargets": []}, [A, B]),
        (on(A), on(), [A]),
    ):
        what = asked({"SoftwareOath": before}, {"SoftwareOath": after})
        crowd = Crowd(sorted(what.groups))
        crowd.report([registered])
        found = judged(what, crowd.groups, hidden).count(crowd.counted_cases())
        assert "gain" in found.at_least
        assert [each.gain for each in found.changes] == [None] * len(found.changes)


def test_the_mode_of_every_target_decides_though_a_group_is_unread() -> None:
    device = group(A, authenticationMode="deviceBasedPush")
    what = asked(
        {AUTHENTICATOR.id: {**on(A), "includeTargets": [device]}}, {AUTHENTICATOR.id: on()}
    )
    crowd = Crowd(sorted(what.groups))
    crowd.report([{"id": C, "methodsRegistered": ["microsoftAuthenticatorPush"]}])
    found = judged(what, crowd.groups, [A]).count(crowd.counted_cases())
    assert found.everyone.gain == 1
