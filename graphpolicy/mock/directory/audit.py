"""The audit log: changes of the policy and of people's methods, with their authors, in Entra's
words.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from ..clock import Clock, stamp
from ..policy.wire import POLICY
from ..rules import enforces
from ..switches import Switches
from ..tables import JsonObject
from .actor import Actor

CHANGED_ONLY_SINCE: Final = datetime(2026, 4, 1, tzinfo=UTC)

_SERVICE: Final = "Authentication Methods"
_DIRECTORY: Final = "Core Directory"
_IDS: Final = {_DIRECTORY: "Directory"}
_OPERATIONS: Final = {"deleted": "Delete", "registered": "Add", "updated": "Update"}


class Audited(Protocol):
    """The parts of a tenant that its audit log needs."""

    @property
    def clock(self) -> Clock: ...
    @property
    def switches(self) -> Switches: ...
    @property
    def policy_object(self) -> str: ...
    @property
    def audit(self) -> list[JsonObject]: ...
    @property
    def asked(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Change:
    """A change to the policy: the resource, the author, and everything before and after."""

    resource: str
    actor: Actor
    before: JsonObject | None
    after: JsonObject | None
    policy_before: JsonObject
    policy_after: JsonObject
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to the policy or to a strength: who made it, when, and from what to what."""

    at: str
    actor: str
    resource: str
    before: JsonObject | None
    after: JsonObject | None


@enforces("audit-policy", "audit-format")
def record_policy(tenant: Audited, change: Change) -> None:
    """Add the record of a change to the policy, in the format of its day or of the switch."""
    moment = tenant.clock()
    choice = tenant.switches.audit_format
    changed_only = moment >= CHANGED_ONLY_SINCE if choice == "by_date" else choice == "changed_only"
    properties = (
        _changed(change)
        if changed_only and change.resource != POLICY
        else [
            {
                "displayName": "Authentication Methods Policy",
                "oldValue": json.dumps(change.policy_before),
                "newValue": json.dumps(change.policy_after),
            }
        ]
    )
    target = {
        "id": tenant.policy_object,
        "displayName": "Authentication Methods Policy",
        "type": "Policy",
        "userPrincipalName": None,
        "groupType": None,
        "modifiedProperties": properties,
    }
    name = "Reset" if change.reset else "Update"
    tenant.audit.append(
        {
            **_head(tenant, f"Authentication Methods Policy {name}", "ApplicationManagement"),
            "resultReason": "",
            "operationType": "Update",
            "initiatedBy": change.actor.initiated,
            "targetResources": [target],
            "additionalDetails": [],
        }
    )


@enforces("audit-strength")
def record_strength(
    tenant: Audited,
    activity: str,
    actor: Actor,
    change: tuple[JsonObject | None, JsonObject | None],
) -> None:
    """Add the record of a write to a custom strength: `change` is the strength before and after."""
    before, after = (each or {} for each in change)
    whole = after or before
    target = {
        "id": whole["id"],
        "displayName": whole["displayName"],
        "type": "Policy",
        "userPrincipalName": None,
        "groupType": None,
        "modifiedProperties": [
            {
                "displayName": name,
                "oldValue": _quoted(before.get(name)),
                "newValue": _quoted(after.get(name)),
            }
            for name in whole
            if before.get(name) != after.get(name) and not name.endswith(("id", "DateTime"))
        ],
    }
    name = f"Authentication Strength {activity}"
    operation = {"Create": "Add", "Delete": "Delete"}.get(activity.rpartition(" ")[2], "Update")
    tenant.audit.append(
        {
            **_head(tenant, name, "ApplicationManagement"),
            "resultReason": "",
            "operationType": operation,
            "initiatedBy": actor.initiated,
            "targetResources": [target],
            "additionalDetails": [],
        }
    )


@enforces("audit-method")
def record_method(
    tenant: Audited,
    actor: Actor,
    owner: JsonObject,
    reason: str,
    *,
    did: str,
    access_pass: JsonObject | None = None,
) -> None:
    """Add the record of what was done to a person's methods."""
    properties = []
    if access_pass is not None:
        begins = datetime.fromisoformat(access_pass["startDateTime"])
        ends = begins + timedelta(minutes=access_pass["lifetimeInMinutes"])
        once = "OneTime" if access_pass["isUsableOnce"] else "Multiple"
        properties = [
            {
                "displayName": f"TemporaryAccessPass.{name}",
                "oldValue": '""',
                "newValue": _quoted(to),
            }
            for name, to in (
                ("Id", access_pass["id"]),
                ("StartDateTime", _zoned(begins)),
                ("EndDateTime", _zoned(ends)),
                ("AccessPassUsage", once),
            )
        ]
    tenant.audit.append(
        {
            **_head(tenant, f"Admin {did} security info", "UserManagement"),
            "resultReason": reason,
            "operationType": _OPERATIONS[did],
            "initiatedBy": actor.initiated,
            "targetResources": [_person(owner, properties)],
            "additionalDetails": [],
        }
    )


@enforces("audit-person")
def record_person(
    tenant: Audited,
    actor: Actor,
    owner: JsonObject,
    activity: str,
    change: tuple[str, str, str],
) -> None:
    """Add the directory's record of what was done to a person: `change` is name, before, after."""
    name, before, after = change
    shown = {
        "displayName": name,
        "oldValue": json.dumps([before] if before else []),
        "newValue": json.dumps([after]),
    }
    tenant.audit.append(
        {
            **_head(tenant, activity, "UserManagement", _DIRECTORY),
            "resultReason": "",
            "operationType": "Update",
            "initiatedBy": actor.initiated,
            "targetResources": [_person(owner, [shown])],
            "additionalDetails": [],
        }
    )


def _person(owner: JsonObject, properties: list[JsonObject]) -> JsonObject:
    return {
        "id": owner["id"],
        "displayName": owner["displayName"],
        "type": "User",
        "userPrincipalName": owner["userPrincipalName"],
        "groupType": None,
        "modifiedProperties": properties,
    }


@enforces("audit-correlation")
def _head(tenant: Audited, activity: str, category: str, service: str = _SERVICE) -> JsonObject:
    correlation = tenant.asked.get(tenant.switches.audit_correlation) or str(uuid.uuid4())
    tail = f"{uuid.uuid4().int % 10**8:08d}"
    return {
        "id": f"{_IDS.get(service, service)}_{correlation}_MOCK1_{tail}",
        "category": category,
        "correlationId": correlation,
        "result": "success",
        "activityDisplayName": activity,
        "activityDateTime": stamp(tenant.clock()),
        "loggedByService": service,
    }


def _changed(change: Change) -> list[JsonObject]:
    before, after = change.before or {}, change.after or {}
    return [
        {
            "displayName": f"{change.resource}.{name}",
            "oldValue": _quoted(before.get(name)),
            "newValue": _quoted(after.get(name)),
        }
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _quoted(value: Any) -> str | None:
    """A value as the log holds it: text within JSON text, Booleans as .NET writes them."""
    if value is None:
        return None
    if isinstance(value, dict | list):
        return json.dumps(value)
    return json.dumps(str(value))


def _zoned(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0+00:00"
