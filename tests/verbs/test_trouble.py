"""Bad input and failures: one clear message, the right exit code, nothing half done."""

from __future__ import annotations

import codecs
import fcntl
import json
import os
import pty
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.disk.opening import append_record
from graphpolicy.mock import Mock
from graphpolicy.model import Json
from graphpolicy.render import formats
from tests.called import LONGEST
from tests.shell import NO_WAITING, Shell, policy
from tests.verbs.test_rollouts import rollout

TENANT = "11111111-2222-4333-8444-555555555555"
OTHER = "22222222-2222-4333-8444-555555555555"
SMS_OFF = policy("Sms:\n  state: disabled")

BAD_FILES: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", "yaml-empty"),
    "not UTF-8": (b"version: 1\nx: \xff\xfe", "yaml-encoding"),
    "100,000 nested brackets": (b"version: " + b"[" * 100_000, "yaml-depth"),
    "no map at all": (b"- 1\n", "wrong-type"),
    "a null": (SMS_OFF.encode() + b"    Voice:\n", "yaml-null"),
    "a misspelt setting": (SMS_OFF.replace("state", "stat").encode(), "unknown-setting"),
    "what this release does not act on": (
        SMS_OFF.encode() + b"baselines: {}\n",
        "not-yet-supported",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_file_that_is_wrong_is_refused_with_its_place(
    shell: Shell, mock: Mock, case: tuple[bytes, str]
) -> None:
    raw, rule = case
    path = shell.write("")
    path.write_bytes(raw)
    done = shell("validate")
    assert done.code == 1
    assert "policies/contoso.yaml:" in done.out
    assert f"[{rule}]" in done.out
    for verb in ("plan", "drift", "apply"):
        refused = shell(verb)
        assert refused.code == 1
        assert f"[{rule}]" in refused.err
    assert mock.requests == []


def test_a_missing_path_and_a_folder_without_a_tenant_say_so(shell: Shell) -> None:
    assert shell("validate", "nowhere.yaml").code == 1
    assert "no such file" in shell("plan", "nowhere.yaml").err
    shell.write("version: 1\n", "policies/base.yaml")
    done = shell("plan")
    assert done.code == 1
    assert "[no-deployable-file]" in done.err


GROUPS = {
    "a name that no group has": ("No such group", "is not in the directory"),
    "a name that two groups have": ("Duplicate group", "2 groups are named 'Duplicate group'"),
    "a name in another case": ("sg-mfa-pilot-p", "no group is named exactly 'sg-mfa-pilot-p'"),
}


@pytest.mark.parametrize("case", GROUPS.values(), ids=GROUPS.keys())
def test_a_group_that_is_not_one_refuses_the_whole_plan(
    shell: Shell, mock: Mock, case: tuple[str, str]
) -> None:
    name, why = case
    shell.write(policy(f"Sms:\n  excludeTargets: [{{group: {name}}}]\nVoice:\n  state: disabled"))
    before = mock.policy("beta")
    done = shell("apply", "--auto-approve")
    assert done.code == 1
    assert why in done.out
    assert "policies/contoso.yaml:6:" in done.out
    assert mock.policy("beta") == before
    document = json.loads(shell("plan", "--format", "json").out)
    assert document["plans"][0]["error"]["code"] == "group-not-resolved"
    assert "changes" not in document["plans"][0]


def test_candidates_are_listed_with_their_ids(shell: Shell) -> None:
    shell.write(policy("Sms:\n  excludeTargets: [{group: sg-mfa-pilot-p}]"))
    done = shell("plan")
    assert "'SG-MFA-Pilot-P' with id 0d1c2b3a-0000-4000-8000-000000000001" in done.out


def test_a_deleted_target_group_is_a_finding_and_no_crash(shell: Shell, mock: Mock) -> None:
    gone = "0d1c2b3a-0000-4000-8000-00000000dead"
    mock.portal("Sms", {"excludeTargets": [{"targetType": "group", "id": gone}]})
    shell.write("unmanaged: ignore\n" + policy("Sms:\n  state: disabled"))
    plan = json.loads(shell("plan", "--format", "json").out)["plans"][0]
    found = {finding["rule"]: finding for finding in plan["findings"]}
    assert {rule: each["level"] for rule, each in found.items()} == {
        "dangling-target": "warning",
        "method-ends": "warning",
        "people-not-counted": "note",
    }
    assert gone in found["dangling-target"]["message"]
    assert shell("apply", "--auto-approve").code == 0


ANSWERS: dict[str, tuple[dict[str, Any], int, str]] = {
    "401": ({"status": 401}, 4, "401"),
    "403": ({"status": 403}, 4, "Policy.Read.AuthenticationMethod"),
    "404": ({"status": 404}, 1, "404"),
    "an HTML page": ({"status": 200, "body": "<html>sign in to the hotel</html>"}, 1, "proxy"),
    "an HTML error page": ({"status": 403, "body": "<html>blocked</html>"}, 4, "proxy"),
}


@pytest.mark.parametrize("verb", ["drift", "apply"])
@pytest.mark.parametrize("case", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_read_that_fails_is_an_error_and_never_drift(
    shell: Shell, mock: Mock, case: tuple[dict[str, Any], int, str], verb: str
) -> None:
    fault, code, said = case
    shell.write(SMS_OFF)
    mock.add_fault("status", method="GET", path_contains="authenticationMethodsPolicy", **fault)
    before = mock.policy("beta")
    done = shell(verb)
    assert done.code == code
    assert said in done.text
    assert mock.policy("beta") == before


def test_throttling_is_waited_out_visibly(shell: Shell, mock: Mock) -> None:
    shell.write(SMS_OFF)
    mock.add_fault("status", method="GET", times=1, status=429, headers={"Retry-After": "1"})
    begun = time.monotonic()
    done = shell("plan", "--detailed-exitcode")
    assert done.code == 2
    assert time.monotonic() - begun >= 1
    assert "Graph asks to wait 1 s (429)" in done.err


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_short_outage_is_borne(shell: Shell, mock: Mock, status: int) -> None:
    shell.write(SMS_OFF)
    shell.settings |= NO_WAITING
    mock.add_fault("status", method="GET", times=1, status=status, body="<html>oops</html>")
    assert shell("plan", "--detailed-exitcode").code == 2


@pytest.mark.parametrize("kind", ["reset_before", "truncated"])
def test_a_connection_that_breaks_is_tried_again(shell: Shell, mock: Mock, kind: str) -> None:
    shell.write(SMS_OFF)
    shell.settings |= NO_WAITING
    mock.add_fault(kind, method="GET", times=1)
    assert shell("plan", "--detailed-exitcode").code == 2


def outcomes(shell: Shell, *arguments: str) -> tuple[int, list[str]]:
    done = shell("apply", "--auto-approve", "--format", "json", *arguments)
    plan = json.loads(done.out)["plans"][0]
    return done.code, [result["outcome"] for result in plan["results"]]


TWO = policy("Fido2:\n  isSelfServiceRegistrationAllowed: false\nSms:\n  state: disabled")


def test_a_write_whose_answer_is_lost_is_settled_by_reading(shell: Shell, mock: Mock) -> None:
    shell.write(TWO)
    mock.add_fault("reset_after", method="PATCH", times=1)
    assert outcomes(shell) == (0, ["verified", "verified"])
    assert sum(request.method == "PATCH" for request in mock.requests) == 2


def test_a_write_that_never_arrived_is_sent_again(shell: Shell, mock: Mock) -> None:
    shell.write(SMS_OFF)
    shell.settings |= NO_WAITING
    mock.add_fault("reset_before", method="PATCH", times=1)
    assert outcomes(shell, "--verify-timeout", "0.05") == (0, ["verified"])


def test_accepted_but_not_persisted_is_named_and_stops_the_run(shell: Shell, mock: Mock) -> None:
    shell.write(TWO)
    shell.settings |= NO_WAITING
    mock.add_fault("not_persisted", method="PATCH", times=1)
    assert outcomes(shell, "--verify-timeout", "0.05") == (1, ["not_persisted", "skipped"])


def test_a_refused_second_write_is_partly_applied(shell: Shell, mock: Mock) -> None:
    shell.write(TWO)
    mock.add_fault("status", method="PATCH", after=1, status=403)
    assert outcomes(shell) == (5, ["verified", "failed"])


def test_a_read_only_identity_plans_and_does_not_write(shell: Shell, mock: Mock) -> None:
    shell.write(SMS_OFF)
    token = mock.issue_token(["Policy.Read.All", "GroupMember.Read.All"])
    shell.environment["GRAPHPOLICY_ACCESS_TOKEN"] = token
    assert shell("plan", "--detailed-exitcode").code == 2
    done = shell("apply", "--auto-approve")
    assert done.code == 4
    assert "Policy.ReadWrite.AuthenticationMethod" in done.out
    assert token not in done.text


def test_a_token_for_another_tenant_is_refused(shell: Shell, mock: Mock) -> None:
    shell.write(SMS_OFF)
    other = mock.add_tenant(OTHER)
    shell.environment["GRAPHPOLICY_ACCESS_TOKEN"] = mock.issue_token(tenant_id=other)
    done = shell("plan")
    assert done.code == 4
    assert TENANT in done.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "--fromat", "json"), "--format"),
        (("plan", "--format", "jsno"), "json"),
        (("paln",), "plan"),
        (("apply",), "--auto-approve"),
        ((), "Usage"),
        (("plan", "--auth", "clli"), "cli"),
        (("plan", "-o", "plan.pdf"), ".json"),
    ],
)
def test_usage_errors_exit_with_64_and_say_what_was_meant(
    shell: Shell, arguments: tuple[str, ...], said: str
) -> None:
    shell.write(SMS_OFF)
    done = shell(*arguments)
    assert done.code == 64
    assert said in done.err


@pytest.mark.parametrize("output", ["result.pdf", "nowhere/result.json", "policies"])
def test_a_report_that_cannot_be_written_is_refused_before_anything_is(
    shell: Shell, mock: Mock, output: str
) -> None:
    shell.write(SMS_OFF)
    done = shell("apply", "--auto-approve", "-o", output)
    assert done.code == 64
    assert output in done.err
    assert mock.requests == []


@pytest.mark.parametrize("late", ["a folder is gone", "a link is there"])
def test_a_report_that_fails_late_is_named_and_not_lost(
    shell: Shell, mock: Mock, late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.write(SMS_OFF)
    out = shell.folder / "out"
    out.mkdir()

    def append(file: Path, record: Mapping[str, Json]) -> None:
        append_record(file, record)
        if record["event"] == "finished" and late == "a folder is gone":
            out.rmdir()
        elif record["event"] == "finished":
            (out / "one.json").symlink_to(shell.folder / "theirs")

    monkeypatch.setattr("graphpolicy.journal.folder.append_record", append)
    done = shell.called("apply", "--auto-approve", "-o", "out/one.json", "-o", "two.json")
    assert done.code == 1
    assert "error: out/one.json: " in done.err
    assert "stdout" not in done.err
    assert "1 setting changed and verified" in done.out
    assert json.loads((shell.folder / "two.json").read_text(encoding="utf-8"))["plans"]
    assert not (shell.folder / "theirs").exists()
    assert mock.configuration("Sms")["state"] == "disabled"


def test_verbose_says_how_it_signs_in(shell: Shell) -> None:
    shell.write(SMS_OFF)
    assert "signing in with access token" in shell("plan", "-v").err
    assert "signing in" not in shell("plan").err


def test_verbose_names_what_auto_took_and_nothing_before(bare: Shell) -> None:
    bare.write(SMS_OFF)
    said = bare("plan", "-v", env={"PATH": ""}).err
    assert "signing in with" not in said
    assert said.count("used Azure CLI to sign in") == 1


def test_a_real_credential_never_goes_to_a_foreign_root(shell: Shell, url: str) -> None:
    shell.write(SMS_OFF)
    del shell.environment["GRAPHPOLICY_ACCESS_TOKEN"]
    done = shell("plan")
    assert done.code == 64
    assert "GRAPHPOLICY_ACCESS_TOKEN" in done.err


NUMBER_MATCHING = "MicrosoftAuthenticator:\n  featureSettings:\n    numberMatchingRequiredState: "


def test_number_matching_that_is_enforced_satisfies_enabled(shell: Shell) -> None:
    shell.write(policy(NUMBER_MATCHING + "enabled"))
    done = shell("plan", "--detailed-exitcode")
    assert done.code == 0
    assert "number-matching-enforced" in done.out


def test_number_matching_that_is_enforced_refuses_anything_less(shell: Shell, mock: Mock) -> None:
    shell.write(policy(NUMBER_MATCHING + "disabled\nSms:\n  state: disabled"))
    done = shell("plan", "--detailed-exitcode")
    assert done.code == 6
    assert done.out.splitlines()[-1].endswith("refused: number-matching-enforced")
    assert shell("plan").code == 6
    assert shell("apply", "--auto-approve").code == 6
    assert not any(request.method == "PATCH" for request in mock.requests)


def test_number_matching_that_is_still_returned_and_refused_is_the_outcome_enforced(
    shell: Shell, mock: Mock
) -> None:
    mock.set_switches(number_matching_read="present")
    shell.write(policy(NUMBER_MATCHING + "disabled"))
    assert outcomes(shell) == (6, ["enforced"])


def test_number_matching_that_may_still_be_set_is_set(shell: Shell, mock: Mock) -> None:
    mock.set_switches(number_matching_read="present", number_matching_write="accepted")
    shell.write(policy(NUMBER_MATCHING + "disabled"))
    assert outcomes(shell) == (0, ["verified"])
    assert shell("plan", "--detailed-exitcode").code == 0


class TestManyTenants:
    @pytest.fixture
    def tenants(self, shell: Shell, mock: Mock) -> str:
        shell.write(SMS_OFF)
        other = mock.add_tenant(OTHER)
        shell.write(policy("Sms:\n  state: enabled", other), "policies/other.yaml")
        return other

    def test_one_failure_does_not_hide_the_others(self, shell: Shell, tenants: str) -> None:
        done = shell("plan", "--format", "json", "--detailed-exitcode")
        assert done.code == 4  # the token is for one of the two
        plans = {plan["tenant"]["name"]: plan for plan in json.loads(done.out)["plans"]}
        assert plans["contoso"]["summary"]["changes"] == 1
        assert "error" in plans["other"]

    def test_one_is_picked_by_name_or_id(self, shell: Shell, tenants: str) -> None:
        for wanted in ("contoso", TENANT):
            done = shell("plan", "--tenant", wanted, "--detailed-exitcode")
            assert done.code == 2
            assert "policies/other.yaml" not in done.out
        done = shell("plan", "--tenant", "contsoo")
        assert done.code == 1
        assert "contoso, other" in done.err

    def test_the_same_tenant_twice_is_an_error(self, shell: Shell) -> None:
        shell.write(SMS_OFF)
        shell.write(SMS_OFF, "policies/again.yaml")
        done = shell("validate")
        assert done.code == 1
        assert "[duplicate-tenant]" in done.out


class Terminal:
    """The command at a real terminal, answered like a person would."""

    def __init__(self, shell: Shell, *arguments: str) -> None:
        self.ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._shell = replace(shell, environment={**shell.environment, "TERM": "dumb", "CI": "1"})
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, args=arguments, daemon=True)
        self._thread.start()
        assert self._begun.wait(LONGEST)
        self.said = ""

    def _run(self, *arguments: str) -> None:
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), self._theirs)
        self.code = self._shell.watched(self._begin, *arguments, **streams).code

    def _begin(self, process: int) -> None:
        os.close(self._theirs)
        self.process = process
        self._begun.set()

    def until(self, words: str) -> None:
        """Read its output up to these words, or to its end."""
        deadline = time.monotonic() + LONGEST
        while words not in self.said:
            assert time.monotonic() < deadline, self.said
            if select.select([self.ours], [], [], 0.2)[0]:
                try:
                    self.said += self._decoder.decode(os.read(self.ours, 65536))
                except OSError:  # the other end is closed
                    return

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def end(self) -> int:
        try:
            self.until("\0")  # to the end
        finally:
            os.close(self.ours)  # which ends the command as well
            self._thread.join()
        return self.code


def test_at_a_terminal_apply_shows_the_plan_and_asks(shell: Shell, mock: Mock) -> None:
    shell.write(SMS_OFF)
    for answer, code, state in (("no\n", 1, "enabled"), ("contoso\n", 0, "disabled")):
        terminal = Terminal(shell, "apply")
        terminal.until("Type contoso")
        assert "Sms" in terminal.said
        terminal.type(answer)
        assert terminal.end() == code
        assert terminal.said.count("policies/contoso.yaml against Graph") == 1
        assert mock.configuration("Sms")["state"] == state


def test_at_a_terminal_a_risky_plan_wants_the_tenants_name(shell: Shell, mock: Mock) -> None:
    gone = "0d1c2b3a-0000-4000-8000-00000000dead"
    mock.portal("Sms", {"excludeTargets": [{"targetType": "group", "id": gone}]})
    shell.write(SMS_OFF)
    terminal = Terminal(shell, "apply", "--auto-approve")
    assert terminal.end() == 64
    assert "--confirm contoso" in terminal.said
    terminal = Terminal(shell, "apply")
    terminal.until("Type contoso")
    terminal.type("contoso\n")
    assert terminal.end() == 0


def test_at_a_terminal_an_accepted_error_wants_the_tenants_name(shell: Shell, mock: Mock) -> None:
    mock.portal("Sms", {"state": "disabled"})
    shell.write(SMS_OFF.replace("disabled", "enabled"))
    accept = ("--allow", "weak-method-enabled", "--allow", "retiring-setting")
    terminal = Terminal(shell, "apply", "--auto-approve", *accept)
    assert terminal.end() == 64
    assert "accepted errors" in terminal.said
    terminal = Terminal(shell, "apply", *accept)
    terminal.until("Type contoso")
    terminal.type("yes\n")
    assert terminal.end() == 1
    assert mock.configuration("Sms")["state"] == "disabled"


def test_ctrl_c_ends_with_130_and_writes_nothing(shell: Shell, mock: Mock) -> None:
    shell.write(SMS_OFF)
    terminal = Terminal(shell, "apply")
    terminal.until("Type contoso")
    time.sleep(0.5)  # a person's reaction; a signal just before the read begins waits for a key
    os.kill(terminal.process, signal.SIGINT)
    assert terminal.end() == 130
    assert mock.configuration("Sms")["state"] == "enabled"


READERS = ("plan", "drift", "doctor", "groups", "impact", "rollout")


@pytest.mark.parametrize("verb", READERS)
@pytest.mark.parametrize("flags", [("-o", "out.json"), ("--format", "json")])
def test_a_failure_in_a_document_stands_on_stderr_too(
    shell: Shell, mock: Mock, verb: str, flags: tuple[str, ...]
) -> None:
    """Otherwise a job would fail, and its log would say nothing."""
    shell.write(rollout())
    mock.add_fault("status", status=403, times=None)
    done = shell(verb, *flags)
    assert done.code == 4, done.text
    assert "contoso: Graph refused GET" in done.err
    assert "help: " in done.err
    assert shell(verb).err.count("Graph refused") == 0


def test_what_validate_writes_to_a_file_only_stands_on_stderr_too(shell: Shell) -> None:
    shell.write(SMS_OFF.replace("state", "stat"))
    done = shell("validate", "-o", "out.sarif")
    assert (done.code, done.out) == (1, "")
    assert "error[unknown-setting]" in done.err
    assert "1 file, 1 error, 0 warnings\nwrote out.sarif\n" in done.err
    assert shell("validate", "--format", "json").err == ""


@pytest.mark.parametrize("verb", [*READERS, "validate"])
def test_a_wrong_file_is_an_answer_in_every_format_of_a_verb(shell: Shell, verb: str) -> None:
    shell.write(SMS_OFF.replace("state", "stat"))
    result = {"doctor": "PermissionChecks", "groups": "GroupList", "impact": "ImpactReport"} | {
        "rollout": "RolloutReport",
        "validate": "CheckedFiles",
    }
    for format_ in {*formats(result.get(verb, "Report"))} - {"text", "jsonl"}:
        done = shell(verb, "--format", format_)
        assert done.code == 1
        assert "unknown-setting" in done.out, format_
    document = json.loads(shell(verb, "--format", "json").out)
    assert [each["rule"] for each in document["findings"]] == ["unknown-setting"]
    # Scripts find no plan of files with errors, whichever document the verb has otherwise.
    assert verb in ("doctor", "validate") or document["plans"] == []
