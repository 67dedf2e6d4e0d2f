"""What is counted of people who are alike is what a plain loop over everybody finds.

The loop knows nothing of cases and of three answers: where a group could not be read it tries every
way in which people may be in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import product
from typing import Any

from hypothesis import given, settings, strategies as st

from graphpolicy.catalogue.registered import RegisteredKind, reported_as
from graphpolicy.people.access import Someone, may_use, may_use_registered
from graphpolicy.people.affected import Impact, ReachChange
from graphpolicy.people.crowd import Crowd
from graphpolicy.people.reach import reach
from graphpolicy.people.ways import Judge, Method
from tests.unit.build import A, B, C, group

GROUPS = (A, B, C)
PEOPLE = tuple(f"5e000000-0000-4000-8000-{number:012}" for number in range(7))
METHODS = ("Sms", "Voice", "MicrosoftAuthenticator", "SoftwareOath", "Fido2", "Email")
NAMES = (
    "mobilePhone",
    "alternateMobilePhone",
    "officePhone",
    "microsoftAuthenticatorPush",
    "microsoftAuthenticatorPasswordless",
    "softwareOneTimePasscode",
    "passKeyDeviceBound",
    "windowsHelloForBusiness",
    "email",
    "securityQuestion",
    "temporaryAccessPass",
    "futureMethod",
)
CODES, APPS = "softwareOneTimePasscode", {NAMES[3], NAMES[4]}
LACKS = "unregistered_in_target"
PROOFS = {
    "without_any": "",
    "without_mfa": "multifactor",
    "without_phishing_resistant": "phishing resistant",
}
Policy = dict[str, Mapping[str, Any]]
World = tuple[frozenset[str], frozenset[str], bool]
"""The groups of somebody, those that could be read, and whether the codes are of two apps."""


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    ids = draw(st.sets(st.sampled_from((*GROUPS, "all_users")), max_size=2))
    modes = st.sampled_from(("any", "push", "deviceBasedPush"))
    return {
        "state": draw(st.sampled_from(("enabled", "enabled", "enabled", "disabled"))),
        "includeTargets": [
            group(id_, authenticationMode=draw(modes), isUsableForSignIn=draw(st.booleans()))
            for id_ in sorted(ids)
        ],
        "excludeTargets": [
            group(id_) for id_ in sorted(draw(st.sets(st.sampled_from(GROUPS), max_size=1)))
        ],
        "isSoftwareOathEnabled": draw(st.booleans()),
        "isOfficePhoneAllowed": draw(st.booleans()),
    }


@st.composite
def tenants(draw: st.DrawFn) -> dict[str, Any]:
    before = {name: draw(values()) for name in METHODS}
    changed = draw(st.sets(st.sampled_from(METHODS), min_size=1, max_size=3))
    names = st.lists(st.sampled_from(NAMES), max_size=3, unique=True)
    return {
        "before": before,
        "after": {name: draw(values()) if name in changed else before[name] for name in METHODS},
        "members": {id_: draw(st.sets(st.sampled_from(PEOPLE))) for id_ in GROUPS},
        "hidden": draw(st.sets(st.sampled_from(GROUPS), max_size=2)),
        "rows": {
            id_: {
                "id": id_,
                "methodsRegistered": draw(names),
                "isAdmin": draw(st.booleans()),
                "userType": draw(st.sampled_from(("member", "guest"))),
                "isSsprCapable": draw(st.booleans()),
            }
            for id_ in draw(st.sets(st.sampled_from(PEOPLE)))
        },
        "disabled": draw(st.sets(st.sampled_from(PEOPLE), max_size=2)),
    }


def pages(draw: st.DataObject, rows: list[Any]) -> Iterator[list[Any]]:
    """Pages of a list in any order, with entries that come twice."""
    again = draw.draw(st.lists(st.sampled_from(rows), max_size=3)) if rows else []
    mixed = draw.draw(st.permutations([*rows, *again]))
    size = draw.draw(st.integers(1, 4))
    yield from (mixed[start : start + size] for start in range(0, len(mixed), size))


def crowd_of(draw: st.DataObject, tenant: Mapping[str, Any]) -> Crowd:
    crowd = Crowd(GROUPS)
    users = [{"id": id_, "accountEnabled": id_ not in tenant["disabled"]} for id_ in PEOPLE]
    todo: list[tuple[Any, ...]] = [
        *((crowd.report, page) for page in pages(draw, list(tenant["rows"].values()))),
        *((crowd.users, page) for page in pages(draw, users)),
    ]
    for id_, ids in tenant["members"].items():
        if id_ not in tenant["hidden"]:
            todo += [(crowd.members, id_, page) for page in pages(draw, sorted(ids))]
    for add, *arguments in draw.draw(st.permutations(todo)):
        add(*arguments)
    return crowd


def impact_of(before: Policy, after: Policy, hidden: frozenset[str]) -> Impact:
    methods = [Method(name, name, before[name], after[name]) for name in METHODS]
    moved = [
        ReachChange(
            each.id,
            ("includeTargets",),
            each.id.casefold(),
            decides=True,
            before=(reach(each.before),),
            after=(reach(each.after),),
        )
        for each in methods
        if each.before != each.after
    ]
    return Impact(Judge(methods, GROUPS, hidden), moved)


def worlds(tenant: Mapping[str, Any], id_: str, names: set[str]) -> Iterator[World]:
    """Every state that may be true for a person, as far as it is known."""
    sure = {each for each in GROUPS if id_ in tenant["members"][each]} - tenant["hidden"]
    hidden = sorted(tenant["hidden"])
    for within in product((False, True), repeat=len(hidden)):
        perhaps = {each for each, yes in zip(hidden, within, strict=True) if yes}
        for spare in (False, True) if CODES in names else (False,):
            yield frozenset(sure | perhaps), frozenset(sure), spare


def usable(
    policy: Policy, names: set[str], id_: str, world: World
) -> list[tuple[RegisteredKind, str]]:
    """What a person can use in one such state, with the method that allows it."""
    groups, _, spare = world
    found = []
    for name in names:
        kind = reported_as(name)
        if kind is None:
            continue
        if not kind.through:
            found.append((kind, ""))
        for through in kind.through:
            if through not in policy:
                continue
            if name == CODES and not spare and bool(names & APPS) != (through != "SoftwareOath"):
                continue
            who = Someone(id_, groups)
            if may_use_registered(policy[through], who, kind, through, mode=kind.mode).yes:
                found.append((kind, through))
    return found


def ways(
    tenant: Mapping[str, Any], id_: str, world: World
) -> list[list[tuple[RegisteredKind, str]]]:
    """What a person can use in one such state before and after the plan."""
    names = set(tenant["rows"][id_]["methodsRegistered"])
    return [usable(tenant[side], names, id_, world) for side in ("before", "after")]


def fate(tenant: Mapping[str, Any], id_: str, world: World) -> Counter[str]:
    """The numbers in which a person counts in this state."""
    row = tenant["rows"][id_]
    names = set(row["methodsRegistered"])
    before, after = ways(tenant, id_, world)
    counts = set()
    if {way for _, way in before} - {way for _, way in after} or any(
        way not in after for way in before
    ):
        counts.add("lose")
    if any(way not in before for way in after):
        counts.add("gain")
    for name, proof in PROOFS.items():
        had, has = (
            [
                kind
                for kind, _ in ways
                if (proof in kind.proves if proof else kind.use in ("alone", "second"))
            ]
            for ways in (before, after)
        )
        if had and not has:
            counts.add(name)
    strong = [[way for way in ways if "multifactor" in way[0].proves] for ways in (before, after)]
    governed = [[way for way in ways if way[1]] for ways in strong]
    if governed[0] and not governed[1] and strong[1]:
        counts.add("device_alone")
    resets = [[kind for kind, _ in ways if kind.resets] for ways in (before, after)]
    if row["isSsprCapable"] and resets[0] and not resets[1]:
        counts.add("without_reset")
    texting = [_texting(tenant[side]["Sms"], id_, world) for side in ("before", "after")]
    if "mobilePhone" in names and texting == [True, False]:
        counts.add("without_sms_sign_in")
    return Counter({"people": 1, **dict.fromkeys(counts, 1)})


def _texting(sms: Mapping[str, Any], id_: str, world: World) -> bool:
    flagged = [each for each in sms["includeTargets"] if each["isUsableForSignIn"]]
    return may_use({**sms, "includeTargets": flagged}, Someone(id_, world[0])).yes is True


@settings(max_examples=150)
@given(tenants(), st.data())
def test_what_is_counted_is_what_a_loop_over_everybody_finds(
    tenant: dict[str, Any], data: st.DataObject
) -> None:
    hidden = frozenset(tenant["hidden"])
    impact = impact_of(tenant["before"], tenant["after"], hidden)
    crowd = crowd_of(data, tenant)
    counted = impact.count(crowd.counted_cases())
    perhaps: set[str] = set()
    known, circles = Counter[str](), {"guest": Counter[str](), "admin": Counter[str]()}
    cases = {id_: case for id_, _, case in crowd.people() if case.registered.methods is not None}
    assert cases.keys() == tenant["rows"].keys()
    for id_, row in tenant["rows"].items():
        all_worlds = list(worlds(tenant, id_, set(row["methodsRegistered"])))
        possible = [fate(tenant, id_, world) for world in all_worlds]
        found = impact.fate(cases[id_])
        assert all(found - {"not_known", LACKS} <= each.keys() for each in possible)
        for name in PROOFS:
            lost = [each[name] for each in possible]
            if name in found:
                assert all(lost), "who may keep something is not locked out"
            elif any(lost):
                assert "not_known" in found, "who may be locked out is not safe"
        perhaps |= {name for each in possible for name in each} - found - {"people", *PROOFS}
        # In every state the person may gain something, and something else in each of them.
        alike = [(ways(tenant, id_, world), fate(tenant, id_, world)) for world in all_worlds]
        exact = "not_known" not in found and all(each == alike[0] for each in alike)
        own = possible[0] if exact else Counter({"people": 1, **dict.fromkeys(found, 1)})
        own.pop(LACKS, None)
        known += own
        circles["guest"] += own if row["userType"] == "guest" else Counter()
        circles["admin"] += own if row["isAdmin"] else Counter()
    assert perhaps <= counted.at_least, "a number that may be greater says so"
    sure = not hidden and not any(
        CODES in row["methodsRegistered"] for row in tenant["rows"].values()
    )
    assert not (sure and counted.at_least)
    untold = len(set(PEOPLE) - tenant["rows"].keys() - tenant["disabled"])
    known += Counter({"people": untold, "not_known": untold})
    for numbers, naive in (
        (counted.everyone, known),
        (counted.guests, circles["guest"]),
        (counted.admins, circles["admin"]),
    ):
        told = {name: many for name, many in asdict(numbers).items() if many}
        told.pop(LACKS, None)
        assert told == dict(naive)
