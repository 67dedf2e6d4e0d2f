"""The order in which a reviewer reads a report: what matters most comes first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from graphpolicy.model import Change, Failure, Finding, Plan
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import about_state
from graphpolicy.rollouts.rings import headed

HOUSEKEEPING: Mapping[str, str] = {
    "hold-expired": "expired hold",
    "freeze-expired": "expired freeze",
    "acknowledgement-expired": "expired acknowledgement",
    "acknowledgement-unused": "unused acknowledgement",
}
"""Rules about lines of a file without effect: a pull request can have any number of them."""

ENDINGS = frozenset(
    {
        "emergency-access-locked-out",
        "last-mfa-method",
        "last-phishing-resistant-method",
        "method-ends",
    }
)
"""Rules that say that somebody can no longer use a method."""


@dataclass(frozen=True, slots=True)
class SortedFindings:
    """The findings of a plan, grouped for a reviewer, each group in the order of the plan."""

    refusals: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    """Errors and warnings that somebody accepted."""
    warnings: tuple[Finding, ...]
    housekeeping: tuple[Finding, ...]
    notes: tuple[Finding, ...]


def by_weight(findings: Iterable[Finding]) -> SortedFindings:
    """Group findings as a report shows them."""
    found = tuple(findings)
    idle = tuple(each for each in found if _idle(each))
    rest = [each for each in found if not _idle(each)]
    loud = [each for each in rest if each.level != "note"]
    accepted = [each for each in loud if each.acknowledged]
    return SortedFindings(
        tuple(each for each in loud if each.level == "error" and not each.acknowledged),
        tuple(sorted(accepted, key=lambda each: each.level != "error")),
        tuple(each for each in loud if each.level == "warning" and not each.acknowledged),
        idle,
        tuple(each for each in rest if each.level == "note"),
    )


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of one plan's report, in the order in which they are read."""

    now: SortedFindings
    """Findings; of a drift those about the tenant as it is."""
    ends: tuple[Change, ...]
    """Changes that lead, see `urgent`; none of a drift."""
    rest: tuple[Change, ...]
    undoing: tuple[Finding, ...]
    """What an apply that undoes a drift would find."""


def outline(plan: Plan, verb: str) -> Outline:
    """The parts of a plan, or of a drift."""
    if verb == "drift":
        now = by_weight(each for each in plan.findings if about_state(each.rule))
        then = by_weight(each for each in plan.findings if not about_state(each.rule))
        undoing = (*then.refusals, *then.accepted, *then.warnings, *then.notes)
        return Outline(now, (), plan.changes, undoing if plan.changes else ())
    ends = urgent(plan)
    rest = tuple(each for each in plan.changes if each not in ends)
    return Outline(by_weight(plan.findings), ends, rest, ())


def _idle(finding: Finding) -> bool:
    return finding.rule in HOUSEKEEPING and finding.level != "error"


def counted_housekeeping(findings: Sequence[Finding]) -> str:
    """The number of each kind, in one line."""
    counts = Counter(HOUSEKEEPING[each.rule] for each in findings)
    said = [f"{count} {noun}{'s' if count > 1 else ''}" for noun, count in counts.items()]
    return f"{', '.join(said)} in the files"


def urgent(plan: Plan) -> tuple[Change, ...]:
    """The changes that end a method or a part of one, or that touch emergency access."""
    ends = [found for found in plan.findings if found.rule in ENDINGS]
    return tuple(
        change
        for change in plan.changes
        if change.emergency or any(_about(found, change) for found in ends)
    )


def _about(found: Finding, change: Change) -> bool:
    return found.resource == change.resource and (
        f"{found.path}.".startswith(f"{change.path}.")
        or f"{change.path}.".startswith(f"{found.path}.")
    )


def reviewed(items: Iterable[Plan | Failure]) -> Iterator[tuple[str, Plan | Failure]]:
    """Tenants as a reviewer reads them, ring by ring; the first of a ring with its heading."""
    for heading, own in headed(items):
        for number, each in enumerate(sorted(own, key=weight)):
            yield ("" if number else heading), each


def weight(item: Plan | Failure) -> int:
    """The position of a tenant among others, 0 first: failed, refused and accepted ones lead."""
    if isinstance(item, Failure) or item.refused:
        return 0
    if any(each.level == "error" for each in item.findings):
        return 1
    if urgent(item):
        return 2
    return 3 if item.changes else 4
