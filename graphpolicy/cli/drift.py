"""drift: where the tenant differs from the files."""

from __future__ import annotations

import click

from graphpolicy.cli.options import Context, paths, tenant_options
from graphpolicy.cli.planning import plans


@click.command()
@paths
@tenant_options("Report", facts=True)
def drift(context: Context, path: tuple[str, ...]) -> int:
    """Show where the tenant differs from the files. Never writes; exits 2 if it differs."""
    report = plans(context, "drift", path)
    context.console.report(report)
    return report.exit_code
