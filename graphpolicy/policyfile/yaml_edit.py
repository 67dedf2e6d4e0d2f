"""Edits values in a file's text; every other byte stays.

A tool that writes YAML again decides on spaces, indentation, line ends and byte order marks by
itself. So does ruamel.yaml: its round trip keeps comments, order and quotes, but not the spaces
before a value, the indentation of lists, long lines, CRLF or a byte order mark. Here the parser
only says where each value is, and the text is cut there. Finally the strict reader must read
exactly the intended data from the new text; otherwise nothing is changed.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from copy import deepcopy

import yaml

from graphpolicy.model import Json
from graphpolicy.model.tree import member
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.policyfile.strict_yaml.events import LOADER
from graphpolicy.policyfile.strict_yaml.text import BREAK
from graphpolicy.policyfile.yaml_text import REMOVED, Edit, Renamed, UneditableError, YamlText


def edited(raw: bytes, data: Json, edits: Iterable[Edit]) -> tuple[bytes, Json]:
    """Apply edits one after the other. Returns the new bytes and the new data.

    Raises:
        UneditableError: the text can't be edited without changing something else.
    """
    bom = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    text = raw.removeprefix(bom).decode()
    data = deepcopy(data)
    try:
        for edit in edits:
            for single in _by_key(edit, data, text):
                text = YamlText(text).edited(single, data)
                _put(data, single)
    except yaml.YAMLError as error:
        raise UneditableError from error
    result = bom + text.encode()
    document = parse(result, "")
    if document.data != data or document.findings:
        raise UneditableError
    return result, data


def comments(raw: bytes) -> Iterator[tuple[int, str]]:
    """The comments of a file, each with its line, counted from 1."""
    text = raw.removeprefix(codecs.BOM_UTF8).decode()
    line_, at = 1, 0
    for token in yaml.scan(text, Loader=LOADER):
        between = text[at : token.start_mark.index]
        for number, rest in enumerate(BREAK.split(between)):
            if "#" in rest:
                yield line_ + number, rest[rest.index("#") :].rstrip()
        at, line_ = token.end_mark.index, token.end_mark.line + 1


def _by_key(edit: Edit, data: Json, text: str) -> Iterator[Edit]:
    """Split the edit of a map in block style into one for each key, so that its style stays."""
    old = member(data, *edit.pointer)
    maps = isinstance(edit.value, dict) and edit.value and isinstance(old, dict) and old
    if not maps or YamlText(text).in_brackets(edit.pointer):
        yield edit
        return
    changed = [key for key in edit.value if key not in old or old[key] != edit.value[key]]
    gone = [key for key in old if key not in edit.value]
    yield from (Edit((*edit.pointer, key), edit.value[key]) for key in changed)
    yield from (Edit((*edit.pointer, key), REMOVED) for key in gone)


def _put(data: Json, edit: Edit) -> None:
    *above, last = edit.pointer
    for step in above:
        data = data.setdefault(step, {}) if isinstance(data, dict) else data[step]
    if edit.value is REMOVED:
        del data[last]
    elif isinstance(edit.value, Renamed):
        members = {edit.value.key if key == last else key: data[key] for key in data}
        data.clear()
        data.update(members)
    elif isinstance(data, list) and last == len(data):
        data.append(deepcopy(edit.value))
    else:
        data[last] = deepcopy(edit.value)
