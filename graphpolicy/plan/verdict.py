"""What a report comes to, for each tenant and for all together. Pure.

Exit codes, titles, banners and the drift issue all ask here, so that none of them is green where
another is red.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from graphpolicy.model import Failure, Finding, Plan, Report, Result
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.rules.table import RULES

Mood: TypeAlias = Literal["good", "warning", "bad"]

UNDOING = "undoing the drift: "
"""What a finding of a drift begins with where it is about an apply."""

NOT_KEPT = "run-not-kept"
"""The code of a tenant whose run could not be put on record."""

WORST_FIRST = (
    Exit.PARTLY,
    Exit.FAILED,
    Exit.SIGN_IN,
    Exit.STALE,
    Exit.REFUSED,
    Exit.DIFFERENT,
    Exit.DONE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one tenant comes to: a mood for its sign or colour, one sentence, an exit code."""

    mood: Mood
    text: str
    code: int


def verdict(item: Plan | Failure, report: Report, *, detailed: bool = False) -> Verdict:
    """The verdict on one tenant of a report; `detailed` makes a plan with changes worth 2."""
    if isinstance(item, Failure):
        return Verdict("bad", f"This tenant {ended(item)}; nothing was written.", item.exit_code)
    if report.verb == "drift":
        return _drift(item)
    results = report.results.get(item.tenant.id)
    if results:
        return _carried_out(results)
    if item.refused:
        return Verdict("bad", f"Refused, nothing can be applied: {item.refused}.", Exit.REFUSED)
    if not item.changes:
        if any(held.moved for held in item.held):
            return Verdict("warning", "Held settings moved.", Exit.DONE)
        return _unchanged(item, "No changes.")
    text = f"{settings(len(item.changes))} would change"
    code = Exit.DIFFERENT if detailed else Exit.DONE
    if report.verb in ("apply", "rollback"):
        unsent = report.unsent.get(item.tenant.id)
        # A tenant that others hold up is no failure of its own: theirs counts.
        code = Exit.DONE if unsent and not unsent.declined else Exit.FAILED
        text = f"{unsent.why if unsent else 'Nothing was written'}; {text}"
    if item.risky or item.protection:
        return Verdict("warning", f"{text}; {_to_read(item)}.", code)
    return Verdict("good", f"{text}.", code)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much there is in some plans. A drift counts what is, not what undoing it would bring."""

    changes: int
    errors: int
    warnings: int
    accepted: int


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
    )


def undoing(plan: Plan) -> Plan:
    """A plan as a drift tells it: what is found of the changes is about undoing them."""
    findings = (
        found if about_state(found.rule) else replace(found, message=f"{UNDOING}{found.message}")
        for found in plan.findings
    )
    return replace(plan, findings=tuple(findings))


def exit_code(report: Report, *, detailed: bool = False) -> int:
    """What the whole report is worth to the shell.

    A write that took effect beside one that failed counts as partly applied, whichever tenants
    they belong to.
    """
    every = [result for results in report.results.values() for result in results]
    if any(result.exit_code == Exit.INTERRUPTED for result in every):
        return Exit.INTERRUPTED
    # A tenant whose record could not be begun was to be written, and was not.
    unkept = any(isinstance(one, Failure) and one.code == NOT_KEPT for one in report.plans)
    if _partly(every) or (unkept and any(result.written for result in every)):
        return Exit.PARTLY
    return worst(verdict(item, report, detailed=detailed).code for item in report.plans)


def worst(codes: Iterable[int]) -> int:
    """The code of several tenants together."""
    found = set(codes)
    return next((code for code in WORST_FIRST if code in found), Exit.DONE)


def of_findings(findings: Iterable[Finding]) -> int:
    """What the findings in files are worth: 1 for an error, 6 where guards alone object."""
    errors = [found for found in findings if found.level == "error" and not found.acknowledged]
    if any(RULES[found.rule].kind != "guard" for found in errors):
        return Exit.FAILED
    return Exit.REFUSED if errors else Exit.DONE


def about_state(rule: str) -> bool:
    """Whether a finding is about the files or a state, whatever a plan changes.

    A rule that this release does not know counts as one: silence would be worse.
    """
    return rule not in RULES or RULES[rule].concerns != "change"


def state_errors(plan: Plan) -> tuple[Finding, ...]:
    """The errors about a state that nobody has accepted."""
    return tuple(found for found in plan.refusing if about_state(found.rule))


def ended(failure: Failure) -> str:
    """What became of a tenant that was not carried out."""
    return "was not applied" if failure.exit_code == Exit.STALE else "could not be planned"


def settings(count: int) -> str:
    return number(count, "setting")


def number(count: int, noun: str) -> str:
    """A number with its noun: `1 error`, `2 errors`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def differences(plan: Plan) -> int:
    """In how many settings the tenant differs from the files, held ones that moved included."""
    return len(plan.changes) + sum(held.moved for held in plan.held)


def _drift(plan: Plan) -> Verdict:
    count, errors = differences(plan), state_errors(plan)
    said = []
    if count:
        said.append(f"The tenant differs from the files in {settings(count)}.")
    if errors:
        rules = ", ".join(dict.fromkeys(found.rule for found in errors))
        said.append(f"Something that the files ask for is not in force: {rules}.")
    if not said:
        return _unchanged(plan, "No drift.")
    return Verdict("bad" if errors else "warning", " ".join(said), Exit.DIFFERENT)


def _unchanged(plan: Plan, clean: str) -> Verdict:
    """The verdict is clean only where a reviewer has nothing to read."""
    if plan.risky or plan.protection:
        return Verdict("warning", f"No setting differs; {_to_read(plan)}.", Exit.DONE)
    return Verdict("good", clean, Exit.DONE)


def _to_read(plan: Plan) -> str:
    """What a reviewer must read although nothing refuses the plan."""
    accepted = sum(found.level == "error" for found in plan.findings)
    said = ["read the warnings first"] if plan.count("warning") else []
    said += [f"{number(accepted, 'error')} accepted"] if accepted else []
    said += ["what protects the tenant differs from the base"] if plan.protection else []
    return ", ".join(said)


def _carried_out(results: Sequence[Result]) -> Verdict:
    done = sum(result.outcome == "verified" for result in results)
    text = f"{done} of {number(len(results), 'request')} written and read back."
    failed = [result for result in results if result.exit_code]
    # What was skipped has its reason in another request.
    failed.sort(key=lambda result: result.outcome == "skipped")
    if not failed:
        return Verdict("good", text, Exit.DONE)
    return Verdict("bad", text, Exit.PARTLY if _partly(results) else failed[0].exit_code)


def _partly(results: Sequence[Result]) -> bool:
    failed = any(result.exit_code and not result.written for result in results)
    return failed and any(result.written for result in results)
