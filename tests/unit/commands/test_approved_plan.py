"""Approval that was given before, and everything that does not count as approval."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.commands.approved_plan import (
    ApprovedPlan,
    approved_by,
    expected_digests,
    only_planned,
    resumed,
    stale,
)
from graphpolicy.commands.plan_file import PlanFile, PlanFileError
from graphpolicy.journal.folder import RunError
from graphpolicy.model import Bound, Desired, Plan, Tenant
from graphpolicy.model.errors import UsageError
from graphpolicy.plan.digest import digest
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style
from graphpolicy.render.as_json import envelope
from graphpolicy.render.plan_json import document
from tests.laws.situations import TENANT_ID
from tests.unit.build import ALL, file_of, held, planned
from tests.unit.runs import result, run, sending

OTHER_ID = "22222222-2222-4333-8444-555555555555"
D, E = f"sha256:{'0' * 64}", f"sha256:{'e' * 64}"


def plan(live: str = "enabled", wanted: str = "disabled") -> Plan:
    sms = {"state": live, "includeTargets": [ALL], "excludeTargets": []}
    other = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
    return planned(held(Sms=sms, MicrosoftAuthenticator=other), {"Sms": {"state": wanted}}).plan


def written(folder: Path, made: Plan, **changes: Any) -> str:
    file = folder / "plan.json"
    file.write_text(
        json.dumps({**envelope(document(Report("plan", (made,)), Style())), **changes}),
        encoding="utf-8",
    )
    return str(file)


def test_a_plan_file_consents_to_the_plan_it_was_made_of(tmp_path: Path) -> None:
    made = plan()
    assert approved_by(PlanFile.of(written(tmp_path, made))) == {
        TENANT_ID: ApprovedPlan(made.digest, made.bound)
    }
    assert stale(ApprovedPlan(made.digest, made.bound), plan()) is None


def test_what_moved_since_is_named() -> None:
    made = plan()
    failure = stale(ApprovedPlan(made.digest, made.bound), plan(live="default"))
    assert failure is not None
    assert (failure.code, failure.exit_code, failure.plan) == ("plan-stale", 3, None)
    assert failure.details == ('Sms.state is "default" in the tenant, but was "enabled"',)


def test_a_bare_digest_shows_the_plan_that_would_be_applied_now() -> None:
    made = plan()
    assert stale(ApprovedPlan(made.digest), made) is None
    failure = stale(ApprovedPlan(D), made)
    assert failure is not None
    assert (failure.exit_code, failure.plan) == (3, made)


def test_a_run_that_is_resumed_finds_its_own_writes() -> None:
    made = plan()
    own = frozenset({("Sms", "state")})
    assert stale(ApprovedPlan(made.digest, made.bound, own), plan(live="disabled")) is None
    assert stale(ApprovedPlan(made.digest, made.bound, own), plan(live="default")) is not None
    assert stale(ApprovedPlan(made.digest, made.bound), plan(live="disabled")) is not None


def test_the_way_on_from_a_refused_plan_accepts_again_what_was_accepted(tmp_path: Path) -> None:
    made = plan(live="disabled", wanted="enabled")
    assert made.refused == "weak-method-enabled"
    kept = replace(made.bound, terms={**made.bound.terms, "allow": ("emergency-access-missing",)})
    with pytest.raises(PlanFileError) as refused:
        approved_by(PlanFile.of(written(tmp_path, replace(made, bound=kept))))
    assert refused.value.exit_code == 6
    command = shlex.split(refused.value.help.split("`")[1])
    allowed = ["--allow", "emergency-access-missing", "--allow", "weak-method-enabled"]
    assert command == ["graphpolicy", "plan", "-o", str(tmp_path / "plan.json"), *allowed]


ALTERED: dict[str, tuple[dict[str, Any], int]] = {
    "another format": ({"format_version": "0"}, 3),
    "no plans": ({"plans": None}, 3),
    "plans that are none": ({"plans": [{"digest": D}]}, 3),
    "text for a plan": ({"plans": ["x"]}, 3),
    "no plan at all": ({"plans": []}, 1),
}


@pytest.mark.parametrize("case", ALTERED)
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, case: str) -> None:
    change, code = ALTERED[case]
    with pytest.raises(PlanFileError, match=r"plan\.json") as caught:
        approved_by(PlanFile.of(written(tmp_path, plan(), **change)))
    assert caught.value.exit_code == code
    assert caught.value.help


@pytest.mark.parametrize("text", ["[]", "null", '"x"', "1"])
def test_json_that_is_something_else_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(PlanFileError, match="format_version is None"):
        approved_by(PlanFile.of(str(tmp_path / "plan.json")))


@pytest.mark.parametrize("content", [None, b"{", b"\xff\xfe\x00", b"[" * 100_000])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(PlanFileError, match="can't be read") as caught:
        approved_by(PlanFile.of(str(file)))
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("key", ["tenant", "settings", "groups", "cloud"])
def test_altering_anything_that_is_bound_shows(tmp_path: Path, key: str) -> None:
    file = written(tmp_path, plan())
    data = json.loads(Path(file).read_text(encoding="utf-8"))
    bound = data["plans"][0]["bound"]
    bound[key] = {"settings": [], "groups": {"x": "y"}}.get(key, "china")
    Path(file).write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(PlanFileError, match="was altered"):
        approved_by(PlanFile.of(file))


def test_a_plan_says_for_which_tenant_it_is_in_one_way_alone(tmp_path: Path) -> None:
    [one] = document(Report("plan", (plan(),)), Style())["plans"]
    for plans in ([{**one, "tenant": {**one["tenant"], "id": OTHER_ID}}], [one, one]):
        with pytest.raises(PlanFileError, match="was altered"):
            approved_by(PlanFile.of(written(tmp_path, plan(), plans=plans)))


def test_a_value_that_python_takes_for_equal_is_another(tmp_path: Path) -> None:
    settings = (("Fido2", "isAttestationEnforced", True, False),)
    true, one = (
        replace(plan().bound, settings=((*settings[0][:2], each, False),)) for each in (True, 1)
    )
    now = replace(plan(), digest=digest(true), bound=true)
    failure = stale(ApprovedPlan(digest(one), one), now)
    assert failure is not None
    assert failure.exit_code == 3


def test_a_report_that_holds_no_plan_consents_to_nothing_and_says_why(tmp_path: Path) -> None:
    why = {"plans": [], "findings": [{"rule": "bad-value", "message": "Sms.state is 'of'"}]}
    with pytest.raises(PlanFileError, match=r"contains no plan: Sms\.state is 'of'") as caught:
        approved_by(PlanFile.of(written(tmp_path, plan(), **why)))
    assert caught.value.exit_code == 1
    assert caught.value.finding.rule == "plan-file"


def test_a_tenant_that_could_not_be_planned_can_not_be_applied(tmp_path: Path) -> None:
    broken = {"tenant": {"name": "contoso", "id": TENANT_ID}, "error": {"message": "no token"}}
    with pytest.raises(PlanFileError, match="contains no plan for contoso: no token") as caught:
        approved_by(PlanFile.of(written(tmp_path, plan(), plans=[broken])))
    assert caught.value.exit_code == 1


def test_a_run_is_resumed_under_its_own_plan(tmp_path: Path) -> None:
    made = plan()
    written(tmp_path, made)
    cut_off = run(sending(1), result(1), sending(2, "excludeTargets"), sending(3, "includeTargets"),
                  result(3, "not written"))  # fmt: skip
    assert resumed(replace(cut_off, folder=str(tmp_path))) == {
        TENANT_ID: ApprovedPlan(
            made.digest, made.bound, frozenset({("Sms", "state"), ("Sms", "excludeTargets")})
        )
    }


@pytest.mark.parametrize("text", ["{}", '{"plans": [{}]}', '{"plans": 1}', "[]"])
def test_a_run_whose_plan_is_none_cannot_be_resumed(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(PlanFileError, match="incomplete"):
        resumed(replace(run(sending(1)), folder=str(tmp_path)))


def test_a_run_without_a_plan_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"plan\.json can't be read"):
        resumed(replace(run(sending(1)), folder=str(tmp_path)))


ONE = [file_of([])]
TWO = [*ONE, Desired("other.yaml", Tenant("other", OTHER_ID), ())]


def test_a_digest_is_for_the_one_tenant_or_for_the_one_it_names() -> None:
    assert expected_digests([], TWO) == {}
    assert expected_digests([D], ONE) == {TENANT_ID: ApprovedPlan(D)}
    assert expected_digests([f"contoso={D}"], ONE) == {TENANT_ID: ApprovedPlan(D)}
    assert expected_digests([f"other={E}", f"contoso={D}"], TWO) == {
        TENANT_ID: ApprovedPlan(D),
        OTHER_ID: ApprovedPlan(E),
    }


@pytest.mark.parametrize(
    "given",
    [
        [""],
        ["null"],
        ["sha256:"],
        [D.upper()],
        [D[:-1]],
        [f"{D}0"],
        [f"{D}\n"],
        ["contoso="],
        [f"={D}"],
        [f"fabrikam={D}"],
        [f"Contoso={D}"],
        [f"contoso={D}", f"contoso={E}"],
        [D, E],
    ],
)
def test_a_digest_that_is_none_is_a_mistake_of_the_call(given: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        expected_digests(given, ONE)
    assert caught.value.exit_code == 64


@pytest.mark.parametrize("given", [[D], [f"contoso={D}"], [f"={D}", f"other={D}"]])
def test_with_several_tenants_each_needs_its_own(given: list[str]) -> None:
    with pytest.raises(UsageError):
        expected_digests(given, TWO)


def test_a_plan_file_for_one_of_two_tenants_leaves_the_other_alone() -> None:
    expected = {OTHER_ID: ApprovedPlan(D, Bound(OTHER_ID, "global", (), ()))}
    kept = only_planned(TWO, expected, PlanFile("plan.json", (), ()))
    assert [one.tenant.name for one in kept] == ["other"]


def test_a_tenant_that_no_file_is_for_any_more_has_moved() -> None:
    expected = {OTHER_ID: ApprovedPlan(D, Bound(OTHER_ID, "global", (), ()))}
    both = f"{OTHER_ID}, but the policy files are for contoso .{TENANT_ID}"
    for wanted in ((), ("contoso",)):
        with pytest.raises(PlanFileError, match=both) as caught:
            only_planned(ONE, expected, PlanFile("plan.json", wanted, ()))
        assert caught.value.exit_code == 3


def test_of_a_plan_file_for_two_tenants_one_may_be_picked() -> None:
    expected = {TENANT_ID: ApprovedPlan(D), OTHER_ID: ApprovedPlan(E)}
    kept = only_planned(ONE, expected, PlanFile("plan.json", ("contoso",), ()))
    assert [one.tenant.name for one in kept] == ["contoso"]
    with pytest.raises(PlanFileError, match=OTHER_ID):
        only_planned(ONE, expected, PlanFile("plan.json", (), ()))
