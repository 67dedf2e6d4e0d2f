"""A report as findings at lines."""

from __future__ import annotations

from dataclasses import replace

from graphpolicy.model import Failure, Finding, Place, Result
from graphpolicy.plan.verdict import Report, undoing
from graphpolicy.render.as_findings import as_findings
from tests.unit.render.reports import TENANT, plan, state, weak_plan

FILE = "policies/contoso.yaml"


def test_the_worst_comes_first() -> None:
    failure = Failure(TENANT, FILE, "graph-error", "Graph refused")
    levels = [item.level for item in as_findings(Report("plan", (weak_plan(), failure)))]
    assert levels == ["error", "warning", "note", "note", "note"]


def test_a_guard_points_at_the_line_of_its_change() -> None:
    found = as_findings(Report("plan", (weak_plan(),)))
    warning = next(item for item in found if item.level == "warning")
    assert warning.source == Place(FILE, 14, 7)


def test_a_guard_without_a_change_points_at_the_file() -> None:
    lone = plan(findings=(Finding("retiring-setting", "warning", "x", resource="Sms"),))
    assert [item.source for item in as_findings(Report("plan", (lone,)))] == [Place(FILE)]


def test_a_difference_is_a_note_of_a_plan_and_a_warning_of_a_drift() -> None:
    one = plan(changes=(state("Sms", "disabled", "enabled", 3),))
    said = {"plan": "disabled -> enabled", "drift": "tenant: disabled · file: enabled"}
    for verb, level in (("plan", "note"), ("drift", "warning")):
        [item] = as_findings(Report(verb, (one,)))
        assert (item.rule, item.level) == ("setting-differs", level)
        assert item.message == f"Sms.state: {said[verb]}"
        assert item.source == Place(FILE, 3, 7)


def test_what_is_found_of_undoing_a_drift_comes_after_the_drift() -> None:
    guard = Finding("weak-method-enabled", "error", "x", resource="Sms")
    one = plan(changes=(state("Sms", "disabled", "enabled", 3),), findings=(guard,))
    found = as_findings(Report("drift", (undoing(one),)))
    assert [item.rule for item in found] == ["setting-differs", "weak-method-enabled"]


def test_a_list_says_what_comes_and_goes() -> None:
    change = state("Sms", "x", "y", 3)
    change = replace(change, entries=(("+", "A"), ("-", "B"), (" ", "C")))
    [item] = as_findings(Report("plan", (plan(changes=(change,)),)))
    assert item.message == "Sms.state: + A; - B"


def test_what_is_accepted_is_a_note() -> None:
    accepted = Finding("weak-method-enabled", "error", "x", acknowledged="CHG1")
    [item] = as_findings(Report("plan", (plan(findings=(accepted,)),)))
    assert (item.level, item.acknowledged) == ("note", "CHG1")


def test_a_failure_keeps_its_own_rule_where_it_has_one() -> None:
    resolved = Failure(TENANT, FILE, "group-not-resolved", "no group 'x'", "write an id")
    unknown = Failure(TENANT, FILE, "Authorization_RequestDenied", "refused", details=("why",))
    first, second = as_findings(Report("plan", (resolved, unknown)))
    assert (first.rule, first.help) == ("group-not-resolved", "write an id")
    assert (second.rule, second.message) == (
        "not-planned",
        "refused; why (Authorization_RequestDenied)",
    )


def test_a_write_that_failed_is_an_error_and_a_good_one_is_none() -> None:
    results = (
        Result("Sms", ("state",), "verified", title="Sms"),
        Result("Voice", ("state",), "not_persisted", exit_code=1, title="Voice"),
    )
    [item] = as_findings(Report("apply", (plan(),), {TENANT.id: results}))
    assert (item.rule, item.level) == ("not-written", "error")
    assert item.message == "Voice ended as not_persisted: see the report"
