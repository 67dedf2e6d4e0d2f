"""explain: find a setting, method, rule or key by its name, the portal's label or the rule's id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations

from graphpolicy.catalogue import RESOURCES, Resource
from graphpolicy.catalogue.settings import Setting
from graphpolicy.explain import FileKey, Topic, called, topics
from graphpolicy.model.did_you_mean import closest, nearest, plain
from graphpolicy.policyfile.json_schema import schema
from graphpolicy.policyfile.schema_keys import Schema
from graphpolicy.rules.table import Rule

CONTAINED = 4
"""From this length on, a word also finds names and labels that contain it."""

TAKES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "object": "a map",
    "string": "text",
}

WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]|(?<=[a-z])[A-Z]")
"""Where a word begins, in text or in one of Graph's camelCase names."""

METHODS = "authenticationmethodconfigurations"
"""The key of the methods in a policy file; it and the keys above it may be left out."""


def find(word: str) -> tuple[Topic, ...]:
    """The topics that a word names, by the most exact of five ways that finds any; or none.

    Case, hyphens and spaces don't matter. The path to a setting may be shortened from the left:
    `state`, `TemporaryAccessPass.state` and the whole path in a policy file all work.
    """
    steps = _steps(word)
    whole = plain(word)
    ways: tuple[Callable[[Topic], bool], ...] = (
        lambda topic: _steps(_name(topic)) == steps,
        lambda topic: _steps(_name(topic))[-len(steps) :] == steps,
        lambda topic: whole in map(plain, _labels(topic)),
        lambda topic: whole in map(plain, called(_named(topic))),
        lambda topic: (
            len(whole) >= CONTAINED and any(whole in plain(text) for text in _searched(topic))
        ),
    )
    every, others = topics(), tuple(keys())
    exact, ending, *loose = ways
    return (
        tuple(filter(exact, (*every, *others)))
        or tuple(filter(ending, every))
        or tuple(filter(ending, others))
        or next((found for way in loose if (found := tuple(filter(way, every)))), ())
    )


def keys() -> Iterator[FileKey]:
    """Every key of a policy file beside the policy itself, as the schema describes it."""
    for name, node in schema()["properties"].items():
        if name not in RESOURCES:
            yield from (key for key in _keys(name, node) if not key.id.endswith((".NAME", "[]")))


def _keys(path: str, node: Schema) -> Iterator[FileKey]:
    """A key, and those below it."""
    below = [found for each, one in _below(path, node) for found in _keys(each, one)]
    if about := node.get("description"):
        pairs = zip(node.get("enum", ()), node.get("enumDescriptions", ()), strict=False)
        kinds = node.get("type", "string" if "enum" in node else "object")
        takes = [TAKES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
        members = tuple((each.id.removeprefix(path).lstrip("."), each.about) for each in below)
        values = tuple((str(value), str(words)) for value, words in pairs)
        yield FileKey(path, about, " or ".join(takes), values, members)
    yield from below


def _below(path: str, node: Schema) -> Iterator[tuple[str, Schema]]:
    for name, one in node.get("properties", {}).items():
        yield f"{path}.{name}", one
    for ending, key in ((".NAME", "additionalProperties"), ("[]", "items")):
        if isinstance(node.get(key), dict):
            yield f"{path}{ending}", node[key]


def meant(word: str) -> str | None:
    """The name, or part of a name, that was probably meant by a word that finds nothing."""
    last = word.rpartition(".")[2]
    return closest(last, _words()) or nearest(last, _parts())


def _words() -> Iterator[str]:
    for topic in (*topics(), *keys()):
        yield _name(topic).rpartition(".")[2]
        yield from _labels(topic)


def _parts() -> Iterator[str]:
    """Every run of words in a name or label that is long enough to find it."""
    for text in {text for topic in topics() for text in _searched(topic)}:
        ends = [*(each.start() for each in WORD.finditer(text)), len(text)]
        for start, end in combinations(ends, 2):
            part = text[start:end].strip(" .,:;()")
            if len(plain(part)) >= CONTAINED:
                yield part


def _searched(topic: Topic) -> tuple[str, str]:
    """The name and the label in which `find` searches for a part."""
    return _name(topic).removesuffix("[]").rpartition(".")[2], _labels(topic)[0]


def _name(topic: Topic) -> str:
    if isinstance(topic, FileKey):
        return topic.id.replace(".NAME", "")
    return topic.name if isinstance(topic, Setting) else topic.id


def _named(topic: Topic) -> str:
    """The key in the table of other names."""
    return topic.dotted if isinstance(topic, Setting) else topic.id


def _labels(topic: Topic) -> tuple[str, ...]:
    match topic:
        case Setting():
            return (topic.row.label, topic.label)
        case Resource():
            return (topic.label,)
        case Rule():
            return (topic.title,)
        case FileKey():
            return (topic.about,)


def _steps(name: str) -> tuple[str, ...]:
    steps = tuple(plain(step) for step in name.replace("[]", "").split("."))
    return steps[steps.index(METHODS) + 1 :] if METHODS in steps[:-1] else steps
