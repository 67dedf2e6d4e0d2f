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
from graphpolicy.github.adoption import Adoption, Made, Pull, Renewal, Setting, Tip, blob
from graphpolicy.model import Change, Desired, Failure
from graphpolicy.model.errors import UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.plan.make import PlanContext
from graphpolicy.policyfile.update import Update

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub
    from graphpolicy.graph.session import Session


@dataclass(frozen=True, slots=True)
class Ground:
    """The base branch at its commit, and the pull request's author, label and run (a URL)."""

    branch: str
    commit: str
    author: str
    label: str
    run: str


async def look(
    session: Session, policies: Sequence[Desired], occasion: PlanContext
) -> list[Adoption | Failure]:
    """Each tenant's file as it would be with the live values, and who changed the tenant.

    Files on disk are not changed: if GitHub refuses, a second run must still find the drift.
    """
    planned = await plan_each(session, policies, occasion, attribute=True)
    changes = {
        (item.plan.tenant.id, f"{change.title}.{change.path}"): change
        for item in planned
        if not isinstance(item, Failure)
        for change in item.plan.changes
    }
    updates = await update_each(session, policies, occasion, on_disk=False)
    undeclared = {
        item.plan.tenant.id: item.plan.unmanaged
        for item in planned
        if not isinstance(item, Failure)
    }
    sound = [one.desired for one in updates if not isinstance(one, Failure)]
    kept = await renew_each(session, sound, occasion.moment, on_disk=False)

    def adoption(update: Update) -> Adoption | Failure:
        id_ = update.desired.tenant.id
        renewal = kept[id_]
        if isinstance(renewal, Failure):
            return renewal
        made = _adoption(update, changes)
        made = replace(made, undeclared=undeclared.get(id_, ()))
        if renewal is None:
            return made
        path = _in_repository(renewal.file)
        return replace(made, snapshot=Renewal(path, renewal.old, renewal.new, renewal.said))

    return [one if isinstance(one, Failure) else adoption(one) for one in updates]


def _adoption(update: Update, changes: Mapping[tuple[str, str], Change]) -> Adoption:
    tenant = update.desired.tenant
    settings = (
        Setting(each.name, each.before, each.after, changes.get((tenant.id, each.name)), each.moves)
        for each in update.changed
    )
    left = tuple(found.message for found in update.left)
    path = _in_repository(update.desired.file)
    return Adoption(tenant, path, update.old, update.new, tuple(settings), left, update.notes)


def _in_repository(file: str) -> str:
    real = Path(os.path.realpath(file))
    return real.relative_to(repository(real.parent)).as_posix()


def adopt(hub: Hub, adoption: Adoption, ground: Ground) -> str:
    """Open, update or close a tenant's pull request; returns a sentence about what was done.

    The branch is never forced, and gets a commit only if its newest commit is ours: what somebody
    else pushed to it stays.

    Raises:
        GitHubError: GitHub refused.
        UsageError: the files on disk differ from the commit that the job runs for.
    """
    name, branch = adoption.tenant.name, adoption.branch
    pulls = hub.pulls(branch)
    pull = next((each for each in pulls if each.open), None)
    shown = f"#{pull.number}" if pull else branch
    tip = hub.tip(branch)
    said = adoption.by_us(tip) if tip else None
    if tip and not said:
        return f"{name}: somebody else pushed to {shown}, so it was not changed"
    if pull and pull.author != ground.author:
        return f"{name}: {pull.author} opened {shown}, so it was not changed"
    if not adoption.changes:
        return f"{name}: {_gone(hub, adoption, pull, tip, ground)}"
    if not pull and tip and said and adoption.is_in(said) and _declined(pulls, tip):
        return (
            f"{name}: somebody closed the pull request of {branch} with this same change: revert "
            "it in the tenant, or add a hold to the file"
        )
    if not (pull and said and adoption.is_in(said)) and not _pushed(
        hub, adoption, tip, said, ground
    ):
        return f"{name}: somebody else pushed to {shown} meanwhile, so it was not changed"
    return f"{name}: {_told(hub, adoption, pull, ground)}"


def _gone(hub: Hub, adoption: Adoption, pull: Pull | None, tip: Tip | None, ground: Ground) -> str:
    if adoption.left:
        return "the differences can't be written into the file, so nothing was proposed"
    if pull:
        text = f"No more drift: the tenant matches the files. [run]({ground.run})"
        hub.comment(pull.number, text)
        hub.close_pull(pull.number)
    if tip:
        hub.drop_branch(adoption.branch)
    return f"no more drift: closed #{pull.number}" if pull else "no drift to adopt"


def _declined(pulls: Sequence[Pull], tip: Tip) -> bool:
    """Whether somebody closed a pull request with the branch's newest commit.

    When we close one we delete the branch, so it was a person who declined this change.
    """
    return any(each.head == tip.sha and not each.merged for each in pulls)


def _pushed(
    hub: Hub, adoption: Adoption, tip: Tip | None, said: Made | None, ground: Ground
) -> bool:
    """Commit the change on the branch and the base; False if somebody else moved the branch."""
    for path, (old, _) in adoption.files.items():
        if hub.blob_at(path, ground.commit) != blob(old):
            raise UsageError(
                f"{path} differs from commit {ground.commit[:12]}; nothing was pushed",
                "check out that commit, and do not change its files",
                1,
            )
    new = {path: data for path, (_, data) in adoption.files.items()}
    tree = hub.tree(ground.commit, new)
    text = adoption.message(tree, ground.commit)
    older = [tip.sha] if tip else []
    newer = [] if said and said.base == ground.commit else [ground.commit]
    commit = hub.commit(text, tree, [*older, *newer])
    if tip:
        return hub.move_branch(adoption.branch, commit)
    return hub.start_branch(adoption.branch, commit)


def _told(hub: Hub, adoption: Adoption, pull: Pull | None, ground: Ground) -> str:
    """Open the pull request, or bring its title and text up to date."""
    head, text = adoption.title, adoption.body(ground.run)
    if pull is None:
        number = hub.open_pull(head, text, adoption.branch, ground.branch, ground.label)
        if number is None:
            return "another run has just opened the pull request"
        return f"opened #{number}: {head}"
    if (pull.title, pull.body.replace("\r\n", "\n")) != (head, text):
        hub.edit_pull(pull.number, head, text)
    return f"brought #{pull.number} up to date: {head}"
