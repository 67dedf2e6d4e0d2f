"""The live documents of a resource: which version of Graph shows it, which items are it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from graphpolicy.catalogue import EXTERNAL, LISTED, RESOURCES, Resource
from graphpolicy.catalogue.kinds import Property
from graphpolicy.catalogue.values import as_map
from graphpolicy.model import Cloud, Declared, DeclaredSource, Json, Observed, Version

Documents: TypeAlias = Mapping[Version, Mapping[str, Json]]
"""The documents of one resource, by the version of Graph that returned them."""


def shown_by(resource: Resource, row: Property, cloud: Cloud, documents: Documents) -> Version:
    """The version that shows a property: its home, or another if the home lacks it."""
    own = resource.home(row, cloud)
    if row.name in documents.get(own, {}):
        return own
    return next((version for version in documents if row.name in documents[version]), own)


def versions_needed(declared: Iterable[Declared], cloud: Cloud) -> tuple[Version, ...]:
    """The versions of the policy to read: v1.0, and beta if a managed property is in beta alone."""
    if cloud == "china":
        return ("beta",)
    homes = {
        RESOURCES[item.resource].home(row)
        for item in declared
        for row in RESOURCES[item.resource].properties
        if row.name in item.tree
    }
    return ("v1.0", "beta") if "beta" in homes else ("v1.0",)


def every_version(cloud: Cloud) -> tuple[Version, ...]:
    """The versions that together show all of a policy."""
    return ("beta",) if cloud == "china" else ("v1.0", "beta")


def versions_of(written: Iterable[tuple[Declared, Version]]) -> tuple[Version, ...]:
    """The versions in which the policy was written; kinds with a list of their own have no part."""
    return tuple(
        dict.fromkeys(
            version for item, version in written if RESOURCES[item.resource] not in LISTED
        )
    )


def lists_needed(declared: Iterable[Declared]) -> tuple[Resource, ...]:
    """The kinds with a list of their own that a file declares."""
    kinds = {item.resource for item in declared}
    return tuple(row for row in LISTED if row.id in kinds)


def documents_of(declared: DeclaredSource, observed: Observed) -> Documents:
    """The live documents of a resource by version; empty if the tenant lacks it."""
    resource = RESOURCES[declared.resource]
    found = as_returned(declared, observed)
    return {version: as_map(resource, item) for version, item in found.items()}


def as_returned(declared: DeclaredSource, observed: Observed) -> Documents:
    """The same as Graph returned them; the first one where a version has it twice."""
    found: dict[Version, Mapping[str, Json]] = {}
    for version, item in items_of(declared, observed):
        found.setdefault(version, item)
    return found


def items_of(
    declared: DeclaredSource, observed: Observed
) -> Iterator[tuple[Version, Mapping[str, Json]]]:
    """A resource as Graph returned it, by version: several items if a name is not unique."""
    for version, item in observed.items(RESOURCES[declared.resource].root):
        if matches(declared, item):
            yield version, item


def matches(declared: DeclaredSource, item: Mapping[str, Json]) -> bool:
    """Whether a live resource of its root is the declared one; one of several by its name.

    External methods are also found by their id.
    """
    resource = RESOURCES[declared.resource]
    return is_of(resource, item) and (
        not resource.several
        or item.get("displayName") == declared.name
        or (
            not resource.by_name
            and str(item.get("id", "")).casefold() == str(declared.name).casefold()
        )
    )


def is_of(resource: Resource, item: Mapping[str, Json]) -> bool:
    """Whether a live resource of its root is of a row of the catalogue; external by their type."""
    if resource is EXTERNAL:
        return str(item.get("@odata.type", "")).endswith(EXTERNAL.type)
    if resource.single or resource.several:
        return True
    return str(item.get("id", "")).casefold() == resource.id.casefold()


def kind_of(title: str) -> Resource:
    """The row of what a plan calls a resource: its id, KIND/NAME, or an external method's name."""
    return RESOURCES.get(title) or RESOURCES.get(title.partition("/")[0], EXTERNAL)


def known_as(kind: str, resource: str) -> Declared:
    """A declaration of nothing, for a resource as plans and journals know it.

    `kind` is a row's id, `resource` its id or name in a plan.
    """
    name = resource.removeprefix(f"{kind}/") if RESOURCES[kind].several else None
    return Declared(kind, {}, {}, name)


def external_methods(observed: Observed, claimed: Iterable[Declared]) -> dict[str, bool]:
    """The external methods that no entry of the files names, as `'NAME' (ID)`: whether each is on.

    One of them may be a declared method that somebody renamed.
    """
    named = [declared for declared in claimed if RESOURCES[declared.resource] is EXTERNAL]
    return {
        f"{str(item.get('displayName'))!r} ({item.get('id')})": item.get("state") != "disabled"
        for _, item in observed.methods
        if is_of(EXTERNAL, item) and not any(matches(declared, item) for declared in named)
    }
