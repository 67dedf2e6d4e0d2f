"""mock: a mock Graph on loopback."""

from __future__ import annotations

import errno
import sys

import click

from graphpolicy.cli.options import Context, verb_options
from graphpolicy.model.errors import Exit, GraphPolicyError


@click.command()
@verb_options
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free port.")
@click.option("--seed", default="contoso", show_default=True, help="Tenant to start with.")
@click.option(
    "--snapshot",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Start with your own tenant, from a file of pull --snapshot.",
)
@click.option("--era", help="Behave like Graph in 2022, 2024 or 2026 (the default).")
@click.option(
    "--switch",
    multiple=True,
    metavar="NAME=VALUE",
    help="Choose a behaviour where Graph's documentation is ambiguous.",
)
@click.option(
    "--no-consent",
    is_flag=True,
    help=(
        "Let Entra ask for consent to every permission, as in a tenant where nobody has "
        "consented yet."
    ),
)
@click.option("--describe", is_flag=True, help="List what the mock claims about Graph, and why.")
def mock(
    context: Context,
    *,
    port: int,
    seed: str,
    snapshot: str | None,
    era: str | None,
    switch: tuple[str, ...],
    no_consent: bool,
    describe: bool,
) -> int:
    """Serve a mock Graph on this machine until Ctrl-C."""
    import json

    from graphpolicy import mock as graph
    from graphpolicy.disk.folders import read_inside
    from graphpolicy.disk.json_text import decoded
    from graphpolicy.render.text_table import render_table

    if describe:
        rows = [(rule.tag, rule.name, rule.sentence, rule.source) for rule in graph.describe()]
        head = ("EVIDENCE", "RULE", "SAYS", "SOURCE")
        context.console.result(render_table(head, rows, context.console.style(sys.stdout)))
        return Exit.DONE
    try:
        tenant = decoded(read_inside(snapshot)) if snapshot else None
        served = graph.Mock(seed=seed, snapshot=tenant)
        then = {"era": era} if era else {}
        served.set_switches(**then, **dict(item.partition("=")[::2] for item in switch))
        if no_consent:
            served.withdraw_consents()
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
        why = f"port {port} can't be used: {error.strerror}"
        raise GraphPolicyError(why, "leave out --port for a free one") from error
    return Exit.DONE
