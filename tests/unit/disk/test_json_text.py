"""Messages about a text that is not JSON: where it is wrong, in our own words."""

from __future__ import annotations

import json

import pytest

from graphpolicy.disk.json_text import WRONG, decoded

BROKEN = {
    "": "it is empty",
    " \n": "it is empty",
    "\ufeff": "it is empty",
    "{": "a name in double quotes is missing, line 1, column 2; the file may be incomplete",
    '{"a": ': "a value is missing or misspelled, line 1, column 7; the file may be incomplete",
    '{"a": True}': "a value is missing or misspelled, line 1, column 7",
    "{a: 1}": "a name in double quotes is missing, line 1, column 2",
    '{"a" 1}': "a colon is missing, line 1, column 6",
    "[1\n2]": "a comma or a closing bracket is missing, line 2, column 1",
    '["x': "a string has no closing quote, line 1, column 2; the file may be incomplete",
    '["x\ny"]': "a string contains a line break or a control character, line 1, column 4",
    '["\\q"]': "a backslash starts an unknown escape, line 1, column 3",
    "[1] x": "there is text after the end, line 1, column 5",
    "[" * 100_000: "it is nested too deeply",
    "9" * 10_000: "it contains a number that is too long",
}


def test_what_is_no_json_is_told_in_plain_words_with_its_place() -> None:
    wrong = []
    for text, words in BROKEN.items():
        try:
            decoded(text)
        except ValueError as error:
            said = str(error)
            if words not in said or any(begin in said for begin, _ in WRONG):
                wrong.append((text[:20], said))
        else:
            wrong.append((text[:20], "read"))
    assert wrong == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_every_encoding_is_read(encoding: str) -> None:
    assert decoded(json.dumps({"a": "\u00fc"}).encode(encoding)) == {"a": "\u00fc"}
