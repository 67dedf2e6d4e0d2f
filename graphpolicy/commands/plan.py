"""plan: read a tenant and plan it, in three rounds of requests: token, documents, names.

A plan that ends a method takes more rounds: see `closer_look`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from graphpolicy.catalogue import LISTED, RESOURCES
from graphpolicy.catalogue.strengths import AUTHENTICATION_STRENGTH
from graphpolicy.commands.plan_lookups import closer_look
from graphpolicy.compare.documents import (
    documents_of,
    every_version,
    lists_needed,
    versions_needed,
)
from graphpolicy.compare.resolve import Resolution, group_names, resolve, target_ids
from graphpolicy.graph.audit_log import read_audit_log
from graphpolicy.graph.directory import look_up, names_near
from graphpolicy.graph.emergency_accounts import (
    look_up_accounts,
    look_up_refused,
)
from graphpolicy.graph.expected_people import with_names
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.read import as_done, each_of, or_unread, read_list, read_policy, together
from graphpolicy.guards.campaign import CODES, OPT_OUT
from graphpolicy.guards.unmet_expectations import unclear, without_unclear
from graphpolicy.model import (
    AuditLog,
    Declared,
    Desired,
    Directory,
    Failure,
    Json,
    KeptSnapshot,
    Observed,
    OwnRuns,
    Plan,
    Tenant,
    Unread,
)
from graphpolicy.model.did_you_mean import nearest
from graphpolicy.model.errors import GraphPolicyError, unforeseen
from graphpolicy.model.tree import member
from graphpolicy.plan.make import DraftPlan, Planned, draft
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.protection import of_files, without_tenant
from graphpolicy.plan.unmanaged_findings import Watched
from graphpolicy.rules.custom_strengths import strength_of

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph, Session

T = TypeVar("T")

TENANTS_AT_ONCE = 24
"""Tenants that are planned at the same time: they keep every connection busy."""


async def plan_each(
    session: Session,
    policies: Sequence[Desired],
    plan_context: PlanContext,
    *,
    attribute: bool = False,
) -> list[Planned | Failure]:
    """Plan all tenants, in order; a tenant that can't be planned is a Failure.

    `attribute` reads the audit log for who changed what, as a base does.
    """
    order = {desired.tenant.id: number for number, desired in enumerate(policies)}
    found = {
        order[tenant_of(item).id]: item
        async for item in plans_as_made(session, policies, plan_context, attribute=attribute)
    }
    return [found[number] for number in sorted(found)]


async def plans_as_made(
    session: Session,
    policies: Iterable[Desired],
    plan_context: PlanContext,
    *,
    attribute: bool = False,
) -> AsyncIterator[Planned | Failure]:
    """The same, each as soon as it is made, so that a plan that was shown can leave the memory."""

    async def one(desired: Desired) -> Planned | Failure:
        graph = session.tenant(desired.tenant)
        return await guarded(
            desired, plan_tenant(graph, desired, plan_context, attribute=attribute)
        )

    async for item in as_done(map(one, policies), TENANTS_AT_ONCE):
        yield item


def tenant_of(item: Planned | Failure) -> Tenant:
    """The tenant that was planned, or could not be."""
    return item.tenant if isinstance(item, Failure) else item.plan.tenant


def beside_base(
    items: Iterable[Plan | Failure], policies: Iterable[Desired], plan_context: PlanContext
) -> tuple[Plan | Failure, ...]:
    """The same items; a tenant that could not be planned gets the protection changes of its files.

    A pull request that removes protection must show that also if the tenant could not be read.
    """
    if not plan_context.base:
        return tuple(items)
    wanted = {desired.tenant.id: desired for desired in policies}

    def told(item: Plan | Failure) -> Plan | Failure:
        then, now = plan_context.base.get(item.tenant.id), wanted.get(item.tenant.id)
        if isinstance(item, Plan) or item.plan:
            return item
        own = of_files(now, then) if now and then else ()
        return replace(
            item, protection=(*map(without_tenant, plan_context.lost), *plan_context.defaults, *own)
        )

    return tuple(map(told, items))


async def guarded(desired: Desired, asking: Awaitable[T]) -> T | Failure:
    """The result of `asking`; Graph's errors and unexpected ones become this tenant's failure.

    Raises:
        GraphPolicyError: an error that is not about this tenant alone, such as a bad flag.
    """
    try:
        return await asking
    except GraphError as failure:
        return of_graph_error(desired.tenant, desired.file, failure)
    except GraphPolicyError:
        raise
    except Exception as error:  # noqa: BLE001 - an answer of an unknown shape, or a bug
        return _unforeseen(desired, error)


def of_graph_error(tenant: Tenant, file: str, failure: GraphError) -> Failure:
    """A tenant's failure that is an error of Graph."""
    code = failure.code or "graph-error"
    return Failure(tenant, file, code, failure.text, failure.help, failure.exit_code)


def _unforeseen(desired: Desired, error: Exception) -> Failure:
    """The failure for an answer whose shape this release does not know, or for a bug."""
    return Failure(
        desired.tenant,
        desired.file,
        "unforeseen-answer",
        f"unexpected response from this tenant: {unforeseen(error)}",
        "this tenant was not planned; please report this line and what `graphpolicy --version` "
        "prints",
    )


async def plan_tenant(
    graph: Graph, desired: Desired, plan_context: PlanContext, *, attribute: bool = False
) -> Planned | Failure:
    """Read one tenant and plan its policy.

    A failure if a name in the files does not stand for exactly one object. A report of drift judges
    the rest without an expectation about such a name.

    Raises:
        GraphError: something could not be read; no plan is made from an incomplete read.
    """
    then = plan_context.base.get(desired.tenant.id)
    lost = then is None and desired.tenant.id in plan_context.base
    names = group_names(desired.mentioned) | (group_names(then.mentioned) if then else frozenset())
    kept = plan_context.kept.get(desired.tenant.id)
    (observed, directory, watched), accounts, refused = await each_of(
        _read(graph, desired, names, kept),
        look_up_accounts(graph, desired.emergency_access),
        look_up_refused(graph, desired.helpdesk),
    )
    resolution = resolve(desired, directory, observed)
    if resolution.errors:
        unknown = [name for name in names if not directory.by_name.get(name)]
        like = await names_near(graph, unknown)
        near = {name: meant for name in unknown if (meant := nearest(name, like))}
        failed = resolve(desired, replace(directory, near=near), observed)
        resolution = resolve(without_unclear(desired, directory, observed), directory, observed)
        if resolution.errors or not plan_context.examine:
            return unresolved(desired, failed)
        plan_context = replace(
            plan_context, findings=(*plan_context.findings, *map(unclear, failed.errors))
        )
    directory = replace(directory, accounts=accounts, refused=refused)
    before = resolve(then, directory, observed).desired if then else None

    def draft_with(known: Directory, earlier: DraftPlan | None = None) -> DraftPlan:
        return draft(
            resolution,
            observed,
            known,
            plan_context,
            before,
            base_lost=lost,
            watched=watched,
            earlier=earlier,
        )

    drafted = draft_with(directory)
    if (attribute or plan_context.base) and _has_moved(drafted.made.plan):
        directory = replace(directory, log=await _log(graph, desired.tenant, plan_context))
        drafted = draft_with(directory, drafted)
    closer = await closer_look(graph, drafted.made, plan_context)
    if closer != directory:
        drafted = draft_with(closer, drafted)
    return await with_names(graph, drafted.judged())


def unresolved(desired: Desired, resolution: Resolution) -> Failure:
    """The failure for names that do not stand for exactly one object."""
    lines = [
        f"{error.source}: {error.message}" if error.source else error.message
        for error in resolution.errors
    ]
    helps = dict.fromkeys(error.help for error in resolution.errors)
    rule = resolution.errors[0].rule
    return Failure(desired.tenant, desired.file, rule, "; ".join(lines), "; ".join(helps))


async def read_tenant(
    graph: Graph, desired: Desired, names: Collection[str]
) -> tuple[Observed, Directory]:
    """The policy documents, then the objects that they mention and those with these `names`."""
    observed, directory, _ = await _read(graph, desired, names, None)
    return observed, directory


async def _read(
    graph: Graph,
    desired: Desired,
    names: Collection[str],
    kept: KeptSnapshot | None,
) -> tuple[Observed, Directory, Watched | None]:
    """The same. With a snapshot to compare with, also what no file declares.

    A plan is made from the first two alone: it depends only on what it manages.
    """
    needed = versions_needed(desired.mentioned, desired.tenant.cloud)
    every = dict.fromkeys((*needed, *(every_version(desired.tenant.cloud) if kept else ())))
    kinds = lists_needed(desired.mentioned)
    listed = kept.observed.lists if kept and kept.observed else {}
    others = [kind for kind in LISTED if kind.id in listed and kind not in kinds]
    whole, more = await each_of(
        read_policy(graph, every, kinds),
        together(or_unread(read_list(graph, kind)) for kind in others),
    )
    observed = Observed({version: whole.documents[version] for version in needed}, whole.lists)
    watched = _watched(whole, {kind.id: each for kind, each in zip(others, more, strict=True)})
    directory = await look_up(graph, names, _ids(desired, observed))
    strengths = tuple(map(strength_of, observed.lists.get(AUTHENTICATION_STRENGTH.id, ())))
    directory = replace(directory, strengths=strengths)
    return observed, directory, watched if kept else None


def _has_moved(plan: Plan) -> bool:
    """Whether somebody may have changed the tenant; edits of the files explain everything else."""
    moved = any(change.cause != "edit" for change in plan.changes)
    return moved or bool(plan.unmanaged) or any(item.moved for item in plan.held)


async def _log(graph: Graph, tenant: Tenant, plan_context: PlanContext) -> AuditLog | Unread:
    """The audit log, from when the tenant may last have been as it should be."""
    own, kept = plan_context.own.get(tenant.id, OwnRuns()), plan_context.kept.get(tenant.id)
    times = (own.seen_at, kept.taken_at if kept else "", *(write.at for write in own.writes))
    since = plan_context.since or min(filter(None, times), default="")
    return await read_audit_log(graph, plan_context.moment, since)


def _watched(
    whole: Observed, lists: Mapping[str, tuple[Mapping[str, Json], ...] | Unread]
) -> Watched:
    """All that was read; `lists` are those that only the comparison with a snapshot needs."""
    read = {kind: each for kind, each in lists.items() if not isinstance(each, Unread)}
    unread = {kind: each for kind, each in lists.items() if isinstance(each, Unread)}
    return Watched(replace(whole, lists={**whole.lists, **read}), unread)


def _ids(desired: Desired, observed: Observed) -> Collection[str]:
    """Every case-folded object id that the plan can mention: in the file and in live resources."""
    trees: list[Json] = [resource.tree for resource in desired.mentioned]
    trees += [
        {
            name: value
            for name, value in document.items()
            if name not in RESOURCES[resource.resource].known
        }
        for resource in desired.mentioned
        for document in documents_of(resource, observed).values()
    ]
    if any(member(resource.tree, *OPT_OUT) is False for resource in desired.mentioned):
        reached = (Declared(name, {}, {}) for name in CODES)
        trees += [dict(documents_of(each, observed)) for each in reached]
    return {id_.casefold() for id_ in target_ids(*trees)}
