"""Explains where the parser stopped and why, and where the mistake was made.

The two parsers, libyaml and PyYAML's own, use different words and sometimes different places. An
explanation relies on what they agree on and on the text itself. It does not quote the text: a file
that can't be parsed may be anything.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

from graphpolicy.model import Finding
from graphpolicy.policyfile.strict_yaml.text import inside

NO_SPACE = re.compile(r"\s*(?:- +)*([^\s:#'\"\[\]{},]+):(?=[^\s:/])")
_SECOND_COLON = re.compile(r":\s")
_INDENTED = re.compile(r"[\s-]*(?:- )?")
_CONFLICT = re.compile(r"<{7}( |$)")
_OPEN = re.compile(r"',' or '([\]}])'")
_OPENERS = {"]": "[", "}": "{"}


class _Spot(NamedTuple):
    """A line and a column, both counted from 0."""

    line: int
    column: int


def explain(error: yaml.MarkedYAMLError, file: str, lines: list[str]) -> Finding:
    """The parser's error as a finding."""
    spot, message, fix, rule = _Syntax(lines).explain(error)
    return Finding(rule, "error", message, fix, source=inside(file, lines, *spot))


class _Syntax:
    """Explains errors from the lines around them."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def explain(self, error: yaml.MarkedYAMLError) -> tuple[_Spot, str, str, str]:
        problem = error.problem or "something is wrong"
        context = error.context or ""
        at = _spot(error.problem_mark) or _spot(error.context_mark) or _Spot(0, 0)
        start = _spot(error.context_mark) or at
        spot, message, fix = self._explain(problem, context, at, start)
        conflict = next(filter(_CONFLICT.match, self._lines), None)
        if conflict is not None:
            spot = _Spot(self._lines.index(conflict), 0)
            message = "the line is a conflict marker of an unfinished merge"
            fix = "keep one side, and remove the lines with <<<<<<<, ======= and >>>>>>>"
        # PyYAML 6.0.4 looks ahead and stops before our own limit of depth does.
        if "nesting depth" in problem:
            message = "lists and maps are nested too deeply"
            return spot, message, "check the brackets and the indentation", "yaml-depth"
        rule = "yaml-tag" if "tag" in context.split() or "tag handle" in problem else "yaml-syntax"
        return spot, message, fix, rule

    def _explain(
        self, problem: str, context: str, at: _Spot, start: _Spot
    ) -> tuple[_Spot, str, str]:
        if "tab character" in problem or (
            "cannot start any token" in problem and self._char(at) == "\t"
        ):
            return at, "a tab is used for indentation", "indent with spaces"
        if "could not find expected ':'" in problem:
            return self._no_colon(start)
        if "mapping values are not allowed" in problem:
            return self._stray_colon(at)
        if "sequence entries are not allowed" in problem:
            message = "a list item is on the line of its key"
            return at, message, "put each '- ' on its own line below the key"
        if "escape" in problem or "hexdecimal" in problem:
            return self._bad_escape(at)
        if "quoted scalar" in context or "double-quoted" in context:
            message = f"the quote {self._char(start)} is not closed"
            return start, message, "close it, and check the quotes in the lines below"
        if flow := _OPEN.search(problem):
            return self._unclosed(at, start, flow[1])
        if "directive" in context or "YAML document" in problem or "directive" in problem:
            message = "a line that starts with % is a YAML directive, and this one is not allowed"
            return at._replace(column=0), message, "remove the line"
        return self._misplaced(problem, context, at, start)

    def _misplaced(
        self, problem: str, context: str, at: _Spot, start: _Spot
    ) -> tuple[_Spot, str, str]:
        if "block mapping" in context or "block collection" in context:
            return self._misaligned(context, at, start)
        if "<document start>" in problem:
            if self._before(at):
                return self._after_value(at)
            message = "there is text after the end of the document"
            return at, message, "remove it, or the line above that ends the document"
        if "scanning" in context or "parsing a tag" in context or "tag handle" in problem:
            at = start
        elif "node content" not in problem and "mapping keys" not in problem:
            return at, "this is not valid YAML", "check this line and the one above it"
        char = self._char(at)
        if not char or char.isalnum() or not char.isprintable():
            return at, "a value is missing here", "write it, and close every bracket and quote"
        fix = f"quote the value if '{char}' belongs to it, or remove the character"
        return at, f"a value cannot start with '{char}' here", fix

    def _no_colon(self, start: _Spot) -> tuple[_Spot, str, str]:
        line = self._line(start)
        if missing := NO_SPACE.match(line):
            return self._no_space(start.line, missing)
        message = "the line is neither a key with a value nor an item of a list"
        return start, message, "write 'key: value' or '- item', or join it to the line above"

    def _no_space(self, line: int, missing: re.Match[str]) -> tuple[_Spot, str, str]:
        message = "a space is missing after a key's colon"
        return _Spot(line, missing.end()), message, "write a space after the colon"

    def _no_space_above(self, at: _Spot) -> tuple[_Spot, str, str] | None:
        """The explanation if the line above is a key without a space after its colon."""
        line = self._line(at)
        for number in range(at.line - 1, -1, -1):
            above = self._lines[number]
            if above.strip() and not above.lstrip().startswith("#"):
                missing = NO_SPACE.match(above)
                if missing and missing.start(1) == len(line) - len(line.lstrip()):
                    return self._no_space(number, missing)
                break
        return None

    def _stray_colon(self, at: _Spot) -> tuple[_Spot, str, str]:
        if _SECOND_COLON.search(self._line(at)[: at.column]):
            message = "there is a second ': ' on the line"
            return at, message, "quote the value, or put the second key on its own line"
        if above := self._no_space_above(at):
            return above
        message = "a key is not allowed here: the text before it is already a value"
        return at, message, "align the key with the other keys of its map, or quote the value"

    def _unclosed(self, at: _Spot, start: _Spot, closer: str) -> tuple[_Spot, str, str]:
        opener = _OPENERS[closer]
        fix = f"close it with '{closer}'"
        rest = [self._line(at)[at.column :], *self._lines[at.line + 1 :]]
        if not any(line.strip() for line in rest):
            return start, f"the bracket '{opener}' is not closed", fix
        message = f"',' or '{closer}' is missing here: '{opener}' on line {start.line + 1} is open"
        return at, message, f"{fix}, or put a comma between the items"

    def _bad_escape(self, at: _Spot) -> tuple[_Spot, str, str]:
        line = self._line(at)
        column = max(line.rfind("\\", 0, at.column + 1), 0)
        message = "a backslash does not start a valid escape in double quotes"
        fix = "write \\\\ for a backslash, or use single quotes"
        return at._replace(column=column), message, fix

    def _misaligned(self, context: str, at: _Spot, start: _Spot) -> tuple[_Spot, str, str]:
        if self._before(at):
            return self._after_value(at)
        if self._char(at) == ":":
            return at, "a key is missing before ':'", "write the key, or quote the value"
        item = self._line(at)[at.column :].startswith("-")
        if at.column == start.column and item and "mapping" in context:
            message = "a list item is among the keys of a map"
            return at, message, "move the item below its key, or remove the '-'"
        if at.column == start.column and not item and "collection" in context:
            message = "a key is among the items of a list"
            return at, message, "indent the key below its item, or start it with '- '"
        if above := self._no_space_above(at):
            return above
        message = "the indentation matches nothing above"
        return at, message, "align the keys of a map, or the items of a list, in one column"

    def _after_value(self, at: _Spot) -> tuple[_Spot, str, str]:
        message = "there is text after the end of a value"
        return at, message, "quote the whole value, and double each ' inside single quotes"

    def _line(self, spot: _Spot) -> str:
        return self._lines[spot.line] if spot.line < len(self._lines) else ""

    def _char(self, spot: _Spot) -> str:
        return self._line(spot)[spot.column : spot.column + 1]

    def _before(self, spot: _Spot) -> bool:
        """Whether more than indentation and dashes is before the spot on its line."""
        return not _INDENTED.fullmatch(self._line(spot)[: spot.column])


def _spot(mark: yaml.Mark | None) -> _Spot | None:
    return _Spot(mark.line, mark.column) if mark else None
