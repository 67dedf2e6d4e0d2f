"""plan: what would change, and which people it affects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.flags import all_filled, completing
from graphpolicy.cli.options import Context, paths, tenant_options
from graphpolicy.cli.planning import (
    allow_option,
    base_option,
    impact_options,
    names_option,
    only_option,
    ring_option,
)
from graphpolicy.cli.reports import Plans

if TYPE_CHECKING:
    from graphpolicy.rollouts.rings import Ring


@click.command()
@paths
@tenant_options("Report", facts=True)
@ring_option
@base_option
@only_option
@allow_option
@impact_options
@click.option(
    "--against",
    multiple=True,
    metavar="SNAPSHOT",
    shell_complete=completing("files"),
    callback=all_filled,
    help="Plan against a file from pull --snapshot, or a folder of them; needs no credentials.",
)
@names_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there are changes.")
@click.option("--watch", is_flag=True, help="Plan again whenever a policy file changes.")
def plan(
    context: Context,
    path: tuple[str, ...],
    *,
    base: str | None,
    only: tuple[str, ...],
    allow: tuple[str, ...],
    against: tuple[str, ...],
    names: bool,
    impact: bool,
    cache_for: int | None,
    detailed_exitcode: bool,
    watch: bool,
    ring: tuple[Ring, ...],
) -> int:
    """Show what would change, and which people it affects. Never writes."""
    if impact and against:
        raise click.UsageError(
            "--impact reads the tenant, and --against does not: leave out one of them."
        )
    wanted = Plans(
        context,
        "plan",
        path,
        base=base,
        only=only,
        allow=allow,
        against=against,
        names=names,
        impact=impact,
        cache_for=cache_for,
        ring=ring,
        detailed=detailed_exitcode,
    )
    if not watch:
        return wanted.show()
    if "-" in path:
        raise click.UsageError("--watch watches files, and standard input is not a file.")
    return wanted.watch()
