"""Strengths that none of the people can satisfy who must, by Conditional Access."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphpolicy.guards import GUARDS
from graphpolicy.guards.demands import undecided
from graphpolicy.model import Demand, Finding, Members, Party, Strength, Unread
from graphpolicy.people.satisfied_strengths import known_of
from tests.unit.build import ALL, A, B, group
from tests.unit.guards.policies import (
    APP,
    FIDO2,
    SMS,
    X509,
    Values,
    keys,
    off,
    on,
    profile,
    seen,
)

RULE = "strength-unsatisfiable"
KEY, CARD = frozenset({"fido2"}), frozenset({"x509certificatemultifactor"})
P, Q, X = (f"0d1c2b3a-0000-4000-8000-0000000000{n}0" for n in "abc")
ROLE = "62e90394-69f5-4237-9190-012177145e10"
MODEL, OTHER = (f"fa2b99dc-9e39-4257-8f92-4a30d23c411{n}" for n in "89")
REFUSED = Unread("Graph refused it: 403", "grant GroupMember.Read.All")

OF_P = Demand("Pilot", "some", frozenset({("group", P)}))
OF_ADMINS = Demand("Admins", "administrators", frozenset({("role", ROLE)}))
OF_ALL = Demand("All", "everyone")


def of(*ids: str) -> Members:
    return Members(frozenset(ids))


def found(
    before: Values, after: Values, known: Mapping[str, Members], *demands: Demand, **more: Any
) -> list[Finding]:
    strength = Strength("7", "Keys", more.pop("ways", (KEY,)), more.pop("models", None), demands)
    view = seen(before, after, strengths=(strength,), members=known)
    return list(GUARDS[RULE](view))


def profiles(*given: tuple[str, str]) -> Values:
    """Passkeys for groups: each may use the profile with one model."""
    listed = [profile(id_, keyRestrictions=keys(model)) for id_, model in ((A, MODEL), (B, OTHER))]
    ids = {MODEL: A, OTHER: B}
    targets = [
        {**(ALL if who == "all" else group(who)), "allowedPasskeyProfiles": [ids[model]]}
        for who, model in given
    ]
    return {FIDO2: on(*targets, passkeyProfiles=listed)}


ALL_ON, OF_Q = {FIDO2: on()}, {FIDO2: on(Q)}
APART = {P: of("ada"), Q: of("bob")}
SHARED = {P: of("ada", "eve"), Q: of("eve")}
EXCLUDED = {FIDO2: on(exclude=(X,))}
CASES: dict[
    str, tuple[Values, Values, Mapping[str, Members], Demand, dict[str, Any], list[str]]
] = {
    "another group": (ALL_ON, OF_Q, APART, OF_P, {}, ["warning"]),
    "another group with some of them": (ALL_ON, OF_Q, SHARED, OF_P, {}, []),
    "their own group": (ALL_ON, {FIDO2: on(P)}, {}, OF_P, {}, []),
    "a group for administrators": (
        ALL_ON,
        OF_Q,
        {ROLE: of("ada"), Q: of("bob")},
        OF_ADMINS,
        {},
        ["error"],
    ),
    "a group with an administrator": (
        ALL_ON,
        OF_Q,
        {ROLE: of("bob"), Q: of("bob")},
        OF_ADMINS,
        {},
        [],
    ),
    "nobody has the role": (ALL_ON, OF_Q, {ROLE: of(), Q: of("bob")}, OF_ADMINS, {}, []),
    "nobody is in the group that must": (ALL_ON, OF_Q, {P: of(), Q: of("bob")}, OF_P, {}, []),
    "only an empty group": (ALL_ON, OF_Q, {Q: of()}, OF_ALL, {}, ["error"]),
    "a group of some": (ALL_ON, OF_Q, {Q: of("bob")}, OF_ALL, {}, []),
    "a group all of whom are excluded": (
        ALL_ON,
        {FIDO2: on(Q, exclude=(X,))},
        {Q: of("bob"), X: of("bob", "eve")},
        OF_ALL,
        {},
        ["error"],
    ),
    "a group, and Conditional Access excludes it": (
        ALL_ON,
        OF_Q,
        {Q: of("bob"), X: of("bob")},
        Demand("All", "everyone", exclude=frozenset({("group", X)})),
        {},
        ["error"],
    ),
    "all of them are excluded": (
        ALL_ON,
        EXCLUDED,
        {P: of("ada"), X: of("ada", "bob")},
        OF_P,
        {},
        ["warning"],
    ),
    "some of them are excluded": (
        ALL_ON,
        EXCLUDED,
        {P: of("ada", "eve"), X: of("ada")},
        OF_P,
        {},
        [],
    ),
    "some of everybody are excluded": (ALL_ON, EXCLUDED, {}, OF_ALL, {}, []),
    "a person": (
        ALL_ON,
        OF_Q,
        {"ada": of("ada"), Q: of("bob")},
        Demand("Ada", "some", frozenset({("user", "ada")})),
        {},
        ["warning"],
    ),
    "a profile without the models": (
        profiles(("all", MODEL)),
        profiles((P, OTHER), (Q, MODEL)),
        APART,
        OF_P,
        {"models": frozenset({MODEL})},
        ["warning"],
    ),
    "a profile with the models for some of them": (
        profiles(("all", MODEL)),
        profiles((P, OTHER), (Q, MODEL)),
        SHARED,
        OF_P,
        {"models": frozenset({MODEL})},
        [],
    ),
    "a mode of the Authenticator for others": (
        {APP: on()},
        {APP: on(group(P, authenticationMode="push"), group(Q, authenticationMode="any"))},
        APART,
        OF_P,
        {"ways": (frozenset({"devicebasedpush"}),)},
        ["warning"],
    ),
    "two methods, and nobody has both": (
        {FIDO2: on(), X509: on(Q)},
        {FIDO2: on(P), X509: on(Q)},
        APART,
        OF_ALL,
        {"ways": (KEY | CARD,)},
        ["error"],
    ),
    "they could not before either": (OF_Q, {FIDO2: on(X)}, {**APART, X: of("bob")}, OF_P, {}, []),
    "members may not be read": (
        ALL_ON,
        OF_Q,
        {P: of("ada"), Q: Members(unread=REFUSED)},
        OF_P,
        {},
        ["note"],
    ),
    "one who can is found before that": (
        ALL_ON,
        OF_Q,
        {P: of("ada"), Q: Members(frozenset({"ada"}), REFUSED)},
        OF_P,
        {},
        [],
    ),
    "an exclusion may not be read": (
        ALL_ON,
        {FIDO2: on(Q, exclude=(X,))},
        {Q: of("bob"), X: Members(unread=REFUSED)},
        OF_ALL,
        {},
        ["note"],
    ),
    "all can, and an exclusion of Conditional Access may not be read": (
        OF_Q,
        {FIDO2: on(P)},
        {P: of("ada"), Q: of("bob"), X: Members(unread=REFUSED)},
        Demand("Pilot", "some", OF_P.include, exclude=frozenset({("group", X)})),
        {},
        [],
    ),
    "it is not known from whom it is required": (ALL_ON, OF_Q, {}, Demand("Some"), {}, ["note"]),
    "it is only reported": (
        ALL_ON,
        OF_Q,
        APART,
        Demand("Later", "some", OF_P.include, report_only=True),
        {},
        [],
    ),
    "the way to sign in is not of this policy": (
        ALL_ON,
        OF_Q,
        APART,
        OF_P,
        {"ways": (KEY, frozenset({"windowshelloforbusiness"}))},
        [],
    ),
}


def test_whether_anybody_who_must_satisfy_a_strength_can() -> None:
    levels = {
        name: [each.level for each in found(before, after, known, demand, **more)]
        for name, (before, after, known, demand, more, _) in CASES.items()
    }
    assert levels == {name: expected for name, (*_, expected) in CASES.items()}


def test_nothing_is_said_where_the_plan_changes_nothing() -> None:
    for _, after, known, demand, more, _ in CASES.values():
        assert found(after, after, known, demand, **dict(more)) == []


NEEDED: dict[str, tuple[Values, Demand, set[Party]]] = {
    "all may use it": (ALL_ON, OF_P, set()),
    "the same group": ({FIDO2: on(P)}, OF_P, set()),
    "other groups": (OF_Q, OF_P, {("group", P), ("group", Q)}),
    "a role": (OF_Q, OF_ADMINS, {("role", ROLE), ("group", Q)}),
    "everyone": (OF_Q, OF_ALL, {("group", Q)}),
    "everyone, with exclusions": (EXCLUDED, OF_ALL, set()),
    "nobody at all": ({FIDO2: off()}, OF_P, set()),
}


def test_only_members_that_decide_are_read() -> None:
    asked = {}
    for name, (after, demand, _) in NEEDED.items():
        strength = Strength("7", "Keys", (KEY,), None, (demand,))
        before = {FIDO2: on(exclude=(B,))}
        asked[name] = undecided(seen(before, after, strengths=(strength,)))
        assert undecided(seen(after, after, strengths=(strength,))) == set(), name
    assert asked == {name: expected for name, (*_, expected) in NEEDED.items()}


def test_a_finding_that_members_decide_may_change_by_itself_and_says_so() -> None:
    [finding] = found(ALL_ON, OF_Q, APART, OF_P)
    assert finding.volatile
    assert "members" in finding.message
    [finding] = found(ALL_ON, {FIDO2: on(exclude=(P,))}, {}, OF_P)
    assert not finding.volatile
    by_groups, by_members = found(
        ALL_ON,
        {FIDO2: on(Q, exclude=(P,))},
        {Q: of("bob"), ROLE: of("ada")},
        OF_P,
        OF_ADMINS,
    )
    assert (by_groups.level, by_groups.volatile) == ("warning", False)
    assert (by_members.level, by_members.volatile) == ("error", True)


def test_a_note_says_whose_members_were_not_read_and_how_they_may_be() -> None:
    unread = {P: of("ada"), Q: Members(unread=REFUSED)}
    [note] = found(ALL_ON, OF_Q, unread, OF_P)
    assert Q in note.message
    assert REFUSED.why in note.message
    assert note.help == REFUSED.fix


def test_models_that_no_profile_of_the_people_concerned_accepts_are_told() -> None:
    [finding] = found(
        profiles(("all", MODEL)),
        profiles((P, OTHER), (Q, MODEL)),
        APART,
        OF_P,
        models=frozenset({MODEL}),
    )
    assert "profile" in finding.message
    assert "allows the people concerned no" not in finding.message


def test_people_who_are_in_the_same_groups_are_judged_once() -> None:
    many = {P: of(*map(str, range(1000))), Q: of(*map(str, range(500)))}
    assert len(known_of(many).kinds) == 2


def test_strengths_that_could_not_be_read_are_told_where_a_method_is_for_fewer() -> None:
    unread = Unread("a snapshot does not contain them", "plan from the tenant itself")

    def told(before: Values, after: Values) -> list[tuple[str, str]]:
        view = seen({FIDO2: before}, {FIDO2: after}, strengths=unread)
        return [(each.level, each.path) for each in GUARDS[RULE](view)]

    assert told(on(), on(Q)) == [("note", "includeTargets")]
    assert told(on(Q), on(Q, exclude=(X,))) == [("note", "excludeTargets")]
    assert told(on(Q), on(Q, P)) == []
    assert told(on(Q), on()) == []
    assert told(on(), off()) == []  # strength-stranded says so


def test_whether_a_strength_is_required_may_not_be_known() -> None:
    strength = Strength("7", "Keys", (KEY,), None, REFUSED)
    for after, level in ((OF_Q, ["note"]), ({FIDO2: on(exclude=(X,))}, ["note"]), (ALL_ON, [])):
        view = seen({FIDO2: on(P)}, after, strengths=(strength,))
        assert [each.level for each in GUARDS[RULE](view)] == level


HELLO = frozenset({"windowshelloforbusiness"})
RESISTANT = (HELLO, KEY, CARD)


def stranded(after: Values, known: Mapping[str, Members], demand: Demand) -> list[Finding]:
    """What is found of a built-in strength that Windows Hello satisfies too, where keys change."""
    strength = Strength("4", "Phishing-resistant MFA", RESISTANT, None, (demand,))
    before = {FIDO2: on(), X509: off()}
    view = seen(before, after, strengths=(strength,), members=known)
    assert list(GUARDS[RULE](view)) == []
    asked = undecided(replace(view, members={}))
    assert {id_ for _, id_ in asked} == known.keys()
    return list(GUARDS["strength-stranded"](view))


def test_only_ways_outside_this_policy_are_left_to_those_who_must() -> None:
    [finding] = stranded(OF_Q, APART, OF_P)
    assert (finding.level, finding.resource, finding.path) == ("warning", FIDO2, "includeTargets")
    assert finding.volatile
    assert stranded(OF_Q, SHARED, OF_P) == []
    assert stranded(ALL_ON, {}, OF_P) == []
    [note] = stranded(OF_Q, {P: of("ada"), Q: Members(unread=REFUSED)}, OF_P)
    assert (note.level, note.help) == ("note", REFUSED.fix)
    [finding] = stranded({FIDO2: on(exclude=(P,))}, {}, OF_P)
    assert (finding.path, finding.volatile) == ("excludeTargets", False)


def test_a_text_message_alone_must_be_a_first_factor() -> None:
    """Beside a password it is a second one."""
    yes, no = {"isUsableForSignIn": True}, {"isUsableForSignIn": False}
    texts, everybody, at_sign_in = ({SMS: on({**ALL, **more})} for more in (no, yes, {}))
    alone, second = frozenset({"sms"}), frozenset({"password", "sms"})
    for ways, before, after, level in (
        ((alone,), everybody, texts, "error"),
        ((alone,), at_sign_in, texts, "error"),
        ((alone,), texts, everybody, None),
        ((second,), everybody, texts, None),
        ((alone, second), everybody, texts, None),
    ):
        told = found(before, after, {}, OF_ALL, ways=ways)
        assert [each.level for each in told] == ([level] if level else []), (ways, before)
        assert all((each.resource, each.path) == (SMS, "includeTargets") for each in told)
        assert all("isUsableForSignIn" in each.message for each in told)


def test_members_decide_for_whom_a_text_message_is_a_first_factor() -> None:
    after = {SMS: on({**ALL, "isUsableForSignIn": False}, group(A, isUsableForSignIn=True))}
    alone = (frozenset({"sms"}),)
    for who, levels in (("1", []), ("9", ["warning"])):
        told = found({SMS: on(ALL)}, after, {P: of("1"), A: of(who)}, OF_P, ways=alone)
        assert [each.level for each in told] == levels
