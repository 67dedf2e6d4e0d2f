"""Bytes to text and lines, positions of the parser to places, and text for messages."""

from __future__ import annotations

import codecs
import re

from graphpolicy.model import Finding, Place
from graphpolicy.model.invisible_characters import invisible

BREAK = re.compile(r"\r\n|\r|\n")
_UNSEEN = re.compile(
    r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Control characters, line breaks that YAML 1.2 reads as text, and byte order marks."""


def text_of(raw: bytes, file: str) -> tuple[str | None, list[Finding]]:
    """The text of a file, with U+FFFD for every character that is not allowed in it.

    None if the bytes are not text; the findings then say why.
    """
    findings: list[Finding] = []

    def report(rule: str, place: Place, message: str, fix: str = "save the file as UTF-8") -> None:
        findings.append(Finding(rule, "error", message, fix, source=place))

    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        fix = "save the file as UTF-8 (in PowerShell: Set-Content -Encoding utf8)"
        report("yaml-encoding", Place(file, 1, 1), "the file is UTF-16", fix)
        return None, findings
    zero = raw.find(b"\0")
    if zero >= 0:
        message = f"the file is not text: byte 0x00 at offset {zero}"
        report("yaml-encoding", _after(_without_bom(raw[:zero]), file), message)
        return None, findings
    body = _without_bom(raw)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        offset = error.start + len(raw) - len(body)
        message = f"the file is not UTF-8: byte 0x{body[error.start]:02x} at offset {offset}"
        report("yaml-encoding", _after(body[: error.start], file), message)
        text = body.decode(errors="replace")
    for number, line in enumerate(BREAK.split(text), 1):
        if bad := _UNSEEN.search(line):
            message = f"the text contains the invisible character U+{ord(bad[0]):04X}"
            report("yaml-character", Place(file, number, bad.start() + 1), message, "remove it")
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text), findings


def inside(file: str, lines: list[str], line: int, column: int) -> Place:
    """A position of the parser as a place. The end of the file becomes the end of its last line."""
    if line >= len(lines) - 1:
        filled = len(lines) - 1
        while filled and not lines[filled].strip():
            filled -= 1
        if filled < line:
            line, column = filled, len(lines[filled])
        column = min(column, len(lines[line]))
    return Place(file, line + 1, column + 1)


def _after(raw: bytes, file: str) -> Place:
    """The place right after `raw`."""
    lines = BREAK.split(raw.decode(errors="replace"))
    return Place(file, len(lines), len(lines[-1]) + 1)


def _without_bom(raw: bytes) -> bytes:
    return raw.removeprefix(codecs.BOM_UTF8)


_SHOWN = 60
"""At most this many characters of a value appear in a message."""


def show(text: str, most: int = _SHOWN) -> str:
    """`text` for a message: cut, with characters that act on a terminal escaped."""
    shown = ""
    for letter in text:
        piece = letter
        if invisible(letter):
            long = ord(letter) >= 0x10000
            other = f"\\U{ord(letter):08x}" if long else f"\\u{ord(letter):04x}"
            piece = {"\n": "\\n", "\t": "\\t"}.get(letter, other)
        if len(shown) + len(piece) >= most:
            return shown + "…"
        shown += piece
    return shown


def quoted(text: str) -> str:
    """The words "quote it", followed by the quoted text if that can be shown in full."""
    shown = show(text)
    return f"quote it: '{shown}'" if shown == text else "quote it"
