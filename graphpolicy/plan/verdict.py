"""The verdict on a report, for each tenant and for all together. Pure.

Exit codes, titles, banners and the drift issue all use it, so that they never disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Literal, TypeAlias

from graphpolicy.model import Failure, Finding, Origin, Plan, Result, Unmanaged, Unsent
from graphpolicy.model.errors import Exit, worst
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import about_state, counts, differences, number, problems, settings
from graphpolicy.rules.table import RULES

Mood: TypeAlias = Literal["good", "warning", "bad"]

UNDOING = "undoing the drift: "
"""The prefix of a finding in a drift report that is about the apply which would undo it."""

UNHEALTHY = "emergency-unhealthy"
"""The rule about emergency accounts: an apply can't undo an error of it."""

NOT_KEPT = "run-not-kept"
"""The error code of a tenant whose run could not be recorded."""


UNRESOLVED = "group-not-resolved"
"""The rule about a name that stands for no group, or several: a drift continues without the
expectations about it."""

UNDECLARED = "undeclared-method-enabled"
"""The rule about a method that is on in the tenant and in no file."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one tenant: a mood for its sign or colour, a sentence, an exit code."""

    mood: Mood
    text: str
    code: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a verb found and did in each tenant. Every output format is made from it."""

    verb: str
    plans: tuple[Plan | Failure, ...]
    results: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    """By tenant id, for the tenants that an apply wrote to."""
    findings: tuple[Finding, ...] = ()
    """Why nothing could be planned: errors in the files or in the command."""
    origin: Origin = field(default_factory=Origin)
    runs: Mapping[str, str] = field(default_factory=dict)
    """By tenant id, the name of the run that records its writes."""
    unsent: Mapping[str, Unsent] = field(default_factory=dict)
    """By tenant id, for plans with changes that were ready but not sent."""
    base: str = ""
    """The revision or folder that the files were compared with, as it was given."""
    resume: tuple[str, ...] = ()
    """The arguments that continue an interrupted run, without its name."""
    outdated: str = ""
    """What to do if the plan that was refused is not the one that a person approved."""
    untried: bool = False
    """Whether the run ended before every approved plan was tried."""
    detailed: bool = False
    """Whether a plan with changes has an exit code of its own."""

    @property
    def exit_code(self) -> int:
        """The exit code of the whole report.

        If one write took effect and another failed, it is partly applied, in whichever tenants.
        """
        every = [result for results in self.results.values() for result in results]
        if any(result.exit_code == Exit.INTERRUPTED for result in every):
            return Exit.INTERRUPTED
        # A tenant whose record could not be started should have been written, but was not.
        unkept = any(isinstance(one, Failure) and one.code == NOT_KEPT for one in self.plans)
        untried = unkept or self.untried
        if _partly(every) or (untried and any(result.written for result in every)):
            return Exit.PARTLY
        return worst(verdict(item, self).code for item in self.plans)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The tenants that could not be planned."""
        return tuple(plan for plan in self.plans if isinstance(plan, Failure))

    @property
    def verdict(self) -> str:
        """The counts of all tenants together, and how many could not be planned."""
        plans = [plan for plan in self.plans if isinstance(plan, Plan)]
        if not self.plans:
            return f"nothing was planned, {problems(self.findings)}"
        said = (
            f"{count} {how if count == 1 else how.replace('was', 'were')}"
            for how, count in Counter(map(ended, self.failures)).items()
        )
        return "; ".join((counts(plans, self.verb), *said))


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """What `validate` found in some files."""

    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    verb: str = "validate"
    failures = ()

    @property
    def verdict(self) -> str:
        """How many files were read, and how many problems they have."""
        return f"{number(len(self.files), 'file')}, {problems(self.findings)}"

    @property
    def exit_code(self) -> int:
        """1 for an error, 6 if all errors are from guards."""
        return of_findings(self.findings)


class TenantResults:
    """A result with an item for each tenant: a `Failure` where it could not be read.

    It has no item if the files have errors, which are its `file_findings`.
    """

    __slots__ = ()
    items: Sequence[object]
    file_findings: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.file_findings

    @property
    def failures(self) -> tuple[Failure, ...]:
        return tuple(item for item in self.items if isinstance(item, Failure))

    @property
    def verdict(self) -> str:
        """How many tenants there are, and how many could not be read."""
        failed = len(self.failures)
        return number(len(self.items), "tenant") + (f", {failed} not read" if failed else "")

    @property
    def exit_code(self) -> int:
        """The worst of the tenants that could not be read; 1 if the files have errors."""
        if self.file_findings:
            return Exit.FAILED
        return worst(one.exit_code for one in self.failures)


def verdict(item: Plan | Failure, report: Report) -> Verdict:
    """The verdict on one tenant of a report."""
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
            return Verdict("warning", "Held settings have changed.", Exit.DONE)
        return _unchanged(item, "No changes.")
    text = f"{settings(len(item.changes))} would change"
    code = Exit.DIFFERENT if report.detailed else Exit.DONE
    if report.verb in ("apply", "rollback"):
        unsent = report.unsent.get(item.tenant.id)
        # A tenant that only waited for others has not failed: their verdicts count.
        code = Exit.DONE if unsent and not unsent.declined else Exit.FAILED
        text = f"{unsent.why if unsent else 'Nothing was written'}; {text}"
    if item.risky or item.protection or item.unmanaged:
        return Verdict("warning", f"{text}; {_to_read(item)}.", code)
    return Verdict("good", f"{text}.", code)


def undoing(plan: Plan) -> Plan:
    """A plan as a drift reports it: findings about its changes are about undoing the drift.

    A drift takes nothing from anybody, so it does not say that people were not counted.
    """
    findings = (
        found if about_state(found.rule) else replace(found, message=f"{UNDOING}{found.message}")
        for found in plan.findings
        if (found.rule, found.level) != ("people-not-counted", "note")
    )
    return replace(plan, findings=tuple(findings))


def of_findings(findings: Iterable[Finding]) -> int:
    """The exit code of findings in files: 1 for an error, 6 if all errors are from guards."""
    errors = [found for found in findings if found.level == "error" and not found.acknowledged]
    if any(RULES[found.rule].kind != "guard" for found in errors):
        return Exit.FAILED
    return Exit.REFUSED if errors else Exit.DONE


def watched(rule: str) -> bool:
    """Whether a warning of a rule opens the drift issue, although no setting differs."""
    return rule in RULES and RULES[rule].watched


def state_errors(plan: Plan) -> tuple[Finding, ...]:
    """The errors about the state that nobody has accepted."""
    return tuple(found for found in plan.refusing if about_state(found.rule))


def undoing_refused(plan: Plan) -> str:
    """The rules that would refuse the apply which undoes a drift, with commas between them.

    Only a drift report judges the state of emergency accounts; it stops no apply.
    """
    rules = (found.rule for found in plan.refusing if found.rule != UNHEALTHY)
    return ", ".join(dict.fromkeys(rules))


def ended(failure: Failure) -> str:
    """What happened to a tenant that failed."""
    return "was not applied" if failure.exit_code == Exit.STALE else "could not be planned"


def undeclared_drift(plan: Plan) -> tuple[Unmanaged, ...]:
    """The differences in what no file declares that make a drift."""
    return tuple(each for each in plan.unmanaged if each.counts)


def _drift(plan: Plan) -> Verdict:
    count, errors, undeclared = differences(plan), state_errors(plan), undeclared_drift(plan)
    said = []
    if count:
        said.append(f"The tenant differs from the files in {settings(count)}.")
    if undeclared:
        said.append(
            f"The tenant differs from its snapshot in {settings(len(undeclared))} that no "
            "file declares."
        )
    own = {UNHEALTHY, UNDECLARED, UNRESOLVED}
    rules = ", ".join(dict.fromkeys(found.rule for found in errors if found.rule not in own))
    said += [f"Something that the files declare is not in force: {rules}."] if rules else []
    kinds = {found.rule for found in errors}
    said += [f"A method that no file declares is on: {UNDECLARED}."] if UNDECLARED in kinds else []
    said += [f"Emergency access can't be relied on: {UNHEALTHY}."] if UNHEALTHY in kinds else []
    said += [f"An expectation can't be judged: {UNRESOLVED}."] if UNRESOLVED in kinds else []
    if not said:
        return _unchanged(plan, "No drift.")
    code = Exit.FAILED if UNRESOLVED in kinds else Exit.DIFFERENT
    return Verdict("bad" if errors else "warning", " ".join(said), code)


def _unchanged(plan: Plan, clean: str) -> Verdict:
    """The verdict is clean only if a reviewer has nothing to read."""
    if plan.risky or plan.protection or plan.unmanaged:
        return Verdict("warning", f"No setting differs; {_to_read(plan)}.", Exit.DONE)
    return Verdict("good", clean, Exit.DONE)


def _to_read(plan: Plan) -> str:
    """What a reviewer must read although the plan is not refused."""
    accepted = sum(found.level == "error" for found in plan.findings)
    said = ["read the warnings first"] if plan.count("warning") else []
    said += [f"{number(accepted, 'error')} accepted"] if accepted else []
    said += ["what protects the tenant differs from the base"] if plan.protection else []
    if plan.unmanaged:
        said.append(f"{settings(len(plan.unmanaged))} in no file differ from the snapshot")
    return ", ".join(said)


def _carried_out(results: Sequence[Result]) -> Verdict:
    done = sum(result.outcome == "verified" for result in results)
    text = f"{done} of {number(len(results), 'request')} written and read back."
    failed = [result for result in results if result.exit_code]
    # A skipped request has its reason in another one.
    failed.sort(key=lambda result: result.outcome == "skipped")
    if not failed:
        return Verdict("good", text, Exit.DONE)
    return Verdict("bad", text, Exit.PARTLY if _partly(results) else failed[0].exit_code)


def _partly(results: Sequence[Result]) -> bool:
    failed = any(result.exit_code and not result.written for result in results)
    return failed and any(result.written for result in results)
