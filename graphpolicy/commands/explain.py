"""explain: what a word stands for, by Graph's name, the portal's label or a rule's id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations

from graphpolicy.catalogue import Resource
from graphpolicy.catalogue.settings import Setting
from graphpolicy.explain import Topic, topics
from graphpolicy.explain.names import called
from graphpolicy.model.did_you_mean import closest, nearest, plain
from graphpolicy.rules.table import Rule

CONTAINED = 4
"""From this length on, a word also stands for the names and labels that contain it."""

WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]|(?<=[a-z])[A-Z]")
"""Where a word begins: in text, or within a name of Graph's."""

METHODS = "authenticationmethodconfigurations"
"""The key around the methods in a policy file; it and what is before it may be left out."""


def find(word: str) -> tuple[Topic, ...]:
    """What a word stands for, as far as it names it best; nothing if it names nothing.

    Case, hyphens and spaces don't count, nor does what leads to a setting: `state`,
    `TemporaryAccessPass.state` and the whole path of a policy file will do.
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
    """What a word that stands for nothing was probably meant to be: a name, or a part of one."""
    last = word.rpartition(".")[2]
    return closest(last, _words()) or nearest(last, _parts())


def _words() -> Iterator[str]:
    for topic in topics():
        yield _name(topic).rpartition(".")[2]
        yield from _labels(topic)


def _parts() -> Iterator[str]:
    """Every few words on end of a name or label that would find it."""
    for text in {text for topic in topics() for text in _searched(topic)}:
        ends = [*(each.start() for each in WORD.finditer(text)), len(text)]
        for start, end in combinations(ends, 2):
            part = text[start:end].strip(" .,:;()")
            if len(plain(part)) >= CONTAINED:
                yield part


def _searched(topic: Topic) -> tuple[str, str]:
    """What a part of a word may be found in."""
    return _name(topic).removesuffix("[]").rpartition(".")[2], _labels(topic)[0]


def _name(topic: Topic) -> str:
    return topic.name if isinstance(topic, Setting) else topic.id


def _named(topic: Topic) -> str:
    """What the table of other names goes by."""
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
