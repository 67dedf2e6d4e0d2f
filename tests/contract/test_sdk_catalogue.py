"""The catalogue against Microsoft's own declarations, both ways and in both versions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from graphpolicy.catalogue import LISTED, RESOURCES
from graphpolicy.catalogue.kinds import (
    Bool,
    Collection,
    Enum,
    Flags,
    Int,
    Kind,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Strings,
    Target,
    Targets,
    Text,
)
from graphpolicy.mock.policy import wire
from graphpolicy.mock.switches import CONTESTED
from graphpolicy.mock.tables import data
from graphpolicy.model import Version
from tests.contract.sdk import Enums, Types, tables

BETA = Path(__file__).with_name("sdk_beta.json")
ANNOTATIONS = {"@odata.type"}
SENTINEL = "unknownFutureValue"
NOT_IN_THE_SDK = {
    ("beta", "authenticationMethodsPolicy", "optOutSettings"): "concept-sms-voice-retirement",
}
"""Properties that only a page of Microsoft's documents, or that only derived types have, and the
page. Read-back decides there.
"""


@dataclass(frozen=True)
class Witness:
    """The declarations of one version's SDK."""

    types: Types
    enums: Enums

    def properties(self, type_: str) -> dict[str, str]:
        return {n: t for n, t in self.types[type_].items() if n not in ANNOTATIONS}

    def members(self, enum: str) -> set[str]:
        return set(self.enums[enum]) - {SENTINEL}


@cache
def witness(version: Version) -> Witness:
    if version == "v1.0":
        return Witness(*tables("msgraph"))
    table = json.loads(BETA.read_text(encoding="utf-8"))
    return Witness(table["types"], table["enums"])


VERSIONS: tuple[Version, ...] = ("v1.0", "beta")
CASES = [(version, resource) for version in VERSIONS for resource in RESOURCES]


def offered(row: Property, version: Version) -> bool:
    return row.api in ("both", version)


@pytest.mark.parametrize(("version", "id_"), CASES)
def test_a_resource_has_the_properties_that_the_sdk_declares(version: Version, id_: str) -> None:
    resource = RESOURCES[id_]
    sdk = witness(version)
    if resource.type not in sdk.types:
        assert resource.api == "beta"
        assert version == "v1.0"
        return
    declared = set(sdk.properties(resource.type)) - resource.known
    documented = {
        name for at, type_, name in NOT_IN_THE_SDK if (at, type_) == (version, resource.type)
    }
    assert not documented & declared, "the SDK has it now: remove its row"
    offered_here = {row.name for row in resource.properties if offered(row, version)}
    assert offered_here == declared | documented, "make_sdk_beta.py writes what beta has"
    assert list(differences(resource.properties, resource.type, version)) == []


def test_the_mock_has_each_property_of_the_policy() -> None:
    missing = [
        f"mock/data/types.json: {name}"
        for resource in RESOURCES.values()
        if resource not in LISTED
        for name in lacking(resource.type, resource.properties)
    ]
    assert missing == []


def lacking(type_: str, rows: Iterable[Property]) -> Iterator[str]:
    """The rows that a type of the mock has not, those of entries and targets included."""
    types = wire.known(type_)
    for row in rows:
        if row.name not in types:
            yield f"{type_}.{row.name}"
        elif row.below:
            inner = types[row.name]
            yield from lacking(wire.item_type(inner) or inner, row.below)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_mock_has_the_types_that_the_sdk_declares(version: Version) -> None:
    sdk, wrong = witness(version), []
    for type_ in of_the_policy():
        has = wire.declared(type_, version)
        wanted = sdk.properties(type_) if type_ in sdk.types else {}
        for name in has.keys() | wanted.keys():
            mine, theirs = has.get(name), wanted.get(name)
            enum = (theirs or "").removeprefix("Flags(").rstrip(")")
            if mine != theirs:
                wrong.append(f"{type_}.{name}: {mine} against {theirs}")
            elif enum in sdk.enums and {*(wire.members(enum) or ())} != {*sdk.enums[enum]}:
                wrong.append(f"enums.{enum}: {wire.members(enum)} against {sdk.enums[enum]}")
    assert wrong == [], "correct mock/data/types.json"


def test_the_mock_starts_each_member_with_a_value() -> None:
    """A tenant does not offer what its answer lacks: no plan has it, and the laws hold as well."""
    rows, starts = data("types.json"), data("defaults.json")["members"]
    whole = {wire.POLICY, wire.EXTERNAL, wire.BASE_CONFIGURATION, *wire.METHODS.values()}
    others = {"openIdConnectSetting", "optOutSettings"}  # of an external method; of a switch
    missing = [
        f"mock/data/defaults.json: members.{type_}.{name}"
        for type_ in {*of_the_policy()} - whole - others
        for name in wire.known(type_)
        if not any(
            name in has.get(type_, ()) for has in (starts, rows["required"], rows["identity"])
        )
    ]
    assert missing == []


def test_the_mock_offers_what_no_sdk_declares() -> None:
    """Otherwise the mock neither returns nor accepts it, and every law holds without it."""
    missing = [
        f"mock/data/keys.json: {name}, in {type_}"
        for type_ in of_the_policy()
        if (declared := {name for version in VERSIONS for name in wire.declared(type_, version)})
        for name in wire.known(type_).keys() - declared - CONTESTED.keys()
    ]
    assert missing == []


def of_the_policy() -> Iterator[str]:
    """The mock's types that the policy has, at any depth."""
    left = [each.type for each in RESOURCES.values() if each not in LISTED]
    found: set[str] = set()
    while left:
        type_ = left.pop()
        if wire.is_type(type_) and type_ not in found:
            found.add(type_)
            yield type_
            left += [wire.item_type(each) or each for each in wire.known(type_).values()]


def differences(rows: Iterable[Property], type_: str, version: Version) -> Iterator[str]:
    """Differences between the rows and a type's declaration."""
    properties = witness(version).properties(type_)
    for row in rows:
        if offered(row, version) and (version, type_, row.name) not in NOT_IN_THE_SDK:
            yield from _compared(row.kind, properties[row.name], version, f"{type_}.{row.name}")


def _compared(kind: Kind, type_: str, version: Version, where: str) -> Iterator[str]:
    sdk = witness(version)
    item = type_.partition("(")[2].rstrip(")")
    match kind:
        case Bool() | Int() | Text() | ProfileRef():
            wanted = {Bool: "Boolean", Int: "Int32"}.get(type(kind), "String")
            if type_ != wanted:
                yield f"{where}: {type_} against {wanted}"
        case Strings(members=members) if members:
            parts = {part for member in members for part in member.split(",")}
            if not type_.startswith("Flags(") or sdk.members(item) != parts:
                yield f"{where}: {type_} against a set of {sorted(parts)}"
        case Strings() | ProfileRefs():
            if type_ not in ("Collection(String)", "Collection(Guid)"):
                yield f"{where}: {type_} against a set of identifiers"
        case Enum(members=members):
            if type_ != "String" and sdk.members(type_) != set(members):
                yield f"{where}: {sdk.members(type_)} against {members}"
        case Flags(members=members):
            if not type_.startswith("Flags(") or sdk.members(item) != set(members):
                yield f"{where}: {type_} against flags of {members}"
        case Object(type=name, members=members, listed_by=by) if by:
            if type_ != f"Collection({name})":
                yield f"{where}: {type_} against a list of {name}"
            yield from _entries(members, by, version, where)
        case Object(type=name, members=members) | Collection(type=name, members=members):
            if (item or type_) != name:
                yield f"{where}: {type_} against {name}"
            yield from _inside(members, name, set(), version, where)
        case Target(types=types):
            yield from _target(type_, (), types, version, where)
        case Targets(members=members, types=types):
            yield from _target(item, members, types, version, where)


def _inside(
    members: Iterable[Property], type_: str, known: set[str], version: Version, where: str
) -> Iterator[str]:
    elsewhere = {name for at, of, name in NOT_IN_THE_SDK if (at, of) == (version, type_)}
    have = {row.name for row in members if offered(row, version)} - elsewhere
    declared = set(witness(version).properties(type_)) - known
    if have != declared:
        yield f"{where}: {sorted(have ^ declared)}"
    else:
        yield from differences(members, type_, version)


def _entries(members: Iterable[Property], by: str, version: Version, where: str) -> Iterator[str]:
    """A list whose entries are of derived types, each for what its property `by` names."""
    for row in members:
        assert isinstance(row.kind, Object)
        if row.name not in witness(version).members(_flags(row.kind.type, by, version)):
            yield f"{where}: {by} has no {row.name}"
        yield from _inside(row.kind.members, row.kind.type, {"id", by}, version, where)


def _flags(type_: str, name: str, version: Version) -> str:
    """The enum whose members a property takes."""
    return witness(version).properties(type_)[name].removeprefix("Flags(").rstrip(")")


def _target(
    type_: str, members: Iterable[Property], types: tuple[str, ...], version: Version, where: str
) -> Iterator[str]:
    sdk = witness(version)
    yield from _inside(members, type_, {"id", "targetType"}, version, where)
    declared = sdk.members(sdk.properties(type_)["targetType"])
    if not set(types) <= declared:
        yield f"{where}: target types {types} against {declared}"


@pytest.mark.parametrize("version", VERSIONS)
def test_no_configuration_type_of_the_sdk_is_missing(version: Version) -> None:
    bases = {"authenticationMethodConfiguration", "authenticationCombinationConfiguration"}
    ends = ("MethodConfiguration", "CombinationConfiguration")
    declared = {name for name in witness(version).types if name.endswith(ends)} - bases
    inner = [e for each in RESOURCES.values() for row in each.properties for e in row.members]
    entries = {row.kind.type for row in inner if isinstance(row.kind, Object)}
    assert declared <= {resource.type for resource in RESOURCES.values()} | entries


def test_the_witness_would_notice() -> None:
    """A row with a mistake in its name, type, members or version is found."""
    row = RESOURCES["TemporaryAccessPass"].property("defaultLength")
    assert row is not None
    type_ = RESOURCES["TemporaryAccessPass"].type
    wrong = Property(row.name, Bool(), row.label, row.doc)
    assert list(differences([wrong], type_, "v1.0"))
    with pytest.raises(KeyError):
        list(differences([Property("defaultLenght", Int(), "", "")], type_, "v1.0"))
    state = Property("state", Enum(("enabled", "off")), "", "")
    assert list(differences([state], type_, "beta"))
    strength = "authenticationStrengthPolicy"
    combinations = Strings(members=("fido2", "password,smss"))
    assert list(
        differences([Property("allowedCombinations", combinations, "", "")], strength, "v1.0")
    )
    members = (Property("fido", Object("fido2CombinationConfiguration", ()), "", ""),)
    listed = Object(
        "authenticationCombinationConfiguration", members, listed_by="appliesToCombinations"
    )
    configurations = Property("combinationConfigurations", listed, "", "")
    assert len(list(differences([configurations], strength, "beta"))) == 2
