"""The verbs that need no tenant, only files."""

from __future__ import annotations

import sys

import click

from graphpolicy.cli.options import Context, format_options, paths, verb_options


@click.command()
@paths
@verb_options
@format_options("text", "json")
def validate(context: Context, path: tuple[str, ...], format_: str, output: tuple[str, ...]) -> int:
    """Check policy files without a tenant: language, schema, values."""
    from graphpolicy.policyfile.load import load
    from graphpolicy.render.as_json import findings
    from graphpolicy.render.findings import render_findings

    policies = load(path)
    console = context.console
    for file in output:
        if file == "-":
            continue
        text = (
            findings(policies.findings, policies.files)
            if file.endswith(".json")
            else render_findings(policies.findings, policies.files, color=False)
        )
        console.write_file(file, text)
    if format_ == "json":
        console.result(findings(policies.findings, policies.files))
    elif not output or "-" in output:
        color = console.colored(sys.stdout)
        console.result(render_findings(policies.findings, policies.files, color=color))
    return 0 if policies.sound else 1


@click.command()
@verb_options
def schema(context: Context) -> int:
    """Print the JSON Schema of the policy language, for editors."""
    import json

    from graphpolicy.policyfile.schema import schema as policy_schema

    context.console.result(json.dumps(policy_schema(), indent=2) + "\n")
    return 0
