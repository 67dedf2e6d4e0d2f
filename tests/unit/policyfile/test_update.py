"""`pull --update`, setting by setting: which lines of a file change for which live value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.mock import Mock
from graphpolicy.model import EVERYONE
from graphpolicy.policyfile.load import load
from graphpolicy.policyfile.update import Update
from graphpolicy.render.pull_update import render_update
from tests.laws import mock_tenant

HEAD = """\
version: 1
extends: [base.yaml]
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
"""
METHODS = "authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
PILOT, FINANCE, FACTORY, ALL = "1", "a", "5", "4"
IDS = "0d1c2b3a-0000-4000-8000-00000000000"


def group(digit: str, **more: Any) -> dict[str, Any]:
    return {"targetType": "group", "id": f"{IDS}{digit}", **more}


def tenant(**live: Mapping[str, Any]) -> Mock:
    mock = Mock()
    for resource, values in live.items():
        mock.portal(resource, dict(values))
    return mock


def updated(
    folder: Path, mock: Mock, own: str, base: str = "", head: str = ""
) -> tuple[Update, str]:
    """Both texts stand below authenticationMethodConfigurations; `head` above it in the own one."""
    below = "version: 1\n" + (METHODS + base if base else "")
    (folder / "base.yaml").write_text(below, encoding="utf-8")
    file = folder / "policy.yaml"
    lead = HEAD + head + (METHODS if own else "")
    file.write_text(lead + own, encoding="utf-8")
    policies = load([str(file)])
    assert policies.sound, policies.findings
    (result,) = mock_tenant.updated(mock, *policies.desired)
    assert isinstance(result, Update), result
    assert (folder / "base.yaml").read_text(encoding="utf-8") == below
    (again,) = load([str(file)]).desired
    left = {found.path for found in result.left if found.rule == "not-updated"}
    assert {change.path for change in mock_tenant.plan(mock, again).plan.changes} == left
    text = file.read_text(encoding="utf-8")
    return result, text.removeprefix(lead)


SMS = "    Sms:\n      includeTargets:"
TWO_GROUPS = f"{SMS} [{{group: Finance}}, {{group: Factory floor}}]\n"
ON_SMS = {"isUsableForSignIn": True}
PILOT_IN_LINE = f"{{group: SG-MFA-Pilot-P, id: {IDS}1, isUsableForSignIn: true}}"
PILOT_ENTRY = f"""\
        - group: SG-MFA-Pilot-P
          id: {IDS}1
          isUsableForSignIn: true
"""
ADD, REMOVE = "\n        add:", "\n        remove: [{group: Finance}] # gone"


@pytest.mark.parametrize(
    ("own", "live", "becomes"),
    [
        ("    Sms: {state:  disabled}  # off\n", {}, "    Sms: {state:  disabled}  # off\n"),
        (
            "    Sms: {state:  disabled}  # off\n",
            {"state": "enabled"},
            "    Sms: {state:  enabled}  # off\n",
        ),
        (
            f"{SMS}\n        - all_users # all\n        - group: Finance # fin\n",
            {"includeTargets": [group(FINANCE), group(PILOT, **ON_SMS)]},
            f"{SMS}\n        - group: Finance # fin\n{PILOT_ENTRY}",
        ),
        (
            f"{SMS} [{{group: Finance, isUsableForSignIn: false}}]\n",
            {"includeTargets": [group(FINANCE, **ON_SMS)]},
            f"{SMS} [{{group: Finance, isUsableForSignIn: true}}]\n",
        ),
        (
            f"{SMS} [{{group: No such group}}, {{id: {IDS}a}}]\n",
            {"includeTargets": [group(FINANCE)]},
            f"{SMS} [{{id: {IDS}a}}]\n",
        ),
        (
            f"{SMS}\n      - all_users\n      excludeTargets: []\n",
            {"includeTargets": [], "excludeTargets": [group(FINANCE)]},
            f"{SMS} []\n      excludeTargets: [{{group: Finance, id: {IDS}a}}]\n",
        ),
    ],
)
def test_only_what_differs_changes(
    own: str, live: dict[str, Any], becomes: str, tmp_path: Path
) -> None:
    result, text = updated(tmp_path, tenant(Sms={"state": "disabled", **live}), own)
    assert text == becomes
    assert result.left == ()
    assert (result.new == result.old) == (own == becomes) == (result.changed == ())


def test_an_alias_stays_where_it_means_the_live_group(tmp_path: Path) -> None:
    aliases = "groups:\n  fin: {group: Finance}\n  pilot: {group: SG-MFA-Pilot-P}\n"
    own = f"{SMS}\n        - alias: fin # f\n        - alias: pilot # p\n"
    mock = tenant(Sms={"includeTargets": [group(FINANCE), group(FACTORY)]})
    result, text = updated(tmp_path, mock, own, head=aliases)
    assert text.startswith(f"{SMS}\n        - alias: fin # f\n        - group: Factory floor\n")
    assert "pilot" not in text
    line = (HEAD + aliases + METHODS + own).count("\n")
    (note,) = result.notes
    assert note.startswith(f"{tmp_path}/policy.yaml:{line}: ")
    assert "'# p'" in note


FEATURE = "displayAppInformationRequiredState"
AUTHENTICATOR = "    MicrosoftAuthenticator:\n      featureSettings:\n"


def feature(state: str, include: dict[str, Any], **more: Any) -> Mapping[str, Any]:
    return {"featureSettings": {FEATURE: {"state": state, "includeTarget": include, **more}}}


def test_a_bare_word_becomes_a_map_only_where_it_must(tmp_path: Path) -> None:
    own = f"{AUTHENTICATOR}        {FEATURE}: enabled # short\n"
    everyone = group("") | {"id": EVERYONE}
    live = tenant(MicrosoftAuthenticator=feature("default", everyone))
    _, text = updated(tmp_path, live, own)
    assert text == own.replace("enabled", "default")
    base = f"{AUTHENTICATOR}        {FEATURE}: {{includeTarget: {{group: Finance}}}}\n"
    live = tenant(MicrosoftAuthenticator=feature("default", group(PILOT)))
    _, text = updated(tmp_path, live, own, base)
    there = f"{{state: default, includeTarget: {{group: SG-MFA-Pilot-P, id: {IDS}1}}}}"
    assert text == own.replace("enabled", there)


def test_the_target_of_a_feature_is_changed_in_place(tmp_path: Path) -> None:
    lead = f"{AUTHENTICATOR}        {FEATURE}:\n          includeTarget:\n            # who\n"
    live = tenant(MicrosoftAuthenticator=feature("default", group(PILOT)))
    _, text = updated(tmp_path, live, f"{lead}            group: Finance # name\n")
    assert text == f"{lead}            group: SG-MFA-Pilot-P # name\n            id: {IDS}1\n"


def test_what_a_base_says_is_overridden_where_it_belongs(tmp_path: Path) -> None:
    base = "    Sms: {state: enabled, excludeTargets: [{group: Finance}]}\n"
    base += "    Voice: {state: enabled}\n"
    live = {"state": "disabled", "excludeTargets": []}
    mock = tenant(Sms=live, Voice={"state": "disabled"})
    result, text = updated(tmp_path, mock, "    Sms: {includeTargets: [all_users]} # own\n", base)
    assert text == (
        "    Sms: {includeTargets: [all_users], state: disabled, excludeTargets: []} # own\n"
        "    Voice:\n      state: disabled\n"
    )
    assert [Path(str(changed.overrides)).name for changed in result.changed] == [
        "base.yaml:4:11",
        "base.yaml:4:27",
        "base.yaml:5:13",
    ]
    _, text = updated(tmp_path, mock, "", "    Voice: {state: enabled}\n")
    assert text == f"{METHODS}    Voice:\n      state: disabled\n"


@pytest.mark.parametrize(
    ("own", "live", "becomes"),
    [
        (
            "{add: [{group: All employees}], remove: [{group: Finance}]}",
            [group(FINANCE), group(FACTORY), group(ALL)],
            "{add: [{group: All employees}]}",
        ),
        (
            "{add: [{group: All employees}]}",
            [group(FINANCE), group(PILOT)],
            f"{{add: [{PILOT_IN_LINE}], remove: [{{group: Factory floor}}]}}",
        ),
        (
            f"{ADD} [{{group: All employees}}]{REMOVE}",
            [group(FACTORY), group(ALL), group(PILOT)],
            f"{ADD} [{{group: All employees}}, {PILOT_IN_LINE}]{REMOVE}",
        ),
        (
            "{remove: [{group: Finance}]}",
            [],
            "{remove: [{group: Finance}, {group: Factory floor}]}",
        ),
    ],
)
def test_an_altered_list_stays_an_alteration(
    own: str, live: list[Any], becomes: str, tmp_path: Path
) -> None:
    mock = tenant(Sms={"includeTargets": [{**ON_SMS, **target} for target in live]})
    result, text = updated(tmp_path, mock, f"{SMS} {own}\n".replace(": \n", ":\n"), TWO_GROUPS)
    assert text == f"{SMS} {becomes}\n".replace(": \n", ":\n")
    assert (result.left, result.notes) == ((), ())


def test_an_alteration_of_nothing_becomes_the_list_itself_and_is_said(tmp_path: Path) -> None:
    mock = tenant(Sms={"includeTargets": [group(FINANCE), group(FACTORY)]})
    own = f"{SMS} {{add: [{{group: All employees}}]}}\n"
    result, text = updated(tmp_path, mock, own, TWO_GROUPS)
    assert text.startswith(f"{SMS} [{{group: Finance, id: {IDS}a")
    (note,) = result.notes
    assert note.startswith("Sms.includeTargets ")


def profile(digit: str, name: str, **more: Any) -> dict[str, Any]:
    restrictions = {"isEnforced": False, "enforcementType": "allow", "aaGuids": []}
    return {
        "id": f"5a5a5a5a-0000-4000-8000-00000000000{digit}",
        "name": name,
        "passkeyTypes": "deviceBound",
        "attestationEnforcement": "disabled",
        "keyRestrictions": restrictions,
        **more,
    }


def passkeys(*profiles: dict[str, Any]) -> Mock:
    everyone = {"targetType": "group", "id": EVERYONE}
    allowed = [one["id"] for one in profiles]
    return tenant(
        Fido2={
            "passkeyProfiles": list(profiles),
            "defaultPasskeyProfile": allowed[0],
            "includeTargets": [{**everyone, "allowedPasskeyProfiles": allowed}],
        }
    )


PROFILES = """\
    Fido2:
      includeTargets: [{group: all_users, allowedPasskeyProfiles: [One, Three]}] # who
      passkeyProfiles:
        One: # first
          passkeyTypes: [deviceBound, synced] # both
          keyRestrictions: {isEnforced: false}
        # second
        Two: {id: 5a5a5a5a-0000-4000-8000-000000000002, passkeyTypes: [synced]} # mine
        Three: {passkeyTypes: [synced], attestationEnforcement: disabled}
"""


def test_passkey_profiles_are_mended_renamed_and_taken_out(tmp_path: Path) -> None:
    _, text = updated(tmp_path, passkeys(profile("1", "One"), profile("2", "New")), PROFILES)
    assert text == (
        PROFILES.replace("Profiles: [One, Three]", "Profiles: [One, New]")
        .replace("[deviceBound, synced]", "[deviceBound]")
        .replace("Two: {", "New: {")
        .replace("passkeyTypes: [synced]} # mine", "passkeyTypes: [deviceBound]} # mine")
        .replace("        Three: {passkeyTypes: [synced], attestationEnforcement: disabled}\n", "")
    )


def test_a_profile_of_a_base_that_the_tenant_has_not_is_left_and_told(tmp_path: Path) -> None:
    mock = passkeys(profile("1", "One"), profile("2", "Two"))
    result, text = updated(tmp_path, mock, "", PROFILES)
    (found,) = result.left
    assert (found.rule, found.resource, found.path) == ("not-updated", "Fido2", "passkeyProfiles")
    assert "'Three'" in found.message
    assert str(found.source).endswith("base.yaml:6:7")
    assert "passkeyProfiles:" not in text.replace("allowedPasskeyProfiles:", "")


def test_what_is_held_is_left_alone(tmp_path: Path) -> None:
    hold = "{resource: Sms, path: state, reason: r, owner: o, expires: 2099-01-01}"
    own = "    Sms: {state: disabled}\n    Voice: {state: disabled}\n"
    mock = tenant(Sms={"state": "enabled"}, Voice={"state": "enabled"})
    result, text = updated(tmp_path, mock, own, head=f"hold: [{hold}]\n")
    assert text == "    Sms: {state: disabled}\n    Voice: {state: enabled}\n"
    assert [changed.name for changed in result.changed] == ["Voice.state"]


def test_what_the_language_cannot_say_is_left_and_told_and_the_rest_is_done(tmp_path: Path) -> None:
    own = "    Sms: {state: disabled}\n    Voice: {state: disabled}\n"
    mock = tenant(Sms={"state": "unknownFutureValue"}, Voice={"state": "enabled"})
    result, text = updated(tmp_path, mock, own)
    assert text == "    Sms: {state: disabled}\n    Voice: {state: enabled}\n"
    (found,) = result.left
    assert (found.rule, found.resource, found.path) == ("not-updated", "Sms", "state")
    assert str(found.source).endswith("policy.yaml:6:11")
    assert "'unknownFutureValue'" in found.message
    assert "Sms.state" in found.help
    assert "(bad-value)" in found.message


def test_a_setting_that_the_tenant_does_not_offer_is_told(tmp_path: Path) -> None:
    mock = tenant(Voice={"state": "enabled"})
    mock.set_switches(**{"beta/HardwareOath": "absent", "v1.0/HardwareOath": "absent"})
    own = "    HardwareOath: {state: enabled}\n    Voice: {state: disabled}\n"
    result, text = updated(tmp_path, mock, own)
    assert text == own.replace("Voice: {state: disabled}", "Voice: {state: enabled}")
    assert [found.rule for found in result.left] == ["not-offered"]


def test_number_matching_that_is_enforced_is_told(tmp_path: Path) -> None:
    own = f"{AUTHENTICATOR}        numberMatchingRequiredState: disabled\n"
    mock = tenant()
    mock.set_switches(number_matching_read="absent")
    result, text = updated(tmp_path, mock, own)
    assert text == own
    assert [found.rule for found in result.left] == ["number-matching-enforced"]


def test_live_values_that_no_file_may_declare_are_left_and_told(tmp_path: Path) -> None:
    user = {"targetType": "user", "id": EVERYONE}
    own = f"{TWO_GROUPS}    Voice: {{state: disabled}}\n"
    mock = tenant(Sms={"includeTargets": [user]}, Voice={"state": "enabled"})
    result, text = updated(tmp_path, mock, own)
    assert text == own.replace("Voice: {state: disabled}", "Voice: {state: enabled}")
    assert [found.path for found in result.left] == ["includeTargets"]


REFERRING = """\
    Fido2:
      includeTargets: [{group: all_users, allowedPasskeyProfiles: [One, Two]}] # who
      defaultPasskeyProfile: One
      passkeyProfiles:
        One: {id: 5a5a5a5a-0000-4000-8000-000000000001, passkeyTypes: [deviceBound]}
        Two: {id: 5a5a5a5a-0000-4000-8000-000000000002, passkeyTypes: [deviceBound]} # mine
"""


@pytest.mark.parametrize(
    ("names", "becomes"),
    [
        (
            ("New", "Two"),
            [("[One, Two]", "[New, Two]"), ("File: One", "File: New"), ("  One:", "  New:")],
        ),
        (("One", "New"), [("[One, Two]", "[One, New]"), ("  Two: {", "  New: {")]),
        (
            ("Two", "One"),
            [("le: One", "le: Two"), ("  One:", "  1:"), ("  Two:", "  One:"), ("  1:", "  Two:")],
        ),
    ],
)
def test_a_renamed_profile_is_followed_wherever_it_is_named(
    tmp_path: Path, names: tuple[str, str], becomes: list[tuple[str, str]]
) -> None:
    mock = passkeys(*(profile(str(n), name) for n, name in enumerate(names, 1)))
    result, text = updated(tmp_path, mock, REFERRING)
    expected = REFERRING
    for old, new in becomes:
        expected = expected.replace(old.replace("File", "Profile"), new.replace("File", "Profile"))
    assert text == expected
    assert result.left == ()


def test_a_list_is_told_by_the_entries_that_came_went_and_changed(tmp_path: Path) -> None:
    """However long a list is, a person must see the one key that somebody added."""
    keys = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(13)]
    restrictions = {"isEnforced": True, "enforcementType": "allow", "aaGuids": keys}
    own = REFERRING.replace(
        "passkeyTypes: [deviceBound]} # mine",
        f"keyRestrictions: {{aaGuids: [{', '.join(keys[:12])}]}}}} # mine",
    )
    mock = passkeys(profile("1", "One"), profile("2", "New", keyRestrictions=restrictions))
    result, _ = updated(tmp_path, mock, own)
    told = render_update(result).splitlines()
    assert "  ~ New: name Two -> New, keyRestrictions.aaGuids + " + keys[12] + " (12 stay)" in told
    assert not [line for line in told if keys[0] in line]
    [targets] = [each for each in result.changed if each.name == "Fido2.includeTargets"]
    assert [symbol for symbol, _ in targets.moves] == ["~"]


def test_a_target_in_another_case_is_everyone(tmp_path: Path) -> None:
    mock = tenant(Sms={"includeTargets": [{"targetType": "Group", "id": "All_Users"}]})
    result, text = updated(tmp_path, mock, f"{SMS} []\n")
    assert (text, result.left) == (f"{SMS} [all_users]\n", ())


def test_a_renamed_profile_that_only_its_name_tells_is_followed_and_told(tmp_path: Path) -> None:
    own = REFERRING.replace("id: 5a5a5a5a-0000-4000-8000-000000000002, ", "")
    result, text = updated(tmp_path, passkeys(profile("1", "One"), profile("2", "New")), own)
    assert text == own.replace("[One, Two]", "[One, New]").replace("  Two:", "  New:")
    (note,) = result.notes
    assert note.startswith("Fido2.passkeyProfiles.Two is not in the tenant, which has 'New'")


def test_a_renamed_profile_of_a_base_is_told_with_what_to_call_it(tmp_path: Path) -> None:
    mock = passkeys(profile("1", "One"), profile("2", "New"))
    result, text = updated(tmp_path, mock, "", REFERRING)
    (found,) = result.left
    assert "'New'" in found.help
    assert "New" not in text


def test_a_tenant_without_profiles_any_more_gets_a_file_that_plans(tmp_path: Path) -> None:
    mock = passkeys(profile("1", "One"), profile("2", "Two"))
    restrictions = {"isEnforced": True, "enforcementType": "block", "aaGuids": []}
    without: dict[str, Any] = {
        "passkeyProfiles": [],
        "defaultPasskeyProfile": None,
        "keyRestrictions": restrictions,
    }
    everyone = {"targetType": "group", "id": EVERYONE, "allowedPasskeyProfiles": []}
    mock.portal("Fido2", {**without, "includeTargets": [everyone]})
    result, text = updated(tmp_path, mock, REFERRING)
    assert result.left == ()
    assert "defaultPasskeyProfile" not in text
    assert text.endswith("      passkeyProfiles: {}\n")
    told = next(note for note in result.notes if "passkey profiles" in note)
    assert "keyRestrictions: {isEnforced: true, enforcementType: block, aaGuids: []}" in told


def test_an_external_method_that_is_renamed_is_told_with_its_name(tmp_path: Path) -> None:
    mock = Mock()
    (item,) = [
        one
        for one in mock.ask("GET", "/beta/policies/authenticationMethodsPolicy").body[
            "authenticationMethodConfigurations"
        ]
        if "external" in one["@odata.type"]
    ]
    result, _ = updated(tmp_path, mock, "    External: {Old name: {state: enabled}}\n")
    (found,) = result.left
    assert found.rule == "not-offered"
    assert f"'{item['displayName']}' ({item['id']})" in found.help


@pytest.mark.parametrize(("field", "left"), [("state", ["method-repeated"]), ("other", [])])
def test_a_method_that_the_answer_repeats_is_left_where_the_file_manages_what_differs(
    tmp_path: Path, field: str, left: list[str]
) -> None:
    mock = tenant()
    document = mock.policy("beta")
    [voice] = [
        one for one in document["authenticationMethodConfigurations"] if one["id"] == "Voice"
    ]
    document["authenticationMethodConfigurations"].append({**voice, field: "enabled"})
    voice["state"] = "disabled" if field == "state" else voice["state"]
    mock.load({"policy": document})
    own = f"    Voice: {{state: {voice['state']}}}\n"
    result, text = updated(tmp_path, mock, own)
    assert text == own
    assert [found.rule for found in result.left] == left


def test_a_strength_that_the_tenant_lacks_stays_in_the_file(tmp_path: Path) -> None:
    lead = "authenticationStrengthPolicies:\n  Keys: {allowedCombinations: [fido2]}\n"
    result, _ = updated(tmp_path, tenant(), "", head=lead)
    assert result.old == result.new
    [found] = result.left
    assert (found.rule, found.path) == ("not-updated", "allowedCombinations")
