"""Policies and records are found from any folder below them, and never those of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.disk.home import policies_path, state_path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    for path in ("policies/emea", "docs/deep"):
        (folder / path).mkdir(parents=True)
    return folder


@pytest.mark.parametrize("git", [True, False])
@pytest.mark.parametrize(
    ("here", "policies", "state"),
    [
        (".", "policies", ".graphpolicy"),
        ("docs/deep", "../../policies", "../../.graphpolicy"),
        ("policies", ".", "../.graphpolicy"),
        ("policies/emea", "..", "../../.graphpolicy"),
    ],
)
def test_both_are_found_from_below(
    here: str, policies: str, state: str, *, git: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if git:
        (home / ".git").mkdir()
    monkeypatch.chdir(home / here)
    assert (policies_path(), state_path()) == (policies, state)


def test_records_that_are_here_already_stay_here(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "docs" / ".graphpolicy").mkdir()
    monkeypatch.chdir(home / "docs")
    assert state_path() == ".graphpolicy"


def test_the_top_of_a_repository_is_the_end(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "docs" / ".git").mkdir()
    monkeypatch.chdir(home / "docs" / "deep")
    assert (policies_path(), state_path()) == ("policies", ".graphpolicy")


def test_a_repository_may_be_the_folder_of_policies_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "policies" / ".git").mkdir()
    monkeypatch.chdir(home / "policies" / "emea")
    assert (policies_path(), state_path()) == ("..", "../.graphpolicy")


def test_without_git_a_folder_that_others_can_write_to_is_not_searched(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.chmod(0o777)
    monkeypatch.chdir(home / "docs")
    assert (policies_path(), state_path()) == ("policies", ".graphpolicy")
    (home / ".git").mkdir()
    assert policies_path() == "../policies"
