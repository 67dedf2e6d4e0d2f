"""The verbs that run the mock: nothing real is touched."""

from __future__ import annotations

import errno
import sys

import click

from graphpolicy.cli.options import Context, verb_options


@click.command()
@verb_options
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free one.")
@click.option("--seed", default="contoso", show_default=True, help="Which tenant to begin with.")
@click.option(
    "--snapshot",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Begin with your own tenant, as `pull --snapshot` saved it.",
)
@click.option("--era", help="How Graph was then: 2022, 2024 or 2026 (the default).")
@click.option(
    "--switch", multiple=True, metavar="NAME=VALUE", help="How it answers where Graph is unclear."
)
@click.option("--describe", is_flag=True, help="Print what the mock claims about Graph, and why.")
def mock(
    context: Context,
    *,
    port: int,
    seed: str,
    snapshot: str | None,
    era: str | None,
    switch: tuple[str, ...],
    describe: bool,
) -> int:
    """Serve a mock Graph on loopback, until Ctrl-C."""
    import json
    from pathlib import Path

    from graphpolicy import mock as graph
    from graphpolicy.render.table import render_table

    if describe:
        rows = [(rule.tag, rule.name, rule.sentence, rule.source) for rule in graph.describe()]
        head = ("EVIDENCE", "RULE", "SAYS", "SOURCE")
        context.console.result(render_table(head, rows, context.console.style(sys.stdout)))
        return 0
    try:
        tenant = json.loads(Path(snapshot).read_text(encoding="utf-8")) if snapshot else None
        served = graph.Mock(seed=seed, snapshot=tenant)
        then = {"era": era} if era else {}
        served.set_switches(**then, **dict(item.partition("=")[::2] for item in switch))
    except ValueError as error:
        where = f"{snapshot}: " if snapshot else ""
        raise click.UsageError(f"{where}{error}") from error

    def ready(server: graph.Server) -> None:
        context.console.result(json.dumps(server.line) + "\n", "json")

    try:
        graph.run(served, port, ready)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = f"port {port} can't be had: {error.strerror}; leave out --port for a free one"
        raise click.ClickException(why) from error
    return 0


@click.command()
@verb_options
@click.argument("folder", type=click.Path(), default="graphpolicy-demo")
def demo(context: Context, folder: str) -> int:
    """Take the guided tour on a mock tenant; about ten seconds."""
    from graphpolicy.commands.demo import free_folder, tour

    console = context.console
    free = free_folder(folder)
    for step in tour(free, console.colored(sys.stdout)):
        console.result(f"# {step.why}\n$ {step.command}\n{step.output}\n")
    console.result(f"# That was all. The files are in {free / 'policies'}: change one and look.\n")
    return 0
