"""Recorded runs and audit logs: all in a table, one run request by request, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from graphpolicy.compare.audit_events import changed, moment
from graphpolicy.compare.author_words import called
from graphpolicy.helpdesk.actions import HelpdeskAction
from graphpolicy.journal.run import Attempt, Run
from graphpolicy.model import Author, Event, Json, Tenant
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import number
from graphpolicy.render import Style
from graphpolicy.render.as_json import members, tenant_json
from graphpolicy.render.blocks import Block, Table
from graphpolicy.render.plan_json import author_json

HEAD = ("AT (UTC)", "TENANT", "WHAT", "BY", "RUN", "ENDED", "COMMIT", "PULL REQUEST")
REQUEST_HEAD = ("RESOURCE", "SETTINGS", "OUTCOME", "REQUEST-ID")
OPEN = "interrupted"
BEGUN = ("verb", "at", "tenant", "digest", "origin", "consent")
MOST_NAMES = 3
"""How many settings one line of the log names."""

Log: TypeAlias = Sequence[tuple[Tenant, Event]]
Opened: TypeAlias = Sequence[tuple[str, str]]
Helped: TypeAlias = tuple[str, HelpdeskAction]
"""A tenant's name and what the helpdesk did there."""


@dataclass(frozen=True, slots=True)
class History:
    """Runs, records of audit logs and what the helpdesk did; with `one` a single run in full.

    A record whose author is one of these runs is shown with it.
    `entries` are the lines of the helpdesk's journal that `helped` was read from.
    """

    runs: tuple[Run, ...]
    log: Log = ()
    helped: tuple[Helped, ...] = ()
    entries: Sequence[Mapping[str, Json]] = ()
    one: bool = False
    unreadable: int = 0
    """Runs whose record could not be read."""

    findings = ()
    failures = ()

    @property
    def verdict(self) -> str:
        more = f", {self.unreadable} not read" if self.unreadable else ""
        return f"{number(len(self.runs), 'run')}{more}"

    @property
    def exit_code(self) -> int:
        """1 if a record could not be read."""
        return Exit.FAILED if self.unreadable else Exit.DONE

    def of_run(self, run: Run) -> list[Event]:
        """The records of the audit log about what a run wrote, oldest first."""
        found = (
            event for tenant, event in self.log if tenant.id == run.tenant.id and _is_of(event, run)
        )
        return sorted(found, key=lambda event: event.at)

    def opened(self, run: Run) -> list[tuple[str, str]]:
        """The waves that were open in a run and not in the tenant's run before it: (rollout, wave).

        Nothing for a single run, since the one before it is not known.
        """
        if self.one:
            return []
        earlier = [each for each in self.runs if each.tenant.id == run.tenant.id]
        before = [each for each in earlier if each.begun["at"] < run.begun["at"] and each.rollouts]
        last = max(before, key=lambda each: str(each.begun["at"])).rollouts if before else {}
        return [
            (name, wave)
            for name, waves in run.rollouts.items()
            for wave in waves
            if wave not in last.get(name, ())
        ]

    @property
    def others(self) -> list[tuple[Tenant, Event]]:
        """The records of everything else, oldest first."""
        found = (
            (tenant, event)
            for tenant, event in self.log
            if not any(_is_of(event, run) for run in self.runs)
        )
        return sorted(found, key=lambda one: one[1].at)


def blocks(result: History, style: Style) -> Iterator[Block]:
    """One row for each run, each record and each person helped, oldest first."""
    if result.one:
        run = result.runs[0]
        yield Table(HEAD, [_row(run)], whole=True)
        yield Table(REQUEST_HEAD, [_request(attempt) for attempt in run.attempts], whole=True)
        return
    rows = [
        (run.begun["at"], _row(run, len(result.of_run(run)), result.opened(run)))
        for run in result.runs
    ]
    rows += [(deed.at, _helped(name, deed)) for name, deed in result.helped]
    rows += [(event.at, _logged(tenant, event)) for tenant, event in result.others]
    if rows:
        yield Table(HEAD, [row for _, row in sorted(rows, key=_time)], whole=True)


def _request(one: Attempt) -> tuple[str, ...]:
    return (one.title, ", ".join(_paths(one)), one.fate or OPEN, one.request_id)


def document(result: History, style: Style) -> Json:
    """Every run with its requests, every record of an audit log and every line of the helpdesk's
    journal, oldest first.
    """
    return {
        "helpdesk": list(result.entries),
        "audit": [
            {"tenant": tenant_json(tenant), **_event_json(event)} for tenant, event in result.others
        ],
        "runs": [
            {
                "run": run.name,
                "folder": run.folder,
                **{name: run.begun[name] for name in BEGUN},
                "author": author_json(_author(run)),
                "audit": [_event_json(event) for event in result.of_run(run)],
                **({"opened": opened} if (opened := _opened_json(result, run)) else {}),
                "exit_code": run.exit_code,
                "requests": [
                    {
                        "resource": one.resource,
                        "paths": _paths(one),
                        **members(one, "fate request_id?"),
                    }
                    for one in run.attempts
                ],
            }
            for run in result.runs
        ],
    }


def _opened_json(result: History, run: Run) -> list[Json]:
    return [{"rollout": name, "wave": wave} for name, wave in result.opened(run)]


def _event_json(event: Event) -> dict[str, Json]:
    return {
        "at": event.at,
        "by": called(event.author),
        "author": author_json(event.author),
        "changed": list(changed(event)),
    }


def _author(run: Run) -> Author:
    return Author(
        "ourselves", run.begun["origin"].get("author", ""), run.name, str(run.begun["at"])
    )


def _is_of(event: Event, run: Run) -> bool:
    return event.author.kind == "ourselves" and event.author.id == run.name


def _row(run: Run, records: int = 0, opened: Opened = ()) -> tuple[str, ...]:
    """`records` is how many the audit log has of it, `opened` the waves that it opened."""
    origin = run.begun["origin"]
    done = sum(one.fate in ("verified", "written") for one in run.attempts)
    waves = ", ".join(f"{wave} of {name}" for name, wave in opened)
    logged = f", opens {waves}" if waves else ""
    logged += f", {records} in the audit log" if records else ""
    ended = OPEN if run.exit_code is None else f"exit {run.exit_code}"
    return (
        _at(run.begun["at"]),
        run.tenant.name,
        f"{run.begun['verb']} {done} of {len(run.attempts)}{logged}",
        origin.get("author", ""),
        run.name,
        ended,
        origin.get("commit", "")[:12],
        origin.get("pull_request", ""),
    )


def _logged(tenant: Tenant, event: Event) -> tuple[str, ...]:
    names = changed(event)
    told = ", ".join(names[:MOST_NAMES]) or "a change without details"
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return (
        _at(event.at),
        tenant.name,
        f"audit log: {told}{more}",
        called(event.author),
        "",
        "",
        "",
        "",
    )


def _helped(name: str, deed: HelpdeskAction) -> tuple[str, ...]:
    return (_at(deed.at), name, deed.what, deed.by, "", deed.ended, "", "")


def _at(time: str) -> str:
    return moment(time).removesuffix(" UTC")


def _time(row: tuple[str, tuple[str, ...]]) -> str:
    """The time to the second: the audit log has fractions of a second, a journal has none."""
    return row[0][:19]


def _paths(attempt: Attempt) -> list[str]:
    return [".".join(setting.path) for setting in attempt.settings]
