"""The verb that answers questions: what a setting or a rule is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.options import Choice, Context, verb_options

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts

SHOWN_WHOLE = 3
"""Pages up to this number are shown, of more the list."""


@click.command()
@click.argument("name", nargs=-1, metavar="[SETTING|RULE]")
@verb_options
@facts_option
@click.option(
    "--format",
    "format_",
    type=Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
    help="markdown is the reference page.",
)
def explain(context: Context, name: tuple[str, ...], format_: str, *, facts: Facts) -> int:
    """Say what a setting, a method or a rule is; without a name, list all."""
    from graphpolicy.commands.explain import find, meant
    from graphpolicy.pages import every_page

    word = " ".join(name)
    pages = find(word, facts) if word else every_page(facts)
    if not pages:
        near = meant(word, facts)
        fix = f"Did you mean {near!r}?" if near else "`graphpolicy explain` lists what there is."
        raise click.UsageError(f"No setting, method or rule is called {word!r}. {fix}")
    console = context.console
    if format_ == "json":
        from graphpolicy.render import pages_json

        console.result(pages_json.render_pages(pages, facts))
    elif format_ == "markdown":
        from graphpolicy.render.pages_markdown import render_pages

        console.result(render_pages(pages, facts))
    else:
        from graphpolicy.render import pages_text

        few = len(pages) <= SHOWN_WHOLE
        show = pages_text.render_pages if few else pages_text.render_list
        console.result(show(pages, facts, console.style(sys.stdout)))
    return 0
