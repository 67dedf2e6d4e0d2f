"""Whole files as people get them wrong, with every message about them, in a snapshot.

A folder is a case of several files. Read the snapshot as somebody who is called at night: is the
place right, is it plain what is wrong and why, and does the way out lead out?
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from graphpolicy.disk.folders import repository
from graphpolicy.plan.tally import number
from graphpolicy.plan.verdict import CheckedFiles
from graphpolicy.policyfile.load import load
from graphpolicy.render import Style, render
from tests.every import every

CORPUS = Path(__file__).parent / "corpus_files"
CASES = sorted(path.name for path in CORPUS.iterdir())


def said(case: str) -> str:
    """What `validate` prints about a case."""
    policies = load([case])
    text = render(CheckedFiles(tuple(policies.findings), tuple(policies.files)), "text", Style())
    return text.replace(repository(CORPUS).as_posix(), "REPOSITORY")


@pytest.mark.parametrize("case", CASES)
def test_what_is_said_of_a_wrong_file(
    case: str, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CORPUS)
    assert said(case) == snapshot


@every("case", CASES)
def test_every_mistake_has_a_place_in_its_file_and_a_way_out(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CORPUS)
    *lines, last = said(case).splitlines()
    firsts, helps = lines[::2], lines[1::2]
    assert firsts
    assert all(line.startswith("  help: ") for line in helps)
    levels = []
    for line in firsts:
        told = re.match(r"(.+?)(?::(\d+):(\d+))?: (error|warning)\[[a-z0-9-]+\]: ", line)
        assert told, line
        levels.append(told[4])
        assert Path(told[1]).is_file() == bool(told[2])
        if told[2]:
            text = Path(told[1]).read_text(encoding="utf-8").split("\n")[int(told[2]) - 1]
            assert int(told[3]) <= len(text) + 1
    assert levels == sorted(levels)
    errors, warnings = (number(levels.count(level), level) for level in ("error", "warning"))
    assert last.endswith(f" {errors}, {warnings}")
