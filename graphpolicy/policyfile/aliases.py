"""Aliases: the names under which files refer to groups that differ between tenants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy import model
from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Targets
from graphpolicy.catalogue.values import leaves
from graphpolicy.model import EVERYONE, Finding, Json, Place, Written
from graphpolicy.model.did_you_mean import question
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import mapped
from graphpolicy.policyfile.merge import Layer
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.wording import excludes_everyone, in_braces, shown

AT = "groups"


@dataclass(frozen=True, slots=True)
class Groups:
    """What each alias stands for: a `Named`, an object id, or `all_users`.

    `whole` is false if the aliases of some file could not be read. Then no alias is unknown.
    """

    meaning: Mapping[str, model.Named | str]
    whole: bool
    findings: tuple[Finding, ...]


def united(layers: Iterable[Layer]) -> Groups:
    """The aliases of all files together. An alias in two files must stand for the same group."""
    meaning: dict[str, model.Named | str] = {}
    first: dict[str, Place] = {}
    findings: list[Finding] = []
    whole = True
    for layer in layers:
        data = layer.document.data
        written = data.get(AT, {}) if isinstance(data, dict) else {}
        whole = whole and isinstance(written, dict)
        sound = layer.data.get(AT) or {}
        for name in written if isinstance(written, dict) else ():  # sound or not
            at = (AT, name)
            place = layer.document.key_place(at)
            if name not in sound:  # it has a finding; its uses need none
                meaning.setdefault(name, model.Named(name, None, place))
                continue
            means = _meaning(sound[name], place)
            other = first.setdefault(name, place)
            if meaning.setdefault(name, means) != means:
                message = f"alias {shown(name)} already stands for another group, in {other}"
                fix = "define it in one file only, preferably the tenant's own"
                findings.append(
                    finding(layer.document, at, "alias-twice", message, fix, at_key=True)
                )
    return Groups(meaning, whole, tuple(findings))


def _meaning(entry: Mapping[str, Json], place: Place) -> model.Named | str:
    if entry.get("group") == EVERYONE:
        return EVERYONE
    if "group" in entry:
        return model.Named(entry["group"], entry.get("id"), place)
    return str(entry["id"])


def without_aliases(
    resource: model.DeclaredSource, groups: Groups, file: str
) -> tuple[model.DeclaredSource, tuple[Finding, ...]]:
    """A resource with groups in place of aliases, and what is wrong.

    `file` is the tenant's file, for messages.
    """
    unknown: dict[model.Alias, Finding] = {}

    def meant(alias: Written) -> Written:
        if not isinstance(alias, model.Alias):
            return alias
        if alias.name not in groups.meaning and groups.whole:
            unknown[alias] = unknown_alias(alias, groups, resource.title, file)
        return groups.meaning.get(alias.name) or model.Named(alias.name, None, alias.place)

    tree = mapped(resource.tree, meant)
    result = replace(resource, tree=tree)
    return result, (*unknown.values(), *excluding_everyone([result]))


def unknown_alias(alias: model.Alias, groups: Groups, title: str, file: str) -> Finding:
    """The finding about an alias that no file defines; `title` is the resource that uses it."""
    known = ", ".join(sorted(groups.meaning))
    define = f"define it: groups: {{{in_braces(alias.name)}: {{group: DISPLAY NAME}}}}"
    fix = f"use one of {known}; or {define}" if known else define
    fix = question(alias.name, groups.meaning) or fix
    message = f"{shown(alias.name)} is not an alias in the groups of {file}"
    return Finding("unknown-alias", "error", message, fix, title, source=alias.place)


def excluding_everyone(resources: Iterable[model.DeclaredSource]) -> Iterator[Finding]:
    """An alias or a rollout that puts all_users into an exclusion.

    `declarations.py` refuses it spelled out.
    """
    for resource in resources:
        for path, kind, value in leaves(RESOURCES[resource.resource].properties, resource.tree):
            if isinstance(kind, Targets) and not kind.everyone:
                entries = value.add if isinstance(value, model.Altered) else value
                if any(entry["id"] == EVERYONE for entry in entries):
                    name = ".".join(path)
                    message, fix = excludes_everyone(f"{resource.title}.{name}")
                    place = resource.place(path)
                    yield Finding(
                        "target-reference", "error", message, fix, resource.title, name, place
                    )
