"""What flags are made of: choices, values that must not be empty, times, several flags as one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

LONGEST = 7 * 24 * 3600
"""Seconds. After a week the registration report is too old to count people with."""

_UNITS = {"m": 60, "h": 3600, "d": 24 * 3600}
_DURATION = re.compile(r"(?P<count>\d{1,5})(?P<unit>[mhd])|0", re.ASCII)


class Choice(click.Choice[str]):
    """A choice that suggests what was probably meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        from graphpolicy.model.did_you_mean import closest

        message = super().get_invalid_choice_message(value, ctx)
        near = closest(str(value), map(str, self.choices))
        return f"{message} Did you mean {near!r}?" if near else message


def filled(_context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Refuse an empty value: an unset shell variable must not mean every tenant or the last run."""
    if value is not None and not value.strip():
        raise click.BadParameter("the value is empty; a variable may be unset.", param=option)
    return value


def all_filled(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """The same for a flag that may be repeated."""
    for value in values:
        filled(context, option, value)
    return values


def each_named(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """The names of a flag that takes several, repeated or with commas between them."""
    words = tuple(word.strip() for value in values for word in value.split(","))
    return tuple(dict.fromkeys(all_filled(context, option, words)))


def completing(kind: str) -> Callable[[click.Context, click.Parameter, str], list[Any]]:
    """What the Tab key proposes for a value: files, folders, or names of a kind in `names.NAMES`.

    Names are those of the folder of `-C`, where it is given.
    """

    def complete(context: click.Context, _parameter: click.Parameter, begun: str) -> list[Any]:
        from graphpolicy.cli.names import proposed

        return proposed(kind, begun, started_in(context))

    return complete


recorded_run = click.argument(
    "run",
    required=False,
    metavar="[RUN|FOLDER]",
    shell_complete=completing("folders"),
    callback=filled,
)
"""A recorded run, by its name or its folder."""


def started_in(context: click.Context) -> str:
    """The folder that `-C` names, before the verb and after it."""
    above = started_in(context.parent) if context.parent else ""
    return os.path.join(above, context.params.get("chdir") or "")  # noqa: PTH118 - '' is here


def bundle(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several flags as one decorator, in the order of --help."""

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def guid(_context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Refuse a value that is not a GUID; Entra's ids are GUIDs."""
    from graphpolicy.catalogue.shared import GUID

    if value is not None and not re.fullmatch(GUID, value.strip()):
        raise click.BadParameter(f"{value!r} is not an id (a GUID).", param=option)
    return value.strip().lower() if value else None


def seconds(_context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """A time such as 15m, 2h or 1d in seconds; 0 is none."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        why = f"{text!r} is not a duration; write it as 15m, 2h or 1d."
        raise click.BadParameter(why, param=option)
    total = int(found["count"] or 0) * _UNITS[found["unit"] or "m"]
    if total > LONGEST:
        raise click.BadParameter(f"{text!r} is longer than 7d.", param=option)
    return total


def day(_context: click.Context, option: click.Parameter, text: str | None) -> str:
    """Today or an earlier day, such as 2026-11-24, at its beginning in UTC; '' without one."""
    if text is None:
        return ""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        why = f"{text!r} is not a date; write it as 2026-11-24."
        raise click.BadParameter(why, param=option) from None
    today = datetime.now(UTC).date()
    if found > today:
        why = f"{text!r} is in the future; write today ({today}, UTC) or an earlier day."
        raise click.BadParameter(why, param=option)
    return f"{found}T00:00:00"


cache_for = click.option(
    "--cache-for",
    metavar="DURATION",
    callback=seconds,
    help="Keep lists about people on disk for 15m, 2h or 1d, so that later commands reuse them; "
    "0 deletes the kept lists.",
)
"""The flag of verbs that count people."""
