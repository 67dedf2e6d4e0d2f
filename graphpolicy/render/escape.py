"""Hostile text made harmless: names come from tenants and pull requests.

`printable` is for one value: it shows what can't be seen. `contained` is for a whole output: it
takes the force from what a pipeline's agent would obey. Agents read every line of a job's log:

* GitHub obeys `::command::` at the start of a line, white space aside, and `##[command]` anywhere;
* Azure Pipelines obeys `##vso[command]` and `##[command]` anywhere, TeamCity `##teamcity[...]`;
* GitLab folds at `section_start:` and `section_end:`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphpolicy.model.unseen import ignorable_class, unseen

_SKIPPED = rf"(?:[{ignorable_class()}]|\x1b\[[0-9;]*m)*"
"""What a comparison by .NET's culture skips, and colors, which some agents take out first."""

_COMMAND = re.compile(
    rf"(?P<anywhere>\#{_SKIPPED}\#{_SKIPPED}(?:[A-Za-z]{_SKIPPED})*)\["
    rf"|(?:\A|(?<=[\r\n]))(?P<start>(?:[^\S\r\n]|[{ignorable_class()}]|\x1b\[[0-9;]*m)*"
    rf":{_SKIPPED}):"
    r"|(?P<section>section_(?:start|end)):"
)
_ANNOTATION = re.compile(r"::(error|warning|notice) [^:\r\n]*::")

WARNING = "⚠️"
"""Its second character, which can't be seen, makes a picture of it."""

_SPELLING: Mapping[str, str] = {
    "json": r"\u{:04x}",
    "sarif": r"\u{:04x}",
    "html": "&#{};",
    "svg": "&#{};",
}
"""How a format spells a character so that it stays the same one; others show the escape.

In YAML of ours, whose texts with signs in them stand in double quotes, the shown escape is read as
the character too.
"""


def printable(text: str) -> str:
    """The text with everything that can't be seen, or that a terminal obeys, as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) if unseen(character) else character for character in text)


def plain(document: str) -> str:
    """A document of many lines in which all that can't be seen is shown; our own sign stays."""
    shown = "\n".join(map(printable, document.split("\n")))
    return contained(shown.replace(printable(WARNING), WARNING))


def contained(text: str, format_: str = "text") -> str:
    """An output in which no line commands an agent, but for our own annotations in `github`.

    Only the last character of what begins a command is escaped. So a command that is written in
    pieces loses it with the last piece.
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
    """Harmless text, cut where nobody would read on, with a word that says so."""
    if len(text) <= most:
        return printable(text)
    return f"{printable(text[:most])}… ({len(text)} characters)"
