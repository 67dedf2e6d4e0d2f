"""The move to passkeys: the campaign, the opt-out, targets without profile, Microsoft's part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.catalogue.facts import Facts
from graphpolicy.compare.resolve import resolve
from graphpolicy.guards.drift_and_freeze import reverting
from graphpolicy.model import POLICY, AuditLog, Directory, Observed, Unread
from graphpolicy.model.tree import member
from graphpolicy.plan.make import make_plan
from graphpolicy.plan.plan_context import PlanContext
from tests.laws.generated import observed
from tests.laws.situations import desired
from tests.unit.build import ALL, A, B, by, group, held, planned, rules
from tests.unit.guards.policies import FIDO2, SMS, Case, check, message, off, on

DEFAULT = "00000000-0000-0000-0000-000000000001"
OPEN = {"isEnforced": False, "enforcementType": "allow", "aaGuids": []}
OUT = "optOutSettings.passkeyDynamicMigration"
CAMPAIGN = "registrationEnforcement.authenticationMethodsRegistrationCampaign"


def profile(**members: Any) -> dict[str, Any]:
    base = {"passkeyTypes": "deviceBound,synced", "attestationEnforcement": "disabled"}
    return {"id": DEFAULT, "name": "Default", **base, "keyRestrictions": OPEN, **members}


def keys(*profiles: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Passkeys on for everyone, in profiles that everyone may use."""
    target = {**ALL, "allowedPasskeyProfiles": [each["id"] for each in profiles]}
    own = {"isSelfServiceRegistrationAllowed": True, "passkeyProfiles": list(profiles)}
    return {**on(), "includeTargets": [target], **own, **members}


def campaign(method: str = "fido2", state: str = "enabled") -> dict[str, Any]:
    target = {**ALL, "targetedAuthenticationMethod": method}
    inner = {"state": state, "includeTargets": [target], "excludeTargets": []}
    return {"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": inner}}


def opted_out(*, value: bool = True) -> dict[str, Any]:
    return {"optOutSettings": {"passkeyDynamicMigration": value}}


ALLOWED = {"allowedPasskeyProfiles": [DEFAULT]}
RESTRICTED = {"isEnforced": True, "enforcementType": "allow", "aaGuids": [A]}
REACHING: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "one open profile": (keys(profile()), campaign(), True),
    "in Graph's other spelling": (keys(profile()), campaign("Fido2"), True),
    "attestation": (keys(profile(attestationEnforcement="registrationOnly")), campaign(), False),
    "other spelling, attestation": (
        keys(profile(attestationEnforcement="registrationOnly")),
        campaign("Fido2"),
        False,
    ),
    "restricted models": (keys(profile(keyRestrictions=RESTRICTED)), campaign(), False),
    "device-bound keys alone": (keys(profile(passkeyTypes="deviceBound")), campaign(), False),
    "synced keys alone": (keys(profile(passkeyTypes="synced")), campaign(), False),
    "an open profile beside a strict one": (
        keys(profile(), profile(id=A, name="Strict", passkeyTypes="synced")),
        campaign(),
        True,
    ),
    "an open profile that no target uses": (
        {
            **keys(profile(passkeyTypes="synced")),
            "passkeyProfiles": [profile(passkeyTypes="synced"), profile(id=A, name="Open")],
        },
        campaign(),
        False,
    ),
    "no self-service": (keys(profile(), isSelfServiceRegistrationAllowed=False), campaign(), False),
    "passkeys off": ({**keys(profile()), "state": "disabled"}, campaign(), False),
    "no profiles, attestation": (keys(isAttestationEnforced=True), campaign(), False),
    "no profiles, nothing restricted": (keys(isAttestationEnforced=False), campaign(), True),
    "a campaign for Authenticator": (
        keys(profile(passkeyTypes="synced")),
        campaign("microsoftAuthenticator"),
        True,
    ),
    "a campaign that is left to Microsoft": (
        keys(profile(passkeyTypes="synced")),
        campaign(state="default"),
        True,
    ),
    "a campaign that is off": (
        keys(profile(passkeyTypes="synced")),
        campaign(state="disabled"),
        True,
    ),
}


@pytest.mark.parametrize("case", REACHING.values(), ids=REACHING.keys())
def test_a_campaign_for_passkeys_needs_people_who_may_set_one_up(
    case: tuple[dict[str, Any], dict[str, Any], bool],
) -> None:
    fido2, root, reaches = case
    made = planned(held(Fido2=fido2, **{POLICY: root}), {POLICY: root})
    expected = None if reaches else "warning"
    assert rules(made).get("campaign-reaches-nobody") == expected


def test_a_new_target_of_the_campaign_is_spelled_as_the_live_ones() -> None:
    """A campaign asks for one method, so two spellings in one body might be taken for two."""
    root = campaign()
    inner = root["registrationEnforcement"]["authenticationMethodsRegistrationCampaign"]
    inner["includeTargets"].append({**group(B), "targetedAuthenticationMethod": "fido2"})
    for live in ("Fido2", "fido2"):
        made = planned(held(Fido2=keys(profile()), **{POLICY: campaign(live)}), {POLICY: root})
        [request] = made.plan.requests
        sent = member(request.body, *CAMPAIGN.split("."), "includeTargets")
        assert [each["targetedAuthenticationMethod"] for each in sent] == [live, live]


def test_a_campaign_that_no_file_declares_is_not_judged() -> None:
    live = held(Fido2={**keys(profile()), "state": "disabled"}, **{POLICY: campaign()})
    assert "campaign-reaches-nobody" not in rules(planned(live, {FIDO2: {"state": "disabled"}}))


GUARDED: dict[str, Case] = {
    "an opt-out is taken back": (
        "opt-out-ends",
        {POLICY: opted_out(), SMS: on(A)},
        {POLICY: opted_out(value=False)},
        [("warning", POLICY, OUT)],
    ),
    "an opt-out begins": (
        "opt-out-ends",
        {POLICY: {"optOutSettings": None}},
        {POLICY: opted_out()},
        [],
    ),
    "an opt-out stays": (
        "opt-out-ends",
        {POLICY: opted_out()},
        {POLICY: opted_out()},
        [],
    ),
    "a target without a profile": (
        "passkey-target-without-profile",
        {FIDO2: keys(profile())},
        {
            FIDO2: {
                **keys(profile()),
                "includeTargets": [*keys(profile())["includeTargets"], group(A)],
            }
        },
        [("warning", FIDO2, "includeTargets")],
    ),
    "opting in leaves a target without a profile": (
        "passkey-target-without-profile",
        {FIDO2: on()},
        {FIDO2: {**on(), "passkeyProfiles": [profile()]}},
        [("warning", FIDO2, "includeTargets")],
    ),
    "opting in with a profile for each target": (
        "passkey-target-without-profile",
        {FIDO2: on()},
        {FIDO2: keys(profile())},
        [],
    ),
    "a target with a profile": (
        "passkey-target-without-profile",
        {FIDO2: keys(profile())},
        {
            FIDO2: {
                **keys(profile()),
                "includeTargets": [group(A, allowedPasskeyProfiles=[DEFAULT])],
            }
        },
        [],
    ),
    "a target that was there without one": (
        "passkey-target-without-profile",
        {FIDO2: {**keys(profile()), "includeTargets": [group(A)]}},
        {FIDO2: {**keys(profile()), "includeTargets": [group(A.upper())]}},
        [],
    ),
    "a target in a tenant without profiles": (
        "passkey-target-without-profile",
        {FIDO2: off()},
        {FIDO2: on(A)},
        [],
    ),
}


@pytest.mark.parametrize("case", GUARDED.values(), ids=GUARDED.keys())
def test_the_guards(case: Case) -> None:
    check(case)


def test_an_opt_out_that_ends_says_whom_microsoft_then_reaches() -> None:
    before = {POLICY: opted_out(), SMS: on(A)}
    after = {POLICY: opted_out(value=False)}
    assert "Sms (Pilot" in message("opt-out-ends", before, after)
    assert "now nobody" in message("opt-out-ends", {**before, SMS: off()}, after)
    assert "Sms (Pilot" in message("opt-out-ends", {**before, SMS: off()}, {**after, SMS: on(A)})


ABSENT: dict[str, Any] = {
    "absent": {},
    "null": {"optOutSettings": None},
    "null inside": {"optOutSettings": {"passkeyDynamicMigration": None}},
    "false": {"optOutSettings": {"passkeyDynamicMigration": False}},
}


@pytest.mark.parametrize("live", ABSENT.values(), ids=ABSENT.keys())
def test_an_opt_out_that_the_tenant_lacks_is_off_and_can_be_planned(live: Any) -> None:
    same = planned(held(**{POLICY: live}), {POLICY: opted_out(value=False)})
    assert same.plan.changes == ()
    made = planned(held(**{POLICY: live}), {POLICY: opted_out()})
    [change] = made.plan.changes
    assert (change.path, change.before, change.after, change.api) == (OUT, False, True, "beta")
    [request] = made.plan.requests
    assert request.body == opted_out()
    assert rules(made) == {}


LOG = AuditLog((), "2026-08-01T00:00:00", "2026-11-29T02:00:00")


def drifted(live: Any, tree: Any, base: Any, *, log: Any = LOG, cloud: Any = "global") -> Any:
    """A plan of an edit beside drift."""
    read = observed(held(**live), ("v1.0", "beta")).documents
    modified = {"lastModifiedDateTime": "2026-11-20T00:00:00Z"}
    documents = Observed({version: {**read[version], **modified} for version in read})
    known = Directory(log=log)
    plan_context = PlanContext("2026-11-29", Facts.shipped())
    resolved = resolve(desired(tree, cloud), known, documents)
    return make_plan(
        resolved,
        documents,
        known,
        plan_context,
        resolve(desired(base, cloud), known, documents).desired,
    ).plan


WRITTEN = {FIDO2: {"state": "disabled"}, SMS: {"state": "enabled"}}
EDITED = {FIDO2: {"state": "disabled"}, SMS: {"state": "disabled"}}
LIVE = {FIDO2: keys(profile()), SMS: on()}
BY = by("ann@contoso.com", "2026-11-20T10:00:00Z", ("Fido2.state", "disabled", "enabled"))


def test_what_microsoft_announced_is_named_where_no_administrator_is_on_record() -> None:
    plan = drifted(LIVE, EDITED, WRITTEN)
    [fido2] = [each for each in plan.changes if each.resource == FIDO2]
    assert (fido2.author.kind, fido2.notice.since) == ("microsoft", "2026-09-01")
    assert next(each for each in plan.changes if each.resource == SMS).notice is None
    [found] = [each for each in plan.findings if each.rule == "reverts-outside-change"]
    assert "Microsoft" in found.message
    assert fido2.notice.source in found.message
    assert "optOutSettings" in found.help


OTHERS: dict[str, dict[str, Any]] = {
    "an administrator's record": {"log": replace(LOG, events=(BY,))},
    "another cloud": {"cloud": "usgov"},
}


@pytest.mark.parametrize("more", OTHERS.values(), ids=OTHERS.keys())
def test_microsoft_is_not_named(more: dict[str, Any]) -> None:
    plan = drifted(LIVE, EDITED, WRITTEN, **more)
    assert [each.notice for each in plan.changes] == [None, None]


def test_microsoft_is_not_named_where_the_tenant_opted_out_or_the_value_is_another() -> None:
    opted = {**LIVE, POLICY: {"optOutSettings": {"passkeyDynamicMigration": True}}}
    off_again = {**LIVE, FIDO2: {**keys(profile()), "state": "disabled"}}
    on_in_files = {FIDO2: {"state": "enabled"}, SMS: {"state": "enabled"}}
    for live, tree in ((opted, WRITTEN), (off_again, on_in_files)):
        plan = drifted(live, tree, tree)
        assert [each.notice for each in plan.changes if each.resource == FIDO2] == [None]


def test_a_log_that_could_not_be_read_leaves_it_open() -> None:
    plan = drifted(LIVE, WRITTEN, WRITTEN, log=Unread("403", "grant AuditLog.Read.All"))
    [change] = plan.changes
    assert (change.author.kind, change.notice.since) == ("unknown", "2026-09-01")
    assert "could not be read" in change.author.why


def test_a_plan_that_did_not_ask_for_the_log_names_nobody() -> None:
    """Without the log and a base, drift can't be distinguished from an edit."""
    [change] = drifted(LIVE, WRITTEN, WRITTEN, log=None).changes
    assert change.notice is None


def test_microsoft_is_not_named_where_the_file_keeps_all_that_is_live() -> None:
    other = profile(id=A, name="Other")
    more = {**ALL, "allowedPasskeyProfiles": [DEFAULT, A]}
    one, two = [{**ALL, **ALLOWED}], [more, {**group(B), **ALLOWED}]
    for live, wanted, named in ((one, two, False), (two, one, True), ([more], one, True)):
        tree = {FIDO2: {"includeTargets": wanted}}
        held_now = keys(profile(), other, includeTargets=live)
        [change] = drifted({FIDO2: held_now}, tree, tree).changes
        assert (change.path, bool(change.notice)) == ("includeTargets", named)


def test_a_notice_stands_in_place_of_blame() -> None:
    plan = drifted(LIVE, EDITED, WRITTEN)
    blamed = tuple(replace(each, changed_by=()) for each in plan.changes)
    [with_notice], [without] = list(reverting(plan.changes)), list(reverting(blamed))
    assert "ask who changed it" in without.help
    assert "ask who changed it" not in with_notice.help


def test_a_campaign_asks_for_one_method() -> None:
    other = {**group(B), "targetedAuthenticationMethod": "microsoftAuthenticator"}
    root = campaign()
    inner = root["registrationEnforcement"]["authenticationMethodsRegistrationCampaign"]
    inner["includeTargets"].append(other)
    live = held(Fido2=keys(profile()), **{POLICY: campaign()})
    assert rules(planned(live, {POLICY: root})).get("campaign-several-methods") == "error"
    twice = {**campaign("Fido2")}
    assert "campaign-several-methods" not in rules(planned(live, {POLICY: twice}))
