"""plan: what would change in the tenant, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.options import (
    Context,
    all_filled,
    connection_options,
    format_options,
    paths,
    verb_options,
)
from graphpolicy.cli.plan_context import allow_option, base_option
from graphpolicy.cli.tenant_plans import plans

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts


@click.command()
@paths
@verb_options
@connection_options
@facts_option
@format_options("Report")
@base_option
@allow_option
@click.option(
    "--against",
    multiple=True,
    metavar="SNAPSHOT",
    callback=all_filled,
    help="Plan against a file from pull --snapshot, or a folder of them; needs no credentials.",
)
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit 2 if there are changes.",
)
def plan(
    context: Context,
    path: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    facts: Facts,
    base: str | None,
    allow: tuple[str, ...],
    against: tuple[str, ...],
    detailed_exitcode: bool,
) -> int:
    """Show what would change in the tenant, and for whom. Never writes."""
    from graphpolicy.plan.verdict import exit_code

    report = plans(
        context,
        "plan",
        path,
        facts=facts,
        format_=format_,
        output=output,
        base=base,
        allow=allow,
        against=against,
    )
    context.console.report(report, format_, output)
    return exit_code(report, detailed=detailed_exitcode)
