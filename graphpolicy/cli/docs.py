"""docs: a page of the documentation."""

from __future__ import annotations

import click

from graphpolicy.cli.flags import completing
from graphpolicy.cli.options import Context, verb_options
from graphpolicy.model.errors import Exit


@click.command()
@click.argument("topic", required=False, shell_complete=completing("pages"))
@verb_options
def docs(context: Context, topic: str | None) -> int:
    """Print a page of the documentation, or list the pages.

    The pages are those of this release, as Markdown: `graphpolicy docs policy`.
    """
    from graphpolicy.commands.docs import pages
    from graphpolicy.model.did_you_mean import closest

    every = pages()
    if topic is None:
        width = max(map(len, every))
        listed = "".join(f"{name:<{width}}  {page.title}\n" for name, page in every.items())
        context.console.result(f"{listed}\n`graphpolicy docs TOPIC` prints a page.\n")
        return Exit.DONE
    page = every.get(topic.casefold())
    if page is None:
        near = closest(topic, every)
        fix = f"Did you mean {near!r}?" if near else "`graphpolicy docs` lists the pages."
        raise click.UsageError(f"There is no page {topic!r}. {fix}")
    context.console.result(page.text())
    return Exit.DONE
