"""A document: the content of a file with the place of everything, made from the parser's events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

import yaml

from graphpolicy.model import Finding, Json, Place
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.strict_yaml.scalars import DATE, resolve
from graphpolicy.policyfile.strict_yaml.syntax import NO_SPACE, explain
from graphpolicy.policyfile.strict_yaml.text import BREAK, inside, quoted, show, text_of

DEPTH = 50
"""How deeply lists and maps may be nested."""

DAYS = ("expires", "from")
"""The keys whose values are days; everywhere else an unquoted date is refused."""

LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_HALF = re.compile(r"[\ud800-\udfff]")
_TAG_DIRECTIVE = re.compile(r"^%TAG", re.MULTILINE)
_TAGS = "tag:yaml.org,2002:"


Pointer: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a file; `data` is None if nothing usable could be read.

    `places` holds where each value starts, and `keys` where each key of a map is.
    """

    file: str
    data: Json
    places: Mapping[Pointer, Place]
    keys: Mapping[Pointer, Place]
    findings: tuple[Finding, ...]

    def place(self, pointer: Pointer) -> Place:
        """Where the value at `pointer` starts, or else the nearest value around it."""
        for end in range(len(pointer), -1, -1):
            found = self.places.get(pointer[:end]) or self.keys.get(pointer[:end])
            if found:
                return found
        return Place(self.file, 1, 1)

    def key_place(self, pointer: Pointer) -> Place:
        """Where the key at `pointer` is, or else what `place` answers."""
        return self.keys.get(pointer) or self.place(pointer)


def parse(raw: bytes, file: str) -> Document:
    """Read a file strictly. It never raises: problems are findings, whatever the bytes are."""
    text, findings = text_of(raw, file)
    reader = _Reader(file, findings)
    if text is not None:
        reader.read(text)
    findings = sorted(reader.findings, key=lambda found: found.where)
    return Document(file, reader.data, reader.places, reader.keys, tuple(findings))


@dataclass(slots=True)
class _Frame:
    """A list or map being read. Without `pointer` its value is dropped, but its problems count."""

    value: dict[str, Json] | list[Json]
    pointer: Pointer | None
    quiet: bool
    lines: dict[str, int] = field(default_factory=dict)
    due: bool = False
    """In a map: a key was read, and its value is next."""
    key: str | None = None
    """The key for that value, None if the value is dropped."""
    label: str | None = None
    """The key as it is written, None if the value can't be named."""


class _Reader:
    """Collects the data, places and findings of one file."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self.file = file
        self.data: Json = None
        self.places: dict[Pointer, Place] = {}
        self.keys: dict[Pointer, Place] = {}
        self.findings = findings
        self._documents = 0
        self._stack: list[_Frame] = []
        self._lines: list[str] = []

    def report(self, rule: str, place: Place, message: str, fix: str) -> None:
        self.findings.append(Finding(rule, "error", message, fix, source=place))

    def read(self, text: str) -> None:
        self._lines = BREAK.split(text)
        if tag := _TAG_DIRECTIVE.search(text):  # PyYAML takes quadratic time over many of these
            line = len(BREAK.split(text[: tag.start()]))
            message = "%TAG declares tags, which a policy file may not use"
            self.report("yaml-tag", Place(self.file, line, 1), message, "remove the line")
            return
        try:
            done = all(self._event(event) for event in yaml.parse(text, Loader=LOADER))
        except yaml.MarkedYAMLError as error:
            self.findings.append(explain(error, self.file, self._lines))
            done = False
        except (yaml.YAMLError, ValueError, ArithmeticError):  # PyYAML on odd tags and escapes
            last = max(self.places.values(), key=lambda p: (p.line, p.column), default=None)
            place = last or Place(self.file, 1, 1)
            message = "a tag, an escape or a version after this place is not valid YAML"
            self.report("yaml-syntax", place, message, "remove it, or use single quotes")
            done = False
        if not done:
            self.data = None
        elif not self._documents:
            self._empty()

    def _empty(self) -> None:
        blank = not any(line.strip() for line in self._lines)
        message = "the file is empty" if blank else "the file contains no settings"
        place = Place(self.file, 1, 1)
        self.report("yaml-empty", place, message, "start it with 'version: 1'")

    def _event(self, event: yaml.Event) -> bool:
        """Read one event; False stops the reading."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            return self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                message = "a second document starts here, and only the first would count"
                fix = "keep one document in a file: remove the '---' or split the file"
                self.report("yaml-documents", self._place(event), message, fix)
        return True

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        assert mark  # noqa: S101 - the parser sets it on every event
        return inside(self.file, self._lines, mark.line, mark.column)

    # Nodes

    def _open(self, event: yaml.CollectionStartEvent) -> bool:
        place = self._place(event)
        if len(self._stack) >= DEPTH:
            message = f"lists and maps are nested more than {DEPTH} levels deep"
            self.report("yaml-depth", place, message, "check the brackets and the indentation")
            return False
        self._decorations(event, place)
        is_map = isinstance(event, yaml.MappingStartEvent)
        top = self._stack[-1] if self._stack else None
        value: dict[str, Json] | list[Json] = {} if is_map else []
        if top and isinstance(top.value, dict) and not top.due:
            message = f"a {'map' if is_map else 'list'} is where a key is expected"
            fix = "write a plain key; quote text that starts with a bracket or brace"
            if not top.quiet:
                self.report("yaml-key", place, message, fix)
            top.due, top.key, top.label = True, None, None
            self._stack.append(_Frame(value, None, quiet=True))
        else:
            quiet = bool(top and top.quiet)
            self._stack.append(_Frame(value, self._attach(value, place), quiet))
        return True

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        place = self._place(event)
        self._decorations(event, place)
        top = self._stack[-1] if self._stack else None
        plain = not event.style and event.tag is None
        value: Json = event.value
        if not event.value.isascii() and _HALF.search(event.value):  # from an escape
            message = "an escape produces half a character"
            self.report("yaml-character", place, message, "write the character itself")
            value = _HALF.sub("\N{REPLACEMENT CHARACTER}", event.value)
        if top and isinstance(top.value, dict) and not top.due:
            self._key(top, value, plain, place)
            return
        if plain:
            value = self._plain(top, event.value, place)
        self._attach(value, place)

    def _plain(self, top: _Frame | None, text: str, place: Place) -> Json:
        label = top.label if top and isinstance(top.value, dict) else None
        value, trap = resolve(text)
        if trap:
            if trap.rule == "yaml-date" and label in DAYS:
                if DATE.fullmatch(text):
                    return text
                day = DATE.match(text)
                fix = f"write the day alone: {day[0] if day else 'YYYY-MM-DD'}"
            else:
                fix = f"{trap.write}, or {quoted(text)}" if trap.write else quoted(text)
            self.report(trap.rule, place, f"'{show(text)}' {trap.says}", fix)
        elif value is None:
            self._null(top, label, text, place)
        return value

    def _null(self, top: _Frame | None, label: str | None, text: str, place: Place) -> None:
        if top is None and not text:
            if self._documents == 1:
                self._empty()
            return
        if top and (top.quiet or (isinstance(top.value, dict) and label is None)):
            return  # the value can't be named, and its key has a finding already
        if top is None:
            subject, fix = "the file", "start it with 'version: 1'"
        elif label is None:
            subject, fix = "an item of a list", "remove the item"
        elif not text and NO_SPACE.match(label):  # {state:enabled} is one key without a value
            subject, fix = f"'{show(label)}'", "write a space after the colon"
        else:
            subject = f"'{show(label)}'"
            fix = "remove the line to leave the setting unmanaged, or write [] for an empty list"
        says = f"is {text}; null is not allowed in a policy" if text else "has no value"
        self.report("yaml-null", place, f"{subject} {says}", fix)

    def _key(self, top: _Frame, text: str, plain: bool, place: Place) -> None:
        top.due, top.key, top.label = True, text, text
        if plain:
            value, trap = resolve(text)
            subject = f"the key '{show(text)}'"
            if trap and trap.rule == "yaml-merge-key":
                self.report(trap.rule, place, f"{subject} {trap.says}", trap.write)
                top.key = top.label = None
                return
            if trap:
                self.report(trap.rule, place, f"{subject} {trap.says}", quoted(text))
            elif not text:
                self.report("yaml-key", place, "a key is empty", "write the key before the ':'")
                top.key = top.label = None
                return
            elif not isinstance(value, str):
                kind = {bool: "a boolean", int: "a number", float: "a number"}.get(type(value))
                message = f"{subject} is {kind or 'null'}; a key must be text"
                self.report("yaml-key", place, message, quoted(text))
        if text in top.lines:
            message = f"the key '{show(text)}' is already set on line {top.lines[text]}"
            self.report("yaml-duplicate-key", place, message, "keep one of the two")
            top.key = None
            return
        top.lines[text] = place.line
        if top.pointer is not None:
            self.keys[(*top.pointer, text)] = place

    def _alias(self, event: yaml.AliasEvent) -> None:
        place = self._place(event)
        message = f"the YAML alias '*{show(event.anchor or '')}' is not allowed"
        fix = "write the value out in full, or quote text that starts with *"
        self.report("yaml-anchor", place, message, fix)
        top = self._stack[-1] if self._stack else None
        if top and isinstance(top.value, dict) and not top.due:
            top.due, top.key, top.label = True, None, None
        else:
            self._attach(None, place)

    def _decorations(self, event: yaml.NodeEvent, place: Place) -> None:
        """Report an anchor or a tag on a node."""
        if event.anchor is not None:
            message = f"the YAML anchor '&{show(event.anchor)}' is not allowed"
            fix = "remove it, or quote text that starts with &"
            self.report("yaml-anchor", place, message, fix)
        if tag := getattr(event, "tag", None):
            written = f"!!{tag[len(_TAGS) :]}" if tag.startswith(_TAGS) else tag
            message = f"the YAML tag '{show(written)}' is not allowed"
            fix = "remove it, or quote text that starts with !"
            self.report("yaml-tag", place, message, fix)

    def _attach(self, value: Json, place: Place) -> Pointer | None:
        """Put a value where it belongs. Returns its pointer, None if it is dropped."""
        pointer: Pointer | None = None
        if not self._stack:
            if self._documents == 1:
                self.data, pointer = value, ()
        elif isinstance(into := (top := self._stack[-1]).value, list):
            if top.pointer is not None:
                pointer = (*top.pointer, len(into))
            into.append(value)
        else:
            if top.key is not None:
                into[top.key] = value
                if top.pointer is not None:
                    pointer = (*top.pointer, top.key)
            top.due, top.key, top.label = False, None, None
        if pointer is not None:
            self.places[pointer] = place
        return pointer
