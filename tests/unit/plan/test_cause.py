"""Why a setting differs, judged by the files before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.compare.resolve import resolve
from graphpolicy.model import POLICY, Cause, Declared, Directory, Observed, ResolvedPolicy
from graphpolicy.plan.make import Planned, make_plan
from tests.laws.situations import OCCASION
from tests.unit.build import ALL, A, B, C, external, file_of, group, read

ON, OFF = "enabled", "disabled"
SMS_TYPE = "#microsoft.graph.smsAuthenticationMethodConfiguration"


def sms(**values: Any) -> dict[str, Any]:
    return {"@odata.type": SMS_TYPE, "id": "Sms", "state": ON, "includeTargets": [ALL], **values}


def declared(tree: Any, resource: str = "Sms", name: str | None = None) -> Declared:
    return Declared(resource, tree, {}, name)


def resolved(*declared: Declared, live: Observed | None = None) -> ResolvedPolicy:
    return resolve(file_of(declared), Directory(), live or Observed({})).desired


def plan(
    live: dict[str, Any], now: Declared, *base: Declared, known: bool = True, lost: bool = False
) -> Planned:
    observed = read(live)
    resolution = resolve(file_of([now]), Directory(), observed)
    before = resolved(*base, live=observed) if known else None
    return make_plan(resolution, observed, Directory(), OCCASION, before, base_lost=lost)


def causes(made: Planned) -> dict[str, Cause]:
    return {change.path: change.cause for change in made.plan.changes}


BDL: dict[str, tuple[Any, Any, Any, Cause]] = {
    "changed in the tenant alone": (ON, ON, OFF, "drift"),
    "changed in the files alone": (OFF, ON, OFF, "edit"),
    "not declared before": (None, ON, OFF, "edit"),
}


@pytest.mark.parametrize(("before", "now", "live", "expected"), BDL.values(), ids=BDL)
def test_who_moved_tells_the_cause(before: Any, now: Any, live: Any, expected: Cause) -> None:
    base = [] if before is None else [declared({"state": before})]
    made = plan(sms(state=live), declared({"state": now}), *base)
    assert causes(made) == {"state": expected}


def targets(*ids: str) -> dict[str, Any]:
    return {"includeTargets": [group(id_) for id_ in ids]}


def test_a_list_that_both_have_moved_is_changed_by_both() -> None:
    made = plan(sms(**targets(B)), declared(targets(A, C)), declared(targets(A)))
    assert causes(made) == {"includeTargets": "both"}


def test_the_order_of_a_list_is_no_edit() -> None:
    made = plan(sms(**targets(B)), declared(targets(A, C)), declared(targets(C, A)))
    assert causes(made) == {"includeTargets": "drift"}


def test_each_setting_of_a_method_has_a_cause_of_its_own() -> None:
    now = declared({"state": ON, **targets(A)})
    made = plan(sms(state=OFF, **targets(B)), now, declared({"state": ON, **targets(B)}))
    assert causes(made) == {"state": "drift", "includeTargets": "edit"}


@pytest.mark.parametrize("before", ["Duo", "d0500000-0000-4000-8000-000000000001"])
def test_an_external_method_that_is_written_by_its_id_now_is_the_same(before: str) -> None:
    live = external(name="Duo", state=OFF)
    live["id"] = "d0500000-0000-4000-8000-000000000001"
    now = declared({"state": ON}, "External", "Duo")
    made = plan(live, now, declared({"state": ON}, "External", before))
    assert causes(made) == {"state": "drift"}


def test_without_a_base_no_cause_is_known_and_nothing_is_refused_for_it() -> None:
    made = plan(sms(state=OFF), declared({"state": ON}), known=False)
    assert causes(made) == {"state": "unknown"}
    assert "reverts-outside-change" not in {found.rule for found in made.plan.findings}


def test_a_base_that_was_asked_for_and_has_errors_refuses_what_would_change() -> None:
    made = plan(sms(state=OFF), declared({"state": ON}), known=False, lost=True)
    assert causes(made) == {"state": "unknown"}
    [found] = [each for each in made.plan.findings if each.rule == "reverts-outside-change"]
    assert (found.level, found.resource) == ("error", "authenticationMethodsPolicy")
    assert "errors" in found.message
    assert "--allow" in found.help
    still = plan(sms(), declared({"state": ON}), known=False, lost=True)
    assert "reverts-outside-change" not in {found.rule for found in still.plan.findings}


def test_what_the_base_turned_off_or_left_empty_is_declared_there() -> None:
    made = plan(
        sms(**targets(A)), declared({"includeTargets": []}), declared({"includeTargets": []})
    )
    assert causes(made) == {"includeTargets": "drift"}


def test_what_a_base_says_of_another_method_is_not_said_of_this_one() -> None:
    voice = declared({"state": ON}, "Voice")
    assert causes(plan(sms(state=OFF), declared({"state": ON}), voice)) == {"state": "edit"}


def test_what_an_entry_left_to_graph_is_as_it_is_live() -> None:
    own = {"includeTargets": [group(A, isRegistrationRequired=True)]}
    live = sms(includeTargets=[group(A, isRegistrationRequired=True), group(B)])
    made = plan(live, declared(targets(A)), declared(targets(A)))
    assert causes(made) == {"includeTargets": "drift"}
    assert made.plan.changes[0].after == own["includeTargets"]


def test_a_root_setting_has_the_cause_that_its_base_tells() -> None:
    observed = Observed({"v1.0": {"policyMigrationState": "migrationInProgress"}})
    now = declared({"policyMigrationState": "migrationComplete"}, POLICY)
    before = declared({"policyMigrationState": "migrationComplete"}, POLICY)
    resolution = resolve(file_of([now]), Directory(), observed)
    made = make_plan(resolution, observed, Directory(), OCCASION, resolved(before))
    assert causes(made) == {"policyMigrationState": "drift"}
    other = declared({"reconfirmationInDays": 0}, POLICY)
    made = make_plan(resolution, observed, Directory(), OCCASION, resolved(other))
    assert causes(made) == {"policyMigrationState": "edit"}


def test_a_strength_that_somebody_deleted_is_drift() -> None:
    tree = {"allowedCombinations": ["fido2"]}
    keys = declared(tree, "authenticationStrengthPolicies", "Keys")
    observed = replace(read(sms()), lists={"authenticationStrengthPolicies": ()})
    resolution = resolve(file_of([keys]), Directory(), observed)
    for base, expected in ((resolved(keys), "drift"), (resolved(), "edit")):
        made = make_plan(resolution, observed, Directory(), OCCASION, base)
        assert causes(made) == {"allowedCombinations": expected}
