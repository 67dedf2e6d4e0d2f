"""Many tenants on one page: the state of each, and what they have in common."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.plan.fleet_summary import FleetCollector

CHANGE = {
    "resource": "Sms",
    "path": "state",
    "before_label": "enabled",
    "after_label": "disabled",
}


def plan(name: str = "contoso", **own: Any) -> dict[str, Any]:
    return {
        "tenant": {"name": name, "id": f"id of {name}"},
        "refused": False,
        "summary": {"changes": 0, "errors": 0, "warnings": 0, "notes": 0},
        "changes": [],
        "findings": [],
        **own,
    }


def finding(level: str, rule: str = "emergency-unhealthy", **own: Any) -> dict[str, Any]:
    return {"level": level, "rule": rule, "acknowledged": False, **own}


WARNED = {"changes": 0, "errors": 0, "warnings": 1, "notes": 0}
ERROR: dict[str, Any] = {"error": {"code": "forbidden", "message": "no"}}
MOVED = {**CHANGE, "title": "Sms", "drift": True, "live_label": "on"}
STATES: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing": (plan(), "same", ""),
    "changes": (plan(changes=[CHANGE]), "differs", ""),
    "failed": (plan(**ERROR), "failed", "forbidden"),
    "refused": (
        plan(changes=[CHANGE], refused=True, findings=[finding("error")]),
        "refused",
        "emergency-unhealthy",
    ),
    "warned": (plan(summary=WARNED, findings=[finding("warning")]), "warned", ""),
    "undeclared, which a plan only mentions": (plan(unmanaged=[MOVED]), "warned", ""),
    "protection": (
        plan(protection=[{"key": "hold"}]),
        "warned",
        "what protects the tenant differs from the base",
    ),
    "held, which a plan only mentions": (
        plan(held=[MOVED]),
        "warned",
        "a held setting has changed",
    ),
    "accepted": (
        plan(findings=[finding("error", acknowledged=True)]),
        "warned",
        "errors are accepted",
    ),
    "in no file, which is no drift under report": (
        plan(unmanaged=[{**MOVED, "drift": False}], undoing_refused=False),
        "warned",
        "",
    ),
    "applied": (plan(changes=[CHANGE], results=[{"outcome": "verified"}]), "applied", ""),
    "not persisted": (
        plan(changes=[CHANGE], results=[{"outcome": "verified"}, {"outcome": "not_persisted"}]),
        "unfinished",
        "not_persisted",
    ),
    "enforced, as the file asks": (
        plan(results=[{"outcome": "enforced", "error": "so"}]),
        "applied",
        "",
    ),
    "enforced, but the file asks for less": (
        plan(results=[{"outcome": "enforced", "error": "so; less (number-matching-enforced): x"}]),
        "unfinished",
        "enforced",
    ),
    "held up": (plan(changes=[CHANGE], not_applied="declined"), "unsent", "declined"),
    "drift": (plan(changes=[CHANGE], undoing_refused=False), "differs", ""),
    "no drift": (plan(undoing_refused=True), "same", ""),
    "drift of a held setting": (plan(held=[MOVED], undoing_refused=False), "differs", ""),
    "drift in no file": (plan(unmanaged=[MOVED], undoing_refused=False), "differs", ""),
    "an error about a state": (
        plan(refused=True, findings=[finding("error")], undoing_refused=False),
        "differs",
        "emergency-unhealthy",
    ),
}


@pytest.mark.parametrize(("document", "state", "why"), STATES.values(), ids=STATES.keys())
def test_the_state_of_a_tenant(document: dict[str, Any], state: str, why: str) -> None:
    gathering = FleetCollector()
    gathering.add(document)
    [tenant] = gathering.fleet.tenants
    assert (tenant.state, tenant.why) == (state, why)


def test_what_is_the_same_is_told_once_although_ids_differ() -> None:
    gathering = FleetCollector()
    for number, name in enumerate(("a", "b", "c")):
        label = f"SG-Pilot (0d1c2b3a-0000-4000-8000-00000000000{number})"
        gathering.add(plan(name, changes=[{**CHANGE, "after_label": label}]))
    gathering.add(plan("d", changes=[CHANGE]))
    differences = gathering.fleet.differences
    assert [each.tenants for each in differences] == [("a", "b", "c"), ("d",)]


def test_a_failure_is_told_once_and_never_loses_a_part_of_a_word_to_a_short_name() -> None:
    said = "policies/{}.yaml:{}:9: group 'X' is not in the directory"
    gathering = FleetCollector()
    for line, name in enumerate(("no", "us"), 3):
        error = {"code": "c", "message": said.format(name, line), "help": f"plan {name} again"}
        gathering.add(plan(name, error=error))
    gathering.add(
        plan("in", error={"code": "c", "message": said.format("in", 7).replace("X", "Y")})
    )
    both, one = gathering.fleet.failed
    assert both.says == "policies/TENANT.yaml: group 'X' is not in the directory"
    assert both.help == "plan TENANT again"
    assert one.says == "policies/in.yaml:7:9: group 'Y' is not in the directory"


def test_what_no_file_declares_is_told_and_counted_also_where_it_is_no_drift() -> None:
    gathering = FleetCollector()
    item = {**MOVED, "drift": False}
    summary = {"changes": 0, "errors": 0, "warnings": 0, "unmanaged": 1}
    gathering.add(plan(unmanaged=[item], summary=summary, undoing_refused=False))
    [difference] = gathering.fleet.differences
    assert difference.what == "Sms.state"
    assert gathering.fleet.tenants[0].unmanaged == 1


def test_half_a_plan_is_not_counted() -> None:
    gathering = FleetCollector()
    with pytest.raises(KeyError):
        gathering.add(plan(changes=[{"resource": "Sms"}]))
    assert gathering.fleet.verdict == "There are no tenants."


def test_an_accepted_finding_and_one_about_undoing_a_drift_are_left_out() -> None:
    accepted = finding("error", acknowledged=True)
    undoing = finding("error", "method-ends")
    gathering = FleetCollector()
    gathering.add(plan(findings=[accepted], undoing_refused=True))
    gathering.add(plan("b", findings=[undoing], undoing_refused=True))
    assert not gathering.fleet.findings


def test_the_worst_code_and_the_worst_tenant_come_first() -> None:
    gathering = FleetCollector()
    for name, code, own in (("a", 0, {}), ("b", 6, {"changes": [CHANGE]}), ("c", 4, ERROR)):
        gathering.add(plan(name, **own), code)
    fleet = gathering.fleet
    assert fleet.exit_code == 4
    assert [each.name for each in fleet.tenants] == ["c", "b", "a"]


@pytest.mark.parametrize("wrong", [{}, {"tenant": "x"}, {"tenant": {"name": "x"}}])
def test_what_is_no_plan_is_an_error(wrong: Any) -> None:
    with pytest.raises((KeyError, TypeError)):
        FleetCollector().add(wrong)
