"""history: the runs that were recorded, and the tenants' audit logs, on one timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.connect import connected
from graphpolicy.cli.flags import recorded_run
from graphpolicy.cli.options import Context, tenant_options

if TYPE_CHECKING:
    from graphpolicy.journal.run import Run
    from graphpolicy.model import Event, Json, Tenant


@click.command()
@recorded_run
@tenant_options("History")
def history(context: Context, run: str | None) -> int:
    """List what was applied and rolled back here, or one run in full.

    The timeline includes what tap and mfa did for people. It includes the tenants' audit logs, as
    far back as Microsoft keeps them, if --auth, the environment or a kept sign-in says how to sign
    in; otherwise it asks nobody. A record of the log about a run is shown with that run.
    """
    from graphpolicy.helpdesk.actions import deeds
    from graphpolicy.journal.folder import ELSEWHERE, find, runs, unreadable
    from graphpolicy.render.history import History

    found = [
        one
        for one in ([find(context.state_dir, run)] if run else runs(context.state_dir))
        if one.tenant.is_called(context.tenant)
    ]
    troubles = [] if run else unreadable(context.state_dir)
    for trouble in troubles:
        context.console.problem(trouble, "move that folder away once you know what it did")
    log = [] if run else _log(context, found)
    names = {one.tenant.id: one.tenant.name for one in found}
    lines = [] if run else _helpdesk(context, names)
    if not (found or lines or troubles):
        context.console.say(f"no run is recorded below {context.state_dir}; {ELSEWHERE}")
    helped = tuple((names.get(one.tenant, one.tenant), one) for one in deeds(lines))
    return context.console.answer(
        History(tuple(found), log, helped, lines, one=bool(run), unreadable=len(troubles))
    )


def _helpdesk(context: Context, names: dict[str, str]) -> list[Mapping[str, Json]]:
    from graphpolicy.commands.history import helpdesk_lines

    return helpdesk_lines(context.state_dir, context.tenant, names)


def _log(context: Context, recorded: Sequence[Run]) -> list[tuple[Tenant, Event]]:
    """The events of the audit logs. A log that can't be read is a message, not a failure."""
    from graphpolicy.commands.history import log_events, log_source, read_logs
    from graphpolicy.graph.failures import GraphError
    from graphpolicy.model.errors import UsageError

    say, auth = context.console.say, context.auth
    try:
        source = log_source(context.environment, auth, context.client_id, context.tenant, recorded)
        if source is None:
            return []
        logs = connected(
            context,
            lambda session, _say: read_logs(session, source.tenants, auth, context.now()),
            asks=source.asks,
        )
    except (GraphError, UsageError) as failure:
        say(f"the audit log is not shown: {failure.text}")
        return []
    return log_events(source.tenants, logs, recorded, say)
