"""`validate` starts fast: it loads nothing that talks to Graph or paints a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

HEAVY = ("azure", "httpx", "kiota_http", "msal", "msgraph", "rich", "ruamel", "starlette")

PROGRAM = f"""
import sys
from graphpolicy.cli import main
try:
    main(["validate", "policies"])
except SystemExit as end:
    assert not end.code, end.code
print(sorted({{name.partition(".")[0] for name in sys.modules}} & set({HEAVY!r})))
"""


def test_validating_the_samples_loads_nothing_heavy() -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stderr == ""


def test_reading_policies_needs_neither_the_command_line_nor_the_network() -> None:
    code = (
        "import sys, graphpolicy.policyfile.load;"
        "print(sorted({'click', 'asyncio', 'ssl', 'jsonschema'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
