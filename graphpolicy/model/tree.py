"""Walks over JSON values."""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.model.words import Json


def member(values: Json, *path: str) -> Json:
    """The value at a path, or None if the path does not exist."""
    for name in path:
        values = values.get(name) if isinstance(values, Mapping) else None
    return values


def word(value: Json) -> str:
    """An enum member in lower case, for comparison; '' for None."""
    return "" if value is None else str(value).casefold()
