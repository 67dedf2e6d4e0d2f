"""Data as YAML that every parser reads the same: ours, an editor's, one for YAML 1.1."""

from __future__ import annotations

import re
from functools import cache

import yaml

from graphpolicy.model import Json
from graphpolicy.policyfile import strict_yaml
from graphpolicy.policyfile.strict_yaml.text import show

WIDTH = 100


class OneLine(dict[str, Json]):
    """A map that is written in braces, such as a target."""


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some YAML parser could read as something else."""

    def ignore_aliases(self, _data: Json) -> bool:
        return True

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        """Escapes a text with invisible characters, such as a change of direction."""
        if show(text, len(text) + 1) == text:
            super().write_double_quoted(text, split)
            return
        self.allow_unicode = False
        super().write_double_quoted(text, split)
        self.allow_unicode = True


PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@/-]*(?: [A-Za-z0-9_.@/-]+)*")


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = PLAIN.fullmatch(text) is not None and _plain_is_text(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


@cache
def _plain_is_text(text: str) -> bool:
    """Whether our own strict reader reads the bare word as exactly this text."""
    document = strict_yaml.parse(f"k: {text}\n".encode(), "-")
    return not document.findings and document.data == {"k": text}


def _represent_list(dumper: yaml.SafeDumper, items: list[Json]) -> yaml.SequenceNode:
    words = all(isinstance(item, str) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=words)


def _represent_one_line(dumper: yaml.SafeDumper, entry: dict[str, Json]) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", entry, flow_style=True)


class _OneLineDumper(_Dumper):
    """Writes everything in brackets and braces."""


class _QuotingDumper(_Dumper):
    """Puts every text in double quotes."""


def _represent_quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


def _represent_items(dumper: yaml.SafeDumper, items: list[Json]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(OneLine, _represent_one_line)
_OneLineDumper.add_representer(list, _represent_items)
_OneLineDumper.add_representer(dict, _represent_one_line)
_QuotingDumper.add_representer(str, _represent_quoted)


def dump(document: Json) -> str:
    """YAML in block style with keys in the given order; lists of words are in brackets."""
    text: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, indent=2
    )
    return text


def line(value: Json) -> str:
    """One value on one line, maps in braces and lists in brackets."""
    text: str = yaml.dump(
        [value], Dumper=_OneLineDumper, sort_keys=False, allow_unicode=True, width=float("inf")
    )
    return text.rstrip("\n")[1:-1]


def quoted_as(style: str | None, value: Json) -> str:
    """One value on one line, a text in quotes of the given style."""
    if not isinstance(value, str) or style not in ("'", '"'):
        return line(value)
    if style == "'" and show(value, len(value) + 1) == value:
        return "'{}'".format(value.replace("'", "''"))
    text: str = yaml.dump(value, Dumper=_QuotingDumper, allow_unicode=True, width=float("inf"))
    return text.rstrip("\n")


def entry_lines(key: str, value: Json, column: int, step: int) -> list[str]:
    """A key with its value as lines, without the indentation that they share.

    `column` is where the key will be; what is inside is indented by `step` spaces.
    """
    if isinstance(value, dict) and value and not isinstance(value, OneLine):
        inner = [
            text
            for name, member in value.items()
            for text in entry_lines(name, member, column + step, step)
        ]
        return [f"{line(key)}:", *(" " * step + text for text in inner)]
    text = f"{line(key)}: {line(value)}"
    if isinstance(value, list) and value and column + len(text) > WIDTH:
        return [f"{line(key)}:", *(f"{' ' * step}- {line(item)}" for item in value)]
    return [text]
