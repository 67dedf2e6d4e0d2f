"""`expect`: what is broken, about nobody, or not known; and who must be read to find out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from graphpolicy.guards.unmet_expectations import PeopleToRead, asked, due, expectation_findings
from graphpolicy.model import (
    Declared,
    Directory,
    DirectoryUser,
    Expectation,
    Finding,
    Members,
    Place,
    Unread,
)
from tests.unit.build import ALL, A, B, C
from tests.unit.guards.policies import FIDO2, SMS, keys, off, on, passkeys, profile, seen

STAFF, GUESTS, PILOT = A, B, C
P1, P2, P3 = (f"0e5e0000-0000-4000-8000-00000000000{n}" for n in "123")
AT = Place("contoso.yaml", 4, 5)
REFUSED = Unread("Graph answers 403", "grant GroupMember.Read.All")
EVERYONE, MIA = "all_users", "mia@contoso.com"


def expecting(who: str, /, **lists: Any) -> Expectation:
    """An entry; `can_use` and `cannot_use` are ids of methods, with commas between them."""
    methods: dict[str, Any] = {
        name: tuple(Declared(each, {}, {}) for each in lists.pop(name).split(","))
        for name in ("can_use", "cannot_use", "has")
        if name in lists
    }
    person = "@" in who
    return Expectation(who, **methods, person=person, text="{...}", place=AT, **lists)


@dataclass(frozen=True)
class Case:
    """An expectation, the methods after the plan, and what is known of people."""

    entry: Expectation
    methods: Mapping[str, Any]
    broken: tuple[int | None, str] | None = None
    """How many people, and a part of the reason."""
    unknown: bool = False
    nobody: bool = False
    members: Mapping[str, Any] = field(default_factory=dict)
    people: Mapping[str, Any] = field(default_factory=dict)
    asked: PeopleToRead = field(default_factory=PeopleToRead)
    gone: tuple[str, ...] = ()
    enabled: Mapping[str, Members] = field(default_factory=dict)
    registered: Mapping[str, Any] = field(default_factory=dict)

    @property
    def directory(self) -> Directory:
        members = {
            id_: Members(unread=some) if isinstance(some, Unread) else Members(some)
            for id_, some in self.members.items()
        }
        return Directory(
            members=members,
            people=self.people,
            enabled=self.enabled,
            registered=self.registered,
        )


def groups(*ids: str) -> PeopleToRead:
    return PeopleToRead(frozenset(ids))


def named(*ids: str) -> PeopleToRead:
    return PeopleToRead(named=frozenset(ids))


STAFF_CAN = expecting(STAFF, can_use=SMS)
STAFF_CANNOT = expecting(STAFF, cannot_use=SMS)
ALL_CAN = expecting(EVERYONE, can_use=SMS)
ALL_CANNOT = expecting(EVERYONE, cannot_use=SMS)
MIA_CAN = expecting(MIA, can_use=SMS)
MIA_CANNOT = expecting(MIA, cannot_use=SMS)
STAFF_HAS = expecting(STAFF, has=SMS)
TWO = frozenset({P1, P2})
HAS_SMS = frozenset({SMS})


def holding(who: str) -> PeopleToRead:
    return PeopleToRead(holding=frozenset({who}))


def person(*within: str, id_: str = P1) -> dict[str, Any]:
    return {MIA: DirectoryUser(MIA, id_, frozenset(within), None)}


CASES: Mapping[str, Case] = {
    "everyone is included, and nobody excluded": Case(ALL_CAN, {SMS: on()}),
    "the method is off": Case(ALL_CAN, {SMS: off()}, (None, "Sms is off")),
    "the tenant has no such method": Case(ALL_CAN, {}, (None, "this tenant has no Sms")),
    "only a group is included": Case(ALL_CAN, {SMS: on(STAFF)}, (None, "not included in Sms")),
    "an excluded group has people": Case(
        ALL_CAN,
        {SMS: on(exclude=(GUESTS,))},
        (2, "excluded from Sms by Break-glass accounts"),
        members={GUESTS: TWO},
        asked=groups(GUESTS),
    ),
    "an excluded group has nobody": Case(
        ALL_CAN,
        {SMS: on(exclude=(GUESTS,))},
        members={GUESTS: frozenset()},
        asked=groups(GUESTS),
    ),
    "an excluded group no longer exists": Case(
        ALL_CAN, {SMS: on(exclude=(GUESTS,))}, gone=(GUESTS,)
    ),
    "an excluded group could not be read": Case(
        ALL_CAN,
        {SMS: on(exclude=(GUESTS,))},
        unknown=True,
        members={GUESTS: REFUSED},
        asked=groups(GUESTS),
    ),
    "of two excluded groups one could not be read": Case(
        ALL_CAN,
        {SMS: on(exclude=(GUESTS, PILOT))},
        (2, "excluded"),
        unknown=True,
        members={GUESTS: TWO, PILOT: REFUSED},
        asked=groups(GUESTS, PILOT),
    ),
    "nobody can, since it is off": Case(ALL_CANNOT, {SMS: off()}),
    "nobody can in a tenant without it": Case(ALL_CANNOT, {}),
    "everyone can": Case(ALL_CANNOT, {SMS: on()}, (None, "Sms is open to them")),
    "everyone can but a group": Case(
        ALL_CANNOT, {SMS: on(exclude=(GUESTS,))}, (None, "Sms is open to them")
    ),
    "a group can": Case(
        ALL_CANNOT,
        {SMS: on(STAFF)},
        (2, "open to them through Pilot"),
        members={STAFF: TWO},
        asked=groups(STAFF),
    ),
    "a group can that nobody is in": Case(
        ALL_CANNOT, {SMS: on(STAFF)}, members={STAFF: frozenset()}, asked=groups(STAFF)
    ),
    "a group can, but all of it is excluded through another": Case(
        ALL_CANNOT,
        {SMS: on(STAFF, exclude=(GUESTS,))},
        members={STAFF: TWO, GUESTS: frozenset({P1, P2, P3})},
        asked=groups(STAFF, GUESTS),
    ),
    "a group can that could not be read": Case(
        ALL_CANNOT, {SMS: on(STAFF)}, unknown=True, members={STAFF: REFUSED}, asked=groups(STAFF)
    ),
    "the group is included": Case(STAFF_CAN, {SMS: on(STAFF)}, asked=named(STAFF)),
    "the group has nobody in it": Case(
        STAFF_CAN,
        {SMS: on(STAFF)},
        nobody=True,
        members={STAFF: frozenset()},
        asked=named(STAFF),
    ),
    "the group is gone": Case(
        STAFF_CAN, {SMS: on(STAFF)}, nobody=True, gone=(STAFF,), asked=named(STAFF)
    ),
    "the group is excluded": Case(
        STAFF_CAN,
        {SMS: on(exclude=(STAFF,))},
        (None, "excluded from Sms by Pilot"),
        asked=named(STAFF),
    ),
    "for the group it is off": Case(
        STAFF_CAN, {SMS: off()}, (None, "Sms is off"), asked=named(STAFF)
    ),
    "some of the group are excluded through another": Case(
        STAFF_CAN,
        {SMS: on(exclude=(GUESTS,))},
        (1, "excluded from Sms by Break-glass accounts"),
        members={STAFF: TWO, GUESTS: frozenset({P2, P3})},
        asked=groups(STAFF, GUESTS),
    ),
    "some of the group are included through another": Case(
        STAFF_CAN,
        {SMS: on(PILOT)},
        (1, "not included in Sms"),
        members={STAFF: TWO, PILOT: frozenset({P1})},
        asked=groups(STAFF, PILOT),
    ),
    "all of the group are included through others": Case(
        STAFF_CAN,
        {SMS: on(PILOT, GUESTS)},
        members={STAFF: TWO, PILOT: frozenset({P1}), GUESTS: frozenset({P2})},
        asked=groups(STAFF, PILOT, GUESTS),
    ),
    "for two reasons": Case(
        STAFF_CAN,
        {SMS: on(PILOT, exclude=(GUESTS,))},
        (3, "2 not included in Sms; 1 excluded from Sms by Break-glass accounts"),
        members={
            STAFF: frozenset({P1, P2, P3}),
            PILOT: frozenset({P1}),
            GUESTS: frozenset({P1}),
        },
        asked=groups(STAFF, PILOT, GUESTS),
    ),
    "the group could not be read": Case(
        STAFF_CAN,
        {SMS: on(PILOT)},
        unknown=True,
        members={STAFF: REFUSED, PILOT: TWO},
        asked=groups(STAFF, PILOT),
    ),
    "the group could not be read, but nobody is included": Case(
        STAFF_CAN,
        {SMS: {**on(), "includeTargets": []}},
        (None, "not included in Sms"),
        asked=named(STAFF),
    ),
    "nobody of the group can": Case(
        STAFF_CANNOT,
        {SMS: on(PILOT)},
        members={STAFF: TWO, PILOT: frozenset({P3})},
        asked=groups(STAFF, PILOT),
    ),
    "somebody of the group can": Case(
        STAFF_CANNOT,
        {SMS: on(PILOT)},
        (1, "open to them"),
        members={STAFF: TWO, PILOT: frozenset({P2})},
        asked=groups(STAFF, PILOT),
    ),
    "a person is a target themselves": Case(
        STAFF_CANNOT,
        {SMS: on({"targetType": "user", "id": P2})},
        (1, "open to them"),
        members={STAFF: TWO},
        asked=groups(STAFF),
    ),
    "people count once, whatever they lack": Case(
        expecting(STAFF, can_use=f"{SMS},Voice"),
        {SMS: off(), "Voice": on(PILOT)},
        (2, "2 Sms is off; 1 not included in Voice"),
        members={STAFF: TWO, PILOT: frozenset({P1})},
        asked=groups(STAFF, PILOT),
    ),
    "one method is known to be off, another not known": Case(
        expecting(STAFF, can_use=f"{SMS},Voice"),
        {SMS: off(), "Voice": on(PILOT)},
        (None, "Sms is off"),
        unknown=True,
        members={STAFF: REFUSED, PILOT: TWO},
        asked=groups(STAFF, PILOT),
    ),
    "an external method that a rollback declares by its id": Case(
        expecting(EVERYONE, can_use="Duo"), {A: on(displayName="Duo")}
    ),
    "no passkey is accepted": Case(
        expecting(EVERYONE, can_use=FIDO2),
        {FIDO2: on(keyRestrictions=keys())},
        (None, "Fido2 accepts no key from them"),
    ),
    "some passkeys are accepted": Case(
        expecting(EVERYONE, can_use=FIDO2), {FIDO2: on(keyRestrictions=keys(P1))}
    ),
    "a profile of the group accepts no key": Case(
        expecting(STAFF, can_use=FIDO2),
        {FIDO2: passkeys(profile(A, keyRestrictions=keys()))},
        (None, "Fido2 accepts no key from them"),
        asked=named(STAFF),
    ),
    "only a profile of others accepts keys": Case(
        expecting(STAFF, can_use=FIDO2),
        {
            FIDO2: on(
                {**ALL, "allowedPasskeyProfiles": [A]},
                {**ALL, "id": PILOT, "allowedPasskeyProfiles": [B]},
                passkeyProfiles=[profile(A, keyRestrictions=keys()), profile(B)],
            )
        },
        (1, "Fido2 accepts no key from them"),
        members={STAFF: TWO, PILOT: frozenset({P1})},
        asked=groups(STAFF, PILOT),
    ),
    "some of the group have not registered it": Case(
        STAFF_HAS,
        {},
        (1, "without a registration for Sms"),
        enabled={STAFF: Members(TWO)},
        registered={P1: HAS_SMS, P2: frozenset({FIDO2})},
        asked=holding(STAFF),
    ),
    "all of the group have registered it, whether they may use it or not": Case(
        STAFF_HAS,
        {SMS: off()},
        enabled={STAFF: Members(TWO)},
        registered={P1: HAS_SMS, P2: HAS_SMS | {FIDO2}},
        asked=holding(STAFF),
    ),
    "somebody of the group is not in the report": Case(
        STAFF_HAS,
        {},
        unknown=True,
        enabled={STAFF: Members(TWO)},
        registered={P1: HAS_SMS},
        asked=holding(STAFF),
    ),
    "one has not registered it, another is not in the report": Case(
        STAFF_HAS,
        {},
        (1, "without a registration for Sms"),
        unknown=True,
        enabled={STAFF: Members(TWO)},
        registered={P1: frozenset()},
        asked=holding(STAFF),
    ),
    "what somebody has registered may not be read": Case(
        STAFF_HAS,
        {},
        unknown=True,
        enabled={STAFF: Members(TWO)},
        registered={P1: HAS_SMS, P2: REFUSED},
        asked=holding(STAFF),
    ),
    "who is in the group that must have registered it may not be read": Case(
        STAFF_HAS, {}, unknown=True, enabled={STAFF: Members(unread=REFUSED)}, asked=holding(STAFF)
    ),
    "nobody in the group has an enabled account": Case(
        STAFF_HAS, {}, nobody=True, enabled={STAFF: Members()}, asked=holding(STAFF)
    ),
    "everyone in the report has registered it but one": Case(
        expecting(EVERYONE, has=SMS),
        {},
        (1, "without a registration for Sms"),
        enabled={EVERYONE: Members(TWO)},
        registered={P1: HAS_SMS, P2: frozenset()},
        asked=holding(EVERYONE),
    ),
    "the report may not be read": Case(
        expecting(EVERYONE, has=SMS),
        {},
        unknown=True,
        enabled={EVERYONE: Members(unread=REFUSED)},
        asked=holding(EVERYONE),
    ),
    "a person has not registered it": Case(
        expecting(MIA, has=SMS),
        {},
        (1, "without a registration for Sms"),
        people=person(),
        registered={P1: frozenset()},
        asked=PeopleToRead(people={MIA: False}, holders=frozenset({MIA})),
    ),
    "a person who is not in the directory has registered nothing": Case(
        expecting(MIA, has=SMS),
        {},
        nobody=True,
        people={MIA: None},
        asked=PeopleToRead(people={MIA: False}, holders=frozenset({MIA})),
    ),
    "somebody can't use it, and somebody else has not registered it": Case(
        expecting(STAFF, can_use=SMS, has=SMS),
        {SMS: on(exclude=(GUESTS,))},
        (2, "; 1 without a registration for Sms"),
        members={STAFF: TWO, GUESTS: frozenset({P2})},
        enabled={STAFF: Members(TWO)},
        registered={P1: frozenset(), P2: HAS_SMS},
        asked=PeopleToRead(frozenset({STAFF, GUESTS}), holding=frozenset({STAFF})),
    ),
    "the person is included": Case(
        MIA_CAN, {SMS: on()}, people=person(), asked=PeopleToRead(people={MIA: False})
    ),
    "the person is excluded": Case(
        MIA_CAN,
        {SMS: on(exclude=(GUESTS,))},
        (1, "excluded from Sms by Break-glass accounts"),
        people=person(GUESTS),
        asked=PeopleToRead(people={MIA: True}),
    ),
    "the person is in no group": Case(
        MIA_CAN,
        {SMS: on(STAFF)},
        (1, "not included in Sms"),
        people=person(),
        asked=PeopleToRead(people={MIA: True}),
    ),
    "the person can through a group": Case(
        MIA_CANNOT,
        {SMS: on(STAFF)},
        (1, "open to them through Pilot"),
        people=person(STAFF),
        asked=PeopleToRead(people={MIA: True}),
    ),
    "there is no such person": Case(
        MIA_CAN,
        {SMS: on()},
        nobody=True,
        people={MIA: None},
        asked=PeopleToRead(people={MIA: False}),
    ),
    "the person could not be read": Case(
        MIA_CAN,
        {SMS: on(STAFF)},
        unknown=True,
        people={MIA: REFUSED},
        asked=PeopleToRead(people={MIA: True}),
    ),
    "the person could not be read, but it is off": Case(
        MIA_CAN,
        {SMS: off()},
        (None, "Sms is off"),
        people={MIA: REFUSED},
        asked=PeopleToRead(people={MIA: False}),
    ),
}
WORDS = ("expectation-broken", "expectation-not-verified", "expectation-names-nobody")


def found(case: Case, *, names: bool = False) -> list[Finding]:
    view = seen(case.methods, {}, gone=frozenset(case.gone))
    return list(expectation_findings([case.entry], view, case.directory, names=names))


def wrong(case: Case) -> str:
    """Differences from the case; nothing if there are none."""
    findings = found(case)
    expected = [bool(case.broken), case.unknown, case.nobody]
    rules = [rule for rule, fires in zip(WORDS, expected, strict=True) if fires]
    if [each.rule for each in findings] != rules:
        return f"{rules} expected, but {findings}"
    if any(each.source != AT for each in findings):
        return "it has no place"
    if case.broken and findings[0].people != case.broken[0]:
        return f"{findings[0].people} people"
    if case.broken and case.broken[1] not in findings[0].message:
        return findings[0].message
    view = seen(case.methods, {}, gone=frozenset(case.gone))
    needed = asked([case.entry], view)
    return "" if needed == case.asked else f"reads {needed}"


def test_what_is_found_and_who_is_read_for_it() -> None:
    assert {name: why for name, case in CASES.items() if (why := wrong(case))} == {}


def test_what_nobody_read_is_never_kept() -> None:
    """Each case where somebody must be read, without having read anybody."""
    for name, case in CASES.items():
        needed = case.asked
        if needed.groups or needed.holding or needed.holders or any(needed.people.values()):
            view = seen(case.methods, {}, gone=frozenset(case.gone))
            findings = list(expectation_findings([case.entry], view, Directory()))
            assert findings, name
            assert all(each.help for each in findings), name


def test_names_stand_only_where_they_are_asked_for() -> None:
    case = CASES["some of the group are excluded through another"]
    assert found(case)[0].names == ()
    assert found(case, names=True)[0].names == (P2,)


TODAY = "2026-11-30"
IS_DUE: Mapping[str, tuple[Expectation, list[Expectation] | None, str]] = {
    "always": (STAFF_CAN, None, "judged"),
    "from today": (expecting(STAFF, can_use=SMS, since=TODAY), None, "judged"),
    "from tomorrow": (expecting(STAFF, can_use=SMS, since="2026-12-01"), None, ""),
    "a person, on main": (MIA_CAN, None, "judged"),
    "a group, in a pull request": (STAFF_CAN, [], "judged"),
    "a person, in a pull request": (MIA_CAN, [], "later"),
    "a person whom the base has": (MIA_CAN, [MIA_CAN], "judged"),
    "in other words": (
        MIA_CAN,
        [expecting(MIA.upper(), can_use=SMS, reason="CHG1", owner="ana")],
        "judged",
    ),
    "another method of that person": (expecting(MIA, can_use=FIDO2), [MIA_CAN], "later"),
    "one method more": (expecting(MIA, can_use=f"{SMS},{FIDO2}"), [MIA_CAN], "later"),
    "the opposite": (MIA_CANNOT, [MIA_CAN], "later"),
    "what people have, in a pull request": (STAFF_HAS, [STAFF_CAN], "later"),
    "what people have, as in the base": (STAFF_HAS, [STAFF_HAS], "judged"),
    "sooner than in the base": (
        MIA_CAN,
        [expecting(MIA, can_use=SMS, since="2027-02-01")],
        "later",
    ),
}


@pytest.mark.parametrize("case", IS_DUE.values(), ids=IS_DUE.keys())
def test_which_are_judged_today_and_which_after_the_merge(
    case: tuple[Expectation, list[Expectation] | None, str],
) -> None:
    entry, base, expected = case
    judged, later = due([entry], TODAY, base)
    assert (judged, later) == (
        [entry] if expected == "judged" else [],
        [entry] if expected == "later" else [],
    )
