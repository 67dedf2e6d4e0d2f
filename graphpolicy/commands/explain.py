"""explain: what a word stands for, by Graph's name, the portal's label or a rule's id."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphpolicy.catalogue import Resource
from graphpolicy.catalogue.settings import Setting
from graphpolicy.pages import Topic, topics
from graphpolicy.policyfile.suggest import closest, plain
from graphpolicy.rules.about import Rule

CONTAINED = 4
"""From this length on, a word also stands for the names and labels that contain it."""

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
        lambda topic: (
            len(whole) >= CONTAINED
            and any(whole in plain(text) for text in (_steps(_name(topic))[-1], _labels(topic)[0]))
        ),
    )
    every = topics()
    return next((found for way in ways if (found := tuple(filter(way, every)))), ())


def meant(word: str) -> str | None:
    """What a word that stands for nothing was probably meant to be."""
    return closest(word.rpartition(".")[2], _words())


def _words() -> Iterator[str]:
    for topic in topics():
        yield _name(topic).rpartition(".")[2]
        yield from _labels(topic)


def _name(topic: Topic) -> str:
    return topic.name if isinstance(topic, Setting) else topic.id


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
