"""Reading the audit log: an aid to understanding, which no plan waits long for or fails by."""

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
"""What a change of the policy is called (Entra: Audit log activity reference)."""

URL = (
    f"/auditLogs/directoryAudits?$filter={quote(FILTER)}"
    f"&$orderby={quote('activityDateTime desc')}&$top=100"
)
MOST_SECONDS = 15.0
LATER = "try again later, or look into the log in the portal"


async def read_events(graph: Graph, seconds: float | None = None) -> tuple[Event, ...] | Unread:
    """The newest changes of the policy that the log has, newest first, or why it can't be read.

    The log needs permissions of its own, is not there in every cloud, and answers five questions in
    ten seconds (Graph: "Microsoft Graph service-specific throttling limits").
    """
    seconds = MOST_SECONDS if seconds is None else seconds
    try:
        page = await asyncio.wait_for(graph.get("v1.0", URL), seconds)
    except GraphError as failure:
        return failure.unread
    except TimeoutError:
        return Unread(f"no answer from /auditLogs within {seconds:g} s", LATER)
    records = page.get("value")
    if not isinstance(records, list):
        return Unread("/auditLogs/directoryAudits was answered without a list", LATER)
    return events(records)
