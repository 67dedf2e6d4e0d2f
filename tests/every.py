"""One test over many rows: it reports every row that fails, and costs the session one test."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

Test = Callable[..., None]


def every(
    names: str | tuple[str, ...], rows: Iterable[Any], ids: Iterable[str] | None = None
) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, but one test: all rows share the fixtures that it takes."""
    named = (names,) if isinstance(names, str) else names
    given, titles = [], []
    for row, id_ in zip(listed := list(rows), ids or listed, strict=True):
        mark = isinstance(row, type(pytest.param()))
        values = row.values if mark else (row,) if isinstance(names, str) else row
        given.append(dict(zip(named, values, strict=True)))
        titles.append(str((mark and row.id) or id_)[:99])

    def over(test: Test) -> Test:
        def all_of_them(subtests: pytest.Subtests, **fixtures: Any) -> None:
            own = {"subtests": subtests} if "subtests" in taken else {}
            for title, row in zip(titles, given, strict=True):
                with subtests.test(title):
                    test(**row, **own, **fixtures)

        taken = inspect.signature(test).parameters
        kept = [each for name, each in taken.items() if name not in (*named, "subtests")]
        subtests = inspect.Parameter("subtests", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        keywords = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in kept]
        all_of_them.__signature__ = inspect.Signature([subtests, *keywords])  # type: ignore[attr-defined]
        all_of_them.__name__, all_of_them.__doc__ = test.__name__, test.__doc__
        all_of_them.__module__ = test.__module__
        return all_of_them

    return over
