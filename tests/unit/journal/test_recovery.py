"""The outcome of an interrupted write, and how a run is undone."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.compare.diff import compare
from graphpolicy.compare.documents import documents_of
from graphpolicy.journal.recovery import (
    as_given,
    gained_since,
    moved_since,
    not_restorable,
    undo,
    write_outcome,
)
from graphpolicy.model import POLICY, Finding, Observed, Resolved
from tests.unit.build import ALL, NOBODY, A, B, external, group, held, read
from tests.unit.runs import attempt

OFF = attempt(("state", "enabled", "disabled"), ("excludeTargets", [], [group(A)]))


def sms(state: str, *excluded: str) -> Observed:
    targets = [group(id_) for id_ in excluded]
    return read(held(Sms={"state": state, "excludeTargets": targets})["Sms"])


@pytest.mark.parametrize(
    ("observed", "known"),
    [
        (sms("disabled", A), "verified"),
        (sms("Disabled", A.upper()), "verified"),
        (sms("enabled"), "not written"),
        (sms("disabled"), "written"),
        (sms("enabled", A), "written"),
        (sms("disabled", B), "written"),
        (sms("enabled", B), "unknown"),
        (sms("default", B), "unknown"),
        (Observed({"v1.0": {}}), "unknown"),
        (Observed({}), "unknown"),
    ],
)
def test_reading_tells_what_became_of_a_write(observed: Observed, known: str) -> None:
    assert write_outcome(OFF, observed) == known


def test_only_the_version_that_was_written_to_counts() -> None:
    shown = sms("disabled", A).documents["v1.0"]
    assert write_outcome(
        OFF, Observed({"beta": shown, "v1.0": sms("enabled").documents["v1.0"]})
    ) == ("not written")


def test_a_setting_of_the_policy_itself_is_looked_up_in_it() -> None:
    path = "registrationEnforcement.authenticationMethodsRegistrationCampaign.state"
    one = attempt((path, "default", "enabled"), type_=POLICY)
    campaign = {"authenticationMethodsRegistrationCampaign": {"state": "enabled"}}
    live = {"id": POLICY, "registrationEnforcement": campaign}
    assert write_outcome(one, Observed({"v1.0": live})) == "verified"
    live["registrationEnforcement"] = {"authenticationMethodsRegistrationCampaign": None}
    assert write_outcome(one, Observed({"v1.0": live})) == "unknown"


def test_an_external_method_is_found_by_its_id() -> None:
    one = attempt(("state", "enabled", "disabled"), type_="External", id_=external()["id"].upper())
    both = read(external("d0500000-0000-4000-8000-00000000000b", state="enabled"),
                external(state="disabled"))  # fmt: skip
    assert write_outcome(one, both) == "verified"


def test_what_is_neither_as_written_nor_as_before_has_moved() -> None:
    assert list(moved_since([OFF], sms("disabled", A))) == []
    assert list(moved_since([OFF], sms("enabled"))) == []
    assert list(moved_since([OFF], sms("default", B))) == ["Sms.state", "Sms.excludeTargets"]


def test_what_graph_fills_in_by_itself_is_no_other_value() -> None:
    """A new target of Microsoft Authenticator comes back with an authenticationMode."""
    one = attempt(("includeTargets", [ALL], [group(A)]), type_="MicrosoftAuthenticator")

    def live(*targets: Any) -> Observed:
        return read(held(MicrosoftAuthenticator={"includeTargets": [*targets]})
                    ["MicrosoftAuthenticator"])  # fmt: skip

    filled = live(group(A, authenticationMode="any", isRegistrationRequired=False))
    assert write_outcome(one, filled) == "verified"
    assert list(moved_since([one], filled)) == []
    assert write_outcome(one, live(ALL)) == "not written"
    for other in (
        live(),
        live(group(B)),
        live(group(A), group(B)),
        live({**ALL, "isRegistrationRequired": True}),
    ):
        assert write_outcome(one, other) == "unknown"


def test_profiles_that_others_added_do_not_hide_that_ours_are_missing() -> None:
    one = attempt(("passkeyProfiles", [], [PROFILE]), type_="Fido2")
    theirs = {**PROFILE, "id": B, "name": "Theirs"}
    both, alone = (read(held(Fido2={"passkeyProfiles": profiles})["Fido2"])
                   for profiles in ([PROFILE, theirs], [theirs]))  # fmt: skip
    assert (write_outcome(one, both), write_outcome(one, alone)) == ("verified", "unknown")


def test_undoing_declares_what_was_before() -> None:
    path = "featureSettings.displayAppInformationRequiredState.state"
    one = attempt((path, "default", "enabled"), type_="MicrosoftAuthenticator")
    undoing = undo([OFF, one])
    assert undoing.findings == ()
    assert [(each.resource, each.name, each.tree) for each in undoing.resources] == [
        ("Sms", None, {"state": "enabled", "excludeTargets": []}),
        (
            "MicrosoftAuthenticator",
            None,
            {"featureSettings": {"displayAppInformationRequiredState": {"state": "default"}}},
        ),
    ]


def test_undoing_an_external_method_names_it_by_its_id() -> None:
    one = attempt(("state", "enabled", "disabled"), type_="External", id_=external()["id"])
    [declared] = undo([one]).resources
    assert (declared.resource, declared.name) == ("External", external()["id"])


def test_of_a_setting_written_twice_the_first_saw_what_was_before() -> None:
    again = attempt(("state", "disabled", "default"))
    [declared] = undo([OFF, again]).resources
    assert declared.tree["state"] == "enabled"


@pytest.mark.parametrize(
    ("type_", "path", "after", "nothing"),
    [
        ("Sms", "excludeTargets", [group(A)], []),
        ("Fido2", "keyRestrictions.aaGuids", ["de1e552d-db1d-4423-a619-566b625cdc84"], []),
        (
            "MicrosoftAuthenticator",
            "featureSettings.companionAppAllowedState.excludeTarget",
            group(A),
            NOBODY,
        ),
    ],
)
def test_what_was_absent_is_emptied(type_: str, path: str, after: Any, nothing: Any) -> None:
    undoing = undo([attempt((path, None, after), type_=type_)])
    assert undoing.findings == ()
    value: Any = undoing.resources[0].tree
    for name in path.split("."):
        value = value[name]
    assert value == nothing


def test_what_had_no_value_and_can_have_none_is_named() -> None:
    undoing = undo([attempt(("callerIdNumber", None, "+4930123456"), type_="Voice")])
    assert undoing.resources == ()
    [finding] = undoing.findings
    assert finding.rule == "not-restorable"
    assert finding.message == "Voice.callerIdNumber can't be restored: it had no value before"
    assert (finding.resource, finding.path) == ("Voice", "callerIdNumber")
    assert (finding.level, bool(finding.help)) == ("warning", True)


def test_what_cannot_be_restored_keeps_nothing_else_from_it() -> None:
    lost, twice = ("callerIdNumber", None, "+49"), ("state", "enabled", "disabled")
    one = attempt(lost, twice, ("isOfficePhoneAllowed", False, True), type_="Voice")
    again = attempt(twice, ("excludeTargets", [], [group(A)]), type_="Voice")
    before, after = ALL, {**ALL, "authenticationMode": "push"}
    third = attempt(("includeTargets", [before], [after]), type_="MicrosoftAuthenticator")
    undoing = undo([one, again, third])
    assert [finding.path for finding in undoing.findings] == ["callerIdNumber", "includeTargets"]
    assert undoing.resources[0].tree == {
        "state": "enabled",
        "isOfficePhoneAllowed": False,
        "excludeTargets": [],
    }
    assert undoing.resources[0].places == {}


def test_what_is_deeper_is_named_by_its_whole_path() -> None:
    path = "featureSettings.displayAppInformationRequiredState.state"
    [finding] = undo([attempt((path, None, "enabled"), type_="MicrosoftAuthenticator")]).findings
    assert finding.path == path


def test_a_member_that_the_run_gave_to_a_target_is_taken_away_again() -> None:
    before, after = group("all_users"), group("all_users", isRegistrationRequired=True)
    one = attempt(("includeTargets", [before], [after]))
    undoing = undo([one])
    assert undoing.resources[0].tree["includeTargets"] == [
        {**before, "isRegistrationRequired": False}
    ]
    assert undoing.findings == ()
    assert before == group("all_users")


def test_a_member_without_a_value_for_nothing_is_named() -> None:
    before, after = ALL, {**ALL, "authenticationMode": "push"}
    one = attempt(("includeTargets", [before], [after]), type_="MicrosoftAuthenticator")
    [finding] = undo([one]).findings
    assert finding.message.endswith("an entry had no authenticationMode before")


def test_what_graph_adds_to_its_answers_is_no_part_of_what_was_before() -> None:
    before = {**ALL, "outlookMobileAllowedState": "default", "note@odata.type": "x", "new": None}
    [declared] = undo([attempt(("includeTargets", [before], []))]).resources
    assert declared.tree["includeTargets"] == [ALL]


PROFILE = {"id": A, "name": "Keys", "passkeyTypes": "deviceBound"}


def test_passkey_profiles_stay_and_are_named_by_name() -> None:
    old = {**PROFILE, "id": B, "name": "Default"}
    one = attempt(("passkeyProfiles", [old], [old, PROFILE]), type_="Fido2")
    undoing = undo([one])
    assert undoing.resources[0].tree == {"passkeyProfiles": [old]}
    [finding] = undoing.findings
    assert finding.message.endswith("'Keys' stays, because graphpolicy never deletes one")


def test_profiles_that_a_target_was_given_are_taken_from_it() -> None:
    after = {**ALL, "allowedPasskeyProfiles": [A]}
    [declared] = undo([attempt(("includeTargets", [ALL], [after]), type_="Fido2")]).resources
    assert declared.tree["includeTargets"] == [{**ALL, "allowedPasskeyProfiles": []}]


def test_nothing_written_is_nothing_to_undo() -> None:
    assert undo([]).resources == ()


def gained(then: dict[str, Any], now: dict[str, Any], name: str | None = None) -> list[Finding]:
    """What a return to a snapshot of one method leaves as it is."""
    declared = Resolved("External" if name else "Voice", {}, {}, name)
    old, live = (
        Observed({version: read(item).documents["v1.0"] for version in ("v1.0", "beta")})
        for item in (then, now)
    )
    comparison = compare(declared, documents_of(declared, live), "global")
    return list(gained_since(old, [comparison]))


VOICE = held(Voice={"state": "enabled", "callerIdNumber": None})["Voice"]


def test_what_a_snapshot_had_no_value_of_is_told_once() -> None:
    for then in (VOICE, {"id": "Voice"}):
        [told] = gained({**then, "state": "enabled"}, {**VOICE, "callerIdNumber": "+49"})
        assert told.message == "Voice.callerIdNumber can't be restored: it had no value then"
        assert "admin center" in told.help
        assert (told.resource, told.path) == ("Voice", "callerIdNumber")


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({}, {}),
        ({"callerIdNumber": "+1"}, {"callerIdNumber": "+49"}),
        ({"callerIdNumber": "+1"}, {}),
        ({}, {"callerIdNumber": ""}),
        ({}, {"unheardOf": "+49"}),
    ],
)
def test_a_snapshot_restores_the_rest(then: dict[str, Any], now: dict[str, Any]) -> None:
    assert gained({**VOICE, **then}, {**VOICE, **now}) == []


def test_what_was_gained_deep_within_and_of_an_external_method_is_named() -> None:
    old = external(name="Duo", openIdConnectSetting=None)
    new = external(name="Duo", openIdConnectSetting={"clientId": "abc"})
    [told] = gained(old, new, "Duo")
    assert (told.resource, told.path) == (old["id"], "openIdConnectSetting.clientId")
    assert told.message.startswith("Duo.openIdConnectSetting.clientId can't be restored")


def test_what_only_one_of_both_answered_tells_nothing() -> None:
    declared = Resolved("Voice", {}, {})
    live = Observed({"beta": read({**VOICE, "callerIdNumber": "+49"}).documents["v1.0"]})
    comparison = compare(declared, documents_of(declared, live), "global")
    assert list(gained_since(read(VOICE), [comparison])) == []


def test_a_whole_resource_that_stays_is_called_by_its_name() -> None:
    told = not_restorable("Sms", "Sms", (), "it is gone")
    assert told.message == "Sms can't be restored: it is gone"


def test_a_profile_whose_id_graph_chose_is_known_by_its_name() -> None:
    sent = {"id": A, "name": "Pilot", "passkeyTypes": "synced"}
    used = {**ALL, "allowedPasskeyProfiles": [A]}
    run = [
        attempt(("passkeyProfiles", [], [sent]), type_="Fido2"),
        attempt(("includeTargets", [ALL], [used]), type_="Fido2"),
    ]
    shown = {**sent, "id": B}
    live = read(
        held(
            Fido2={
                "passkeyProfiles": [shown],
                "includeTargets": [{**used, "allowedPasskeyProfiles": [B]}],
            }
        )["Fido2"]
    )
    assert len(list(moved_since(run, live))) == 2
    given = as_given(run, live)
    assert list(moved_since(given, live)) == []
    assert [write_outcome(each, live) for each in given] == ["verified", "verified"]
    assert as_given(given, live) == given
