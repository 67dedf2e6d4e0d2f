"""Held settings: neither planned nor bound, shown, and watched until their day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphpolicy.compare.resolve import resolve
from graphpolicy.model import AuditLog, Declared, Directory, Hold, Plan, Scope
from graphpolicy.plan.make import make_plan
from graphpolicy.plan.plan_context import PlanContext
from tests.laws.generated import observed
from tests.laws.situations import OCCASION, TODAY, Held, desired
from tests.unit.build import ALL, NOBODY, A, by, group, held

VOICE = held(Voice={"state": "disabled", "isOfficePhoneAllowed": False, "includeTargets": [ALL]})
WANTED = {"Voice": {"state": "enabled", "isOfficePhoneAllowed": True}}


def hold(path: str = "state", live: Any = None, expires: str = "2026-12-01") -> Hold:
    steps = tuple(path.split(".")) if path else ()
    scope = Scope("Voice", steps, "INC0790", "owner@contoso.com", expires)
    return Hold(scope, Declared("Voice", {path: live}, {}) if live is not None else None)


def planned(
    *holds: Hold,
    live: Held = VOICE,
    wanted: Held = WANTED,
    today: str = TODAY,
    log: AuditLog | None = None,
) -> Plan:
    policy = replace(desired(wanted), holds=holds)
    documents = observed(live, ("v1.0",))
    directory = Directory(log=log)
    resolution = resolve(policy, directory, documents)
    return make_plan(resolution, documents, directory, PlanContext(today)).plan


def paths(plan: Plan) -> list[str]:
    return [change.path for change in plan.changes]


def test_a_held_setting_is_shown_and_not_planned() -> None:
    plan = planned(hold())
    assert paths(plan) == ["isOfficePhoneAllowed"]
    [item] = plan.held
    assert (item.path, item.live, item.live_label) == ("state", "disabled", "disabled")
    assert (item.declared_label, item.allowed_label, item.moved) == ("enabled", "", False)
    assert "state" not in plan.requests[0].body


def test_who_moved_a_held_setting_from_its_allowed_value_is_named() -> None:
    log = AuditLog((by("ann@contoso.com", TODAY, ("Voice.state", "enabled", "disabled")),))
    [item] = planned(hold(live="enabled"), log=log).held
    assert (item.moved, [each.name for each in item.changed_by]) == (True, ["ann@contoso.com"])
    [item] = planned(hold(live="disabled"), log=log).held
    assert (item.moved, item.changed_by) == (False, ())


def test_a_hold_of_a_whole_resource_covers_every_setting() -> None:
    plan = planned(hold(""))
    assert paths(plan) == []
    assert [item.path for item in plan.held] == ["state", "isOfficePhoneAllowed"]


def test_a_held_value_is_not_bound_by_the_digest() -> None:
    other = held(Voice={**VOICE["Voice"], "state": "enabled"})
    assert planned(hold()).digest == planned(hold(), live=other).digest
    wanted = {"Voice": {**WANTED["Voice"], "state": "disabled"}}
    assert planned(hold()).digest == planned(hold(), wanted=wanted).digest
    assert planned(hold()).digest != planned().digest


def test_another_live_value_than_the_hold_allows_is_a_finding_and_never_planned() -> None:
    plan = planned(hold(live="enabled"))
    assert [finding.rule for finding in plan.findings] == ["hold-live-differs"]
    assert [item.moved for item in plan.held] == [True]
    assert paths(plan) == ["isOfficePhoneAllowed"]
    assert not any(item.moved for item in planned(hold(live="disabled")).held)


def test_a_hold_watches_a_setting_that_no_file_declares() -> None:
    plan = planned(hold(live="enabled"), wanted={})
    [item] = plan.held
    assert (item.live_label, item.declared_label, item.moved) == ("disabled", "", True)


def test_a_list_is_held_in_any_order() -> None:
    two = [group(A), ALL]
    live = held(Voice={**VOICE["Voice"], "includeTargets": two})
    assert not any(
        item.moved for item in planned(hold("includeTargets", [*reversed(two)]), live=live).held
    )
    assert any(item.moved for item in planned(hold("includeTargets", [ALL]), live=live).held)


def test_a_hold_ends_with_its_day() -> None:
    assert paths(planned(hold(expires=TODAY))) == ["isOfficePhoneAllowed"]
    after = planned(hold(expires=TODAY), today="2026-11-25")
    assert paths(after) == ["state", "isOfficePhoneAllowed"]
    assert "hold-expired" in [finding.rule for finding in after.findings]
    assert after.held == ()


def test_a_body_that_is_sent_whole_carries_a_held_value_as_it_is_live() -> None:
    features = {
        name: {"state": "default", "includeTarget": ALL, "excludeTarget": None}
        for name in ("displayAppInformationRequiredState", "companionAppAllowedState")
    }
    live = held(MicrosoftAuthenticator={"state": "enabled", "featureSettings": features})
    wanted = {
        "MicrosoftAuthenticator": {
            "featureSettings": {name: {"state": "enabled"} for name in features}
        }
    }
    path = ("featureSettings", "companionAppAllowedState")
    scope = Scope("MicrosoftAuthenticator", path, "INC", "owner", "2026-12-01")
    policy = replace(desired(wanted), holds=(Hold(scope),))
    documents = observed(live, ("v1.0", "beta"))
    resolution = resolve(policy, Directory(), documents)
    [request] = make_plan(resolution, documents, Directory(), OCCASION).plan.requests
    states = {name: row["state"] for name, row in request.body["featureSettings"].items()}
    assert states == {
        "displayAppInformationRequiredState": "enabled",
        "companionAppAllowedState": "default",
    }


def test_what_no_file_declares_is_shown_as_it_is_live() -> None:
    [item] = planned(hold(), wanted={}).held
    assert (item.name, item.live, item.live_label) == ("Voice.state", "disabled", "disabled")
    [item] = planned(hold(), live={}, wanted={}).held
    assert (item.live, item.live_label) == (None, "not set")


def test_a_method_that_no_file_declares_is_held_whole() -> None:
    [item] = planned(hold(""), wanted={}).held
    assert (item.name, item.live_label) == ("Voice", "whatever it is")


FEATURES = ("displayAppInformationRequiredState", "displayLocationInformationRequiredState")


def feature(state: str) -> dict[str, Any]:
    return {"state": state, "includeTarget": ALL, "excludeTarget": NOBODY}


def app(path: str, live: Any = None) -> Hold:
    scope = Scope(
        "MicrosoftAuthenticator", tuple(path.split(".")), "INC1", "ana@contoso.com", TODAY
    )
    return Hold(scope, Declared("MicrosoftAuthenticator", live, {}) if live else None)


def features(one: str, other: str) -> dict[str, Any]:
    return {"featureSettings": dict(zip(FEATURES, (feature(one), feature(other)), strict=True))}


def watched(one: Hold) -> Plan:
    """A plan that switches both features on where both are off, and one hold."""
    states = {name: {"state": "enabled"} for name in FEATURES}
    policy = desired({"MicrosoftAuthenticator": {"featureSettings": states}})
    documents = observed(
        held(MicrosoftAuthenticator=features("disabled", "disabled")), ("v1.0", "beta")
    )
    resolution = resolve(replace(policy, holds=(one,)), Directory(), documents)
    return make_plan(resolution, documents, Directory(), PlanContext(TODAY)).plan


def test_a_hold_deep_in_an_object_covers_that_alone() -> None:
    deep = f"featureSettings.{FEATURES[1]}"
    for path in (deep, f"{deep}.state"):
        plan = watched(app(path))
        assert paths(plan) == [f"featureSettings.{FEATURES[0]}.state"]
        [item] = plan.held
        assert (item.path, item.live) == (f"{deep}.state", "disabled")
        assert (item.live_label, item.declared_label) == ("disabled", "enabled")
        assert (item.title, item.resource) == ("MicrosoftAuthenticator", "MicrosoftAuthenticator")
        body: Any = plan.requests[0].body
        assert body["featureSettings"][FEATURES[1]]["state"] == "disabled"


def test_a_hold_of_an_object_covers_all_that_is_in_it() -> None:
    plan = watched(app("featureSettings"))
    assert paths(plan) == []
    assert [item.path for item in plan.held] == [
        f"featureSettings.{name}.state" for name in FEATURES
    ]


def test_a_hold_deep_in_an_object_watches_what_it_allows() -> None:
    path = f"featureSettings.{FEATURES[0]}.state"
    for state, moved in (("disabled", False), ("default", True)):
        live = {"featureSettings": {FEATURES[0]: {"state": state}}}
        plan = watched(app(path, live))
        [item] = plan.held
        assert item.moved is moved
        assert item.allowed_label.startswith(state)
        assert ("hold-live-differs" in [one.rule for one in plan.findings]) is moved


def test_a_hold_of_something_else_in_a_method_covers_nothing() -> None:
    plan = watched(app("isSoftwareOathEnabled"))
    assert len(paths(plan)) == 2


def test_what_is_held_and_not_declared_is_shown_as_it_is() -> None:
    [item] = planned(hold(), wanted={}).held
    assert (item.path, item.live, item.live_label) == ("state", "disabled", "disabled")
    assert (item.declared_label, item.allowed_label, item.moved) == ("", "", False)
    [whole] = planned(hold(""), wanted={}).held
    assert (whole.path, whole.live, whole.live_label) == ("", None, "whatever it is")
    assert (whole.name, whole.resource, whole.scope.reason) == ("Voice", "Voice", "INC0790")
    [absent] = planned(hold("excludeTargets"), wanted={}).held
    assert (absent.live, absent.live_label) == (None, "not set")


def test_a_hold_that_ended_says_so_and_whom_to_ask() -> None:
    plan = planned(hold(expires="2026-11-23"))
    [found] = [one for one in plan.findings if one.rule == "hold-expired"]
    assert found.message == (
        "the hold on Voice.state expired on 2026-11-23; the setting is planned again"
    )
    assert found.help == "remove it, or ask owner@contoso.com for a new date (INC0790)"
    assert (found.level, found.resource, found.path) == ("warning", "Voice", "state")
    assert "state" in paths(plan)
