"""Changes made outside of the files, and the freeze of a tenant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from graphpolicy.compare.author_words import FAILED, by_whom, nowhere
from graphpolicy.compare.holds import expired
from graphpolicy.model import POLICY, AuditLog, Change, Finding, Hold, Scope, Unmanaged, Unread


def reverting(changes: Sequence[Change], *, base_lost: bool = False) -> Iterator[Finding]:
    """Drift that would be undone together with an edit: a merge must not revert it silently.

    If --base was given and its files have errors (`base_lost`), drift can't be told from an edit:
    that is one error instead.
    """
    if base_lost and changes:
        yield Finding(
            "reverts-outside-change",
            "error",
            "the files in the base have errors, so edits can't be told from changes made in the "
            "tenant, and this plan may undo such changes",
            "give --base a revision whose files have no errors, or check every change and apply "
            "with --allow reverts-outside-change",
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
                _what_to_do(change),
                change.resource,
                change.path,
                change.source,
            )


def _what_to_do(change: Change) -> str:
    if change.notice:
        return (
            "write the new value into the file, or opt out (authenticationMethodsPolicy."
            "optOutSettings) and revert it in a separate plan; without the opt-out Microsoft may "
            "change it again"
        )
    return (
        "ask who changed it and why; then write the new value or a hold into the file, or revert "
        "it in a separate plan"
    )


def _outside(change: Change) -> str:
    """What changed in the tenant, and what the plan would do to it."""
    whose = by_whom(change.changed_by)
    by = f" (by {whose})" if whose else ""
    if change.entries:
        files = ", and in the files" if change.cause == "both" else ""
        return f"was changed in the tenant{by}{files}; this plan would make it {change.step}"
    if change.cause == "both":
        return (
            f"was changed in the tenant, to {change.before_label}{by}, and in the files, to "
            f"{change.after_label}: this plan would overwrite the change in the tenant"
        )
    return (
        f"was changed in the tenant, from {change.after_label} to {change.before_label}{by}, and "
        "this plan would undo that together with the edit"
    )


def not_attributed(
    changes: Sequence[Change],
    log: AuditLog | Unread | None,
    unmanaged: Sequence[Unmanaged] = (),
) -> Iterator[Finding]:
    """Notes that it is not known who changed the tenant: the log was not read, or says nothing."""
    moved: list[Change | Unmanaged] = [
        *(change for change in changes if change.cause != "edit"),
        *unmanaged,
    ]
    if isinstance(log, Unread) and moved:
        yield Finding(
            "audit-log-not-read",
            "note",
            f"the audit log could not be read, so it is not known who changed what ({log.why})",
            log.fix,
        )
        return
    failed = [
        author.why for each in moved for author in each.changed_by if author.why.startswith(FAILED)
    ]
    if failed:
        yield Finding(
            "author-unknown",
            "note",
            f"it is not known who made {len(failed)} of the {len(moved)} differences: {failed[0]}",
            "the differences themselves are complete; please report this line and what "
            "`graphpolicy --version` prints",
        )
    lost = sum(bool(each.changed_by) and nowhere(each.changed_by) for each in moved)
    if lost:
        yield Finding(
            "author-unknown",
            "note",
            f"the audit log has no record of {lost} of the {len(moved)} differences, and no run "
            "or snapshot says how far back to look: anybody may have made them, Microsoft included",
            "give `drift --since DAY`, the last day on which the tenant matched its files",
        )


def frozen(freeze: Scope | None, today: str, changes: Sequence[Change]) -> Iterator[Finding]:
    """The finding that nothing may be written to the tenant for now; a note if the plan changes
    nothing.
    """
    if freeze is None:
        return
    reason = f"{freeze.owner}: {freeze.reason}"
    if freeze.expires < today:
        yield Finding(
            "freeze-expired",
            "warning",
            f"the freeze of this tenant expired on {freeze.expires} ({reason})",
            "remove it from the tenant block",
            source=freeze.place,
        )
        return
    yield Finding(
        "tenant-frozen",
        "error" if changes else "note",
        f"this tenant is frozen until {freeze.expires} ({reason})",
        "wait until it expires, or remove tenant.freeze from the file",
        source=freeze.place,
    )


def ended(holds: Iterable[Hold], freeze: Scope | None, today: str) -> Iterator[Finding]:
    """Holds and freezes that have expired."""
    yield from expired(holds, today)
    if freeze and freeze.expires < today:
        yield from frozen(freeze, today, ())
