"""Which flags a command gives, and the values of those that it does not give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from graphpolicy.cli.console import Console
from graphpolicy.cli.context import Context
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from graphpolicy.commands.defaults import Defaults
    from graphpolicy.model import Default

PARAMETERS: Mapping[str, str] = {
    "paths": "path",
    "tenant": "tenants",
    "state-dir": "state_dir",
    "auth": "auth",
    "client-id": "client_id",
    "format": "format_",
    "color": "color",
    "quiet": "quiet",
    "verbose": "verbose",
}
"""The parameter of each flag that can have a default."""


REPORTING = ("plan", "apply", "drift")
"""Verbs whose JSON and other formats have the mistakes as findings."""


def with_defaults(context: Context, current: click.Context) -> Context:
    """The defaults for what was not given; a mistake in their file ends the verbs that use it."""
    found = _defaults(context.console, current, context.environment)

    def words(name: str) -> tuple[str, ...]:
        return found.values[name].values if name in found.values else ()

    def word(name: str, otherwise: str) -> str:
        return next(iter(words(name)), otherwise)

    console = context.console
    return replace(
        context,
        console=replace(
            console,
            color=word("color", console.color),
            quiet=word("quiet", str(console.quiet).lower()) == "true",
            verbose=word("verbose", str(console.verbose).lower()) == "true",
            format=word("format", console.format),
        ),
        tenants=words("tenant") or context.tenants,
        auth=word("auth", context.auth),
        client_id=word("client-id", context.client_id),
        own_state_dir=word("state-dir", context.own_state_dir),
        own_defaults=found,
    )


def given(name: str, current: click.Context) -> str:
    """The value of a flag as it was given, before the verb or after it; '' if it was not."""
    context: click.Context | None = current
    while context:
        source = context.get_parameter_source(PARAMETERS[name])
        if source not in (None, ParameterSource.DEFAULT):
            value = context.params[PARAMETERS[name]]
            return ", ".join(value) if isinstance(value, tuple) else str(value).lower()
        context = context.parent
    return ""


def listed_defaults(context: Context) -> tuple[Default, ...]:
    """Every flag that can have a default, with what it is now and where that comes from."""
    current = click.get_current_context()
    found = {name: words for name in PARAMETERS if (words := given(name, current))}
    return context.defaults.listed(found)


def _defaults(console: Console, current: click.Context, environment: Mapping[str, str]) -> Defaults:
    """The defaults for the flags that this verb has and that were not given.

    A verb that reads no policy and asks no tenant continues if the file has mistakes.

    Raises:
        click.exceptions.Exit: the file has mistakes. They were printed.
        UsageError: a variable has a value that the flag does not take.
    """
    from graphpolicy.commands.defaults import defaults, mistyped

    found = defaults(environment)
    for name, near in mistyped(environment):
        console.warn(f"the variable {name} does nothing: did you mean {near}?")
    mine = {parameter.name: parameter for parameter in current.command.params}
    if found.findings and {"path", "auth"} & mine.keys() and current.info_name != "validate":
        console.tell(found.findings)
        console.problem("the defaults for flags have errors; nothing was read or written")
        if current.info_name in REPORTING and not console.text_alone:
            from graphpolicy.plan.verdict import Report

            console.report(Report(current.info_name, (), findings=found.findings))
        raise click.exceptions.Exit(Exit.FAILED)
    for one in found.left_out if "auth" in mine else ():
        if not given(one.name, current):
            console.say(
                f"note: {one.source}: {one.name} does not count in a job, because others can "
                f"change this file: give --{one.name} or "
                f"GRAPHPOLICY_{one.name.upper().replace('-', '_')}"
            )
    kept = {
        name: one
        for name, one in found.values.items()
        if not given(name, current) and _takes(mine.get(PARAMETERS[name]), name, one.values)
    }
    verbose = kept.get("verbose")
    if console.verbose or (verbose and verbose.values == ("true",)):
        for one in kept.values():
            console.say(f"{one.name} is {', '.join(one.values)}, from {one.source}")
    return replace(found, values=kept)


def _takes(parameter: click.Parameter | None, name: str, values: tuple[str, ...]) -> bool:
    """Whether the verb has such a flag, with this value: formats differ between verbs."""
    if parameter is None:
        return name == "paths"  # a verb without PATH reads the policies of the default paths, too
    kind = parameter.type
    return not isinstance(kind, click.Choice) or all(one in kind.choices for one in values)
