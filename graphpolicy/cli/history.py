"""history: the runs that were recorded, and the tenants' audit logs, on one timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.connect import connected
from graphpolicy.cli.flags import recorded_run
from graphpolicy.cli.options import Context, tenant_options

if TYPE_CHECKING:
    from graphpolicy.journal.run import Run
    from graphpolicy.model import Event, Json, Tenant

SIGN_IN_SECONDS = 300.0
"""How long a person may take to sign in, in seconds."""


@click.command()
@recorded_run
@tenant_options("History")
def history(context: Context, run: str | None) -> int:
    """List what was applied and rolled back here, or one run in full.

    The timeline includes what tap and mfa did for people. It includes the tenants' audit logs, as
    far back as Microsoft keeps them, if --auth, the environment or a kept sign-in says how to sign
    in; it asks nobody else. A record of the log about a run is shown with that run.
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
    """The ledger's lines about the wanted tenants. Adds the files' tenants to `names`, by id."""
    from graphpolicy.commands.tenants import known_tenants
    from graphpolicy.journal.ledger import entries

    for tenant in known_tenants():
        names.setdefault(tenant.id, tenant.name)
    wanted = (context.tenant or "").casefold()
    return [
        line
        for line in entries(context.state_dir)
        for id_ in (str(line.get("tenant")),)
        if not wanted or wanted in (id_, names.get(id_, "").casefold())
    ]


def _log(context: Context, recorded: Iterable[Run]) -> list[tuple[Tenant, Event]]:
    """The events of the audit logs. A log that can't be read is a message, not a failure.

    The tenants are those of files and recorded runs; if there are none, the credential's own.
    """
    from graphpolicy.commands.tenants import known_tenants, own_tenant
    from graphpolicy.compare.authors import hands
    from graphpolicy.graph.connection import asked_for, connection
    from graphpolicy.graph.failures import GraphError
    from graphpolicy.graph.kept_sign_ins import KeptSignIns, kept_accounts
    from graphpolicy.journal.own_runs import writes_of
    from graphpolicy.model import Unread
    from graphpolicy.model.errors import UsageError

    try:
        where = connection(
            context.environment, context.auth, client_id=context.client_id, keeps=True
        )
        asked = asked_for(where)
        if not (asked or (where.keeps and kept_accounts())):
            return []
        recorded = tuple(recorded)
        every = (*(run.tenant for run in recorded), *known_tenants())
        found = {tenant.id: tenant for tenant in every if tenant.is_called(context.tenant)}
        tenants = list(found.values()) or [own_tenant(context.tenant, context.environment)]
        if not asked:
            kept = KeptSignIns(where)
            tenants = [tenant for tenant in tenants if kept.holds(tenant)]
        if not tenants:
            return []
        from graphpolicy.graph.audit_log import MOST_SECONDS, read_audit_log
        from graphpolicy.graph.read import together

        seconds = SIGN_IN_SECONDS if context.auth in ("browser", "device-code") else MOST_SECONDS
        logs = connected(
            context,
            lambda session, _say: together(
                read_audit_log(session.tenant(tenant), context.now(), seconds=seconds)
                for tenant in tenants
            ),
            asks=asked,
        )
    except (GraphError, UsageError) as failure:
        context.console.say(f"the audit log is not shown: {failure.text}")
        return []
    log: list[tuple[Tenant, Event]] = []
    for tenant, found_log in zip(tenants, logs, strict=True):
        if isinstance(found_log, Unread):
            context.console.say(
                f"the audit log of {tenant.name} can't be read, so only runs are shown: "
                f"{found_log.why}; {found_log.fix}"
            )
        else:
            ours = [run for run in recorded if run.tenant.id == tenant.id]
            writes = [write for run in ours for write in writes_of(run)]
            log += [
                (tenant, replace(event, author=author))
                for event, author in zip(
                    found_log.events, hands(found_log.events, writes), strict=True
                )
            ]
    return log
