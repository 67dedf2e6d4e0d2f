"""groups: the groups that policy files use, as the directory has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.commands.plan import guarded
from graphpolicy.graph.directory import look_up, names_near
from graphpolicy.graph.members import people_url
from graphpolicy.graph.read import or_unread, together
from graphpolicy.graph.transport import COUNTED
from graphpolicy.model import Desired, Failure, Unread
from graphpolicy.model.did_you_mean import nearest
from graphpolicy.plan.group_list import NOT_COUNTED, GroupList, TenantGroups, found, id_of, uses

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph, Session


async def list_each(session: Session, policies: Sequence[Desired]) -> GroupList:
    """The groups of every tenant's files, in order; a tenant that can't be read is a failure."""
    items = await together(
        guarded(desired, _list(session.tenant(desired.tenant), desired)) for desired in policies
    )
    return GroupList(tuple(items))


async def _list(graph: Graph, desired: Desired) -> TenantGroups | Failure:
    """The groups of one tenant's files.

    Raises:
        GraphError: names may not be looked up, or Graph could not answer.
    """
    named = [use.group for use in uses(desired)]
    names = {group.name for group in named if not group.id}
    directory = await look_up(graph, names, {group.id.casefold() for group in named if group.id})
    unknown = [name for name in names if not directory.by_name.get(name)]
    if unknown:
        like = await names_near(graph, unknown)
        near = {name: meant for name in unknown if (meant := nearest(name, like))}
        directory = replace(directory, near=near)
    gone = {id_.casefold() for id_ in directory.gone}
    ids = sorted({id_ for group in named if (id_ := id_of(group, directory))} - gone)
    sizes = await together(or_unread(_size(graph, id_)) for id_ in ids)
    return found(desired, directory, dict(zip(ids, sizes, strict=True)))


async def _size(graph: Graph, id_: str) -> int | Unread:
    """How many people are in a group, nested ones included."""
    answer = await graph.get("v1.0", people_url(id_, top=1) + COUNTED)
    count = answer.get("@odata.count")
    return count if isinstance(count, int) else NOT_COUNTED
