"""Microsoft's JavaScript client reads and changes the policy through the mock."""

import json
import subprocess
from pathlib import Path

from graphpolicy.mock import serve
from tests.called import LONGEST

PROGRAM = Path(__file__).parent / "javascript" / "policy.mjs"


def test_microsofts_javascript_client() -> None:
    with serve() as graph:
        done = subprocess.run(
            ["node", str(PROGRAM), graph.url, graph.token],
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)
        assert graph.mock.configuration("Voice")["state"] == "disabled"
    assert "MicrosoftAuthenticator" in seen["methods"]
    assert seen["voice"] == "disabled"
    assert seen["beta"] == "default"
    assert seen["groups"] == ["O'Brien's team"]
    assert seen["refused"] == [400, "BadRequest"]
