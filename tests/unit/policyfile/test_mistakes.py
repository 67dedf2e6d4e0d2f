"""What `validate` says of every mistake in the corpus: place, rule, message and help, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graphpolicy.policyfile.load import read

CORPUS = Path(__file__).parent / "corpus_policy" / "mistakes.txt"


def cases() -> Iterator[tuple[str, str, list[str]]]:
    """Title, file and expected findings of each case."""
    for block in CORPUS.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, rest = block.partition("\n")
        lines = rest.strip("\n").splitlines()
        expected = [line.removeprefix("=> ") for line in lines if line.startswith("=> ")]
        text = "".join(f"{line}\n" for line in lines if not line.startswith("=> "))
        yield title, text, expected


ALL = [pytest.param(text, expected, id=title) for title, text, expected in cases()]


@pytest.mark.parametrize(("text", "expected"), ALL)
def test_a_mistake_is_named_once_where_it_stands(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "contoso.yaml"
    path.write_text(text, encoding="utf-8")
    found = read(str(path))
    said = []
    for finding in sorted(
        found.findings,
        key=lambda item: (item.source.line, item.source.column) if item.source else (0, 0),
    ):
        assert finding.source is not None
        place = f"{finding.source.line}:{finding.source.column}"
        said.append(f"{place} {finding.rule}: {finding.message} || {finding.help}")
    assert said == expected
    assert found.desired is None


def test_the_corpus_is_large_and_every_title_is_its_own() -> None:
    titles = [title for title, _, _ in cases()]
    assert len(titles) >= 60
    assert len(set(titles)) == len(titles)
