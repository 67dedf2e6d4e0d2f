"""history: read the tenants' audit logs, to show beside what was applied and rolled back here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphpolicy.graph.read import MOST_SECONDS, read_events, together
from graphpolicy.model import Event, Tenant, Unread

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session

SIGN_IN_SECONDS = 300.0
"""How long a person may take to sign in, in seconds."""

INTERACTIVE = ("browser", "device-code")


async def read_logs(
    session: Session, tenants: Sequence[Tenant], auth: str
) -> list[tuple[Tenant, tuple[Event, ...] | Unread]]:
    """The policy changes in each tenant's audit log, or why it can't be read.

    `auth` is the value of --auth.
    """
    seconds = SIGN_IN_SECONDS if auth in INTERACTIVE else MOST_SECONDS
    logs = await together(read_events(session.tenant(tenant), seconds) for tenant in tenants)
    return list(zip(tenants, logs, strict=True))
