"""The verb that answers questions: what a setting or a rule is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.options import Context, format_options, verb_options

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.render import Style


@click.command()
@click.argument("name", nargs=-1, metavar="[METHOD|SETTING|RULE]")
@click.option("--all", "every", is_flag=True, help="List every method, setting and rule.")
@verb_options
@facts_option
@format_options("text", "json", "markdown")
def explain(
    context: Context,
    name: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    every: bool,
    facts: Facts,
) -> int:
    """Say what a method, setting or rule is; bare, list the methods.

    NAME is Graph's name, the portal's label, or what people say: TAP, passkey, number matching.
    """
    from graphpolicy.commands.explain import find, meant
    from graphpolicy.explain import methods, topics
    from graphpolicy.render import render_topics

    word = " ".join(name)
    if word and every:
        raise click.UsageError("--all lists everything; leave out the name, or the flag.")
    found = find(word) if word else topics() if every else methods()
    if not found:
        near = meant(word)
        fix = (
            f"Did you mean {near!r}?"
            if near
            else "`graphpolicy explain --all` lists what there is."
        )
        raise click.UsageError(f"No setting, method or rule is called {word!r}. {fix}")

    def show(format_: str, style: Style) -> str:
        return render_topics(found, facts, format_, style)

    context.console.deliver(show, format_, output, context.console.style(sys.stdout))
    return 0
