"""A result as findings, for formats that have only findings: annotations and code scanning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from graphpolicy.model import Change, Failure, Finding, Level, Place, Plan
from graphpolicy.model.planned import VerbResult
from graphpolicy.plan.protection import protection_words
from graphpolicy.plan.review_order import by_weight, urgent
from graphpolicy.plan.verdict import UNDOING, Report
from graphpolicy.render.phrases import undeclared
from graphpolicy.render.plan_diff import drifted
from graphpolicy.rules.table import RULES


class VerbFindings(VerbResult, Protocol):
    """A result that can have these formats: it names its verb."""

    @property
    def verb(self) -> str: ...


def as_findings(result: VerbFindings) -> Sequence[Finding]:
    """The findings of a result. In those of a report, changes and failures are findings, too.

    The worst come first. Within a level, accepted findings come first, then changes, and lines of
    files that do nothing come last.

    A setting that differs is a note. For a drift it is a warning, since that is what `drift` looks
    for, and findings about undoing it come last.
    """
    if not isinstance(result, Report):
        return result.findings
    report, found = result, list(result.findings)
    for plan in report.plans:
        found += _failed(plan) if isinstance(plan, Failure) else _planned(plan, report)
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(
        found, key=lambda finding: (finding.message.startswith(UNDOING), order[finding.level])
    )


def _failed(failure: Failure) -> Iterator[Finding]:
    text = "; ".join((failure.message, *failure.details))
    place = Place(failure.file) if failure.file else None
    rule = failure.code if failure.code in RULES else "not-planned"
    text = text if rule == failure.code else f"{text} ({failure.code})"
    yield Finding(rule, "error", text, failure.help, source=place)
    yield from _protection(failure)


def _planned(plan: Plan, report: Report) -> Iterator[Finding]:
    found = by_weight(plan.findings)
    loud = (*found.refusals, *found.accepted, *found.warnings)
    yield from (_placed(plan, finding) for finding in loud)
    ends = urgent(plan)
    for change in (*ends, *(each for each in plan.changes if each not in ends)):
        yield Finding(
            "setting-differs",
            "warning" if report.verb == "drift" else "note",
            f"{change.title}.{change.path}: {_step(change, report.verb)}",
            "",
            change.resource,
            change.path,
            change.source or Place(plan.file),
        )
    for item in plan.unmanaged:
        lead, *rest = undeclared(item)
        yield Finding(
            "undeclared-differs",
            "warning" if report.verb == "drift" and item.counts else "note",
            f"in no file: {'; '.join((lead, *rest))}",
            "",
            item.resource,
            item.path,
            Place(plan.file),
        )
    yield from _protection(plan)
    yield from (_placed(plan, finding) for finding in (*found.notes, *found.housekeeping))
    for result in report.results.get(plan.tenant.id, ()):
        if result.exit_code:
            yield Finding(
                "not-written",
                "error",
                f"{result.title} ended as {result.outcome}: {result.error or 'see the report'}",
                "",
                result.resource,
                source=Place(plan.file),
            )


def _protection(plan: Plan | Failure) -> Iterator[Finding]:
    """What protects the tenant differs. If it is weaker, a plan has a warning about it already."""
    for item in plan.protection:
        level: Level = "warning" if item.weaker and isinstance(plan, Failure) else "note"
        place = Place(plan.file) if plan.file else None
        words = protection_words(item)
        yield Finding("protection-differs", level, words, path=item.key, source=place)


def _placed(plan: Plan, finding: Finding) -> Finding:
    """A finding with a line of a file; an accepted one is a note."""
    return replace(
        finding,
        level="note" if finding.acknowledged else finding.level,
        source=finding.source or _nearest(plan, finding),
    )


def _step(change: Change, verb: str) -> str:
    if "drift" in (verb, change.cause):
        return "; ".join(text for _, text in drifted(change))
    return change.step


def _nearest(plan: Plan, finding: Finding) -> Place | None:
    """The place of the change that a finding is about, else the file."""
    own = [change for change in plan.changes if change.resource == finding.resource]
    for change in own:
        if change.path == finding.path or change.path.startswith(f"{finding.path}."):
            return change.source or Place(plan.file)
    return next((change.source for change in own if change.source), None) or (
        Place(plan.file) if plan.file else None
    )
