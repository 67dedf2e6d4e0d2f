"""Reading the audit log: an aid to understanding, which no plan waits long for or fails by."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.audit import events
from graphpolicy.graph.errors import GraphFailure
from graphpolicy.model import Event

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


async def read_events(graph: Graph, seconds: float = MOST_SECONDS) -> tuple[Event, ...] | None:
    """The newest changes of the policy that the log has, newest first; None if it can't be read.

    The log needs permissions of its own, is not there in every cloud, and answers five questions in
    ten seconds (Graph: "Microsoft Graph service-specific throttling limits").
    """
    try:
        page = await asyncio.wait_for(graph.get("v1.0", URL), seconds)
    except (GraphFailure, TimeoutError):
        return None
    records = page.get("value")
    return events(records) if isinstance(records, list) else None
