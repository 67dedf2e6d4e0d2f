"""Lists below a resource, whose entries may each stand for several names of a file. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphpolicy.catalogue.kinds import Object, Property, Resource
from graphpolicy.catalogue.values import canonical, overlay, sendable
from graphpolicy.model import HttpMethod, Json


def listed_by(row: Property) -> str:
    """The property of an entry that names what it stands for; empty if it is no such list."""
    return row.kind.listed_by if isinstance(row.kind, Object) else ""


def sharing(row: Property, live: Mapping[str, Json], name: str) -> Sequence[str]:
    """The names that one entry of the tenant stands for, this one among them."""
    return ((live.get(row.name) or {}).get(name) or {}).get("@members") or [name]


def parted(
    resource: Resource, live: Mapping[str, Json], wanted: Mapping[str, Json]
) -> Iterator[tuple[Property, Sequence[str]]]:
    """Entries that would have to become two, with their names.

    A name can't have two entries at a time, so it would have none between two requests: a
    combination would be open to every key or certificate.
    """
    for row in resource.properties:
        if not listed_by(row) or row.name not in wanted:
            continue
        for member in row.members:
            names = sharing(row, live, member.name)
            known = (live.get(row.name) or {}).get(member.name)
            after = (overlay(member.kind, known, wanted[row.name].get(name, {})) for name in names)
            values = [value for value in (canonical(member.kind, each) for each in after) if value]
            if names[0] == member.name and any(value != values[0] for value in values):
                yield row, names


def write(
    url: str, row: Property, name: str, live: Mapping[str, Json], wanted: Mapping[str, Json]
) -> tuple[HttpMethod, str, dict[str, Json]]:
    """An entry added or changed, or removed if it restricts nothing, as (method, URL, body).

    `url` is that of the list. An entry stays for the other names that it stands for.
    """
    kind = next(member.kind for member in row.members if member.name == name)
    assert isinstance(kind, Object)  # noqa: S101 - the entries are objects
    known = (live.get(row.name) or {}).get(name) or {}
    values = {
        each: sendable(kind, overlay(kind, known, wanted[row.name].get(each, {})))
        for each in sharing(row, live, name)
    }
    left = {each: value for each, value in values.items() if canonical(kind, value)}
    if known and not left:
        return "DELETE", f"{url}/{known['@id']}", {}
    body = {
        "@odata.type": f"#microsoft.graph.{kind.type}",
        listed_by(row): list(left or values),
        **next(iter((left or values).values())),
    }
    return ("PATCH", f"{url}/{known['@id']}", body) if known else ("POST", url, body)
