"""drift: where the tenant differs from the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.flags import cache_for as cache_option, day
from graphpolicy.cli.options import Context, paths, tenant_options
from graphpolicy.cli.planning import names_option, ring_option
from graphpolicy.cli.reports import Plans

if TYPE_CHECKING:
    from graphpolicy.rollouts.rings import Ring


@click.command()
@paths
@tenant_options("Report", facts=True)
@ring_option
@names_option
@click.option(
    "--impact",
    is_flag=True,
    help="Count what Microsoft takes away on the next day that it has announced.",
)
@cache_option
@click.option(
    "--since",
    metavar="DAY",
    callback=day,
    help="The last day (UTC) on which the tenant matched its files, such as 2026-11-24: look "
    "from then on for who changed it.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit 2 for any difference from the snapshot, including Microsoft's own changes.",
)
def drift(
    context: Context,
    path: tuple[str, ...],
    *,
    names: bool,
    impact: bool,
    cache_for: int | None,
    since: str,
    strict: bool,
    ring: tuple[Ring, ...],
) -> int:
    """Show where the tenant differs from the files. Never writes; exits 2 if it differs."""
    wanted = Plans(
        context,
        "drift",
        path,
        names=names,
        impact=impact,
        cache_for=cache_for,
        since=since,
        strict=strict,
        ring=ring,
    )
    return wanted.show()
