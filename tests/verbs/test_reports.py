"""Where a report goes: always JSON, errors on stderr, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.mock import Mock
from tests.called import LONGEST
from tests.shell import COMMAND, Done, Shell, policy

FORMATS = ("json", "markdown", "html", "sarif", "github", "text")
FILES = ("plan.md", "plan.html", "plan.sarif", "plan.json", "plan.txt")

HOUSE = "version: 1\ntenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}\n"
SMS_OFF = policy("Sms:\n  state: disabled")
WRONG: dict[str, tuple[str, tuple[str, ...], str]] = {
    "a file that is wrong": ("version: 1\nnonsense: 1\n", (), "unknown-setting"),
    "no file for this tenant": (SMS_OFF, ("--tenant", "fabrikam"), "unknown-tenant"),
    "no file for any tenant": ("version: 1\n", (), "no-deployable-file"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("verb", ["plan", "drift", "apply"])
def test_what_is_wrong_before_a_tenant_is_read_is_json_too(
    verb: str, case: tuple[str, tuple[str, ...], str], shell: Shell, mock: Mock
) -> None:
    text, flags, rule = case
    shell.write(text)
    assert shell(verb, *flags, "-o", "out.md").code == 1
    said_in_words = (shell.folder / "out.md").read_text(encoding="utf-8")
    assert said_in_words.startswith(f"<!-- graphpolicy:{verb} ")
    assert f"### graphpolicy {verb}: " in said_in_words
    for more, where in ((("--format", "json"), None), (("-o", "out.json"), "out.json")):
        done = shell(verb, *flags, *more)
        assert done.code == 1
        assert f"error[{rule}]" in done.err
        said: Any = json.loads((shell.folder / where).read_text() if where else done.out)
        assert said["plans"] == []
        assert rule in [finding["rule"] for finding in said["findings"]]
    assert mock.requests == []


def test_an_error_is_told_though_the_report_goes_to_a_file(shell: Shell, mock: Mock) -> None:
    shell.write(SMS_OFF)
    mock.add_fault("status", method="GET", status=403)
    done = shell("plan", "-q", "-o", "plan.json")
    assert (done.code, done.out) == (4, "")
    assert "contoso: Graph refused GET" in done.err
    assert json.loads((shell.folder / "plan.json").read_text())["plans"][0]["error"]


def test_a_write_that_failed_is_told_though_the_report_goes_to_a_file(
    shell: Shell, mock: Mock
) -> None:
    shell.write(SMS_OFF)
    mock.add_fault("status", method="PATCH", status=400)
    done = shell("apply", "--auto-approve", "--confirm", "contoso", "-q", "-o", "run.json")
    assert done.code == 1
    assert "contoso: Sms ended as failed: Graph refused PATCH" in done.err


def run_into(shell: Shell, stdout: int, *arguments: str) -> Done:
    more = ("--auto-approve", "--format", "json")
    return shell.watched(lambda _: None, *arguments, *more, stdout=stdout)


@pytest.mark.parametrize(
    ("gone", "code"), [("a reader that has left", 0), ("a disk that is full", 1)]
)
def test_the_report_of_a_run_that_wrote_is_never_lost(
    gone: str, code: int, shell: Shell, mock: Mock
) -> None:
    shell.write(SMS_OFF)
    if gone == "a disk that is full":
        with Path("/dev/full").open("wb") as full:
            done = run_into(shell, full.fileno(), "apply")
    else:
        reader, writer = os.pipe()
        os.close(reader)
        done = run_into(shell, writer, "apply")
        os.close(writer)
    assert mock.configuration("Sms", "v1.0")["state"] == "disabled"
    assert done.code == code
    assert "verified      Sms" in done.err
    assert "Exception ignored" not in done.err


def test_what_was_done_to_a_person_is_never_lost(shell: Shell, mock: Mock) -> None:
    shell.write(HOUSE)
    mock.add_person("eve@contoso.com", "Eve", methods=("mobilePhone", "fido2"))
    with Path("/dev/full").open("wb") as full:
        reset = run_into(
            shell, full.fileno(), "mfa", "reset", "eve@contoso.com", "--reason", "INC1"
        )
    assert reset.code == 1
    for words in ("stdout: No space left", "deleted   passkey (FIDO2)", "sessions  ended"):
        assert words in reset.err, reset.err


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_stream_that_the_shell_has_closed_ends_nothing(
    stream: str, shell: Shell, mock: Mock
) -> None:
    shell.write(SMS_OFF)
    done = subprocess.run(
        ["sh", "-c", f'"$0" apply --auto-approve {stream}>&-', COMMAND],
        cwd=shell.folder,
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0
    assert mock.configuration("Sms", "v1.0")["state"] == "disabled"
    assert "internal error" not in done.stdout + done.stderr


@pytest.mark.parametrize("verb", ["plan", "drift"])
def test_one_run_writes_every_format_at_once(verb: str, shell: Shell, mock: Mock) -> None:
    shell.write(SMS_OFF)
    done = shell(verb, *(word for file in FILES for word in ("-o", file)))
    assert done.code == (2 if verb == "drift" else 0)
    assert done.out == ""
    said = {file: (shell.folder / file).read_text(encoding="utf-8") for file in FILES}
    assert said["plan.md"].startswith(f"<!-- graphpolicy:{verb} {{")
    # The end of Sms is a warning of the plan; a drift warns only about undoing it.
    drift = verb == "drift"
    counts = f"1 {'difference' if drift else 'to change'}, 0 errors, {0 if drift else 1} warning"
    assert counts in said["plan.md"]
    assert counts in said["plan.html"]
    digest = json.loads(said["plan.json"])["plans"][0]["digest"]
    assert digest in said["plan.md"]
    assert digest in said["plan.html"]
    results = json.loads(said["plan.sarif"])["runs"][0]["results"]
    assert [result["ruleId"] for result in results if result["ruleId"] == "setting-differs"]
    read = sorted(each.path for each in mock.requests if each.path.endswith("MethodsPolicy"))
    assert read == [f"/{each}/policies/authenticationMethodsPolicy" for each in ("beta", "v1.0")]


def test_links_lead_up_from_where_the_page_is(shell: Shell) -> None:
    shell.write(SMS_OFF)
    (shell.folder / "out").mkdir()
    shell("plan", "-o", "out/plan.html", "-o", "plan.html")
    inner, outer = ((shell.folder / name).read_text() for name in ("out/plan.html", "plan.html"))
    assert 'href="../policies/contoso.yaml#L6"' in inner
    assert 'href="policies/contoso.yaml#L6"' in outer


def test_on_github_links_lead_to_the_commit_under_review(shell: Shell) -> None:
    shell.write(SMS_OFF)
    head = "1a2b3c4d5e" * 4
    event = shell.write(json.dumps({"pull_request": {"head": {"sha": head}}}), "event.json")
    github = {
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "contoso/entra",
        "GITHUB_SHA": "f" * 40,
        "GITHUB_RUN_ID": "7",
        "GITHUB_EVENT_PATH": str(event),
    }
    text = shell("plan", "--format", "markdown", env=github).out
    address = f"https://github.example/contoso/entra/blob/{head}/policies/contoso.yaml#L6"
    assert address in text
    assert f"commit `{head[:12]}`" in text
    assert "[run](https://github.example/contoso/entra/actions/runs/7)" in text
    event.write_text("[]")
    assert "commit `ffffffffffff`" in shell("plan", "--format", "markdown", env=github).out


@pytest.mark.parametrize("format_", FORMATS)
def test_an_apply_says_in_every_format_what_became_of_it(
    format_: str, shell: Shell, mock: Mock
) -> None:
    shell.write(SMS_OFF)
    mock.add_fault("status", method="PATCH", status=400)
    done = shell("apply", "--auto-approve", "--confirm", "contoso", "--format", format_)
    assert done.code == 1
    assert "Graph refused PATCH" in done.out


@pytest.mark.parametrize("format_", ["markdown", "html", "sarif", "github"])
def test_files_that_are_wrong_are_told_in_every_format(format_: str, shell: Shell) -> None:
    shell.write("version: 1\nnonsense: 1\n")
    done = shell("plan", "--format", format_)
    assert done.code == 1
    assert "unknown-setting" in done.out


NOTED = "unmanaged: ignore\n" + policy(
    "MicrosoftAuthenticator:\n"
    "  includeTargets: [all_users, {group: Factory floor}]\n"
    "  featureSettings: {numberMatchingRequiredState: enabled}\n"
    "Sms: {excludeTargets: []}\n"
    "Voice: {excludeTargets: []}"
)
"""A file with three notes, two of them of one rule, which a plan alone can tell."""


def test_notes_of_one_rule_are_one_line_and_quiet_leaves_all_of_them_out(shell: Shell) -> None:
    shell.write(NOTED)
    files = ("-o", "out.json", "-o", "out.txt", "-o", "-")
    wrong = []
    for verb in ("plan", "drift"):
        loud, quiet = shell(verb, *files), shell(verb, "-q", *files)
        told: Any = json.loads((shell.folder / "out.json").read_text())["plans"][0]["findings"]
        notes = [each["rule"] for each in told if each["level"] == "note"]
        if verb == "drift":  # no record says since when the difference is there
            notes.remove("author-unknown")
        lines = [line for line in loud.out.splitlines() if line.startswith(("policies", "note"))]
        found = {
            "JSON keeps each": sorted(notes)
            == ["number-matching-enforced", "retiring-setting", "retiring-setting"],
            "one line for two": sum("note[retiring-setting]: 2 notes, " in one for one in lines)
            == 1
            and "note[number-matching-enforced]" in loud.out,
            "none with -q": "note[" not in quiet.text,
            "what remains": loud.out.splitlines()[-1] == quiet.out.splitlines()[-1],
            "nor in a file": "note[" not in (shell.folder / "out.txt").read_text(),
            "the same code": (loud.code, quiet.code) == ((2, 2) if verb == "drift" else (0, 0)),
        }
        wrong += [(verb, what, loud, quiet) for what, holds in found.items() if not holds]
    assert wrong == []


def test_every_format_of_a_plan_says_whom_it_reaches_and_names_nobody(shell: Shell) -> None:
    shell.write(policy("Sms:\n  state: disabled\nVoice:\n  state: disabled"))
    outputs = [word for file in FILES for word in ("-o", file)]
    done = shell("plan", "--impact", "--format", "github", *outputs)
    assert done.code == 6
    texts = {file: (shell.folder / file).read_text(encoding="utf-8") for file in FILES}
    impact = json.loads(texts["plan.json"])["plans"][0]["impact"]
    assert impact["without_mfa"] == 1
    said = "Of 12 people, 1 would have no method left that is good for multifactor authentication"
    assert said in texts["plan.md"].splitlines()[4]
    assert f"Impact: {said}" in texts["plan.txt"]
    assert texts["plan.html"].index(said) < texts["plan.html"].index("<table>")
    assert f"::notice title=graphpolicy impact::{said}" in done.out
    numbers = json.loads(texts["plan.sarif"])["runs"][0]["properties"]["impact"]
    assert [each["without_mfa"] for each in numbers.values()] == [1]
    for text in (done.text, *texts.values()):
        assert "@contoso.com" not in text


def test_a_plan_whose_people_can_not_be_read_shows_no_number(shell: Shell, mock: Mock) -> None:
    shell.write(policy("Sms:\n  state: disabled"))
    mock.add_fault("status", path_contains="userRegistrationDetails", status=403)
    done = shell("plan", "--impact", "--format", "github", "-o", "plan.md", "-o", "plan.sarif")
    assert done.code == 0
    assert "People could not be counted" in done.out
    head = (shell.folder / "plan.md").read_text(encoding="utf-8").splitlines()[:5]
    assert "People could not be counted" in head[-1]
    run = json.loads((shell.folder / "plan.sarif").read_text(encoding="utf-8"))["runs"][0]
    assert {each["without_mfa"] for each in run["properties"]["impact"].values()} == {None}
