"""Names that somebody with bad intent could give to a group or write in a file, and who reads them.

`problems` is a reader of its own: it shares no code with what makes names harmless.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser

HOSTILE = {
    "terminal escape": "\x1b[31mred\x1b[0m",
    "cursor and bell": "a\rb\x07c\x08",
    "line feed and workflow command": "x\n::error::boom",
    "right-to-left override": "safe\u202etxt.exe",
    "zero width": "ad\u200bmin",
    "line separator": "a\u2028b",
    "rich markup": "[bold]not bold[/bold] [/x] :warning:",
    "html": "<script>alert(1)</script>",
    "markdown": "|`code`|@team **x**",
    "C1 control": "\x9b31m",
    "lone surrogate": "\ud800",
    "64 KB": "n" * 65536,
}

LEADS = (
    "::error::x",
    " \t::add-mask::x",
    "##vso[task.complete]",
    "=HYPERLINK(1)",
    "\uff0b1",
    "</pre><evil>",
)
"""What is obeyed where it begins a line, a cell or an element."""

EVIL = (
    "::error::first\n::error::boom\r::stop-commands::x\n \u00a0::add-mask::x ##[command]x "
    "##vso[task.complete]x ##\u00adteamcity[x] section_start:1:x\x1b]0;t\x07\x9b31m\x85"
    "\u202e\u200b\u3164\ufe0f\u2800\u115f\U000e0100\u2028\ue000"
    "<evil></script></style><img src=x>|`a`|@team **x** ${{ x }}\n=1+1;=2+2;\uff1d3\n"
)
"""All of it in one name."""

UNSEEN = frozenset("\u3164\u115f\ufe0f\u2800\U000e0100\u034f\u180b\uffa0")
"""Drawn as nothing although they have the category of letters, marks or signs."""

_ACT = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"}
_SKIPPED = re.compile("[\u00ad\u200b-\u200f\u2060-\u206f\u034f\ufe00-\ufe0f]|\x1b\\[[0-9;]*m")
_OWN = re.compile(r"::(error|warning|notice) [^:\r\n]*::")
_BRACKETS = re.compile(r"##[a-z]*\[|section_(start|end):", re.IGNORECASE)


def problems(text: str, format_: str = "text") -> Iterator[str]:
    """Characters of an output that command an agent or a terminal, hide, or break the format.

    The format `page` is for what no agent reads: texts on GitHub.
    """
    for line in () if format_ == "page" else re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text):
        plain = _SKIPPED.sub("", line)
        if _BRACKETS.search(plain):
            yield f"command: {line[:200]!r}"
        own = format_ == "github" and _OWN.match(line)
        if plain.strip().startswith("::") and not own:
            yield f"workflow command: {line[:200]!r}"
    shown = text.replace("⚠️", "")
    for character in sorted(set(shown) - {"\n", " "}):
        if unicodedata.category(character) in _ACT or character in UNSEEN:
            yield f"{character!r} in {shown[max(0, shown.index(character) - 60) :][:100]!r}"
    if format_ in {"json", "sarif"}:
        json.loads(text)
    if format_ in {"html", "svg"}:
        reader = _Elements()
        reader.feed(text)
        if {"evil", "img"} & reader.seen:
            yield "an element of a name"
    if format_ == "csv":
        # A comma and a semicolon: where the comma is the decimal sign, the other one ends cells.
        cells = (
            cell
            for ends in ",;"
            for row in csv.reader(io.StringIO(text), delimiter=ends)
            for cell in row
        )
        signs = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
        yield from (f"formula: {cell!r}" for cell in cells if cell.lstrip(' \t"').startswith(signs))


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
