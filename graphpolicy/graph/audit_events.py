"""Reading the audit log. It only adds detail: a plan never fails or waits long because of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.compare.audit_log import events
from graphpolicy.graph.errors import GraphError
from graphpolicy.model import Event, Unread

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

FILTER = (
    "activityDisplayName eq 'Authentication Methods Policy Update' "
    "and loggedByService eq 'Authentication Methods'"
)
"""The log's activity for a change of the policy (Entra: "Audit log activity reference")."""

URL = (
    f"/auditLogs/directoryAudits?$filter={quote(FILTER)}"
    f"&$orderby={quote('activityDateTime desc')}&$top=100"
)
MOST_SECONDS = 15.0
LATER = "try again later, or open the audit log in the Entra admin center"


async def read_events(graph: Graph, seconds: float | None = None) -> tuple[Event, ...] | Unread:
    """The newest changes of the policy in the log, newest first, or why it can't be read.

    The log needs its own permissions, does not exist in every cloud, and allows five requests in
    ten seconds (Graph: "Microsoft Graph service-specific throttling limits").
    """
    seconds = MOST_SECONDS if seconds is None else seconds
    try:
        page = await asyncio.wait_for(graph.get("v1.0", URL), seconds)
    except GraphError as failure:
        return failure.unread
    except TimeoutError:
        return Unread(f"/auditLogs did not answer within {seconds:g} s", LATER)
    records = page.get("value")
    if not isinstance(records, list):
        return Unread("the answer from /auditLogs/directoryAudits has no list", LATER)
    return events(records)
