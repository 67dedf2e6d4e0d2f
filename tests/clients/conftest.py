"""Other people's clients against the mock and the schema. Those that npm brings are tried where
they are installed: `npm ci --prefix tests/clients/javascript`, and `.../editor`, as `.ci/run` does;
pages and mails where there is a Chromium, and in CI in any case.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.browser import PROGRAM, Browser

HERE = Path(__file__).parent
NEEDS = {"test_javascript.py": "javascript", "test_editor.py": "editor"}

collect_ignore = [
    test for test, folder in NEEDS.items() if not (HERE / folder / "node_modules").is_dir()
]
if PROGRAM is None and not os.environ.get("CI"):
    collect_ignore += ["test_page.py", "test_announcement_page.py", "test_pictures.py"]


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One for all pages: it takes a second to start."""
    started = Browser(tmp_path_factory.mktemp("browser"))
    yield started
    started.close()
