"""The words of a report that several formats share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from graphpolicy.audit import moment
from graphpolicy.model import Audience, Cause, Change, Event, Failure, Plan, Report, Use

Mood: TypeAlias = Literal["good", "warning", "bad"]

MOVED = 3
"""What a failure is worth where something is not as it was agreed to; see the exit codes."""

CAUSES: Mapping[Cause, str] = {
    "edit": "Edited in the files",
    "both": "Edited in the files, and changed in the tenant as well",
    "drift": "Changed in the tenant, which this plan would undo",
    "unknown": "",
}

USES: Mapping[Use, str] = {
    "yes": "may use it",
    "everyone": "may, like everyone",
    "excluded": "excluded",
    "no": "may not",
}


def number(count: int, noun: str) -> str:
    """A count with its noun: 1 error, 2 errors."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def settings(count: int) -> str:
    return number(count, "setting")


def tally(changes: int, errors: int, warnings: int) -> str:
    """The counts as every report has them; scripts may look for them."""
    return f"{changes} to change, {number(errors, 'error')}, {number(warnings, 'warning')}"


def reach(change: Change, audience: Audience) -> str:
    """Whom a setting reaches after the plan, or no longer does where the plan switches it off."""
    verb = "no longer reaches" if change.after == "disabled" else "reaches"
    text = f"{verb} {', '.join(audience.include) or 'nobody'}"
    if audience.exclude:
        text += ", but not " + ", ".join(audience.exclude)
    return text if audience.managed else f"{text} (not declared in the file)"


def reached(changes: Iterable[Change]) -> Iterator[tuple[Change, str]]:
    """Each change with whom it reaches: said of every state, else where it is another audience."""
    previous: Audience | None = None
    for change in changes:
        own = change.audience
        says = own is not None and (own != previous or change.path.endswith("state"))
        yield change, reach(change, own) if own and says else ""
        previous = own


def changed_by(event: Event) -> str:
    """Who made the live value what it is."""
    return f"changed by {event.who} on {moment(event.at)}, says the audit log"


def counts(plan: Plan) -> str:
    return tally(len(plan.changes), plan.count("error"), plan.count("warning"))


def total(report: Report) -> str:
    """The counts of all tenants together, and how many could not be planned."""
    plans = [plan for plan in report.plans if isinstance(plan, Plan)]
    if not report.plans:
        errors = sum(finding.level == "error" for finding in report.findings)
        warnings = sum(finding.level == "warning" for finding in report.findings)
        return f"nothing was planned, {number(errors, 'error')}, {number(warnings, 'warning')}"
    failed = len(report.plans) - len(plans)
    text = tally(
        sum(len(plan.changes) for plan in plans),
        sum(plan.count("error") for plan in plans),
        sum(plan.count("warning") for plan in plans),
    )
    return f"{text}; {failed} could not be planned" if failed else text


def ended(failure: Failure) -> str:
    """What became of a tenant that is not carried out."""
    return "was not applied" if failure.exit_code == MOVED else "could not be planned"


def verdict(plan: Plan | Failure, report: Report) -> tuple[Mood, str]:
    """What all of it comes to, in one sentence."""
    if isinstance(plan, Failure):
        return "bad", f"This tenant {ended(plan)}; nothing was written."
    results = report.results.get(plan.tenant.id)
    if results is not None:
        done = sum(result.outcome == "verified" for result in results)
        whole = all(result.exit_code == 0 for result in results)
        text = f"{done} of {len(results)} requests written and read back."
        return ("good" if whole else "bad"), text
    if not plan.changes:
        moved = any(item.moved for item in plan.held)
        return ("warning", "Held settings moved.") if moved else ("good", "No changes.")
    if report.verb == "drift":
        return "warning", f"The tenant differs from the files in {settings(len(plan.changes))}."
    if plan.refused:
        return "bad", f"Refused, nothing of it can be applied: {plan.refused}."
    changes = f"{settings(len(plan.changes))} would change"
    if plan.count("warning"):
        return "warning", f"{changes}; read the warnings first."
    return "good", f"{changes}."
