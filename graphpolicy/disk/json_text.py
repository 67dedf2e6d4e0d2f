"""JSON as text: our documents written, and JSON from outside read with plain messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from graphpolicy.model import Json

WRONG = (
    ("Expecting value", "a value is missing or misspelled"),
    ("Expecting property name", "a name in double quotes is missing"),
    ("Expecting ':'", "a colon is missing"),
    ("Expecting ','", "a comma or a closing bracket is missing"),
    ("Unterminated string", "a string has no closing quote"),
    ("Invalid control character", "a string contains a line break or a control character"),
    ("Invalid \\", "a backslash starts an unknown escape"),
    ("Illegal trailing comma", "there is nothing after a comma"),
    ("Extra data", "there is text after the end"),
)
"""The beginnings of Python's messages, and ours."""


CONFLICT = ("<<<<<<< ", "=======", ">>>>>>> ", "||||||| ")


def encoded(document: Json) -> str:
    """A document for people and scripts, as every file and every result of ours is written."""
    return json.dumps(document, indent=2) + "\n"


def decoded(raw: bytes | str) -> Json:
    """The value of JSON in any of its encodings, with or without a byte order mark.

    Raises:
        ValueError: it is not JSON; the message says why and where, to go after a file's name.
    """
    try:
        return json.loads(raw)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not text in {error.encoding}") from error
    except json.JSONDecodeError as error:
        raise ValueError(_why(error)) from error
    except ValueError as error:  # Python refuses numbers of thousands of digits
        raise ValueError("it contains a number that is too long") from error


def records(lines: Iterable[str]) -> Iterator[dict[str, Json]]:
    """The records that `append_record` wrote, without incomplete lines of a killed process."""
    for line in lines:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            yield found


def _why(error: json.JSONDecodeError) -> str:
    if not error.doc.strip("\ufeff \t\r\n\0"):
        return "it is empty"
    line = error.doc.splitlines()[error.lineno - 1 : error.lineno] or [""]
    if line[0].startswith(CONFLICT):
        return f"it has a conflict marker of git, line {error.lineno}: resolve the merge first"
    words = next((said for begin, said in WRONG if error.msg.startswith(begin)), error.msg)
    cut_off = not error.doc[error.pos :].strip() or error.msg.startswith("Unterminated string")
    hint = "; the file may be incomplete" if cut_off else ""
    return f"it is not valid JSON: {words}, line {error.lineno}, column {error.colno}{hint}"
