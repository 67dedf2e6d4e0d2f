"""What the README shows of the policy language is sound, beside the baseline that it speaks of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphpolicy.policyfile.load import load

ROOT = Path(__file__).parent.parent.parent.parent
SHOWN = re.findall(
    r"^```yaml\n(.*?)^```",
    (ROOT / "README.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)
WORKFLOWS = ("- ", "# .github/")
BLOCKS = [block for block in SHOWN if not block.startswith(WORKFLOWS)]
HEAD = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
authenticationMethodsPolicy: {policyMigrationState: migrationComplete}
"""


@pytest.mark.parametrize("block", BLOCKS)
def test_what_is_shown_is_what_validate_takes(block: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    baseline = (ROOT / "policies" / "baseline.yaml").read_text(encoding="utf-8")
    (tmp_path / "baseline.yaml").write_text(baseline, encoding="utf-8")
    text = block if "version: 1" in block else HEAD + block
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    policies = load([str(tmp_path)])
    assert policies.findings == ()
    assert len(policies.desired) == 1


def test_it_shows_a_whole_file_one_that_extends_and_the_exceptions() -> None:
    assert len(BLOCKS) >= 3
