"""Propose the change of one file as a pull request, and keep that up to date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from graphpolicy.github.file_change import BranchTip, CommitTrailer, FileChange, PullRequest, blob
from graphpolicy.model.errors import Exit, UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.render.as_markdown import prose

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub


@dataclass(frozen=True, slots=True)
class PullRequestContext:
    """The base branch at its commit, and the pull request's author, label and run (a URL)."""

    branch: str
    commit: str
    author: str
    label: str
    run: str


def propose(hub: Hub, change: FileChange, ground: PullRequestContext) -> str:
    """Open, update or close the pull request of a change; returns a sentence about what was done.

    The branch is never forced, and gets a commit only if its newest commit is ours: what somebody
    else pushed to it stays.

    Raises:
        GitHubError: GitHub refused.
        UsageError: the files on disk differ from the commit that the job runs for.
    """
    name, branch = change.tenant.name, change.branch
    pulls = hub.pulls(branch)
    pull = next((each for each in pulls if each.open), None)
    shown = f"#{pull.number}" if pull else branch
    tip = hub.tip(branch)
    said = change.by_us(tip) if tip else None
    if tip and not said:
        return f"{name}: somebody else pushed to {shown}, so it was not changed"
    if pull and pull.author != ground.author:
        return f"{name}: {pull.author} opened {shown}, so it was not changed"
    if not change.changes:
        return f"{name}: {_gone(hub, change, pull, tip, ground)}"
    same = tip and said and change.is_in(said) and _declined(pulls, tip)
    if not pull and (same or _marked(pulls, change.mark, ground.author)):
        return (
            f"{name}: somebody closed the pull request of {branch} with this same change: "
            f"{change.refused}"
        )
    if not (pull and said and change.is_in(said)) and not _pushed(hub, change, tip, said, ground):
        return f"{name}: somebody else pushed to {shown} meanwhile, so it was not changed"
    return f"{name}: {_told(hub, change, pull, ground)}"


def _gone(
    hub: Hub,
    change: FileChange,
    pull: PullRequest | None,
    tip: BranchTip | None,
    ground: PullRequestContext,
) -> str:
    if not change.gone:
        return change.nothing
    if pull:
        text = f"{prose(f'{change.gone[:1].upper()}{change.gone[1:]}.')} [run]({ground.run})"
        hub.comment(pull.number, text)
        if (body := change.unmarked(pull.body)) != pull.body:  # nobody declined it
            hub.edit_pull(pull.number, pull.title, body)
        hub.close_pull(pull.number)
    if tip:
        hub.drop_branch(change.branch)
    return f"{change.gone}: closed #{pull.number}" if pull else change.nothing


def _declined(pulls: Sequence[PullRequest], tip: BranchTip) -> bool:
    """Whether somebody closed a pull request with the branch's newest commit.

    When we close one we delete the branch, so it was a person who declined this change.
    """
    return any(each.head == tip.sha and not each.merged for each in pulls)


def _marked(pulls: Iterable[PullRequest], mark: str, author: str) -> bool:
    """Whether somebody closed a pull request of ours with this mark, which we take away first."""
    closed = (each for each in pulls if each.author == author and not (each.open or each.merged))
    return bool(mark) and any(mark.strip() in each.body for each in closed)


def _pushed(
    hub: Hub,
    change: FileChange,
    tip: BranchTip | None,
    said: CommitTrailer | None,
    ground: PullRequestContext,
) -> bool:
    """Commit the change on the branch and the base; False if somebody else moved the branch."""
    for path, (old, _) in change.files.items():
        if hub.blob_at(path, ground.commit) != blob(old):
            raise UsageError(
                f"{path} differs from commit {ground.commit[:12]}; nothing was pushed",
                "check out that commit, and do not change its files",
                Exit.FAILED,
            )
    new = {path: data for path, (_, data) in change.files.items()}
    tree = hub.tree(ground.commit, new)
    text = change.message(tree, ground.commit)
    older = [tip.sha] if tip else []
    newer = [] if said and said.base == ground.commit else [ground.commit]
    commit = hub.commit(text, tree, [*older, *newer])
    if tip:
        return hub.move_branch(change.branch, commit)
    return hub.start_branch(change.branch, commit)


def _told(
    hub: Hub, change: FileChange, pull: PullRequest | None, ground: PullRequestContext
) -> str:
    """Open the pull request, or bring its title and text up to date."""
    head, text = change.title, change.body(ground.run)
    if pull is None:
        number = hub.open_pull(head, text, change.branch, ground.branch, ground.label)
        if number is None:
            return "another run has just opened the pull request"
        return f"opened #{number}: {head}"
    if (pull.title, pull.body.replace("\r\n", "\n")) != (head, text):
        hub.edit_pull(pull.number, head, text)
    return f"brought #{pull.number} up to date: {head}"
