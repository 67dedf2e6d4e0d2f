"""history: the runs that were recorded."""

from __future__ import annotations

import json
import sys

import click

from graphpolicy.cli.options import Choice, Context, filled, verb_options


@click.command()
@click.argument("run", required=False, metavar="[RUN|FOLDER]", callback=filled)
@verb_options
@click.option("--format", "format_", type=Choice(("text", "json")), default="text")
def history(context: Context, run: str | None, format_: str) -> int:
    """List what was applied and rolled back here, or one run in full."""
    from graphpolicy.journal.folder import find, runs
    from graphpolicy.render.history import as_json, overview, requests

    style = context.console.style(sys.stdout)
    found = [find(context.state_dir, run)] if run else list(runs(context.state_dir))
    wanted = (context.tenant or "").casefold()
    found = [
        one for one in found if not wanted or wanted in (one.tenant.name.casefold(), one.tenant.id)
    ]
    if format_ == "json":
        context.console.result(json.dumps(as_json(found), indent=2) + "\n")
    elif not found:
        context.console.say(f"no run is recorded below {context.state_dir}")
    else:
        context.console.result(requests(found[0], style) if run else overview(found, style))
    return 0
