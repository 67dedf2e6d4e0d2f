"""The file for a pass: new, for its owner only, and a true message if it can't be written."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graphpolicy.cli import tap
from graphpolicy.cli.helpdesk import SecretFile, _unseen
from graphpolicy.model.errors import GraphPolicyError


def test_a_file_that_fills_the_disk_says_that_the_pass_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pass.txt"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with SecretFile(str(file)) as kept:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(
            GraphPolicyError, match="No space left on device; the pass was made"
        ) as caught:
            kept.write("a pass")
    assert caught.value.help == "issue another in its place"
    assert not file.exists()


def put_link(file: Path, other: Path) -> None:
    file.unlink()
    file.symlink_to(other)


def put_file(file: Path, _: Path) -> None:
    file.unlink()
    file.write_text("", encoding="utf-8")


@pytest.mark.parametrize("swap", [put_link, put_file])
def test_what_takes_the_place_of_the_file_never_receives_the_pass(
    tmp_path: Path, swap: Callable[[Path, Path], None]
) -> None:
    file, other = tmp_path / "pass.txt", tmp_path / "other.txt"
    other.write_text("", encoding="utf-8")
    with SecretFile(str(file)) as kept:
        kept.check()
        swap(file, other)
        with pytest.raises(GraphPolicyError, match="no pass was made"):
            kept.check()
        with pytest.raises(GraphPolicyError, match="the pass was made") as caught:
            kept.write("a pass")
    assert caught.value.help == "issue another in its place"
    assert file.read_text(encoding="utf-8") == other.read_text(encoding="utf-8") == ""


def test_a_link_to_nowhere_is_no_new_file(tmp_path: Path) -> None:
    file = tmp_path / "pass.txt"
    file.symlink_to(tmp_path / "other.txt")
    with pytest.raises(GraphPolicyError, match="exists"), SecretFile(str(file)):
        pass
    assert not (tmp_path / "other.txt").exists()


def test_a_stream_that_nobody_sees_is_told(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    assert _unseen(writer) == ""
    os.close(reader)
    assert "no reader" in _unseen(writer)
    os.close(writer)
    assert "can't be written" in _unseen(writer)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        assert "discarded" in _unseen(nowhere.fileno())
    with (tmp_path / "file").open("w", encoding="utf-8") as file:
        assert _unseen(file.fileno()) == ""
    if sys.platform == "linux":
        with Path("/dev/full").open("w", encoding="utf-8") as full:
            assert "can't be written" in _unseen(full.fileno())


@pytest.mark.parametrize(
    ("format_", "reveal", "stream", "fix"),
    [
        ("text", False, "stdout", "open it, or write the pass to a file with --out FILE"),
        ("json", False, "stderr", "open it, or use --reveal or --out FILE"),
        ("json", True, "stdout", "open it, or write the pass to a file with --out FILE"),
    ],
)
def test_the_stream_that_would_show_the_pass_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, format_: str, reveal: bool, stream: str, fix: str
) -> None:
    looked: list[object] = []
    monkeypatch.setattr(tap, "check_shown", lambda *about: looked.extend(about))
    tap._check_stream(format_, reveal=reveal)
    assert looked == [getattr(sys, stream), fix]
