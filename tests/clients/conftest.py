"""Other people's clients against the mock and the schema. Those that npm brings are tried where
they are installed: `npm ci --prefix tests/clients/javascript`, and `.../editor`, as `.ci/run` does;
pages and mails where there is a Chromium, and in CI in any case.
"""

import os
from pathlib import Path

from tests.clients.browser import PROGRAM

HERE = Path(__file__).parent
NEEDS = {"test_javascript.py": "javascript", "test_editor.py": "editor"}

collect_ignore = [
    test for test, folder in NEEDS.items() if not (HERE / folder / "node_modules").is_dir()
]
if PROGRAM is None and not os.environ.get("CI"):
    collect_ignore += ["test_page.py", "test_letters_page.py", "test_pictures.py"]
