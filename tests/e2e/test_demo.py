"""The guided tour: each scene does what it says and fits a terminal, and the end leads on."""

from __future__ import annotations

import os
import struct
from contextlib import suppress

import pytest

from graphpolicy.commands.demo import GO_ON, SCENES, Scene, stage, tail
from tests import warm
from tests.documentation import blocks
from tests.e2e.conftest import FORKS, Shell

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not FORKS, reason="each scene would be a process with a terminal"),
]


def shown(shell: Shell, scene: Scene) -> tuple[int, str]:
    """What a scene writes to a terminal of 80 columns, or into its file."""
    import fcntl
    import termios

    person, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**shell.environment, "TERM": "dumb"}
    del environment["COLUMNS"]
    with (
        open(os.devnull, "rb") as nothing,  # noqa: PTH123
        (shell.folder / (scene.into or "nothing.txt")).open("wb") as into,
    ):
        out = into.fileno() if scene.into else terminal
        code = warm.run(
            warm.address(),
            scene.arguments,
            environment=environment,
            folder=str(shell.folder),
            streams=[nothing.fileno(), out, terminal],
            timeout=60,
        )
    os.close(terminal)
    said = b""
    with suppress(OSError):  # Linux's end of a terminal
        while part := os.read(person, 65536):
            said += part
    os.close(person)
    return code, said.decode("utf-8").replace("\r\n", "\n") + tail(scene, shell.folder)


def test_each_scene_does_what_it_says_and_fits_a_terminal(bare: Shell) -> None:
    bare.folder = bare.folder / "tour"
    wrong = []
    with stage(bare.folder) as (mock, environment):
        bare.environment |= environment
        for scene in SCENES:
            if scene.before:
                scene.before(mock)
            code, text = shown(bare, scene)
            lines = sum(max(1, -(-len(line) // 80)) for line in text.splitlines())
            if code != scene.exit_code or lines > 57 or not text:  # and three of the tour's own
                wrong.append((scene.command, code, lines, text))
    assert wrong == []


def test_the_lines_that_lead_on_are_those_of_the_page_about_the_mock() -> None:
    pages = {
        "posix": blocks("sh", page="docs/mock.md"),
        "nt": blocks("powershell", page="docs/mock.md"),
    }
    assert [name for name, text in GO_ON.items() if not pages[name][0].text.startswith(text)] == []
