"""Data as YAML that every reader takes for the same: the strict one, an editor, YAML 1.1."""

from __future__ import annotations

import re

import yaml

from graphpolicy.model import Json
from graphpolicy.policyfile import strict_yaml
from graphpolicy.policyfile.strict_yaml.quoting import show


class OneLine(dict[str, Json]):
    """A map that is written in braces: a target."""


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some reader of YAML could take for something else."""

    def ignore_aliases(self, _data: Json) -> bool:
        return True

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        """Escapes a text that holds something unseen, such as a change of direction."""
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


def _plain_is_text(text: str) -> bool:
    """Whether our own strict reader takes the bare word for just this text."""
    document = strict_yaml.parse(f"k: {text}\n".encode(), "-")
    return not document.findings and document.data == {"k": text}


def _represent_list(dumper: yaml.SafeDumper, items: list[Json]) -> yaml.SequenceNode:
    words = all(isinstance(item, str) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=words)


def _represent_one_line(dumper: yaml.SafeDumper, entry: OneLine) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", entry, flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(OneLine, _represent_one_line)


def dump(document: Json) -> str:
    """YAML in block style, short lists of words in brackets, keys in the given order."""
    text: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2
    )
    return text
