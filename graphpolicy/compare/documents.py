"""The live documents of a resource: which version of Graph shows it, which items are it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from graphpolicy.catalogue import EXTERNAL, RESOURCES, Resource
from graphpolicy.catalogue.kinds import Property
from graphpolicy.model import CONFIGURATIONS, POLICY, Cloud, Declared, Json, Observed, Version

Documents: TypeAlias = Mapping[Version, Mapping[str, Json]]
"""The documents of one resource, by the version of Graph that returned them."""


def home(resource: Resource, row: Property, cloud: Cloud) -> Version:
    """The API version that a property is read from. China has the policy only in beta."""
    return "beta" if cloud == "china" else resource.home(row)


def shown_by(resource: Resource, row: Property, cloud: Cloud, documents: Documents) -> Version:
    """The version that shows a property: its home, or another if the home lacks it."""
    own = home(resource, row, cloud)
    if row.name in documents.get(own, {}):
        return own
    return next((version for version in documents if row.name in documents[version]), own)


def versions_needed(declared: Iterable[Declared], cloud: Cloud) -> tuple[Version, ...]:
    """The versions to read: v1.0, and beta if a managed property exists only in beta."""
    if cloud == "china":
        return ("beta",)
    homes = {
        home(RESOURCES[item.resource], row, cloud)
        for item in declared
        for row in RESOURCES[item.resource].properties
        if row.name in item.tree
    }
    return ("v1.0", "beta") if "beta" in homes else ("v1.0",)


def documents_of(declared: Declared, observed: Observed) -> Documents:
    """The live documents of a resource by version; empty if the tenant lacks it."""
    found = {
        version: live_items(declared, document) for version, document in observed.documents.items()
    }
    return {version: items[0] for version, items in found.items() if items}


def live_items(declared: Declared, document: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """A resource in one version's document: several items if a display name is not unique."""
    if declared.resource == POLICY:
        return [document]
    return [item for item in document.get(CONFIGURATIONS) or () if matches(declared, item)]


def matches(declared: Declared, item: Mapping[str, Json]) -> bool:
    """Whether a live configuration is the declared one; external methods by name or by id."""
    resource = RESOURCES[declared.resource]
    return is_of(resource, item) and (
        resource is not EXTERNAL
        or item.get("displayName") == declared.name
        or str(item.get("id", "")).casefold() == str(declared.name).casefold()
    )


def is_of(resource: Resource, item: Mapping[str, Json]) -> bool:
    """Whether a live configuration is of a row of the catalogue; external ones by their type."""
    if resource is EXTERNAL:
        return str(item.get("@odata.type", "")).endswith(EXTERNAL.type)
    return str(item.get("id", "")).casefold() == resource.id.casefold()


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
