"""However a policy is written, in one file or over a base, it means the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Kind, Object, Property
from graphpolicy.compare.resolve import resolve
from graphpolicy.model import Desired, Directory, Plan
from graphpolicy.plan.digest import digest
from graphpolicy.plan.make import make_plan
from graphpolicy.policyfile.load import load
from tests.laws import mock_tenant
from tests.laws.acceptable import GENEROUS, SELDOM, files, one_method
from tests.laws.generated import declared, few, live, observed, truths
from tests.laws.situations import OCCASION, Held, desired, plan
from tests.laws.written import WAYS, Files

LEAVES = 2
"""Examples for each setting; for a commit each is written in two of the ways."""


def _leaves(rows: tuple[Property, ...], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        path = (*above, row.name)
        if isinstance(row.kind, Object):
            yield from _leaves(row.kind.members, path)
        else:
            yield path


SETTINGS = [
    f"{resource.id}.{'.'.join(path)}"
    for resource in RESOURCES.values()
    for path in _leaves(resource.properties, ())
]


def _kind(name: str) -> Kind:
    resource, *path = name.split(".")
    rows = RESOURCES[resource].properties
    for step in path:
        kind = next(row.kind for row in rows if row.name == step)
        rows = kind.members if isinstance(kind, Object) else ()
    return kind


def read(folder: Path, texts: Files) -> Desired:
    """The policy that some files make together."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    policies = load([str(folder / "policy.yaml")])
    assert policies.sound, (texts, policies.findings)
    [policy] = policies.desired
    # What protects the tenant is bound too, and is not what these files are about.
    return replace(policy, emergency_access=desired({}).emergency_access)


def told(plan: Plan) -> Any:
    """The content of a plan, without places in files and the order that lines give it."""
    changes = sorted(
        (
            change.resource,
            change.path,
            repr(_unordered(change.before)),
            repr(_unordered(change.after)),
        )
        for change in plan.changes
    )
    requests = sorted((request.url, repr(_unordered(request.body))) for request in plan.requests)
    return digest(plan.bound), changes, requests


def _unordered(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(map(_unordered, value), key=repr)
    if isinstance(value, dict):
        return {name: _unordered(value[name]) for name in sorted(value)}
    return sorted(value.split(",")) if isinstance(value, str) else value


def planned(held: Held, policy: Desired) -> Plan:
    documents = observed(held)
    resolution = resolve(policy, Directory(), documents)
    assert resolution.errors == ()
    return make_plan(resolution, documents, Directory(), OCCASION).plan


@pytest.mark.parametrize("setting", SETTINGS)
@settings(max_examples=LEAVES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_setting_plans_the_same_however_it_is_written(
    tmp_path: Path, pytestconfig: pytest.Config, setting: str, data: st.DataObject
) -> None:
    resource, *path = setting.split(".")
    tree: Any = data.draw(declared(_kind(setting)))
    for name in reversed(path):
        tree = {name: tree}
    one_method(tree)
    truth = data.draw(truths(RESOURCES[resource]))
    if resource == "Fido2":  # profiles that are named exist
        every = live(_kind("Fido2.passkeyProfiles")).filter(lambda found: len(found) == 3)
        truth["passkeyProfiles"] = data.draw(every)
    held, trees = {resource: truth}, {resource: tree}
    expected = told(plan(held, trees).plan)
    first = SETTINGS.index(setting) + data.draw(st.integers(0, len(WAYS) - 1))
    two = (WAYS[first % len(WAYS)], WAYS[(first + 2) % len(WAYS)])
    for way in WAYS if pytestconfig.option.markexpr == "deep" else two:
        assert told(planned(held, read(tmp_path, way(data.draw, trees)))) == expected


@settings(few, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), trees=files())
def test_whole_policies_apply_and_pull_the_same_however_they_are_written(
    tmp_path: Path, data: st.DataObject, trees: Held
) -> None:
    mock = mock_tenant.not_opted_in()
    mock.set_switches(**GENEROUS)
    for resource, held in SELDOM.items():
        mock.portal(resource, held)
    expected = told(mock_tenant.plan(mock, desired(trees)).plan)
    for way in WAYS:
        policy = read(tmp_path, way(data.draw, trees))
        by_files = mock_tenant.plan(mock, policy)
        assert told(by_files.plan) == expected
    results = mock_tenant.apply(mock, by_files)
    assert [result for result in results if result.outcome != "verified"] == []
    assert mock_tenant.plan(mock, policy).plan.changes == ()
    pulled = mock_tenant.desired(tmp_path / "live.yaml", mock_tenant.pulled(mock, policy))
    assert mock_tenant.plan(mock, pulled).plan.changes == ()
    assert mock_tenant.plan(mock, desired(trees)).plan.changes == ()
