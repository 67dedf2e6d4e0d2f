"""demo: the guided tour on a mock tenant."""

from __future__ import annotations

import sys

import click

from graphpolicy.cli.options import Context, verb_options


@click.command()
@verb_options
@click.argument("folder", type=click.Path(), default="graphpolicy-demo")
def demo(context: Context, folder: str) -> int:
    """Take the guided tour on a mock tenant (about ten seconds).

    The files of the tour go to FOLDER, by default graphpolicy-demo.
    """
    from graphpolicy.commands.demo import free_folder, tour

    console = context.console
    free = free_folder(folder)
    for step in tour(free, console.colored(sys.stdout)):
        console.result(f"# {step.why}\n$ {step.command}\n{step.output}\n")
    console.result(f"# End of the tour. Change a file in {free / 'policies'} and plan again.\n")
    return 0
