"""Read the people of a tenant into a crowd: what they have registered, and their groups."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Collection, Mapping, Set as AbstractSet
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.members import members
from graphpolicy.graph.read import together
from graphpolicy.graph.registrations import report_pages, user_pages
from graphpolicy.model.records import dataclass
from graphpolicy.people.crowd import Crowd

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PeopleRead:
    """People as far as they could be read: each error is why one list is not complete.

    `hidden` are groups, by folded id; a group that was deleted (`gone`) has nobody.
    """

    crowd: Crowd
    report: GraphError | None
    users: GraphError | None
    hidden: Mapping[str, GraphError]
    gone: AbstractSet[str]


async def read_people(
    graph: Graph,
    groups: Collection[str],
    people: Collection[str] = (),
    *,
    named: bool = False,
    registered: bool = True,
) -> PeopleRead:
    """Read the members of groups, and with `registered` the report and the users of the directory.

    `people` are folded ids, each of which gets a bit of its own in the crowd.
    """
    groups = sorted(groups)
    crowd = Crowd((*groups, *sorted(people)), named=named)
    for id_ in people:
        crowd.members(id_, [id_])
    lists = [_read(members(graph, id_, graph.lists), partial(crowd.members, id_)) for id_ in groups]
    if registered:
        lists += [
            _read(report_pages(graph, graph.lists), crowd.report),
            _read(user_pages(graph, graph.lists), crowd.users),
        ]
    within = await together(lists)
    report, users = within[len(groups) :] if registered else (None, None)
    failed = {id_: why for id_, why in zip(groups, within, strict=False) if why}
    gone = {id_ for id_, failure in failed.items() if failure.status == 404}
    for id_ in gone:
        crowd.empty(id_)
    if users:
        crowd.without_users()
    hidden = {id_: failure for id_, failure in failed.items() if id_ not in gone}
    return PeopleRead(crowd, report, users, hidden, gone)


async def _read(pages: AsyncIterable[T], add: Callable[[T], None]) -> GraphError | None:
    """Add every page of a list; why the list is not complete, if it is not."""
    try:
        async for page in pages:
            add(page)
    except GraphError as failure:
        return failure
    return None
