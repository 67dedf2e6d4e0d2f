"""One table of a TOML file, with the place of each key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphpolicy.model import Finding, Place
from graphpolicy.model.records import dataclass

RULE = "invalid-default"


@dataclass(frozen=True, slots=True)
class TomlTable:
    """What a table holds. `name` is its name in the file, () for the file itself."""

    file: str
    text: str
    name: tuple[str, ...]
    values: Mapping[str, Any]

    def place(self, key: str) -> Place:
        """Where a key is written; the whole file if it is written in an unusual way."""
        quoted = rf"""(?:"{re.escape(key)}"|'{re.escape(key)}'|{re.escape(key)})"""
        headers = [".".join((*self.name, key)), ".".join(self.name)]
        inside = not self.name
        for number, line in enumerate(self.text.split("\n"), 1):
            if header := re.match(r"\s*\[+([^\]#]*)\]", line):
                written = re.sub(r"""[\s"']""", "", header[1])
                inside = written == headers[1]
                if written == headers[0] or written.startswith(f"{headers[0]}."):
                    return Place(self.file, number, header.start(1) + 1)
            elif inside and (found := re.match(rf"\s*({quoted})\s*[=.]", line)):
                return Place(self.file, number, found.start(1) + 1)
        return Place(self.file)


def read_table(raw: bytes, file: str, name: tuple[str, ...] = ()) -> TomlTable | Finding | None:
    """The table with this name, None if the file has none, or why the file can't be read."""
    import tomllib

    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        values: Any = tomllib.loads(text)
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}"
        return Finding(RULE, "error", message, "save the file as UTF-8", source=Place(file))
    except RecursionError:
        message, fix = "the file is nested too deeply", "write one line for each default"
        return Finding(RULE, "error", message, fix, source=Place(file))
    except tomllib.TOMLDecodeError as error:
        why, at = str(error), Place(file)
        if found := re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", why):
            line, column = found[1] or text.count("\n") + 1, found[2] or 1
            why, at = why[: found.start()], Place(file, int(line), int(column))
        fix = 'correct the line: KEY = "VALUE", or KEY = ["VALUE", "VALUE"]'
        return Finding(RULE, "error", f"the file is not TOML: {why}", fix, source=at)
    for step in name:
        values = values.get(step) if isinstance(values, Mapping) else None
    if values is None:
        return None
    if not isinstance(values, Mapping):
        message = f"{'.'.join(name)} is not a table"
        fix = f"write [{'.'.join(name)}], and below it a line for each default"
        return Finding(RULE, "error", message, fix, source=Place(file))
    return TomlTable(file, text, name, values)
