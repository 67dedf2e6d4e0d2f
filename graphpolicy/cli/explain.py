"""explain: what a method, setting, rule or key of a policy file is."""

from __future__ import annotations

import click

from graphpolicy.cli.flags import completing
from graphpolicy.cli.options import Context, facts_option, format_options, verb_options


@click.command()
@click.argument(
    "name", nargs=-1, metavar="[METHOD|SETTING|RULE|KEY]", shell_complete=completing("topics")
)
@click.option("--all", "every", is_flag=True, help="List every method, setting and rule.")
@verb_options
@facts_option
@format_options("Explained")
def explain(context: Context, name: tuple[str, ...], *, every: bool) -> int:
    """Explain a method, setting, rule or key, or list the methods.

    The name is Graph's, the portal's label, or a common one: TAP, passkey, number matching.
    """
    from graphpolicy.commands.explain import find, meant
    from graphpolicy.explain import Explained, methods, topics

    word = " ".join(name)
    if word and every:
        raise click.UsageError("give a name or --all, not both.")
    found = find(word) if word else topics() if every else methods()
    if not found:
        near = meant(word)
        fix = (
            f"Did you mean {near!r}?" if near else "`graphpolicy explain --all` lists all of them."
        )
        raise click.UsageError(f"No setting, method, rule or key is called {word!r}. {fix}")
    return context.console.answer(Explained(tuple(found), context.facts))
