"""validate: check policy files without a tenant."""

from __future__ import annotations

import click

from graphpolicy.cli.options import Context, facts_option, format_options, paths, verb_options


@click.command()
@paths
@verb_options
@facts_option
@format_options("CheckedFiles")
def validate(context: Context, path: tuple[str, ...]) -> int:
    """Check policy files: syntax, schema, values, guards. Needs no tenant."""
    from graphpolicy.cli.progress import waiting
    from graphpolicy.commands.defaults import unowned_defaults
    from graphpolicy.commands.kept_snapshot import broken_snapshots
    from graphpolicy.plan.verdict import CheckedFiles
    from graphpolicy.policyfile.load import load

    with waiting(context.console, "reading the policy files"):
        policies = load(path, context.facts, context.today)
    own = context.defaults
    wrong = (*own.findings, *unowned_defaults(own.file, policies.files))
    findings = (*wrong, *policies.findings, *broken_snapshots(policies.desired))
    checked = CheckedFiles(findings, tuple(policies.files))
    return context.console.answer(checked, told=not context.console.files_only)
