"""Which modules a connection to Graph may load: every run pays for it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import graphpolicy.graph.session, graphpolicy.commands.plan, graphpolicy.render.plan_text
import httpx, msgraph_core
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_a_plan_loads_neither_rich_nor_what_httpx_would_load_for_its_own_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "httpx" in loaded
    assert not loaded & {"rich", "pygments"}
