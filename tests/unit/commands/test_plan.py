"""Planning many tenants: one with an unexpected response does not hide the others."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import pytest

from graphpolicy.commands.plan import guarded, plan_each, plan_tenant
from graphpolicy.graph.failures import GraphError
from graphpolicy.mock import Mock
from graphpolicy.model import Declared, Desired, Failure, Finding, Named, Tenant, Version
from graphpolicy.model.errors import UsageError
from graphpolicy.plan.make import Planned
from tests.laws.mock_tenant import InProcess
from tests.laws.situations import OCCASION

ODD = Tenant("odd", "22222222-2222-4333-8444-555555555555")
GOOD = Tenant("good", "11111111-2222-4333-8444-555555555555")
VOICE = Declared("Voice", {"state": "disabled", "includeTargets": []}, {})


@dataclass
class Odd(InProcess):
    """A tenant whose Voice has targets of an unknown shape."""

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
    assert failed.message.endswith("Voice.includeTargets[0] is a string, expected an object")
    assert failed.help
    assert isinstance(planned, Planned)
    assert planned.plan.changes


def test_a_failure_that_is_none_of_one_tenant_ends_the_run() -> None:
    async def refused() -> Planned:
        raise UsageError("a real token never leaves for a foreign host")

    with pytest.raises(UsageError):
        asyncio.run(guarded(Desired("good.yaml", GOOD, ()), refused()))


def closer_look(
    state: str, *, demands: bool = True, tree: dict[str, Any] | None = None, **fault: Any
) -> tuple[list[str], list[str]]:
    """The rules of a plan that sets Fido2's state, and the requests about strengths."""
    mock = Mock()
    if not demands:
        mock.tenant().demands.clear()
    mock.portal("Fido2", {"state": "enabled"})
    mock.portal("X509Certificate", {"state": "disabled"})
    if fault:
        mock.add_fault("status", **fault)
    mock.clear_requests()
    graph: Any = InProcess(mock)
    desired = Desired("good.yaml", GOOD, (Declared("Fido2", tree or {"state": state}, {}),))
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
    assert closer_look("enabled", tree={"includeTargets": []})[0] == ["warning"]


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
    with pytest.raises(GraphError, match="502"):
        closer_look("disabled", path_contains=where, status=502)


@dataclass
class Silent(InProcess):
    """A tenant whose audit log is never answered."""

    async def get(self, version: Version, url: str) -> Any:
        if "auditLogs" in url:
            await asyncio.sleep(5)
        return await super().get(version, url)


REFUSED = {"path_contains": "auditLogs", "status": 403}
LOGS: dict[str, tuple[type[InProcess], dict[str, Any], str, str]] = {
    "a permission that is not there": (InProcess, REFUSED, ": 403 ", "AuditLog.Read.All"),
    "no answer in time": (Silent, {}, "/auditLogs did not answer within 0.01 s", "try again"),
    "an answer that is none": (
        InProcess,
        {"path_contains": "auditLogs", "status": 200, "body": {}},
        "auditLogs/directoryAudits has no list",
        "try again",
    ),
}


@pytest.mark.parametrize("case", LOGS.values(), ids=LOGS)
def test_an_audit_log_that_is_not_read_says_why(
    case: tuple[type[InProcess], dict[str, Any], str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, fault, why, fix = case
    mock = Mock()
    mock.portal("Voice", {"state": "enabled"})
    if fault:
        mock.add_fault("status", times=None, **fault)
    monkeypatch.setattr("graphpolicy.graph.audit_log.MOST_SECONDS", 0.01 if kind is Silent else 15)
    graph: Any = kind(mock)
    desired = Desired("good.yaml", GOOD, (VOICE,))
    planned = asyncio.run(plan_tenant(graph, desired, OCCASION, attribute=True))
    assert isinstance(planned, Planned)
    [found] = [one for one in planned.plan.findings if one.rule == "audit-log-not-read"]
    assert why in found.message
    assert fix in found.help
    assert found.level == "note"


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
    monkeypatch.setattr("graphpolicy.graph.emergency_accounts.MOST_PEOPLE", 1)
    found, asked = keys_allowed(BLOCKED, kept="group")
    assert found["emergency-account-not-verified"] == "note"
    assert asked == []


@pytest.mark.parametrize("where", ["transitiveMembers", "authentication/methods"])
def test_nothing_is_planned_from_half_of_what_emergency_accounts_have(where: str) -> None:
    with pytest.raises(GraphError, match="502"):
        keys_allowed(BLOCKED, kept="group", path_contains=where, status=502)


def test_an_account_that_is_answered_without_an_id_is_not_one_that_is_gone() -> None:
    with pytest.raises(GraphError, match=r"bg-01.* has no id"):
        keys_allowed(BLOCKED, path_contains="/users/bg-01", status=200, body={"error": {}})


def watched(
    *entries: dict[str, Any],
    tree: dict[str, Any],
    members: dict[str, list[str]] | None = None,
    before: dict[str, Any] | None = None,
    **fault: Any,
) -> list[Finding]:
    """The findings about emergency access of a plan that changes the only method, Authenticator."""
    mock = Mock()
    for name in ("Fido2", "X509Certificate", "HardwareOath", "SoftwareOath", "Sms", "Voice"):
        mock.portal(name, {"state": "disabled"})
    mock.portal("MicrosoftAuthenticator", before or {"state": "enabled"})
    for id_, who in (members or {}).items():
        if mock.tenant().directory.find(id_) is None:
            mock.tenant().directory.add_group(id_, id_)
        mock.tenant().directory.join(id_, *who)
    if fault:
        mock.add_fault("status", times=None, **fault)
    graph: Any = InProcess(mock)
    resource = Declared("MicrosoftAuthenticator", tree, {})
    desired = Desired("good.yaml", GOOD, (resource,), emergency_access=list(entries))
    planned = asyncio.run(plan_tenant(graph, desired, OCCASION))
    assert isinstance(planned, Planned)
    told = ("emergency", "exclusion-shrinks")
    return [found for found in planned.plan.findings if found.rule.startswith(told)]


NIGHT = "9c0ffee0-0000-4000-8000-000000000001"
GROUP = {"group": "Break-glass accounts"}
GROUP_ID = "0d1c2b3a-0000-4000-8000-000000000002"


def excluding(*ids: str) -> dict[str, Any]:
    return {"excludeTargets": [{"targetType": "group", "id": id_} for id_ in ids]}


def test_somebody_in_an_emergency_group_is_excluded_through_another_group() -> None:
    [found] = watched(GROUP, tree=excluding(NIGHT), members={NIGHT: ["bg-01@contoso.com"]})
    assert (found.level, found.path, found.people) == ("error", "excludeTargets", 1)
    assert found.names == ()  # nobody asked for --names
    assert found.message == (
        "1 of 2 people in group 'Break-glass accounts' (emergency access) would be left "
        "without a usable method"
    )
    everybody = {NIGHT: ["bg-01@contoso.com", "bg-02@contoso.com"]}
    [found] = watched(GROUP, tree=excluding(NIGHT), members=everybody)
    assert found.message.startswith("group 'Break-glass accounts' (emergency access) would")
    assert found.people == 2


def test_somebody_in_an_emergency_group_is_included_through_another_group() -> None:
    included = {"includeTargets": [{"targetType": "group", "id": NIGHT}]}
    both = {NIGHT: ["bg-01@contoso.com", "bg-02@contoso.com"]}
    assert not watched(GROUP, tree=included, members=both)


def test_an_exclusion_that_loses_a_group_within_emergency_access() -> None:
    [found] = watched(
        GROUP,
        tree=excluding("0d1c2b3a-0000-4000-8000-000000000003"),
        before={"state": "enabled", **excluding(NIGHT)},
        members={NIGHT: [], GROUP_ID: [NIGHT]},
    )
    assert (found.rule, found.level) == ("exclusion-shrinks", "error")
    assert "is emergency access" in found.message


@pytest.mark.parametrize(
    ("entry", "fault", "rule", "words"),
    [
        (GROUP, {"path_contains": "/groups"}, "not-verified", "Graph refused GET /groups"),
        ({**GROUP, "id": NIGHT}, {}, "not-found", "is not in the directory"),
        ({**GROUP, "id": NIGHT}, {}, "not-found", f"{GROUP['group']!r} of emergencyAccess"),
        ({**GROUP, "id": NIGHT}, {}, "not-found", f"the id {NIGHT}"),
        (GROUP, {"path_contains": "MemberOf", "status": 404}, "not-found", f"the id {GROUP_ID}"),
        ({"user": "x@contoso.com", "id": NIGHT}, {}, "not-found", "is not in the directory"),
        ({"user": "x@contoso.com"}, {"path_contains": "/users"}, "not-verified", "/users/x"),
        ({"group": "Duplicate group"}, {}, "not-found", "several groups: 0d1c2b3a-"),
        ({"user": "bg-01@contoso.com"}, {"path_contains": "MemberOf"}, "not-verified", "403"),
        (GROUP, {"path_contains": "transitiveMembers"}, "not-verified", "the members of group"),
        (GROUP, {"path_contains": "authentication/methods"}, "not-verified", "is registered for"),
    ],
)
def test_emergency_access_that_was_not_looked_up_says_why(
    entry: dict[str, Any], fault: dict[str, Any], rule: str, words: str
) -> None:
    refused = {"status": 403, **fault} if fault else {}
    told = watched(entry, tree={"state": "disabled"}, **refused)
    [found] = [one for one in told if one.rule == f"emergency-account-{rule}"]
    assert words in found.message
    assert found.help


def test_a_group_of_too_many_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphpolicy.graph.emergency_accounts.MOST_PEOPLE", 1)
    app = {"companionAppAllowedState": {"state": "enabled"}}
    told = watched(GROUP, tree={"featureSettings": app, "excludeTargets": []})
    assert told == []
    [found] = watched(GROUP, tree=excluding(NIGHT), members={NIGHT: []})
    assert re.search(r"more than \d+ members", found.message)
    assert "emergencyAccess" in found.help


def test_what_nobody_foresaw_is_this_tenants_failure_and_says_where() -> None:
    async def stumbled() -> Planned:
        raise AttributeError("'str' object has no attribute 'get'")

    failed = asyncio.run(guarded(Desired("good.yaml", GOOD, ()), stumbled()))
    assert isinstance(failed, Failure)
    assert failed.message.startswith("unexpected response from this tenant: AttributeError: ")
    assert "(test_plan.py:" in failed.message


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sg-mfa-pilot-p", "{group: SG-MFA-Pilot-P}"),
        ("Factory flor", "'Factory floor'"),
        ("Facotry floor", "'Factory floor'"),
        ("Break glass accounts", "'Break-glass accounts'"),
    ],
)
def test_the_group_that_was_meant_is_proposed(name: str, meant: str, answers: bool) -> None:
    class Silent(InProcess):
        async def get(self, version: Version, url: str) -> Any:
            if "startswith" in url and not answers:
                raise GraphError("no such filter")
            return await super().get(version, url)

    target = [{"targetType": "group", "id": Named(name)}]
    desired = Desired("a.yaml", GOOD, (Declared("Sms", {"includeTargets": target}, {}),))
    graph: Any = Silent(Mock())
    planned = asyncio.run(plan_tenant(graph, desired, OCCASION))
    assert isinstance(planned, Failure)
    assert planned.code == "group-not-resolved"
    assert (meant in planned.help) == (answers or meant.startswith("{"))
