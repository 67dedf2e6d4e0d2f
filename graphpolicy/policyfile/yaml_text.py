"""Cuts a YAML text at the positions of its values."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Final

import yaml

from graphpolicy.model import Json
from graphpolicy.model.tree import member
from graphpolicy.policyfile.dump import entry_lines, line, quoted_as
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.strict_yaml.events import LOADER
from graphpolicy.policyfile.strict_yaml.text import BREAK


class Removed:
    """The value of an edit that removes what is at its pointer."""


REMOVED: Final = Removed()


@dataclass(frozen=True, slots=True)
class Renamed:
    """The value of an edit that renames a key and keeps its value."""

    key: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Puts `value` at `pointer`; `REMOVED` removes what is there.

    Missing steps on the way are added: keys of maps, and the next entry of a list.
    """

    pointer: Pointer
    value: Json


class UneditableError(Exception):
    """The text is written in a way that does not allow one value to be edited by itself.

    Who edits catches it, and says in an error of their own how to do it by hand.
    """


class YamlText:
    """A text and its nodes. Methods that change it return the new text."""

    def __init__(self, text: str) -> None:
        self.text = text
        root = yaml.compose(text, Loader=LOADER)
        assert root is not None  # noqa: S101 - only a sound file gets here
        self.root: yaml.Node = root
        found = BREAK.search(text)
        self.break_ = found[0] if found else "\n"

    def edited(self, edit: Edit, data: Json) -> str:
        """The text after one edit; `data` is what the text says before it."""
        node = self.root
        way: list[yaml.Node] = []
        for step in edit.pointer:
            way.append(node)
            child = _child(node, step)
            if child is None:
                rest = edit.pointer[len(way) :]
                return self.added(node, step, _nested(rest, edit.value))
            node = child
        if edit.value is REMOVED:
            return self.removed(edit.pointer, way, data)
        if isinstance(edit.value, Renamed):
            key = _key(way[-1], edit.pointer[-1])
            name = quoted_as(key.style, edit.value.key)
            return self.cut(key.start_mark.index, key.end_mark.index, name)
        return self.replaced(way[-1], edit.pointer[-1], node, edit.value)

    def in_brackets(self, pointer: Pointer) -> bool:
        """Whether the value at a pointer is a map in braces or a list in brackets."""
        node: yaml.Node | None = self.root
        for step in pointer:
            node = _child(node, step) if node else None
        return node is not None and _in_brackets(node)

    # Replacing

    def replaced(self, around: yaml.Node, step: str | int, node: yaml.Node, value: Json) -> str:
        """A value in the place of another."""
        start, end = node.start_mark.index, self.end(node)
        if isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">"):
            return self.cut(start, end, quoted_as(node.style, value))
        if _in_brackets(node) or not isinstance(around, yaml.MappingNode):
            return self.cut(start, end, line(value))
        key = _key(around, step)
        colon = self.text.index(":", key.end_mark.index) + 1
        if isinstance(node, yaml.ScalarNode):
            return self.cut(colon, len(self.text[:end].rstrip()), f" {line(value)}")
        # A block becomes one line behind the colon of its key; a comment after the colon stays.
        from_, to = self.lines(start, end)
        return f"{self.text[:colon]} {line(value)}{self.text[colon:from_]}{self.text[to:]}"

    # Adding

    def added(self, node: yaml.Node, step: str | int, value: Json) -> str:
        """A new key of a map, or a new last entry of a list."""
        if isinstance(node, yaml.ScalarNode):  # it would be replaced, for example a bare word
            raise UneditableError
        is_map = isinstance(node, yaml.MappingNode)
        if _in_brackets(node):
            key = f"{line(step)}: " if is_map else ""
            return self.added_in_brackets(node, key + line(value))
        column = node.start_mark.column
        if is_map:
            lines = entry_lines(str(step), value, column, self.indentation())
        else:
            lines = self.item_lines(node, value)
        at = self.line_end(self.end(node))
        gap = self.break_ if node is self.root and self.has_blank_lines() else ""
        text = self.break_.join([" " * column + line_ for line_ in lines])
        return self.cut(at, at, f"{gap}{self.break_}{text}")

    def item_lines(self, node: yaml.Node, value: Json) -> list[str]:
        """A new entry, written like the last one."""
        last = node.value[-1]
        on_lines = isinstance(last, yaml.MappingNode) and not _in_brackets(last)
        if not (on_lines and isinstance(value, dict) and value):
            return [f"- {line(value)}"]
        column = last.start_mark.column
        first, *rest = [
            text
            for key, member in value.items()
            for text in entry_lines(key, member, column, self.indentation())
        ]
        inner = column - node.start_mark.column
        return ["-".ljust(inner) + first, *(" " * inner + text for text in rest)]

    def added_in_brackets(self, node: yaml.Node, text: str) -> str:
        """A new last entry, on its own line if the entry before is on its own line."""
        if not node.value:
            at = node.start_mark.index + 1
            return self.cut(at, at, text)
        first, end = _start(node.value[-1]), self.end(node)
        at = self.end(node.value[-1])
        lead = self.text[self.line_start(first) : first]
        if lead.strip(" \t"):
            return self.cut(at, at, f", {text}")
        comma = self.text[self.significant(at)] == ","
        below = min(self.line_end(at), end)
        comma_at = self.significant(at) + 1 if comma else at
        if comma_at > below:  # the comma is on its own line
            return self.cut(at, at, f", {text}")
        if self.line_end(at) > end - 1:  # the bracket closes on the same line
            return self.cut(at, at, f",{self.break_}{lead}{text}")
        between = self.text[at:below] if comma else f",{self.text[at:below]}"
        return self.cut(at, below, f"{between}{self.break_}{lead}{text}{',' if comma else ''}")

    # Removing

    def removed(self, pointer: Pointer, way: list[yaml.Node], data: Json) -> str:
        """The text without the value at a pointer."""
        node, step = way[-1], pointer[-1]
        index = _index(node, step)
        if _in_brackets(node):
            return self.removed_in_brackets(node, index)
        start = _start(node.value[index])
        if isinstance(node, yaml.SequenceNode):
            start = self.dash(node, index)
        if len(node.value) > 1 and not self.text[self.line_start(start) : start].strip(" \t"):
            return self.cut(*self.lines(start, self.end(node.value[index])), "")
        # The only entry of a block can't be cut out, nor one that shares its line with a dash: null
        # or a broken line would remain. So what is left is written again in brackets.
        left = deepcopy(member(data, *pointer[:-1]))
        del left[step]
        return self.replaced(way[-2], pointer[-2], node, left)

    def removed_in_brackets(self, node: yaml.Node, index: int) -> str:
        """The text without one entry and its comma, and without its line if that is then empty."""
        start, end = _start(node.value[index]), self.end(node.value[index])
        after = self.significant(end)
        comma = self.text[after] == "," and after < self.line_end(end)
        if comma:
            end = after + 1
        from_, rest = self.line_start(start), self.text[end : self.line_end(end)].strip(" \t")
        if not self.text[from_:start].strip(" \t") and (not rest or rest.startswith("#")):
            return self.cut(from_, self.next_line(end), "")
        if comma:
            while self.text[end] in " \t":
                end += 1
        elif index and not BREAK.search(self.text, self.end(node.value[index - 1]), start):
            start = self.end(node.value[index - 1])
        return self.cut(start, end, "")

    def dash(self, node: yaml.Node, index: int) -> int:
        """The position of an entry's dash."""
        at = self.line_start(node.value[index].start_mark.index)
        column = node.start_mark.column
        while self.text[at : at + column].strip(" ") or self.text[at + column] != "-":
            if not at:
                raise UneditableError
            at = self.line_start(at - 1)
        return at + column

    # Places

    def cut(self, start: int, end: int, text: str) -> str:
        return self.text[:start] + text + self.text[end:]

    def end(self, node: yaml.Node | tuple[yaml.Node, yaml.Node]) -> int:
        """Where the last character of a value ends.

        The parser says that a block ends where the next token starts, so its last entry is used.
        """
        if isinstance(node, tuple):
            node = node[1]
        if isinstance(node, yaml.CollectionNode) and not _in_brackets(node):
            return self.end(node.value[-1])
        end: int = node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            for break_ in ("\r\n", "\n", "\r"):
                if self.text.endswith(break_, 0, end):
                    return end - len(break_)
        return end

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """The whole lines around a piece, with one line break.

        The last line of a file may have no break; then the one before the piece is taken.
        """
        from_, to = self.line_start(start), self.next_line(end)
        if from_ and to == self.line_end(end):
            from_ -= 2 if self.text.endswith("\r\n", 0, from_) else 1
        return from_, to

    def line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def line_end(self, at: int) -> int:
        found = BREAK.search(self.text, at)
        return found.start() if found else len(self.text)

    def next_line(self, at: int) -> int:
        found = BREAK.search(self.text, at)
        return found.end() if found else len(self.text)

    def significant(self, at: int) -> int:
        """The first position from here on that is neither blank nor in a comment."""
        while self.text[at] in " \t\r\n#":
            at = self.line_end(at) if self.text[at] == "#" else at + 1
        return at

    def indentation(self) -> int:
        """The file's indentation, in spaces."""
        for key, value in self.root.value if isinstance(self.root, yaml.MappingNode) else ():
            if isinstance(value, yaml.MappingNode) and not _in_brackets(value):
                return max(2, int(value.start_mark.column - key.start_mark.column))
        return 2

    def has_blank_lines(self) -> bool:
        """Whether the file has blank lines between its parts."""
        until = self.root.value[-1][0].start_mark.index
        return any(not text.strip() for text in BREAK.split(self.text[:until])[1:-1])


def _in_brackets(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _child(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None


def _key(node: yaml.Node, step: str | int) -> yaml.ScalarNode:
    key: yaml.ScalarNode = next(key for key, _ in node.value if key.value == step)
    return key


def _index(node: yaml.Node, step: str | int) -> int:
    if isinstance(step, int):
        return step
    return next(index for index, (key, _) in enumerate(node.value) if key.value == step)


def _start(entry: yaml.Node | tuple[yaml.Node, yaml.Node]) -> int:
    node = entry[0] if isinstance(entry, tuple) else entry
    start: int = node.start_mark.index
    return start


def _nested(steps: Pointer, value: Json) -> Json:
    for step in reversed(steps):
        value = {step: value}
    return value
