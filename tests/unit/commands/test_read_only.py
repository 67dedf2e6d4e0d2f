"""A kind of resource that graphpolicy reads and never writes. None is shipped: one is made here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.catalogue import LISTED, RESOURCES
from graphpolicy.catalogue.kinds import Bool, Collection, Property, Resource, Text
from graphpolicy.catalogue.settings import settings
from graphpolicy.commands.pull import pull, take_snapshot
from graphpolicy.commands.rollback import around, restore
from graphpolicy.explain import setting_page
from graphpolicy.journal.snapshot import Snapshot
from graphpolicy.model import Desired, Json
from graphpolicy.plan.verb_permissions import needs
from graphpolicy.policyfile import schema_check
from graphpolicy.policyfile.load import load
from graphpolicy.policyfile.update import update
from graphpolicy.rules.table import RULES, Rule
from tests.faults.scene import Direct, Scene
from tests.laws.situations import OCCASION

RULE = "location-differs"
PAGE = "https://learn.microsoft.com/graph/api/resources/ipnamedlocation"
LOCATION = Resource(
    "namedLocations",
    "ipNamedLocation",
    "Named location",
    "Networks.",
    PAGE,
    (
        Property("isTrusted", Bool(), "Trusted", "Whether it is trusted."),
        Property(
            "ipRanges",
            Collection(
                "ipRange",
                (Property("cidrAddress", Text(), "Range", "Addresses.", required=True),),
                ("cidrAddress",),
            ),
            "IP ranges",
            "The addresses.",
        ),
    ),
    known=frozenset({"id", "displayName"}),
    root=("namedLocations",),
    url="/identity/conditionalAccess/namedLocations",
    several=True,
    ambiguous="strength-ambiguous",
    read_only=RULE,
)
POLICY = """\
version: 1
tenant: {id: 11111111-2222-4333-8444-555555555555}
emergencyAccess: {none: a tenant of the tests}
authenticationMethodsPolicy: {authenticationMethodConfigurations: {Voice: {state: disabled}}}
namedLocations:
  Headquarters:
    isTrusted: true  # why
    ipRanges: [{cidrAddress: 192.0.2.0/24}]
"""
LIVE: list[dict[str, Any]] = [
    {
        "id": "10c00000-0000-4000-8000-000000000001",
        "displayName": "Headquarters",
        "isTrusted": True,
        "ipRanges": [{"cidrAddress": "192.0.2.0/24"}],
    }
]


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What the tenant holds of the kind, with the catalogue that knows it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("graphpolicy.") and getattr(module, "LISTED", None) is LISTED:
            monkeypatch.setattr(module, "LISTED", (*LISTED, LOCATION))
    table: Any = RULES
    monkeypatch.setitem(RESOURCES, LOCATION.id, LOCATION)
    monkeypatch.setitem(
        table, RULE, Rule(RULE, "plan", "error", "It differs", "It differs.", "Fix.", PAGE, "state")
    )
    answered, get_all = deepcopy(LIVE), Direct.get_all

    async def answer(graph: Direct, version: Any, url: str, *more: Any) -> list[Json]:
        if url == LOCATION.url:
            return deepcopy(answered)
        return await get_all(graph, version, url, *more)

    monkeypatch.setattr(Direct, "get_all", answer)
    caches = [each for each in vars(schema_check).values() if hasattr(each, "cache_clear")]
    for each in caches:
        each.cache_clear()
    yield answered
    for each in caches:
        each.cache_clear()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path)
    scene.mock.portal("Voice", {"state": "enabled"})
    return scene


def read(folder: Path, text: str = POLICY) -> Desired:
    file = folder / "contoso.yaml"
    file.write_text(text, encoding="utf-8")
    loaded = load([str(file)])
    assert loaded.desired, loaded.findings
    return loaded.desired[0]


def test_a_difference_is_told_and_never_planned_or_written(
    scene: Scene, live: list[dict[str, Any]], tmp_path: Path
) -> None:
    desired = read(tmp_path)
    same = scene.plan(desired).plan
    assert ([each.path for each in same.changes], same.refused) == (["state"], None)
    live[0] |= {"isTrusted": False, "ipRanges": [{"cidrAddress": "198.51.100.0/24"}]}
    plan = scene.plan(desired).plan
    told = [each for each in plan.findings if each.rule == RULE]
    assert [(each.level, each.resource, each.path) for each in told] == [
        ("error", "namedLocations/Headquarters", "isTrusted"),
        ("error", "namedLocations/Headquarters", "ipRanges"),
    ]
    assert [each.source and each.source.line for each in told] == [7, 8]
    assert "in the portal" in told[0].help
    assert ([each.resource for each in plan.changes], plan.refused) == (["Voice"], RULE)
    assert {each.resource for each in plan.requests} == {"Voice"}
    assert (scene.apply(desired).exit_code, scene.mock.edits[1:]) == (6, [])


def test_one_that_the_tenant_lacks_is_told_and_never_created(
    scene: Scene, live: list[dict[str, Any]], tmp_path: Path
) -> None:
    live[0]["displayName"] = "Renamed"
    plan = scene.plan(read(tmp_path)).plan
    [told] = [each for each in plan.findings if each.rule == RULE]
    assert (told.level, told.path, plan.refused) == ("error", "", RULE)
    assert {each.resource for each in plan.requests} == {"Voice"}


def test_the_file_is_pulled_and_updated_from_the_tenant(
    scene: Scene, live: list[dict[str, Any]], tmp_path: Path
) -> None:
    desired = read(tmp_path)
    live[0]["isTrusted"] = False
    made = scene.plan(desired)
    changed = update(desired, POLICY.encode(), made.observed, made.directory, OCCASION)
    assert changed.left == ()
    assert "isTrusted: false  # why" in changed.new.decode()
    again = scene.plan(read(tmp_path, changed.new.decode())).plan
    assert (again.changes, again.refused) == ((), None)
    pulled: Any = asyncio.run(pull(scene.tenant(desired.tenant), desired.tenant))
    whole = scene.plan(read(tmp_path, pulled[0])).plan
    assert ("Headquarters:" in pulled[0], whole.changes) == (True, ())


def test_a_return_to_a_snapshot_leaves_it_and_says_so(
    scene: Scene, live: list[dict[str, Any]], tmp_path: Path
) -> None:
    desired = read(tmp_path)
    graph = scene.tenant(desired.tenant)
    taken = asyncio.run(take_snapshot(graph, desired.tenant, "2026-11-24T13:50:01Z"))
    assert isinstance(taken, tuple)
    before: Snapshot = taken[0]
    scene.mock.portal("Voice", {"state": "disabled"})
    live[0]["isTrusted"] = False
    policy, session = around(desired.tenant, "before.json", desired), scene

    def undo(writing: Any) -> Any:
        return restore(session, before, policy, writing, scene.plan_context)  # type: ignore[arg-type]

    report = scene._run(undo, "rollback")
    [plan] = report.plans
    assert report.exit_code == 0, plan
    told = {each.rule: each for each in getattr(plan, "findings", ())}
    assert "namedLocations/Headquarters" in told["not-restorable"].message
    assert RULE not in told
    assert [each.resource for each in getattr(plan, "requests", ())] == ["Voice"]


@pytest.mark.usefixtures("live")
def test_nobody_needs_a_permission_to_write_it(tmp_path: Path) -> None:
    alone = [line for line in POLICY.splitlines(True) if "authentication" not in line]
    asked = needs(read(tmp_path, "".join(alone)))
    assert [each.why for each in asked if each.verb == "apply"] == []
    assert "reads namedLocations" in [each.why for each in asked]
    [first, *_] = settings([LOCATION])
    assert [*setting_page(first, OCCASION.facts).permissions] == ["to read"]
