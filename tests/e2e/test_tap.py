"""Passes for people: the real command, the real SDK, and where the pass itself goes."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from typing import Any

import pytest

from graphpolicy.mock import Mock
from tests.called import LONGEST
from tests.shell import COMMAND, Done, Shell, give_pass, without_rules

pytestmark = pytest.mark.e2e

MIA = "mia.lopez@contoso.com"
GUEST = "lena.weber_fabrikam.com#EXT#@contoso.com"
TENANT = "11111111-2222-4333-8444-555555555555"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"
PASSES = "temporaryAccessPassMethods"


@pytest.fixture
def desk(shell: Shell, mock: Mock) -> Shell:
    """A shell in a tenant where passes are on."""
    mock.portal("TemporaryAccessPass", {"state": "enabled"}, actor="somebody")
    shell.environment["COLUMNS"] = "80"
    return without_rules(shell)


def policy(house: str, more: str = "") -> str:
    return f"version: 1\ntenant: {{name: contoso, id: {TENANT}}}\n{house}\n{more}\n"


def secrets(mock: Mock) -> list[str]:
    """Every pass that the mock has made so far."""
    return list(mock.world.tenants[TENANT].secrets.values())


def everything(shell: Shell, done: Done) -> dict[str, str]:
    """Every byte of a run: its streams, and the files that it left."""
    files = {
        str(path.relative_to(shell.folder)): path.read_bytes().decode("utf-8", "replace")
        for path in shell.folder.rglob("*")
        if path.is_file()
    }
    return {"stdout": done.out, "stderr": done.err, **files}


def found_in(shell: Shell, done: Done, secret: str) -> dict[str, int]:
    return {
        where: text.count(secret)
        for where, text in everything(shell, done).items()
        if secret in text
    }


def journal(shell: Shell) -> list[dict[str, Any]]:
    text = (shell.folder / ".graphpolicy" / "helpdesk.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def posts(mock: Mock) -> int:
    return sum(r.method == "POST" and PASSES in r.path for r in mock.requests)


@pytest.mark.parametrize(
    ("flags", "where"),
    [
        pytest.param((), {"stdout": 1}, marks=pytest.mark.deep),  # the next says more
        (("--debug", "-v"), {"stdout": 1}),
        (("--out", "pass.txt"), {"pass.txt": 1}),
        (("--format", "json"), {"stderr": 1}),
        (("--format", "json", "--reveal"), {"stdout": 1}),
        pytest.param(  # json and a file are shown each
            ("--format", "json", "--out", "pass.txt"), {"pass.txt": 1}, marks=pytest.mark.deep
        ),
    ],
)
def test_a_pass_stands_once_where_it_belongs_and_nowhere_else(
    desk: Shell, mock: Mock, flags: tuple[str, ...], where: dict[str, int]
) -> None:
    done = desk("tap", "issue", MIA, "--auto-approve", *flags)
    assert done.code == 0, done.text
    (secret,) = secrets(mock)
    assert found_in(desk, done, secret) == where
    fours = f"{secret[:4]} {secret[4:]}"
    assert (fours in done.text) == (
        where in ({"stdout": 1}, {"stderr": 1}) and "--reveal" not in flags
    )
    if "--out" in flags and sys.platform != "win32":
        assert os.stat(desk.folder / "pass.txt").st_mode & 0o777 == 0o600  # noqa: PTH116


def test_what_a_person_reads_fits_80_columns(desk: Shell, mock: Mock) -> None:
    give_pass(mock, MIA)
    zone = {"TZ": "Europe/Berlin"}
    starts = ("--starts", "2027-12-01T09:00+01:00", "--once")
    done = desk("tap", "issue", MIA, "--auto-approve", *starts, env=zone)
    assert done.code == 0, done.text
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert "replaces" in done.out
    assert "starts    2027-12-01 09:00 +01:00, 08:00 UTC" in done.out
    assert "ends      2027-12-01 10:00 +01:00, 09:00 UTC" in done.out
    assert "It works once, on 2027-12-01 from 09:00 to 10:00." in " ".join(done.out.split())
    row = mock.world.tenants[TENANT].registered.access_pass(MIA)
    assert row is not None
    assert (row["startDateTime"], row["isUsableOnce"]) == ("2027-12-01T08:00:00Z", True)


def test_the_journal_says_who_did_what_for_whom_and_why(desk: Shell) -> None:
    assert desk("tap", "issue", MIA, "--auto-approve", "--reason", "INC1 phone lost").code == 0
    assert desk("tap", "revoke", MIA, "--auto-approve", "--reason", "INC2 found").code == 0
    lines = journal(desk)
    assert [line["event"] for line in lines] == ["sending", "issued", "sending", "revoked"]
    assert [line["reason"] for line in lines] == ["INC1 phone lost"] * 2 + ["INC2 found"] * 2
    assert {line["user"]["userPrincipalName"] for line in lines} == {MIA}
    assert {line["actor"]["name"] for line in lines} == {"graphpolicy mock"}
    assert all(line["at"] and line["tenant"] == TENANT for line in lines)


def test_nobody_to_ask_is_no_yes(desk: Shell, mock: Mock) -> None:
    done = desk("tap", "issue", MIA)
    assert done.code == 64
    assert "--auto-approve" in done.err
    assert posts(mock) == 0


def test_what_the_live_policy_would_refuse_is_not_sent(desk: Shell, mock: Mock) -> None:
    """`tests/unit/commands/test_helpdesk.py` tests each rule of the policy."""
    exclude = [{"targetType": "group", "id": PILOT}]
    mock.portal("TemporaryAccessPass", {"excludeTargets": exclude}, actor="somebody")
    done = desk("tap", "issue", MIA, "--auto-approve", "--format", "json", "--lifetime", "30")
    assert done.code == 6, done.text
    rules = ["tap-lifetime", "tap-not-included"]
    assert json.loads(done.out)["refused"] == ", ".join(rules)
    assert posts(mock) == 0
    assert journal(desk)[-1]["rules"] == rules


@pytest.mark.parametrize(
    ("house", "words", "rules"),
    [  # `tests/unit/commands/test_helpdesk.py` tests each rule
        (
            "helpdesk: {requireReason: true, once: true, maxLifetimeInMinutes: 60}",
            (MIA, "--reusable", "--lifetime", "90"),
            ["helpdesk-reason", "helpdesk-lifetime", "helpdesk-once"],
        ),
        (
            "emergencyAccess: [{group: Break-glass accounts}]",
            ("bg-02@contoso.com",),
            ["helpdesk-emergency"],
        ),
    ],
)
def test_house_rules_refuse_and_say_who_can(
    desk: Shell, mock: Mock, house: str, words: tuple[str, ...], rules: list[str]
) -> None:
    desk.write(policy(house))
    done = desk("tap", "issue", *words, "--auto-approve")
    assert done.code == 6, done.text
    for rule in rules:
        assert f"[{rule}]" in done.err
    assert f"refused: {', '.join(rules)}" in done.err
    assert "help:" in done.err
    assert posts(mock) == 0


def test_what_the_house_rules_allow_is_done_by_them(desk: Shell, mock: Mock) -> None:
    house = "helpdesk: {maxLifetimeInMinutes: 60, once: true, ticketPattern: 'INC[0-9]{7}'}"
    desk.write(policy(house, "emergencyAccess: [{user: bg-01@contoso.com}]"))
    done = desk("tap", "issue", MIA, "--auto-approve", "--reason", "INC0012345 phone lost")
    assert done.code == 0, done.text
    row = mock.world.tenants[TENANT].registered.access_pass(MIA)
    assert row is not None
    assert (row["isUsableOnce"], row["lifetimeInMinutes"]) == (True, 60)


def test_rules_that_cannot_be_told_help_nobody(desk: Shell, mock: Mock) -> None:
    """A group that is unknown, or another's: `test_named_people.py`."""
    desk.write(policy("helpdesk: {refuses: []}"))
    done = desk("tap", "issue", MIA, "--auto-approve")
    assert (done.code, "graphpolicy validate" in done.err) == (1, True)
    assert posts(mock) == 0


def test_an_administrator_can_not_help_themselves(desk: Shell, mock: Mock) -> None:
    token = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_user_token("admin@contoso.com")}
    done = desk("tap", "issue", "admin@contoso.com", "--auto-approve", env=token)
    assert (done.code, "tap-own" in done.err, posts(mock)) == (6, True, 0)
    assert desk("tap", "issue", MIA, "--auto-approve", env=token).code == 0
    assert journal(desk)[-1]["actor"]["name"] == "admin@contoso.com"


def test_a_403_names_the_permissions_and_a_role_that_is_too_fresh(desk: Shell, mock: Mock) -> None:
    scopes = ["Policy.Read.AuthenticationMethod", "User.Read.All", "UserAuthMethod-TAP.Read.All"]
    token = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_user_token("admin@contoso.com", scopes)}
    done = desk("tap", "issue", MIA, "--auto-approve", env=token)
    assert done.code == 4
    assert "UserAuthMethod-TAP.ReadWrite.All or UserAuthenticationMethod.ReadWrite.All" in done.err
    assert "sign in again" in done.err
    assert not secrets(mock)


def test_the_least_permissions_are_enough(desk: Shell, mock: Mock) -> None:
    desk.write(policy("helpdesk: {refuse: [{role: any}, {group: SG-MFA-Pilot-P}]}"))
    least = [
        "Policy.Read.AuthenticationMethod",
        "User.Read.All",
        "GroupMember.Read.All",
        "UserAuthMethod-TAP.ReadWrite.All",
    ]
    token = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_token(least)}
    done = desk("tap", "issue", "kofi.mensah@contoso.com", "--auto-approve", env=token)
    assert done.code == 0, done.text
    doctor = desk("doctor", env=token)
    for scope in ("UserAuthMethod-TAP.ReadWrite.All", "User.Read.All and GroupMember.Read.All"):
        assert scope in doctor.out


def test_a_lost_answer_never_makes_a_second_pass(desk: Shell, mock: Mock) -> None:
    """`tests/faults/test_issue.py` loses every answer, in every way."""
    give_pass(mock, MIA)
    mock.add_fault("reset_half", method="POST", path_contains=PASSES)
    mock.clear_requests()
    done = desk("tap", "issue", MIA, "--auto-approve", "--lifetime", "90", "--reason", "INC 1")
    assert done.code == 1, done.text
    assert posts(mock) == 1
    assert "its secret is lost" in done.err
    command = (
        f"graphpolicy tap issue {MIA} --lifetime 90 --reusable --reason 'INC 1' --auto-approve"
    )
    assert command in done.err
    assert found_in(desk, done, secrets(mock)[-1]) == {}
    assert journal(desk)[-1]["event"] == "lost"
    again = desk("tap", "issue", MIA, "--auto-approve")
    assert (again.code, "replaced" in again.out) == (0, True)


@pytest.mark.parametrize(
    "flags",
    [
        ("--out", "a pass.txt"),
        ("--format", "json", "--reveal"),
        pytest.param(("--format", "json"), marks=pytest.mark.deep),  # is in the one above
    ],
)
def test_the_command_that_replaces_a_lost_pass_runs_and_puts_it_in_the_same_place(
    desk: Shell, mock: Mock, flags: tuple[str, ...]
) -> None:
    desk.write(policy(""))
    other = policy("").replace(TENANT, TENANT.replace("1", "3")).replace("contoso", "other")
    desk.write(other, "policies/other.yaml")
    mock.add_fault("reset_after", method="POST", path_contains=PASSES)
    done = desk("tap", "issue", MIA, "--tenant", "contoso", "--auto-approve", *flags)
    assert done.code == 1, done.text
    command = re.search(r"`graphpolicy (.+)` replaces it", done.err)
    assert command is not None, done.text
    words = shlex.split(command[1])
    assert words[-len(flags) - 1 :] == [*flags, "--auto-approve"]
    again = desk(*words)
    assert again.code == 0, again.text
    file = desk.folder / flags[1]
    assert secrets(mock)[-1] in (file.read_text(encoding="utf-8") if file.exists() else again.text)
    assert file.exists() is (secrets(mock)[-1] not in again.text)


def test_where_graph_does_not_replace_a_pass_the_earlier_one_goes_first(
    desk: Shell, mock: Mock
) -> None:
    give_pass(mock, MIA)
    mock.set_switches(tap_second="reject_400")
    done = desk("tap", "issue", MIA, "--auto-approve")
    assert done.code == 0, done.text
    assert found_in(desk, done, secrets(mock)[-1]) == {"stdout": 1}
    assert [line["event"] for line in journal(desk)] == [
        "sending",
        "removing",
        "removed",
        "sending",
        "issued",
    ]


def test_a_pass_that_stays_after_its_removal_ends_the_attempt(desk: Shell, mock: Mock) -> None:
    give_pass(mock, MIA)
    before = posts(mock)
    mock.set_switches(tap_second="reject_400")
    mock.add_fault("not_persisted", method="DELETE", times=None)
    done = desk("tap", "issue", MIA, "--auto-approve")
    assert (done.code, posts(mock) - before) == (5, 2), done.text
    assert "the earlier pass was deleted first; Graph refused" in done.err
    events = [line["event"] for line in journal(desk)]
    assert events == ["sending", "removing", "removed", "sending", "failed"]


def test_an_existing_file_is_left_alone_and_a_refused_pass_leaves_none(
    desk: Shell, mock: Mock
) -> None:
    (desk.folder / "mine.txt").write_text("mine", encoding="utf-8")
    done = desk("tap", "issue", MIA, "--auto-approve", "--out", "mine.txt")
    assert (done.code, posts(mock)) == (1, 0)
    assert (desk.folder / "mine.txt").read_text(encoding="utf-8") == "mine"
    refused = desk("tap", "issue", MIA, "--auto-approve", "--out", "new.txt", "--lifetime", "30")
    assert refused.code == 6
    assert not (desk.folder / "new.txt").exists()


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--starts", "2027-12-01T09:00"), "zone"),
        (("--starts", "2020-12-01T09:00Z"), "in the past"),
        (("--starts", "tomorrow"), "is not a time"),
        (("--reveal",), "--format json"),
        (("--lifetime", "5"), "10"),
    ],
)
def test_flags_that_cannot_be_meant(desk: Shell, flags: tuple[str, ...], says: str) -> None:
    done = desk("tap", "issue", MIA, "--auto-approve", *flags)
    assert (done.code, says in done.err) == (64, True)


def test_passes_of_one_person_of_a_group_and_of_a_file(desk: Shell, mock: Mock) -> None:
    secret = give_pass(mock, MIA)
    one = desk("tap", "list", MIA)
    assert (one.code, "usable" in one.out) == (0, True)
    group = desk("tap", "list", "--group", "SG-MFA-Pilot-P", "--format", "json")
    users = {each["userPrincipalName"]: each["passes"] for each in json.loads(group.out)["users"]}
    assert {name: len(passes) for name, passes in users.items()} == {
        MIA: 1,
        "noor.haddad@contoso.com": 0,
    }
    assert users[MIA][0]["methodUsabilityReason"] == "EnabledByPolicy"
    (desk.folder / "people.csv").write_text(
        f"name,userPrincipalName\nMia,{MIA}\nLena,{GUEST}\nNobody,nobody@contoso.com\n",
        encoding="utf-8",
    )
    file = desk("tap", "list", "--from", "people.csv")
    assert file.code == 1
    assert "not read" in file.out
    assert "nobody@contoso.com" in file.err
    assert secret not in one.text + group.text + file.text
    assert desk("tap", "list").code == 64


def test_a_pass_is_taken_away(desk: Shell, mock: Mock) -> None:
    give_pass(mock, MIA)
    assert desk("tap", "revoke", MIA).code == 64
    done = desk("tap", "revoke", MIA, "--auto-approve", "--format", "json")
    assert (done.code, json.loads(done.out)["outcome"]) == (0, "revoked")
    assert mock.world.tenants[TENANT].registered.access_pass(MIA) is None
    again = desk("tap", "revoke", MIA, "--auto-approve", "--format", "json")
    assert (again.code, json.loads(again.out)["outcome"]) == (0, "nothing")


def test_rules_that_nobody_knows_help_nobody(desk: Shell, mock: Mock) -> None:
    (desk.folder / "policies" / "contoso.yaml").unlink()
    (desk.folder / "policies").rmdir()
    for action in (("tap", "issue"), ("mfa", "reset")):
        mock.clear_requests()
        done = desk(*action, MIA, "--auto-approve", "--format", "json")
        assert done.code == 6, done.text
        assert json.loads(done.out)["refused"] == "helpdesk-rules-unknown"
        assert not any(r.method != "GET" for r in mock.requests)
        assert journal(desk)[-1]["rules"] == ["helpdesk-rules-unknown"]
    desk.write(
        policy("").replace(TENANT, "99999999-2222-4333-8444-555555555555"), "policies/x.yaml"
    )
    done = desk("tap", "issue", MIA, "--auto-approve", "--tenant", TENANT)
    assert (done.code, "[helpdesk-rules-unknown]" in done.err) == (6, True)


def test_going_on_without_rules_is_in_the_journal_and_helps_no_administrator(
    desk: Shell, mock: Mock
) -> None:
    (desk.folder / "policies" / "contoso.yaml").unlink()
    without = ("--auto-approve", "--without-house-rules", "--format", "json")
    for user in ("reader@contoso.com", "bg-01@contoso.com"):
        done = desk("tap", "issue", user, *without)
        assert (done.code, json.loads(done.out)["refused"]) == (6, "helpdesk-role")
    mock.grant_role("Global Administrator", "kofi.mensah@contoso.com", eligible=True)
    done = desk("mfa", "reset", "kofi.mensah@contoso.com", *without)
    assert (done.code, json.loads(done.out)["refused"]) == (6, "helpdesk-role")
    assert posts(mock) == 0
    done = desk("tap", "issue", MIA, *without)
    found = json.loads(done.out)
    assert (done.code, found["refused"]) == (0, None), done.text
    assert [(each["rule"], each["level"]) for each in found["findings"]] == [
        ("helpdesk-rules-unknown", "note")
    ]
    assert all(line["without_house_rules"] for line in journal(desk))
    assert journal(desk)[-1]["notes"] == ["helpdesk-rules-unknown"]


def test_rules_that_are_known_hold_with_the_flag(desk: Shell, mock: Mock) -> None:
    desk.write(policy("helpdesk: {requireReason: true}"))
    done = desk("tap", "issue", MIA, "--auto-approve", "--without-house-rules")
    assert (done.code, "[helpdesk-reason]" in done.err, posts(mock)) == (6, True, 0)


def test_a_role_counts_also_while_it_is_eligible_or_for_a_part(desk: Shell, mock: Mock) -> None:
    """`tests/unit/commands/test_helpdesk.py` tests roles of every kind."""
    desk.write(policy("helpdesk: {refuse: [{role: any}]}"))
    unit = "0a000000-0000-4000-8000-000000000001"
    mock.grant_role("User Administrator", MIA, unit=unit, eligible=True)
    for action in (("tap", "issue"), ("mfa", "reset")):
        done = desk(*action, MIA, "--auto-approve", "--format", "json")
        found = json.loads(done.out)
        assert (done.code, found["refused"]) == (6, "helpdesk-role"), done.text
        says = f"User Administrator, eligible, for /administrativeUnits/{unit}"
        assert says in found["findings"][0]["message"]


def test_roles_that_cannot_be_read_are_not_verified_and_that_is_said(
    desk: Shell, mock: Mock
) -> None:
    """`tests/unit/commands/test_helpdesk.py` tests each reason."""
    desk.write(policy("helpdesk: {refuse: [{role: any}]}"))
    mock.set_switches(role_eligibility="refused_403")
    done = desk("tap", "issue", MIA, "--auto-approve")
    assert done.code == 0, done.text
    assert "not verified: whether Mia Lopez" in " ".join(done.out.split())
    assert journal(desk)[-1]["notes"] == ["helpdesk-role-not-verified"]
    done = desk("mfa", "reset", MIA, "--dry-run", "--format", "json")
    (note,) = json.loads(done.out)["findings"]
    assert (note["rule"], note["level"]) == ("helpdesk-role-not-verified", "note")
    done = desk("mfa", "reset", "--group", "SG-MFA-Pilot-P", "--dry-run")
    assert "also for 1 others" in " ".join(done.out.split())


def test_a_guest_is_told_before_anything_is_sent(desk: Shell, mock: Mock) -> None:
    done = desk("tap", "issue", GUEST, "--auto-approve", "--format", "json")
    assert (done.code, json.loads(done.out)["refused"], posts(mock)) == (6, "tap-guest", 0)


def test_who_is_kept_for_emergencies_gets_no_advice_about_groups(desk: Shell, mock: Mock) -> None:
    target = [{"targetType": "group", "id": PILOT}]
    mock.portal("TemporaryAccessPass", {"includeTargets": target}, actor="somebody")
    desk.write(policy("emergencyAccess: [{user: bg-01@contoso.com}]"))
    done = desk("tap", "issue", "bg-01@contoso.com", "--auto-approve", "--format", "json")
    assert (done.code, json.loads(done.out)["refused"]) == (6, "helpdesk-emergency")
    assert "includes" not in done.text


def redirected(desk: Shell, flags: str, streams: str) -> tuple[int, str]:
    """The command that makes a pass, with the streams as a shell redirects them."""
    script = f"set -o pipefail; {COMMAND} tap issue {MIA} --auto-approve {flags} {streams}"
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=desk.folder,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    return ran.returncode, ran.stderr


@pytest.mark.parametrize(
    ("flags", "streams"),
    [
        ("", ">&-"),
        ("--format json", "2>&-"),
        *(  # which stream it is, and how it is unseen: `tests/unit/cli/test_helpdesk.py`
            pytest.param(flags, streams, marks=pytest.mark.deep)
            for flags, streams in (
                ("", ">/dev/null"),
                ("", ">/dev/full"),
                ("", "| true"),
                ("--format json", "2>/dev/null"),
                ("--format json --reveal", ">&-"),
                ("--format json --reveal", ">/dev/full"),
            )
        ),
    ],
)
def test_a_pass_is_made_only_where_it_is_seen(
    desk: Shell, mock: Mock, flags: str, streams: str
) -> None:
    code, err = redirected(desk, flags, streams)
    assert (code, posts(mock)) == (1, 0), err
    if "2>" not in streams:
        assert "no pass was made" in err


def test_with_a_file_for_the_pass_the_streams_do_not_matter(desk: Shell, mock: Mock) -> None:
    code, _ = redirected(desk, "--out pass.txt", ">&- 2>&-")
    (secret,) = secrets(mock)
    assert (code, secret in (desk.folder / "pass.txt").read_text("utf-8")) == (0, True)


@pytest.mark.parametrize("streams", [">/dev/full", "| true", ">&-"])
def test_a_pass_that_was_read_is_not_replaced_where_only_its_json_is_lost(
    desk: Shell, mock: Mock, streams: str
) -> None:
    code, err = redirected(desk, "--format json", streams)
    (secret,) = secrets(mock)
    assert secret in err
    assert "issues another" not in err
    assert code == (1 if "full" in streams else 0)


def test_nobody_of_that_name(desk: Shell) -> None:
    done = desk("tap", "issue", "nobody@contoso.com", "--auto-approve")
    assert (done.code, "there is no user 'nobody@contoso.com'" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("answer", "flags"),
    [
        ("replace", ()),
        ("no", ("--auto-approve",)),
        pytest.param("replace", ("--auto-approve",), marks=pytest.mark.deep),  # half of the first
        pytest.param("no", (), marks=pytest.mark.deep),  # both questions are in the first
    ],
)
def test_at_a_terminal_a_lost_pass_may_be_replaced_and_only_by_a_person(
    desk: Shell, mock: Mock, answer: str, flags: tuple[str, ...]
) -> None:
    mock.add_fault("reset_after", method="POST", path_contains=PASSES)
    words = [answer] if flags else ["yes", answer]
    done = desk.answered(words, "tap", "issue", MIA, *flags)
    made = secrets(mock)
    assert "Type replace" in done.err
    assert len(made) == (2 if answer == "replace" else 1)
    assert done.code == (0 if answer == "replace" else 1), done.text
    assert found_in(desk, done, made[0]) == {}
    if answer == "replace":
        assert found_in(desk, done, made[1]) == {"stdout": 1}
