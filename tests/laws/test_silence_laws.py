"""A plan is never clean where the tenant does not have what the file declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from hypothesis import given, strategies as st

from graphpolicy.catalogue import EXTERNAL
from graphpolicy.catalogue.kinds import Object, Property, Resource
from graphpolicy.catalogue.values import same
from graphpolicy.compare.resolve import resolve
from graphpolicy.model import NOBODY, Directory, Observed, Plan
from graphpolicy.plan.make import make_plan
from graphpolicy.plan.verdict import Report, undoing, verdict
from tests.laws.generated import LISTED_NAME, VERSIONS, head, live, observed, resources, some
from tests.laws.situations import OCCASION, desired

OFF: tuple[Any, ...] = (False, "disabled", "default", [], "", None)
METHODS = "authenticationMethodConfigurations"


def planned(documents: Observed, resource: Resource, tree: dict[str, Any]) -> Plan:
    file = desired({resource.id: tree})
    resolution = resolve(file, Directory(), documents)
    return make_plan(resolution, documents, Directory(), OCCASION).plan


def paths(rows: tuple[Property, ...], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every property of a resource and every member of its objects."""
    for row in rows:
        path = (*above, row.name)
        yield path
        if isinstance(row.kind, Object):
            yield from paths(row.kind.members, path)


def at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def spoiled(document: dict[str, Any], path: tuple[str, ...], how: str) -> dict[str, Any]:
    """A document in which one property is gone, or null."""
    result = deepcopy(document)
    holder = at(result, path[:-1])
    if isinstance(holder, dict) and path[-1] in holder:
        if how == "gone":
            del holder[path[-1]]
        else:
            holder[path[-1]] = None
    return result


def asks(value: Any) -> bool:
    """Whether a declared value asks for something that only a tenant that has it can give."""
    if isinstance(value, Mapping):
        return any(map(asks, value.values()))
    return (isinstance(value, (list, Mapping)) and bool(value)) or value not in OFF


@some
@given(st.data())
def test_what_the_tenant_no_longer_returns_is_a_change_or_a_finding(data: st.DataObject) -> None:
    row = data.draw(resources())
    truth = {**head(row), **{p.name: data.draw(live(p.kind)) for p in row.properties}}
    path = data.draw(st.sampled_from(list(paths(row.properties))))
    how = data.draw(st.sampled_from(["gone", "null"]))
    wanted = at(truth, path)
    tree: dict[str, Any] = {}
    holder = tree
    for name in path[:-1]:
        holder = holder.setdefault(name, {})
    holder[path[-1]] = wanted
    made = planned(observed({row.id: spoiled(truth, path, how)}), row, tree)
    told = {change.path for change in made.changes} | {found.path for found in made.findings}
    name = ".".join(path)
    last = row.at(path)
    if last.absent is not None and same(last.kind, wanted, last.absent):
        return  # absence says the same
    if wanted in ("", None, "migrationComplete") or (how == "null" and wanted == []):
        return  # null says the same
    if isinstance(wanted, Mapping) and wanted.get("id") == NOBODY:
        return  # nobody, as where there is no target
    assert any(name.startswith(one) or one.startswith(name) for one in told if one), (name, told)
    drift = Report("drift", (undoing(made),))
    if any(found.level == "error" for found in made.refusing) or made.changes:
        assert drift.exit_code == 2
        assert verdict(drift.plans[0], drift).mood != "good"


@some
@given(st.data())
def test_a_method_that_is_gone_or_has_another_name_is_never_clean(data: st.DataObject) -> None:
    row = data.draw(resources().filter(lambda row: row.is_method))
    truth = {**head(row), **{p.name: data.draw(live(p.kind)) for p in row.properties}}
    tree = {p.name: truth[p.name] for p in row.properties}
    whole = observed({row.id: truth})
    gone = Observed({version: {**whole.documents[version], METHODS: []} for version in VERSIONS})
    situations = [gone]
    if row is EXTERNAL:
        situations.append(observed({row.id: {**truth, "displayName": "Renamed"}}))
    for documents in situations:
        made = planned(documents, row, tree)
        assert [found.rule for found in made.findings if found.rule == "not-offered"]
        asked = tree["state"] == "enabled" if "state" in tree else asks(tree)
        if asked:
            assert made.refused == "not-offered"
            assert Report("plan", (made,)).exit_code == 6
            assert Report("drift", (undoing(made),)).exit_code == 2


@some
@given(st.data())
def test_a_strength_that_is_gone_is_created_and_one_in_doubt_is_refused(
    data: st.DataObject,
) -> None:
    row = data.draw(resources().filter(lambda row: row.created))
    truth = {**head(row), **{p.name: data.draw(live(p.kind)) for p in row.properties}}
    tree = {p.name: truth[p.name] for p in row.properties}
    [item] = observed({row.id: truth}).lists[row.id]
    renamed = {**item, "displayName": "Renamed"}
    for items in ((), (renamed,)):
        made = planned(Observed({}, {row.id: items}), row, tree)
        if truth["allowedCombinations"]:
            assert [request.creates for request in made.requests][:1] == [True]
            assert {change.before for change in made.changes if change.path == "description"} <= {
                ""
            }
        else:
            assert made.refused == "incomplete-entry"
    in_doubt = ((item, {**item, "id": "0"}), ({**item, "displayName": LISTED_NAME.upper()},))
    for doubtful in in_doubt:
        documents = Observed({}, {row.id: doubtful})
        errors = resolve(desired({row.id: tree}), Directory(), documents).errors
        assert [found.rule for found in errors] == [row.ambiguous]


@some
@given(st.data())
def test_a_method_that_an_answer_repeats_differently_is_told(data: st.DataObject) -> None:
    row = data.draw(resources().filter(lambda row: row.is_method))
    truth = {**head(row), **{p.name: data.draw(live(p.kind)) for p in row.properties}}
    other = {**truth, "state": "disabled" if truth.get("state") == "enabled" else "enabled"}
    once, again = observed({row.id: truth}), observed({row.id: other})
    tree = {p.name: truth[p.name] for p in row.properties}
    for second, rules in ((once, set()), (again, {"method-repeated"})):
        twice = Observed(
            {
                version: {
                    **once.documents[version],
                    METHODS: [
                        *once.documents[version][METHODS],
                        *second.documents[version][METHODS],
                    ],
                }
                for version in VERSIONS
            }
        )
        made = planned(twice, row, tree)
        assert {found.rule for found in made.findings} & {"method-repeated"} == rules
        if "state" in tree and rules:  # nobody can tell which of the two is in force
            assert "method-repeated" in str(made.refused)
            assert Report("drift", (undoing(made),)).exit_code == 2
