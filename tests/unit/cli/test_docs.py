"""The verb docs: every page of this release by its topic, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.cli import main
from tests.unit.test_startup import HEAVY, loaded

ROOT = Path(__file__).parents[3]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["docs", *arguments])
    done = capsys.readouterr()
    return ended.value.code, done.out, done.err


def test_each_page_is_a_topic_in_the_order_of_the_readme(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(capsys)
    assert code == 0
    topics = [line.split()[0] for line in out.partition("\n\n")[0].splitlines()]
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert set(topics) == pages | {"start", "reference"}
    assert topics[:2] == ["start", "policy"]
    headings = {topic: run(capsys, topic)[1].partition("\n")[0] for topic in topics}
    assert {topic for topic, heading in headings.items() if not heading.startswith("# ")} == set()


def test_a_page_is_the_file_without_its_markers(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "GitHub")
    assert (code, err) == (0, "")
    assert "<!--" not in out
    assert "permissions: {contents: read, id-token: write, pull-requests: write}" in out


def test_an_unknown_page_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "helpdeks")
    assert (code, out) == (64, "")
    assert "Did you mean 'helpdesk'?" in err
    assert "`graphpolicy docs` lists the pages" in run(capsys, "xyz")[2]


def test_it_loads_next_to_nothing() -> None:
    assert not loaded("docs", "mock") & set(HEAVY)
