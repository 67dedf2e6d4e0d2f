"""ci adopt-drift: what is live in a tenant, proposed as a change of its file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from graphpolicy.commands.plan import plan_each
from graphpolicy.commands.pull_update import update_each
from graphpolicy.disk.folders import repository
from graphpolicy.github.adoption import (
    Adoption,
    Made,
    Pull,
    Setting,
    Tip,
    blob,
    body,
    by_us,
    made,
    message,
    same,
    title,
)
from graphpolicy.model import Desired, Event, Failure
from graphpolicy.model.errors import UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.plan.make import PlanContext
from graphpolicy.policyfile.update import Update

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session


class Branches(Protocol):
    """What a proposed change needs of GitHub."""

    def blob_at(self, path: str, commit: str) -> str | None: ...
    def tip(self, branch: str) -> Tip | None: ...
    def tree(self, base: str, path: str, data: bytes) -> str: ...
    def commit(self, message: str, tree: str, parents: Sequence[str]) -> str: ...
    def start_branch(self, branch: str, commit: str) -> bool: ...
    def move_branch(self, branch: str, commit: str) -> bool: ...
    def drop_branch(self, branch: str) -> None: ...
    def pulls(self, branch: str) -> list[Pull]: ...
    def open_pull(
        self, title: str, body: str, branch: str, base: str, label: str
    ) -> int | None: ...
    def edit_pull(self, number: int, title: str, body: str) -> None: ...
    def close_pull(self, number: int) -> None: ...
    def comment(self, number: int, body: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Ground:
    """What a change is made on: a branch at a commit; by whom, with which label, in which run."""

    branch: str
    commit: str
    author: str
    label: str
    run: str


async def look(
    session: Session, policies: Sequence[Desired], occasion: PlanContext
) -> list[Adoption | Failure]:
    """What would become of each tenant's file, and who made it so. Files on disk stay as they are.

    A file that the job had changed would hide the drift from a second run after GitHub refused.
    """
    planned = await plan_each(session, policies, occasion, attribute=True)
    events = {
        (item.plan.tenant.id, f"{change.title}.{change.path}"): change.event
        for item in planned
        if not isinstance(item, Failure)
        for change in item.plan.changes
    }
    updates = await update_each(session, policies, occasion, on_disk=False)
    return [one if isinstance(one, Failure) else _adoption(one, events) for one in updates]


def _adoption(update: Update, events: Mapping[tuple[str, str], Event | None]) -> Adoption:
    tenant = update.desired.tenant
    settings = (
        Setting(each.name, each.before, each.after, events.get((tenant.id, each.name)), each.moves)
        for each in update.changed
    )
    left = tuple(found.message for found in update.left)
    path = _in_repository(update.desired.file)
    return Adoption(tenant, path, update.old, update.new, tuple(settings), left, update.notes)


def _in_repository(file: str) -> str:
    real = Path(os.path.realpath(file))
    return real.relative_to(repository(real.parent)).as_posix()


def adopt(hub: Branches, adoption: Adoption, ground: Ground) -> str:
    """Bring a tenant's pull request in line with what is live; what was done, in words.

    The branch is moved on, never by force, and only where its newest commit is ours: what somebody
    else pushed to it stays.

    Raises:
        GitHubError: GitHub refused.
        UsageError: the files here are not those of the commit that the job runs for.
    """
    name, branch = adoption.tenant.name, adoption.branch
    pulls = hub.pulls(branch)
    pull = next((each for each in pulls if each.open), None)
    shown = f"#{pull.number}" if pull else branch
    tip = hub.tip(branch)
    said = by_us(tip, adoption) if tip else None
    if tip and not said:
        return f"{name}: somebody else pushed to {shown}, which is left alone"
    if pull and pull.author != ground.author:
        return f"{name}: {shown} is {pull.author}'s, and is left alone"
    if adoption.new == adoption.old:
        return f"{name}: {_gone(hub, adoption, pull, tip, ground)}"
    if not pull and tip and said and same(said, adoption) and _declined(pulls, tip):
        return (
            f"{name}: {branch} with this very change was closed by a person: revert it or hold it"
        )
    if not (pull and said and same(said, adoption)) and not _pushed(
        hub, adoption, tip, said, ground
    ):
        return f"{name}: somebody else pushed to {shown} meanwhile, which is left alone"
    return f"{name}: {_told(hub, adoption, pull, ground)}"


def _gone(
    hub: Branches, adoption: Adoption, pull: Pull | None, tip: Tip | None, ground: Ground
) -> str:
    if adoption.left:
        return "what differs can't be written into the file, and nothing was proposed"
    if pull:
        text = f"The drift is gone: the tenant is as the files say. [run]({ground.run})"
        hub.comment(pull.number, text)
        hub.close_pull(pull.number)
    if tip:
        hub.drop_branch(adoption.branch)
    return f"no drift any more, so #{pull.number} is closed" if pull else "no drift to adopt"


def _declined(pulls: Sequence[Pull], tip: Tip) -> bool:
    """Whether somebody closed the very change that stands on the branch; we drop it with it."""
    return any(each.head == tip.sha and not each.merged for each in pulls)


def _pushed(
    hub: Branches, adoption: Adoption, tip: Tip | None, said: Made | None, ground: Ground
) -> bool:
    """Whether the branch has a commit with this change now, on what it had and on the base."""
    if hub.blob_at(adoption.path, ground.commit) != blob(adoption.old):
        raise UsageError(
            f"{adoption.path} is not as the commit {ground.commit[:12]} has it; nothing was pushed",
            "check that commit out, and leave its files as they are",
            1,
        )
    tree = hub.tree(ground.commit, adoption.path, adoption.new)
    text = message(adoption, made(adoption, tree, ground.commit))
    older = [tip.sha] if tip else []
    newer = [] if said and said.base == ground.commit else [ground.commit]
    commit = hub.commit(text, tree, [*older, *newer])
    if tip:
        return hub.move_branch(adoption.branch, commit)
    return hub.start_branch(adoption.branch, commit)


def _told(hub: Branches, adoption: Adoption, pull: Pull | None, ground: Ground) -> str:
    """Let the pull request say what it does; it is opened where there is none."""
    head, text = title(adoption), body(adoption, ground.run)
    if pull is None:
        number = hub.open_pull(head, text, adoption.branch, ground.branch, ground.label)
        if number is None:
            return "another run has just opened a pull request"
        return f"opened #{number}: {head}"
    if (pull.title, pull.body.replace("\r\n", "\n")) != (head, text):
        hub.edit_pull(pull.number, head, text)
    return f"brought #{pull.number} up to date: {head}"
