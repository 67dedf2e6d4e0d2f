"""Journals of small runs, as lines."""

from __future__ import annotations

import json
from typing import Any

from graphpolicy.journal.run import Attempt, Run, WrittenSetting, read
from tests.laws.situations import TENANT_ID

TENANT = {"name": "contoso", "id": TENANT_ID, "cloud": "global"}
BEGUN = {
    "event": "begun",
    "at": "2026-11-24T13:50:01Z",
    "format_version": "1",
    "run": "20261124T135001Z-contoso",
    "verb": "apply",
    "tenant": TENANT,
    "digest": f"sha256:{'0' * 64}",
    "origin": {},
    "consent": {},
}


def sending(number: int = 1, path: str = "state", resource: str = "Sms", **more: Any) -> Any:
    return {
        "event": "sending",
        "at": "2026-11-24T13:59:59Z",
        "request": number,
        "resource": resource,
        "type": resource,
        "title": resource,
        "api": "v1.0",
        "settings": [{"path": path, "before": "enabled", "after": "disabled"}],
        **more,
    }


def result(number: int = 1, fate: str | None = "verified", id_: str = "r-1") -> Any:
    return {"event": "result", "request": number, "fate": fate, "request_id": id_}


def run(*events: Any, **begun: Any) -> Run:
    """The run that is read from a journal with these events."""
    return read([json.dumps(event) for event in ({**BEGUN, **begun}, *events)], "runs/one")


def attempt(
    *settings: tuple[str, Any, Any], type_: str = "Sms", id_: str = "", fate: Any = None
) -> Attempt:
    """A request with these (path, before, after)."""
    carried = tuple(WrittenSetting(tuple(path.split(".")), *values) for path, *values in settings)
    return Attempt(1, id_ or type_, type_, type_, "v1.0", carried, fate)
