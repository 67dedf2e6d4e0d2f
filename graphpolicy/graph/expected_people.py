"""The people that expectations are about: members of groups, single persons, and their names.

What may not be read is an `Unread`, so that it never counts as an empty group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.catalogue.registered import reported_as
from graphpolicy.graph.directory import IDS_AT_ONCE, sign_in_names
from graphpolicy.graph.emergency_accounts import MOST_PEOPLE, groups_of
from graphpolicy.graph.failures import REFUSED, GraphError
from graphpolicy.graph.members import members, people_url
from graphpolicy.graph.read import each_of, or_none, or_unread, together
from graphpolicy.graph.registrations import days_old, held_methods, report_pages, united
from graphpolicy.guards.unmet_expectations import PeopleToRead
from graphpolicy.model import EVERYONE, Directory, DirectoryUser, Members, Unread
from graphpolicy.model.records import dataclass
from graphpolicy.people.crowd import Crowd

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph
    from graphpolicy.plan.make import Planned


async def members_of(graph: Graph, asked: PeopleToRead) -> dict[str, Members]:
    """The people of the groups that are asked for, by folded id; for a named group whether it is
    empty.

    A group is read to its end, however many people are in it.
    """
    groups, named = sorted(asked.groups), sorted(asked.named)
    whole, first = await each_of(
        together(_members(graph, each) for each in groups),
        together(or_unread(_anybody(graph, each)) for each in named),
    )
    known = dict(zip(groups, whole, strict=True))
    return known | {
        id_: Members() for id_, some in zip(named, first, strict=True) if some == frozenset()
    }


async def _members(graph: Graph, group: str) -> Members:
    found: set[str] = set()
    try:
        async for ids in members(graph, group):
            found |= ids
    except GraphError as failure:
        if failure.status == 404:  # deleted meanwhile, or no group: nobody is in it
            return Members()
        if failure.status not in REFUSED:
            raise
        return Members(frozenset(found), failure.unread)
    return Members(frozenset(found))


async def with_people(
    graph: Graph, directory: Directory, asked: PeopleToRead, today: str, known: Crowd | None = None
) -> Directory:
    """The directory with the persons who are asked for, and with what people have registered.

    Methods are read one by one for a person and a small group, else from the registration report;
    `known` are the people of a report that was read already.
    """
    names, groups = sorted(asked.people), sorted(asked.holding)
    found, whole = await each_of(
        together(_person(graph, each, groups=asked.people[each]) for each in names),
        together(_enabled(graph, each) for each in groups),
    )
    people = dict(zip(names, found, strict=True))
    enabled = dict(zip(groups, whole, strict=True))
    holders = (people[name] for name in names if name in asked.holders)
    few = {each.id for each in holders if isinstance(each, DirectoryUser)}
    many: set[str] = set()
    for each in enabled.values():
        (few if len(each.ids) <= MOST_PEOPLE else many).update(each.ids)
    registered: dict[str, frozenset[str] | Unread] = {}
    if many:
        report = _Report.of(known) if known else await or_unread(_report(graph))
        if isinstance(report, Unread):
            registered = dict.fromkeys(many, report)
        else:
            registered = {id_: report.methods[id_] for id_ in many & report.methods.keys()}
            enabled = {
                id_: replace(each, unread=each.unread or report.old(today))
                if len(each.ids) > MOST_PEOPLE
                else each
                for id_, each in enabled.items()
            }
    one_by_one = await held_methods(graph, sorted(few)) if few else {}
    registered |= {id_: has for id_, has in one_by_one.items() if has is not None}
    gone = one_by_one.keys() - registered.keys()
    enabled = {id_: replace(each, ids=each.ids - gone) for id_, each in enabled.items()}
    return replace(directory, people=people, enabled=enabled, registered=registered)


async def _enabled(graph: Graph, group: str) -> Members:
    """The people of a group, or of all users, whose accounts are not disabled."""
    shown = "id,accountEnabled"
    url = f"/users?$select={shown}&$top=999" if group == EVERYONE else people_url(group, shown)
    found: set[str] = set()
    try:
        async for rows in graph.pages("v1.0", url):
            for row in rows:
                if isinstance(row, Mapping) and row.get("accountEnabled") is not False:
                    found.add(str(row.get("id", "")).casefold())
    except GraphError as failure:
        if failure.status == 404:
            return Members()
        if failure.status not in REFUSED:
            raise
        return Members(frozenset(found), failure.unread)
    return Members(frozenset(found))


@dataclass(frozen=True, slots=True)
class _Report:
    """What the registration report says of everybody in it, by folded id; its newest row's day."""

    methods: Mapping[str, frozenset[str]]
    day: str

    @staticmethod
    def of(crowd: Crowd) -> _Report:
        """The report as a crowd keeps it."""
        same = {
            names: united(map(reported_as, names))
            for names in {case.methods for case in crowd.cases}
            if names is not None
        }
        rows = ((id_, case.registered.methods) for id_, _, case in crowd.people())
        found = {id_: same[names] for id_, names in rows if names is not None}
        return _Report(found, crowd.as_of[:10])

    def old(self, today: str) -> Unread | None:
        """The reason that the report is too old to rely on, if it is."""
        days = days_old(self.day, today)
        if not days:
            return None
        fix = (
            "check in the Entra admin center, under Authentication methods, User registration "
            "details, whether it is updated"
        )
        return Unread(f"the registration report is {days} days old", fix)


async def _report(graph: Graph) -> _Report:
    """The report, whole. Most people have one of a few sets of methods: each set is kept once."""
    found: dict[str, frozenset[str]] = {}
    same: dict[frozenset[str], frozenset[str]] = {}
    newest = ""
    async for rows in report_pages(graph, graph.lists):
        for row in rows:
            names = row.get("methodsRegistered")
            if isinstance(names, list):
                id_ = str(row["id"]).casefold()
                methods = united(reported_as(str(name)) for name in names)
                methods |= found.get(id_, frozenset())
                found[id_] = same.setdefault(methods, methods)
            newest = max(newest, str(row.get("lastUpdatedDateTime") or ""))
    return _Report(found, newest[:10])


async def _anybody(graph: Graph, group: str) -> frozenset[str]:
    """One member of a group, to see whether the group has any."""
    rows = await or_none(graph.get_all("v1.0", people_url(group, top=1), 0)) or ()
    return frozenset(str(row.get("id", "")) for row in rows if isinstance(row, Mapping))


async def _person(graph: Graph, name: str, *, groups: bool) -> DirectoryUser | Unread | None:
    """A user, with all their groups if these are wanted; None if there is no such user."""
    try:
        row = await graph.get("v1.0", f"/users/{quote(name, safe='')}?$select=id")
        id_ = str(row.get("id", "")).casefold()
        return DirectoryUser(name, id_, await groups_of(graph, id_) if groups else None, None)
    except GraphError as failure:
        if failure.status == 404:
            return None
        if failure.status in REFUSED:
            return failure.unread
        raise


async def with_names(graph: Graph, made: Planned) -> Planned:
    """A plan whose findings name people, as far as these may be read, in place of their ids."""
    ids = sorted({id_ for found in made.plan.findings for id_ in found.names})
    some = (ids[at : at + IDS_AT_ONCE] for at in range(0, len(ids), IDS_AT_ONCE))
    known: dict[str, str] = {}
    for names in await together(sign_in_names(graph, each) for each in some):
        known |= names
    findings = tuple(
        replace(found, names=tuple(sorted(known.get(id_, id_) for id_ in found.names)))
        for found in made.plan.findings
    )
    return replace(made, plan=replace(made.plan, findings=findings)) if ids else made
