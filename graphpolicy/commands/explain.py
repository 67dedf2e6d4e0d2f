"""explain: find a setting, method or rule by Graph's name, the portal's label or the rule's id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations

from graphpolicy.catalogue import Resource
from graphpolicy.catalogue.settings import Setting
from graphpolicy.explain import Topic, called, topics
from graphpolicy.model.did_you_mean import closest, nearest, plain
from graphpolicy.rules.table import Rule

CONTAINED = 4
"""From this length on, a word also finds names and labels that contain it."""

WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]|(?<=[a-z])[A-Z]")
"""Where a word begins, in a text or in one of Graph's camelCase names."""

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
    every = topics()
    return next((found for way in ways if (found := tuple(filter(way, every)))), ())


def meant(word: str) -> str | None:
    """The name, or the part of one, that a word which finds nothing was probably meant to be."""
    last = word.rpartition(".")[2]
    return closest(last, _words()) or nearest(last, _parts())


def _words() -> Iterator[str]:
    for topic in topics():
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
    """The name and the label that `find` searches for a part of them."""
    return _name(topic).removesuffix("[]").rpartition(".")[2], _labels(topic)[0]


def _name(topic: Topic) -> str:
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


def _steps(name: str) -> tuple[str, ...]:
    steps = tuple(plain(step) for step in name.replace("[]", "").split("."))
    return steps[steps.index(METHODS) + 1 :] if METHODS in steps[:-1] else steps
