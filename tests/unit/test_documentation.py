"""The pages are consistent: links lead somewhere, commands exist, both shells get the same."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.documentation import PAGES, ROOT, Block, blocks
from tests.unit.cli.test_command import problem

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
IN_TEXT = re.compile(r"`graphpolicy ([^`…\[|]+)`")
IN_A_BLOCK = re.compile(r"\bgraphpolicy ((?:(?! -[A-Z])[^|>&#\n)])+)")
WHERE_BOTH_AGREE = re.compile(r"""[\w ./:@+'"\[\]=-]+""")
"""What bash and PowerShell read alike."""


def anchors(path: Path) -> set[str]:
    """The headings of a page, as GitHub and MkDocs link them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).strip().replace(" ", "-") for each in headings}


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{name}: {found.group()}"
        for name, path in PAGES.items()
        for found in LINK.finditer(path.read_text(encoding="utf-8"))
        for target in [(path.parent / found[1]).resolve() if found[1] else path]
        if not target.exists()
        or not target.is_relative_to(ROOT)
        or (found[2] and found[2] not in anchors(target))
    ]
    assert broken == []


def test_no_table_needs_a_pipe() -> None:
    """GitHub wants `\\|` in a table; the site and `graphpolicy docs` would show the backslash."""
    assert [name for name, path in PAGES.items() if "\\|" in path.read_text("utf-8")] == []


def test_every_command_is_one_that_there_is() -> None:
    commands = [
        (name, words)
        for name, path in PAGES.items()
        for words in IN_TEXT.findall(path.read_text(encoding="utf-8"))
    ]
    commands += [
        (f"{block.page}:{block.line}", words)
        for block in blocks("sh", "powershell")
        if not block.marker.startswith(("az", "install", "test"))
        for words in IN_A_BLOCK.findall(block.text)
    ]
    assert len(commands) > 40
    wrong = [(where, words, why) for where, words in commands if (why := problem(words))]
    assert [each for each in wrong if "does not exist" not in each[2]] == []  # no file of a page


def test_a_block_for_both_shells_has_the_same_commands() -> None:
    pages = {name: [*blocks("sh", "powershell", page=name)] for name in PAGES}
    twins = [
        (before, block)
        for found in pages.values()
        for before, block in pairwise(found)
        if (before.language, block.language) == ("sh", "powershell")
        and block.line - before.line <= before.text.count("\n") + 4
    ]
    assert len(twins) > 1
    assert [twin for twin in twins if used(twin[0]) != used(twin[1])] == []


def used(block: Block) -> list[str]:
    return [words.strip() for words in IN_A_BLOCK.findall(block.text)]


def test_the_first_five_minutes_are_the_same_in_both_shells() -> None:
    lines = [
        line
        for block in blocks("sh", page="README.md")
        if block.marker != "test"
        for line in block.text.splitlines()
    ]
    assert len(lines) > 5
    assert [line for line in lines if not WHERE_BOTH_AGREE.fullmatch(line)] == []


def test_the_readme_is_short() -> None:
    assert len(PAGES["README.md"].read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.skipif(sys.platform == "win32", reason="its bash is another system's")
def test_bash_can_read_every_block() -> None:
    script = "\n".join(f"{{\n{block.text}\n}}" for block in blocks("sh"))
    subprocess.run(["bash", "-n", "-c", script], check=True)


@pytest.mark.skipif(not shutil.which("pwsh"), reason="there is no PowerShell")
def test_powershell_can_read_every_block() -> None:
    texts = [block.text for block in blocks("powershell")]
    texts += [block.text for block in blocks("sh", page="README.md") if block.marker != "test"]
    program = """
    foreach ($text in [Console]::In.ReadToEnd() | ConvertFrom-Json) {
        $errors = $null
        $null = [Management.Automation.Language.Parser]::ParseInput($text, [ref]$null, [ref]$errors)
        foreach ($each in $errors) { "$($each.Extent.Text): $($each.Message)" }
    }
    """
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-Command", program],
        input=json.dumps(texts),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == ""
