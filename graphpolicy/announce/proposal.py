"""The input of an announcement: a plan that was just made, or one saved as JSON. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import field, fields, replace

from graphpolicy.catalogue import EXTERNAL, RESOURCES
from graphpolicy.catalogue.kinds import Resource
from graphpolicy.model import Change, Counted, Json, Numbers, Path, Plan, Tenant, Version
from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Proposal:
    """The part of a plan that an announcement needs.

    `observed` are Graph's documents by resource and version, `names` the group names by lower-case
    id, `refused` the rules that refuse the plan, joined with commas.
    """

    tenant: Tenant
    changes: tuple[Change, ...]
    observed: Mapping[str, Mapping[Version, Mapping[str, Json]]]
    names: Mapping[str, str]
    refused: str | None = None
    audiences: Mapping[str, str] = field(default_factory=dict)
    """What groups are called in messages to people, by name or id."""
    counted: Numbers | None = None
    """How many people it concerns, if they were counted."""
    at_least: frozenset[str] = frozenset()
    """The names of those numbers that may be greater."""
    nested: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Groups by folded id whose people are all known to be in other groups, with those."""


@dataclass(frozen=True, slots=True)
class ProposedResource:
    """A resource before and after the plan, with v1.0 and beta merged."""

    id: str
    kind: Resource
    title: str
    before: Mapping[str, Json]
    after: Mapping[str, Json]
    changes: tuple[Change, ...]
    nested: Mapping[str, Collection[str]] = field(default_factory=dict)


def of_plan(plan: Plan) -> Proposal:
    """The proposal of a plan."""
    impact = plan.impact if isinstance(plan.impact, Counted) else None
    return Proposal(
        plan.tenant,
        plan.changes,
        plan.observed,
        plan.names,
        plan.refused,
        plan.audiences,
        impact.everyone if impact else None,
        impact.at_least if impact else frozenset(),
        plan.nested,
    )


def of_json(data: Json) -> Proposal:
    """The proposal of one tenant's plan in JSON without `error`.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: it is not a complete plan.
    """
    changes = tuple(_change(change) for change in data["changes"])
    refusing = [
        finding["rule"]
        for finding in data["findings"]
        if finding["level"] == "error" and not finding["acknowledged"]
    ]
    groups = {row["id"].casefold(): row for row in data.get("groups", ())}
    names = {id_: str(row["displayName"]) for id_, row in groups.items()}
    nested = {id_: list(map(str, row["within"])) for id_, row in groups.items() if "within" in row}
    refused = (
        ", ".join(dict.fromkeys(refusing))
        if data["refused"] or data.get("undoing_refused")
        else None
    )
    words = {str(group): str(said) for group, said in dict(data.get("audiences", {})).items()}
    observed = dict(data["observed"])
    impact = data.get("impact") or {}
    numbers: list[Json] = [impact.get(each.name) for each in fields(Numbers)]
    counted = None if None in numbers else Numbers(*(int(each) for each in numbers))
    more = frozenset(map(str, impact.get("at_least") or ()))
    return Proposal(
        Tenant(**data["tenant"]), changes, observed, names, refused, words, counted, more, nested
    )


def _change(data: Json) -> Change:
    names = ("resource", "path", "before", "after", "before_label", "after_label", "api")
    return Change(**{name: data[name] for name in names}, source=None)


def sides(proposal: Proposal) -> Iterator[ProposedResource]:
    """Every resource that the plan manages, before and after, in the catalogue's order."""
    found = [
        replace(_side(resource, dict(documents), proposal.changes), nested=proposal.nested)
        for resource, documents in proposal.observed.items()
    ]
    order = list(RESOURCES)
    yield from sorted(found, key=lambda side: order.index(side.kind.id))


def _side(
    resource: str, documents: Mapping[Version, Mapping[str, Json]], changes: tuple[Change, ...]
) -> ProposedResource:
    before: Json = {}
    for version in sorted(documents):  # beta, and v1.0 over it
        before = _laid_over(before, documents[version])
    own = tuple(change for change in changes if change.resource == resource)
    after = before
    for change in own:
        after = _with(after, tuple(change.path.split(".")), change.after)
    kind = RESOURCES.get(resource, EXTERNAL)
    title = str(before.get("displayName") or kind.label) if kind is EXTERNAL else kind.label
    return ProposedResource(resource, kind, title, before, after, own)


def _laid_over(below: Json, above: Json) -> Json:
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {**below, **{name: _laid_over(below.get(name), above[name]) for name in above}}
    return below if above is None else above


def _with(document: Json, path: Path, value: Json) -> Json:
    name, *rest = path
    inside = document if isinstance(document, Mapping) else {}
    return {**inside, name: _with(inside.get(name), tuple(rest), value) if rest else value}
