"""Hostile text made harmless: names come from tenants and pull requests.

`printable` is for one value: it escapes invisible characters. `contained` is for a whole output: it
escapes what a pipeline's agent would run as a command. Agents read every line of a job's log:

* GitHub runs `::command::` at the start of a line, after any white space, and `##[command]`
  anywhere;
* Azure Pipelines runs `##vso[command]` and `##[command]` anywhere, TeamCity `##teamcity[...]`;
* GitLab folds at `section_start:` and `section_end:`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphpolicy.model.invisible_characters import ignorable_class, invisible

_SKIPPED = rf"(?:[{ignorable_class()}]|\x1b\[[0-9;]*m)*"
"""Characters that .NET skips when it compares text, and colours, which some agents remove first."""

_COMMAND = re.compile(
    rf"(?P<anywhere>\#{_SKIPPED}\#{_SKIPPED}(?:[A-Za-z]{_SKIPPED})*)\["
    rf"|(?:\A|(?<=[\r\n]))(?P<start>(?:[^\S\r\n]|[{ignorable_class()}]|\x1b\[[0-9;]*m)*"
    rf":{_SKIPPED}):"
    r"|(?P<section>section_(?:start|end)):"
)
_ANNOTATION = re.compile(r"::(error|warning|notice) [^:\r\n]*::")

WARNING = "⚠️"
"""Its second character is invisible and selects the emoji."""

_SPELLING: Mapping[str, str] = {
    "json": r"\u{:04x}",
    "jsonl": r"\u{:04x}",
    "sarif": r"\u{:04x}",
    "html": "&#{};",
    "svg": "&#{};",
}
"""How a format writes a character so that it stays the same one; other formats show the escape.

In our YAML the escape is read as the character, too: texts with such signs are in double quotes.
"""


def printable(text: str) -> str:
    """The text with escapes for invisible characters and for those that control a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) if invisible(character) else character for character in text)


def plain(document: str) -> str:
    """A document of many lines with escapes for invisible characters, except in our own sign."""
    shown = "\n".join(map(printable, document.split("\n")))
    return contained(shown.replace(printable(WARNING), WARNING))


def contained(text: str, format_: str = "text") -> str:
    """An output without commands to an agent, except our own annotations in `github`.

    Only the last of the characters that begin a command is escaped. So a command that is written in
    pieces is escaped with its last piece.
    """
    if "#" not in text and ":" not in text:
        return text
    spelling = _SPELLING.get(format_, r"\x{:02x}")

    def escaped(match: re.Match[str]) -> str:
        own = match["start"] is not None and format_ == "github"
        if own and _ANNOTATION.match(text, match.start()):
            return match[0]
        return match[0][:-1] + spelling.format(ord(match[0][-1]))

    return _COMMAND.sub(escaped, text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def short(text: str, most: int = 400) -> str:
    """Escaped text, cut after `most` characters with a note of its length."""
    if len(text) <= most:
        return printable(text)
    return f"{printable(text[:most])}… ({len(text)} characters)"
