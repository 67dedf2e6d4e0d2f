"""A file's bytes are replaced completely or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphpolicy.model import Finding
from graphpolicy.policyfile.files import replace_bytes


def test_a_file_keeps_its_permissions_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"old")
    file.chmod(0o640)
    permissions = file.stat().st_mode  # Windows keeps none but whether a file may be written
    assert replace_bytes(str(file), b"old", b"new\r\n") is None
    assert file.read_bytes() == b"new\r\n"
    assert file.stat().st_mode == permissions
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "a.yaml", tmp_path / "b.yaml"
    file.write_bytes(b"old")
    link.symlink_to("a.yaml")
    assert replace_bytes(str(link), b"old", b"new") is None
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_what_somebody_else_has_changed_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"theirs")
    found = replace_bytes(str(file), b"old", b"new")
    assert isinstance(found, Finding)
    assert found.rule == "file-changed"
    assert file.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [file]


def test_a_write_that_breaks_off_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    found = replace_bytes(str(file), b"old", b"new")
    assert isinstance(found, Finding)
    assert found.message == "can't be written: No space left on device"
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    found = replace_bytes(str(tmp_path / "gone" / "a.yaml"), b"old", b"new")
    assert isinstance(found, Finding)
    assert found.rule == "unwritable-file"
