"""One verdict on each plan: every exit code, title, banner and drift issue says the same."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from graphpolicy.github.drift_result import looks
from graphpolicy.github.tenant_issue import step
from graphpolicy.model import Failure, Finding, Outcome, Plan, Result, Tenant, Unsent
from graphpolicy.plan.verdict import Report, undoing, verdict
from graphpolicy.render import Style, render
from tests.unit.render.reports import TENANT, plan, state

CHANGE = state("Sms", "enabled", "disabled", 3)
GONE = Finding("not-offered", "error", "the tenant does not offer Duo", resource="Duo")
LESS = Finding("number-matching-enforced", "error", "less than everyone", resource="x")
GUARD = Finding("last-mfa-method", "error", "nobody is left", resource="Sms", path="state")
WARNING = Finding("inclusion-shrinks", "warning", "Sms ends", resource="Sms", path="state")
NOTE = Finding("group-renamed", "note", "a group was renamed")
FAILED = Failure(TENANT, "policies/contoso.yaml", "graph-error", "Graph said no", exit_code=1)


def taken(finding: Finding) -> Finding:
    return replace(finding, acknowledged="ana until 2027-01-01: known")


@dataclass(frozen=True)
class Case:
    """A plan and its exit codes: of plan, of plan --detailed-exitcode, of drift, of apply."""

    item: Plan | Failure
    codes: tuple[int, int, int, int]
    clean: bool = False
    """Whether a title may say that there is nothing."""


def case(*findings: Finding, changes: int = 0, codes: tuple[int, int, int, int]) -> Case:
    made = plan(changes=(CHANGE,) * changes, findings=findings)
    return Case(made, codes, clean=codes == (0, 0, 0, 0) and not findings)


CASES: dict[str, Case] = {
    "nothing to do": case(codes=(0, 0, 0, 0)),
    "a note": Case(plan(findings=(NOTE,)), (0, 0, 0, 0), clean=True),
    "a warning without a change": case(WARNING, codes=(0, 0, 0, 0)),
    "changes": case(changes=2, codes=(0, 2, 2, 1)),
    "changes with a warning": case(WARNING, changes=2, codes=(0, 2, 2, 1)),
    "changes that a guard refuses": case(GUARD, changes=1, codes=(6, 6, 2, 6)),
    "changes with an accepted error": case(taken(GUARD), changes=1, codes=(0, 2, 2, 1)),
    "an error about a state": case(GONE, codes=(6, 6, 2, 6)),
    "another error about a state": case(LESS, codes=(6, 6, 2, 6)),
    "an error about a state beside changes": case(GONE, changes=1, codes=(6, 6, 2, 6)),
    "an accepted error about a state": case(taken(GONE), codes=(0, 0, 0, 0)),
    "a failed read": Case(FAILED, (1, 1, 1, 1)),
    "no permission": Case(replace(FAILED, exit_code=4), (4, 4, 4, 4)),
}
VERBS = (("plan", False), ("plan", True), ("drift", False), ("apply", False))
GREEN = {"text": "", "markdown": "✅", "html": 'class="verdict good"', "github": "", "sarif": ""}


def reported(item: Plan | Failure, verb: str) -> Report:
    return Report(verb, (undoing(item) if isinstance(item, Plan) and verb == "drift" else item,))


@pytest.mark.parametrize("name", CASES)
def test_codes(name: str) -> None:
    one = CASES[name]
    found = tuple(
        replace(reported(one.item, verb), detailed=more).exit_code for verb, more in VERBS
    )
    assert found == one.codes


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("verb", ["plan", "drift"])
def test_titles(name: str, verb: str) -> None:
    """A title may be green only if there is nothing to report; no output says 'no changes'."""
    one = CASES[name]
    report = reported(one.item, verb)
    mood = verdict(report.plans[0], report).mood
    assert (mood == "good") == (one.clean or (verb == "plan" and name == "changes"))
    for format_, green in GREEN.items():
        text = render(report, format_, Style())
        if green:
            assert (green in text) == (mood == "good"), format_
        if not one.clean:
            assert "no changes" not in text.lower(), format_
            assert "no drift" not in text.lower(), format_
    refused = one.codes[0] == 6
    last = render(report, "text", Style()).rstrip().splitlines()[-1]
    assert ("; refused: " in last) == (refused and verb == "plan")
    made = json.loads(render(report, "json", Style()))["plans"][0]
    assert made.get("undoing_refused", made["refused"]) == refused
    assert made["refused"] == (refused and (verb == "plan" or "guard" not in name))


@pytest.mark.parametrize("name", CASES)
def test_the_drift_issue_is_open_where_drift_exits_2(name: str) -> None:
    report = reported(CASES[name].item, "drift")
    [look] = looks(json.loads(render(report, "json", Style())))
    todo = step(None, look, "now", "https://example.com/run")
    assert (todo is not None and not look.blind) == (report.exit_code == 2)


def test_a_drift_counts_what_is_and_tells_apart_what_undoing_it_would_bring() -> None:
    report = reported(plan(changes=(CHANGE,), findings=(GUARD, GONE)), "drift")
    last = render(report, "text", Style()).rstrip().splitlines()[-1]
    assert last.startswith("1 difference, 1 error, 0 warnings; an apply would be refused: ")
    [drifted] = report.plans
    assert isinstance(drifted, Plan)
    for format_ in ("text", "markdown", "html"):
        said = render(report, format_, Style())
        assert f"An apply would undo it, but would be refused: {drifted.refused}" in said
    assert [found.message.startswith("undoing") for found in drifted.findings] == [True, False]


@pytest.mark.parametrize("verb", ["plan", "drift", "apply"])
def test_several_tenants_are_worth_the_worst_of_them(verb: str) -> None:
    order = (1, 4, 6, 2, 0)
    for worse in CASES.values():
        for better in CASES.values():
            codes = [
                replace(reported(one.item, verb), detailed=True).exit_code
                for one in (worse, better)
            ]
            items = tuple(reported(one.item, verb).plans[0] for one in (worse, better))
            together = replace(Report(verb, items), detailed=True).exit_code
            assert together == min(codes, key=order.index)


def test_what_others_hold_up_is_no_failure_of_its_own() -> None:
    item = plan(changes=(CHANGE,))
    held_up = Report("apply", (item,), unsent={item.tenant.id: Unsent("held up")})
    assert held_up.exit_code == 0
    declined = Report("apply", (item,), unsent={item.tenant.id: Unsent("no", declined=True)})
    assert declined.exit_code == 1


def result(outcome: Outcome, code: int, *, written: bool = False) -> Result:
    return Result("Sms", ("state",), outcome, exit_code=code, written=written)


DONE = result("verified", 0, written=True)
SKIPPED = result("skipped", 1)

RESULTS: dict[str, tuple[tuple[Result, ...], int]] = {
    "all verified": ((DONE, DONE), 0),
    "the first refused": ((result("failed", 1), SKIPPED), 1),
    "nothing could be put on record": ((SKIPPED, SKIPPED), 1),
    "the second could not be put on record": ((DONE, SKIPPED), 5),
    "the first forbidden": ((result("failed", 4), SKIPPED), 4),
    "the second refused": ((DONE, result("failed", 1)), 5),
    "moved before anything was written": ((result("conflict", 3), SKIPPED), 3),
    "a sibling moved": ((result("side_effect", 1, written=True), SKIPPED), 5),
    "a sibling moved with the only write": ((result("side_effect", 1, written=True),), 1),
    "what became of the only write is unknown": ((result("unknown", 1, written=True),), 1),
    "not persisted": ((result("not_persisted", 1),), 1),
    "enforced and asked for less": ((result("enforced", 6),), 6),
    "enforced, as asked": ((result("enforced", 0),), 0),
    "declined": ((), 1),
}


@pytest.mark.parametrize("case", RESULTS.values(), ids=RESULTS.keys())
def test_apply(case: tuple[tuple[Result, ...], int]) -> None:
    results, code = case
    assert Report("apply", (plan(changes=(CHANGE,)),), {TENANT.id: results}).exit_code == code


def test_a_write_that_took_effect_in_one_tenant_and_another_that_did_not_are_partly_applied() -> (
    None
):
    one = plan(changes=(CHANGE,))
    other = replace(one, tenant=Tenant("other", "22222222-2222-4333-8444-555555555555"))
    for failed in (result("failed", 1), result("failed", 4), result("conflict", 3)):
        results: dict[str, Any] = {TENANT.id: (DONE,), other.tenant.id: (failed,)}
        assert Report("apply", (one, other), results).exit_code == 5
    unkept = replace(FAILED, tenant=other.tenant, code="run-not-kept")
    assert Report("apply", (one, unkept), {TENANT.id: (DONE,)}).exit_code == 5
