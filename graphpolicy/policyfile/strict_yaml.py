"""The strict YAML reader: every problem of a file at once, each with its place and its fix.

The file is read in one pass over the parser's events with a stack of its own: nothing here
recurses, an alias is never followed, and what is nested too deeply is left before it can do harm.
Plain scalars follow the core schema of YAML 1.2; whatever YAML 1.1 reads otherwise is refused,
because an editor and another tool would each see something else.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import yaml

from graphpolicy.model import Finding, Json, Place

Pointer: TypeAlias = tuple[str | int, ...]

DEPTH = 50
"""How many lists and maps may stand inside each other."""

_SHOWN = 60
"""How much of a value a message quotes."""

_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says: `data` is None when nothing usable could be read.

    `places` tells where each value begins and `keys` where each key of a map stands.
    """

    file: str
    data: Json
    places: Mapping[Pointer, Place]
    keys: Mapping[Pointer, Place]
    findings: tuple[Finding, ...]

    def place(self, pointer: Pointer) -> Place:
        """Where the value at `pointer`, or the nearest thing around it, begins."""
        for end in range(len(pointer), -1, -1):
            found = self.places.get(pointer[:end]) or self.keys.get(pointer[:end])
            if found:
                return found
        return Place(self.file, 1, 1)

    def key_place(self, pointer: Pointer) -> Place:
        """Where the key at `pointer` stands, or else what `place` answers."""
        return self.keys.get(pointer) or self.place(pointer)


def parse(raw: bytes, file: str) -> Document:
    """Read a file strictly. Whatever the bytes are, it ends, and problems come as findings."""
    reader = _Reader(file)
    text = reader.decode(raw)
    if text is not None:
        reader.read(text)
    findings = sorted(reader.findings, key=_by_place)
    return Document(file, reader.data, reader.places, reader.keys, tuple(findings))


def _by_place(finding: Finding) -> tuple[int, int]:
    return (finding.source.line, finding.source.column) if finding.source else (0, 0)


# --- Quoting what a file says ---------------------------------------------------------------------


def _show(text: str) -> str:
    """`text` for a message: cut, and without characters that act on the terminal."""
    shown = ""
    for letter in text:
        piece = letter
        if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
            piece = {"\n": "\\n", "\t": "\\t"}.get(letter) or _escape(letter)
        if len(shown) + len(piece) >= _SHOWN:
            return shown + "…"
        shown += piece
    return shown


def _escape(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def _quoted(text: str) -> str:
    """The words "quote it", with how, where that is short enough to be shown."""
    shown = _show(text)
    return f"quote it: '{shown}'" if shown == text else "quote it"


# --- Plain scalars --------------------------------------------------------------------------------


class _Trap(NamedTuple):
    """Why a plain scalar is refused: `says` goes on after its name, `write` is an alternative."""

    rule: str
    says: str
    write: str = ""


_WORDS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BOOLEANS = frozenset({"yes", "no", "on", "off", "y", "n"})

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_SPACED = re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?")
_RADIX = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|b[01_]+)")
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)
_DIGITS = 19
"""Longer numbers don't fit Graph's largest, and Python refuses to read endless ones."""

_OTHERS = "in YAML 1.1 and text in YAML 1.2"
_MERGE = _Trap(
    "yaml-merge-key", "merges maps in YAML 1.1 and is text in 1.2", "write the values out in full"
)
_EQUALS = _Trap("yaml-equals", f"has a meaning of its own {_OTHERS}")


def _resolve(text: str) -> tuple[Json, _Trap | None]:
    """What a plain scalar is in YAML 1.2, and the trap if YAML 1.1 or JSON sees it otherwise."""
    if text in _WORDS:
        return _WORDS[text], None
    if len(text) <= 3 and text.lower() in _BOOLEANS:
        return text, _Trap("yaml-boolean", f"is a boolean {_OTHERS}", "write true or false")
    if text[0] not in "+-.0123456789<=":
        return text, None
    if text == "<<":
        return text, _MERGE
    if text == "=":
        return text, _EQUALS
    trap = _number_trap(text)
    if trap:
        return text, trap
    if _INT.fullmatch(text):
        return int(text, 0) if text.startswith("0o") else int(text), None
    if _FLOAT.fullmatch(text):
        return float(text), None
    return text, None


def _number_trap(text: str) -> _Trap | None:
    """Why something that looks like a number or a date is refused."""
    if _LEADING_ZERO.fullmatch(text):
        sign = "-" if text[0] == "-" else ""
        bare = _short(sign + (text.replace("_", "").lstrip("+-0") or "0"))
        write = f"write {bare} without the leading zero" if bare else "leave out the leading zero"
        return _Trap("yaml-octal", "is octal in YAML 1.1 and decimal in YAML 1.2", write)
    if _BASE60.fullmatch(text):
        return _Trap("yaml-base60", f"is a number to base 60 {_OTHERS}")
    if _RADIX.fullmatch(text):
        digits = text.replace("_", "")
        write = ""
        if len(digits) <= _DIGITS and digits.lstrip("+-") not in {"0x", "0b"}:
            write = f"write {int(digits, 0)}"
        return _Trap("yaml-number", "is a number that not every reader of YAML knows", write)
    if "_" in text and _SPACED.fullmatch(text):
        bare = _short(text.replace("_", ""))
        return _Trap("yaml-number", f"is a number {_OTHERS}", f"write {bare}" if bare else "")
    if _ENDLESS.fullmatch(text):
        return _Trap("yaml-number", "is a number that JSON does not have", "write a finite number")
    if _DATE.fullmatch(text):
        return _Trap("yaml-date", f"is a date {_OTHERS}")
    if _TIME.fullmatch(text):
        return _Trap("yaml-date", f"is a time {_OTHERS}")
    if _too_large(text):
        return _Trap("yaml-number", "is larger than any number that Graph takes")
    return None


def _short(digits: str) -> str:
    return digits if len(digits) <= _DIGITS else ""


def _too_large(text: str) -> bool:
    if _INT.fullmatch(text):
        return len(text) > 2 * _DIGITS or abs(int(text, 0 if text[:2] == "0o" else 10)) >= 2**63
    return bool(_FLOAT.fullmatch(text)) and abs(float(text)) == float("inf")


# --- Reading --------------------------------------------------------------------------------------

_BREAK = re.compile(r"\r\n|\r|\n")
_UNSEEN = re.compile(
    r"[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Control characters, the line breaks that YAML 1.2 reads as text, and a byte order mark inside."""

_HALF = re.compile(r"[\ud800-\udfff]")
_TAG_DIRECTIVE = re.compile(r"^%TAG", re.MULTILINE)
_TAGS = "tag:yaml.org,2002:"


def _inside(file: str, lines: list[str], line: int, column: int) -> Place:
    """A mark of the parser as a place; the end of the file is the end of its last filled line."""
    if line >= len(lines) - 1:
        filled = len(lines) - 1
        while filled and not lines[filled].strip():
            filled -= 1
        if filled < line:
            line, column = filled, len(lines[filled])
        column = min(column, len(lines[line]))
    return Place(file, line + 1, column + 1)


def _without_bom(raw: bytes) -> bytes:
    return raw.removeprefix(codecs.BOM_UTF8)


@dataclass(slots=True)
class _Frame:
    """A list or map being read. Without `pointer` it is read for its problems alone."""

    value: dict[str, Json] | list[Json]
    pointer: Pointer | None
    quiet: bool
    lines: dict[str, int] = field(default_factory=dict)
    due: bool = False
    """In a map: a key was read and its value is next."""
    key: str | None = None
    """The key under which that value counts, None where it is dropped."""
    label: str | None = None
    """The key as it is written, None where the value can't be named."""


class _Reader:
    """Collects what `parse` answers."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: Json = None
        self.places: dict[Pointer, Place] = {}
        self.keys: dict[Pointer, Place] = {}
        self.findings: list[Finding] = []
        self._documents = 0
        self._stack: list[_Frame] = []
        self._lines: list[str] = []

    def report(self, rule: str, place: Place, message: str, fix: str) -> None:
        self.findings.append(Finding(rule, "error", message, fix, source=place))

    # Bytes to text

    def decode(self, raw: bytes) -> str | None:
        """The text of the file, with a stand-in for every character that it may not hold."""
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            fix = "save the file as UTF-8 (in PowerShell: Set-Content -Encoding utf8)"
            self.report("yaml-encoding", Place(self.file, 1, 1), "the file is UTF-16", fix)
            return None
        zero = raw.find(b"\0")
        if zero >= 0:
            message = f"the file is not text: byte 0x00 at offset {zero}"
            place = self._after(_without_bom(raw[:zero]))
            self.report("yaml-encoding", place, message, "save the file as UTF-8")
            return None
        body = _without_bom(raw)
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            offset = error.start + len(raw) - len(body)
            message = f"the file is not UTF-8: byte 0x{body[error.start]:02x} at offset {offset}"
            place = self._after(body[: error.start])
            self.report("yaml-encoding", place, message, "save the file as UTF-8")
            text = body.decode(errors="replace")
        self._lines = _BREAK.split(text)
        for number, line in enumerate(self._lines, 1):
            if bad := _UNSEEN.search(line):
                message = f"the invisible character U+{ord(bad[0]):04X} stands in the text"
                place = Place(self.file, number, bad.start() + 1)
                self.report("yaml-character", place, message, "remove it")
        return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)

    def _after(self, raw: bytes) -> Place:
        lines = _BREAK.split(raw.decode(errors="replace"))
        return Place(self.file, len(lines), len(lines[-1]) + 1)

    # Text to events

    def read(self, text: str) -> None:
        self._lines = _BREAK.split(text)
        if tag := _TAG_DIRECTIVE.search(text):  # PyYAML compares each with all before: quadratic
            line = len(_BREAK.split(text[: tag.start()]))
            message = "%TAG declares tags, which a policy file may not use"
            self.report("yaml-tag", Place(self.file, line, 1), message, "remove the line")
            return
        try:
            done = all(self._event(event) for event in yaml.parse(text, Loader=_Loader))
        except yaml.MarkedYAMLError as error:
            self.findings.append(_Syntax(self.file, self._lines).explain(error))
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
        message = "the file is empty" if blank else "the file holds no settings"
        place = Place(self.file, 1, 1)
        self.report("yaml-empty", place, message, "start it with 'version: 1'")

    def _event(self, event: yaml.Event) -> bool:
        """Take in one event; False ends the reading."""
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
        return _inside(self.file, self._lines, mark.line, mark.column)

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
            message = f"a {'map' if is_map else 'list'} stands where a key is expected"
            fix = "write a plain key; quote a text that starts with a bracket or a brace"
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
            message = "an escape stands for half a character"
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
        value, trap = _resolve(text)
        if trap:
            if trap.rule == "yaml-date" and label == "expires":
                if _DATE.fullmatch(text):
                    return text
                day = _DATE.match(text)
                fix = f"write the day alone: {day[0] if day else 'YYYY-MM-DD'}"
            else:
                fix = f"{trap.write}, or {_quoted(text)}" if trap.write else _quoted(text)
            self.report(trap.rule, place, f"'{_show(text)}' {trap.says}", fix)
        elif value is None:
            self._null(top, label, text, place)
        return value

    def _null(self, top: _Frame | None, label: str | None, text: str, place: Place) -> None:
        if top is None and not text:
            if self._documents == 1:
                self._empty()
            return
        if top and (top.quiet or (isinstance(top.value, dict) and label is None)):
            return  # nothing that could be named: a finding about its key says enough
        if top is None:
            subject, fix = "the file", "start it with 'version: 1'"
        elif label is None:
            subject, fix = "an item of a list", "remove the item"
        elif not text and _NO_SPACE.match(label):  # a short map in braces: {state:enabled}
            subject, fix = f"'{_show(label)}'", "write a space after the colon"
        else:
            subject = f"'{_show(label)}'"
            fix = "remove the line to leave the setting unmanaged, or write [] for an empty list"
        says = f"is {text}, and null is no value in a policy" if text else "has no value"
        self.report("yaml-null", place, f"{subject} {says}", fix)

    def _key(self, top: _Frame, text: str, plain: bool, place: Place) -> None:
        top.due, top.key, top.label = True, text, text
        if plain:
            value, trap = _resolve(text)
            subject = f"the key '{_show(text)}'"
            if trap and trap.rule == "yaml-merge-key":
                self.report(trap.rule, place, f"{subject} {trap.says}", trap.write)
                top.key = top.label = None
                return
            if trap:
                self.report(trap.rule, place, f"{subject} {trap.says}", _quoted(text))
            elif not text:
                self.report("yaml-key", place, "a key is empty", "write the key before the ':'")
                top.key = top.label = None
                return
            elif not isinstance(value, str):
                kind = {bool: "a boolean", int: "a number", float: "a number"}.get(type(value))
                message = f"{subject} is {kind or 'null'}, and a key must be text"
                self.report("yaml-key", place, message, _quoted(text))
        if text in top.lines:
            message = f"the key '{_show(text)}' is already set on line {top.lines[text]}"
            self.report("yaml-duplicate-key", place, message, "keep one of the two")
            top.key = None
            return
        top.lines[text] = place.line
        if top.pointer is not None:
            self.keys[(*top.pointer, text)] = place

    def _alias(self, event: yaml.AliasEvent) -> None:
        place = self._place(event)
        message = f"the alias '*{_show(event.anchor or '')}' repeats a value from elsewhere"
        fix = "write the value out in full, or quote a text that starts with *"
        self.report("yaml-anchor", place, message, fix)
        top = self._stack[-1] if self._stack else None
        if top and isinstance(top.value, dict) and not top.due:
            top.due, top.key, top.label = True, None, None
        else:
            self._attach(None, place)

    def _decorations(self, event: yaml.NodeEvent, place: Place) -> None:
        """Report an anchor or a tag on a node."""
        if event.anchor is not None:
            message = f"the anchor '&{_show(event.anchor)}' names a value for repetition"
            fix = "remove it, or quote a text that starts with &"
            self.report("yaml-anchor", place, message, fix)
        if tag := getattr(event, "tag", None):
            written = f"!!{tag[len(_TAGS) :]}" if tag.startswith(_TAGS) else tag
            message = f"the tag '{_show(written)}' changes what a value is"
            fix = "remove it, or quote a text that starts with !"
            self.report("yaml-tag", place, message, fix)

    def _attach(self, value: Json, place: Place) -> Pointer | None:
        """Put a value where it belongs, and answer its pointer unless it is dropped."""
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


# --- Syntax errors --------------------------------------------------------------------------------

_NO_SPACE = re.compile(r"\s*(?:- +)*([^\s:#'\"\[\]{},]+):(?=[^\s:/])")
_SECOND_COLON = re.compile(r":\s")
_INDENTED = re.compile(r"[\s-]*(?:- )?")
_OPEN = re.compile(r"',' or '([\]}])'")
_OPENERS = {"]": "[", "}": "{"}


class _Spot(NamedTuple):
    """A line and a column, both counted from 0."""

    line: int
    column: int


class _Syntax:
    """Says in plain words what the parser stopped at, and where the mistake was made.

    The two parsers, libyaml and PyYAML's own, differ in their words and now and then in their
    places; an explanation goes by what they agree on and by the text itself.
    """

    def __init__(self, file: str, lines: list[str]) -> None:
        self._file = file
        self._lines = lines

    def explain(self, error: yaml.MarkedYAMLError) -> Finding:
        problem = error.problem or "something is wrong"
        context = error.context or ""
        at = _spot(error.problem_mark) or _spot(error.context_mark) or _Spot(0, 0)
        start = _spot(error.context_mark) or at
        spot, message, fix = self._explain(problem, context, at, start)
        rule = "yaml-tag" if "tag" in context.split() or "tag handle" in problem else "yaml-syntax"
        return Finding(rule, "error", message, fix, source=_inside(self._file, self._lines, *spot))

    def _explain(
        self, problem: str, context: str, at: _Spot, start: _Spot
    ) -> tuple[_Spot, str, str]:
        if "tab character" in problem or (
            "cannot start any token" in problem and self._char(at) == "\t"
        ):
            return at, "a tab stands where only spaces may indent", "indent with spaces"
        if "could not find expected ':'" in problem:
            return self._no_colon(start)
        if "mapping values are not allowed" in problem:
            return self._stray_colon(at)
        if "sequence entries are not allowed" in problem:
            message = "a list item stands on the line of its key"
            return at, message, "put each '- ' on a line of its own below the key"
        if "escape" in problem or "hexdecimal" in problem:
            return self._bad_escape(at)
        if "quoted scalar" in context or "double-quoted" in context:
            message = f"the quote {self._char(start)} is not closed"
            return start, message, "close it, and check the quotes in the lines below"
        if flow := _OPEN.search(problem):
            return self._unclosed(at, start, flow[1])
        if "directive" in context or "YAML document" in problem or "directive" in problem:
            message = "a line that starts with % is a directive, and this one cannot be followed"
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
            message = "something stands after the end of the document"
            return at, message, "remove it, or the line above that ends the document"
        if "scanning" in context or "parsing a tag" in context or "tag handle" in problem:
            at = start
        elif "node content" not in problem and "mapping keys" not in problem:
            fix = "check this line and the one above it"
            return at, f"this is not valid YAML: {_show(problem)}", fix
        char = _show(self._char(at))
        if not char:
            return at, "a value is missing here", "write it, and close every bracket and quote"
        fix = f"quote the value if '{char}' belongs to it, or remove what is out of place"
        return at, f"a value cannot start with '{char}' here", fix

    def _no_colon(self, start: _Spot) -> tuple[_Spot, str, str]:
        line = self._line(start)
        if missing := _NO_SPACE.match(line):
            return self._no_space(start.line, missing)
        text = _show(line[start.column :].split(" #")[0].strip())
        message = f"'{text}' is neither a key with a value nor an item of a list"
        return start, message, "write 'key: value' or '- item', or join it to the line above"

    def _no_space(self, line: int, missing: re.Match[str]) -> tuple[_Spot, str, str]:
        message = f"a space is missing after '{_show(missing[1])}:'"
        return _Spot(line, missing.end()), message, "write a space after the colon"

    def _no_space_above(self, at: _Spot) -> tuple[_Spot, str, str] | None:
        """What to say if the line above would have been a key beside the one at `at`."""
        line = self._line(at)
        for number in range(at.line - 1, -1, -1):
            above = self._lines[number]
            if above.strip() and not above.lstrip().startswith("#"):
                missing = _NO_SPACE.match(above)
                if missing and missing.start(1) == len(line) - len(line.lstrip()):
                    return self._no_space(number, missing)
                break
        return None

    def _stray_colon(self, at: _Spot) -> tuple[_Spot, str, str]:
        if _SECOND_COLON.search(self._line(at)[: at.column]):
            message = "a second ': ' stands on one line"
            return at, message, "quote the value, or give the second key a line of its own"
        if above := self._no_space_above(at):
            return above
        message = "a key is not allowed here: what stands before it is already a value"
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
        message = f"'{_show(line[column : column + 2])}' begins no valid escape in double quotes"
        return (
            at._replace(column=column),
            message,
            "write \\\\ for a backslash, or use single quotes",
        )

    def _misaligned(self, context: str, at: _Spot, start: _Spot) -> tuple[_Spot, str, str]:
        if self._before(at):
            return self._after_value(at)
        if self._char(at) == ":":
            return at, "a key is missing before ':'", "write the key, or quote the value"
        item = self._line(at)[at.column :].startswith("-")
        if at.column == start.column and item and "mapping" in context:
            message = "an item of a list stands among the keys of a map"
            return at, message, "move the item below its key, or remove the '-'"
        if at.column == start.column and not item and "collection" in context:
            message = "a key stands among the items of a list"
            return at, message, "indent the key below its item, or start it with '- '"
        if above := self._no_space_above(at):
            return above
        message = "the indentation fits nothing above"
        return at, message, "align keys of one map, and items of one list, in one column"

    def _after_value(self, at: _Spot) -> tuple[_Spot, str, str]:
        message = "something stands after the end of a value"
        return at, message, "quote the whole value, and double each ' inside single quotes"

    def _line(self, spot: _Spot) -> str:
        return self._lines[spot.line] if spot.line < len(self._lines) else ""

    def _char(self, spot: _Spot) -> str:
        return self._line(spot)[spot.column : spot.column + 1]

    def _before(self, spot: _Spot) -> bool:
        """Whether more than indentation and dashes stands before the spot on its line."""
        return not _INDENTED.fullmatch(self._line(spot)[: spot.column])


def _spot(mark: yaml.Mark | None) -> _Spot | None:
    return _Spot(mark.line, mark.column) if mark else None
