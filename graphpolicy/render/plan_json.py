"""A report as a document: a PLAN for each tenant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from graphpolicy.model import (
    Author,
    Change,
    Failure,
    Finding,
    Held,
    Json,
    Place,
    Plan,
    RolloutState,
    Unmanaged,
    WavePeople,
    WaveState,
)
from graphpolicy.plan.digest import as_json
from graphpolicy.plan.tally import tally
from graphpolicy.plan.verdict import Report, state_errors, undoing_refused
from graphpolicy.render import Style
from graphpolicy.render.as_json import failure_json, members, tenant_json
from graphpolicy.render.impact_json import dated_json, impact_json

STDIN = "-"
"""The file name of a policy from standard input."""

AUTHOR = "kind name? id? at? ip_address? correlation_id? request_id? why?"
PROTECTION = "key path? before after weaker"
HEALTH = "entry accounts enabled cloud_only guests able methods last_sign_in dynamic synchronised"
RESULT = "resource paths outcome request_id? error?"


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


def wrong_files_json(findings: Sequence[Finding]) -> dict[str, Json]:
    """What `groups`, `impact` and `rollout` say of files with errors; scripts look for `plans`."""
    return {"plans": [], "findings": findings_json(findings)} if findings else {}


def _plan(plan: Plan, report: Report, style: Style) -> Json:
    counted = tally((plan,), report.verb)
    # A drift writes nothing: what would refuse the apply that undoes it does not refuse the drift.
    drift = report.verb == "drift"
    refused = bool(state_errors(plan)) if drift else plan.refused is not None
    document: dict[str, Json] = {
        "tenant": tenant_json(plan.tenant),
        "file": plan.file if plan.file == STDIN else style.on_github(plan.file),
        "digest": plan.digest or None,
        "refused": refused,
        **({"undoing_refused": bool(undoing_refused(plan))} if drift else {}),
        "summary": {
            "changes": counted.changes,
            "errors": counted.errors,
            "warnings": counted.warnings,
            "notes": plan.count("note"),
            **({"unmanaged": counted.undeclared} if counted.undeclared else {}),
        },
        "changes": [_change(change) for change in plan.changes],
        "findings": findings_json(plan.findings),
        "unmodelled": list(plan.unmodelled),
        "bound": as_json(plan.bound),
        "unmanaged": [_unmanaged(item) for item in plan.unmanaged],
        "held": [_held(item) for item in plan.held],
        "protection": [members(item, PROTECTION) for item in plan.protection],
        "groups": [_group(id_, name, plan.nested) for id_, name in plan.names.items()],
        "observed": plan.observed,
    }
    if plan.only:
        document["selection"] = {"only": list(plan.only), "left_out": list(plan.left_out)}
    if plan.rollouts:
        document["rollouts"] = [rollout_json(each) for each in plan.rollouts]
    if plan.audiences:
        document["audiences"] = dict(plan.audiences)
    if plan.impact is not None:
        document["impact"] = impact_json(plan.impact)
    if plan.emergency:
        document["emergency_access"] = [members(each, HEALTH) for each in plan.emergency]
    if plan.dated is not None:
        document["dated"] = dated_json(plan.dated)
    if plan.tenant.id in report.unsent:
        document["not_applied"] = report.unsent[plan.tenant.id].why
    if plan.tenant.id in report.runs:
        document["run"] = report.runs[plan.tenant.id]
    if plan.tenant.id in report.results:
        document["results"] = [members(each, RESULT) for each in report.results[plan.tenant.id]]
    return document


def _failure(failure: Failure, report: Report, style: Style) -> Json:
    error = failure_json(failure)
    if failure.details:
        error["details"] = list(failure.details)
    if failure.plan:
        return {**_plan(failure.plan, report, style), "error": error}
    return {
        "tenant": tenant_json(failure.tenant),
        "digest": None,
        "refused": False,
        "error": error,
        "protection": [members(item, PROTECTION) for item in failure.protection],
    }


def _change(change: Change) -> Json:
    # Entries that stay are in `before` and `after`.
    moves = [{"sign": sign, "label": label} for sign, label in change.moves]
    return {
        **members(change, "resource path before after before_label after_label"),
        **({"entries": moves} if change.entries else {}),
        "cause": change.cause,
        "changed_by": [author_json(each) for each in change.changed_by],
        "api": change.api,
        "audience": change.audience and members(change.audience, "include exclude managed"),
        "source": _place(change.source),
    }


def _group(id_: str, name: str, nested: Mapping[str, Collection[str]]) -> Json:
    """A group; `within` are others that contain all of its people, as far as that was read."""
    within = {"within": sorted(nested[id_])} if id_ in nested else {}
    return {"id": id_, "displayName": name, **within}


def rollout_json(state: RolloutState) -> Json:
    """A rollout with its waves as every JSON of ours has them; what was not read is null."""
    return {
        "name": state.rollout.name,
        "open": state.rollout.open or None,
        "waves": [_wave(each) for each in state.waves],
    }


def _wave(each: WaveState) -> Json:
    counted = each.people if isinstance(each.people, WavePeople) else None
    return {
        "name": each.wave.name,
        "from": each.wave.since,
        "state": each.state,
        "people": counted and counted.people,
        "registered": counted and counted.registered,
        "waits_for": [gate.why for gate in each.unmet],
        "unmet": [{"need": gate.need, "known": gate.known} for gate in each.unmet],
    }


def author_json(author: Author) -> Json:
    """An author as every JSON of ours has them; what is not known is null."""
    notice = author.notice and members(author.notice, "about since? source")
    return {**members(author, AUTHOR), "notice": notice}


def _unmanaged(item: Unmanaged) -> Json:
    moves = [{"sign": sign, "label": label} for sign, label in item.moves]
    return {
        **members(item, "resource path before after before_label after_label"),
        "title": item.title,
        **({"entries": moves} if item.entries else {}),
        "audience": item.audience and members(item.audience, "include exclude managed"),
        "changed_by": [author_json(each) for each in item.changed_by],
        "drift": item.counts,
    }


def _held(item: Held) -> Json:
    return {
        **members(item, "resource path? live live_label declared_label? allowed_label?"),
        "drift": item.moved,
        "changed_by": [author_json(each) for each in item.changed_by],
        **members(item.scope, "reason owner expires"),
        "source": _place(item.scope.place),
    }


def _finding(finding: Finding) -> Json:
    return {
        **members(finding, "rule level resource? path? message help?"),
        "source": _place(finding.source),
        "acknowledged": bool(finding.acknowledged),
        **({"names": list(finding.names)} if finding.names else {}),
    }


def _place(place: Place | None) -> Json:
    """Line and column are null if the place is the file as a whole."""
    return place and members(place, "file line? column?")
