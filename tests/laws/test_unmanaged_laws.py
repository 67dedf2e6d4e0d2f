"""What no file declares: nothing is reported while it stays, and each change is reported once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from hypothesis import assume, given, strategies as st

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Entries, Object, Property
from graphpolicy.catalogue.values import same
from graphpolicy.compare.undeclared import Undeclared, undeclared
from graphpolicy.journal.snapshot import Snapshot, from_json, says_the_same, stable
from graphpolicy.model import CONFIGURATIONS, EXTERNAL, Declared, Observed, Tenant
from tests.laws.generated import (
    NAMES,
    few,
    head,
    live,
    observed,
    part_of_members,
    resources,
    scrambled_document,
    trees,
)
from tests.laws.situations import TENANT_ID, Held, noisy

Steps = tuple[Property, ...]


def differences(now: Observed, then: Observed, wanted: Held) -> list[Undeclared]:
    files = [Declared(name, tree, {}, NAMES.get(name)) for name, tree in wanted.items()]
    return list(undeclared(files, (), now, then))


@st.composite
def whole(draw: st.DrawFn) -> Held:
    """A tenant that holds every property of one or two resources."""
    rows = draw(st.lists(resources(), min_size=1, max_size=2, unique_by=lambda row: row.id))
    return {
        row.id: {**head(row), **{p.name: draw(live(p.kind)) for p in row.properties}}
        for row in rows
    }


def settings_of(rows: tuple[Property, ...], above: Steps = ()) -> Iterator[Steps]:
    """Every setting that is managed for itself."""
    for row in rows:
        if isinstance(row.kind, Object):
            yield from settings_of(row.kind.members, (*above, row))
        else:
            yield (*above, row)


def holder(truth: Any, steps: Steps) -> Any:
    for row in steps[:-1]:
        truth = truth[row.name]
    return truth


def declares(tree: Mapping[str, Any], steps: Steps) -> bool:
    inner: Any = tree
    for row in steps:
        if not isinstance(inner, Mapping) or row.name not in inner:
            return False
        inner = inner[row.name]
    return True


def dotted(steps: Steps) -> tuple[str, ...]:
    return tuple(row.name for row in steps)


@few
@given(st.data())
def test_order_case_annotations_and_times_are_no_difference(data: st.DataObject) -> None:
    held = data.draw(whole())
    wanted = {name: data.draw(trees(RESOURCES[name])) for name in held}
    moved = {name: data.draw(scrambled_document(RESOURCES[name], held[name])) for name in held}
    at = {"lastModifiedDateTime": data.draw(st.sampled_from(["2026-11-01", "2026-11-02"]))}
    now = observed({name: noisy({**truth, **at}) for name, truth in moved.items()})
    then = observed({name: noisy(truth) for name, truth in held.items()})
    assert differences(now, then, wanted) == []
    assert differences(then, now, wanted) == []


@few
@given(st.data())
def test_a_snapshot_that_went_through_a_file_is_no_difference(data: st.DataObject) -> None:
    held = data.draw(whole())
    now, tenant = observed(held), Tenant("contoso", TENANT_ID)
    text = stable(Snapshot(tenant, "2026-11-01T00:00:00Z", now, {}))
    then = from_json(json.loads(text))
    assert differences(now, then.observed, {}) == []
    assert differences(then.observed, now, {}) == []
    reordered = {name: dict(reversed(truth.items())) for name, truth in reversed(held.items())}
    again = Snapshot(tenant, "2026-11-02T00:00:00Z", observed(reordered), {})
    assert says_the_same(then, again)
    assert [line for line in stable(again).splitlines() if line not in text.splitlines()] == [
        '  "taken_at": "2026-11-02T00:00:00Z",'
    ]


@few
@given(st.data())
def test_a_changed_value_is_told_once_unless_a_file_declares_it(data: st.DataObject) -> None:
    held = data.draw(whole())
    wanted = {name: data.draw(trees(RESOURCES[name])) for name in held}
    name = data.draw(st.sampled_from(sorted(held)))
    steps = data.draw(st.sampled_from(list(settings_of(RESOURCES[name].properties))))
    now = deepcopy(held)
    inner, last = holder(now[name], steps), steps[-1]
    before, after = inner[last.name], data.draw(live(last.kind))
    assume(not same(last.kind, before, after))
    inner[last.name] = after
    if declares(wanted[name], steps):
        assume(not isinstance(last.kind, Entries))  # see below
        expected = []
    else:
        expected = [(name, dotted(steps))]
    found = differences(observed(now), observed(held), wanted)
    assert [(one.resource and one.resource.id, one.path) for one in found] == expected
    for one in found:
        assert same(last.kind, one.after, after)
        assert same(last.kind, one.before, before)


@few
@given(st.data())
def test_what_a_file_leaves_out_of_an_entry_is_told_once(data: st.DataObject) -> None:
    held = data.draw(whole())
    name = data.draw(st.sampled_from(sorted(held)))
    rows = [s for s in settings_of(RESOURCES[name].properties) if isinstance(s[-1].kind, Entries)]
    assume(rows)
    steps = data.draw(st.sampled_from(rows))
    kind: Any = steps[-1].kind
    now = deepcopy(held)
    entries = holder(now[name], steps)[steps[-1].name]
    own = {"id", "targetType", *getattr(kind, "identity", ()), getattr(kind, "key", "")}
    members = [row for row in kind.members if row.name not in own]
    assume(entries and members)
    entry, member = data.draw(st.sampled_from(entries)), data.draw(st.sampled_from(members))
    tree = data.draw(part_of_members(RESOURCES[name].properties, held[name]))
    said: Any = holder(tree, steps).get(steps[-1].name) if declares(tree, steps) else None
    wanted = {name: tree}
    strange = data.draw(st.booleans())
    if strange:
        entry["brandNew"] = "in the tenant"
    else:
        after = data.draw(live(member.kind))
        assume(not same(member.kind, entry[member.name], after))
        number, entry[member.name] = entries.index(entry), after
        if said is not None and member.name in said[number]:
            assume(not isinstance(member.kind, Object))  # a part of it may be declared
            assert differences(observed(now), observed(held), wanted) == []
            return
    [found] = differences(observed(now), observed(held), wanted)
    assert found.path == dotted(steps)


@few
@given(st.data())
def test_what_graph_no_longer_returns_is_no_difference(data: st.DataObject) -> None:
    held = data.draw(whole())
    name = data.draw(st.sampled_from(sorted(held)))
    steps = data.draw(st.sampled_from(list(settings_of(RESOURCES[name].properties))))
    now = deepcopy(held)
    inner, how = holder(now[name], steps), data.draw(st.sampled_from(["gone", "null"]))
    inner[steps[-1].name] = None
    if how == "gone":
        del inner[steps[-1].name]
    expected = [] if steps[-1].absent is None else [dotted(steps)]
    if same(steps[-1].kind, steps[-1].absent, holder(held[name], steps)[steps[-1].name]):
        expected = []
    found = differences(observed(now), observed(held), {})
    assert [one.path for one in found] == expected


@few
@given(st.data())
def test_what_no_release_knows_is_told_once(data: st.DataObject) -> None:
    held = data.draw(whole())
    wanted = {name: data.draw(trees(RESOURCES[name])) for name in held}
    name = data.draw(st.sampled_from(sorted(held)))
    value = data.draw(st.sampled_from(["on", 7, True, [1, 2], {"state": "on"}]))
    now = {**held, name: {**held[name], "brandNew": value}}
    [found] = differences(observed(now), observed(held), wanted)
    assert (found.path, found.before, found.after) == (("brandNew",), None, value)
    assert differences(observed(held), observed(now), wanted) == []


@few
@given(st.data())
def test_a_new_resource_is_one_difference(data: st.DataObject) -> None:
    held = data.draw(whole())
    name = data.draw(st.sampled_from(sorted(held)))
    rest = {other: truth for other, truth in held.items() if other != name}
    then = observed(rest)
    lists = {**dict.fromkeys(observed(held).lists, ()), **then.lists}
    then = Observed(then.documents, lists)
    found = differences(observed(held), then, {})
    method = RESOURCES[name].is_method
    if name == RESOURCES[name].root[-1] and not RESOURCES[name].several:
        assert all(one.path for one in found)  # every tenant has the policy itself
        return
    assert [(one.title, one.path) for one in found] == [(found[0].title, ())]
    assert found[0].turned_on is (method and held[name]["state"] == "enabled")
    gone = differences(then, observed(held), {})
    assert [one.path for one in gone] == [()] * RESOURCES[name].several


def test_a_version_or_list_that_was_not_read_is_not_compared() -> None:
    now = observed({EXTERNAL: head(RESOURCES[EXTERNAL])}, ("v1.0",))
    then = observed({}, ("beta",))
    assert differences(now, then, {}) == []
    assert CONFIGURATIONS in now.documents["v1.0"]
    lists = Observed({}, {"authenticationStrengthPolicies": ({"id": "1", "displayName": "A"},)})
    assert differences(lists, Observed({}), {}) == []
    assert differences(Observed({}), lists, {}) == []
