"""What flags are made of: choices, values that must not be empty, several flags as one."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


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
    import re

    from graphpolicy.catalogue.shared import GUID

    if value is not None and not re.fullmatch(GUID, value.strip()):
        raise click.BadParameter(f"{value!r} is not an id (a GUID).", param=option)
    return value.strip().lower() if value else None
