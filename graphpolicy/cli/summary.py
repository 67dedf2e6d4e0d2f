"""ci summary: add a report to the summary of the job, and say whether it was reviewed."""

from __future__ import annotations

import click

from graphpolicy.cli.github_job import author_option, came_with, document_in, hub_of, summarise
from graphpolicy.cli.options import Context, verb_options
from graphpolicy.cli.origins import event
from graphpolicy.model.errors import Exit


@click.command()
@click.argument("report", metavar="REPORT.md", type=click.Path())
@verb_options
@author_option
def summary(context: Context, report: str, author: str) -> int:
    """Add a report to the job's summary, and say whether it was reviewed.

    After a merge the plan is compared with the one in the comment on the merged pull request, if
    GITHUB_TOKEN is set and may read it.
    """
    from graphpolicy.commands.summary import reviewed
    from graphpolicy.github.refusals import GitHubError

    body, word = document_in(report), ""
    if context.environment.get("GITHUB_TOKEN") and "pull_request" not in event(context.environment):
        try:
            with hub_of(context) as hub:
                number = came_with(context, hub)
                word = reviewed(hub, number, body, author) if number else ""
        except GitHubError as failure:
            context.console.problem(
                f"it is not clear whether this plan was reviewed: {failure.text}", failure.help
            )
    summarise(context, f"{body}\n{word}" if word else body)
    return Exit.DONE
