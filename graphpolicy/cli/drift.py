"""drift: where the tenant differs from the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.options import (
    Context,
    connection_options,
    format_options,
    paths,
    verb_options,
)
from graphpolicy.cli.tenant_plans import plans

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts


@click.command()
@paths
@verb_options
@connection_options
@facts_option
@format_options("Report")
def drift(
    context: Context, path: tuple[str, ...], format_: str, output: tuple[str, ...], *, facts: Facts
) -> int:
    """Show where the tenant differs from the files. Never writes; exits 2 if it differs."""
    from graphpolicy.plan.verdict import exit_code

    report = plans(context, "drift", path, facts=facts, format_=format_, output=output)
    context.console.report(report, format_, output)
    return exit_code(report)
