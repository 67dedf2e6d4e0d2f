"""`help`, the examples of each verb, and what the Tab key proposes."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from graphpolicy.cli import main
from graphpolicy.cli.completion import PROGRAM, SHELLS, VARIABLE, PowerShell
from graphpolicy.cli.examples import EXAMPLES
from graphpolicy.cli.help import ENVIRONMENT, EXITS
from graphpolicy.cli.verbs import VERBS, cli
from graphpolicy.commands.defaults import KEYS, OTHERS, variable
from graphpolicy.model.errors import Exit
from tests.unit.cli.test_command import problem

ROOT = Path(__file__).parents[3]
ID = "11111111-2222-4333-8444-555555555555"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def commands() -> dict[str, click.Command]:
    """Every verb, and every verb below one, by its words."""
    found: dict[str, click.Command] = {}
    for name in VERBS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        found[name] = command
        below = command.commands if isinstance(command, click.Group) else {}
        found |= {f"{name} {word}": each for word, each in below.items()}
    return found


def test_each_verb_has_two_examples_that_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    every = commands()
    assert EXAMPLES.keys() == every.keys()
    wrong = {
        words: why
        for examples in EXAMPLES.values()
        for words in examples
        if (why := problem(words.partition(" >")[0])) or len(f"  graphpolicy {words}") > 78
    }
    assert wrong == {}
    for name, examples in EXAMPLES.items():
        assert len({*examples}) == 2
        assert all(words.split()[0] == name.split()[0] for words in examples)
    assert run("plan", "--help") == 0
    shown = capsys.readouterr().out
    assert all(f"  graphpolicy {words}\n" in shown for words in EXAMPLES["plan"])


def test_help_of_a_verb_is_its_help_and_help_alone_is_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in (("plan",), ("tap", "issue"), ("rollout", "open")):
        assert run(*words, "--help") == 0
        expected = capsys.readouterr().out
        assert run("help", *words) == 0
        assert capsys.readouterr().out == expected
    for words in (("plann",), ("tap", "isue"), ("plan", "x")):
        assert run("help", *words) == 64
    capsys.readouterr()
    assert run("help") == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in (*VERBS, *map(str, map(int, Exit))))


def test_help_has_each_exit_code_and_variable_that_there_is() -> None:
    assert {*EXITS} == {*Exit}
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8").replace("`", "")
    told = re.findall(r"^\| ([\d, ]+) \| (.*) \|$", page, re.MULTILINE)
    documented = {
        code: words
        for codes, meanings in told
        for code, words in zip(
            codes.split(", "), meanings.split(", ") if "," in codes else [meanings], strict=True
        )
    }
    assert documented == {str(int(code)): words for code, words in EXITS.items()}
    read = {
        name
        for path in (ROOT / "graphpolicy").rglob("*.py")
        for name in re.findall(r"\"(GRAPHPOLICY_[A-Z_]+[A-Z])\"", path.read_text(encoding="utf-8"))
    }
    assert read <= {*ENVIRONMENT, *map(variable, KEYS)}
    assert {*OTHERS} <= {*ENVIRONMENT}


def proposals(*words: str) -> list[str]:
    *before, begun = words
    found = PowerShell(cli, {}, PROGRAM, VARIABLE).get_completions(before, begun)
    return [one.value for one in found]


def test_the_tab_key_proposes_verbs_tenants_rules_and_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policies").mkdir()
    for number, name in enumerate(("contoso", "contoso-test", "fabrikam"), 1):
        text = f"version: 1\ntenant: {{name: {name}, id: {str(number) * 8}{ID[8:]}}}\n"
        (tmp_path / "policies" / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert proposals("comp") == ["completion"]
    assert proposals("plan", "--form") == ["--format"]
    assert proposals("plan", "--format", "js") == ["json", "jsonl"]
    assert {*proposals("plan", "--tenant", "cont")} == {"contoso", "contoso-test"}
    assert proposals("plan", "--tenant", "fabrikam,fab") == ["fabrikam,fabrikam"]
    assert proposals("apply", "--allow", "weak-m") == ["weak-method-enabled"]
    assert proposals("plan", "--only", "sms.s") == ["Sms.state"]
    assert "registrationEnforcement" in proposals("plan", "--only", "registrationEnf")
    assert proposals("explain", "weak-m") == ["weak-method-enabled"]
    assert proposals("docs", "gloss") == ["glossary"]
    assert proposals("tap", "iss") == ["issue"]
    assert proposals("help", "grou") == ["groups"]
    elsewhere = tmp_path / "elsewhere" / "deep"
    elsewhere.mkdir(parents=True)
    (elsewhere.parent / "policies").mkdir()
    monkeypatch.chdir(elsewhere.parent)
    assert proposals("plan", "--tenant", "fab") == []
    assert proposals("plan", "-C", "..", "--tenant", "fab") == ["fabrikam"]
    assert proposals("-C", "deep", "plan", "-C", "../..", "--tenant", "fab") == ["fabrikam"]
    assert Path.cwd() == elsewhere.parent
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies" / "contoso.yaml").write_text("{", encoding="utf-8")
    assert proposals("plan", "--tenant", "fab") == ["fabrikam"]
    (tmp_path / "graphpolicy.toml").write_text("paths = ['gone']", encoding="utf-8")
    assert proposals("plan", "--tenant", "fab") == []


def test_the_tab_key_completes_every_file_and_folder() -> None:
    kinds = {"FILE": "file", "SNAPSHOT": "file", "DIR": "dir", "FOLDER": "dir"}
    places = [
        (words, parameter, kinds[last])
        for words, command in commands().items()
        for parameter in command.params
        for last in [(parameter.metavar or "").strip("[]").rpartition("|")[2]]
        if last in kinds
    ]
    assert len(places) > 100
    for words, parameter, kind in places:
        found = parameter.shell_complete(click.Context(commands()[words]), "be")
        proposed = [(one.value, one.type) for one in found]
        assert proposed == [("be", kind)], (words, parameter.name)


def test_each_shell_has_a_script_and_gets_proposals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for shell in SHELLS:
        assert run("completion", shell) == 0
        script = capsys.readouterr().out
        assert VARIABLE in script
        assert f"{shell}_complete" in script
        assert "%(" not in script
    assert run("completion", "tcsh") == 64
    capsys.readouterr()
    monkeypatch.setenv("COMP_CWORD", "comp")
    monkeypatch.setenv(VARIABLE, "powershell_complete")
    monkeypatch.setenv("COMP_WORDS", "graphpolicy")
    assert run() == 0
    assert capsys.readouterr().out == f"completion\t{VERBS['completion']}\n"
    monkeypatch.setenv(VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "graphpolicy comp")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert run() == 0
    assert capsys.readouterr().out == "plain,completion\n"
