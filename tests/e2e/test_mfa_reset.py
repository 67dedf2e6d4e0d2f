"""Requiring one person to register again: each way it can end, and each way it is refused."""

from __future__ import annotations

import json
import os
import shlex
import signal
from typing import Any

import pytest

from graphpolicy.mock import Mock
from tests.shell import Done, Shell, give_pass, until, without_rules

pytestmark = pytest.mark.e2e

MIA = "mia.lopez@contoso.com"
MIA_ID = "0e5e0000-0000-4000-8000-000000000008"
PASSES = "temporaryAccessPassMethods"
KOFI = "kofi.mensah@contoso.com"
TENANT = "11111111-2222-4333-8444-555555555555"
METHODS = [
    "UserAuthenticationMethod.ReadWrite.All",
    "User.RevokeSessions.All",
    "User.Read.All",
    "GroupMember.Read.All",
]


@pytest.fixture
def desk(shell: Shell) -> Shell:
    shell.environment["COLUMNS"] = "80"
    return without_rules(shell)


def policy(house: str) -> str:
    return f"version: 1\ntenant: {{name: contoso, id: {TENANT}}}\n{house}\n"


def reset(shell: Shell, user: str, *flags: str, env: dict[str, str] | None = None) -> Done:
    more = ("--auto-approve", "--verify-timeout", "2", *flags)
    return shell("mfa", "reset", user, *more, env=env)


def in_json(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.out)
    return found


def states(found: dict[str, Any]) -> dict[str, str]:
    return {each["label"]: each["state"] for each in found["methods"]}


def kinds(mock: Mock, user: str) -> list[str]:
    return list(mock.world.tenants[TENANT].registered.kinds_of(user_id(mock, user)))


def user_id(mock: Mock, user: str) -> str:
    return str(mock.world.tenants[TENANT].directory.key(user))


def journal(shell: Shell) -> list[dict[str, Any]]:
    text = (shell.folder / ".graphpolicy" / "helpdesk.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def deletions(mock: Mock) -> int:
    return sum(r.method == "DELETE" for r in mock.requests)


def struck(
    shell: Shell, mock: Mock, sent: signal.Signals, after: int, *arguments: str, times: int = 1
) -> Done:
    """The command, which gets a signal while Graph is slow with one or several deletions."""
    mock.add_fault("slow", method="DELETE", after=after, times=times, seconds=20)

    def strike(process: int) -> None:
        until(lambda: deletions(mock) == after + times)
        os.kill(process, sent)

    return shell.watched(strike, *arguments)


def writes(mock: Mock) -> list[tuple[str, str]]:
    return [
        (r.method, r.path.rsplit("/", 2 if r.method == "DELETE" else 1)[1])
        for r in mock.requests
        if r.method != "GET"
    ]


def test_everything_goes_in_an_order_that_graph_accepts(desk: Shell, mock: Mock) -> None:
    done = reset(desk, MIA, "--reason", "INC1 phone lost")
    assert done.code == 0, done.text
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert kinds(mock, MIA) == []
    assert [path for _, path in writes(mock)] == [
        "phoneMethods",
        "microsoftAuthenticatorMethods",
        "emailMethods",
        "phoneMethods",
        "revokeSignInSessions",
    ]
    assert "mobile phone, +1 XXXXXXXX00 (the default)" in done.out
    assert "must re-register" in done.out
    lines = journal(desk)
    assert [line["event"] for line in lines] == [
        "begun",
        *["deleting", "deleted"] * 4,
        "sessions",
        "finished",
    ]
    assert {line["user"]["userPrincipalName"] for line in lines} == {MIA}
    assert {line["reason"] for line in lines} == {"INC1 phone lost"}
    assert {line["actor"]["name"] for line in lines} == {"graphpolicy mock"}
    assert "2065550100" not in done.text + str(lines)
    again = reset(desk, MIA)
    assert (again.code, "only the password" in again.out) == (0, True)


def test_the_end_says_what_is_left_and_which_command_goes_on(desk: Shell, mock: Mock) -> None:
    tenant = ("--tenant", TENANT)
    done = reset(desk, MIA, "--reason", "INC1 it's lost", *tenant)
    assert "has now   only the password" in done.out
    command = f"mfa list {MIA} --tenant {TENANT}"
    assert done.out.endswith(f"next      graphpolicy {command}\n")  # passes are off here
    mock.portal("TemporaryAccessPass", {"state": "enabled"}, actor="somebody")
    found = in_json(reset(desk, MIA, "--reason", "INC1 it's lost", "--format", "json", *tenant))
    assert [each["label"] for each in found["has"]] == ["password"]
    words = shlex.split(found["next"])
    assert words[:4] == ["graphpolicy", "tap", "issue", MIA]
    issued = desk(*words[1:], "--auto-approve")
    assert issued.code == 0, issued.text
    kept = in_json(reset(desk, MIA, "--keep-passes", "--format", "json"))
    assert "Temporary Access Pass" in [each["label"] for each in kept["has"]]
    assert kept["next"] == f"graphpolicy mfa list {MIA}"
    mock.add_fault("status", method="DELETE", path_contains=PASSES, status=400, times=None)
    stuck = in_json(reset(desk, MIA, "--format", "json"))
    assert stuck["next"] == f"graphpolicy mfa reset {MIA}"
    mock.clear_faults()
    assert desk(*shlex.split(stuck["next"])[1:], "--auto-approve").code == 0


def test_types_of_beta_alone_go_too(desk: Shell, mock: Mock) -> None:
    done = reset(desk, KOFI, "--format", "json")
    assert (done.code, in_json(done)["outcome"]) == (0, "reset")
    assert kinds(mock, KOFI) == []
    paths = [r.path for r in mock.requests if r.method == "DELETE"]
    assert any("/beta/" in path and "hardwareOathMethods/" in path for path in paths)
    assert any(path.endswith("/qrCodePinMethod") for path in paths)


def test_an_alternate_phone_that_is_the_default_makes_way_first(desk: Shell, mock: Mock) -> None:
    mock.tenant().registered.prefer(MIA, "voiceAlternateMobile")
    done = reset(desk, MIA, "--format", "json")
    assert done.code == 0, done.text
    assert kinds(mock, MIA) == []
    assert in_json(done)["preferred"] in {"push", "sms"}
    assert writes(mock)[0] == ("PATCH", "signInPreferences")


def test_passes_go_unless_they_are_to_stay(desk: Shell, mock: Mock) -> None:
    give_pass(mock, MIA)
    kept = reset(desk, MIA, "--keep-passes")
    assert (kept.code, kinds(mock, MIA)) == (0, ["temporaryAccessPass"])
    assert "kept      Temporary Access Pass, usable" in kept.out
    gone = reset(desk, MIA)
    assert (gone.code, kinds(mock, MIA)) == (0, [])
    assert "--keep-passes keeps the pass" in gone.out


def test_sessions_end_unless_they_are_to_stay(desk: Shell, mock: Mock) -> None:
    token = mock.issue_user_token(MIA)
    assert reset(desk, MIA, "--keep-sessions").code == 0
    assert mock.ask("GET", "/v1.0/me", token=token).status == 200
    assert reset(desk, MIA).code == 0
    assert mock.ask("GET", "/v1.0/me", token=token).status == 401


def test_a_success_that_says_nothing_of_the_sessions_is_told(desk: Shell, mock: Mock) -> None:
    """`tests/faults/test_reset.py` tests every answer."""
    mock.set_switches(revoke="200_false")
    done = reset(desk, MIA, "--format", "json")
    assert (done.code, in_json(done)["sessions"]) == (0, "unsaid")


def test_a_dry_run_deletes_nothing(desk: Shell, mock: Mock) -> None:
    done = desk("mfa", "reset", MIA, "--dry-run")
    assert (done.code, writes(mock)) == (0, [])
    assert "would be reset" in done.out
    assert not (desk.folder / ".graphpolicy").exists()


def test_nobody_to_ask_is_no_yes(desk: Shell, mock: Mock) -> None:
    done = desk("mfa", "reset", MIA)
    assert (done.code, writes(mock)) == (64, [])
    assert "--auto-approve" in done.err


def test_what_goes_wrong_with_one_does_not_stop_the_others(desk: Shell, mock: Mock) -> None:
    mock.add_fault("status", method="DELETE", path_contains="emailMethods", status=400, times=None)
    done = reset(desk, MIA, "--format", "json")
    assert done.code == 5, done.text
    assert states(in_json(done)) == {
        "alternate mobile phone": "gone",
        "Microsoft Authenticator": "gone",
        "email address": "left",
        "mobile phone": "gone",
    }
    assert journal(desk)[-1]["event"] == "partly"
    mock.clear_faults()
    assert reset(desk, MIA).code == 0
    assert kinds(mock, MIA) == []


def test_a_type_of_tomorrow_is_left_and_told(desk: Shell, mock: Mock) -> None:
    row = {"@odata.type": "#microsoft.graph.retinaScanAuthenticationMethod", "id": "r"}
    where = f"/beta/users/{MIA_ID}/authentication/methods"
    mock.add_fault("status", path_contains=where, status=200, body={"value": [row]}, times=None)
    done = reset(desk, MIA, "--format", "json")
    assert done.code == 5
    assert states(in_json(done))["unknown type retinaScanAuthenticationMethod"] == "left"
    assert "does not know how to delete it" in done.err


def test_administrators_are_for_others_and_the_403_says_who_and_when(
    desk: Shell, mock: Mock
) -> None:
    token = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_user_token("helpdesk@contoso.com")}
    done = reset(desk, "admin@contoso.com", env=token)
    assert done.code == 4, done.text
    assert "Privileged Authentication Administrator" in done.err
    assert "sign in again" in done.err
    assert len(kinds(mock, "admin@contoso.com")) == 2
    assert not any("revokeSignInSessions" in r.path for r in mock.requests)
    assert reset(desk, MIA, env=token).code == 0
    assert journal(desk)[-1]["actor"]["name"] == "helpdesk@contoso.com"


def test_a_missing_permission_is_named(desk: Shell, mock: Mock) -> None:
    least = [*METHODS]
    for missing in ("UserAuthenticationMethod.ReadWrite.All", "User.RevokeSessions.All"):
        scopes = [each for each in least if each != missing]
        scopes += ["UserAuthenticationMethod.Read.All"]
        token = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_token(scopes)}
        done = reset(desk, KOFI, env=token)
        assert done.code == (4 if "Method" in missing else 5)
        assert missing in done.err


def test_the_least_permissions_are_enough(desk: Shell, mock: Mock) -> None:
    desk.write(policy("helpdesk: {refuse: [{role: any}, {group: SG-MFA-Pilot-P}]}"))
    token = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_token(METHODS)}
    done = reset(desk, KOFI, env=token)
    assert done.code == 0, done.text


def test_nobody_deletes_a_pass_of_their_own(desk: Shell, mock: Mock) -> None:
    give_pass(mock, "privileged@contoso.com")
    token = {"GRAPHPOLICY_ACCESS_TOKEN": mock.issue_user_token("privileged@contoso.com")}
    mock.clear_requests()
    done = reset(desk, "privileged@contoso.com", env=token)
    assert (done.code, "tap-own" in done.err, writes(mock)) == (6, True, [])
    assert reset(desk, "privileged@contoso.com", "--keep-passes", env=token).code == 0


def test_house_rules_refuse_and_say_who_can(desk: Shell, mock: Mock) -> None:
    """`tests/unit/commands/test_helpdesk.py` tests each rule."""
    desk.write(policy("helpdesk: {refuse: [{group: SG-MFA-Pilot-P}]}"))
    done = reset(desk, "noor.haddad@contoso.com")
    assert done.code == 6, done.text
    assert "[helpdesk-group]" in done.err
    assert "help:" in done.err
    assert writes(mock) == []
    assert journal(desk)[-1]["rules"] == ["helpdesk-group"]


def test_nobody_of_that_name(desk: Shell, mock: Mock) -> None:
    done = reset(desk, "nobody@contoso.com")
    assert (done.code, "there is no user" in done.err, writes(mock)) == (1, True, [])


def test_history_tells_what_was_done_for_people(desk: Shell) -> None:
    desk.write(policy("helpdesk: {refuse: [{role: any}]}"))
    assert reset(desk, MIA, "--reason", "INC1").code == 0
    assert reset(desk, "reader@contoso.com").code == 6
    signed_out = {"GRAPHPOLICY_ACCESS_TOKEN": "", "COLUMNS": "160"}
    told = desk("history", env=signed_out)
    assert told.code == 0, told.text
    mia, rita = (line for line in told.out.splitlines() if "mfa reset" in line)
    assert (f"mfa reset {MIA} (INC1)" in mia, "finished" in mia, "contoso" in mia) == (True,) * 3
    assert ("reader@contoso.com" in rita, "refused" in rita) == (True, True)
    found = json.loads(desk("history", "--format", "json", env=signed_out).out)["helpdesk"]
    assert [each["event"] for each in found][-2:] == ["finished", "refused"]
    other = desk("history", "--tenant", "fabrikam", env=signed_out)
    assert "mfa reset" not in other.out
