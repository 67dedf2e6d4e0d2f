"""Walks over JSON values, and over what files write in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.model.desired import Altered
from graphpolicy.model.words import Json, Written

OBJECT = (dict, Mapping)
LEAF = (str, int, type(None))
"""For `isinstance`: most values are of the first type, and the check of `Mapping` is slow."""


def member(value: Written, *path: str | int) -> Written:
    """The value at a path of keys and list indexes, or None if the path does not exist."""
    for step in path:
        if isinstance(value, list) and isinstance(step, int):
            value = value[step] if step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, OBJECT) else None
    return value


def put(value: Mapping[str, Written], path: Sequence[str], inner: Written) -> dict[str, Written]:
    """A copy of an object with another value at a path that it has."""
    first, *rest = path
    return {**value, first: put(value[first], rest, inner) if rest else inner}


def walk(value: Written, *at: str | int) -> Iterator[tuple[tuple[str | int, ...], Written]]:
    """A value and every value inside it, each with its path, outermost first."""
    yield at, value
    if isinstance(value, OBJECT):
        for key, inner in value.items():
            yield from walk(inner, *at, key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, *at, index)
    elif isinstance(value, Altered):
        yield from walk(value.add, *at, "add")
        yield from walk(value.remove, *at, "remove")


def objects(value: Written) -> Iterator[Mapping[str, Written]]:
    """Every object inside a value, itself included, outermost first."""
    if isinstance(value, OBJECT):
        yield value
        value = value.values()
    elif isinstance(value, Altered):
        value = (value.add, value.remove)
    elif not isinstance(value, list):
        return
    for inner in value:
        if not isinstance(inner, LEAF):
            yield from objects(inner)


def mapped(value: Written, leaf: Callable[[Written], Written]) -> Written:
    """A copy of a value, with `leaf` applied to whatever holds no other values."""
    if isinstance(value, Mapping):
        return {key: mapped(inner, leaf) for key, inner in value.items()}
    if isinstance(value, list):
        return [mapped(inner, leaf) for inner in value]
    if isinstance(value, Altered):
        return replace(value, add=mapped(value.add, leaf), remove=mapped(value.remove, leaf))
    return leaf(value)


def word(value: Json) -> str:
    """An enum member in lower case, for comparison; '' for None."""
    return "" if value is None else str(value).casefold()
