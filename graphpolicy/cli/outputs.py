"""ci outputs: the digest and the counts of a plan, for the next steps and jobs."""

from __future__ import annotations

import click

from graphpolicy.cli.github_job import append_for_job, output_lines, report_text
from graphpolicy.cli.options import Context, verb_options
from graphpolicy.disk.json_text import decoded
from graphpolicy.model.errors import Exit


@click.command()
@click.argument("report", metavar="PLAN.json", type=click.Path())
@verb_options
def outputs(context: Context, report: str) -> int:
    """Pass the digest and the counts of a plan to later steps and jobs.

    Writes digest, changes, errors, warnings and refused to GITHUB_OUTPUT, or prints them if it is
    not set. If the report has several tenants, choose one with --tenant.
    """
    from graphpolicy.commands.outputs import outputs as of_report
    from graphpolicy.commands.written_reports import fault

    try:
        named = of_report(decoded(report_text(report)), context.tenant)
    except (ValueError, KeyError, TypeError) as error:
        context.console.problem(
            f"{report} is not a report of a plan: {fault(error)}",
            "write it with `graphpolicy plan -o plan.json`",
        )
        return Exit.FAILED
    lines = output_lines(named)
    if not append_for_job(context.environment.get("GITHUB_OUTPUT"), lines):
        context.console.result(lines)
    return Exit.DONE
