"""Recorded runs and audit logs: all in a table, one run request by request, or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from graphpolicy.compare.audit_log import changed, moment
from graphpolicy.helpdesk.actions import HelpdeskAction
from graphpolicy.journal.run import Attempt, Run
from graphpolicy.model import Event, Json, Tenant
from graphpolicy.render import Style
from graphpolicy.render.table import render_whole

HEAD = ("AT (UTC)", "TENANT", "WHAT", "BY", "RUN", "ENDED", "COMMIT")
REQUEST_HEAD = ("RESOURCE", "SETTINGS", "BECAME", "REQUEST-ID")
OPEN = "cut off"
MOST_NAMES = 3
"""What one line of the log says by name."""

Log: TypeAlias = Sequence[tuple[Tenant, Event]]
Helped: TypeAlias = tuple[str, HelpdeskAction]
"""A tenant's name and what the helpdesk did there."""


def overview(runs: Iterable[Run], log: Log, style: Style, helped: Iterable[Helped] = ()) -> str:
    """One line a run, one a record of an audit log and one a person helped, oldest first."""
    rows = [(run.begun["at"], _row(run)) for run in runs]
    rows += [(deed.at, _helped(name, deed)) for name, deed in helped]
    rows += [(event.at, _logged(tenant, event)) for tenant, event in log]
    return render_whole(HEAD, (row for _, row in sorted(rows, key=_time)), style)


def requests(run: Run, style: Style) -> str:
    """One line a request of a run."""
    rows = (
        (one.title, ", ".join(_paths(one)), one.fate or OPEN, one.request_id)
        for one in run.attempts
    )
    return render_whole(HEAD, [_row(run)], style) + render_whole(REQUEST_HEAD, rows, style)


def as_json(runs: Sequence[Run], log: Log, entries: Sequence[Mapping[str, Json]] = ()) -> Json:
    """Every run with its requests, every record of an audit log and every line of the helpdesk's
    journal, oldest first.
    """
    return {
        "format_version": "1",
        "helpdesk": list(entries),
        "audit": [
            {
                "at": event.at,
                "tenant": {"name": tenant.name, "id": tenant.id, "cloud": tenant.cloud},
                "by": event.who,
                "changed": list(changed(event)),
            }
            for tenant, event in sorted(log, key=lambda one: one[1].at)
        ],
        "runs": [
            {
                "run": run.name,
                "folder": run.folder,
                "verb": run.begun["verb"],
                "at": run.begun["at"],
                "tenant": run.begun["tenant"],
                "digest": run.begun["digest"],
                "origin": run.begun["origin"],
                "consent": run.begun["consent"],
                "exit_code": run.exit_code,
                "requests": [
                    {
                        "resource": one.resource,
                        "paths": _paths(one),
                        "fate": one.fate,
                        "request_id": one.request_id or None,
                    }
                    for one in run.attempts
                ],
            }
            for run in runs
        ],
    }


def _row(run: Run) -> tuple[str, ...]:
    origin = run.begun["origin"]
    done = sum(one.fate in ("verified", "written") for one in run.attempts)
    ended = OPEN if run.exit_code is None else f"exit {run.exit_code}"
    return (
        _at(run.begun["at"]),
        run.tenant.name,
        f"{run.begun['verb']} {done} of {len(run.attempts)}",
        origin.get("author", ""),
        run.name,
        ended,
        origin.get("commit", "")[:12],
    )


def _logged(tenant: Tenant, event: Event) -> tuple[str, ...]:
    names = changed(event)
    told = ", ".join(names[:MOST_NAMES]) or "something that it does not name"
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return (_at(event.at), tenant.name, f"audit log: {told}{more}", event.who, "", "", "")


def _helped(name: str, deed: HelpdeskAction) -> tuple[str, ...]:
    return (_at(deed.at), name, deed.what, deed.by, "", deed.ended, "")


def _at(time: str) -> str:
    return moment(time).removesuffix(" UTC")


def _time(row: tuple[str, tuple[str, ...]]) -> str:
    """A moment to the second, since the log has fractions of one and a journal has none."""
    return row[0][:19]


def _paths(attempt: Attempt) -> list[str]:
    return [".".join(setting.path) for setting in attempt.settings]
