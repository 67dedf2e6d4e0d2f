"""Expectations of random tenants: the same people as if each person is judged alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import given, strategies as st

from graphpolicy.guards.unmet_expectations import asked, expectation_findings
from graphpolicy.model import Declared, Directory, Expectation, Members
from graphpolicy.people.access import Someone, may_use_some
from tests.laws.generated import some
from tests.unit.build import A, B, C, group
from tests.unit.guards.policies import seen

GROUPS = (A, B, C)
PEOPLE = tuple(f"0e5e0000-0000-4000-8000-00000000000{n}" for n in "123456")
STRANGER = "0e5e0000-0000-4000-8000-000000000009"
"""Somebody who is in none of the groups, as most people are."""
EVERYBODY = (*PEOPLE, STRANGER)
WHO = (*GROUPS, "all_users")
METHODS = ("Sms", "Voice")
Within = Mapping[str, frozenset[str]]


@st.composite
def methods(draw: st.DrawFn) -> dict[str, Any]:
    """A method for some groups, or everyone, without some."""
    include = draw(st.lists(st.sampled_from((*GROUPS, "all_users")), unique=True))
    exclude = draw(st.lists(st.sampled_from(GROUPS), unique=True))
    return {
        "state": draw(st.sampled_from(("enabled", "enabled", "disabled"))),
        "includeTargets": [group(id_) for id_ in include],
        "excludeTargets": [group(id_) for id_ in exclude],
    }


policies = st.fixed_dictionaries({name: methods() for name in METHODS})
memberships = st.fixed_dictionaries({id_: st.frozensets(st.sampled_from(PEOPLE)) for id_ in GROUPS})
lists = st.lists(st.sampled_from(METHODS), unique=True, max_size=2)


def expecting(who: str, wanted: Iterable[Iterable[str]]) -> Expectation:
    can_use, cannot_use = (tuple(Declared(each, {}, {}) for each in some) for some in wanted)
    return Expectation(who, can_use, cannot_use, text="{...}")


def alone(policy: Mapping[str, Any], members: Within, entry: Expectation) -> set[str]:
    """Who breaks an expectation: each person of the group, judged by all their groups."""
    within = {who: frozenset(g for g in GROUPS if who in members[g]) for who in EVERYBODY}
    return {
        who
        for who in members.get(entry.who, EVERYBODY)
        for wanted, some in ((True, entry.can_use), (False, entry.cannot_use))
        for method in some
        if may_use_some(policy[method.title], Someone(who, within[who])).yes is not wanted
    }


@some
@given(policies, memberships, st.tuples(lists, lists), st.sampled_from(WHO), st.randoms())
def test_who_breaks_an_expectation_is_who_breaks_it_alone(
    policy: dict[str, Any],
    members: dict[str, frozenset[str]],
    wanted: tuple[list[str], list[str]],
    who: str,
    random: Any,
) -> None:
    """Only people in question are read, a met expectation is silent, and order never matters."""
    entry = expecting(who, wanted)
    view = seen(policy, {})
    needed = asked([entry], view)
    known = {id_: Members(members[id_]) for id_ in needed.groups}
    known |= {id_: Members() for id_ in needed.named if not members[id_]}
    found = list(expectation_findings([entry], view, Directory(members=known), names=True))
    expected = alone(policy, members, entry)
    if members.get(who) == frozenset():
        assert [each.rule for each in found] == ["expectation-names-nobody"]
        return
    assert [each.rule for each in found] == ["expectation-broken"] * bool(expected)
    for each in found:
        assert each.people in (None, len(expected))
        assert set(each.names) <= expected
        assert each.people is None or set(each.names) == expected
        assert each.people is None or STRANGER not in expected
    for method in policy.values():
        random.shuffle(method["includeTargets"])
        random.shuffle(method["excludeTargets"])
    shuffled = expecting(who, [some[::-1] for some in wanted])
    directory = Directory(members=known)
    again = list(expectation_findings([shuffled], seen(policy, {}), directory, names=True))
    assert again == found
