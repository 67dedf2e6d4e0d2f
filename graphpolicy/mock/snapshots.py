"""A tenant from a snapshot of `pull`: its documents of both versions, groups and strengths."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .policy.merge import merged
from .policy.wire import CONFIGURATIONS, METHODS, VERSIONS, is_annotation
from .strengths.custom_strengths import CONFIGURED, STRENGTHS, configuration
from .switches import CONTESTED
from .tables import JsonObject

_COMPUTED: Final = ("policyType", "requirementsSatisfied")


class SnapshotError(ValueError):
    """A document that is not a snapshot of a tenant."""


def seed_of(snapshot: JsonObject) -> JsonObject:
    """The seed of a tenant with the documents of a snapshot.

    Raises:
        SnapshotError: it is not a snapshot.
    """
    documents = _documents(snapshot)
    tenant = snapshot.get("tenant")
    if not isinstance(tenant, dict) or not isinstance(tenant.get("id"), str):
        raise SnapshotError("this is not a snapshot: `tenant` has no `id`")
    groups = snapshot.get("groups") or []
    if not isinstance(groups, list) or not all(
        isinstance(each, dict) and {"id", "displayName"} <= each.keys() for each in groups
    ):
        raise SnapshotError("this is not a snapshot: `groups` must be `{id, displayName}`")
    return {
        "tenant": {"id": tenant["id"], "displayName": tenant.get("name") or tenant["id"]},
        "groups": groups,
        "stored": _together(documents),
        "strengths": _strengths(snapshot.get(STRENGTHS) or []),
    }


def _strengths(rows: Any) -> list[JsonObject]:
    """The custom strengths of a list as Graph answers it."""
    if not isinstance(rows, list) or not all(
        isinstance(each, dict) and {"id", "displayName"} <= each.keys() for each in rows
    ):
        raise SnapshotError(f"this is not a snapshot: `{STRENGTHS}` must be strengths")
    own = [_bare(each) for each in rows if each.get("policyType") != "builtIn"]
    kept = [{name: each[name] for name in each if name not in _COMPUTED} for each in own]
    try:
        return [
            {**each, CONFIGURED: list(map(configuration, each.get(CONFIGURED) or ()))}
            for each in kept
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise SnapshotError(f"this is not a snapshot: `{CONFIGURED}` of a strength") from error


def switches_of(snapshot: JsonObject) -> dict[str, str]:
    """The switches that make each version return what the snapshot's documents have."""
    documents = _documents(snapshot)
    found: dict[str, str] = {}
    for version, document in documents.items():
        names = {"QRCodePin" if each == "qrCodePin" else each for each in _names(document)}
        for name, defaults in CONTESTED.items():
            default = defaults[VERSIONS.index(version)]
            if name in names and default == "absent":
                found[f"{version}/{name}"] = "writable"
            if name in METHODS and name not in names:
                found[f"{version}/{name}"] = "absent"
        if "qrCodePin" in set(_names(document)):
            found["qr_id"] = "qrCodePin"
    if "numberMatchingRequiredState" in set(_names(documents.get("beta", {}))):
        found["number_matching_read"] = "present"
    found["cloud"] = str(snapshot.get("tenant", {}).get("cloud", "global"))
    return found


def _documents(snapshot: JsonObject) -> dict[str, JsonObject]:
    documents = snapshot.get("documents") if isinstance(snapshot, dict) else None
    if not isinstance(documents, dict):
        raise SnapshotError("this is not a snapshot: it has no `documents`")
    found = {version: documents[version] for version in VERSIONS if documents.get(version)}
    if not found or not all(
        isinstance(each, dict) and isinstance(each.get(CONFIGURATIONS), list)
        for each in found.values()
    ):
        raise SnapshotError(
            f"this is not a snapshot: `documents` has no policy with `{CONFIGURATIONS}`"
        )
    return found


def _together(documents: Mapping[str, JsonObject]) -> JsonObject:
    """One policy from both versions; beta first, because it lists more methods."""
    policy: JsonObject = {}
    rows: dict[str, JsonObject] = {}
    for version in reversed(VERSIONS):
        document = documents.get(version, {CONFIGURATIONS: []})
        own = _bare({key: document[key] for key in document if key != CONFIGURATIONS})
        policy = merged(policy, own)
        for each in document[CONFIGURATIONS]:
            key = str(each.get("id")).lower()
            rows[key] = merged(rows.get(key, {}), _stored(each))
    return {**policy, CONFIGURATIONS: list(rows.values())}


def _stored(configuration: JsonObject) -> JsonObject:
    identifier = str(configuration.get("id"))
    own = next((name for name in METHODS if name.lower() == identifier.lower()), identifier)
    kept = {"@odata.type": configuration.get("@odata.type"), "id": own}
    rest = {key: value for key, value in _bare(configuration).items() if key != "id"}
    return {**kept, **rest}


def _bare(document: JsonObject) -> JsonObject:
    return {key: value for key, value in document.items() if not is_annotation(key)}


def _names(value: Any) -> Iterator[str]:
    """Every key below a value, and the id of every configuration."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            if key == CONFIGURATIONS and isinstance(each, list):
                yield from (str(row.get("id")) for row in each if isinstance(row, dict))
            yield from _names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)
