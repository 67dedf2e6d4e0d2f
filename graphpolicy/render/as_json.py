"""The report as JSON, the one stable interface for scripts: format_version 1."""

from __future__ import annotations

import json

from graphpolicy import __version__
from graphpolicy.model import (
    Audience,
    Change,
    Failure,
    Finding,
    Held,
    Json,
    Place,
    Plan,
    Report,
    Result,
)
from graphpolicy.render import Style

FORMAT_VERSION = "1"


def render(report: Report, style: Style) -> str:
    """The whole report; the style does not matter to machines."""
    del style
    document = {
        "format_version": FORMAT_VERSION,
        "tool_version": __version__,
        "plans": [
            _failure(plan) if isinstance(plan, Failure) else _plan(plan, report)
            for plan in report.plans
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def findings(items: tuple[Finding, ...], files: tuple[str, ...]) -> str:
    """What `validate` found, as JSON."""
    document = {
        "format_version": FORMAT_VERSION,
        "tool_version": __version__,
        "files": list(files),
        "summary": {
            "errors": sum(item.level == "error" for item in items),
            "warnings": sum(item.level == "warning" for item in items),
            "notes": sum(item.level == "note" for item in items),
        },
        "findings": [_finding(item) for item in items],
    }
    return json.dumps(document, indent=2) + "\n"


def _plan(plan: Plan, report: Report) -> Json:
    document: dict[str, Json] = {
        "tenant": {"name": plan.tenant.name, "id": plan.tenant.id, "cloud": plan.tenant.cloud},
        "digest": plan.digest,
        "refused": plan.refused is not None,
        "summary": {
            "changes": len(plan.changes),
            "errors": plan.count("error"),
            "warnings": plan.count("warning"),
            "notes": plan.count("note"),
        },
        "changes": [_change(change) for change in plan.changes],
        "findings": [_finding(finding) for finding in plan.findings],
        "unmodelled": list(plan.unmodelled),
        "held": [_held(item) for item in plan.held],
        "observed": plan.observed,
    }
    if plan.tenant.id in report.results:
        document["results"] = [_result(result) for result in report.results[plan.tenant.id]]
    return document


def _failure(failure: Failure) -> Json:
    tenant = failure.tenant
    return {
        "tenant": {"name": tenant.name, "id": tenant.id, "cloud": tenant.cloud},
        "digest": None,
        "refused": False,
        "error": {"code": failure.code, "message": failure.message},
    }


def _change(change: Change) -> Json:
    return {
        "resource": change.resource,
        "path": change.path,
        "before": change.before,
        "after": change.after,
        "before_label": change.before_label,
        "after_label": change.after_label,
        "cause": change.cause,
        "api": change.api,
        "audience": _audience(change.audience),
        "source": _place(change.source),
    }


def _held(item: Held) -> Json:
    scope = item.scope
    return {
        "resource": item.resource,
        "path": item.path,
        "live": item.live,
        "live_label": item.live_label,
        "declared_label": item.declared_label or None,
        "allowed_label": item.allowed_label or None,
        "drift": item.moved,
        "reason": scope.reason,
        "owner": scope.owner,
        "expires": scope.expires,
        "source": _place(scope.place),
    }


def _audience(audience: Audience | None) -> Json:
    if audience is None:
        return None
    return {
        "include": list(audience.include),
        "exclude": list(audience.exclude),
        "managed": audience.managed,
    }


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "level": finding.level,
        "resource": finding.resource or None,
        "path": finding.path or None,
        "message": finding.message,
        "help": finding.help or None,
        "source": _place(finding.source),
        "acknowledged": False,
    }


def _result(result: Result) -> Json:
    return {
        "resource": result.resource,
        "paths": list(result.paths),
        "outcome": result.outcome,
        "request_id": result.request_id or None,
        "error": result.error or None,
    }


def _place(place: Place | None) -> Json:
    return place and {"file": place.file, "line": place.line, "column": place.column}
