"""Rings: in which order an apply goes through tenants, and what stops it before the next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

from graphpolicy.model import Failure, Plan, Result, Tenant, Unsent

T = TypeVar("T")

Ring: TypeAlias = int | None
"""A ring of tenants; None are those whose files name none."""

NONE = "none"
"""What `--ring` calls the tenants without a ring."""


def rings_of(tenants: Iterable[Tenant]) -> tuple[Ring, ...]:
    """The rings of tenants in their order; empty if none of them has one."""
    found = {tenant.ring for tenant in tenants}
    return () if found <= {None} else tuple(sorted(found, key=_place))


def by_ring(items: Iterable[T], of: Callable[[T], Tenant]) -> list[tuple[Ring, list[T]]]:
    """Items ring by ring, each ring in their order; `of` is an item's tenant."""
    found: dict[Ring, list[T]] = {}
    for item in items:
        found.setdefault(of(item).ring, []).append(item)
    return sorted(found.items(), key=lambda each: _place(each[0]))


def headed(items: Iterable[Plan | Failure]) -> list[tuple[str, list[Plan | Failure]]]:
    """Items under the heading of their ring; the heading is '' for one item, or without rings."""
    items = list(items)
    if len(items) < 2 or not rings_of(item.tenant for item in items):
        return [("", items)]
    return [(title(ring), own) for ring, own in by_ring(items, lambda item: item.tenant)]


def title(ring: Ring) -> str:
    """A ring as a heading names it."""
    return "No ring" if ring is None else f"Ring {ring}"


def phrase(ring: Ring) -> str:
    """A ring within a sentence."""
    return "the tenants without a ring" if ring is None else f"ring {ring}"


def value(ring: Ring) -> str:
    """A ring as `--ring` takes it."""
    return NONE if ring is None else str(ring)


def stopped_by(
    ring: Iterable[Plan | Failure],
    results: Mapping[str, Sequence[Result]],
    declined: Collection[str] = (),
) -> Iterator[str]:
    """Why no other ring may come after this one: a reason for each tenant that is not in order.

    `results` are those of the requests by tenant id, `declined` the ids of tenants that somebody
    said no for.
    """
    for item in ring:
        tenant = item.tenant
        if isinstance(item, Failure):
            yield f"{tenant.name}: {item.code}"
        elif any(result.exit_code for result in results.get(tenant.id, ())):
            yield f"{tenant.name}: not completely applied"
        elif item.refused:
            yield f"{tenant.name}: refused: {item.refused}"
        elif tenant.id in declined:
            yield f"{tenant.name}: declined"


def left(
    items: Iterable[Plan | Failure],
    results: Mapping[str, Sequence[Result]],
    unsent: Mapping[str, Unsent],
) -> tuple[list[Ring], list[str]]:
    """The rings that are not applied yet, and what stopped the first of them.

    Empty if no tenant has a ring, or if no other tenants wait for it.
    """
    items = tuple(items)
    declined = {id_ for id_, each in unsent.items() if each.declined}
    waiting = unsent.keys() - declined
    found: list[Ring] = []
    why: list[str] = []
    for ring, own in by_ring(items, lambda item: item.tenant):
        reasons = list(stopped_by(own, results, declined))
        why = why or (reasons if not found else [])
        if reasons or any(item.tenant.id in waiting for item in own):
            found.append(ring)
    return (found, why) if waiting and rings_of(item.tenant for item in items) else ([], [])


def _place(ring: Ring) -> tuple[bool, int]:
    return ring is None, ring or 0
