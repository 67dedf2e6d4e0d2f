"""The list that workflows install is whole, and the same that this repository tests with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from graphpolicy.starter.workflows import Package, requirements

ROOT = Path(__file__).parents[3]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def test_every_line_is_pinned_and_has_hashes_and_names_no_registry() -> None:
    text = requirements(Package("9.9", ("a" * 64,), "here"))
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all(PIN.match(block) and "--hash=sha256:" in block for block in blocks)
    assert blocks[-1] == f"graphpolicy==9.9 \\\n    --hash=sha256:{'a' * 64}"
    assert "://" not in text


def test_a_commit_comes_with_what_builds_it_and_needs_no_hash() -> None:
    at = "git+https://github.com/contoso/graphpolicy@" + "c" * 40
    text = requirements(Package("9.9", (), "here", at=at))
    assert text.endswith(f"\ngraphpolicy @ {at}\n")
    assert "hatchling" in dict(PIN.findall(text))


def test_a_wheel_on_this_machine_is_installed_from_the_repository() -> None:
    text = requirements(Package("9.9", ("a" * 64,), "here", wheel="graphpolicy-9.9.whl"))
    assert text.endswith(f"\n./.github/graphpolicy-9.9.whl \\\n    --hash=sha256:{'a' * 64}\n")


def test_it_is_the_list_that_the_tests_run_with() -> None:
    """.ci/lock makes both: if a pin differs, they were not made together."""
    tested = dict(PIN.findall((ROOT / ".ci/requirements.txt").read_text(encoding="utf-8")))
    written = dict(PIN.findall(requirements(Package("", (), ""))))
    assert written.items() <= tested.items()


def test_it_has_everything_that_the_package_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = (*project["dependencies"], *project["optional-dependencies"]["github"])
    names = {re.split(r"[^A-Za-z0-9_-]", each)[0] for each in asked}
    assert names <= dict(PIN.findall(requirements(Package("", (), "")))).keys()
