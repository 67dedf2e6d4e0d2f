"""What happens around a plan: changes made outside of the files, and a freeze."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphpolicy.compare.audit_log import moment
from graphpolicy.model import POLICY, Change, Event, Finding, Scope, Unread


def reverting(changes: Sequence[Change], *, base_lost: bool = False) -> Iterator[Finding]:
    """Drift that would be undone together with an edit: merging must not silently revert it.

    Where a base was asked for and can't be understood (`base_lost`), nobody knows, and that is said
    once instead.
    """
    if base_lost and changes:
        yield Finding(
            "reverts-outside-change",
            "error",
            "the files in the base have errors, so what was edited can't be told from what was "
            "changed in the tenant, and this plan may undo the latter",
            "give --base a revision whose files are sound, or look at every change and apply with "
            "--allow reverts-outside-change",
            POLICY,
        )
    if not any(change.cause in ("edit", "both") for change in changes):
        return
    for change in changes:
        if change.cause in ("drift", "both"):
            yield Finding(
                "reverts-outside-change",
                "error",
                f"{change.title}.{change.path} {_outside(change)}",
                "ask who changed it and why; then write the new value or a hold into the file, or "
                "revert it in a plan of its own",
                change.resource,
                change.path,
                change.source,
            )


def _outside(change: Change) -> str:
    """What was done to a setting in the tenant, and what the plan would make of that."""
    by = _by(change.event)
    if change.entries:
        files = ", and in the files" if change.cause == "both" else ""
        return f"was changed in the tenant{by}{files}; this plan would make it {change.step}"
    if change.cause == "both":
        return (
            f"was changed in the tenant, to {change.before_label}{by}, and in the files, to "
            f"{change.after_label}: this plan would overwrite the former"
        )
    return (
        f"was changed in the tenant, from {change.after_label} to {change.before_label}{by}, and "
        "this plan would undo that along with the edit"
    )


def _by(event: Event | None) -> str:
    return f", by {event.who} on {moment(event.at)}" if event else ""


def not_attributed(
    changes: Sequence[Change], events: Sequence[Event] | Unread
) -> Iterator[Finding]:
    """That nobody can be named for what was changed outside of the files, and why."""
    if isinstance(events, Unread) and any(change.cause != "edit" for change in changes):
        yield Finding(
            "audit-log-not-read",
            "note",
            f"the audit log could not be read, so who changed what is not known ({events.why})",
            events.fix,
        )


def frozen(freeze: Scope | None, today: str, changes: Sequence[Change]) -> Iterator[Finding]:
    """That nothing may be written to the tenant for now; a note where nothing would be."""
    if freeze is None:
        return
    reason = f"{freeze.owner}: {freeze.reason}"
    if freeze.expires < today:
        yield Finding(
            "freeze-expired",
            "warning",
            f"the freeze of this tenant ended with {freeze.expires} ({reason})",
            "take it out of the tenant block",
            source=freeze.place,
        )
        return
    yield Finding(
        "tenant-frozen",
        "error" if changes else "note",
        f"this tenant is frozen until {freeze.expires} ({reason})",
        "wait for its end, or take tenant.freeze out of the file",
        source=freeze.place,
    )
