"""Counting people over HTTP: who a plan reaches, what `lockout` refuses, and what goes wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphpolicy.mock import Mock
from tests.shell import NO_PATIENCE, Done, Shell, policy
from tests.unit.people.sixty import AFTER, BEFORE, BIO, DUO, FEATURE, GONE, GROUPS, HIDDEN, PEOPLE

SMS_AND_VOICE = policy("Sms: {state: disabled}\nVoice: {state: disabled}")
APP = "MicrosoftAuthenticator"
TENANT = "11111111-2222-4333-8444-555555555555"


def planned(done: Done) -> dict[str, Any]:
    [plan] = json.loads(done.out)["plans"]
    found: dict[str, Any] = plan
    return found


def rules(done: Done) -> list[tuple[str, str]]:
    """The rules about people that fired, with their levels."""
    return [
        (each["rule"], each["level"])
        for each in planned(done)["findings"]
        if each["rule"] in ("lockout", "people-not-counted")
    ]


def in_yaml(value: Any) -> Any:
    """The file's value for a value of Graph."""
    if isinstance(value, list):
        return [in_yaml(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    found = {name: in_yaml(each) for name, each in value.items() if name != "targetType"}
    if "excludeTarget" in found:
        found["excludeTarget"] = "none"
    for profile in found.get("passkeyProfiles", ()):
        profile["passkeyTypes"] = profile["passkeyTypes"].split(",")
    if "passkeyProfiles" in found:
        found["passkeyProfiles"] = {each.pop("name"): each for each in found["passkeyProfiles"]}
    return found


def sixty(shell: Shell, mock: Mock) -> None:
    """The tenant and the file of the sixty people."""
    directory, registered = mock.tenant().directory, mock.tenant().registered
    directory.clear()
    for name, id_ in (*GROUPS.items(), ("Hidden", HIDDEN)):
        directory.add_group(id_, name)
    directory.join(GROUPS["Callers"], GROUPS["Nested"])
    for number, (name, person) in enumerate(PEOPLE.items(), 1):
        id_ = f"5e000000-0000-4000-8000-{number:012}"
        home = "_fabrikam.com#EXT#" if person.guest else ""
        address = f"{name}{home}@contoso.com"
        directory.add_person(id_, address, name, accountEnabled=not person.disabled)
        for group in person.groups:
            directory.join(GROUPS[group], id_)
        for kind, used in person.has.items():
            registered.register(id_, kind, **({"lastUsedDateTime": used} if used else {}))
        mock.report_as(id_, person.reported)
        if person.admin:
            mock.assign_role("Global Administrator", address)
    for resource, values in BEFORE.items():
        mock.portal(resource, values)
    methods = {name: in_yaml(values) for name, values in AFTER.items()}
    methods["External"] = {"Duo": methods.pop(DUO)}
    shell.write(
        json.dumps(
            {
                "version": 1,
                "tenant": {"id": TENANT},
                "emergencyAccess": [{"user": "emergency.user@contoso.com"}, {"group": "Emergency"}],
                "authenticationMethodsPolicy": {"authenticationMethodConfigurations": methods},
            }
        )
    )


def test_sixty_people_are_counted_over_http(shell: Shell, mock: Mock) -> None:
    sixty(shell, mock)
    path = f"{HIDDEN}/transitiveMembers"
    mock.add_fault("status", status=403, path_contains=path, times=None)
    done = shell("plan", "--impact", "--format", "json")
    impact = planned(done)["impact"]
    assert done.code == 6
    assert rules(done) == [
        ("lockout", "error"),
        ("lockout", "error"),
        ("people-not-counted", "warning"),
        ("people-not-counted", "warning"),
    ]
    as_of = impact.pop("as_of")
    assert as_of[:10] <= f"{mock.world.clock():%Y-%m-%d}"
    keys = {"gain": 1, "lose": 3, "without_mfa": 2, "reaches": 73, "unregistered": 1}
    assert impact == {
        "people": 73,
        "gain": 1,
        "lose": 41,
        "without_any": 23,
        "without_mfa": 26,
        "without_phishing_resistant": 2,
        "without_reset": 2,
        "without_sms_sign_in": 1,
        "device_alone": 2,
        "unregistered_in_target": 2,
        "other_prompt": 1,
        "not_known": 6,
        "admins_without_mfa": 1,
        "admins_without_any": 1,
        "emergency_without_any": 1,
        "per_change": [
            change("Sms", "state", lose=20, without_mfa=13, reaches=70),
            change("Voice", "includeTargets", lose=21, without_mfa=18, reaches=10),
            change("Voice", "isOfficePhoneAllowed", lose=21, without_mfa=18, reaches=10),
            change(APP, "includeTargets", MORE, lose=6, without_mfa=5, reaches=10, unregistered=1),
            change(APP, "excludeTargets", MORE, lose=6, without_mfa=5, reaches=10, unregistered=1),
            change(APP, f"featureSettings.{FEATURE}.state", reaches=2, unregistered=1),
            change("SoftwareOath", "excludeTargets", MORE, lose=2, without_mfa=1, reaches=70),
            change("Fido2", "excludeTargets", MORE, **keys),
            change("Fido2", "passkeyProfiles", MORE, **keys),
            change("Email", "state", lose=5, reaches=73),
            change(
                DUO, "includeTargets", lose=None, without_mfa=None, reaches=None, unregistered=None
            ),
        ],
        "guests": {
            "people": 3,
            "gain": 0,
            "lose": 2,
            "without_any": 1,
            "without_mfa": 1,
            "without_phishing_resistant": 0,
            "without_reset": 0,
            "without_sms_sign_in": 0,
            "device_alone": 0,
            "unregistered_in_target": None,
            "other_prompt": 0,
            "not_known": 1,
        },
        "at_least": ["lose", "unregistered_in_target"],
        "groups": [
            size("Callers", 11),  # with one whose account is disabled
            size("Frontline", 3),
            size("NoTexts", 3),
            size("AppUsers", 6),
            size("PushOnly", 2),
            size("Passwordless", 3),
            size("NoApp", 1),
            size("Located", 3),
            size("NoCodes", 3),
            size("NoKeys", 2),
            size("DuoUsers", 1),
            {**size(GONE, 0), "name": None, "gone": True},
            {**size(HIDDEN, None), "name": "Hidden"},
        ],
        "models": [{"model": BIO, "people": 3}],
        "unused": 1,
        "unknown_methods": [{"method": "futureMethod", "people": 2}],
    }


MORE = ("lose", "without_mfa")
"""Numbers that may be greater: people with codes and the app may have another app's codes too."""


def change(
    resource: str, path: str, at_least: Sequence[str] = (), **numbers: int | None
) -> dict[str, Any]:
    names = ("gain", "lose", "without_mfa", "reaches", "unregistered")
    about = {"resource": resource, "path": path, "at_least": [*at_least]}
    return {**about, **dict.fromkeys(names, 0), **numbers}


def size(group: str, people: int | None) -> dict[str, Any]:
    return {
        "id": GROUPS.get(group, group),
        "name": group,
        "people": people,
        "dynamic": False,
        "synchronised": False,
        "gone": False,
    }


ACCEPTED = "reason: x, owner: ana@contoso.com, expires: 2099-12-31"


def accepting(most: int, admins: int = 0) -> str:
    entries = [f"{{rule: lockout, atMost: {most}, {ACCEPTED}}}"]
    if admins:
        entries.append(f"{{rule: lockout, atMost: {admins}, people: administrators, {ACCEPTED}}}")
    return f"{SMS_AND_VOICE}acknowledge: [{', '.join(entries)}]\n"


def test_a_lockout_is_refused_accepted_up_to_a_number_and_refused_again(
    shell: Shell, mock: Mock
) -> None:
    shell.write(SMS_AND_VOICE)
    refused = shell("plan", "--impact")
    assert (refused.code, "refused: lockout" in refused.out) == (6, True)
    assert shell("plan", "--detailed-exitcode").code == 2
    assert shell("plan", "--allow", "lockout").code == 64
    shell.write(accepting(1))
    bare = shell("plan", "--detailed-exitcode", "--format", "json")
    counted = shell("plan", "--impact", "--detailed-exitcode", "-o", "plan.json")
    assert (bare.code, counted.code) == (2, 2)
    [kept] = json.loads((shell.folder / "plan.json").read_text("utf-8"))["plans"]
    assert kept["digest"] == planned(bare)["digest"]
    assert kept["digest"].startswith("sha256:")
    mock.add_person("second@contoso.com", "Second", methods=["mobilePhone"])
    for arguments in (("apply",), ("apply", "plan.json")):
        grown = shell(*arguments, "--auto-approve", "--format", "json")
        assert grown.code == 6
        assert rules(grown) == [("lockout", "error")]
        assert "2 people" in grown.out
    assert mock.edits == []
    again = re.search("run `graphpolicy (plan [^`]*)` again", grown.text)
    assert again, grown.text
    assert shell(*again[1].split()).code == 6  # and not a plan that finds nothing
    shell.write(accepting(3))
    assert shell("plan", "-o", "plan.json", "--impact").code == 0
    mock.add_person("third@contoso.com", "Third", methods=["mobilePhone"])
    assert shell("apply", "plan.json", "--auto-approve").code == 0  # new members make none stale
    assert mock.configuration("Voice")["state"] == "disabled"


def test_administrators_need_an_acceptance_of_their_own(shell: Shell, mock: Mock) -> None:
    mock.assign_role("Global Administrator", "noor.haddad@contoso.com")
    shell.write(accepting(1))
    refused = shell("plan", "--impact", "--format", "json")
    assert refused.code == 6
    assert rules(refused) == [("lockout", "error")]
    assert planned(refused)["impact"]["admins_without_mfa"] == 1
    shell.write(accepting(1, admins=1))
    assert shell("plan", "--impact").code == 0


REQUIRED = f"{SMS_AND_VOICE}guards: {{lockout: {{required: true}}}}\n"
REPORT, MEMBERS = "userRegistrationDetails", "transitiveMembers"
FLOOR = "0d1c2b3a-0000-4000-8000-000000000005"


def test_where_a_policy_requires_it_people_are_counted_without_the_flag(
    shell: Shell, mock: Mock
) -> None:
    shell.write(REQUIRED)
    counted = shell("plan", "--format", "json")
    assert counted.code == 6
    assert rules(counted) == [("lockout", "error")]
    mock.report_as("noor.haddad@contoso.com", None)
    unknown = shell("plan", "--format", "json")
    assert (unknown.code, rules(unknown)) == (6, [("people-not-counted", "error")])
    assert planned(unknown)["impact"]["not_known"] == 1
    mock.report_as("noor.haddad@contoso.com", ())
    for path, verb in ((REPORT, "plan"), (REPORT, "apply"), ("v1.0/users", "plan")):
        mock.clear_faults()
        mock.add_fault("status", status=403, path_contains=path, times=None)
        unread = shell(verb, "--format", "json", *(["--auto-approve"] if verb == "apply" else []))
        assert unread.code == 6
        assert rules(unread) == [("people-not-counted", "error")]
    assert mock.edits == []


def test_whoever_loses_a_certificate_is_told_of_and_no_zero(shell: Shell, mock: Mock) -> None:
    mock.portal("X509Certificate", {"state": "enabled"})
    shell.write(policy("X509Certificate: {state: disabled}"))
    done = shell("plan", "--impact", "--format", "json")
    assert rules(done) == [("people-not-counted", "warning")]
    [change] = planned(done)["impact"]["per_change"]
    assert (change["lose"], change["without_mfa"], change["reaches"]) == (None, None, 12)
    shell.write(
        f"{policy('X509Certificate: {state: disabled}')}guards: {{lockout: {{required: true}}}}\n"
    )
    required = shell("plan", "--format", "json")
    assert (required.code, rules(required)) == (6, [("people-not-counted", "error")])
    shell.write(policy("X509Certificate: {state: disabled}"))
    [alone] = json.loads(shell("impact", "--format", "json").out)["plans"]
    assert ["certificate" in each["message"] for each in alone["incomplete"]] == [True]


def nulls(done: Done) -> bool:
    """Whether every number is null."""
    impact = planned(done)["impact"]
    numbers = [*impact.values(), *impact["guests"].values()]
    return not any(isinstance(each, int) for each in numbers)


def test_without_the_report_a_plan_goes_on_and_no_number_is_zero(shell: Shell, mock: Mock) -> None:
    """`test_registrations.py` tests each failure."""
    shell.settings |= NO_PATIENCE
    mock.add_crowd(1100)  # two pages
    shell.write(SMS_AND_VOICE)
    mock.add_fault("status", path_contains=REPORT, times=None, status=500, after=1)
    done = shell("plan", "--impact", "--format", "json")
    [line] = [each for each in planned(done)["findings"] if each["rule"].startswith("people-")]
    assert (done.code, line["level"], nulls(done)) == (0, "warning", True)
    assert "500" in line["message"]
    done = shell("apply", "--auto-approve", "--format", "json")
    assert (done.code, rules(done)) == (0, [("people-not-counted", "warning")])
    assert mock.configuration("Sms")["state"] == "disabled"


def test_a_tenant_without_the_licence_is_told_so(shell: Shell, mock: Mock) -> None:
    mock.set_switches(report_license="refused_403")
    shell.write(SMS_AND_VOICE)
    done = shell("plan", "--impact")
    assert done.code == 0
    assert "Microsoft Entra ID P1" in done.out
    assert "warning[people-not-counted]" in done.out


def test_an_old_report_is_counted_and_told(shell: Shell, mock: Mock) -> None:
    mock.set_switches(report_age_h=24 * 9)
    shell.write(SMS_AND_VOICE)
    done = shell("plan", "--impact", "--format", "json")
    assert rules(done) == [("lockout", "error"), ("people-not-counted", "warning")]
    assert planned(done)["impact"]["without_mfa"] == 1
    assert "days old" in done.out


FOR_FLOOR = policy(f"Sms: {{includeTargets: [{{id: {FLOOR}}}]}}\nVoice: {{state: disabled}}")


def test_a_group_that_breaks_off_or_is_deleted(shell: Shell, mock: Mock) -> None:
    shell.settings |= NO_PATIENCE
    for number in range(1010):  # two pages
        name = f"member-{number}@contoso.com"
        mock.join(FLOOR, mock.add_person(name, name, methods=["mobilePhone"]))
    shell.write(f"{FOR_FLOOR}guards: {{lockout: {{required: true}}}}\n")
    expected = {
        # status of the second page: (lost for certain, not known, members, deleted)
        None: (1, 0, 1010, False),
        500: (0, 1 + 11, None, False),
        404: (1011, 0, 0, True),
    }
    found = {}
    for status in expected:
        mock.clear_faults()
        if status:
            mock.add_fault(
                "status", path_contains=f"{FLOOR}/{MEMBERS}/", after=1, times=None, status=status
            )
        done = shell("plan", "--format", "json")
        impact = planned(done)["impact"]
        [group] = impact["groups"]
        found[status] = (
            impact["without_mfa"],
            impact["not_known"],
            group["people"],
            group["gone"],
        )
    assert found == expected


FEW = ("Policy.ReadWrite.AuthenticationMethod", "AuditLog.Read.All", "Group.Read.All")
HOSTILE = "<b>|`id` ${{ x }} @all\n::error::"
SEEN = policy(
    f"Sms: {{state: disabled}}\nVoice: {{includeTargets: [{{id: {FLOOR}}}]}}\n"
    "Fido2: {passkeyProfiles: {Default passkey profile: {keyRestrictions: "
    f"{{isEnforced: true, enforcementType: block, aaGuids: [{BIO}]}}}}}}}}\n"
)


def strangers(mock: Mock) -> list[str]:
    """People with unique names; the texts that must not be shown."""
    marks = []
    for number, method in enumerate(("mobilePhone", "fido2Bio", "fido2", "email", "officePhone")):
        id_ = f"5ec2e700-0000-4000-8000-{number:012}"
        address = f"zqx{number}{HOSTILE.split(maxsplit=1)[0]}@contoso.com"
        mock.add_person(address, f"zqy{number} {HOSTILE}", methods=[method], identifier=id_)
        mock.join(FLOOR, id_)
        if number == 1:
            mock.assign_role("Global Administrator", id_)
        marks += [f"zqx{number}", f"zqy{number}", id_]
    return marks


def test_nobody_is_named_by_any_byte_of_any_output(shell: Shell, mock: Mock) -> None:
    """Nor in what a run leaves behind, whatever can't be read."""
    marks = strangers(mock)
    shell.settings |= NO_PATIENCE
    accepted = f"[{{rule: lockout, atMost: 9, {ACCEPTED}}}, {{rule: lockout, atMost: 9, people: "
    nobody = "emergencyAccess: {none: a tenant of the tests}\n"
    shell.write(f"{nobody}{SEEN}acknowledge: {accepted}administrators, {ACCEPTED}}}]\n")
    files = [f"-o NAME.{suffix}" for suffix in ("md", "html", "sarif", "json", "txt")]
    few = mock.issue_token(roles=FEW)  # neither people nor their keys may be read

    def run(name: str, verb: str = "plan", token: str = mock.token, path: str = "") -> str:
        if path:
            mock.add_fault("status", status=500, times=None, path_contains=path)
        written = " ".join(files).replace("NAME", name).split()
        env = {"GRAPHPOLICY_ACCESS_TOKEN": token}
        done = shell(verb, "--impact", *written, "--format", "github", env=env)
        mock.clear_faults()
        assert done.code in (0, 2), done.text
        assert "people-not-counted" in done.text or name in ("whole", "drift")
        return done.text

    said = run("whole") + run("drift", "drift")
    said += run("few", token=few) + run("members", path=MEMBERS) + run("keys", path="$batch")
    said += shell("pull", "--snapshot", "s.json").text
    applied = shell("apply", "whole.json", "--auto-approve", "-o", "applied.json")
    assert applied.code == 0, applied.text
    said += applied.text + shell("history").text
    written = {each: each.read_bytes() for each in shell.folder.rglob("*") if each.is_file()}
    assert any("journal" in each.name for each in written)
    leaks = {mark for mark in marks if mark in said}
    for file, content in written.items():
        leaks |= {f"{file.name}: {mark}" for mark in marks if mark.encode() in content}
    assert leaks == set()
