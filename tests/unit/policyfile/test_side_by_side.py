"""The same mistakes, told by check-jsonschema with our schema and by `validate`.

The snapshot is the table to look at. What the comparison promises: whatever check-jsonschema finds
is found here too, with a place in the file and a way out, and some of what it lets pass as well.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from graphpolicy.model import Finding
from graphpolicy.policyfile.assembly import judge
from graphpolicy.policyfile.strict_yaml import parse
from tests.unit.policyfile.test_schema_errors import CASES

SCHEMA = Path(__file__).parents[3] / "policies/policy.schema.json"
PLACE = re.compile(r"\blines?\b|\bcolumns?\b|:\d+:\d+")
STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['([^']*)'\]")
SUGGESTION = re.compile(r"did you mean|write |remove |keep |move |indent |quote ", re.IGNORECASE)


@dataclass(frozen=True)
class Told:
    """What each of the two says about one mistake."""

    theirs: tuple[str, ...]
    paths: tuple[str, ...]
    """Where theirs are, as JSON paths."""
    ours: tuple[Finding, ...]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """Every mistake of the corpus, by the sentence that names it."""
    folder = tmp_path_factory.mktemp("policies")
    names = {f"{number:03}.yaml": case for number, case in enumerate(CASES)}
    for name, case in names.items():
        (folder / name).write_text(CASES[case][0], encoding="utf-8")
    theirs: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    for name, path, message in _check_jsonschema(folder, list(names)):
        theirs[name].append((path, message))
    return {
        case: Told(
            tuple(f"{path}: {message}" if path else message for path, message in theirs[name]),
            tuple(path for path, _ in theirs[name]),
            judge(parse(CASES[case][0].encode(), "contoso.yaml")).findings,
        )
        for name, case in names.items()
    }


def _check_jsonschema(folder: Path, names: list[str]) -> Iterator[tuple[str, str, str]]:
    """File, JSON path and message of all that it finds; no path where a file can't be read."""
    command = [sys.executable, "-m", "check_jsonschema", "-o", "json", "--schemafile", str(SCHEMA)]
    done = subprocess.run(
        [*command, *names], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    report: Any = json.loads(done.stdout)
    for error in report["errors"]:
        yield error["filename"], error["path"], error["message"]
    for error in report.get("parse_errors", []):
        yield error["filename"], "", error["message"]


def test_the_table(told: dict[str, Told], snapshot: SnapshotAssertion) -> None:
    lines = []
    for case, both in told.items():
        lines.append(f"## {case}")
        lines += [f"check-jsonschema  {text}" for text in both.theirs or ("ok",)]
        for found in both.ours:
            place = found.source
            assert place
            lines.append(f"graphpolicy       {place.line}:{place.column} {found.message}")
            lines.append(f"                  help: {found.help}")
        lines.append("")
    assert "\n".join(lines) == snapshot


def test_whatever_it_finds_is_found_here_with_a_place_and_a_way_out(told: dict[str, Told]) -> None:
    for case, both in told.items():
        assert both.ours, case
        for found in both.ours:
            assert found.source, case
            assert found.help, case


def test_what_it_points_at_has_its_place_here(told: dict[str, Told]) -> None:
    for case, both in told.items():
        document = parse(CASES[case][0].encode(), "contoso.yaml")
        ours = {found.source for found in both.ours}
        for path in filter(None, both.paths):
            steps = STEP.findall(path)
            at = tuple(int(index) if index else name or word for word, index, name in steps)
            below = {
                place
                for places in (document.places, document.keys)
                for pointer, place in places.items()
                if pointer[: len(at)] == at
            }
            assert below & ours, (case, path)


def test_it_gives_no_place_in_the_file_and_no_way_out(told: dict[str, Told]) -> None:
    """If it learns to, make this comparison again."""
    readable = [text for both in told.values() for text in both.theirs if text.startswith("$")]
    assert len(readable) > 100
    for text in readable:
        message = text.partition(": ")[2]
        assert not PLACE.search(message), text
        assert not SUGGESTION.search(message), text


def test_it_lets_mistakes_pass_that_are_found_here(told: dict[str, Told]) -> None:
    passed = {case for case, both in told.items() if not both.theirs}
    assert len(passed) >= 15
    assert passed >= {
        "a number with a leading zero",
        "a tenant's id that is all zeros",
        "a target listed twice",
        "everyone excluded, in a map",
        "lifetimes out of order",
        "old and new settings of passkeys",
    }


def test_a_mistyped_word_gets_the_one_that_was_meant_and_only_here(told: dict[str, Told]) -> None:
    meant = {
        case: both
        for case, both in told.items()
        if any("did you mean" in found.help for found in both.ours)
    }
    assert len(meant) >= 15
    assert not any("did you mean" in text for both in meant.values() for text in both.theirs)
