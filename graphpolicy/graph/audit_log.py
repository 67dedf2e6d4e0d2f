"""Reading the audit log: who changed the policy, and how far back that is known."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.compare.audit_events import events, second
from graphpolicy.graph.failures import GraphError
from graphpolicy.model import AuditLog, Unread
from graphpolicy.model.errors import unforeseen

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

PATH = "/auditLogs/directoryAudits"
FILTER = (
    "startswith(activityDisplayName,'Authentication ') "
    "and loggedByService eq 'Authentication Methods'"
)
"""The log's activities for changes of the policy and of strengths: `Authentication Methods Policy
Update` and `Authentication Strength …` (Entra: "Audit log activity reference").
"""

AUDIT_LOG = f"{PATH}?$filter={quote(FILTER)}&$orderby={quote('activityDateTime desc')}&$top=100"
MOST_SECONDS = 15.0
REPORT = "report this line and what `graphpolicy --version` prints"
LATER = "try again later, or open the audit log in the Entra admin center"

DELAY = timedelta(minutes=15)
"""By when a record is in the log. Microsoft has published 5 minutes for 99 of 100 records (Azure
AD: "reporting latencies", 2022); others measure 5 to 15."""
KEPT, KEPT_PREMIUM = timedelta(days=7), timedelta(days=30)
"""How long records are kept without and with Entra ID P1 or P2 (Entra: "Microsoft Entra data
retention")."""


async def read_audit_log(
    graph: Graph, now: str, since: str = "", seconds: float | None = None
) -> AuditLog | Unread:
    """The changes of the policy in the log, or why it can't be read.

    `now` is the time, `since` the earliest time that matters, '' if none is known (ISO 8601, UTC).
    The log needs its own permissions, does not exist in every cloud, and allows five requests in
    ten seconds (Graph: "Microsoft Graph service-specific throttling limits"): this is two at most.
    """
    seconds = MOST_SECONDS if seconds is None else seconds
    try:
        return await asyncio.wait_for(_read(graph, now, second(since)), seconds)
    except GraphError as failure:
        return failure.unread
    except TimeoutError:
        return Unread(f"/auditLogs did not answer within {seconds:g} s", LATER)
    except Exception as error:  # noqa: BLE001 - an answer of an unknown shape costs the names alone
        return Unread(f"its answer was not understood: {unforeseen(error)}", REPORT)


async def _read(graph: Graph, now: str, since: str) -> AuditLog | Unread:
    page = await graph.get("v1.0", AUDIT_LOG)
    records = page.get("value")
    if not isinstance(records, list):
        return Unread(f"the answer from {PATH} has no list", LATER)
    found, at = events(records), datetime.fromisoformat(now)
    oldest = min((second(each.at) for each in found if each.at), default="")
    whole = "@odata.nextLink" not in page
    week, earliest = _text(at - KEPT), _text(at - KEPT_PREMIUM)
    begins = min(filter(None, (week, oldest))) if whole else oldest
    if whole and earliest < since < begins and await _reaches(graph, since):
        begins = since
    return AuditLog(found, begins, _text(at - DELAY))


async def _reaches(graph: Graph, since: str) -> bool:
    """Whether the log has any record that is older than a time."""
    older = quote(f"activityDateTime le {since}Z")
    page = await graph.get("v1.0", f"{PATH}?$filter={older}&$top=1")
    return bool(page.get("value"))


def _text(moment: datetime) -> str:
    return second(moment.isoformat())
