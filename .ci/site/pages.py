"""What the site has beside the pages of docs/: the README as its first page, and the reference.

A link from one file of the repository to another becomes one between pages.
"""

import posixpath
import re
from pathlib import Path
from textwrap import indent

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"index.md": "README.md", "reference.md": "policies/REFERENCE.md"}
"""Pages that are not in docs/, with their file in the repository."""

PICTURES = ".github/pictures"
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")
STYLE = """
.md-typeset td code { white-space: nowrap; }
.md-typeset td code:has(wbr) { white-space: normal; word-break: normal; overflow-wrap: normal; }
body:has(td wbr) .md-grid { max-width: 80rem; }
body:has(td wbr) :is(th, td) { min-width: 0 !important; padding: .6em .8em !important; }
"""
"""A flag in a table stays on one line. A path is broken after its dots, on a wider page."""

PATH = re.compile(r"(?<=<td><code>)\w+(?:\.\w+)+(?=</code>)")

BLOCK = r"(?:<!--[^\n]*-->\n)?```{}\n((?:(?!```).*\n)+)```"
TWINS = re.compile(BLOCK.format("sh") + r"\n\n" + BLOCK.format("powershell"))
"""A block for bash, and the same for PowerShell: two tabs."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is not in docs/."""
    for name, path in ELSEWHERE.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    files.append(File.generated(config, "style.css", content=STYLE))
    for path in (ROOT / PICTURES).iterdir():
        if path.suffix != ".json":
            name = f"pictures/{path.name}"
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Links as they are on the site, twins as tabs."""
    own = ELSEWHERE.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def moved(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(own), found[1]))
        if path.startswith(PICTURES):
            return f"pictures/{posixpath.basename(path)}"
        for name, file in ELSEWHERE.items():
            if path == file:
                return name
        if path.startswith("docs/"):
            return path.removeprefix("docs/")
        return f"{config.repo_url}/blob/HEAD/{path}"

    def tabs(found: re.Match[str]) -> str:
        twins = (("bash", f"```sh\n{found[1]}```"), ("PowerShell", f"```powershell\n{found[2]}```"))
        return "\n\n".join(f'=== "{title}"\n\n{indent(block, "    ")}' for title, block in twins)

    return TWINS.sub(tabs, LINK.sub(moved, markdown))


def on_page_content(html: str, page: Page, **_: object) -> str:
    """Paths of the reference, which may be broken after their dots."""
    if page.file.src_uri != "reference.md":
        return html
    return PATH.sub(lambda found: found[0].replace(".", ".<wbr>"), html)
