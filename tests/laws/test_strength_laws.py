"""Who can satisfy a strength, against a plain count of all people: it never claims too much."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import given, strategies as st

from graphpolicy.model import Demand, Members, Strength, Unread, Who
from graphpolicy.people.satisfied_strengths import any_can, known_of, satisfying

GROUPS = ("g1", "g2", "g3")
PEOPLE = ("p1", "p2", "p3")
MODELS = ("m1", "m2")
SIGN_IN = "isUsableForSignIn"
PARTIES = [("group", each) for each in GROUPS] + [("user", each) for each in PEOPLE]
MORE = Unread("there may be more", "")

subsets = st.frozensets
targets = st.lists(st.sampled_from([("group", "all_users"), *PARTIES]), max_size=3, unique=True)


@st.composite
def methods(draw: st.DrawFn, *, profiles: bool = False) -> dict[str, Any]:
    """Text messages, or with `profiles` passkeys with a profile for each model."""
    include: list[dict[str, Any]] = [{"targetType": kind, "id": id_} for kind, id_ in draw(targets)]
    for each in include:
        if profiles:
            each["allowedPasskeyProfiles"] = sorted(draw(subsets(st.sampled_from(MODELS))))
        else:
            each.update(draw(st.sampled_from([{}, {SIGN_IN: True}, {SIGN_IN: False}])))
    exclude = [{"targetType": kind, "id": id_} for kind, id_ in draw(targets) if id_ != "all_users"]
    found = {"state": "enabled", "includeTargets": include, "excludeTargets": exclude}
    if profiles:
        found["passkeyProfiles"] = [
            {
                "id": model,
                "name": model,
                "passkeyTypes": "deviceBound",
                "attestationEnforcement": "disabled",
                "keyRestrictions": {
                    "isEnforced": True,
                    "enforcementType": "allow",
                    "aaGuids": [model],
                },
            }
            for model in MODELS
        ]
    return found


def inside(person: str, who: set[tuple[str, str]], world: dict[str, frozenset[str]]) -> bool:
    return any(
        id_ in ("all_users", person) or person in world.get(id_, frozenset()) for _, id_ in who
    )


def can_use(person: str, method: dict[str, Any], world: dict[str, frozenset[str]]) -> bool:
    include, exclude = (
        {(each["targetType"], each["id"]) for each in method[side]}
        for side in ("includeTargets", "excludeTargets")
    )
    return inside(person, include, world) and not inside(person, exclude, world)


def accepts(
    person: str, method: dict[str, Any], models: frozenset[str], world: dict[str, frozenset[str]]
) -> bool:
    targets = method["includeTargets"]
    given_ = {
        profile
        for each in targets
        if inside(person, {(each["targetType"], each["id"])}, world)
        for profile in each["allowedPasskeyProfiles"]
    }
    if not any(each["allowedPasskeyProfiles"] for each in targets):
        given_ = set(MODELS)  # no target says which
    return bool(given_ & models)


def signs_in(person: str, method: dict[str, Any], world: dict[str, frozenset[str]]) -> bool:
    allowed = [each for each in method["includeTargets"] if each.get(SIGN_IN, True)]
    return inside(person, {(each["targetType"], each["id"]) for each in allowed}, world)


ways_ = st.lists(
    st.sampled_from([frozenset({"fido2"}), frozenset({"sms"}), frozenset({"fido2", "sms"})]),
    min_size=1,
    max_size=2,
)


class Situation(NamedTuple):
    """Two methods, a strength, who must satisfy it, and what is known of members of groups."""

    fido2: dict[str, Any]
    sms: dict[str, Any]
    ways: list[frozenset[str]]
    models: frozenset[str] | None
    everyone: bool
    include: frozenset[tuple[str, str]]
    exclude: frozenset[tuple[str, str]]
    world: dict[str, frozenset[str]]
    shown: dict[str, frozenset[str] | None]


some_people = subsets(st.sampled_from(PEOPLE))
situations = st.builds(
    Situation,
    methods(profiles=True),
    methods(),
    ways_,
    st.none() | subsets(st.sampled_from(MODELS), min_size=1),
    st.booleans(),
    subsets(st.sampled_from(PARTIES), min_size=1, max_size=2),
    subsets(st.sampled_from(PARTIES), max_size=2),
    st.fixed_dictionaries(dict.fromkeys(GROUPS, some_people)),
    st.fixed_dictionaries(dict.fromkeys(GROUPS, st.none() | some_people)),
)


@given(situations)
def test_a_verdict_from_some_members_is_that_from_all(situation: Situation) -> None:
    fido2, sms, ways, models, everyone, include, exclude, world, shown = situation
    who: Who = "everyone" if everyone else "some"
    demand = Demand("CA", who, frozenset() if everyone else include, exclude=exclude)
    strength = Strength("1", "Own", tuple(ways), models)
    people = [*PEOPLE, *(["somebody else"] if everyone else [])]
    concerned = [
        each
        for each in people
        if (everyone or inside(each, set(include), world)) and not inside(each, set(exclude), world)
    ]
    able = {
        each
        for each in concerned
        for way in ways
        if all(can_use(each, {"fido2": fido2, "sms": sms}[mode], world) for mode in way)
        and (way != {"sms"} or signs_in(each, sms, world))
        and ("fido2" not in way or models is None or accepts(each, fido2, models, world))
    }
    side = {"Fido2": fido2, "Sms": sms}
    whole = {id_: Members(frozenset({id_})) for id_ in PEOPLE}
    whole |= {id_: Members(ids) for id_, ids in world.items()}
    verdict = any_can(strength, side, demand, known_of(whole))
    assert bool(verdict.yes) is bool(able or not (concerned or not satisfying(strength, side)))
    assert verdict.yes is not None
    some = {
        id_: Members(world[id_]) if part is None else Members(world[id_] & part, MORE)
        for id_, part in shown.items()
    }
    partly = any_can(strength, side, demand, known_of(some))
    assert partly.yes is None or partly.yes is verdict.yes or not concerned
    assert partly.yes is not None or partly.parties
