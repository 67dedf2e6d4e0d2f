"""What the records of runs say about who changed a tenant: what we wrote, and what we last saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from graphpolicy.journal.folder import PLAN, RunError, document, runs
from graphpolicy.journal.run import Run
from graphpolicy.model import Json, OwnRuns, OwnWrite
from graphpolicy.model.errors import Exit

AS_SENT = timedelta(minutes=5)
"""How far the audit log's time of a write may be from ours. Clocks differ, and no page of
Microsoft's says that `correlationId` is the id of the request."""


def own_runs(state_dir: str) -> Mapping[str, OwnRuns]:
    """What the runs below a state folder wrote and saw, by tenant id.

    Raises:
        RunError: the folder can't be read.
    """
    found: dict[str, list[Run]] = {}
    for run in runs(state_dir):
        found.setdefault(run.tenant.id, []).append(run)
    return {tenant: _of(each) for tenant, each in found.items()}


def writes_of(run: Run) -> Iterable[OwnWrite]:
    """Every setting that a run wrote, or may have."""
    by = str(run.begun["origin"].get("author", ""))
    for one in run.written:
        for setting in one.settings:
            yield OwnWrite(
                run.name,
                by,
                one.sent,
                one.request_id,
                one.resource,
                setting.path,
                setting.after,
                *_about(one.sent),
            )


def _about(at: str) -> tuple[str, str]:
    """The times around one within which the audit log may have the same write."""
    try:
        sent = datetime.fromisoformat(at)
        return (sent - AS_SENT).isoformat()[:19], (sent + AS_SENT).isoformat()[:19]
    except (ValueError, OverflowError):  # a record that somebody edited
        return "", ""


def _of(known: Iterable[Run]) -> OwnRuns:
    """The runs of one tenant, oldest first."""
    known = tuple(known)
    writes = sorted(
        (write for run in known for write in writes_of(run)),
        key=lambda write: write.at,
        reverse=True,
    )
    verified = [run for run in known if run.exit_code == Exit.DONE and run.attempts]
    if not verified:
        return OwnRuns(tuple(writes))
    return OwnRuns(
        tuple(writes), dict(_seen(verified[-1])), max(one.sent for one in verified[-1].attempts)
    )


def _seen(run: Run) -> Iterable[tuple[tuple[str, str], Json]]:
    """The values that every managed setting had once a run had been verified."""
    try:
        [plan] = document(run, PLAN)["plans"]
        for row in plan["bound"]["settings"]:
            yield (str(row["resource"]), str(row["path"])), row["desired"]
    except (RunError, KeyError, TypeError, ValueError):  # a record that somebody edited
        return
