"""Flags that make no sense are refused before anything is read or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.cli import main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("apply", "--auto-approve", "--tenant", ""),
        ("--tenant", " ", "plan"),
        ("apply", "--resume", ""),
        ("rollback", ""),
        ("rollback", "--to", ""),
        ("history", ""),
        ("plan", "--state-dir", ""),
    ],
    ids=" ".join,
)
def test_an_unset_variable_of_the_shell_does_not_mean_everything(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 64
    assert "the value is empty; a variable may be unset" in capsys.readouterr().err


def test_a_time_that_never_ends_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("apply", "--verify-timeout", "nan") == 64
    assert "not a number of seconds" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_files_to_write_are_looked_for_where_the_run_is(
    verb: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """-C may stand behind the verb, and behind -o."""
    (folder / "there" / "out").mkdir(parents=True)
    (folder / "here").mkdir()
    assert run(verb, "-o", "here/x.json", "-C", "there") == 64
    assert "its folder does not exist" in capsys.readouterr().err
    monkeypatch.chdir(folder)
    assert run(verb, "-o", "out/x.json", "-C", "there") == 1  # no policies
    assert "its folder does not exist" not in capsys.readouterr().err


def test_pull_too_looks_before_it_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("pull", "-o", "nowhere/contoso.yaml") == 64
    assert "its folder does not exist" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run("mock", "--port", str(port)) == 1
    assert f"port {port} can't be used" in capsys.readouterr().err
