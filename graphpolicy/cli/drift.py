"""drift: where the tenant differs from the files."""

from __future__ import annotations

import click

from graphpolicy.cli.options import Context, paths, tenant_options
from graphpolicy.cli.planning import names_option, plans


@click.command()
@paths
@tenant_options("Report", facts=True)
@names_option
def drift(context: Context, path: tuple[str, ...], *, names: bool) -> int:
    """Show where the tenant differs from the files. Never writes; exits 2 if it differs."""
    report = plans(context, "drift", path, names=names)
    context.console.report(report)
    return report.exit_code
