"""A plan considers everything in its file, its tenant and its day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.catalogue.facts import Facts
from graphpolicy.compare.resolve import resolve
from graphpolicy.model import (
    EVERYONE,
    Account,
    Acknowledgement,
    AuditLog,
    Declared,
    Desired,
    Directory,
    Finding,
    Observed,
    Place,
    Scope,
    Tenant,
    Unread,
)
from graphpolicy.plan.make import Planned, make_plan
from graphpolicy.plan.plan_context import PlanContext
from tests.laws.generated import observed
from tests.laws.situations import TENANT_ID, TODAY, Held
from tests.unit.build import ALL, A, by, external, file_of, group, held, rules

SMS = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
OFF = Declared("Sms", {"state": "disabled"}, {})
AS_IT_IS = Declared("Sms", {"state": "enabled"}, {})
EVENT = by("ana@contoso.com", "2026-11-22T09:00:00Z", ("Sms.state", "disabled", "enabled"))
FEATURE = "displayAppInformationRequiredState"


def plan(
    live: Held | Observed,
    desired: Desired | Declared,
    directory: Directory | None = None,
    plan_context: PlanContext | None = None,
) -> Planned:
    file = desired if isinstance(desired, Desired) else file_of([desired])
    documents = live if isinstance(live, Observed) else observed(live)
    known = directory or Directory()
    resolution = resolve(file, known, documents)
    return make_plan(resolution, documents, known, plan_context or PlanContext(TODAY))


def test_a_plan_is_of_a_file_and_brings_what_an_apply_needs() -> None:
    made = plan(held(Sms=SMS), OFF)
    assert made.plan.file == "policy.yaml"
    assert [write.comparison.id for write in made.writes] == ["Sms"]
    assert made.observed == observed(held(Sms=SMS))
    assert {name: set(versions) for name, versions in made.plan.observed.items()} == {
        "Sms": {"v1.0", "beta"}
    }


def test_in_china_everything_is_read_judged_and_written_on_beta() -> None:
    file = replace(file_of([OFF]), tenant=Tenant("contoso", TENANT_ID, "china"))
    made = plan(observed(held(Sms=SMS), ("beta",)), file).plan
    assert [change.api for change in made.changes] == ["beta"]
    assert [(request.api, request.body["state"]) for request in made.requests] == [
        ("beta", "disabled")
    ]


@pytest.mark.parametrize(("cloud", "means"), [("usgov", "on"), ("global", "off")])
def test_what_default_means_is_told_for_the_tenants_cloud(cloud: Any, means: str) -> None:
    rows = [
        {
            "resource": "MicrosoftAuthenticator",
            "setting": f"featureSettings.{FEATURE}.state",
            "means": said,
            "cloud": of,
            "status": "complete",
            "as_of": "2026-01",
            "source": "https://learn.microsoft.com/entra",
        }
        for of, said in (("usgov", "on"), ("global", "off"))
    ]
    tree = {"featureSettings": {FEATURE: {"state": "enabled"}}}
    file = file_of([Declared("MicrosoftAuthenticator", tree, {})])
    live = held(MicrosoftAuthenticator={"featureSettings": {FEATURE: {"state": "default"}}})
    tenant = Tenant("contoso", TENANT_ID, cloud)
    plan_context = PlanContext(TODAY, Facts.of({"as_of": "2026-01", "managed_values": rows}))
    [change] = plan(live, replace(file, tenant=tenant), None, plan_context).plan.changes
    assert change.before_label == f"default (Microsoft managed: {means}, as of 2026-01)"


def test_an_audit_log_that_could_not_be_read_is_told_and_names_nobody() -> None:
    unread = Directory(log=Unread("403", "ask for the permission"))
    made = plan(held(Sms=SMS), OFF, unread).plan
    assert rules_of(made.findings)["audit-log-not-read"] == "note"
    assert [change.author.kind for change in made.changes if change.author] == ["unknown"]
    same = plan(held(Sms=SMS), AS_IT_IS, unread).plan
    assert "audit-log-not-read" not in rules_of(same.findings)
    [change] = plan(held(Sms=SMS), OFF, Directory(log=AuditLog((EVENT,)))).plan.changes
    assert change.changed_by == (EVENT.author,)


def rules_of(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.rule: finding.level for finding in findings}


def test_emergency_accounts_that_nobody_finds_are_an_error_where_a_method_is_taken() -> None:
    file = replace(file_of([OFF]), emergency_access=[{"user": "bg@contoso.com"}])
    known = Directory(accounts=(Account("bg@contoso.com", ""),))
    assert rules(plan(held(Sms=SMS), file, known))["emergency-account-not-found"] == "error"
    same = replace(file, resources=(AS_IT_IS,))
    assert rules(plan(held(Sms=SMS), same, known))["emergency-account-not-found"] == "warning"


def test_a_group_that_the_helpdesk_refuses_has_to_be_there() -> None:
    place = Place("contoso.yaml", 3, 5)
    refuse = [{"role": "any"}, {"group": "Executives"}]
    file = replace(
        file_of([AS_IT_IS]), helpdesk={"refuse": refuse}, places={("helpdesk.refuse", 1): place}
    )
    gone = Directory(refused=(Account("group 'Executives'", "", group=True),))
    rule = "helpdesk-group-not-found"
    [told] = [one for one in plan(held(Sms=SMS), file, gone).plan.findings if one.rule == rule]
    assert (told.level, told.source) == ("error", place)
    there = Directory(refused=(Account("group 'Executives'", A, group=True),))
    assert rule not in rules(plan(held(Sms=SMS), file, there))


def test_emergency_access_that_loses_its_last_method_refuses_the_plan() -> None:
    file = replace(file_of([OFF]), emergency_access=[{"user": "bg@contoso.com"}])
    known = Directory(accounts=(Account("bg@contoso.com", A, frozenset()),))
    assert rules(plan(held(Sms=SMS), file, known))["emergency-access-locked-out"] == "error"
    assert "emergency-access-locked-out" not in rules(plan(held(Sms=SMS), OFF))


def test_who_is_emergency_access_has_to_be_said_where_a_strong_method_ends() -> None:
    file = file_of([Declared("Fido2", {"state": "disabled"}, {})])
    live = held(Fido2=SMS, X509Certificate=SMS)
    assert rules(plan(live, file))["emergency-access-missing"] == "error"
    said = replace(file, emergency_access={"none": "a tenant of the tests"})
    assert "emergency-access-missing" not in rules(plan(live, said))


def test_what_was_accepted_is_known_by_what_the_file_calls_it_until_its_day() -> None:
    live = held(External=external(state="enabled", includeTargets=[ALL]))
    off = Declared("External", {"state": "disabled"}, {}, "Duo")
    leave = Acknowledgement("last-mfa-method", Scope("Duo", (), "moved", "ana", TODAY))
    file = replace(file_of([off]), acknowledgements=(leave,), emergency_access={"none": "test"})
    assert plan(live, file).plan.refused is None
    later = plan(live, file, None, PlanContext("2026-11-25")).plan
    assert later.refused == "last-mfa-method"
    assert "acknowledgement-expired" in rules_of(later.findings)


def test_a_freeze_comes_first_and_refuses_until_its_day() -> None:
    freeze = Scope("", (), "year end", "cfo", TODAY)
    file = replace(file_of([OFF]), freeze=freeze)
    [first, *_] = plan(held(Sms=SMS), file).plan.findings
    assert (first.rule, first.level) == ("tenant-frozen", "error")
    [first, *_] = plan(held(Sms=SMS), file, None, PlanContext("2026-11-25")).plan.findings
    assert first.rule == "freeze-expired"
    still = replace(file, resources=(AS_IT_IS,))
    assert [found.level for found in plan(held(Sms=SMS), still).plan.findings][:1] == ["note"]


def test_passkey_profiles_are_called_by_name_wherever_they_are_named() -> None:
    profile = {"id": A, "name": "Keys", "passkeyTypes": "deviceBound"}
    live = held(Fido2={"passkeyProfiles": [profile], "includeTargets": [ALL]})
    tree = {"includeTargets": [{**ALL, "allowedPasskeyProfiles": [A]}]}
    [change] = plan(live, Declared("Fido2", tree, {})).plan.changes
    assert "Keys" in " ".join(text for _, text in change.entries)


def test_a_group_that_calls_itself_everyone_is_not_taken_for_everyone() -> None:
    known = Directory(names={EVERYONE: "Pilot"})
    [change] = plan(held(Sms=SMS), OFF, known).plan.changes
    assert change.audience is not None
    assert change.audience.include == ("everyone (all_users)",)
    excluded = held(Sms={**SMS, "excludeTargets": [group(A)]})
    [change] = plan(excluded, OFF, Directory(names={A: "all_users"})).plan.changes
    assert change.audience is not None
    assert change.audience.exclude == (f"all_users ({A})",)
