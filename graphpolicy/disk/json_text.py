"""JSON that somebody gives us to read: its value, or in plain words where it is none."""

from __future__ import annotations

import json

from graphpolicy.model import Json

WRONG = (
    ("Expecting value", "a value is missing or misspelt"),
    ("Expecting property name", "a name in double quotes is missing"),
    ("Expecting ':'", "a colon is missing"),
    ("Expecting ','", "a comma or a closing bracket is missing"),
    ("Unterminated string", "a text begins that has no closing quote"),
    ("Invalid control character", "a line ends, or a control character stands, within a text"),
    ("Invalid \\", "a backslash begins nothing that JSON knows"),
    ("Illegal trailing comma", "a comma has nothing after it"),
    ("Extra data", "something follows after its end"),
)
"""How the messages of Python's reader begin, and what they come to."""


def decoded(raw: bytes | str) -> Json:
    """The value of JSON in any of its encodings, with or without a byte order mark.

    Raises:
        ValueError: it is none; the text says why and where, and follows on the name of a file.
    """
    try:
        return json.loads(raw)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not text in {error.encoding}") from error
    except json.JSONDecodeError as error:
        raise ValueError(_why(error)) from error
    except ValueError as error:  # Python reads no number of thousands of digits
        raise ValueError("it holds a number that is too long") from error


def _why(error: json.JSONDecodeError) -> str:
    if not error.doc.strip("\ufeff \t\r\n\0"):
        return "it is empty"
    words = next((said for begin, said in WRONG if error.msg.startswith(begin)), error.msg)
    cut_off = not error.doc[error.pos :].strip() or error.msg.startswith("Unterminated string")
    hint = "; it may have been cut off" if cut_off else ""
    return f"it is no JSON: {words}, line {error.lineno}, column {error.colno}{hint}"
