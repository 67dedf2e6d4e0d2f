"""The file for a pass: new, its owner's alone, and a true word where it can't be written."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from graphpolicy.cli.desk import Kept


def test_a_file_that_fills_the_disk_says_that_the_pass_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pass.txt"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with Kept(str(file)) as kept:
        monkeypatch.setattr(Path, "open", full)
        with pytest.raises(
            click.ClickException, match="No space left on device; the pass was made"
        ):
            kept.write("a pass")
    assert not file.exists()
