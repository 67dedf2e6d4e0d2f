"""demo: the guided tour on a mock tenant."""

from __future__ import annotations

import os
import sys

import click

from graphpolicy.cli.options import Context, verb_options
from graphpolicy.model.errors import Exit


@click.command()
@verb_options
@click.argument("folder", type=click.Path(), default="graphpolicy-demo")
@click.option("--no-pause", is_flag=True, help="Do not wait for a key between scenes.")
def demo(context: Context, folder: str, *, no_pause: bool) -> int:
    """Take the guided tour on a mock tenant.

    The files of the tour go to FOLDER, by default graphpolicy-demo. At a terminal it waits for a
    key between its scenes.
    """
    from graphpolicy.commands.demo import GO_ON, SCENES, free_folder, play, stage, tail
    from graphpolicy.render.ansi import fitted

    console = context.console
    free = free_folder(folder)
    color = console.colored(sys.stdout)
    console.result(f"The files of the tour are in {free}, and its commands run there.\n\n")
    with stage(free) as (mock, environment):
        for number, scene in enumerate(SCENES, 1):
            if scene.before:
                scene.before(mock)
            console.result(f"# {number} of {len(SCENES)}: {scene.why}\n$ {scene.command}\n")
            code = play(scene, free, environment, color=color)
            console.result(f"{fitted(tail(scene, free), console.style(sys.stdout).width)}\n")
            if code != scene.exit_code:
                console.problem(
                    f"the tour expected exit code {scene.exit_code} here, not {code}",
                    "this is a mistake in graphpolicy: report it with the lines above",
                )
                return Exit.FAILED
            if not no_pause and number < len(SCENES):
                _pause()
    start = GO_ON[os.name]
    console.result(
        "# End of the tour. Its mock has stopped. Start a new one (in bash with jq):\n"
        f"cd {free}\n{start}graphpolicy plan\n"
    )
    return Exit.DONE


def _pause() -> None:
    """Wait for a key at a terminal. `click.pause` would treat Ctrl-C as a key."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        click.echo("Press a key for the next scene, or Ctrl-C to end.", err=True)
        click.getchar()
