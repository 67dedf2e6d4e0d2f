"""The guided tour at a terminal: each scene does what it says and fits, and the end leads on."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from contextlib import suppress

import pytest

from graphpolicy.commands.demo import GO_ON, SCENES
from tests.documentation import blocks
from tests.e2e.conftest import COMMAND, Shell

pytestmark = pytest.mark.e2e


@pytest.mark.skipif(sys.platform == "win32", reason="it has no terminals of this kind")
def test_the_tour_shows_the_whole_way_at_a_terminal_of_80_columns(bare: Shell) -> None:
    import fcntl
    import termios

    (bare.folder / "tour").mkdir()  # somebody's: it goes beside
    person, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    del bare.environment["COLUMNS"]
    process = subprocess.Popen(
        [COMMAND, "demo", "tour", "--no-pause"],
        cwd=bare.folder,
        env={**bare.environment, "TERM": "dumb"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    said = b""
    with suppress(OSError):  # Linux's end of a terminal
        while part := os.read(person, 65536):
            said += part
    os.close(person)
    text = said.decode("utf-8").replace("\r\n", "\n")
    assert process.wait(60) == 0, text  # each scene ended as it must
    scenes = text.partition("\n# End of the tour.")[0].split("# ")[1:]
    commands = [shown.splitlines()[1] for shown in scenes]
    assert commands == [f"$ {scene.command}" for scene in SCENES]
    tall = [
        shown for shown in scenes if sum(-(-len(line) // 80) for line in shown.split("\n")) > 60
    ]
    assert tall == []
    broken = [line for line in text.splitlines() if len(line) > 80 and " " in line.strip(" ~")]
    assert broken == []  # by the terminal, in the middle of a word
    assert "ana@contoso.com" in scenes[-1]  # others' changes stand beside the runs
    assert "10 settings changed and verified" in text
    assert "tour-2" in text
    assert (bare.folder / "tour-2" / "policies" / "contoso.yaml").is_file()
    assert not list((bare.folder / "tour").iterdir())


def test_the_lines_that_lead_on_are_those_of_the_page_about_the_mock() -> None:
    page = "docs/mock.md"
    pages = {"posix": blocks("sh", page=page), "nt": blocks("powershell", page=page)}
    assert [name for name, text in GO_ON.items() if not pages[name][0].text.startswith(text)] == []
