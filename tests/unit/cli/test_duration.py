"""Durations as people write them."""

from __future__ import annotations

import click
import pytest

from graphpolicy.cli.flags import cache_for


def given(text: str) -> int:
    @click.command()
    @cache_for
    def verb(cache_for: int) -> int:
        return cache_for

    done: int = verb.main(["--cache-for", text], standalone_mode=False)
    return done


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("2h", 7200), ("1d", 86_400), ("7d", 604_800), ("0", 0), ("0h", 0)],
)
def test_a_duration_is_seconds(text: str, seconds: int) -> None:
    assert given(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "-1h", "1.5h", "8d", "1w", "15 m", "\u0663m"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        given(text)
