"""Snapshots: a tenant's raw documents in a file, from `pull --snapshot` and every run. Pure.

Shape: {format_version, tool_version, tenant, taken_at, documents {v1.0, beta}, groups [{id,
displayName}]}, and each other kind that was read as a list under its name.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy import __version__
from graphpolicy.catalogue import LISTED
from graphpolicy.compare.answers import misshapen_items
from graphpolicy.model import Json, Observed, Tenant
from graphpolicy.model.records import dataclass

FORMAT_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One tenant at `taken_at` (ISO 8601, UTC); `names` are group names by lower-case id."""

    tenant: Tenant
    taken_at: str
    observed: Observed
    names: Mapping[str, str]


def as_json(snapshot: Snapshot) -> Json:
    """The JSON document of a snapshot."""
    tenant = snapshot.tenant
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": __version__,
        "tenant": {"name": tenant.name, "id": tenant.id, "cloud": tenant.cloud},
        "taken_at": snapshot.taken_at,
        "documents": dict(snapshot.observed.documents),
        **{name: list(items) for name, items in snapshot.observed.lists.items()},
        "groups": [
            {"id": id_, "displayName": name} for id_, name in sorted(snapshot.names.items())
        ],
    }


def from_json(data: Json) -> Snapshot:
    """The inverse of `as_json`.

    Raises:
        ValueError: it is not a snapshot, or has another format; the message says which.
    """
    if not isinstance(data, dict) or "documents" not in data:
        raise ValueError("it is not a snapshot: it has no `documents`")
    version = data.get("format_version")
    if version != FORMAT_VERSION:
        raise ValueError(
            f"it has format_version {version!r}, but this release reads {FORMAT_VERSION}"
        )
    try:
        tenant = Tenant(**data["tenant"])
        documents = {name: dict(document) for name, document in data["documents"].items()}
        lists = {row.id: tuple(map(dict, data[row.id])) for row in LISTED if row.id in data}
        names = {row["id"].casefold(): row["displayName"] for row in data.get("groups", ())}
        taken_at = str(data["taken_at"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"it is not a complete snapshot: {type(error).__name__}: {error}"
        ) from error
    if not documents or documents.keys() - {"v1.0", "beta"}:
        raise ValueError("its `documents` are not `v1.0` and `beta`")
    for row in LISTED:
        if odd := list(misshapen_items(row, lists.get(row.id, ()))):
            raise ValueError(f"its `{row.id}` differ from what Graph documents: {odd[0]}")
    return Snapshot(tenant, taken_at, Observed(documents, lists), names)
