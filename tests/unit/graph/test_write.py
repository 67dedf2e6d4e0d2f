"""The outcome of a write: each has its name, and a run stops at the first bad one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.graph.failures import GraphError, lost
from graphpolicy.graph.protocols import WritePace
from graphpolicy.mock import Mock
from graphpolicy.model import Desired, Result, Version
from graphpolicy.plan.make import Planned
from tests.laws import mock_tenant
from tests.laws.mock_tenant import Accepted, Body, InProcess

TENANT = "11111111-2222-4333-8444-555555555555"
AUTHENTICATOR = (
    "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/"
    "MicrosoftAuthenticator"
)
PILOT = {"targetType": "group", "id": "0d1c2b3a-0000-4000-8000-000000000001"}
TWO = "Fido2: {isSelfServiceRegistrationAllowed: false}\n    Sms: {state: disabled}"


@pytest.fixture
def mock() -> Mock:
    return Mock()


def planned(mock: Mock, folder: Path, methods: str) -> tuple[Desired, Planned]:
    text = (
        f"version: 1\ntenant: {{name: contoso, id: {TENANT}}}\nauthenticationMethodsPolicy:\n"
        f"  authenticationMethodConfigurations:\n    {methods}\n"
    )
    desired = mock_tenant.desired(folder / "policy.yaml", text)
    return desired, mock_tenant.plan(mock, desired)


def outcomes(results: tuple[Result, ...]) -> list[str]:
    return [result.outcome for result in results]


def test_a_change_by_somebody_else_after_the_plan_is_a_conflict(mock: Mock, tmp_path: Path) -> None:
    _, plan = planned(mock, tmp_path, TWO.replace("disabled", "disabled, includeTargets: []"))
    mock.portal("Fido2", {"isSelfServiceRegistrationAllowed": False})
    mock.clear_requests()
    results = mock_tenant.apply(mock, plan)
    assert outcomes(results) == ["conflict", "skipped"]
    assert results[0].exit_code == 3
    assert not any(request.method == "PATCH" for request in mock.requests)


def test_a_sibling_that_moved_with_the_write_is_a_side_effect(mock: Mock, tmp_path: Path) -> None:
    _, plan = planned(mock, tmp_path, TWO)
    edit = {"resource": "Fido2", "set": {"state": "disabled"}, "when": "after"}
    mock.add_fault("interleave", method="PATCH", times=1, edit=edit)
    results = mock_tenant.apply(mock, plan)
    assert outcomes(results) == ["side_effect", "skipped"]
    assert results[0].error.endswith("state")
    assert results[0].written


ANOTHERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a number": ("TemporaryAccessPass", "{defaultLength: 12}", {"defaultLength": 20}),
    "a list": ("Sms", "{excludeTargets: [{group: Finance}]}", {"excludeTargets": [PILOT]}),
}


@pytest.mark.parametrize("case", ANOTHERS.values(), ids=ANOTHERS.keys())
def test_what_somebody_else_wrote_right_after_a_write_is_a_conflict(
    mock: Mock, tmp_path: Path, case: tuple[str, str, dict[str, Any]]
) -> None:
    """A third value is a conflict, not 'accepted but not persisted'."""
    resource, ours, theirs = case
    _, plan = planned(mock, tmp_path, f"{resource}: {ours}")
    edit = {"resource": resource, "set": theirs, "when": "after"}
    mock.add_fault("interleave", method="PATCH", times=1, edit=edit)
    [result] = mock_tenant.apply(mock, plan)
    assert (result.outcome, result.exit_code, result.written) == ("conflict", 3, True)
    assert next(iter(theirs)) in result.error
    assert "someone else changed it" in result.error


def test_accepted_but_not_persisted_is_named(mock: Mock, tmp_path: Path) -> None:
    _, plan = planned(mock, tmp_path, TWO)
    mock.add_fault("not_persisted", method="PATCH", times=1)
    results = mock_tenant.apply(mock, plan)
    assert outcomes(results) == ["not_persisted", "skipped"]
    assert "not show" in results[0].error
    assert not results[0].written


def test_a_list_that_only_grew_took_effect_though_not_as_planned(
    mock: Mock, tmp_path: Path
) -> None:
    mock.set_switches(merge_arrays="append")
    _, plan = planned(mock, tmp_path, "Sms: {includeTargets: [{group: Finance}]}")
    [result] = mock_tenant.apply(mock, plan)
    assert (result.outcome, result.written) == ("not_persisted", True)


def test_a_write_that_shows_late_is_waited_for(mock: Mock, tmp_path: Path) -> None:
    desired, plan = planned(mock, tmp_path, TWO)
    mock.add_fault("stale", method="PATCH", times=1, reads=4)
    assert outcomes(mock_tenant.apply(mock, plan)) == ["verified", "verified"]
    assert mock_tenant.plan(mock, desired).plan.changes == ()


def test_a_refusal_quotes_graph_and_stops_the_run(mock: Mock, tmp_path: Path) -> None:
    _, plan = planned(mock, tmp_path, TWO)
    mock.add_fault("status", method="PATCH", times=1, status=400)
    results = mock_tenant.apply(mock, plan)
    assert outcomes(results) == ["failed", "skipped"]
    assert "400" in results[0].error
    assert "not tried" in results[1].error


async def _nothing() -> dict[str, Any]:
    return {}


@dataclass
class Unsteady(InProcess):
    """A mock whose answers to writes are lost, before or after the write."""

    done: bool = True
    losses: int = 1
    blind: bool = False
    wait: float = 0.0
    lost: list[str] = field(default_factory=list)

    async def write(self, method: str, version: Version, url: str, body: Body | None) -> Accepted:
        if len(self.lost) == self.losses:
            return await super().write(method, version, url, body)
        if self.done:
            await super().write(method, version, url, body)
        else:
            await (body or _nothing)()
        self.lost.append(url)
        raise lost(GraphError("Graph failed PATCH: 500"), self.wait)

    async def get(self, version: Version, url: str) -> Any:
        if self.blind and self.lost:
            raise GraphError("reading failed")
        return await super().get(version, url)


def test_a_lost_answer_is_settled_by_reading_and_not_by_repeating(
    mock: Mock, tmp_path: Path
) -> None:
    _, plan = planned(mock, tmp_path, TWO)
    graph = Unsteady(mock, done=True)
    assert outcomes(mock_tenant.apply_through(graph, plan)) == ["verified", "verified"]
    assert sum(request.method == "PATCH" for request in mock.requests) == 2


def test_a_write_that_did_not_happen_is_sent_again(mock: Mock, tmp_path: Path) -> None:
    _, plan = planned(mock, tmp_path, TWO)
    graph = Unsteady(mock, done=False, losses=2)
    assert outcomes(mock_tenant.apply_through(graph, plan)) == ["verified", "verified"]


def test_but_not_for_ever(mock: Mock, tmp_path: Path) -> None:
    _, plan = planned(mock, tmp_path, TWO)
    graph = Unsteady(mock, done=False, losses=99)
    results = mock_tenant.apply_through(graph, plan)
    assert outcomes(results) == ["failed", "skipped"]
    assert "did not take effect: Graph failed PATCH: 500" in results[0].error
    assert "unknown" not in results[0].error


def test_a_time_that_graph_names_is_waited_before_anything_is_read(
    mock: Mock, tmp_path: Path
) -> None:
    """503 with Retry-After: the wait counts as time in which the write could have shown."""
    _, plan = planned(mock, tmp_path, "Sms: {state: disabled}")
    graph, said, waits = Unsteady(mock, done=False, losses=4, wait=20.0), list[str](), list[float]()
    reads: list[int] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        reads.append(sum(request.method == "GET" for request in mock.requests))

    mock.clear_requests()
    [result] = mock_tenant.apply_through(graph, plan, WritePace(sleep=sleep), said)
    assert (result.outcome, len(graph.lost)) == ("verified", 4)
    assert waits == [20.0, 0.5, 1, 2, 4, 2.5] * 4
    assert reads[0] == 1  # the look before the write, and none until the time is up
    assert any("Graph asks to wait 20 s" in line for line in said)


@pytest.mark.parametrize(("wait", "sent"), [(601.0, 1), (315.0, 2), (1.0, 21)])
def test_but_no_longer_than_there_is_patience(
    mock: Mock, tmp_path: Path, wait: float, sent: int
) -> None:
    _, plan = planned(mock, tmp_path, TWO)
    graph = Unsteady(mock, done=False, losses=99, wait=wait)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    results = mock_tenant.apply_through(graph, plan, WritePace(sleep=sleep))
    assert outcomes(results) == ["failed", "skipped"]
    assert len(graph.lost) == sent
    assert sum(waits) <= 630
    assert "did not take effect" in results[0].error


def test_a_write_of_which_a_part_shows_is_not_sent_again(mock: Mock, tmp_path: Path) -> None:
    """A missing rest is not a change by somebody else."""

    class Half(Unsteady):
        async def write(
            self, method: str, version: Version, url: str, body: Body | None
        ) -> Accepted:
            self.mock.portal("Sms", {"state": "disabled"})
            return await super().write(method, version, url, body)

    _, plan = planned(mock, tmp_path, "Sms: {state: disabled, excludeTargets: [{group: Finance}]}")
    [result] = mock_tenant.apply_through(Half(mock, done=False), plan)
    assert (result.outcome, result.written) == ("not_persisted", True)
    assert "after 30 s" in result.error
    assert result.error.endswith(": excludeTargets")


@dataclass
class Throttled(InProcess):
    """A mock that makes each write wait, while somebody works in the portal."""

    meanwhile: Callable[[], object] = field(default=lambda: None)

    async def write(self, method: str, version: Version, url: str, body: Body | None) -> Accepted:
        await (body or _nothing)()
        self.meanwhile()
        return await super().write(method, version, url, body)


def test_what_others_change_while_a_write_is_throttled_is_kept(mock: Mock, tmp_path: Path) -> None:
    """The body is all of featureSettings: made before the wait it would undo the other edit."""
    feature = "companionAppAllowedState"
    mine = "featureSettings: {displayLocationInformationRequiredState: disabled}"
    _, plan = planned(mock, tmp_path, f"MicrosoftAuthenticator: {{{mine}}}")

    def theirs() -> Any:
        return mock.ask("GET", f"/beta{AUTHENTICATOR}").body["featureSettings"]

    def portal() -> None:
        edit = {"featureSettings": {feature: {"state": "disabled"}}}
        mock.portal("MicrosoftAuthenticator", edit)

    assert theirs()[feature]["state"] != "disabled"
    graph = Throttled(mock, meanwhile=portal)
    assert outcomes(mock_tenant.apply_through(graph, plan)) == ["verified"]
    assert theirs()[feature]["state"] == "disabled"


def test_the_very_value_changed_while_a_write_is_throttled_is_a_conflict(
    mock: Mock, tmp_path: Path
) -> None:
    _, plan = planned(mock, tmp_path, "Sms: {includeTargets: [{group: Finance}]}")
    graph = Throttled(mock, meanwhile=lambda: mock.portal("Sms", {"includeTargets": [PILOT]}))
    [result] = mock_tenant.apply_through(graph, plan)
    assert (result.outcome, result.exit_code) == ("conflict", 3)
    assert not any(request.method == "PATCH" for request in mock.requests)


def test_where_reading_fails_too_what_happened_is_unknown(mock: Mock, tmp_path: Path) -> None:
    _, plan = planned(mock, tmp_path, TWO)
    graph = Unsteady(mock, done=True, blind=True)
    results = mock_tenant.apply_through(graph, plan)
    assert outcomes(results) == ["unknown", "skipped"]


def test_x509_takes_two_requests_where_no_version_has_both(mock: Mock, tmp_path: Path) -> None:
    crl = "crlValidationConfiguration: enabled, requireCertificateSidAlignment: true"
    _, plan = planned(mock, tmp_path, f"X509Certificate: {{{crl}}}")
    assert [(request.api, list(request.body)[1:]) for request in plan.plan.requests] == [
        ("beta", ["requireCertificateSidAlignment"]),
        ("v1.0", ["crlValidationConfiguration"]),
    ]
    assert outcomes(mock_tenant.apply(mock, plan)) == ["verified", "verified"]


def test_what_lets_people_in_goes_before_what_shuts_people_out(mock: Mock, tmp_path: Path) -> None:
    methods = "Sms: {state: disabled}\n    TemporaryAccessPass: {state: enabled}"
    _, plan = planned(mock, tmp_path, methods)
    assert [request.resource for request in plan.plan.requests] == ["TemporaryAccessPass", "Sms"]


def test_number_matching_goes_alone_and_last(mock: Mock, tmp_path: Path) -> None:
    mock.set_switches(number_matching_read="present", number_matching_write="accepted")
    pilot = "{group: SG-MFA-Pilot-P}"
    features = (
        f"numberMatchingRequiredState: {{state: enabled, includeTarget: {pilot}}}, "
        f"displayAppInformationRequiredState: {{state: enabled, includeTarget: {pilot}}}"
    )
    desired, plan = planned(
        mock, tmp_path, f"MicrosoftAuthenticator: {{featureSettings: {{{features}}}}}"
    )
    first, second = plan.plan.requests
    assert "numberMatchingRequiredState" not in first.body["featureSettings"]
    assert "numberMatchingRequiredState" in second.body["featureSettings"]
    assert outcomes(mock_tenant.apply(mock, plan)) == ["verified", "verified"]
    assert mock_tenant.plan(mock, desired).plan.changes == ()


PILOT_IN_YAML = "{group: SG-MFA-Pilot-P}"
LIVE = {"off": {"state": "disabled"}, "for a pilot": {"state": "enabled", "includeTarget": PILOT}}
ENFORCED = {
    "asks for everyone by its state": ("off", "enabled", 0),
    "asks for everyone by its target": ("for a pilot", "{includeTarget: all_users}", 0),
    "asks for a pilot": ("off", f"{{state: enabled, includeTarget: {PILOT_IN_YAML}}}", 6),
    "asks for none": ("for a pilot", "disabled", 6),
    "leaves out a group": (
        "off",
        f"{{state: enabled, excludeTarget: {PILOT_IN_YAML}}}",
        6,
    ),
}


@pytest.mark.parametrize("case", ENFORCED.values(), ids=ENFORCED.keys())
def test_number_matching_that_is_refused_is_enforced_and_fails_a_policy_that(
    mock: Mock, tmp_path: Path, case: tuple[str, str, int]
) -> None:
    live, declared, code = case
    mock.set_switches(number_matching_read="present", number_matching_write="refused")
    settings = {"numberMatchingRequiredState": LIVE[live]}
    mock.portal("MicrosoftAuthenticator", {"featureSettings": settings})
    features = f"{{numberMatchingRequiredState: {declared}}}"
    _, plan = planned(mock, tmp_path, f"MicrosoftAuthenticator: {{featureSettings: {features}}}")
    [result] = mock_tenant.apply(mock, plan)
    assert (result.outcome, result.exit_code, result.written) == ("enforced", code, False)
    assert ("number-matching-enforced" in result.error) == (code == 6)


def test_any_other_refusal_of_number_matching_is_a_failure(mock: Mock, tmp_path: Path) -> None:
    mock.set_switches(number_matching_read="present")
    off = {"numberMatchingRequiredState": LIVE["off"]}
    mock.portal("MicrosoftAuthenticator", {"featureSettings": off})
    features = "{numberMatchingRequiredState: enabled}"
    _, plan = planned(mock, tmp_path, f"MicrosoftAuthenticator: {{featureSettings: {features}}}")
    mock.add_fault("status", method="PATCH", times=1, status=403)
    [result] = mock_tenant.apply(mock, plan)
    assert (result.outcome, result.exit_code) == ("failed", 4)


APP = "MicrosoftAuthenticator: {featureSettings: {displayAppInformationRequiredState: enabled}}"
KEPT = "featureSettings.numberMatchingRequiredState"


def replacing(mock: Mock) -> None:
    """A Graph that replaces nested objects, and in which number matching is off and can be set."""
    mock.set_switches(
        merge_objects="replace", number_matching_read="present", number_matching_write="accepted"
    )
    off = {"numberMatchingRequiredState": LIVE["off"]}
    mock.portal("MicrosoftAuthenticator", {"featureSettings": off})


def test_number_matching_that_a_replacement_reset_is_put_back(mock: Mock, tmp_path: Path) -> None:
    replacing(mock)
    _, plan = planned(mock, tmp_path, APP)
    said: list[str] = []
    assert outcomes(mock_tenant.apply_through(InProcess(mock), plan, said=said)) == ["verified"]
    settings = mock.configuration("MicrosoftAuthenticator", "beta")["featureSettings"]
    assert settings["numberMatchingRequiredState"]["state"] == "disabled"
    assert settings["displayAppInformationRequiredState"]["state"] == "enabled"
    assert any("reset" in line and "numberMatchingRequiredState" in line for line in said)


def test_number_matching_that_still_reaches_everyone_has_not_moved(
    mock: Mock, tmp_path: Path
) -> None:
    """Graph replaces nested objects and refuses to restore one: enabled is default afterwards."""
    replacing(mock)
    on = {"numberMatchingRequiredState": {"state": "enabled"}}
    mock.portal("MicrosoftAuthenticator", {"featureSettings": on})
    _, plan = planned(mock, tmp_path, APP)
    mock.add_fault("status", method="PATCH", after=1, status=400)
    assert outcomes(mock_tenant.apply(mock, plan)) == ["verified"]
    settings = mock.configuration("MicrosoftAuthenticator", "beta")["featureSettings"]
    assert settings["numberMatchingRequiredState"]["state"] == "default"


def test_where_it_cannot_be_put_back_that_is_a_side_effect(mock: Mock, tmp_path: Path) -> None:
    replacing(mock)
    _, plan = planned(mock, tmp_path, APP)
    mock.add_fault("status", method="PATCH", after=1, status=403)
    [result] = mock_tenant.apply(mock, plan)
    assert (result.outcome, result.exit_code, result.written) == ("side_effect", 1, True)
    assert KEPT in result.error


def test_waiting_doubles_up_to_five_seconds_and_ends_after_thirty(
    mock: Mock, tmp_path: Path
) -> None:
    _, plan = planned(mock, tmp_path, "Sms: {state: disabled}")
    mock.add_fault("not_persisted", method="PATCH")
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    [result] = mock_tenant.apply_through(InProcess(mock), plan, WritePace(sleep=sleep))
    assert waits == [0.5, 1, 2, 4, 5, 5, 5, 5, 2.5]
    assert "after 30 s" in result.error


def test_a_read_that_fails_before_anything_is_written_is_a_failure(
    mock: Mock, tmp_path: Path
) -> None:
    _, plan = planned(mock, tmp_path, TWO)
    mock.add_fault("status", method="GET", status=403)
    results = mock_tenant.apply(mock, plan)
    assert outcomes(results) == ["failed", "skipped"]
    assert (results[0].exit_code, results[0].written) == (4, False)
    assert "403" in results[0].error


def test_a_change_behind_the_back_of_a_lost_answer_is_a_conflict(
    mock: Mock, tmp_path: Path
) -> None:
    """The write is not repeated over a change that somebody else made meanwhile."""
    _, plan = planned(
        mock, tmp_path, "Email: {state: disabled, excludeTargets: [{group: Finance}]}"
    )

    class Overtaken(Unsteady):
        async def write(
            self, method: str, version: Version, url: str, body: Body | None
        ) -> Accepted:
            self.mock.portal("Email", {"excludeTargets": [PILOT]})
            return await super().write(method, version, url, body)

    [result] = mock_tenant.apply_through(Overtaken(mock, done=False), plan)
    assert (result.outcome, result.exit_code) == ("conflict", 3)
    assert "excludeTargets" in result.error


def test_new_passkey_profiles_are_known_by_name_where_graph_chooses_ids(
    mock: Mock, tmp_path: Path
) -> None:
    mock.set_switches(profile_id="server")
    profile = (
        "{passkeyTypes: [deviceBound], attestationEnforcement: disabled, "
        "keyRestrictions: {isEnforced: false, enforcementType: allow, aaGuids: []}}"
    )
    target = "{group: all_users, allowedPasskeyProfiles: [Keys]}"
    methods = f"Fido2: {{passkeyProfiles: {{Keys: {profile}}}, includeTargets: [{target}]}}"
    desired, plan = planned(mock, tmp_path, methods)
    assert outcomes(mock_tenant.apply(mock, plan)) == ["verified", "verified"]
    assert mock_tenant.plan(mock, desired).plan.changes == ()
