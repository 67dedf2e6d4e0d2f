"""The words of a report that several formats share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.audit import moment
from graphpolicy.model import Audience, Cause, Change, Event, Plan, Report, Use
from graphpolicy.verdict import Tally, number, tally

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


def emptied(change: Change) -> str:
    """What an empty list means."""
    who = change.path.rpartition(".")[2] in ("includeTargets", "excludeTargets")
    return f"{'nobody' if who else 'nothing'} is left in the list"


def changed_by(event: Event) -> str:
    """Who made the live value what it is."""
    return f"changed by {event.who} on {moment(event.at)}, says the audit log"


def drifted(change: Change) -> Iterator[tuple[str, str]]:
    """How the tenant differs from the file, live first: (`-`, `+`, `~` or a blank, text).

    `-` is in the tenant alone, `+` in the file alone.
    """
    by = f"by {change.event.who}, {moment(change.event.at)}" if change.event else ""
    if not change.entries:
        live = f"tenant: {change.before_label}{f' ({by})' if by else ''}"
        yield " ", f"{live} · file: {change.after_label}"
        return
    if by:
        yield " ", f"changed {by}"
    where = {"-": "only in the tenant", "+": "only in the file", "~": "tenant -> file"}
    for symbol, side in where.items():
        for own, text in change.entries:
            if own == symbol:
                yield symbol, f"{side}: {text}"


def undone(change: Change) -> str:
    """What an apply would do to a setting that differs."""
    text = f"{change.title}.{change.path}: {change.step if change.moves else change.after_label}"
    return f"{text}, {reach(change, change.audience)}" if change.audience else text


def counts(plan: Plan, verb: str) -> str:
    """The counts of one tenant, as the last line has them."""
    return _counts(tally((plan,), verb), verb)


def total(report: Report) -> str:
    """The counts of all tenants together, and how many could not be planned."""
    plans = [plan for plan in report.plans if isinstance(plan, Plan)]
    if not report.plans:
        errors = sum(finding.level == "error" for finding in report.findings)
        warnings = sum(finding.level == "warning" for finding in report.findings)
        return f"nothing was planned, {_problems(errors, warnings)}"
    failed = len(report.plans) - len(plans)
    text = _counts(tally(plans, report.verb), report.verb)
    return f"{text}; {failed} could not be planned" if failed else text


def _counts(all_: Tally, verb: str) -> str:
    lead = f"{all_.changes} to change"
    if verb == "drift":
        lead = number(all_.changes, "difference")
    text = f"{lead}, {_problems(all_.errors, all_.warnings)}"
    return f"{text}; {number(all_.accepted, 'error')} accepted" if all_.accepted else text


def _problems(errors: int, warnings: int) -> str:
    return f"{number(errors, 'error')}, {number(warnings, 'warning')}"
