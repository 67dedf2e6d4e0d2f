"""Planning many tenants: one that can't be understood does not hide the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from graphpolicy.commands.planning import guarded, plan_each, plan_tenant
from graphpolicy.graph.errors import GraphFailure, UsageFailure
from graphpolicy.mock import Mock
from graphpolicy.model import Declared, Desired, Failure, Tenant, Version
from graphpolicy.plan import Planned
from tests.laws.mock_tenant import InProcess
from tests.laws.situations import OCCASION

ODD = Tenant("odd", "22222222-2222-4333-8444-555555555555")
GOOD = Tenant("good", "11111111-2222-4333-8444-555555555555")
VOICE = Declared("Voice", {"state": "disabled", "includeTargets": []}, {})


@dataclass
class Odd(InProcess):
    """A tenant whose Voice has targets of a shape that nobody knows."""

    async def get(self, version: Version, url: str) -> Any:
        document = await super().get(version, url)
        for item in document.get("authenticationMethodConfigurations", ()):
            if item["id"] == "Voice":
                item["includeTargets"] = ["everyone"]
        return document


class Session:
    """A connection to both."""

    def tenant(self, tenant: Tenant) -> Any:
        return Odd(Mock()) if tenant is ODD else InProcess(Mock())


def test_a_tenant_that_answers_in_an_unknown_shape_does_not_hide_the_others() -> None:
    policies = [Desired(f"{tenant.name}.yaml", tenant, (VOICE,)) for tenant in (ODD, GOOD)]
    session: Any = Session()
    failed, planned = asyncio.run(plan_each(session, policies, OCCASION))
    assert isinstance(failed, Failure)
    assert (failed.code, failed.exit_code) == ("unforeseen-answer", 1)
    assert failed.message.endswith("Voice.includeTargets[0] is a text in place of an object")
    assert failed.help
    assert isinstance(planned, Planned)
    assert planned.plan.changes


def test_a_failure_that_is_none_of_one_tenant_ends_the_run() -> None:
    async def refused() -> Planned:
        raise UsageFailure("a real token never leaves for a foreign host")

    with pytest.raises(UsageFailure):
        asyncio.run(guarded(Desired("good.yaml", GOOD, ()), refused()))


def closer_look(state: str, *, demands: bool = True, **fault: Any) -> tuple[list[str], list[str]]:
    """The rules of a plan that sets Fido2's state, and what Graph was asked of strengths."""
    mock = Mock()
    if not demands:
        mock.tenant().demands.clear()
    mock.portal("Fido2", {"state": "enabled"})
    mock.portal("X509Certificate", {"state": "disabled"})
    if fault:
        mock.add_fault("status", **fault)
    mock.clear_requests()
    graph: Any = InProcess(mock)
    desired = Desired("good.yaml", GOOD, (Declared("Fido2", {"state": state}, {}),))
    planned = asyncio.run(plan_tenant(graph, desired, OCCASION))
    assert isinstance(planned, Planned)
    found = [f for f in planned.plan.findings if f.rule == "strength-stranded"]
    return [str(finding.level) for finding in found], [
        each.path for each in mock.requests if "Strength" in each.path
    ]


def test_a_method_that_ends_is_held_against_the_strengths_in_use() -> None:
    found, asked = closer_look("disabled")
    assert found == ["warning"]
    assert len(asked) == 4
    assert closer_look("disabled", demands=False)[0] == []


def test_strengths_are_read_only_where_a_method_ends() -> None:
    assert closer_look("enabled") == ([], [])


@pytest.mark.parametrize("where", ["authenticationStrengthPolicies", "usage"])
def test_strengths_that_may_not_be_read_are_told_of(where: str) -> None:
    found, _ = closer_look("disabled", path_contains=where, status=403)
    assert found == ["note"]


@pytest.mark.parametrize("where", ["authenticationStrengthPolicies", "usage"])
def test_strengths_that_graph_fails_to_tell_are_no_strengths_that_may_not_be_read(
    where: str,
) -> None:
    with pytest.raises(GraphFailure, match="502"):
        closer_look("disabled", path_contains=where, status=502)


KEY, BLOCKED = "2fc0579f-8113-47ea-b116-555a8db9202a", "90a3ccdf-635c-4729-a248-9b709135078f"
EMERGENCY = {
    "user": {"user": "bg-01@contoso.com"},
    "group": {"group": "Break-glass accounts"},
}
ALLOWED = {"isEnforced": True, "enforcementType": "allow"}


def keys_allowed(
    *models: str, kept: str = "user", **fault: Any
) -> tuple[dict[str, str], list[str]]:
    """The rules of a plan that allows these models of keys, and whose methods were read.

    Whoever is emergency access has a key of the model `KEY` and nothing else.
    """
    mock = Mock()
    mock.set_switches(passkey_opt_in="before")
    for name in ("MicrosoftAuthenticator", "X509Certificate", "HardwareOath"):
        mock.portal(name, {"state": "disabled"})
    mock.portal("Fido2", {"state": "enabled", "keyRestrictions": {**ALLOWED, "aaGuids": [KEY]}})
    if fault:
        mock.add_fault("status", **fault)
    mock.clear_requests()
    graph: Any = InProcess(mock)
    restrictions = {**ALLOWED, "aaGuids": list(models)}
    desired = Desired(
        "good.yaml",
        GOOD,
        (Declared("Fido2", {"keyRestrictions": restrictions}, {}),),
        emergency_access=[EMERGENCY[kept]],
    )
    planned = asyncio.run(plan_tenant(graph, desired, OCCASION))
    assert isinstance(planned, Planned)
    found = {finding.rule: str(finding.level) for finding in planned.plan.findings}
    return found, [each.path for each in mock.requests if "authentication/methods" in each.path]


@pytest.mark.parametrize(("kept", "people"), [("user", 1), ("group", 2)])
def test_a_plan_that_no_longer_accepts_the_key_of_an_emergency_account(
    kept: str, people: int
) -> None:
    found, asked = keys_allowed(BLOCKED, kept=kept)
    assert found["emergency-access-locked-out"] == "error"
    assert len(asked) == people
    found, asked = keys_allowed(BLOCKED, KEY, kept=kept)
    assert "emergency-access-locked-out" not in found
    assert len(asked) == people


def test_what_people_have_registered_is_read_only_where_a_plan_could_end_it() -> None:
    assert keys_allowed(KEY)[1] == []


def test_what_may_not_be_read_is_said_to_be_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = keys_allowed(BLOCKED, path_contains="authentication/methods", status=403)
    assert found["emergency-account-not-verified"] == "note"
    assert "emergency-access-locked-out" not in found
    monkeypatch.setattr("graphpolicy.graph.registered.MOST_PEOPLE", 1)
    found, asked = keys_allowed(BLOCKED, kept="group")
    assert found["emergency-account-not-verified"] == "note"
    assert asked == []


@pytest.mark.parametrize("where", ["transitiveMembers", "authentication/methods"])
def test_nothing_is_planned_from_half_of_what_emergency_accounts_have(where: str) -> None:
    with pytest.raises(GraphFailure, match="502"):
        keys_allowed(BLOCKED, kept="group", path_contains=where, status=502)


def test_an_account_that_is_answered_without_an_id_is_not_one_that_is_gone() -> None:
    with pytest.raises(GraphFailure, match="without an id"):
        keys_allowed(BLOCKED, path_contains="/users/bg-01", status=200, body={"error": {}})


def test_what_nobody_foresaw_is_this_tenants_failure_and_says_where() -> None:
    async def stumbled() -> Planned:
        raise AttributeError("'str' object has no attribute 'get'")

    failed = asyncio.run(guarded(Desired("good.yaml", GOOD, ()), stumbled()))
    assert isinstance(failed, Failure)
    assert failed.message.startswith("what this tenant answers can't be understood: Attrib")
    assert "(test_planning.py:" in failed.message
