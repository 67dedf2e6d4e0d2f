"""The verb demo: when it waits, and what it says about a scene that failed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from graphpolicy.cli import main
from graphpolicy.commands import demo
from graphpolicy.commands.demo import Scene

Run = Callable[..., tuple[object, int]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The tour with two scenes that only print; its exit code, and its pauses."""
    scenes = (Scene("first", ("validate",)), Scene("last", ("drift",), 2))
    monkeypatch.setattr(demo, "SCENES", scenes)

    def tour(
        *arguments: str, last: int = 2, key: Callable[[], object] = lambda: "x"
    ) -> tuple[object, int]:
        codes = {"first": 0, "last": last}
        monkeypatch.setattr(demo, "play", lambda scene, *_, **__: codes[scene.why])
        pauses: list[bool] = []

        def pressed() -> object:
            pauses.append(True)
            return key()

        monkeypatch.setattr(click, "getchar", pressed)
        for stream in (sys.stdin, sys.stdout):
            monkeypatch.setattr(stream, "isatty", lambda: True)
        with pytest.raises(SystemExit) as ended:
            main(["demo", str(tmp_path / "tour"), *arguments])
        return ended.value.code, len(pauses)

    return tour


def test_it_waits_between_scenes_unless_it_is_told_not_to(run: Run) -> None:
    assert run() == (0, 1)
    assert run("--no-pause") == (0, 0)


def test_ctrl_c_at_a_pause_ends_the_tour(run: Run) -> None:
    def pressed() -> object:
        raise KeyboardInterrupt

    assert run(key=pressed) == (130, 1)


def test_a_scene_that_ends_otherwise_ends_the_tour(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(last=0) == (1, 1)
    assert "expected exit code 2 here, not 0" in capsys.readouterr().err
