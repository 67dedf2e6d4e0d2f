"""What a pipeline on GitHub says and where: a pull request's comment, a tenant's issue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from graphpolicy.github.sticky import Comment, key, ours
from graphpolicy.github.watch import Issue, Look, memory, step
from graphpolicy.graph.errors import UsageFailure
from graphpolicy.model import Json


class Comments(Protocol):
    """What a sticky comment needs of GitHub."""

    def comments(self, number: int) -> list[Comment]: ...
    def comment(self, number: int, body: str) -> None: ...
    def edit_comment(self, number: int, id_: int, body: str) -> None: ...
    def delete_comment(self, number: int, id_: int) -> None: ...


class Issues(Protocol):
    """What drift issues need of GitHub."""

    def issues(self, label: str, author: str) -> list[Issue]: ...
    def open_issue(self, title: str, body: str, label: str) -> int: ...
    def edit_issue(self, number: int, title: str, body: str, *, open_: bool) -> None: ...
    def comment(self, number: int, body: str) -> None: ...


def pull_request(event: Mapping[str, Json], repository: str) -> tuple[int | None, bool]:
    """The number of the pull request that a job runs for, and whether it comes from a fork."""
    pull = event.get("pull_request")
    if not isinstance(pull, Mapping):
        return None, False
    head = (pull.get("head") or {}).get("repo") or {}
    return pull.get("number"), head.get("full_name") != repository


def stick(hub: Comments, number: int, body: str, author: str) -> str:
    """Put a report on a pull request in place of the earlier one; what was done, in words.

    Raises:
        UsageFailure: the text is no report.
        HubFailure: GitHub refused; `forbidden` where the token may only read.
    """
    if key(body) is None:
        raise UsageFailure(
            "the comment is no report of graphpolicy: its first line has no marker",
            "write it with `graphpolicy plan -o plan.md`",
        )
    found = ours(hub.comments(number), body, author)
    if not found:
        hub.comment(number, body)
        return f"commented on #{number}"
    kept, *others = found
    if kept.body.strip() != body.strip():
        hub.edit_comment(number, kept.id, body)
    for other in others:  # two runs began at once, and each found none
        hub.delete_comment(number, other.id)
    return f"brought the comment on #{number} up to date"


def watch(
    hub: Issues, seen: Sequence[Look], issues: Sequence[Issue], *, label: str, now: str, run: str
) -> Iterator[str]:
    """Bring each tenant's issue in line with what was seen; what was done, in words.

    Of several issues of one tenant the oldest counts, and the others are closed.

    Raises:
        HubFailure: GitHub refused.
    """
    for look in seen:
        own = [issue for issue in issues if _tenant(issue) == look.tenant]
        issue = own[0] if own else None
        todo = step(issue, look, now, run)
        for other in own[1:]:
            if other.open:
                hub.edit_issue(
                    other.number, f"Duplicate of #{own[0].number}", other.body, open_=False
                )
        if todo is None:
            yield f"{look.name}: no drift, and no issue that says so"
        elif issue is None:
            number = hub.open_issue(todo.title, todo.body, label)
            yield f"{look.name}: opened #{number}: {todo.title}"
        else:
            hub.edit_issue(issue.number, todo.title, todo.body, open_=todo.open)
            if todo.comment:
                hub.comment(issue.number, todo.comment)
            did = "brought up to date" if todo.open == issue.open else "reopened"
            yield f"{look.name}: {did if todo.open else 'closed'} #{issue.number}: {todo.title}"


def _tenant(issue: Issue) -> str:
    kept = memory(issue.body)
    return kept.tenant if kept else ""
