"""`validate` and its formats, on stdout and in files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from graphpolicy.cli import main

WRONG = "version: 1\nowner: me\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with policies in a folder of its own, and one mistake in them."""
    (tmp_path / ".git").mkdir()
    policies = tmp_path / "entra" / "policies"
    policies.mkdir(parents=True)
    (policies / "contoso.yaml").write_text(WRONG, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "entra")
    return tmp_path


def test_a_policy_comes_in_on_standard_input() -> None:
    command = [sys.executable, "-m", "graphpolicy", "validate", "-"]
    done = subprocess.run(command, input=WRONG, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("-:2:1: error[unknown-setting]: a policy file has no key 'owner'")
    closed = subprocess.run(
        [*command, "--format", "json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    (finding,) = json.loads(closed.stdout)["findings"]
    assert finding["rule"] == "yaml-empty"


def test_what_is_about_a_file_as_a_whole_has_no_line_anywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outputs = ("-o", "-", "-o", "found.sarif", "-o", "found.json")
    assert run("gone.yaml", *outputs) == 1
    assert capsys.readouterr().out.startswith("gone.yaml: error[missing-file]: there is no such")
    (finding,) = json.loads(Path("found.json").read_text(encoding="utf-8"))["findings"]
    assert finding["source"] == {"file": "gone.yaml", "line": None, "column": None}
    [result] = json.loads(Path("found.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    assert run("gone.yaml", "--format", "github") == 1
    assert capsys.readouterr().out.startswith("::error file=entra/gone.yaml,title=graphpolicy")


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["validate", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_text_names_files_as_they_were_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("policies/contoso.yaml") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "policies/contoso.yaml:2:1: error[unknown-setting]: a policy file has no key 'owner'"
    )
    assert lines[-1] == "1 file, 1 error, 0 warnings"


def test_github_names_files_as_the_repository_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--format", "github", "policies/contoso.yaml") == 1
    start = (
        "::error file=entra/policies/contoso.yaml,line=2,col=1,title=graphpolicy unknown-setting"
    )
    assert capsys.readouterr().out.startswith(f"{start}::a policy file has no key 'owner'%0Ahelp: ")


def test_a_file_has_the_format_of_its_suffix_beside_what_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = ("found.sarif", "found.json", "found.txt")
    options = [option for name in names for option in ("-o", name)]
    assert run("--format", "github", "--color", "always", *options, "policies/contoso.yaml") == 1
    assert capsys.readouterr().out.startswith("::error ")
    sarif, plain, text = (Path(name).read_text(encoding="utf-8") for name in names)
    [result] = json.loads(sarif)["runs"][0]["results"]
    where = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where["uri"] == "entra/policies/contoso.yaml"
    assert json.loads(plain)["findings"][0]["rule"] == "unknown-setting"
    assert text.startswith("policies/contoso.yaml:2:1: error[unknown-setting]: ")


def test_a_suffix_that_the_verb_has_no_format_for_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("-o", "found.html", "policies/contoso.yaml") == 64
    assert "found.html: the suffix must be one of .json, " in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["plan", "-o", "plan.pdf", "policies/contoso.yaml"])
    assert ended.value.code == 64
    assert "one of .html, .json, .jsonl, .md, .sarif, .txt." in capsys.readouterr().err


def test_notes_of_one_rule_are_one_line_and_quiet_leaves_them_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features = "".join(
        f"          {name}: {{state: enabled, includeTarget: {{group: Pilot}}}}\n"
        for name in (
            "displayAppInformationRequiredState",
            "displayLocationInformationRequiredState",
        )
    )
    (folder / "entra/policies/contoso.yaml").write_text(
        "version: 1\ntenant: {id: 11111111-2222-4333-8444-555555555555}\n"
        "authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
        "    Sms: {state: enabled}\n"
        "    MicrosoftAuthenticator:\n      includeTargets: [{group: Everybody}]\n"
        f"      featureSettings:\n{features}".replace("          ", "        "),
        encoding="utf-8",
    )
    assert run("-o", "all.json", "-o", "-") == 0
    warned, _, noted, last = capsys.readouterr().out.splitlines()
    assert "warning[retiring-setting]" in warned
    assert "note[feature-outside-method]: 2 notes, " in noted
    assert run("-q") == 0
    assert capsys.readouterr().out.splitlines() == [warned, _, last]
    found = json.loads(Path("all.json").read_text(encoding="utf-8"))["findings"]
    assert [each["level"] for each in found] == ["warning", "note", "note"]
