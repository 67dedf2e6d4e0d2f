"""The audit log as Graph lists it."""

from datetime import timedelta
from typing import Final

from ..clock import stamp
from ..graph.call import Answer, Call
from ..graph.odata import Shape, entity, listed
from ..rules import enforces
from ..tables import JsonObject
from .groups_api import absent

_TEXT: Final = ("eq", "startswith")
_LIST: Final = Shape(
    "auditLogs/directoryAudits",
    {
        "id": ("eq",),
        "activityDateTime": ("eq", "ge", "le"),
        "activityDisplayName": _TEXT,
        "correlationId": ("eq",),
        "loggedByService": ("eq",),
        **{
            f"initiatedBy/user/{name}": _TEXT for name in ("id", "displayName", "userPrincipalName")
        },
        **{f"initiatedBy/app/{name}": _TEXT for name in ("appId", "displayName")},
        "targetResources/id": ("eq",),
        "targetResources/displayName": ("eq",),
    },
    orderable=("activityDateTime",),
    options=("$filter", "$orderby", "$top", "$skiptoken"),
    page=1000,
    largest=1000,
)


@enforces("audit-read")
def list_audits(call: Call) -> Answer:
    """Answer the log, newest first, without records that are too young or too old."""
    return listed(call, _visible(call), _LIST)


def get_audit(call: Call) -> Answer:
    """Answer one record."""
    for each in _visible(call):
        if each["id"] == call.names[0]:
            return entity(call, each, _LIST.context)
    raise absent(call.names[0])


def _visible(call: Call) -> list[JsonObject]:
    now, switches = call.tenant.clock(), call.switches
    youngest = stamp(now - timedelta(seconds=switches.audit_delay_s))
    oldest = stamp(now - timedelta(days=switches.audit_kept_days))
    found = [each for each in call.tenant.audit if oldest <= each["activityDateTime"] <= youngest]
    return found[::-1]
