"""docs: the pages of the documentation that were installed with this release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from graphpolicy.model.records import dataclass

PACKAGE = Path(__file__).parent.parent
LINK = re.compile(r"\[([^\]]+)\]\((?:docs|policies)/([\w-]+)\.md\)")
MARKER = re.compile(r"^<!--.*-->\n|<!-- /?\w+ -->", re.MULTILINE)
"""Comments, which tests and CI read."""

START = "start"
"""The topic of the README, which links every other page in the order of use."""


@dataclass(frozen=True, slots=True)
class DocsPage:
    """One page: what its link says, and its file."""

    title: str
    file: Path

    def text(self) -> str:
        """The Markdown of the page. OSError if it can't be read."""
        return MARKER.sub("", self.file.read_text(encoding="utf-8"))


def pages() -> Mapping[str, DocsPage]:
    """Every page by its topic, in the order in which the README links them.

    OSError if the installation has no README.
    """
    root = PACKAGE / "pages"  # in a wheel
    if not root.is_dir():
        root = PACKAGE.parent  # in a checkout
    readme = root / "README.md"
    found = {START: DocsPage("The first five minutes", readme)}
    table = readme.read_text(encoding="utf-8").partition("\n## Where to go next\n")[2]
    for title, name in LINK.findall(table):
        folder = "policies" if name == "REFERENCE" else "docs"
        found[name.lower()] = DocsPage(title, root / folder / f"{name}.md")
    return found
