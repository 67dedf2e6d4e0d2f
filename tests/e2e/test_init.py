"""`graphpolicy init`: a repository that passes its own checks, and what it refuses."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from graphpolicy.mock import Mock
from tests.called import LONGEST
from tests.shell import COMMAND, Shell

pytestmark = pytest.mark.e2e

CONTOSO = "11111111-2222-4333-8444-555555555555"
ANSWERS = (
    *("--tenant-name", "contoso", "--tenant-id", CONTOSO, "--repository", "contoso/policy"),
    *("--pilot-group", "SG-MFA-Pilot-P", "--assisted-group", "Helpdesk-assisted users"),
    *("--emergency-access", "Break-glass accounts", "--owner", "@contoso/identity"),
)
HASH = "sha256:" + "0" * 64


@pytest.fixture
def empty(shell: Shell) -> Shell:
    """A shell in an empty folder, with a package index that can't be reached."""
    shell.environment["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple"
    return shell


def files(folder: Path) -> set[str]:
    skipped = (".git", "state")
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in skipped
    }


def checked(*command: str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def test_without_answers_it_asks_nothing_and_plan_refuses_each_placeholder(
    empty: Shell, mock: Mock
) -> None:
    done = empty("init")
    assert done.code == 0
    assert "next: fill in what is listed, then `graphpolicy validate`" in done.err
    assert {line.removeprefix("wrote ") for line in done.out.splitlines()} == files(empty.folder)
    assert empty("validate").code == 0
    for verb in (("plan",), ("drift",), ("apply", "--auto-approve"), ("doctor",)):
        refused = empty(*verb)
        assert refused.code == 1
        assert "policies/tenant.yaml:8:7: error[placeholder-left]" in refused.err
        assert refused.err.count("error[placeholder-left]") == 4
        assert "the tenant's directory id" in refused.err
    for others in (("pull",), ("tap", "list", "mia.lopez@contoso.com")):
        told = empty(*others)
        assert told.code == 1
        assert "is a placeholder" in told.err
    assert mock.requests == []


def test_with_every_answer_it_plans_applies_and_then_nothing_differs(empty: Shell) -> None:
    done = empty("init", *ANSWERS)
    assert done.code == 0
    assert "to fill in" not in done.err
    assert "next: `graphpolicy plan`" in done.err
    assert empty("validate").err == ""
    assert empty("plan", "--detailed-exitcode").code == 2
    assert empty("apply", "--auto-approve").code == 0
    assert empty("drift").code == 0


@pytest.mark.deep  # tests/unit/starter/test_workflows.py lints the workflows of every fleet
def test_what_it_writes_passes_the_linters_of_workflows(empty: Shell) -> None:
    empty("init", *ANSWERS)
    flows = [str(path) for path in (empty.folder / ".github/workflows").glob("*.yml")]
    assert flows
    schema = (program("check-jsonschema"), "--builtin-schema")
    checked(*schema, "vendor.github-workflows", *flows, folder=empty.folder)
    checked(*schema, "custom.github-workflows-require-timeout", *flows, folder=empty.folder)
    checked(
        *(program("zizmor"), "--offline", "--no-progress", "--strict-collection"),
        *("--persona", "auditor", ".github"),
        folder=empty.folder,
    )
    policy = [program("check-jsonschema"), "--schemafile", "policies/policy.schema.json"]
    checked(*policy, "policies/contoso.yaml", folder=empty.folder)


def test_from_a_tenant_a_plan_finds_nothing(empty: Shell, mock: Mock) -> None:
    done = empty("init", "--from-tenant", *ANSWERS)
    assert done.code == 0, done.text
    text = (empty.folder / "policies/contoso.yaml").read_text(encoding="utf-8")
    assert "  - group: Break-glass accounts\n" in text
    assert empty("plan", "--detailed-exitcode").code == 0
    mock.portal("Voice", {"state": "disabled"}, actor="ana@contoso.com")
    assert empty("drift").code == 2


def test_from_a_snapshot_a_plan_finds_nothing(empty: Shell, mock: Mock) -> None:
    assert empty("pull", "--snapshot", "taken.json", "--tenant", CONTOSO).code == 0
    mock.clear_requests()
    done = empty("init", "new", "--from", "taken.json")
    assert done.code == 0, done.text
    assert mock.requests == []
    file = "new/policies/tenant.yaml"
    assert "{group: " in (empty.folder / file).read_text(encoding="utf-8")
    assert empty("plan", file, "--detailed-exitcode").code == 0
    assert empty("init", "other", "--from", "taken.json", "--from-tenant").code == 64
    assert empty("init", "other", "--from", file).code == 1
    assert not (empty.folder / "other").exists()


def test_a_tenant_that_can_not_be_read_leaves_no_file_behind(empty: Shell) -> None:
    empty.environment["GRAPHPOLICY_ACCESS_TOKEN"] = "nonsense"
    done = empty("init", "--from-tenant", *ANSWERS)
    assert done.code == 4
    assert files(empty.folder) == set()


def test_a_file_that_is_there_is_never_overwritten(empty: Shell) -> None:
    empty.write("mine", "policies/contoso.yaml")
    empty.write("mine", "SETUP.md")
    before = files(empty.folder)
    done = empty("init", *ANSWERS)
    assert done.code == 1
    assert "SETUP.md, policies/contoso.yaml; nothing was written" in done.err
    assert files(empty.folder) == before


def test_files_that_a_new_repository_has_are_kept_and_their_lines_told(empty: Shell) -> None:
    empty.write("*.log\n", ".gitignore")
    empty.write("* @ana\n", ".github/CODEOWNERS")
    done = empty("init", "new", *ANSWERS)
    assert done.code == 0
    done = empty("init", *ANSWERS)
    assert done.code == 0
    assert "note: .gitignore already exists" in done.err
    assert "it should have: .graphpolicy/" in done.err
    assert "* @contoso/identity" in done.err
    assert (empty.folder / ".gitignore").read_text() == "*.log\n"
    again = empty("init", *ANSWERS)
    assert (again.code, again.out) == (0, "")


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--tenant-name", "a\nb"),
        ("--tenant-name", "a'; rm -rf ~; '"),
        ("--tenant-name", "../x"),
        ("--tenant", "../x"),
        ("--tenant-id", "contoso.com"),
        ("--repository", "contoso/$(id)"),
        ("--repository", "contoso"),
        ("--owner", "identity"),
        ("--owner", "@a @b"),
        ("--pilot-group", "a\n  b: c"),
        ("--emergency-access", "\u202ea"),
        ("--pilot-group", ""),
    ],
)
def test_an_answer_that_would_be_something_else_is_refused(
    empty: Shell, flag: str, value: str
) -> None:
    done = empty("init", flag, value)
    assert done.code == 64
    assert flag in done.err
    assert files(empty.folder) == set()


def test_the_remote_origin_says_which_repository_it_is(empty: Shell) -> None:
    for command in ("init -q .", "remote add origin git@github.com:contoso/entra.git"):
        subprocess.run(["git", *command.split()], cwd=empty.folder, check=True)
    assert empty("init").code == 0
    assert "repo:contoso/entra:environment:entra-plan" in (empty.folder / "SETUP.md").read_text()


def test_at_a_terminal_it_asks_and_enter_takes_what_stands_there(empty: Shell) -> None:
    master, terminal = pty.openpty()
    with subprocess.Popen(
        [COMMAND, "init", "--pilot-group", "SG-MFA-Pilot-P", "--owner", "@ana"],
        cwd=empty.folder,
        env=empty.environment,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.write(
            master, f"con toso\ncontoso\n{CONTOSO}\n\n\nbg@contoso.com, Break-glass\n".encode()
        )
        _out, told = process.communicate(timeout=LONGEST)
    os.close(master)
    os.close(terminal)
    assert process.returncode == 0, told
    assert "'con toso' is not a short name" in told
    text = (empty.folder / "policies/contoso.yaml").read_text()
    assert f"  id: {CONTOSO}\n" in text
    assert "  - user: bg@contoso.com\n  - group: Break-glass\n" in text
    assert "REPLACE-WITH-HELPDESK-ASSISTED-GROUP" in text
