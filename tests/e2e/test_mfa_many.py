"""Requiring many people to register again: one confirmation, a few at a time, a true report."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import os
import signal
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from graphpolicy.mock import Mock
from tests.e2e.test_mfa_reset import KOFI, MIA, deletions, kinds, policy, struck
from tests.shell import NO_WAITING, Done, Shell, without_rules

pytestmark = pytest.mark.e2e

ALL = "0d1c2b3a-0000-4000-8000-000000000004"
NOOR = "noor.haddad@contoso.com"
PEOPLE = 12


@pytest.fixture
def crowd(shell: Shell, mock: Mock) -> Shell:
    """A shell in a tenant with a few more people, and a file that names them."""
    mock.add_crowd(PEOPLE, {ALL: 1})
    name_in_file(shell, names(mock))
    shell.environment["COLUMNS"] = "80"
    shell.settings |= NO_WAITING
    return without_rules(shell)


def name_in_file(shell: Shell, people: Sequence[str]) -> None:
    shell.write("\n".join(("userPrincipalName", *people)), "users.csv")


def names(mock: Mock) -> list[str]:
    crowd = mock.tenant().directory.crowd
    assert crowd is not None
    return [crowd.principal_name(number) for number in range(PEOPLE)]


def reset(shell: Shell, *flags: str) -> Done:
    return shell("mfa", "reset", "--from", "users.csv", "--auto-approve", *flags)


def left(mock: Mock) -> list[str]:
    return [name for name in names(mock) if kinds(mock, name)]


def outcomes(text: str) -> dict[str, str]:
    return {row["userPrincipalName"]: row["outcome"] for row in csv.DictReader(io.StringIO(text))}


def test_everybody_in_a_file_and_what_the_report_says(crowd: Shell, mock: Mock) -> None:
    with_methods = len(left(mock))
    report = ("-o", "r.csv", "-o", "r.md", "-o", "r.json", "--reason", "INC1")
    done = reset(crowd, *report)
    assert done.code == 0, done.text
    assert left(mock) == []
    assert f"for       {PEOPLE} people" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert f"{PEOPLE} people: {PEOPLE} must re-register" in done.err
    rows = outcomes((crowd.folder / "r.csv").read_text(encoding="utf-8"))
    assert set(rows.values()) == {"reset"}
    assert set(rows) == set(names(mock))
    found = json.loads((crowd.folder / "r.json").read_text(encoding="utf-8"))
    assert (found["exit_code"], len(found["users"])) == (0, PEOPLE)
    assert (crowd.folder / "r.md").read_text(encoding="utf-8").count("\n| `") == PEOPLE
    ended = sum("revokeSignInSessions" in r.path for r in mock.requests)
    assert (ended, 0 < with_methods < PEOPLE) == (PEOPLE, True)


def test_a_dry_run_and_nobody_to_ask(crowd: Shell, mock: Mock) -> None:
    before = left(mock)
    dry = crowd("mfa", "reset", "--group", "All employees", "--dry-run", "--format", "csv")
    assert (dry.code, left(mock)) == (0, before)
    assert set(outcomes(dry.out).values()) == {"dry_run"}
    asked = crowd("mfa", "reset", "--from", "users.csv")
    assert (asked.code, left(mock), deletions(mock)) == (64, before, 0)


@pytest.mark.parametrize(("answer", "code"), [("3", 0), ("yes", 1)])
def test_a_yes_names_how_many(crowd: Shell, mock: Mock, answer: str, code: int) -> None:
    few = left(mock)[:3]
    name_in_file(crowd, few)
    done = crowd.answered([answer], "mfa", "reset", "--from", "users.csv")
    assert done.code == code, done.err
    assert "Type 3 to reset 3 people" in done.err
    assert [bool(kinds(mock, name)) for name in few] == [bool(code)] * 3


def test_a_file_of_a_spreadsheet_with_all_its_mistakes_told_at_once(
    shell: Shell, mock: Mock
) -> None:
    without_rules(shell)
    lines = ("Name;ID", f"Mia;{MIA}", f"Mia;{MIA.upper()}", "No;no@x.y", "Nor;nor@x.y")
    (shell.folder / "users.csv").write_bytes(
        "\r\n".join(("\ufeff" + lines[0], *lines[1:])).encode()
    )
    done = reset(shell)
    assert (done.code, deletions(mock)) == (1, 0)
    for name in ("no@x.y", "nor@x.y", "nothing was done: 2 of 3 people"):
        assert name in done.text
    (shell.folder / "users.csv").write_bytes("\r\n".join(lines[:3]).encode("utf-8-sig"))
    assert reset(shell).code == 0
    assert kinds(mock, MIA) == []


def test_whom_the_house_rules_refuse_is_told_and_nothing_is_begun(shell: Shell, mock: Mock) -> None:
    house = "helpdesk: {refuse: [{role: any}, {group: SG-MFA-Pilot-P}]}"
    shell.write(policy(house))
    shell.write(f"{KOFI}\n{MIA}\nreader@contoso.com\n", "users.csv")
    done = reset(shell, "--format", "csv")
    assert (done.code, deletions(mock)) == (6, 0)
    assert outcomes(done.out) == {
        KOFI: "not_begun",
        MIA: "refused",
        "reader@contoso.com": "refused",
    }
    assert "2 of 3 people" in done.err


def test_who_is_unknown_and_who_is_refused_are_told_together(shell: Shell, mock: Mock) -> None:
    shell.write(policy("helpdesk: {refuse: [{group: SG-MFA-Pilot-P}]}"))
    shell.write(f"no@x.y\n{KOFI}\n{MIA}\n", "users.csv")
    done = reset(shell, "--format", "csv")
    assert (done.code, deletions(mock)) == (1, 0)
    assert outcomes(done.out) == {"no@x.y": "failed", KOFI: "not_begun", MIA: "refused"}
    assert "2 of 3 people" in done.err


def test_who_could_not_be_read_is_not_to_be_taken_out_of_the_list(shell: Shell, mock: Mock) -> None:
    without_rules(shell)
    shell.write(f"{KOFI}\n{MIA}\n", "users.csv")
    mock.add_fault("status", status=400, method="GET", path_contains="/methods")
    done = reset(shell, "--format", "csv")
    assert (done.code, deletions(mock)) == (1, 0)
    assert "help: try again in a few minutes" in done.err


def test_a_formula_is_text_in_a_spreadsheet(shell: Shell, mock: Mock) -> None:
    mock.add_person("=cmd@contoso.com", "Eve", methods=["email"])
    shell.write("=cmd@contoso.com\n", "users.csv")
    done = reset(shell, "--format", "csv")
    assert list(outcomes(done.out)) == ["'=cmd@contoso.com"]


def test_one_that_fails_does_not_stop_the_others_and_a_rerun_does_only_that_one(
    crowd: Shell, mock: Mock
) -> None:
    victim = left(mock)[0]
    crowd_id = mock.tenant().directory.key(victim)
    mock.add_fault("status", method="DELETE", path_contains=crowd_id, status=400, times=None)
    done = reset(crowd, "--format", "csv")
    assert (done.code, left(mock)) == (5, [victim])
    assert outcomes(done.out)[victim] == "failed"
    mock.clear_faults()
    somebody = next(name for name in names(mock) if name != victim)
    mock.tenant().registered.register(somebody, "fido2")  # has registered again meanwhile
    again = reset(crowd, "--format", "csv")
    assert again.code == 0, again.text
    assert left(mock) == [somebody]
    assert outcomes(again.out)[somebody] == "done_before"
    assert reset(crowd, "--format", "csv").code == 0  # finished before: a new one
    assert left(mock) == []


def test_where_nothing_can_be_deleted_of_anybody_it_ends_early(crowd: Shell, mock: Mock) -> None:
    mock.add_fault("status", method="DELETE", status=403, times=None)
    mock.add_fault("status", method="POST", status=403, times=None)
    done = reset(crowd, "--format", "csv", "--at-once", "1")
    assert done.code == 4, done.text
    assert "for 10 people in a row" in done.err
    rows = list(outcomes(done.out).values())
    assert (rows.count("failed"), rows.count("not_begun")) == (10, PEOPLE - 10)


def stopped(shell: Shell, mock: Mock, sent: signal.Signals) -> Done:
    """A reset that gets a signal after six deletions."""
    flags = ("--auto-approve", "--at-once", "2", "--format", "csv")
    return struck(shell, mock, sent, 6, "mfa", "reset", "--from", "users.csv", *flags, times=2)


def registered(mock: Mock) -> int:
    return sum(len(kinds(mock, name)) for name in names(mock))


def told(shell: Shell) -> int:
    """How many methods the journal records as deleted."""
    text = (shell.folder / ".graphpolicy" / "helpdesk.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    done = [line for line in lines if line["event"] == "deleted"]
    return len({(line["user"]["id"], line["method"]["id"]) for line in done})


def finish(shell: Shell, mock: Mock) -> dict[str, str]:
    mock.clear_faults()
    mock.clear_requests()
    done = reset(shell, "--format", "csv")
    assert done.code == 0, done.text
    assert left(mock) == []
    return outcomes(done.out)


def test_ctrl_c_ends_with_an_account_and_a_rerun_finishes(crowd: Shell, mock: Mock) -> None:
    had = registered(mock)
    done = stopped(crowd, mock, signal.SIGINT)
    assert done.code == 130, done.err
    assert done.err.count("error: ") == 1
    assert told(crowd) == had - registered(mock)
    rows = outcomes(done.out)
    counted = {each: list(rows.values()).count(each) for each in rows.values()}
    assert len(rows) == PEOPLE
    assert counted["interrupted"] == 2
    assert counted["reset"] >= 3
    assert counted["reset"] + counted["interrupted"] + counted["not_begun"] == PEOPLE
    before = {name for name, what in rows.items() if what == "reset"}
    again = finish(crowd, mock)
    assert {name for name, what in again.items() if what == "done_before"} == before


def test_after_a_kill_the_same_command_goes_on(crowd: Shell, mock: Mock) -> None:
    had = registered(mock)
    assert stopped(crowd, mock, signal.SIGKILL).code == -signal.SIGKILL
    assert told(crowd) < had - registered(mock)
    assert crowd("mfa", "list", KOFI).code == 0
    assert told(crowd) == had - registered(mock)
    text = (crowd.folder / ".graphpolicy" / "helpdesk.jsonl").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    finished = {each["user"]["userPrincipalName"] for each in lines if each["event"] == "finished"}
    assert len(finished) >= 3
    again = finish(crowd, mock)
    assert {name for name, what in again.items() if what == "done_before"} == finished


def test_what_one_does_is_for_many_alone(shell: Shell) -> None:
    assert shell("mfa", "reset", NOOR, "--format", "csv").code == 64
    assert shell("mfa", "reset", NOOR, "-o", "x.csv").code == 64
    assert shell("mfa", "reset", NOOR, "--group", "x").code == 64


def held(app: ASGIApp, part: str, free: threading.Event) -> ASGIApp:
    """The application; it answers a request with this part of a path only after `free` is set."""

    async def holding(scope: Scope, receive: Receive, send: Send) -> None:
        while part in scope.get("path", "") and not free.is_set():  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.01)
        await app(scope, receive, send)

    return holding


@pytest.mark.parametrize(
    "verb",
    [
        "mfa reset",
        *(  # each person has the same method
            pytest.param(verb, marks=pytest.mark.deep) for verb in ("mfa list", "tap list")
        ),
    ],
)
def test_a_person_at_a_terminal_sees_a_bar(crowd: Shell, mock: Mock, verb: str) -> None:
    """However fast the machine is, the next answer about one person waits until the bar is seen."""
    drawn = threading.Event()
    few = names(mock)[:3]
    name_in_file(crowd, few)
    mock.app = held(mock.app, f"/{mock.tenant().directory.key(few[1])}/authentication/", drawn)
    acts = ("--auto-approve",) if verb == "mfa reset" else ()
    crowd.environment["TERM"] = "xterm-256color"
    ours, theirs = os.openpty()
    seen = b""

    def look(_: int) -> None:
        nonlocal seen
        os.close(theirs)
        with contextlib.suppress(OSError):  # the other end is closed
            while more := os.read(ours, 65536):
                seen += more
                if "━".encode() in seen:
                    drawn.set()

    try:
        done = crowd.watched(look, *verb.split(), "--from", "users.csv", *acts, stderr=theirs)
    finally:
        os.close(ours)
    text = seen.decode("utf-8", "replace")
    assert done.code == 0, text
    assert "━" in text
    assert "of 3 people" in text
    assert "━" not in done.out
