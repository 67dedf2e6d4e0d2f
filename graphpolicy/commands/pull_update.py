"""pull --update: change tenants' own files to the live values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphpolicy.commands.plan import guarded, read_tenant
from graphpolicy.compare.resolve import group_names
from graphpolicy.graph.read import together
from graphpolicy.model import Desired, Directory, Failure, Finding, Observed
from graphpolicy.plan.make import PlanContext
from graphpolicy.policyfile.files import changed_meanwhile, read_bytes, replace_bytes
from graphpolicy.policyfile.load import reread
from graphpolicy.policyfile.update import Update, update

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session


async def update_each(
    session: Session, policies: Sequence[Desired], occasion: PlanContext, *, on_disk: bool = True
) -> list[Update | Failure]:
    """Read all tenants at the same time, then rewrite one file after the other; results in order.

    A file that others extend is rewritten before them, so that they are checked with its new text.
    Without `on_disk` no file is changed: each result is what the file alone would become.
    """
    raws = {desired.file: read_bytes(desired.file) for desired in policies}
    asked = [_ask(session, desired, raws[desired.file], occasion) for desired in policies]
    answers = dict(zip((d.file for d in policies), await together(asked), strict=True))
    done: dict[str, Update | Failure] = {}
    for desired in sorted(policies, key=lambda desired: len(desired.bases)):
        answer, raw = answers[desired.file], raws[desired.file]
        if isinstance(answer, Failure):
            done[desired.file] = answer
        elif isinstance(raw, bytes):
            writing = _updated(desired, raw, *answer, occasion, on_disk=on_disk)
            done[desired.file] = await guarded(desired, writing)
    return [done[desired.file] for desired in policies]


async def _ask(
    session: Session, desired: Desired, raw: bytes | Finding, occasion: PlanContext
) -> tuple[Observed, Directory] | Failure:
    """A tenant's live policy, with the groups that any of its files names."""
    if isinstance(raw, Finding):
        return _failure(desired, raw)
    file = reread(desired, raw, occasion.facts)
    if file.desired is None or file.desired.tenant != desired.tenant:
        return _failure(desired, changed_meanwhile(desired.file))
    written = (one for some in file.declared for one in some)
    names = group_names((*desired.mentioned, *written))
    return await guarded(desired, read_tenant(session.tenant(desired.tenant), desired, names))


async def _updated(
    desired: Desired,
    raw: bytes,
    observed: Observed,
    directory: Directory,
    occasion: PlanContext,
    *,
    on_disk: bool,
) -> Update | Failure:
    """One file, rewritten."""
    result = update(desired, raw, observed, directory, occasion)
    if result.new == result.old or not on_disk:
        return result
    problem = replace_bytes(desired.file, result.old, result.new)
    return _failure(desired, problem) if problem else result


def _failure(desired: Desired, found: Finding) -> Failure:
    message = f"{desired.file} {found.message}"
    return Failure(desired.tenant, desired.file, found.rule, message, found.help)
