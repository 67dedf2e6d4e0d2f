"""The contract's exit codes, tenant by tenant and together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphpolicy.commands import exit_codes
from graphpolicy.model import (
    Bound,
    Change,
    Failure,
    Finding,
    Outcome,
    Plan,
    Report,
    Result,
    Tenant,
)

TENANT = Tenant("contoso", "11111111-2222-4333-8444-555555555555")


def plan(changes: int = 0, level: str = "") -> Plan:
    change = Change("Sms", "state", "enabled", "disabled", "enabled", "disabled", "v1.0", None)
    finding = Finding("a-rule", "error" if level == "error" else "warning", "it says so")
    return Plan(
        tenant=TENANT,
        file="policies/contoso.yaml",
        changes=(change,) * changes,
        findings=(finding,) if level else (),
        requests=(),
        unmodelled=(),
        versions=("v1.0",),
        digest="sha256:0",
        bound=Bound(TENANT.id, "global", (), ()),
        observed={},
        compared=changes,
    )


def failure(code: int) -> Failure:
    return Failure(TENANT, "policies/contoso.yaml", "x", "y", exit_code=code)


PLANS: dict[str, tuple[list[Plan | Failure], int, int]] = {
    "nothing to do": ([plan()], 0, 0),
    "changes": ([plan(2)], 0, 2),
    "refused": ([plan(2, "error")], 0, 6),
    "an error without changes": ([plan(0, "error")], 0, 0),
    "warnings alone": ([plan(2, "warning")], 0, 2),
    "a failed read": ([failure(1)], 1, 1),
    "no permission": ([failure(4)], 4, 4),
    "an error is worse than a permission": ([failure(4), failure(1)], 1, 1),
    "a permission is worse than a refusal": ([plan(2, "error"), failure(4)], 4, 4),
    "a refusal is worse than changes": ([plan(2), plan(2, "error")], 0, 6),
}


@pytest.mark.parametrize("case", PLANS.values(), ids=PLANS.keys())
def test_plan(case: tuple[list[Plan | Failure], int, int]) -> None:
    plans, plain, detailed = case
    report = Report("plan", tuple(plans))
    assert exit_codes.of_plan(report, detailed=False) == plain
    assert exit_codes.of_plan(report, detailed=True) == detailed


DRIFT: dict[str, tuple[list[Plan | Failure], int]] = {
    "none": ([plan()], 0),
    "drift": ([plan(1)], 2),
    "a failed read is no drift": ([failure(1)], 1),
    "a failed read is worse than drift": ([plan(1), failure(1)], 1),
}


@pytest.mark.parametrize("case", DRIFT.values(), ids=DRIFT.keys())
def test_drift(case: tuple[list[Plan | Failure], int]) -> None:
    plans, code = case
    assert exit_codes.of_drift(Report("drift", tuple(plans))) == code


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
    report = Report("apply", (plan(2),), {TENANT.id: results})
    assert exit_codes.of_apply(report) == code


def test_a_write_that_took_effect_in_one_tenant_and_another_that_did_not_are_partly_applied() -> (
    None
):
    other = replace(plan(1), tenant=Tenant("other", "22222222-2222-4333-8444-555555555555"))
    for failed in (result("failed", 1), result("failed", 4), result("conflict", 3)):
        results = {TENANT.id: (DONE,), other.tenant.id: (failed,)}
        assert exit_codes.of_apply(Report("apply", (plan(1), other), results)) == 5


def test_apply_refused_and_apply_with_nothing_to_do() -> None:
    assert exit_codes.of_apply(Report("apply", (plan(1, "error"),))) == 6
    assert exit_codes.of_apply(Report("apply", (plan(),))) == 0
    assert exit_codes.of_apply(Report("apply", (plan(0, "error"),))) == 0
