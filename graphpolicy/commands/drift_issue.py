"""ci drift-issue: an issue for each tenant with drift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from graphpolicy.github.drift_result import TenantDrift
from graphpolicy.github.tenant_issue import Issue, memory, step

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub


def watch(
    hub: Hub,
    seen: Sequence[TenantDrift],
    issues: Sequence[Issue],
    *,
    label: str,
    now: str,
    run: str,
) -> Iterator[str]:
    """Open, update or close each tenant's issue; yields a sentence about what was done.

    If a tenant has several issues, the oldest is kept and the others are closed.
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
            yield f"{look.name}: no drift and no open issue"
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
