"""A report as a document: a PLAN for each tenant."""

from __future__ import annotations

from collections.abc import Iterable

from graphpolicy.model import (
    Audience,
    Change,
    Failure,
    Finding,
    Held,
    Json,
    Place,
    Plan,
    Protection,
    Report,
    Result,
)
from graphpolicy.plan.digest import as_json
from graphpolicy.plan.verdict import state_errors, tally
from graphpolicy.render import Style
from graphpolicy.render.as_json import tenant_json
from graphpolicy.render.links import on_github

STDIN = "-"
"""The file name of a policy from standard input."""


def document(report: Report, style: Style) -> Json:
    """The report as a JSON value; files are named from the repository that `style` knows."""
    return {
        "plans": [
            _failure(plan, report, style)
            if isinstance(plan, Failure)
            else _plan(plan, report, style)
            for plan in report.plans
        ],
        **({"base": report.base} if report.base else {}),
        **({"findings": findings_json(report.findings)} if report.findings else {}),
    }


def findings_json(items: Iterable[Finding]) -> Json:
    """Findings as every JSON of ours has them."""
    return [_finding(item) for item in items]


def _plan(plan: Plan, report: Report, style: Style) -> Json:
    counted = tally((plan,), report.verb)
    # A drift writes nothing: what would refuse the apply that undoes it does not refuse the drift.
    drift = report.verb == "drift"
    refused = bool(state_errors(plan)) if drift else plan.refused is not None
    document: dict[str, Json] = {
        "tenant": tenant_json(plan.tenant),
        "file": plan.file if plan.file == STDIN else on_github(plan.file, style),
        "digest": plan.digest or None,
        "refused": refused,
        **({"undoing_refused": plan.refused is not None} if drift else {}),
        "summary": {
            "changes": counted.changes,
            "errors": counted.errors,
            "warnings": counted.warnings,
            "notes": plan.count("note"),
        },
        "changes": [_change(change) for change in plan.changes],
        "findings": findings_json(plan.findings),
        "unmodelled": list(plan.unmodelled),
        "bound": as_json(plan.bound),
        "held": [_held(item) for item in plan.held],
        "protection": [_protection(item) for item in plan.protection],
        "groups": [{"id": id_, "displayName": name} for id_, name in plan.names.items()],
        "observed": plan.observed,
    }
    if plan.tenant.id in report.unsent:
        document["not_applied"] = report.unsent[plan.tenant.id].why
    if plan.tenant.id in report.runs:
        document["run"] = report.runs[plan.tenant.id]
    if plan.tenant.id in report.results:
        document["results"] = [_result(result) for result in report.results[plan.tenant.id]]
    return document


def _failure(failure: Failure, report: Report, style: Style) -> Json:
    tenant = failure.tenant
    error: Json = {"code": failure.code, "message": failure.message}
    if failure.details:
        error["details"] = list(failure.details)
    if failure.plan:
        return {**_plan(failure.plan, report, style), "error": error}
    return {
        "tenant": tenant_json(tenant),
        "digest": None,
        "refused": False,
        "error": error,
        "protection": [_protection(item) for item in failure.protection],
    }


def _change(change: Change) -> Json:
    return {
        "resource": change.resource,
        "path": change.path,
        "before": change.before,
        "after": change.after,
        "before_label": change.before_label,
        "after_label": change.after_label,
        **({"entries": _entries(change)} if change.entries else {}),
        "cause": change.cause,
        "changed_by": change.event and {"who": change.event.who, "at": change.event.at},
        "api": change.api,
        "audience": _audience(change.audience),
        "source": _place(change.source),
    }


def _entries(change: Change) -> Json:
    """Entries that a list gains, loses or alters; those that stay are in `before` and `after`."""
    return [{"sign": sign, "label": label} for sign, label in change.moves]


def _held(item: Held) -> Json:
    scope = item.scope
    return {
        "resource": item.resource,
        "path": item.path or None,
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


def _protection(item: Protection) -> Json:
    return {
        "key": item.key,
        "path": item.path or None,
        "before": item.before,
        "after": item.after,
        "weaker": item.weaker,
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
        "acknowledged": bool(finding.acknowledged),
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
    """Line and column are null if the place is the file as a whole."""
    return place and {
        "file": place.file,
        "line": place.line or None,
        "column": place.column or None,
    }
