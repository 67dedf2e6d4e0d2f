"""The numbers of plans and findings, and how every format says them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from graphpolicy.model import Finding, Plan
from graphpolicy.model.records import dataclass
from graphpolicy.rules.table import RULES


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers of some plans. A drift counts the state, not what undoing it would cause."""

    changes: int
    errors: int
    warnings: int
    accepted: int
    undeclared: int
    """Differences from the snapshot in what no file declares."""


def tally(plans: Iterable[Plan], verb: str) -> Tally:
    """The numbers of a title or a last line."""
    plans = tuple(plans)
    found = [
        finding
        for plan in plans
        for finding in plan.findings
        if verb != "drift" or about_state(finding.rule)
    ]
    open_ = [finding for finding in found if not finding.acknowledged]
    return Tally(
        sum(differences(plan) if verb == "drift" else len(plan.changes) for plan in plans),
        sum(finding.level == "error" for finding in open_),
        sum(finding.level == "warning" for finding in open_),
        sum(finding.level == "error" for finding in found if finding.acknowledged),
        sum(len(plan.unmanaged) for plan in plans),
    )


def counts(plans: Iterable[Plan], verb: str) -> str:
    """The numbers of some plans in words."""
    all_ = tally(plans, verb)
    lead = f"{all_.changes} to change"
    if verb == "drift":
        lead = number(all_.changes, "difference")
    text = f"{lead}, {number(all_.errors, 'error')}, {number(all_.warnings, 'warning')}"
    text += f"; {all_.undeclared} in no file" if all_.undeclared else ""
    return f"{text}; {number(all_.accepted, 'error')} accepted" if all_.accepted else text


def problems(findings: Iterable[Finding]) -> str:
    """How many errors and warnings there are, without accepted ones."""
    levels = [found.level for found in findings if not found.acknowledged]
    return f"{number(levels.count('error'), 'error')}, {number(levels.count('warning'), 'warning')}"


def differences(plan: Plan) -> int:
    """How many settings differ from the files, changed held ones included."""
    return len(plan.changes) + sum(held.moved for held in plan.held)


def about_state(rule: str) -> bool:
    """Whether a finding is about the files or the state of a tenant, not about a change.

    A rule that this release does not know counts as one, so that it is not hidden.
    """
    return rule not in RULES or RULES[rule].concerns != "change"


def settings(count: int) -> str:
    return number(count, "setting")


def number(count: int, noun: str) -> str:
    """A number with its noun: `1 error`, `2 errors`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
