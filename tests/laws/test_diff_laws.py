"""What must hold of every diff, over the whole catalogue."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Property
from graphpolicy.catalogue.values import canonical, overlay, same
from graphpolicy.plan.digest import digest
from tests.laws.generated import (
    declared,
    live,
    part_of_members,
    resources,
    scrambled,
    scrambled_document,
    some,
    truths,
)
from tests.laws.situations import Held, noisy, plan, situations, whole_situations

rows = resources().flatmap(lambda resource: st.sampled_from(resource.properties))


@some
@given(st.data())
def test_what_agrees_with_the_tenant_is_no_difference(data: st.DataObject) -> None:
    resource = data.draw(resources())
    truth = data.draw(truths(resource))
    tree = data.draw(part_of_members(resource.properties, truth))
    planned = plan({resource.id: noisy(truth)}, {resource.id: tree})
    assert planned.plan.changes == ()
    assert planned.plan.requests == ()


@some
@given(st.data())
def test_order_and_case_are_no_difference(data: st.DataObject) -> None:
    resource = data.draw(resources())
    truth = data.draw(truths(resource))
    tree = {name: truth[name] for name in truth if resource.property(name)}
    otherwise = data.draw(scrambled_document(resource, truth))
    assert plan({resource.id: otherwise}, {resource.id: tree}).plan.changes == ()
    turned = {name: otherwise[name] for name in tree}
    assert plan({resource.id: truth}, {resource.id: turned}).plan.changes == ()


@some
@given(st.data())
def test_a_value_is_the_same_as_itself_in_another_order(data: st.DataObject) -> None:
    row = data.draw(rows)
    value = data.draw(live(row.kind))
    other = data.draw(scrambled(row.kind, value))
    assert same(row.kind, value, other)
    assert canonical(row.kind, value) == canonical(row.kind, other)


@some
@given(st.data())
def test_laying_over_twice_is_laying_over_once(data: st.DataObject) -> None:
    row, value, wanted = _draw(data)
    once = overlay(row.kind, value, wanted)
    assert overlay(row.kind, once, wanted) == once
    assert same(row.kind, overlay(row.kind, value, value), value)


@some
@given(st.data())
def test_laying_over_nothing_is_what_was_declared(data: st.DataObject) -> None:
    row, _, wanted = _draw(data)
    assert same(row.kind, overlay(row.kind, None, wanted), wanted)


@some
@given(situations(), st.data())
def test_the_digest_is_independent_of_order_and_case(
    situation: tuple[Held, Held], data: st.DataObject
) -> None:
    held, trees = situation
    turned = {
        name: data.draw(scrambled_document(RESOURCES[name], held[name]))
        for name in data.draw(st.permutations(list(held)))
    }
    rewritten = {
        name: data.draw(scrambled_document(RESOURCES[name], trees[name]))
        for name in data.draw(st.permutations(list(trees)))
    }
    before, after = plan(held, trees).plan, plan(turned, rewritten).plan
    assert before.digest == after.digest
    assert {(c.resource, c.path) for c in before.changes} == {
        (c.resource, c.path) for c in after.changes
    }


@some
@given(whole_situations(), st.data())
def test_the_digest_moves_with_what_is_observed(
    situation: tuple[Held, Held], data: st.DataObject
) -> None:
    held, trees = situation
    [name] = held
    row = data.draw(st.sampled_from(RESOURCES[name].properties))
    other = data.draw(live(row.kind))
    moved = {name: {**held[name], row.name: other}}
    equal = terms(held, trees) == terms(moved, trees)
    assert equal == same(row.kind, held[name][row.name], other)


@some
@given(whole_situations(), st.data())
def test_the_digest_moves_with_what_is_declared(
    situation: tuple[Held, Held], data: st.DataObject
) -> None:
    held, trees = situation
    [name] = held
    row = data.draw(st.sampled_from(RESOURCES[name].properties))
    other = data.draw(live(row.kind))
    equal = terms(held, trees) == terms(held, {name: {**trees[name], row.name: other}})
    before = held[name][row.name]
    assert equal == same(
        row.kind, overlay(row.kind, before, trees[name][row.name]), overlay(row.kind, before, other)
    )


def terms(held: Held, trees: Held) -> str:
    """The digest of a plan, also if the plan is refused and shows none."""
    return digest(plan(held, trees).plan.bound)


def _draw(data: st.DataObject) -> tuple[Property, Any, Any]:
    row = data.draw(rows)
    return row, data.draw(live(row.kind)), data.draw(declared(row.kind))
