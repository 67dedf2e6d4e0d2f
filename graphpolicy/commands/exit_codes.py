"""What a run is worth to the shell: the contract's exit codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphpolicy.model import Failure, Finding, Plan, Report, Result
from graphpolicy.rules.about import RULES

WORST_FIRST = (5, 1, 4, 3, 6, 2, 0)
PARTLY = 5
REFUSED = 6
DIFFERENT = 2
INTERRUPTED = 130


def worst(codes: Iterable[int]) -> int:
    """The code of several tenants together."""
    found = set(codes)
    return next((code for code in WORST_FIRST if code in found), 0)


def of_findings(findings: Iterable[Finding]) -> int:
    """1 if a file has an error, 6 if guards alone object to what it says."""
    errors = [found for found in findings if found.level == "error" and not found.acknowledged]
    if any(RULES[found.rule].kind != "guard" for found in errors):
        return 1
    return REFUSED if errors else 0


def of_plan(report: Report, *, detailed: bool) -> int:
    """0 unless a tenant failed; with `detailed` also 6 for refused and 2 for differences.

    Where nothing would be written, nothing is refused.
    """
    codes = []
    for plan in report.plans:
        if isinstance(plan, Failure):
            codes.append(plan.exit_code)
        elif detailed:
            code = REFUSED if plan.refused else DIFFERENT
            codes.append(code if plan.changes else 0)
    return worst(codes)


def of_drift(report: Report) -> int:
    """2 when a tenant differs from what is declared or held; a failed read is no difference."""
    return worst(
        plan.exit_code if isinstance(plan, Failure) else DIFFERENT if _drifted(plan) else 0
        for plan in report.plans
    )


def _drifted(plan: Plan) -> bool:
    return bool(plan.changes) or any(item.moved for item in plan.held)


def of_apply(report: Report) -> int:
    """5 if a write took effect and another did not, else the failure's own; 130 if interrupted.

    Where nothing would be written, nothing is refused.
    """
    codes = []
    for plan in report.plans:
        if isinstance(plan, Failure):
            codes.append(plan.exit_code)
        elif plan.refused and plan.changes:
            codes.append(REFUSED)
        else:
            codes.append(_of_results(report.results.get(plan.tenant.id, ()), plan))
    every = [result for results in report.results.values() for result in results]
    if any(result.exit_code == INTERRUPTED for result in every):
        return INTERRUPTED
    failed = any(result.exit_code and not result.written for result in every)
    partly = failed and any(result.written for result in every)
    return PARTLY if partly else worst(codes)


def _of_results(results: Sequence[Result], plan: Plan) -> int:
    if plan.changes and not results:
        return 1  # declined: not done
    failed = [result for result in results if result.exit_code]
    failed.sort(key=lambda result: result.outcome == "skipped")  # for want of another reason
    if not failed:
        return 0
    effects = {result.written for result in results}
    return PARTLY if effects == {True, False} else failed[0].exit_code
