"""The commands that messages propose can be run, and work."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from graphpolicy.mock import Mock
from graphpolicy.rules.table import RULES
from tests.e2e.test_runs import killed_at
from tests.shell import Done, Shell, command_line, nobody_registered, policy, proposed
from tests.verbs.test_guards import git

ALL = {"id": "all_users", "targetType": "group"}
NONE = {"id": "00000000-0000-0000-0000-000000000000", "targetType": "group"}
PILOT = {"id": "0d1c2b3a-0000-4000-8000-000000000001", "targetType": "group"}
ON = {"state": "enabled", "includeTarget": ALL, "excludeTarget": NONE}
KEY = "de1e552d-db1d-4423-a619-566b625cdc84"
NOBODY = "emergencyAccess: {none: a tenant of the tests}\n"
ACCOUNTS = "emergencyAccess: [{user: bg-01@contoso.com}, {user: bg-02@contoso.com}]\n"
SHORTER = "TemporaryAccessPass: {defaultLength: 8}\n"
LONGER = "TemporaryAccessPass: {defaultLength: 12}\n"
VOICE = "Voice: {state: enabled}\n"
NOT_OPTED_IN = {"passkey_opt_in": "before"}
"""A tenant without passkey profiles."""
MANY = 30
"""External methods: more changes than nobody minds, in a policy of nearly the greatest size."""


LOCATION = (
    "MicrosoftAuthenticator: {featureSettings: {displayLocationInformationRequiredState: "
    "{state: enabled, includeTarget: {rollout: slow}}}}\n"
)


def rolling(opened: str) -> str:
    """A rollout of two groups, the second one in a far year."""
    return (
        f"{NOBODY}rollouts:\n  slow:\n    open: {opened}\n    waves:\n"
        "    - {name: pilot, target: {group: SG-MFA-Pilot-P}, from: 2026-01-01}\n"
        "    - {name: floor, target: {group: Factory floor}, from: 2099-01-01}\n"
    )


@dataclass(frozen=True)
class Case:
    """A tenant and a file that some rules refuse."""

    rules: tuple[str, ...]
    methods: str = LONGER
    live: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    top: str = NOBODY
    """More keys of the file, at its top."""
    root: str = ""
    """A setting of the policy itself, in place of methods."""
    base: str = ""
    """What the file was in the revision that it is compared with."""
    answer: Callable[[list[dict[str, Any]]], None] | None = None
    """What is done to the methods that the tenant answers with."""
    demanded: str = ""
    """The strength that Conditional Access requires from everyone."""
    mended: str = ""
    """Methods that are refused for less, where the rule is not to be accepted."""

    @property
    def raised(self) -> str:
        """The part of the file that raises a warning to an error."""
        rows = [RULES[rule] for rule in self.rules]
        guards = [f"{row.id}: error" for row in rows if row.kind == "guard"]
        return f"guards: {{{', '.join(guards)}}}\n"

    def text(self, methods: str) -> str:
        found = policy(methods)
        if self.root:
            found = f"{found.partition('  authenticationMethodConfigurations')[0]}  {self.root}\n"
        return self.top + found


def off(*names: str) -> str:
    return "".join(f"{name}: {{state: disabled}}\n" for name in names)


ALL_OF_THEM = ("Fido2", "MicrosoftAuthenticator", "SoftwareOath", "Sms", "Voice")
EVERYTHING = off(*ALL_OF_THEM)
FREE = "keyRestrictions: {isEnforced: false, enforcementType: allow, aaGuids: []}"
PROFILE = "Fido2: {passkeyProfiles: {Keys: {passkeyTypes: [deviceBound]%s}}}"
WHOLE = PROFILE % f", attestationEnforcement: disabled, {FREE}"
FEATURES = "MicrosoftAuthenticator: {featureSettings: {%s}}\n"


def _method(methods: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in methods if name in (each["id"], each.get("displayName")))


def _many(methods: list[dict[str, Any]]) -> None:
    for number in range(MANY):
        id_ = f"d0500000-0000-4000-8000-{number + 2:012}"
        own = {"id": id_, "appId": id_, "displayName": f"M{number}", "state": "enabled"}
        methods.append({**_method(methods, "Duo"), **own})


CASES = (
    Case(("weak-method-enabled",), VOICE, {"Voice": {"state": "disabled"}}),
    Case(("last-mfa-method", "last-phishing-resistant-method"), EVERYTHING),
    Case(("emergency-access-missing",), off("Fido2"), top=""),
    Case(("emergency-access-locked-out",), EVERYTHING, top=ACCOUNTS),
    Case(
        ("emergency-account-not-found",),
        off("SoftwareOath"),
        top="emergencyAccess: [{user: nobody@contoso.com}]\n",
    ),
    Case(
        ("exclusion-shrinks",),
        "MicrosoftAuthenticator: {excludeTargets: []}",
        {"MicrosoftAuthenticator": {"excludeTargets": [PILOT]}},
    ),
    Case(("empty-allow-list",), f"Fido2: {{{FREE.replace('false', 'true')}}}"),
    Case(("migration-state",), root="policyMigrationState: preMigration"),
    Case(("irreversible-change",), WHOLE),
    Case(("incomplete-entry",), PROFILE % "", mended=WHOLE),
    Case(
        ("reverts-outside-change",),
        VOICE + LONGER,
        {"Voice": {"state": "disabled"}},
        base=NOBODY + policy(VOICE + SHORTER),
    ),
    Case(
        ("protection-weakened",),
        top="emergencyAccess: [{user: bg-01@contoso.com}]\n",
        base=ACCOUNTS + policy(SHORTER),
    ),
    Case(
        ("dangling-target",),
        "MicrosoftAuthenticator:\n  excludeTargets: [{id: 0d1c2b3a-0000-4000-8000-0000000000fe}]",
    ),
    Case(
        ("helpdesk-group-not-found",), top=f"{NOBODY}helpdesk: {{refuse: [{{group: No such}}]}}\n"
    ),
    Case(("not-offered",), "External: {No such: {state: enabled}}\n" + LONGER),
    Case(
        ("setting-not-told",),
        VOICE + LONGER,
        answer=lambda methods: _method(methods, "Voice").pop("state"),
    ),
    Case(
        ("method-repeated",),
        VOICE + LONGER,
        answer=lambda methods: methods.append({**_method(methods, "Voice"), "state": "disabled"}),
    ),
    Case(
        ("number-matching-enforced",), FEATURES % "numberMatchingRequiredState: disabled" + LONGER
    ),
    Case(
        (
            "context-weakened",
            "inclusion-shrinks",
            "inclusion-widens",
            "method-ends",
            "microsoft-managed",
            "restriction-loosened",
            "retiring-setting",
            "tap-too-open",
        ),
        FEATURES
        % "displayAppInformationRequiredState: default"
        + "SoftwareOath: {includeTargets: [{group: SG-MFA-Pilot-P}]}\n"
        "HardwareOath: {includeTargets: [all_users]}\n"
        f"Email: {{state: disabled}}\nFido2: {{{FREE}}}\n"
        "TemporaryAccessPass: {state: enabled, isUsableOnce: false, includeTargets: [all_users]}\n",
        {
            "MicrosoftAuthenticator": {
                "featureSettings": {"displayAppInformationRequiredState": ON}
            },
            "HardwareOath": {"state": "enabled", "includeTargets": [PILOT]},
            "Fido2": {
                "keyRestrictions": {
                    "isEnforced": True,
                    "enforcementType": "allow",
                    "aaGuids": [KEY],
                }
            },
        },
    ),
    Case(
        ("expectation-broken", "expectation-names-nobody"),
        top=f"{NOBODY}expect:\n"
        "- {people: all_users, cannotUse: [Sms]}\n"
        "- {person: nobody@contoso.com, canUse: [Fido2]}\n",
    ),
    Case(("strength-stranded",), off("Fido2")),
    Case(
        (
            "strength-unsatisfiable",
            "strength-narrowed",
            "strength-loosened",
            "strength-in-use",
        ),
        live={"authenticationStrengthPolicies/Keys": {"allowedCombinations": ["fido2"]}},
        top=f"{NOBODY}authenticationStrengthPolicies:\n"
        "  Keys: {allowedCombinations: ['password,hardwareOath']}\n",
        demanded="Keys",
    ),
    Case(
        ("opt-out-ends",),
        root="optOutSettings: {passkeyDynamicMigration: false}",
        live={"authenticationMethodsPolicy": {"optOutSettings": {"passkeyDynamicMigration": True}}},
    ),
    Case(
        ("passkey-target-without-profile",),
        "Fido2: {includeTargets: [{group: SG-MFA-Pilot-P}], passkeyProfiles: {Keys: "
        "{passkeyTypes: [deviceBound], attestationEnforcement: disabled, "
        f"{FREE}}}}}}}",
    ),
    Case(("undeclared-method-enabled",), top=f"{NOBODY}unmanaged: refuse\n"),
    Case(("wave-not-ready", "wave-skipped", "wave-leaves-behind"), LOCATION, top=rolling("floor")),
    Case(
        ("wave-closed",), LOCATION, top=rolling("pilot"), base=rolling("floor") + policy(LOCATION)
    ),
    Case(
        ("policy-size", "too-many-changes"),
        "External:\n" + "".join(f"  M{n}: {{state: disabled}}\n" for n in range(MANY)) + LONGER,
        answer=_many,
    ),
)
"""Every rule that can be accepted and can be an error, by its own level or by a raised one."""


def prepared(case: Case, shell: Shell, mock: Mock) -> tuple[str, ...]:
    """The tenant and the file of a case; the flags that a plan of it takes."""
    mock.set_switches(**NOT_OPTED_IN)
    nobody_registered(mock)
    for resource, values in case.live.items():
        mock.portal(resource, dict(values), actor="ana@contoso.com")
    for each in mock.strengths():
        if each["displayName"] == case.demanded:
            mock.demand({"id": "ca1", "displayName": "Everyone", "strength": each["id"]})
    if case.answer:
        document = mock.policy("beta")
        case.answer(document["authenticationMethodConfigurations"])
        mock.load({"policy": document})
    if case.base:
        git(shell.folder, "init", "-q", "-b", "main")
        shell.write(case.raised + case.base)
        git(shell.folder, "add", ".")
        git(shell.folder, "commit", "-qm", "as it was")
    shell.write(case.raised + case.text(case.methods))
    return ("--base", "HEAD") if case.base else ()


def ways_on(done: Done) -> list[list[str]]:
    """Proposals to continue: not a snapshot for a folder without one, and not `rollout`."""
    return [each for each in proposed(done) if "--snapshot" not in each and each[:1] != ["rollout"]]


def test_every_rule_that_can_refuse_and_be_allowed_has_a_case() -> None:
    """A new row of `rules.json` needs one above."""
    refuse = {
        row.id
        for row in RULES.values()
        if row.by_flag and (row.kind == "guard" or row.level == "error")
    }
    assert refuse <= {rule for case in CASES for rule in case.rules}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rules[0])
def test_a_refused_apply_proposes_the_command_that_goes_on(
    case: Case, shell: Shell, mock: Mock
) -> None:
    flags = prepared(case, shell, mock)
    refused = shell("apply", "--auto-approve", *flags)
    assert refused.code == 6
    assert [rule for rule in case.rules if f"error[{rule}]" not in refused.out] == []
    if case.mended:
        assert ways_on(refused) == []
        shell.write(case.raised + case.text(case.mended))
        refused = shell("apply", "--auto-approve", *flags)
    [on] = ways_on(refused)
    assert shell(*on).code == 0
    assert mock.edits


PLANNED = ("weak-method-enabled", "irreversible-change", "reverts-outside-change")


@pytest.mark.parametrize(
    "case", [each for each in CASES if each.rules[0] in PLANNED], ids=lambda case: case.rules[0]
)
def test_a_refused_plan_proposes_the_command_that_goes_on(
    case: Case, shell: Shell, mock: Mock
) -> None:
    [on] = ways_on(shell("plan", *prepared(case, shell, mock)))
    assert on[0] == "plan"
    assert shell(*on).code == 0


GOING_BACK: Mapping[str, Case] = {
    "what is weak, and what keeps people out": Case(
        ("weak-method-enabled", "exclusion-shrinks", "last-phishing-resistant-method"),
        off("Voice") + "Fido2: {state: enabled}\n"
        "MicrosoftAuthenticator: {excludeTargets: [{group: SG-MFA-Pilot-P}]}\n",
        {"Fido2": {"state": "disabled"}},
    ),
    "nobody said who must get in": Case(
        ("emergency-access-missing",),
        "Fido2: {state: enabled}",
        {"Fido2": {"state": "disabled"}},
        top="",
    ),
    "who must get in": Case(
        ("emergency-access-locked-out", "last-mfa-method"),
        "Fido2: {state: enabled}",
        {name: {"state": "disabled"} for name in ALL_OF_THEM},
        top=ACCOUNTS,
    ),
}


@pytest.mark.parametrize("case", GOING_BACK.values(), ids=GOING_BACK.keys())
def test_a_rollback_that_is_refused_proposes_the_command_that_goes_on(
    case: Case, shell: Shell, mock: Mock
) -> None:
    prepared(case, shell, mock)
    to = case.top == NOBODY  # one way back is enough for each
    if to:
        assert shell("pull", "--snapshot", "s.json").code == 0
    done = shell("apply", "--auto-approve")
    [undo] = [each for each in proposed(done) if each[0] == "rollback"]
    refused = shell(*(["rollback", "--to", "s.json"] if to else undo), "--auto-approve")
    assert refused.code == 6
    assert [rule for rule in case.rules if f"error[{rule}]" not in refused.out] == []
    [on] = proposed(refused)
    assert shell(*on).code == 0


def spoil(shell: Shell, **changes: Any) -> None:
    """Change a plan file as anybody could."""
    file = shell.folder / "plan.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    for name, value in changes.items():
        if name in document:
            document[name] = value
        else:
            document["plans"][0][name] = value
    file.write_text(json.dumps(document), encoding="utf-8")


def test_a_plan_file_that_is_refused_proposes_the_command_that_plans_the_same(
    shell: Shell, mock: Mock
) -> None:
    """From another folder, for files that are elsewhere, with what was accepted and the base."""
    git(shell.folder, "init", "-q", "-b", "main")
    mock.portal("Voice", {"state": "disabled"})
    shell.write(policy(VOICE + LONGER), "tenants/it's eu/contoso.yaml")
    git(shell.folder, "add", ".")
    git(shell.folder, "commit", "-qm", "as it was")
    (shell.folder / "docs").mkdir()
    accept = ("--allow", "weak-method-enabled")
    plan = ("-C", "docs", "plan", "../tenants", "-o", "../plan.json", "--base", "HEAD", *accept)
    apply = ("-C", "docs", "apply", "--auto-approve", "../plan.json")
    assert shell(*plan).code == 0
    spoils: tuple[tuple[dict[str, Any], int], ...] = (
        ({"format_version": "0"}, 3),
        ({"digest": f"sha256:{'0' * 64}"}, 3),
        ({"bound": None}, 3),
        ({"error": {"code": "x", "message": "no"}}, 1),
        ({}, 6),
    )
    wrong = []
    for change, code in spoils:
        spoil(shell, **change)
        if not change:
            mock.portal("TemporaryAccessPass", {"defaultLength": 30})
        refused = shell(*apply)
        [on, *more] = proposed(refused)
        made = shell(*on, *(() if "--allow" in on else accept))
        document = json.loads((shell.folder / "plan.json").read_text(encoding="utf-8"))
        same = document["base"], document["plans"][0]["file"], document["plans"][0]["refused"]
        told = (refused.code, more, made.code, same)
        if told != (code, [], 0, ("HEAD", "tenants/it's eu/contoso.yaml", False)):
            wrong.append((change, on, told))
    assert wrong == []
    assert shell(*apply, *accept).code == 0
    assert mock.configuration("Voice")["state"] == "enabled"


def test_without_a_plan_file_the_command_that_writes_one_is_proposed(shell: Shell) -> None:
    shell.write(policy(LONGER))
    apply = ("apply", "--auto-approve", "plan.json")
    for content in (None, "{", "[]"):
        if content is not None:
            (shell.folder / "plan.json").write_text(content, encoding="utf-8")
        [on] = proposed(shell(*apply))
        assert on == ["plan", "-o", "plan.json"]
    assert shell(*on).code == 0
    assert shell(*apply, "--tenant", "fabrikam").code == 1
    assert shell(*apply).code == 0


def test_the_digest_that_was_meant_is_printed_by_the_command_that_is_proposed(
    shell: Shell,
) -> None:
    shell.write(policy(LONGER), "tenants/eu.yaml")
    [plan] = json.loads(shell("plan", "tenants", "--format", "json").out)["plans"]
    wrong = plan["digest"][:-1] + ("0" if plan["digest"][-1] != "0" else "1")
    done = shell("apply", "tenants", "--auto-approve", "--expect-digest", wrong)
    [on] = proposed(done)
    [printed] = json.loads(shell(*on).out)["plans"]
    assert (done.code, printed["digest"]) == (64, plan["digest"])


def test_a_rollback_of_what_moved_proposes_the_command_that_undoes_it_all_the_same(
    shell: Shell, mock: Mock
) -> None:
    shell.write(policy(LONGER))
    assert shell("apply", "--auto-approve").code == 0
    mock.portal("TemporaryAccessPass", {"defaultLength": 30}, actor="ana@contoso.com")
    moved = shell("rollback", "--auto-approve")
    assert moved.code == 3
    [on] = proposed(moved)
    assert shell(*on).code == 0
    assert mock.configuration("TemporaryAccessPass")["defaultLength"] == 8


def test_flags_that_answer_are_proposed_as_a_command(shell: Shell, mock: Mock) -> None:
    mock.set_switches(**NOT_OPTED_IN)
    shell.write(NOBODY + policy(WHOLE))
    typed: list[str] = ["apply", "--allow", "irreversible-change"]
    for _ in ("--auto-approve", "--confirm"):
        asked = shell(*typed)
        assert asked.code == 64
        [typed] = proposed(asked)
    assert shell(*typed).code == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_apply_proposes_the_command_that_goes_on(
    shell: Shell, mock: Mock, how: signal.Signals
) -> None:
    """With files elsewhere, and with what was accepted for the run."""
    mock.portal("Voice", {"state": "disabled"})
    shell.write(policy(LONGER + VOICE), "tenants/eu.yaml")
    more = ("tenants", "--allow", "weak-method-enabled")
    assert killed_at(shell, mock, 5, how, more=more) == 128 + how
    said = (shell.folder / "said.txt").read_text(encoding="utf-8")
    [on] = [each for each in proposed(Done(0, said, "")) if "--resume" in each]
    assert shell(*on, "--verify-timeout", "1").code == 0
    assert mock.configuration("Voice")["state"] == "enabled"
    assert shell("plan", "tenants", "--detailed-exitcode").code == 0


def git_proposed(done: Done) -> list[str]:
    return re.findall(r"`(git [^`]+)`", done.text)


@pytest.mark.parametrize("merged", [False, True])
def test_after_a_rollback_the_proposed_revert_brings_the_files_in_line(
    shell: Shell, merged: bool
) -> None:
    work = shell.folder / "the work"
    work.mkdir()
    git(work, "init", "-q", "-b", "main")
    shell.write(policy(SHORTER), "the work/policies/contoso.yaml")
    git(work, "add", ".")
    git(work, "commit", "-qm", "as it was")
    if merged:
        git(work, "checkout", "-qb", "longer")
    shell.write(policy(LONGER), "the work/policies/contoso.yaml")
    git(work, "commit", "-qam", "longer passes")
    if merged:
        git(work, "checkout", "-q", "main")
        git(work, "merge", "-q", "--no-ff", "--no-edit", "longer")
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=work, capture_output=True, text=True, check=True
    )
    env = {"GITHUB_SHA": head.stdout.strip()} if merged else {}
    assert shell("-C", "the work", "apply", "--auto-approve", env=env).code == 0
    back = shell("-C", "the work", "rollback", "--auto-approve")
    assert back.code == 0
    [revert] = git_proposed(back)
    keys = [f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
    names = dict.fromkeys(keys, "t@example.com")
    subprocess.run(
        ["sh", "-c", revert],
        cwd=shell.folder,
        check=True,
        capture_output=True,
        env={**os.environ, **names},
    )
    assert shell("-C", "the work", "plan", "--detailed-exitcode").code == 0


def test_no_revert_is_proposed_that_would_not_help(shell: Shell) -> None:
    """The file asked for it before its last commit as well; or it is edited and git refuses."""
    git(shell.folder, "init", "-q", "-b", "main")
    shell.write(policy(LONGER))
    git(shell.folder, "add", ".")
    git(shell.folder, "commit", "-qm", "longer passes")
    shell.write(policy(LONGER) + "# a remark\n")
    assert shell("apply", "--auto-approve").code == 0
    edited = shell("rollback", "--auto-approve")
    git(shell.folder, "commit", "-qam", "a remark")
    assert shell("apply", "--auto-approve").code == 0
    for done in (edited, shell("rollback", "--auto-approve")):
        assert "files-still-ask" in done.out
        assert git_proposed(done) == []


HOSTILE = ("a; touch pwned", "$(touch pwned)", "it's `touch pwned`", 'say "x" & touch pwned', "-x")


def test_a_name_in_a_proposed_command_is_a_name_to_a_shell(shell: Shell, mock: Mock) -> None:
    """The command is pasted into a shell as it stands in the output."""
    mock.set_switches(**NOT_OPTED_IN)
    head = f'graphpolicy() {{ {command_line()} "$@"; }}\n'
    for name in HOSTILE:
        file = f"policies/{name}.yaml"
        shell.write(NOBODY + policy(WHOLE).replace("{id:", "{name: contoso, id:"), file)
        refused = shell("apply", "--auto-approve", "--", file)
        assert refused.code == 6
        line = refused.out.partition("for this run alone: `")[2].partition("\n")[0].rstrip("`")
        done = subprocess.run(
            ["bash", "-c", head + line],
            cwd=shell.folder,
            env=shell.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, name) == (0, name), done.stderr
        assert not (shell.folder / "pwned").exists()
        mock.reset()
        (shell.folder / file).unlink()
