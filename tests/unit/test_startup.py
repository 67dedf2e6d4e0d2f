"""What a start may load: nobody likes a slow --help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graphpolicy.render import formats

HEAVY = (
    *("msgraph", "azure", "httpx", "rich", "jsonschema", "yaml", "asyncio", "starlette"),
    *("graphpolicy.model.planned", "graphpolicy.catalogue.settings"),
)
POLICIES = Path(__file__).parent.parent.parent / "policies"

SCRIPT = """
import sys
from graphpolicy.cli import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    assert ended.code == 0, ended.code
print("loaded", *sorted({*sys.modules, *(name.partition(".")[0] for name in sys.modules)}))
"""


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("plan", "--help")])
def test_help_and_version_load_next_to_nothing(arguments: tuple[str, ...]) -> None:
    assert not loaded(*arguments) & set(HEAVY)


@pytest.mark.parametrize(
    "format_",
    [
        pytest.param(name, marks=[pytest.mark.deep] * (name != "text"))
        for name in formats("CheckedFiles")
    ],
)
def test_validate_loads_neither_the_sdk_nor_sign_in_nor_rich(format_: str) -> None:
    modules = loaded("validate", "--format", format_, str(POLICIES))
    assert not modules & {"msgraph", "azure", "httpx", "rich"}
