"""The pages of the documentation, and their blocks.

What a block needs is said by a comment on the line above its fence, which `graphpolicy docs` leaves
out: `<!-- types yes|contoso -->` is what a person answers, `<!-- exits 6 -->` the code of its last
command, `<!-- file policies/contoso.yaml -->` where a reader puts a block of YAML. A block for a
shell with any other comment is not run with its page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = {
    "README.md": ROOT / "README.md",
    **{f"docs/{path.name}": path for path in sorted((ROOT / "docs").glob("*.md"))},
}
FENCE = re.compile(r"(?:^<!-- ([^\n]*) -->\n)?^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARKER = re.compile(r"(?:types (?P<types>[^;]*))?(?:; )?(?:exits (?P<exits>\d+))?")


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, the line of its first line, its language and its comment."""

    page: str
    line: int
    language: str
    marker: str
    text: str

    @property
    def run(self) -> bool:
        """Whether the tests run it with its page."""
        return MARKER.fullmatch(self.marker) is not None

    @property
    def file(self) -> str:
        """The file in which a reader puts the block; '' if none."""
        return self.marker.removeprefix("file ") if self.marker.startswith("file ") else ""

    @property
    def types(self) -> list[str]:
        """What a person answers, one line each."""
        typed = self._marked("types")
        return typed.split("|") if typed else []

    @property
    def exits(self) -> int:
        """The exit code of its last command."""
        return int(self._marked("exits") or 0)

    def _marked(self, name: str) -> str | None:
        found = MARKER.fullmatch(self.marker)
        assert found is not None
        return found[name]


def blocks(*languages: str, page: str | None = None) -> list[Block]:
    """The blocks in these languages, of one page or of all."""
    return [
        Block(name, text.count("\n", 0, found.start(3)) + 1, found[2], found[1] or "", found[3])
        for name, path in PAGES.items()
        if page in (None, name)
        for text in [path.read_text(encoding="utf-8")]
        for found in FENCE.finditer(text)
        if found[2] in languages
    ]
