"""ci adopt-drift: propose a tenant's live values as a pull request for its policy file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from graphpolicy.commands.plan import plan_each
from graphpolicy.commands.pull import renew_each, update_each
from graphpolicy.disk.folders import repository
from graphpolicy.github.adoption import AdoptedSetting, Adoption, SnapshotRenewal
from graphpolicy.model import Change, Desired, Failure
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.policyfile.update import Update

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session


async def look(
    session: Session, policies: Sequence[Desired], plan_context: PlanContext
) -> list[Adoption | Failure]:
    """Each tenant's file as it would be with the live values, and who changed the tenant.

    Files on disk are not changed: if GitHub refuses, a second run must still find the drift.
    """
    planned = await plan_each(session, policies, plan_context, attribute=True)
    changes = {
        (item.plan.tenant.id, f"{change.title}.{change.path}"): change
        for item in planned
        if not isinstance(item, Failure)
        for change in item.plan.changes
    }
    updates = await update_each(session, policies, plan_context, on_disk=False)
    undeclared = {
        item.plan.tenant.id: item.plan.unmanaged
        for item in planned
        if not isinstance(item, Failure)
    }
    sound = [one.desired for one in updates if not isinstance(one, Failure)]
    kept = await renew_each(session, sound, plan_context.moment, on_disk=False)

    def adoption(update: Update) -> Adoption | Failure:
        id_ = update.desired.tenant.id
        renewal = kept[id_]
        if isinstance(renewal, Failure):
            return renewal
        made = _adoption(update, changes)
        made = replace(made, undeclared=undeclared.get(id_, ()))
        if renewal is None:
            return made
        path = in_repository(renewal.file)
        return replace(made, snapshot=SnapshotRenewal(path, renewal.old, renewal.new, renewal.said))

    return [one if isinstance(one, Failure) else adoption(one) for one in updates]


def _adoption(update: Update, changes: Mapping[tuple[str, str], Change]) -> Adoption:
    tenant = update.desired.tenant
    settings = (
        AdoptedSetting(
            each.name, each.before, each.after, changes.get((tenant.id, each.name)), each.moves
        )
        for each in update.changed
    )
    left = tuple(found.message for found in update.left)
    path = in_repository(update.desired.file)
    return Adoption(tenant, path, update.old, update.new, tuple(settings), left, update.notes)


def in_repository(file: str) -> str:
    real = Path(os.path.realpath(file))
    return real.relative_to(repository(real.parent)).as_posix()
