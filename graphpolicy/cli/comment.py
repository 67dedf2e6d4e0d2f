"""ci comment: put a report on a pull request, in place of the earlier one."""

from __future__ import annotations

import click

from graphpolicy.cli.github_job import (
    author_option,
    came_with,
    document_in,
    hub_of,
    job_variable,
    summarise,
)
from graphpolicy.cli.options import Context, verb_options
from graphpolicy.cli.origins import event
from graphpolicy.model.errors import Exit


@click.command()
@click.argument("report", metavar="REPORT.md", type=click.Path())
@verb_options
@author_option
@click.option(
    "--pull-request",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of the pull request; default: the one that the job is for.",
)
def comment(context: Context, report: str, author: str, pull_request: int | None) -> int:
    """Post a report on the pull request, replacing the earlier one.

    The pull request is the one that started the job or, after a merge, the one that the commit came
    with. The report also goes to the job's summary. For a fork it goes only there, because the
    token of a fork may not comment.
    """
    from graphpolicy.commands.comment import pull_request as of_event, stick
    from graphpolicy.github.refusals import GitHubError

    body = document_in(report)
    summarise(context, body)
    number, fork = of_event(event(context.environment), job_variable(context, "GITHUB_REPOSITORY"))
    if fork and pull_request is None:
        context.console.say("the pull request is from a fork: the report is in the job's summary")
        return Exit.DONE
    with hub_of(context) as hub:
        try:
            number = pull_request or number or came_with(context, hub)
            if number is None:
                context.console.say("there is no pull request: the report is in the job's summary")
                return Exit.DONE
            context.console.say(stick(hub, number, body, author))
        except GitHubError as failure:
            if not failure.forbidden:
                raise
            context.console.result(
                "::notice title=graphpolicy::This token may not comment; the report is in the "
                "job's summary.\n",
                "github",
            )
    return Exit.DONE
