"""validate: check policy files without a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.options import Context, format_options, paths, verb_options

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts


@click.command()
@paths
@verb_options
@facts_option
@format_options("CheckedFiles")
def validate(
    context: Context, path: tuple[str, ...], format_: str, output: tuple[str, ...], *, facts: Facts
) -> int:
    """Check policy files: syntax, schema, values, guards. Needs no tenant."""
    from graphpolicy.model import CheckedFiles
    from graphpolicy.plan.verdict import of_findings
    from graphpolicy.policyfile.load import load

    policies = load(path, facts, context.today)
    result = CheckedFiles(tuple(policies.findings), tuple(policies.files))
    context.console.show(result, format_, output)
    return of_findings(policies.findings)
