"""Whole situations: a tenant, a file, the plan for them, and a Graph that carries it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from graphpolicy.compare.documents import documents_of
from graphpolicy.compare.resolve import resolve
from graphpolicy.model import Cloud, Declared, Desired, Directory, Tenant, Version
from graphpolicy.plan.make import Planned, make_plan
from graphpolicy.plan.plan_context import PlanContext
from tests.laws.generated import (
    NAMES,
    VERSIONS,
    head,
    live,
    observed,
    resources,
    trees,
    truths,
)
from tests.laws.plain_graph import Semantics, written

Held = dict[str, dict[str, Any]]
"""What a tenant holds, by resource of the catalogue."""

TODAY = "2026-11-24"
OCCASION = PlanContext(TODAY)
TENANT_ID = "11111111-2222-4333-8444-555555555555"
OBSOLETE = ("outlookMobileAllowedState", "displayAppInformationRequiredState", "featureSettings")
IDENTITY = {
    "certificateUserBindings": ("priority",),
    "rules": (
        "x509CertificateRuleType",
        "identifier",
        "issuerSubjectIdentifier",
        "policyOidIdentifier",
    ),
    "certificateAuthorityScopes": ("subjectKeyIdentifier",),
    "passkeyProfiles": ("id",),
}


@st.composite
def situations(draw: st.DrawFn, *, noise: bool = True) -> tuple[Held, Held]:
    """What a tenant holds of one or two resources, and what a file declares of them."""
    chosen = draw(st.lists(resources(), min_size=1, max_size=2, unique_by=lambda row: row.id))
    held = {row.id: draw(truths(row)) for row in chosen}
    if noise and draw(st.booleans()):
        held = {name: noisy(truth) for name, truth in held.items()}
    return held, {row.id: draw(trees(row)) for row in chosen}


@st.composite
def whole_situations(draw: st.DrawFn) -> tuple[Held, Held]:
    """A tenant that holds every property of one resource, and a file that declares them all."""
    row = draw(resources())
    truth = {**head(row), **{p.name: draw(live(p.kind)) for p in row.properties}}
    tree = {p.name: draw(live(p.kind)) for p in row.properties}
    return {row.id: truth}, {row.id: tree}


def desired(trees_: Held, cloud: Cloud = "global") -> Desired:
    """A file that declares these trees, by resource."""
    declared = tuple(Declared(name, tree, {}, NAMES.get(name)) for name, tree in trees_.items())
    nobody = {"none": "a tenant of the tests"}
    return Desired("policy.yaml", Tenant("contoso", TENANT_ID, cloud), declared, nobody)


def plan(held: Held, trees_: Held, cloud: Cloud = "global") -> Planned:
    """The plan of a file against a tenant, with every version read."""
    versions: tuple[Version, ...] = ("beta",) if cloud == "china" else VERSIONS
    documents = observed(held, versions)
    return make_plan(
        resolve(desired(trees_, cloud), Directory(), documents),
        documents,
        Directory(),
        OCCASION,
    )


def carried_out(held: Held, planned: Planned, semantics: Semantics) -> Held:
    """What the tenant holds once every request of a plan was sent."""
    after = dict(held)
    for write in planned.writes:
        name = write.comparison.resource.id
        now = observed(after, planned.plan.versions)
        request = write.request(documents_of(write.comparison.declared, now))
        after[name] = written(after.get(name, {}), request, semantics)
    return after


def noisy(value: Any) -> Any:
    """The same with all that Graph may add: annotations, nulls, keys of old, keys to come."""
    if isinstance(value, list):
        return [noisy(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {name: noisy(member) for name, member in value.items()}
    result["brandNew"] = {"since": 2027, "list": [{"a": 1}], "flag": False}
    if "targetType" in value:
        return {**result, **dict.fromkeys(OBSOLETE, "enabled"), "nothing": None}
    return {**result, "list@odata.context": "https://graph/$metadata#list", "nothing": None}


def cleaned(value: Any) -> Any:
    """A value without what is not part of the setting."""
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if not isinstance(value, dict):
        return value
    dropped = OBSOLETE if "targetType" in value else ()
    return {
        name: cleaned(member)
        for name, member in value.items()
        if "@" not in name and member is not None and name not in dropped
    }


def moved(before: Any, after: Any, declared: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """What differs between two cleaned states although nothing declares it. Knows no catalogue."""
    if isinstance(before, list) and isinstance(declared, list):
        for entry in before:
            if isinstance(entry, dict):
                yield from _moved_in_entry(entry, after, declared, path)
    elif isinstance(before, dict) and isinstance(declared, dict) and "targetType" not in before:
        if after is None and not any(declared.values()):
            return  # an entry that no longer restricts anything is removed
        for name, member in before.items():
            inside = (*path, name)
            if name in declared:
                yield from moved(member, after.get(name), declared[name], inside)
            elif member != after.get(name):
                yield ".".join(inside)


def _moved_in_entry(
    entry: Mapping[str, Any], after: Any, declared: Any, path: tuple[str, ...]
) -> Iterator[str]:
    def key(each: Mapping[str, Any]) -> tuple[str, ...]:
        names = IDENTITY.get(path[-1], ("targetType", "id"))
        return tuple(str(each.get(name)).casefold() for name in names)

    wanted = [each for each in declared if key(each) == key(entry)]
    there = [each for each in after or () if key(each) == key(entry)]
    for each in wanted:
        for name, member in entry.items():
            if name in each:
                yield from moved(member, there[0].get(name), each[name], (*path, name))
            elif member != there[0].get(name):
                yield ".".join((*path, "[]", name))
    if path[-1] == "passkeyProfiles" and not wanted and there != [entry]:
        yield ".".join((*path, "[]"))
