"""The rows are whole, consistent with each other, and say where Graph has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from graphpolicy.catalogue import METHODS, RESOURCES
from graphpolicy.catalogue.kinds import (
    Collection,
    Enum,
    Flags,
    Object,
    Property,
    Resource,
    Strings,
    Targets,
    Text,
)
from graphpolicy.catalogue.permissions import permission_for
from graphpolicy.catalogue.values import same
from tests.every import every

MICROSOFT = "https://learn.microsoft.com/"


def rows(of: Resource | Property, path: str = "") -> Iterator[tuple[str, Property]]:
    """Every row below a resource, with its dotted path."""
    own = of.properties if isinstance(of, Resource) else getattr(of.kind, "members", ())
    for row in own:
        if isinstance(row, Property):
            where = f"{path}.{row.name}" if path else row.name
            yield where, row
            yield from rows(row, where)


ROWS = [
    pytest.param(resource, path, row, id=f"{resource.id}.{path}")
    for resource in RESOURCES.values()
    for path, row in rows(resource)
]


@every(("resource", "path", "row"), ROWS)
def test_a_row_is_whole(resource: Resource, path: str, row: Property) -> None:
    assert row.label
    assert row.doc.endswith(".")
    assert not row.label.endswith(".")
    assert row.link.startswith(MICROSOFT) or not row.link
    kind: Any = row.kind
    if isinstance(kind, Enum | Flags):
        assert len(set(kind.members)) == len(kind.members)
        assert "unknownFutureValue" not in kind.members
        assert len(kind.docs) == len(kind.members)
        assert all(about.endswith(".") for about in kind.docs)
    if isinstance(kind, Text | Strings) and kind.pattern:
        re.compile(kind.pattern)
        assert kind.hint
    if isinstance(kind, Object | Collection | Targets):
        names = [member.name for member in kind.members]
        assert len(set(names)) == len(names)
    if isinstance(kind, Object) and kind.short:
        assert any(m.name == kind.short and isinstance(m.kind, Enum) for m in kind.members)
    if isinstance(kind, Collection):
        assert {*kind.identity, *([kind.key] if kind.key else ())} <= {m.name for m in kind.members}
    if row.default is not None and isinstance(kind, Enum):
        assert row.default in kind.members
    if row.null_is:
        assert row.null_is in kind.members
    if row.follows:
        assert resource.property(row.follows)


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=list(RESOURCES))
def test_a_resource_is_whole(resource: Resource) -> None:
    assert resource.label
    assert resource.doc.endswith(".")
    assert resource.link.startswith(MICROSOFT)
    names = [row.name for row in resource.properties]
    assert len(set(names)) == len(names)
    assert not set(names) & resource.known


def test_what_reads_and_writes_a_resource_has_a_row_of_permissions() -> None:
    """Else doctor, explain and refusals can't say what is needed."""
    calls = [("GET", row.url) for row in RESOURCES.values()]
    calls += [("PATCH", row.url) for row in RESOURCES.values() if not row.read_only]
    missing = [f"catalogue/permissions.py: {call}" for call in calls if not permission_for(*call)]
    assert missing == []
    other_case = [(method, path.upper()) for method, path in calls]  # as a link of Graph may be
    assert [permission_for(*call) for call in other_case] == [
        permission_for(*call) for call in calls
    ]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_a_method_has_a_state_and_targets(method: Resource) -> None:
    assert [row.name for row in method.properties[:3]] == [
        "state",
        "includeTargets",
        "excludeTargets",
    ]


HOMES = {
    "a setting that both versions have": ("Sms", "state", "v1.0"),
    "a setting of beta": ("Voice", "callerIdNumber", "beta"),
    "a setting of v1.0": ("X509Certificate", "crlValidationConfiguration", "v1.0"),
    "a setting with a member of beta": ("MicrosoftAuthenticator", "featureSettings", "beta"),
    "a setting with a member of beta further down": (
        "authenticationMethodsPolicy",
        "registrationEnforcement",
        "beta",
    ),
    "a method of beta": ("HardwareOath", "state", "beta"),
}


@pytest.mark.parametrize("case", HOMES.values(), ids=HOMES.keys())
def test_home(case: tuple[str, str, str]) -> None:
    id_, name, expected = case
    row = RESOURCES[id_].property(name)
    assert row is not None
    assert RESOURCES[id_].home(row) == expected


def test_an_unknown_property_is_none() -> None:
    assert RESOURCES["Sms"].property("stat") is None


def test_the_enforced_setting_is_number_matching_alone() -> None:
    enforced = [path for r in RESOURCES.values() for path, row in rows(r) if row.enforced]
    assert enforced == ["featureSettings.numberMatchingRequiredState"]


@every(("resource", "path", "row"), ROWS)
def test_what_absence_stands_for_is_the_same_as_absence(
    resource: Resource, path: str, row: Property
) -> None:
    if isinstance(row.kind, Targets):
        for member in row.kind.members:
            if member.absent is not None:
                target = {"targetType": "group", "id": "x"}
                assert same(row.kind, [target], [{**target, member.name: member.absent}])
