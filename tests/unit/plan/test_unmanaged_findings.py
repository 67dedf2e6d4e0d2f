"""What no file declares: compared with the snapshot, reported, and never planned."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.compare.resolve import resolve
from graphpolicy.model import (
    CONFIGURATIONS,
    Directory,
    Hold,
    KeptSnapshot,
    Observed,
    Plan,
    Scope,
    Unmanaged,
    Unread,
)
from graphpolicy.plan.make import make_plan
from graphpolicy.plan.unmanaged_findings import Watched
from graphpolicy.plan.verdict import Report, verdict
from tests.laws.generated import observed
from tests.laws.situations import OCCASION, TENANT_ID, Held, desired
from tests.unit.build import ALL, A, external, group, held

OFF = held(
    Sms={"state": "enabled", "includeTargets": [ALL]},
    QRCodePin={"state": "disabled", "includeTargets": [ALL]},
    Fido2={"state": "enabled", "includeTargets": [ALL], "passkeyProfiles": []},
)
SMS = {"Sms": {"state": "enabled"}}
PROFILE = {"id": "5a5a5a5a-0000-4000-8000-000000000001", "name": "Keys", "passkeyTypes": "synced"}
NAME = "policies/contoso.snapshot.json"


def qr(state: str = "enabled") -> Held:
    return {**OFF, "QRCodePin": {**OFF["QRCodePin"], "state": state}}


def planned(
    live: Held | Observed,
    then: Held | Observed | None = OFF,
    watch: Any = "report",
    *,
    wanted: Held = SMS,
    holds: tuple[Hold, ...] = (),
    proposed: KeptSnapshot | None = None,
    names: Any = None,
    unread: Any = None,
) -> Plan:
    now = live if isinstance(live, Observed) else observed(live)
    old = observed(then) if isinstance(then, dict) else then
    policy = replace(desired(wanted), unmanaged=watch, holds=holds)
    kept = KeptSnapshot(NAME, NAME, "`graphpolicy pull`", old, proposed=proposed)
    directory = Directory(names=names or {})
    return make_plan(
        resolve(policy, directory, now),
        now,
        directory,
        replace(OCCASION, kept={TENANT_ID: kept}),
        watched=Watched(now, unread or {}),
    ).plan


def told(plan: Plan) -> dict[str, str]:
    ours = ("snapshot", "undeclared", "in-no-file", "not-compared")
    return {f.rule: f.level for f in plan.findings if any(word in f.rule for word in ours)}


def exits(plan: Plan) -> tuple[int, int]:
    """The exit codes of `drift` and of `plan`."""
    drift, plan_ = (verdict(plan, Report(verb, (plan,))).code for verb in ("drift", "plan"))
    return drift, plan_


def paths(plan: Plan) -> list[tuple[str, str, bool]]:
    return [(item.title, item.path, item.counts) for item in plan.unmanaged]


REFUSED = {"undeclared-method-enabled": "error"}
CASES: dict[str, tuple[Any, Any, list[Any], dict[str, str], tuple[int, int]]] = {
    "report": ("report", OFF, [("QRCodePin", "state", True)], {}, (2, 0)),
    "refuse": ("refuse", OFF, [("QRCodePin", "state", True)], REFUSED, (2, 6)),
    "report, as it was": ("report", qr(), [], {}, (0, 0)),
    "refuse, as it was": ("refuse", qr(), [], REFUSED, (2, 6)),
    "report, no snapshot": (
        "report",
        None,
        [],
        {"no-snapshot": "note", "method-in-no-file": "note"},
        (0, 0),
    ),
    "refuse, no snapshot": ("refuse", None, [], {"no-snapshot": "note", **REFUSED}, (2, 6)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_method_that_is_on_and_in_no_file(case: Any) -> None:
    watch, then, differences, findings, codes = case
    wanted = {**SMS, "Fido2": {"state": "enabled"}}
    plan = planned(qr(), then, watch, wanted=wanted)
    assert (paths(plan), told(plan), exits(plan)) == (differences, findings, codes)
    assert (plan.changes, plan.requests) == ((), ())
    assert bool(plan.digest) is (codes[1] == 0)


def test_it_is_told_for_whom_a_method_is_on_and_who_else_is_affected() -> None:
    [item] = planned(qr()).unmanaged
    assert (item.before_label, item.after_label) == ("disabled", "enabled")
    assert item.audience
    assert item.audience.include == ("everyone (all_users)",)
    without = planned(qr(), None, wanted={**SMS, "Fido2": {"excludeTargets": []}})
    [found] = [each for each in without.findings if each.rule == "method-in-no-file"]
    assert found.message == (
        "in the tenant and in no file: QRCodePin, on for everyone; Fido2.state, on for everyone"
    )


def documents(*items: dict[str, Any]) -> Observed:
    """A tenant as v1.0 shows it, with more methods."""
    now = observed(OFF)
    more = {
        version: {**document, CONFIGURATIONS: [*document[CONFIGURATIONS], *deepcopy(items)]}
        for version, document in now.documents.items()
    }
    return replace(now, documents=more)


STRANGE = {"@odata.type": "#microsoft.graph.telepathyConfiguration", "id": "Telepathy"}


def test_a_new_method_is_one_line_and_a_drift_if_it_is_on() -> None:
    new = {"Duo": external(state="enabled"), "Telepathy": {**STRANGE, "state": "on"}}
    all_: Held = {**SMS, "Fido2": {"state": "enabled"}}
    for title, item in new.items():
        assert paths(planned(documents(item))) == [(title, "", True)], title
        off = {**item, "state": "disabled"}
        assert paths(planned(documents(off))) == [(title, "", False)], title
        assert exits(planned(documents(off))) == (0, 0)
        assert exits(planned(documents(off), watch="refuse", wanted=all_)) == (2, 0)
        moved = planned(documents({**item, "limit": 3}), documents({**item, "limit": 2}))
        assert paths(moved) == [(title, "limit", False)], title
    gone = planned(OFF, documents(external(state="enabled"), STRANGE))
    assert [(one.title, one.after_label) for one in gone.unmanaged] == [
        ("Duo", "no longer in the tenant")
    ]


def test_a_new_passkey_profile_is_told_beside_declared_ones() -> None:
    live = {**OFF, "Fido2": {**OFF["Fido2"], "passkeyProfiles": [PROFILE]}}
    other = {**PROFILE, "id": "5a5a5a5a-0000-4000-8000-000000000002", "name": "Ours"}
    beside: Held = {**SMS, "Fido2": {"passkeyProfiles": [other]}}
    for wanted in (SMS, beside):
        [item] = planned(live, wanted=wanted).unmanaged
        assert (item.title, item.path, item.counts) == ("Fido2", "passkeyProfiles", False)
        assert [sign for sign, _ in item.moves] == ["+"]
    recreated = {**PROFILE, "id": PROFILE["id"].replace("1", "9")}
    as_was = {**OFF, "Fido2": {**OFF["Fido2"], "passkeyProfiles": [recreated]}}
    assert planned(live, as_was).unmanaged == ()


def test_what_is_held_is_left_out() -> None:
    def hold(*path: str) -> tuple[Hold, ...]:
        return (Hold(Scope("QRCodePin", path, "INC1", "me", "2026-12-01")),)

    live = {**qr(), "QRCodePin": {**qr()["QRCodePin"], "pinLength": 9}}
    assert paths(planned(live, holds=hold("state"))) == [("QRCodePin", "pinLength", False)]
    assert paths(planned(live, holds=hold())) == []
    assert told(planned(live, watch="refuse", holds=hold("state"))).keys() <= REFUSED.keys()
    wanted: Held = {**SMS, "Fido2": {"state": "enabled"}}
    assert told(planned(live, watch="refuse", wanted=wanted, holds=hold())) == {}


def test_names_of_groups_come_from_the_directory_or_the_snapshot() -> None:
    live = {**OFF, "QRCodePin": {**OFF["QRCodePin"], "includeTargets": [group(A)]}}
    [item] = planned(live, names={A: "Pilot"}).unmanaged
    assert f"Pilot ({A})" in item.step


STRENGTH = {
    "id": "1",
    "displayName": "Keys",
    "policyType": "custom",
    "allowedCombinations": ["fido2"],
}


def test_custom_strengths_are_watched_and_a_failed_read_is_no_difference() -> None:
    def tenant(*strengths: dict[str, Any]) -> Observed:
        return replace(observed(OFF), lists={"authenticationStrengthPolicies": strengths})

    wider = {**STRENGTH, "allowedCombinations": ["fido2", "sms"]}
    [item] = planned(tenant(wider), tenant(STRENGTH)).unmanaged
    title = "authenticationStrengthPolicies/Keys"
    assert (item.title, item.path, item.moves) == (title, "allowedCombinations", (("+", "sms"),))
    built_in = {"policyType": "builtIn"}
    moved = planned(tenant({**wider, **built_in}), tenant({**STRENGTH, **built_in}))
    assert moved.unmanaged == ()
    why = Unread("403", "grant it")
    blind = planned(OFF, tenant(STRENGTH), unread={"authenticationStrengthPolicies": why})
    assert (blind.unmanaged, told(blind)) == ((), {"not-compared": "warning"})
    assert told(planned(observed(OFF), observed(OFF, ("v1.0",)))) == {"not-compared": "note"}


def test_only_refusing_is_part_of_what_a_reviewer_consents_to() -> None:
    plain = planned(OFF).digest
    assert planned(qr()).digest == plain
    assert planned(OFF, None).digest == plain
    assert planned(OFF, watch="ignore").digest != plain


def test_an_unusable_snapshot_is_told_and_nothing_is_compared() -> None:
    levels: dict[Any, str] = {"report": "warning", "refuse": "error"}
    for watch, level in levels.items():
        now = observed(OFF)
        kept = KeptSnapshot(NAME, NAME, problem="it is of the tenant fabrikam")
        plan_context = replace(OCCASION, kept={TENANT_ID: kept})
        resolution = resolve(replace(desired(SMS), unmanaged=watch), Directory(), now)
        plan = make_plan(resolution, now, Directory(), plan_context, watched=Watched(now)).plan
        assert told(plan)["snapshot-unusable"] == level
        assert plan.unmanaged == ()


def test_an_edit_of_the_snapshot_is_a_note_only_where_the_tenant_agrees() -> None:
    def edited(
        then: Held | None, names: Any = None, live: Held | None = None, known: Any = None
    ) -> str:
        kept = KeptSnapshot(
            NAME, NAME, observed=observed(then) if then else None, names=names or {}
        )
        return told(planned(live or qr(), proposed=kept, names=known))["snapshot-edited"]

    assert edited(qr()) == "note"
    assert edited(qr("disabled")) == "note"  # nothing but its time differs
    assert edited(OFF, live=OFF) == "note"
    assert edited(qr(), live=OFF) == "warning"
    hidden = {**qr(), "Sms": {**OFF["Sms"], "state": "disabled"}}
    assert edited(hidden) == "warning"
    assert edited(None) == "warning"
    assert edited(qr(), names={A: "Pilot"}) == "warning"
    assert edited(qr(), names={A: "Pilot"}, known={A: "Pilot"}) == "note"
    narrow = KeptSnapshot(NAME, NAME, observed=observed(qr(), ("v1.0",)))
    assert told(planned(qr(), proposed=narrow))["snapshot-edited"] == "warning"


def test_what_a_difference_is_called() -> None:
    item = Unmanaged("Sms", "Sms", "", None, {}, "not in the snapshot", "off")
    assert (item.name, item.step) == ("Sms", "not in the snapshot -> off")


def test_a_profile_that_is_gone_or_renamed_is_told_once() -> None:
    aimed = [{**ALL, "allowedPasskeyProfiles": [PROFILE["id"]]}]
    own = {**OFF["Fido2"], "includeTargets": aimed, "defaultPasskeyProfile": PROFILE["id"]}
    then = {**OFF, "Fido2": {**own, "passkeyProfiles": [PROFILE]}}
    for profiles in ([], [{**PROFILE, "name": "Other"}]):
        live = {**OFF, "Fido2": {**own, "passkeyProfiles": profiles}}
        assert paths(planned(live, then)) == [("Fido2", "passkeyProfiles", False)]
