"""The groups that policy files use, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy.compare.resolve import renamed, unresolved
from graphpolicy.helpdesk.house_rules import REFUSE
from graphpolicy.model import (
    EVERYONE,
    NOBODY,
    DeclaredSource,
    Desired,
    Directory,
    Failure,
    Finding,
    Json,
    Named,
    Path,
    Place,
    Tenant,
    Unread,
    Written,
)
from graphpolicy.model.errors import Exit, worst
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import walk
from graphpolicy.plan.emergency_entries import EMERGENCY
from graphpolicy.plan.verdict import TenantResults


@dataclass(frozen=True, slots=True)
class GroupUse:
    """One place that uses a group, by name or by id or by both. `of` says for what."""

    group: Named
    of: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class UsedGroup:
    """One group. `id` is '' if no name leads to one; `size` counts people, nested ones included,
    and is the reason where they can't be counted.
    """

    name: str
    id: str
    size: int | Unread
    uses: tuple[GroupUse, ...]


@dataclass(frozen=True, slots=True)
class TenantGroups:
    """The groups of one tenant's files, and what is wrong with them."""

    tenant: Tenant
    groups: tuple[UsedGroup, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupList(TenantResults):
    """What `groups` answers."""

    items: tuple[TenantGroups | Failure, ...]
    file_findings: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong in the files, and with the groups."""
        return (
            *self.file_findings,
            *(
                found
                for item in self.items
                if not isinstance(item, Failure)
                for found in item.findings
            ),
        )

    @property
    def exit_code(self) -> int:
        """The worst of the tenants that could not be read; 1 for an error about a group."""
        wrong = any(found.level == "error" for found in self.findings)
        return worst(
            (Exit.FAILED if wrong else Exit.DONE, *(one.exit_code for one in self.failures))
        )


def uses(desired: Desired) -> tuple[GroupUse, ...]:
    """Every place of a policy that uses a group, in the order of the file's parts."""
    return tuple(_uses(desired))


def _uses(desired: Desired) -> Iterator[GroupUse]:
    rolled = {(each.title, each.path) for each in desired.rolled}
    aliases = {each.place for each in desired.aliases}
    for resource in desired.resources:
        for use, path, place in _targets(resource):
            if (resource.title, path) not in rolled:  # its waves are below
                yield replace(use, place=place) if use.place in aliases else use
    for hold in desired.holds:
        for use, *_ in _targets(hold.live) if hold.live else ():
            yield replace(use, of=f"hold: {use.of}")
    for each in desired.expectations:
        if not each.person:
            yield from _one(each.who, "expect", each.place)
    for rollout in desired.rollouts:
        for wave in rollout.waves:
            yield from _one(wave.target, f"rollouts: {rollout.name}, wave {wave.name}", wave.place)
    refuse = desired.helpdesk.get("refuse") or ()
    for key, of, entries in (
        (EMERGENCY, EMERGENCY, desired.emergency_access),
        (REFUSE, "helpdesk.refuse", refuse),
    ):
        for number, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
            if "group" in entry:
                place = desired.places.get((key, number))
                yield GroupUse(Named(str(entry["group"]), entry.get("id")), of, place)
    for alias in desired.aliases:
        yield GroupUse(alias, "groups", alias.place)


def _targets(resource: DeclaredSource) -> Iterator[tuple[GroupUse, Path, Place | None]]:
    """The targets of a resource that are groups, each with the path of its setting and its place.

    A group that was given by an alias has the place of the alias.
    """
    for at, value in walk(resource.tree):
        if not isinstance(value, Mapping) or value.get("targetType") != "group":
            continue
        path = tuple(step for step in at if isinstance(step, str))
        places = resource.entries.get(path, ())
        last = at[-1] if at else None
        own = places[last] if isinstance(last, int) and last < len(places) else None
        of = ".".join((resource.title, *path))
        place = own or resource.place(path)
        for use in _one(value.get("id"), of, place):
            yield use, path, place


def _one(group: Written, of: str, place: Place | None) -> Iterator[GroupUse]:
    if isinstance(group, Named):
        yield GroupUse(group, of, group.place or place)
    elif isinstance(group, str) and group not in (EVERYONE, NOBODY):
        yield GroupUse(Named("", group), of, place)


def found(
    desired: Desired, directory: Directory, sizes: Mapping[str, int | Unread]
) -> TenantGroups:
    """The groups by what the directory knows; `sizes` are by folded id."""
    by_id: dict[str, list[GroupUse]] = {}
    lost: dict[tuple[str, str], list[GroupUse]] = {}
    findings: dict[tuple[str, str], Finding] = {}
    names = {id_.casefold(): name for id_, name in directory.names.items()}
    gone = {id_.casefold() for id_ in directory.gone}
    for use in uses(desired):
        id_ = id_of(use.group, directory)
        if id_ and id_ not in gone:
            by_id.setdefault(id_, []).append(use)
            live = names.get(id_, "")
            if use.group.id and use.group.name and live and live != use.group.name:
                findings.setdefault((id_, use.group.name), renamed(_at(use), live))
        else:
            lost.setdefault((use.group.name, id_), []).append(use)
            findings.setdefault(("", use.group.name or id_), _missing(use, id_, directory))
    groups = [
        UsedGroup(names.get(id_) or _named(some), id_, sizes.get(id_, NOT_COUNTED), tuple(some))
        for id_, some in by_id.items()
    ]
    groups += [UsedGroup(*which, NOT_THERE, tuple(some)) for which, some in lost.items()]
    ordered = sorted(groups, key=lambda group: (group.name.casefold(), group.id))
    told = sorted(findings.values(), key=lambda finding: (finding.level != "error", finding.where))
    return TenantGroups(desired.tenant, tuple(ordered), tuple(told))


NOT_COUNTED = Unread("it was not counted", "")
NOT_THERE = Unread("the directory does not have it", "")


def id_of(group: Named, directory: Directory) -> str:
    """The folded id of a group; '' unless exactly one has the name that is written without one."""
    if group.id:
        return group.id.casefold()
    exact = [id_ for id_, name in directory.by_name.get(group.name, ()) if name == group.name]
    return exact[0].casefold() if len(exact) == 1 else ""


def _named(some: Iterable[GroupUse]) -> str:
    return next((use.group.name for use in some if use.group.name), "")


def _at(use: GroupUse) -> Named:
    return Named(use.group.name, use.group.id, use.place)


def _missing(use: GroupUse, id_: str, directory: Directory) -> Finding:
    if not id_:
        hits = directory.by_name.get(use.group.name, ())
        return unresolved(_at(use), hits, directory.near.get(use.group.name))
    called = f"group {use.group.name!r}" if use.group.name else "the group"
    return Finding(
        "group-not-resolved",
        "error",
        f"{called} with the id {id_} is not in the directory",
        "write the id of the group that is meant, or restore the group",
        source=use.place,
    )


def size_json(size: int | Unread) -> Json:
    """How many people, or null."""
    return size if isinstance(size, int) else None
