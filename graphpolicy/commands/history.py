"""history: the audit logs and the helpdesk's records that are shown beside recorded runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.commands.tenants import known_tenants, own_tenant
from graphpolicy.compare.authors import event_authors
from graphpolicy.graph.connection import asked_for, connection
from graphpolicy.graph.kept_sign_ins import KeptSignIns, kept_accounts
from graphpolicy.journal.ledger import entries
from graphpolicy.journal.own_runs import writes_of
from graphpolicy.model import AuditLog, Event, Json, Tenant, Unread
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session
    from graphpolicy.journal.run import Run

SIGN_IN_SECONDS = 300.0
"""How long a person may take to sign in, in seconds."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """The tenants whose audit logs can be read; `asks` is whether the sign-in may ask a person."""

    tenants: tuple[Tenant, ...]
    asks: bool


def helpdesk_lines(
    state_dir: str, wanted: str | None, names: dict[str, str]
) -> list[Mapping[str, Json]]:
    """The ledger's lines about the wanted tenants. Adds the files' tenants to `names`, by id."""
    for tenant in known_tenants():
        names.setdefault(tenant.id, tenant.name)
    called = (wanted or "").casefold()
    return [
        line
        for line in entries(state_dir)
        for id_ in (str(line.get("tenant")),)
        if not called or called in (id_, names.get(id_, "").casefold())
    ]


def log_source(
    environment: Mapping[str, str],
    auth: str,
    client_id: str,
    wanted: str | None,
    recorded: Iterable[Run],
) -> LogSource | None:
    """The audit logs of the tenants of files and recorded runs; else that of the credential.

    None if neither `auth`, the environment nor a kept sign-in says how to sign in.

    Raises:
        UsageError: a flag or variable is not valid, or the tenant is not known.
    """
    where = connection(environment, auth, client_id=client_id, keeps=True)
    asked = asked_for(where)
    if not (asked or (where.keeps and kept_accounts())):
        return None
    every = (*(run.tenant for run in recorded), *known_tenants())
    found = {tenant.id: tenant for tenant in every if tenant.is_called(wanted)}
    tenants = list(found.values()) or [own_tenant(wanted, environment)]
    if not asked:
        kept = KeptSignIns(where)
        tenants = [tenant for tenant in tenants if kept.holds(tenant)]
    return LogSource(tuple(tenants), asked) if tenants else None


async def read_logs(
    session: Session, tenants: Iterable[Tenant], auth: str, now: str
) -> Sequence[AuditLog | Unread]:
    """The audit log of each tenant, or why it could not be read."""
    from graphpolicy.graph.audit_log import MOST_SECONDS, read_audit_log
    from graphpolicy.graph.read import together

    seconds = SIGN_IN_SECONDS if auth in ("browser", "device-code") else MOST_SECONDS
    return await together(
        read_audit_log(session.tenant(tenant), now, seconds=seconds) for tenant in tenants
    )


def log_events(
    tenants: Iterable[Tenant],
    logs: Iterable[AuditLog | Unread],
    recorded: Sequence[Run],
    say: Callable[[str], None],
) -> list[tuple[Tenant, Event]]:
    """The events of audit logs, each with its author. A log that can't be read is a message."""
    found: list[tuple[Tenant, Event]] = []
    for tenant, log in zip(tenants, logs, strict=True):
        if isinstance(log, Unread):
            say(
                f"the audit log of {tenant.name} can't be read, so only runs are shown: "
                f"{log.why}; {log.fix}"
            )
            continue
        own = [run for run in recorded if run.tenant.id == tenant.id]
        writes = [write for run in own for write in writes_of(run)]
        found += [
            (tenant, replace(event, author=author))
            for event, author in zip(log.events, event_authors(log.events, writes), strict=True)
        ]
    return found
