"""Folders for records: for their owner only, not behind a link, not tracked by git."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from graphpolicy.disk.folders import (
    check_state_folder,
    no_link_between,
    refuse_tracked,
    state_folder,
)
from graphpolicy.disk.opening import UnsafePathError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that is the current folder."""
    here = tmp_path / "repository"
    here.mkdir()
    monkeypatch.chdir(here)
    git("init", "-q")
    return here


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout


def test_a_new_folder_is_its_owners_alone_and_git_ignores_it(repository: Path) -> None:
    before = os.umask(0)
    try:
        state_folder("deep/.graphpolicy")
    finally:
        os.umask(before)
    assert {mode(repository / "deep"), mode(repository / "deep/.graphpolicy")} == {0o700}
    (repository / "deep/.graphpolicy/helpdesk.jsonl").touch()
    assert git("status", "--porcelain", "-uall") == ""


def test_outside_of_a_repository_a_folder_holds_records_alone(tmp_path: Path) -> None:
    assert list(state_folder(str(tmp_path / "state")).iterdir()) == []


def test_the_default_folder_of_an_earlier_release_is_closed_to_others(tmp_path: Path) -> None:
    for name, closed in ((".graphpolicy", 0o700), ("chosen", 0o755)):
        (tmp_path / name).mkdir(mode=0o755)
        assert mode(state_folder(str(tmp_path / name))) == closed


@pytest.mark.parametrize("there", [True, False], ids=["leads to a folder", "leads nowhere"])
@pytest.mark.parametrize("prepared", [".graphpolicy", "above/.graphpolicy"])
def test_a_link_is_refused_and_nothing_is_made_behind_it(
    repository: Path, prepared: str, *, there: bool
) -> None:
    outside = repository.parent / "outside"
    if there:
        outside.mkdir()
    Path(prepared.partition("/")[0]).symlink_to(outside)
    for use in (check_state_folder, state_folder):
        with pytest.raises(UnsafePathError, match="is a link"):
            use(prepared)
    assert (list(outside.iterdir()) == []) if there else not outside.exists()


def test_links_above_are_the_users_own_where_they_stay_inside_or_are_named_in_full(
    repository: Path,
) -> None:
    for target in (repository / "inside", repository.parent / "outside"):
        target.mkdir()
        Path(target.name + "-link").symlink_to(target)
    state_folder("inside-link/state")
    state_folder(str(repository / "outside-link" / "state"))


def test_a_folder_with_files_that_git_tracks_is_refused(repository: Path) -> None:
    records = repository / ".graphpolicy"
    records.mkdir()
    (records / "helpdesk.jsonl").touch()
    (repository / "helpdesk.jsonl").touch()
    git("add", "helpdesk.jsonl", ".graphpolicy")
    with pytest.raises(
        UnsafePathError, match=r"git tracks \.graphpolicy/helpdesk\.jsonl"
    ) as caught:
        check_state_folder(".graphpolicy")
    assert "git rm -r --cached .graphpolicy" in caught.value.help
    state_folder("other")


def test_a_file_that_git_tracks_is_refused_also_where_it_is_not_there_now(
    repository: Path,
) -> None:
    Path("pass.txt").touch()
    git("add", "pass.txt")
    Path("pass.txt").unlink()
    with pytest.raises(UnsafePathError, match="git tracks"):
        refuse_tracked(Path("pass.txt"))
    refuse_tracked(Path("other.txt"))


def test_where_git_can_not_say_what_it_tracks_the_folder_is_refused(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "state").mkdir()
    (repository / "state-2").mkdir()
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "")
        with pytest.raises(UnsafePathError, match="git failed to say"):
            check_state_folder("state")
    shutil.rmtree(repository / ".git")
    (repository / ".git").touch()
    with pytest.raises(UnsafePathError, match="git failed to say"):
        check_state_folder("state-2")


def test_a_file_in_its_place_and_another_users_folder_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        check_state_folder(str(tmp_path / "file"))
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1, raising=False)
    with pytest.raises(UnsafePathError, match="another user"):
        check_state_folder(str(tmp_path))


def test_a_path_that_leads_through_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inner" / "more").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "inner")
    no_link_between(tmp_path, tmp_path / "inner" / "more" / "file")
    no_link_between(tmp_path / "link", tmp_path / "link" / "file")
    for path in ("link/file", "link/more/file"):
        with pytest.raises(UnsafePathError, match="link"):
            no_link_between(tmp_path, tmp_path / path)
