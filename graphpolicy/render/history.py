"""Recorded runs: all of them in a table, one request by request, or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphpolicy.model import Json
from graphpolicy.render import Style
from graphpolicy.render.table import render_table
from graphpolicy.run import Attempt, Run

HEAD = ("RUN", "VERB", "TENANT", "REQUESTS", "ENDED", "BY", "COMMIT")
REQUEST_HEAD = ("RESOURCE", "SETTINGS", "BECAME", "REQUEST-ID")
OPEN = "cut off"


def overview(runs: Iterable[Run], style: Style) -> str:
    """One line a run, oldest first."""
    return render_table(HEAD, (_row(run) for run in runs), style)


def requests(run: Run, style: Style) -> str:
    """One line a request of a run."""
    rows = (
        (one.title, ", ".join(_paths(one)), one.fate or OPEN, one.request_id)
        for one in run.attempts
    )
    return render_table(HEAD, [_row(run)], style) + render_table(REQUEST_HEAD, rows, style)


def as_json(runs: Sequence[Run]) -> Json:
    """Every run with its requests."""
    return {
        "format_version": "1",
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
        run.name,
        run.begun["verb"],
        run.tenant.name,
        f"{done} of {len(run.attempts)}",
        ended,
        origin.get("author", ""),
        origin.get("commit", "")[:12],
    )


def _paths(attempt: Attempt) -> list[str]:
    return [".".join(setting.path) for setting in attempt.settings]
