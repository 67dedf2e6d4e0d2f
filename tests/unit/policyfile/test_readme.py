"""The policies in documentation and examples are sound, and their plans have no surprises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphpolicy.cli.verbs import VERBS
from graphpolicy.model import Finding, Tenant
from graphpolicy.policyfile.load import load
from graphpolicy.starter.answers import Answers
from graphpolicy.starter.baseline import baseline
from tests.laws.mock_tenant import not_opted_in, plan

ROOT = Path(__file__).parent.parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = [
    block
    for page in PAGES
    for block in re.findall(
        r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
]
WORKFLOWS = ("- ", "# .github/", "# azure-pipelines.yml", "# .gitlab-ci.yml")
BLOCKS = [block for block in SHOWN if not block.startswith(WORKFLOWS)]
HEAD = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
authenticationMethodsPolicy: {policyMigrationState: migrationComplete}
"""


EXPECTED = {
    "number-matching-enforced",
    "people-not-counted",
    "retiring-setting",
    "strength-in-use",
    "wave-opens",
}
"""Notes that a newcomer may read: what Microsoft enforces or takes away, what is new."""


def beside_the_baseline(block: str, folder: Path) -> str:
    """The folder of a repository in which a reader has written a block."""
    (folder / ".git").mkdir(parents=True)
    shared = (ROOT / "policies" / "baseline.yaml").read_text(encoding="utf-8")
    (folder / "baseline.yaml").write_text(shared, encoding="utf-8")
    text = block if "version: 1" in block else HEAD + block
    (folder / "policy.yaml").write_text(text, encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize("block", BLOCKS)
def test_what_is_shown_is_what_validate_takes(block: str, tmp_path: Path) -> None:
    policies = load([beside_the_baseline(block, tmp_path / "repository")])
    assert policies.findings == ()
    assert len(policies.desired) == 1


def test_every_policy_that_is_shown_plans_against_the_mock_without_a_finding(
    tmp_path: Path,
) -> None:
    """The examples, each block of the documentation and the first policy of a new repository."""
    own = tmp_path / "own.yaml"
    answers = Answers(
        Tenant("contoso", "11111111-2222-4333-8444-555555555555"),
        pilot="SG-MFA-Pilot-P",
        assisted="Helpdesk-assisted users",
        emergency=("bg-01@contoso.com", "Break-glass accounts"),
    )
    own.write_text(baseline(answers), encoding="utf-8")
    paths = [str(ROOT / "policies"), str(own)]
    paths += [
        beside_the_baseline(block, tmp_path / f"block-{number}")
        for number, block in enumerate(BLOCKS)
    ]
    shown = [desired for path in paths for desired in load([path]).desired]
    assert len(shown) == 3 + 1 + len(BLOCKS)

    def unexpected(found: Finding) -> bool:
        return not found.acknowledged and (found.level, found.rule) not in {
            ("note", rule) for rule in EXPECTED
        }

    wrong = {
        desired.file: told
        for desired in shown
        if (told := [*filter(unexpected, plan(not_opted_in(), desired).plan.findings)])
    }
    assert wrong == {}


def test_it_shows_a_whole_file_one_that_extends_and_the_exceptions() -> None:
    assert len(BLOCKS) >= 3


def test_every_command_is_in_the_table() -> None:
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([a-z]+)", text, re.MULTILINE))
    assert set(VERBS) - rows == set(), "docs/commands.md"
