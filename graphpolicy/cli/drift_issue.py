"""ci drift-issue: one issue for each tenant that differs from its files."""

from __future__ import annotations

import click

from graphpolicy.cli.github_job import author_option, hub_of, label_option, run_address
from graphpolicy.cli.options import Context, verb_options


@click.command("drift-issue")
@click.argument("report", metavar="DRIFT.json", type=click.Path())
@verb_options
@author_option
@label_option
def drift_issue(context: Context, report: str, author: str, label: str) -> int:
    """Open, update or close one issue per tenant, from a report of `drift`, .json or .jsonl.

    An error never closes an issue: if a tenant could not be read, its issue says so. A missing or
    invalid report is such an error for every tenant that has an issue, or only for --tenant.
    """
    from graphpolicy.commands.drift_issue import watch
    from graphpolicy.commands.written_reports import fault, report_in
    from graphpolicy.github.drift_result import looks
    from graphpolicy.github.tenant_issue import all_blind

    with hub_of(context) as hub:
        issues = hub.issues(label, author)
        missing = ""
        try:
            seen = looks(report_in(report))
        except (OSError, ValueError, KeyError, TypeError) as error:
            missing = f"{report} is not a report of drift: {fault(error)}"
            seen = all_blind(issues, missing, context.tenant)
        if not seen and not missing:
            missing = f"{report} contains no tenants: the policy files may have errors"
            seen = all_blind(issues, missing, context.tenant)
        now = f"{context.now()[:16].replace('T', ' ')} UTC"
        for told in watch(hub, seen, issues, label=label, now=now, run=run_address(context)):
            context.console.say(told)
    if missing:
        context.console.problem(
            missing, "check the output of the step that runs `graphpolicy drift`"
        )
    return 1 if missing else 0
