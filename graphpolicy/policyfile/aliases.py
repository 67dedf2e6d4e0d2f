"""Aliases: a tenant's own groups in place of the names under which its files speak of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Targets
from graphpolicy.catalogue.values import leaves
from graphpolicy.model import (
    EVERYONE,
    Alias,
    Altered,
    Declared,
    Finding,
    Json,
    Named,
    Place,
)
from graphpolicy.model.did_you_mean import closest
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import mapped
from graphpolicy.policyfile.merge import Layer
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.wording import excludes_everyone, in_braces, shown

AT = "groups"


@dataclass(frozen=True, slots=True)
class Groups:
    """What each alias stands for: a `Named`, an object id, or everyone.

    `whole` is false where a file's aliases could not be read, and any may be meant.
    """

    meaning: Mapping[str, Named | str]
    whole: bool
    findings: tuple[Finding, ...]


def united(layers: Iterable[Layer]) -> Groups:
    """The aliases of all files together; one that is said twice must say the same."""
    meaning: dict[str, Named | str] = {}
    first: dict[str, Place] = {}
    findings: list[Finding] = []
    whole = True
    for layer in layers:
        whole = whole and isinstance(_groups(layer), dict)
        sound = layer.data.get(AT) or {}
        for name in _written(layer):
            at = (AT, name)
            place = layer.document.key_place(at)
            if name not in sound:  # told already; its uses are not to be told as well
                meaning.setdefault(name, Named(name, None, place))
                continue
            means = _meaning(sound[name], place)
            other = first.setdefault(name, place)
            if meaning.setdefault(name, means) != means:
                message = f"the alias {shown(name)} already stands for another group: {other}"
                fix = "define it in one file alone, best in the tenant's own"
                findings.append(
                    finding(layer.document, at, "alias-twice", message, fix, at_key=True)
                )
    return Groups(meaning, whole, tuple(findings))


def _written(layer: Layer) -> list[str]:
    """The aliases that a file means to define, right or wrong."""
    groups = _groups(layer)
    return list(groups) if isinstance(groups, dict) else []


def _groups(layer: Layer) -> Json:
    data = layer.document.data
    return data.get(AT, {}) if isinstance(data, dict) else {}


def _meaning(entry: Mapping[str, Json], place: Place) -> Named | str:
    if entry.get("group") == EVERYONE:
        return EVERYONE
    if "group" in entry:
        return Named(entry["group"], entry.get("id"), place)
    return str(entry["id"])


def without_aliases(
    resource: Declared, groups: Groups, file: str
) -> tuple[Declared, tuple[Finding, ...]]:
    """A resource with its groups in place of aliases; `file` is the one that is to be deployed."""
    unknown: dict[Alias, Finding] = {}

    def meant(alias: Json) -> Json:
        if not isinstance(alias, Alias):
            return alias
        if alias.name not in groups.meaning and groups.whole:
            unknown[alias] = _unknown(alias, groups, resource, file)
        return groups.meaning.get(alias.name) or Named(alias.name, None, alias.place)

    tree = mapped(resource.tree, meant)
    result = replace(resource, tree=tree)
    return result, (*unknown.values(), *_excluding_everyone(result))


def _unknown(alias: Alias, groups: Groups, resource: Declared, file: str) -> Finding:
    near = closest(alias.name, groups.meaning)
    known = ", ".join(sorted(groups.meaning))
    define = f"define it: groups: {{{in_braces(alias.name)}: {{group: DISPLAY NAME}}}}"
    fix = f"there is {known}; or {define}" if known else define
    fix = f"did you mean '{near}'?" if near else fix
    message = f"{shown(alias.name)} is no alias in the groups of {file}"
    return Finding("unknown-alias", "error", message, fix, resource.title, source=alias.place)


def _excluding_everyone(resource: Declared) -> Iterator[Finding]:
    """What the reader refuses where it is written out."""
    for path, kind, value in leaves(RESOURCES[resource.resource].properties, resource.tree):
        if isinstance(kind, Targets) and not kind.everyone:
            entries = value.add if isinstance(value, Altered) else value
            if any(entry["id"] == EVERYONE for entry in entries):
                name = ".".join(path)
                message, fix = excludes_everyone(f"{resource.title}.{name}")
                place = resource.place(path)
                yield Finding(
                    "target-reference", "error", message, fix, resource.title, name, place
                )
