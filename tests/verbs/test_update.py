"""pull --update as a process."""

from __future__ import annotations

import json

import pytest

from graphpolicy.mock import Mock
from tests.example import write_example
from tests.shell import Shell

ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def example(shell: Shell) -> Shell:
    write_example(shell.folder)
    return shell


OWN = """
# What production does otherwise.
authenticationMethodsPolicy:
    authenticationMethodConfigurations:
        Voice: {state: 'disabled'}  # CHG0042
"""


def test_a_tenants_file_is_brought_in_line_and_plans_to_nothing(example: Shell) -> None:
    file = example.folder / "policies" / "contoso.yaml"
    old = (file.read_bytes() + OWN.encode()).replace(b"\n", b"\r\n")
    file.write_bytes(old)
    base = (example.folder / "policies" / "baseline.yaml").read_bytes()
    done = example("pull", "--update")
    assert done.code == 0
    assert "policies/contoso.yaml:18:17: Voice.state: disabled -> enabled\n" in done.out
    assert (
        "TemporaryAccessPass.defaultLength: 12 characters -> 8 characters (overrides " in done.out
    )
    assert done.out.endswith("contoso: policies/contoso.yaml: 11 changed\n")
    assert (example.folder / "policies" / "baseline.yaml").read_bytes() == base
    new = file.read_bytes()
    lines = old.replace(b"'disabled'", b"'enabled'").splitlines(keepends=True)
    rest = iter(new.splitlines(keepends=True))
    assert all(line in rest for line in lines)
    assert example("plan", "--detailed-exitcode").code == 0
    again = example("pull", "--update", "policies/contoso.yaml", "--tenant", "contoso")
    assert (again.code, again.out) == (0, "contoso: policies/contoso.yaml: 0 changed\n")
    assert file.read_bytes() == new


def test_what_cannot_be_brought_in_line_is_told_and_exits_1(example: Shell, mock: Mock) -> None:
    mock.portal("Voice", {"state": "unknownFutureValue"})
    done = example("pull", "--update")
    assert done.code == 1
    assert "policies/baseline.yaml:45:7: error[not-updated]: Voice.state could not be" in done.err
    assert "Voice.state" in done.err.partition("help: ")[2]
    assert done.out.endswith("10 changed, 1 could not be updated\n")
    assert example("plan").out.count("Voice") > 0


@pytest.mark.parametrize("arguments", [("--update", "-o", "x.yaml"), ("policies",)])
def test_flags_that_contradict_each_other_are_refused(
    example: Shell, arguments: tuple[str, ...]
) -> None:
    done = example("pull", *arguments)
    assert done.code == 64
    assert "--update" in done.err


def test_wrong_files_are_told_before_anything_is_asked(example: Shell, mock: Mock) -> None:
    example.write("version: 1\ntenant: {}\n")
    mock.clear_requests()
    done = example("pull", "--update")
    assert done.code == 1
    assert "missing-key" in done.err
    assert mock.requests == []


def test_what_was_saved_of_a_tenant_becomes_a_policy_without_credentials(
    shell: Shell, mock: Mock
) -> None:
    answer = mock.ask("GET", "/beta/policies/authenticationMethodsPolicy").body
    (shell.folder / "answer.json").write_text(json.dumps(answer), encoding="utf-16")
    folder = shell.folder / "Export" / "AuthenticationMethodConfigurations"
    folder.mkdir(parents=True)
    (folder / "Other.json").write_text('{"id": "11", "displayName": "A group"}', encoding="utf-8")
    for item in answer["authenticationMethodConfigurations"]:
        text = json.dumps(item, indent=2)
        (folder / f"{item['id']}.json").write_text(text, encoding="utf-8-sig")
    nobody = {"GRAPHPOLICY_ACCESS_TOKEN": "", "AZURE_TENANT_ID": ID}
    mock.clear_requests()
    for saved, name in (("answer.json", "a.yaml"), ("Export", "b.yaml")):
        done = shell("pull", "--from", saved, "-o", name, env=nobody)
        assert done.code == 0, done.err
    assert mock.requests == []
    for name in ("a.yaml", "b.yaml"):
        assert shell("plan", name, "--detailed-exitcode").code == 0
    bare = shell("pull", "--from", "answer.json", env={"GRAPHPOLICY_ACCESS_TOKEN": ""})
    assert bare.code == 0
    assert "note: the tenant is not known: replace " in bare.err
    assert shell("pull", "--from", "a.yaml").code == 1
    assert shell("pull", "--from", "answer.json", "--update").code == 64
