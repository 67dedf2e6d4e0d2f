"""What a plan says, sentence by sentence, about a mock tenant that is read in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from graphpolicy.mock import Mock
from graphpolicy.model import Change, Finding, Plan
from tests.laws import mock_tenant
from tests.unit.build import held, planned

TENANT = "11111111-2222-4333-8444-555555555555"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"
FEATURES = "MicrosoftAuthenticator:\n  featureSettings:\n    "


class Planner(Protocol):
    """Plans a policy file that has these configurations, and these root properties."""

    def __call__(self, methods: str, root: str = "") -> Plan: ...


@pytest.fixture
def mock() -> Mock:
    return Mock()


@pytest.fixture
def plan(mock: Mock, tmp_path: Path) -> Planner:
    """Plan a policy file that has these configurations."""

    def made(methods: str, root: str = "") -> Plan:
        indented = "".join(f"    {line}\n" for line in methods.splitlines())
        text = (
            f"version: 1\ntenant: {{name: contoso, id: {TENANT}}}\nauthenticationMethodsPolicy:\n"
            f"{root}  authenticationMethodConfigurations:\n{indented}"
        )
        return mock_tenant.plan(mock, mock_tenant.desired(tmp_path / "policy.yaml", text)).plan

    return made


def only_change(plan: Plan) -> Change:
    (change,) = plan.changes
    return change


def only_finding(plan: Plan) -> Finding:
    (finding,) = plan.findings
    return finding


class TestNumberMatching:
    """Absent means enforced; returned, `default` and `enabled` are the same for everyone."""

    SATISFIED = ("enabled", "default", "{state: enabled, includeTarget: all_users}")
    LESS = ("disabled", "{includeTarget: {group: SG-MFA-Pilot-P}}", "{state: disabled}")

    @pytest.mark.parametrize("declared", SATISFIED)
    def test_absent_satisfies_everyone(self, plan: Planner, declared: str) -> None:
        made = plan(FEATURES + f"numberMatchingRequiredState: {declared}")
        assert made.changes == ()
        assert made.refused is None
        assert only_finding(made).level == "note"

    @pytest.mark.parametrize("declared", LESS)
    def test_absent_refuses_anything_less(self, plan: Planner, declared: str) -> None:
        made = plan(FEATURES + f"numberMatchingRequiredState: {declared}")
        assert made.refused == "number-matching-enforced"
        assert made.requests == ()

    @pytest.mark.parametrize("live", ["default", "enabled"])
    @pytest.mark.parametrize("declared", ["default", "enabled"])
    def test_returned_for_everyone_default_and_enabled_are_one(
        self, plan: Planner, mock: Mock, live: str, declared: str
    ) -> None:
        mock.set_switches(number_matching_read="present")
        state = {"state": live, "includeTarget": {"targetType": "group", "id": "all_users"}}
        mock.portal(
            "MicrosoftAuthenticator", {"featureSettings": {"numberMatchingRequiredState": state}}
        )
        made = plan(FEATURES + f"numberMatchingRequiredState: {declared}")
        assert made.changes == ()
        assert len(made.findings) == (live != declared)

    def test_returned_and_less_is_a_change_like_any_other(self, plan: Planner, mock: Mock) -> None:
        mock.set_switches(number_matching_read="present")
        made = plan(FEATURES + "numberMatchingRequiredState: disabled")
        change = only_change(made)
        assert change.path == "featureSettings.numberMatchingRequiredState.state"
        assert change.api == "beta"


NOT_OFFERED = {
    "on is an error": ("HardwareOath: {state: enabled}", "error"),
    "off is a note": ("HardwareOath: {state: disabled}", "note"),
    "a length without a state asks for something": ("External: {Okta: {appId: "
        + TENANT + "}}", "error"),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_OFFERED.values(), ids=NOT_OFFERED.keys())
def test_what_the_tenant_does_not_return_is_never_drift(
    plan: Planner, mock: Mock, case: tuple[str, str]
) -> None:
    mock.set_switches(**{"beta/HardwareOath": "absent"})
    methods, level = case
    made = plan(methods)
    assert made.changes == ()
    assert (only_finding(made).rule, only_finding(made).level) == ("not-offered", level)


@pytest.mark.parametrize("state", ["null", "absent"])
def test_a_migration_state_that_the_tenant_does_not_keep_is_complete(
    plan: Planner, mock: Mock, state: str
) -> None:
    mock.set_switches(migration_state=state)
    done = plan("Fido2: {state: enabled}", "  policyMigrationState: migrationComplete\n")
    assert (done.changes, done.findings) == ((), ())
    back = plan("Fido2: {state: enabled}", "  policyMigrationState: preMigration\n")
    assert back.changes == ()
    assert only_finding(back).rule == "migration-state"


def test_a_change_says_whom_it_reaches_also_where_the_file_does_not(plan: Planner) -> None:
    audience = only_change(plan("Sms: {state: disabled}")).audience
    assert audience is not None
    assert (audience.include, audience.managed) == (("everyone (all_users)",), False)


def test_a_features_audience_is_its_own_target(plan: Planner) -> None:
    made = plan(
        FEATURES + "displayAppInformationRequiredState:\n      state: enabled\n"
        "      includeTarget: {group: SG-MFA-Pilot-P}\n      excludeTarget: {group: Finance}"
    )
    state = next(change for change in made.changes if change.path.endswith(".state"))
    assert state.audience is not None
    assert state.audience.include == (f"SG-MFA-Pilot-P ({PILOT})",)
    assert state.audience.exclude == ("Finance (0d1c2b3a-0000-4000-8000-00000000000a)",)
    assert state.audience.managed


def test_default_is_shown_with_its_dated_meaning(plan: Planner) -> None:
    change = only_change(plan(FEATURES + "displayAppInformationRequiredState: enabled"))
    assert change.before_label == "default (Microsoft managed: off, as of 2026-05)"


def test_a_new_entry_says_what_it_leaves_to_graph(plan: Planner) -> None:
    change = only_change(
        plan("MicrosoftAuthenticator: {includeTargets: [all_users, {group: Finance}]}")
    )
    assert [symbol for symbol, _ in change.entries] == [" ", "+"]
    assert change.entries[1][1].endswith("authenticationMode (Graph's default)")


def test_a_renamed_group_is_reported_and_its_id_decides(plan: Planner) -> None:
    made = plan(f"Sms: {{excludeTargets: [{{group: Old name, id: {PILOT}}}]}}")
    assert {finding.rule: finding.level for finding in made.findings} == {
        "group-renamed": "warning",
        "people-not-counted": "note",
        "inclusion-shrinks": "warning",
        "retiring-setting": "note",
    }
    assert only_change(made).after == [{"targetType": "group", "id": PILOT}]


def test_what_is_unknown_is_reported_once_and_left_alone(plan: Planner, mock: Mock) -> None:
    mock.portal("Sms", {"isQuantumSafe": True})
    mock.portal("Teleport", {"@odata.type": "#microsoft.graph.teleportMethod", "state": "on"})
    made = plan(FEATURES + "displayAppInformationRequiredState: default\nSms: {state: disabled}")
    assert made.versions == ("v1.0", "beta")
    said = " ".join(made.unmodelled)
    assert said.count("isQuantumSafe") == 1
    assert said.count("Teleport") == 1
    (request,) = made.requests
    assert set(request.body) == {"@odata.type", "state"}


def test_beta_is_read_only_where_something_declared_lives_there(plan: Planner) -> None:
    assert plan("Sms: {state: disabled}").versions == ("v1.0",)
    assert plan("HardwareOath: {state: enabled}").versions == ("v1.0", "beta")


def test_lifetimes_are_judged_with_what_is_live(plan: Planner) -> None:
    made = plan("TemporaryAccessPass: {maximumLifetimeInMinutes: 30}")
    assert made.refused == "tap-lifetime-order"


def test_opting_in_to_passkey_profiles_is_seen_as_such(plan: Planner, mock: Mock) -> None:
    mock.set_switches(passkey_opt_in="before")
    made = plan(
        "Fido2:\n  passkeyProfiles:\n    Standard: {passkeyTypes: [synced, deviceBound], "
        "attestationEnforcement: disabled}\n"
        "  includeTargets: [{group: all_users, allowedPasskeyProfiles: [Standard]}]"
    )
    assert "irreversible-change" in {finding.rule for finding in made.findings}
    first, then = made.requests  # Graph may give the profile another id before it is used
    (profile,) = first.body["passkeyProfiles"]
    assert then.body["includeTargets"][0]["allowedPasskeyProfiles"] == [profile["id"]]
    again = plan("Fido2: {passkeyProfiles: {Standard: {passkeyTypes: [synced]}}}")
    assert again.requests[0].body["passkeyProfiles"][0]["id"] == profile["id"]
    assert again.refused == "incomplete-entry, emergency-access-missing, irreversible-change"


@pytest.mark.parametrize(
    ("level", "acknowledged", "risky"),
    [
        ("error", "", False),
        ("error", "--allow, for this run", True),
        ("warning", "", True),
        ("warning", "ana until 2099-12-31: CHG1", False),
        ("note", "", False),
    ],
)
def test_a_warning_and_an_accepted_error_make_a_plan_risky(
    level: Any, acknowledged: str, risky: bool
) -> None:
    made = planned(held(Sms={"state": "enabled"}), {}).plan
    found = Finding("weak-method-enabled", level, "m", acknowledged=acknowledged)
    assert replace(made, findings=(found,)).risky is risky
