"""The guided tour at a terminal: each scene does what it says, and the end says how to continue."""

from __future__ import annotations

import re

import pytest

from graphpolicy.commands.demo import GO_ON, SCENES
from tests.documentation import blocks
from tests.shell import FORKS, Shell, command_line
from tests.verbs.test_trouble import Terminal

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    "installed",
    [not FORKS, pytest.param(FORKS, marks=pytest.mark.deep)],  # its commands are forks as well
)
def test_the_tour_shows_the_whole_way_at_a_terminal_of_80_columns(
    bare: Shell, installed: bool
) -> None:
    (bare.folder / "tour").mkdir()  # somebody's: it goes beside
    del bare.environment["COLUMNS"]
    bare.installed = installed
    if not installed:
        python = bare.write(f'#!/bin/sh\nshift 2\nexec {command_line()} "$@"\n', "python")
        python.chmod(0o700)
        bare.settings["sys.executable"] = str(python)  # type: ignore[assignment]
    terminal = Terminal(bare, "demo", "tour", "--no-pause")
    code = terminal.end()
    text = terminal.said.replace("\r\n", "\n")
    assert code == 0, text  # each scene ended as it must
    # A pass may end in a number sign.
    scenes = re.split("^# (?=\\d+ of)", text.partition("\n# End of the tour.")[0], flags=re.M)[1:]
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
