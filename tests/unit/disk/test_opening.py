"""Files that are written: never through a link, never another user's, whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from graphpolicy.disk.opening import (
    NewFile,
    UnsafePathError,
    append_record,
    open_record,
    read_record,
)
from graphpolicy.disk.output_files import check_output, replacing, write_file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def append(path: Path) -> None:
    append_record(path, {})


def replace(path: Path) -> None:
    write_file(str(path), "new")


def check(path: Path) -> None:
    check_output(str(path))


WAYS = pytest.mark.parametrize("write", [append, replace, check])
Way = Callable[[Path], None]


@WAYS
@pytest.mark.parametrize("there", [True, False], ids=["leads to a file", "leads nowhere"])
def test_a_link_is_refused_and_what_it_leads_to_is_as_it_was(
    tmp_path: Path, write: Way, *, there: bool
) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    if there:
        target.write_text("theirs\n", encoding="utf-8")
    link.symlink_to(target)
    with pytest.raises(UnsafePathError, match="link") as caught:
        write(link)
    assert caught.value.filename == str(link)
    assert caught.value.help
    assert link.is_symlink()
    assert target.exists() == there
    assert not there or target.read_text(encoding="utf-8") == "theirs\n"


@WAYS
def test_a_file_of_another_user_is_refused(
    tmp_path: Path, write: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("theirs\n", encoding="utf-8")
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1, raising=False)
    with pytest.raises(UnsafePathError, match="another user"):
        write(file)
    assert file.read_text(encoding="utf-8") == "theirs\n"


@WAYS
def test_without_the_flags_and_users_of_posix_a_link_is_refused_as_well(
    tmp_path: Path, write: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    monkeypatch.setattr("graphpolicy.disk.opening.NO_FOLLOW", 0)
    monkeypatch.delattr(os, "geteuid", raising=False)
    file, link = tmp_path / "file", tmp_path / "link"
    write(file)
    write(file)
    file.touch()
    link.symlink_to(file)
    with pytest.raises(UnsafePathError):
        write(link)


@WAYS
def test_a_folder_in_the_place_of_a_file_is_said(tmp_path: Path, write: Way) -> None:
    with pytest.raises(IsADirectoryError):
        write(tmp_path)


def test_a_pipe_is_no_record_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for use in (append, read_record):
        with pytest.raises(UnsafePathError, match="not a regular file"):
            use(tmp_path / "pipe")


def test_a_record_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(mode=0o644)
    append(file)
    assert mode(file) == 0o600


def test_a_record_that_is_exchanged_while_it_is_opened_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = tmp_path / "file", tmp_path / "other"
    file.touch()
    other.write_text("theirs\n", encoding="utf-8")
    opened = os.open

    def exchanged(path: Path, flags: int, mode: int = 0o777) -> int:
        if not flags & os.O_EXCL:
            other.replace(path)
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", exchanged)
    with pytest.raises(UnsafePathError, match="replaced"):
        open_record(file)
    assert file.read_text(encoding="utf-8") == "theirs\n"


class TestNewFile:
    def test_it_is_its_owners_alone_and_stays_only_where_it_was_written(
        self, tmp_path: Path
    ) -> None:
        file = tmp_path / "file"
        before = os.umask(0)
        try:
            with NewFile(str(file)):
                assert mode(file) == 0o600
            assert not file.exists()
            with NewFile(str(file)) as new:
                new.write("größe\n")
        finally:
            os.umask(before)
        assert (file.read_bytes(), mode(file)) == ("größe\n".encode(), 0o600)

    @pytest.mark.parametrize("kind", ["file", "link", "dangling link"])
    def test_what_lies_there_is_left_alone(self, tmp_path: Path, kind: str) -> None:
        target = place = tmp_path / "target"
        if kind != "dangling link":
            target.write_text("theirs\n", encoding="utf-8")
        if kind != "file":
            place = tmp_path / "place"
            place.symlink_to(target)
        with pytest.raises(FileExistsError):
            NewFile(str(place))
        assert place.is_symlink() == (kind != "file")
        assert target.exists() == (kind != "dangling link")

    def test_a_link_that_is_put_in_its_place_meanwhile_gets_nothing(self, tmp_path: Path) -> None:
        file, target = tmp_path / "file", tmp_path / "target"
        with pytest.raises(UnsafePathError, match="replaced"), NewFile(str(file)) as new:  # noqa: PT012
            file.unlink()
            file.symlink_to(target)
            new.write("a pass")
        assert file.is_symlink()
        assert not target.exists()

    def test_one_that_can_not_be_written_is_removed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"), NewFile(str(tmp_path / "file")) as new:
            new.write("half")
        assert list(tmp_path.iterdir()) == []


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class TestOutput:
    def test_a_new_file_is_its_owners_alone_and_an_old_one_keeps_its_permissions(
        self, tmp_path: Path
    ) -> None:
        old, new = tmp_path / "old", tmp_path / "new"
        old.write_text("a longer text than the new one", encoding="utf-8")
        old.chmod(0o640)
        for file in (old, new):
            replace(file)
            assert file.read_text(encoding="utf-8") == "new"
        assert (mode(old), mode(new)) == (0o640, 0o600)

    def test_a_disk_that_is_full_leaves_what_was_there_and_nothing_beside(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "file"
        file.write_text("old", encoding="utf-8")
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space") as caught:
            replace(file)
        assert caught.value.filename == str(file)
        assert list(tmp_path.iterdir()) == [file]
        assert file.read_text(encoding="utf-8") == "old"

    def test_a_device_is_written_to_as_it_is(self) -> None:
        check_output(os.devnull)
        write_file(os.devnull, "text")
        with pytest.raises(OSError, match="No space"):
            write_file("/dev/full", "text")

    def test_a_pipe_waits_for_its_reader(self, tmp_path: Path) -> None:
        pipe, read = tmp_path / "pipe", list[str]()
        os.mkfifo(pipe)
        reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
        reader.start()
        replace(pipe)
        reader.join()
        assert read == ["new"]
        assert stat.S_ISFIFO(pipe.stat().st_mode)

    @pytest.mark.parametrize("denied", ["folder", "file"])
    def test_what_may_not_be_written_is_known_before(
        self, tmp_path: Path, denied: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "file"
        file.touch()
        barred = str(file if denied == "file" else tmp_path)
        monkeypatch.setattr(os, "access", lambda path, _: str(path) != barred)
        with pytest.raises(PermissionError):
            check(file)

    def test_a_folder_that_is_missing_is_known_before(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            check(tmp_path / "missing" / "file")


def test_a_file_that_is_written_in_pieces_replaces_the_old_one_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "plans.jsonl"
    file.write_text("old\n", encoding="utf-8")
    with suppress(KeyboardInterrupt), replacing(str(file)) as write:
        write("one\n")
        raise KeyboardInterrupt
    assert file.read_text(encoding="utf-8") == "old\n"
    with replacing(str(file)) as write:
        write("one\n")
        write("two\n")
        assert file.read_text(encoding="utf-8") == "old\n"
    assert file.read_text(encoding="utf-8") == "one\ntwo\n"
    assert [each.name for each in tmp_path.iterdir()] == ["plans.jsonl"]
