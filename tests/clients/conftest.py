"""Other people's clients against the mock. Microsoft's JavaScript client is tried where it is
installed: `npm ci --prefix tests/clients/javascript`, as `.ci/run` does."""

from pathlib import Path

INSTALLED = Path(__file__).parent / "javascript" / "node_modules"

collect_ignore = [] if INSTALLED.is_dir() else ["test_javascript.py"]
