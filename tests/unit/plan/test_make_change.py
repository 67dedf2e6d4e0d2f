"""What a plan says about each change, and what its approval covers."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.compare.resolve import resolve
from graphpolicy.model import POLICY, AuditLog, Cause, Change, Declared, Directory, Named, Place
from graphpolicy.plan.make import Planned, make_plan
from tests.laws.generated import observed
from tests.laws.situations import OCCASION, Held
from tests.unit.build import ALL, NOBODY, A, B, C, by, external, file_of, group, held, planned

EVENTS = (
    by("eve@contoso.com", "2026-11-23T09:00:00Z", ("Voice.state", "disabled", "enabled")),
    by("ana@contoso.com", "2026-11-22T09:00:00Z", ("Sms.state", "disabled", "enabled")),
)
SMS = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
FEATURE = "displayAppInformationRequiredState"
DUO = held(External=external(includeTargets=[ALL], state="enabled"))


def plan(
    live: Held, *now: Declared, directory: Directory | None = None, base: Any = None
) -> Planned:
    documents, known = observed(live), directory or Directory()
    before = None if base is None else resolve(file_of(base), known, documents).desired
    return make_plan(resolve(file_of(now), known, documents), documents, known, OCCASION, before)


def only_change(made: Planned) -> Change:
    [change] = made.plan.changes
    return change


def test_a_change_says_what_where_and_from_what_to_what() -> None:
    place = Place("contoso.yaml", 7, 9)
    now = Declared("External", {"state": "disabled"}, {("state",): place}, "Duo")
    change = only_change(plan(DUO, now))
    assert (change.resource, change.title, change.path) == (DUO["External"]["id"], "Duo", "state")
    assert (change.before, change.after, change.source) == ("enabled", "disabled", place)
    assert (change.before_label, change.after_label) == ("enabled", "disabled")
    assert change.label == "Enable"


@pytest.mark.parametrize(
    ("base", "cause", "who"),
    [
        (None, "unknown", "ana@contoso.com"),
        ("disabled", "drift", "ana@contoso.com"),
        ("enabled", "edit", None),
    ],
)
def test_whoever_changed_a_setting_by_hand_is_named_unless_the_files_asked_for_it(
    base: str | None, cause: Cause, who: str | None
) -> None:
    before = None if base is None else (Declared("Sms", {"state": base}, {}),)
    now = Declared("Sms", {"state": "disabled"}, {})
    change = only_change(
        plan(held(Sms=SMS), now, directory=Directory(log=AuditLog(EVENTS)), base=before)
    )
    assert (change.cause, change.author and change.author.name) == (cause, who)


def test_a_change_shows_no_annotations_of_graph() -> None:
    noisy = {**group(A), "note@odata.type": "#x"}
    change = only_change(
        planned(held(Sms={**SMS, "excludeTargets": [noisy]}), {"Sms": {"excludeTargets": []}})
    )
    assert (change.before, change.after) == ([group(A)], [])


def test_a_setting_of_a_feature_has_the_labels_of_both() -> None:
    live = {"featureSettings": {FEATURE: {"state": "default", "includeTarget": ALL}}}
    tree = {"featureSettings": {FEATURE: {"state": "enabled"}}}
    change = only_change(
        planned(held(MicrosoftAuthenticator=live), {"MicrosoftAuthenticator": tree})
    )
    assert change.label.count(": ") == 1
    assert change.label.startswith("Show application name")
    change = only_change(
        planned(
            held(MicrosoftAuthenticator={"featureSettings": {FEATURE: {"state": "enabled"}}}),
            {"MicrosoftAuthenticator": {"featureSettings": {FEATURE: {"state": "default"}}}},
        )
    )
    assert change.after_label.startswith("default (Microsoft managed: off, as of ")


def test_a_setting_without_targets_of_its_own_reaches_whom_its_method_does() -> None:
    live = {**SMS, "excludeTargets": [group(A)], "keyRestrictions": {"isEnforced": True}}
    tree = {"keyRestrictions": {"isEnforced": False}}
    audience = only_change(planned(held(Fido2=live), {"Fido2": tree})).audience
    assert audience is not None
    assert (audience.include, audience.exclude) == (("everyone (all_users)",), (A,))


def test_an_exclusion_of_nobody_is_nobody_in_an_audience() -> None:
    feature = {"state": "default", "includeTarget": ALL, "excludeTarget": NOBODY}
    tree = {"featureSettings": {FEATURE: {"state": "enabled"}}}
    live = held(MicrosoftAuthenticator={"featureSettings": {FEATURE: feature}})
    audience = only_change(planned(live, {"MicrosoftAuthenticator": tree})).audience
    assert audience is not None
    assert audience.exclude == ()


def test_a_plan_names_whom_it_speaks_of_before_and_after_and_nobody_else() -> None:
    known = Directory(names={A.upper(): "Old", C: "Elsewhere"}, by_name={"New": ((B, "New"),)})
    live = held(Sms={**SMS, "excludeTargets": [group(A)]})
    made = plan(live, Declared("Sms", {"excludeTargets": [group(B)]}, {}), directory=known).plan
    assert made.names == {A: "Old", B: "New"}


def test_consent_covers_each_managed_setting_changed_or_not_and_the_groups_meant() -> None:
    known = Directory(by_name={"Pilot": ((A, "Pilot"),), "Staff": ((B, "Staff"),)})
    now = Declared(
        "Sms", {"state": "disabled", "excludeTargets": [{**ALL, "id": Named("Pilot")}]}, {}
    )
    live = held(Sms={**SMS, "excludeTargets": [group(A)]}, **{POLICY: {"reconfirmationInDays": 0}})
    made = plan(live, Declared(POLICY, {"reconfirmationInDays": 0}, {}), now, directory=known).plan
    settings = [(resource, path) for resource, path, _, _ in made.bound.settings]
    assert settings == sorted(settings)
    assert {path for _, path in settings} == {"state", "excludeTargets", "reconfirmationInDays"}
    assert [row[2:] for row in made.bound.settings if row[1] == "state"] == [
        ("disabled", "enabled")
    ]
    assert made.compared == len(settings) == 3
    assert made.bound.groups == (("Pilot", A),)


def test_the_most_serious_comes_first() -> None:
    live = held(Sms=SMS, Email={"state": "enabled", "includeTargets": [ALL]})
    trees = {"Sms": {"state": "disabled"}, "Email": {"state": "disabled"}, "Voice": {"state": "x"}}
    order = ["error", "warning", "note"]
    levels = [order.index(found.level) for found in planned(live, trees).plan.findings]
    assert levels == sorted(levels)
    assert len(set(levels)) > 1


def test_what_is_switched_off_no_longer_reaches_those_whom_it_reached_before() -> None:
    live = {"state": "enabled", "includeTargets": [group(A)], "excludeTargets": [group(B)]}
    tree = {"state": "disabled", "includeTargets": [ALL], "excludeTargets": []}
    changes = planned(held(Sms=live), {"Sms": tree}).plan.changes
    [off] = [change for change in changes if change.path == "state"]
    assert off.audience is not None
    assert (off.audience.include, off.audience.exclude) == ((A,), (B,))
    on = planned(held(Sms={**live, "state": "disabled"}), {"Sms": {**tree, "state": "enabled"}})
    [state] = [change for change in on.plan.changes if change.path == "state"]
    assert state.audience is not None
    assert state.audience.include == ("everyone (all_users)",)
