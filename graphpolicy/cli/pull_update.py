"""pull --update: change the tenants' files to match what is live."""

from __future__ import annotations

import click

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.options import Context


def update_files(context: Context, path: tuple[str, ...]) -> int:
    """Update the files of the wanted tenants; return 1 if something could not be updated."""
    from graphpolicy.commands.pull_update import update_each
    from graphpolicy.model import Failure
    from graphpolicy.plan.make import PlanContext
    from graphpolicy.plan.verdict import worst
    from graphpolicy.policyfile.files import STDIN
    from graphpolicy.render.pull_update import render_update

    if STDIN in path:
        raise click.UsageError("--update can't change standard input; name the file.")
    console = context.console
    policies = policies_for(context, path)
    occasion = PlanContext(context.today)
    results = connected(context, lambda session, _say: update_each(session, policies, occasion))
    codes = []
    for result in results:
        if isinstance(result, Failure):
            console.problem(f"{result.tenant.name}: {result.message}", result.help)
            codes.append(result.exit_code)
            continue
        console.result(render_update(result))
        for note in result.notes:
            console.say(f"note: {note}")
        console.tell(result.left)
        codes.append(1 if result.left else 0)
    return worst(codes)
