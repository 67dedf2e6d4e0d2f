"""`expect` in a policy: what a plan, a drift and an apply say about it, and who they name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graphpolicy.github.drift_result import looks
from graphpolicy.mock import Mock
from tests.shell import NO_PATIENCE, Done, Shell, policy
from tests.verbs.test_guards import git

MIA = "mia.lopez@contoso.com"
PILOT, EMPTY = "SG-MFA-Pilot-P", "Contractors"
ONE = "TemporaryAccessPass: {isUsableOnce: true}\n"
"""A change that no rule minds."""
SOME = f"MicrosoftAuthenticator: {{excludeTargets: [{{group: {PILOT}}}]}}\n"
NOBODY = "emergencyAccess: {none: a tenant of the tests}\n"


def expecting(*entries: str, methods: str = ONE) -> str:
    listed = "".join(f"- {entry}\n" for entry in entries)
    return f"{policy(methods)}{NOBODY}expect:\n{listed}"


def found(done: Done) -> list[dict[str, Any]]:
    """What a plan in JSON finds about expectations."""
    [plan] = json.loads(done.out)["plans"]
    return [each for each in plan["findings"] if each["rule"].startswith("expect")]


def rules(done: Done) -> list[tuple[str, str]]:
    return [(each["rule"], each["level"]) for each in found(done)]


def asked(mock: Mock, part: str) -> list[str]:
    return [each.path for each in mock.requests if part in each.path]


def test_what_breaks_an_expectation_is_refused_with_and_without_a_change(
    shell: Shell, mock: Mock
) -> None:
    entries = (
        "{people: all_users, cannotUse: [Sms]}",
        f"{{people: {{group: {PILOT}}}, cannotUse: [Voice]}}",
        f"{{person: {MIA}, canUse: [TemporaryAccessPass], cannotUse: [Fido2]}}",
    )
    for methods in (ONE, "Sms: {state: enabled}\n"):
        file = shell.write(expecting(*entries, methods=methods))
        first = len(file.read_text(encoding="utf-8").splitlines()) - 2
        planned = shell("plan")
        assert planned.code == 6
        for line, entry in enumerate(entries, first):
            said = f"contoso.yaml:{line}:3: error[expectation-broken]: {entry} fails"
            assert said in " ".join(planned.out.split())
        assert "refused: expectation-broken" in planned.out
        assert shell("drift").code == 2
        assert shell("apply", "--auto-approve").code == 6
        assert mock.edits == []


def test_an_expectation_that_the_plan_keeps_is_silent_and_one_of_tomorrow_too(
    shell: Shell, mock: Mock
) -> None:
    kept = (
        "{people: all_users, cannotUse: [Voice]}",
        f"{{person: {MIA}, canUse: [Fido2], reason: helpdesk pilot}}",
        f"{{people: {{group: {PILOT}}}, cannotUse: [Email, Voice]}}",
        "{people: all_users, cannotUse: [Fido2], from: 2099-01-01}",
    )
    methods = "Voice: {state: disabled}\nEmail: {includeTargets: [{group: Break-glass accounts}]}\n"
    shell.write(expecting(*kept, methods=methods))
    planned = shell("plan", "--format", "json")
    assert planned.code == 0
    assert found(planned) == []
    assert shell("apply", "--auto-approve").code == 0
    assert shell("drift").code == 0


def test_nobody_is_read_where_the_policy_alone_answers(shell: Shell, mock: Mock) -> None:
    entries = (
        "{people: all_users, canUse: [Fido2]}",
        f"{{people: {{group: {PILOT}}}, canUse: [Fido2], cannotUse: [TemporaryAccessPass]}}",
    )
    shell.write(expecting(*entries, methods="Sms: {state: enabled}\n"))
    assert shell("plan").code == 0
    members = asked(mock, "transitiveMembers")
    assert len(members) == 1  # whether there is anybody in the group
    mock.clear_requests()
    shell.write(expecting(*entries, methods=f"Fido2: {{excludeTargets: [{{group: {EMPTY}}}]}}\n"))
    assert shell("plan").code == 0
    assert len(asked(mock, "transitiveMembers")) == 2  # of both groups, each once


def test_people_are_counted_by_what_excludes_them(shell: Shell) -> None:
    shell.write(expecting("{people: all_users, canUse: [MicrosoftAuthenticator]}", methods=SOME))
    planned = shell("plan", "--format", "json")
    assert planned.code == 6
    [one] = found(planned)
    assert (
        "fails for 2 people: excluded from MicrosoftAuthenticator by SG-MFA-Pilot-P"
        in (one["message"])
    )
    who = f"{{rule: expectation-broken, atMost: {{}}, reason: x, {UNTIL}}}"
    for most, code in ((2, 0), (1, 6)):
        text = expecting("{people: all_users, canUse: [MicrosoftAuthenticator]}", methods=SOME)
        shell.write(f"{text}acknowledge: [{who.replace('{}', str(most))}]\n")
        assert shell("plan").code == code


UNTIL = "owner: ana@contoso.com, expires: 2099-12-31"


def test_people_are_named_where_that_is_asked_for_and_nowhere_else(
    shell: Shell, mock: Mock, tmp_path: Path
) -> None:
    """Every byte of every output, and of what an apply leaves behind."""
    names = (MIA.encode(), b"noor.haddad")
    text = expecting("{people: all_users, canUse: [MicrosoftAuthenticator]}", methods=SOME)
    shell.write(text)
    files = ["-o", "p.md", "-o", "p.html", "-o", "p.sarif", "-o", "p.json", "-o", "p.txt"]
    shell("plan", *files)
    told = shell("apply", "--auto-approve", "--allow", "expectation-broken", "--names")
    assert told.code == 0
    assert f"who: {MIA}, noor.haddad@contoso.com" in told.out
    mock.portal("MicrosoftAuthenticator", {"excludeTargets": []})
    files = [each.replace("p.", "n.") for each in files]
    github = shell("plan", "--names", *files, "--format", "github")
    named = [each.name for each in tmp_path.rglob("*") if each.is_file() and _has(each, names)]
    assert sorted(named) == ["n.json", "n.txt"]
    assert MIA not in github.text
    assert found(shell("plan", "--format", "json", "--names"))[0]["names"] == [
        MIA,
        "noor.haddad@contoso.com",
    ]


def _has(file: Path, names: Sequence[bytes]) -> bool:
    return any(name in file.read_bytes() for name in names)


def test_an_expectation_about_nobody_has_its_place(shell: Shell) -> None:
    entries = (
        f"{{people: {{group: {EMPTY}}}, canUse: [Fido2]}}",
        "{person: nobody@contoso.com, canUse: [Fido2]}",
        "{people: {id: 0d1c2b3a-0000-4000-8000-0000000000fe}, canUse: [Fido2]}",
    )
    shell.write(expecting(*entries))
    planned = shell("plan", "--format", "json")
    assert planned.code == 6
    assert rules(planned) == [("expectation-names-nobody", "error")] * 3
    lines = [each["source"]["line"] for each in found(planned)]
    assert lines == list(range(lines[0], lines[0] + 3))
    shell.write(expecting("{people: {group: No such group}, canUse: [Fido2]}"))
    unknown = shell("plan")
    assert unknown.code == 1
    assert "group 'No such group' is not in the directory" in unknown.text


def test_a_drift_goes_on_without_what_expects_something_of_an_unknown_group(
    shell: Shell, mock: Mock
) -> None:
    broken = "{people: all_users, cannotUse: [MicrosoftAuthenticator]}"
    shell.write(expecting("{people: {group: No such group}, canUse: [Fido2]}", broken))
    mock.portal("Voice", {"state": "enabled"})
    sound = shell("plan").code
    done = shell("drift", "--format", "json")
    assert (sound, done.code) == (1, 1)
    [plan] = json.loads(done.out)["plans"]
    assert ("error" in plan, bool(plan["changes"])) == (False, True)
    errors = [each for each in plan["findings"] if each["level"] == "error"]
    assert {each["rule"] for each in errors} >= {"group-not-resolved", "expectation-broken"}
    [unclear] = [each for each in errors if each["rule"] == "group-not-resolved"]
    assert (unclear["source"]["line"] > 1, "can't be judged" in unclear["message"]) == (True, True)
    [look] = looks(json.loads(done.out))
    assert ("group-not-resolved" in dict(look.errors), look.blind) == (True, "")
    shell.write(
        expecting(
            "{people: {group: No such group}, canUse: [Fido2]}",
            methods="Sms: {includeTargets: [{group: Neither}]}",
        )
    )
    assert shell("drift").code == 1


def test_the_id_of_a_person_is_no_group(shell: Shell, mock: Mock) -> None:
    mia = mock.tenant().directory.key("mia.lopez@contoso.com")
    who = f"people: {{id: {mia}}}"
    shell.write(
        expecting(
            f"{{{who}, canUse: [MicrosoftAuthenticator]}}", f"{{{who}, has: [Fido2]}}", methods=SOME
        )
    )
    planned = shell("plan", "--format", "json")
    assert rules(planned) == [("expectation-names-nobody", "error")] * 2


def test_members_that_may_not_be_read_are_not_kept(shell: Shell, mock: Mock) -> None:
    """The answer that does not need them is kept."""
    shell.settings |= NO_PATIENCE
    shell.write(
        expecting(
            "{people: all_users, canUse: [MicrosoftAuthenticator]}",
            "{people: all_users, cannotUse: [Sms]}",
            methods=SOME,
        )
    )
    mock.add_fault("status", status=403, path_contains="transitiveMembers", times=None)
    planned = shell("plan", "--format", "json")
    assert rules(planned) == [
        ("expectation-broken", "error"),
        ("expectation-not-verified", "warning"),
    ]
    mock.clear_faults()
    mock.add_fault("status", status=500, path_contains="transitiveMembers", times=None)
    assert shell("plan").code == 1


def test_what_people_have_registered_is_read_of_them_and_of_many_from_the_report(
    shell: Shell, mock: Mock
) -> None:
    """A small group one by one, in one batch; a large one and everyone from one reading."""
    group = "{people: {group: Break-glass accounts}, canUse: [Fido2], has: [Fido2]}"
    shell.write(expecting(group, f"{{person: {MIA}, has: [Sms, MicrosoftAuthenticator]}}"))
    alone = shell("plan", "--format", "json", "--names")
    assert alone.code == 6
    [one] = found(alone)
    assert "fails for 1 person: without a registration for Fido2" in one["message"]
    assert one["names"] == ["bg-02@contoso.com"]
    assert len(asked(mock, "$batch")) == 1
    assert asked(mock, "/reports/") == []
    mock.clear_requests()
    shell.settings |= {"graphpolicy.graph.expected_people.MOST_PEOPLE": 1}  # of calls
    shell.write(expecting(group, "{people: all_users, has: [Email]}"))
    of_group, of_all = found(shell.called("plan", "--format", "json", "--names"))
    assert of_group["names"] == ["bg-02@contoso.com"]
    assert MIA not in of_all["names"]
    assert "noor.haddad@contoso.com" in of_all["names"]
    assert len(asked(mock, "/reports/")) == 1
    for switches, why in (
        ({"report_age_h": 24 * 9}, "days old"),
        ({"report_age_h": 0, "report_gap": 2}, "not in the registration report"),
    ):
        mock.set_switches(**switches)
        unsure = [each["message"] for each in found(shell.called("plan", "--format", "json"))]
        assert [why in each for each in unsure].count(True) == 2
    mock.add_fault("status", status=403, path_contains="/reports/", times=None)
    refused = shell.called("plan", "--format", "json")
    assert refused.code == 0
    assert rules(refused) == [("expectation-not-verified", "warning")] * 2


def test_a_snapshot_judges_the_part_of_the_policy(shell: Shell) -> None:
    entries = (
        "{people: all_users, cannotUse: [Sms]}",
        "{people: all_users, canUse: [MicrosoftAuthenticator]}",
        f"{{people: {{group: {PILOT}}}, cannotUse: [MicrosoftAuthenticator]}}",
        f"{{person: {MIA}, canUse: [TemporaryAccessPass]}}",
    )
    shell.write(expecting(*entries, methods=SOME))
    assert shell("pull", "--snapshot", "s.json").code == 0
    for name in ("GRAPHPOLICY_GRAPH_URL", "GRAPHPOLICY_ACCESS_TOKEN"):
        shell.environment.pop(name)
    planned = shell("plan", "--against", "s.json", "--format", "json")
    assert planned.code == 6
    broken, unknown = "expectation-broken", "expectation-not-verified"
    found_ = sorted((each["source"]["line"], each["rule"]) for each in found(planned))
    assert [rule for _, rule in found_] == [broken, unknown, broken]


def test_a_pull_request_that_asks_about_a_person_is_not_answered(shell: Shell, mock: Mock) -> None:
    """Entries that the base has are judged; after the merge all are."""
    old = f"{{person: {MIA}, canUse: [Voice]}}"
    new = "{person: noor.haddad@contoso.com, canUse: [TemporaryAccessPass]}"
    have = "{people: all_users, has: [Fido2]}"
    git(shell.folder, "init", "-q", "-b", "main")
    shell.write(expecting(old, methods="Sms: {state: enabled}\n"))
    git(shell.folder, "add", ".")
    git(shell.folder, "commit", "-qm", "as it was")
    shell.write(expecting(old, new, have, methods=f"Sms: {{state: enabled}}\n{ONE}"))
    mock.clear_requests()
    proposed = shell("plan", "--base", "HEAD", "--format", "json")
    assert proposed.code == 0
    assert rules(proposed) == [("expectation-not-judged", "note")] * 2
    assert asked(mock, "/users/noor") == []
    assert asked(mock, "/reports/") == []
    assert asked(mock, f"/users/{MIA}")
    for verb, code in (("plan", 6), ("drift", 2)):
        merged = shell(verb, "--format", "json")
        assert merged.code == code
        assert rules(merged) == [("expectation-broken", "error")] * 2
    assert shell("apply", "--auto-approve", "--base", "HEAD").code == 6
    shell.write(expecting(methods="Sms: {state: enabled}\n").removesuffix("expect:\n"))
    without = shell("plan", "--base", "HEAD", "--format", "json")
    [plan] = json.loads(without.out)["plans"]
    gone = [each for each in plan["protection"] if each["key"] == "expect"]
    assert [(each["path"], each["weaker"]) for each in gone] == [(f"person {MIA}", True)]


def test_consent_is_to_the_expectations_and_not_to_how_they_turn_out(
    shell: Shell, mock: Mock
) -> None:
    def digest() -> str:
        [plan] = json.loads(shell("plan", "--format", "json").out)["plans"]
        return str(plan["digest"])

    entry = f"{{people: {{group: {PILOT}}}, canUse: [MicrosoftAuthenticator]}}"
    file = shell.write(expecting(entry))
    first = digest()
    directory = mock.tenant().directory
    directory.join("0d1c2b3a-0000-4000-8000-000000000001", "kofi.mensah@contoso.com")
    assert digest() == first
    assert shell("plan", "-o", "plan.json").code == 0
    file.write_text(expecting(entry.replace("}, can", "}, reason: CHG1, can")), encoding="utf-8")
    assert digest() != first
    stale = shell("apply", "plan.json", "--auto-approve")
    assert stale.code == 3
    assert "expect now has" in stale.out
