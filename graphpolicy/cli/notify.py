"""ci notify: tell a channel of Teams or Slack, or a webhook, what a nightly run found."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.github_job import author_option, hub_of, label_option
from graphpolicy.cli.options import Context, verb_options
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphpolicy.github.hub import Hub
    from graphpolicy.github.tenant_issue import Issue


@click.command()
@click.argument("report", metavar="DRIFT.json", type=click.Path())
@verb_options
@click.option(
    "--to",
    "receiver",
    type=click.Choice(["teams", "slack", "webhook"]),
    required=True,
    help=(
        "Where the message goes: a webhook of Teams Workflows, of Slack, or one that accepts JSON."
    ),
)
@author_option
@label_option
def notify(context: Context, report: str, receiver: str, author: str, label: str) -> int:
    """Tell a channel what a run found, from a report of `drift`, .json or .jsonl.

    The webhook's address is in GRAPHPOLICY_NOTIFY_URL. It reports once each set of differences, the
    end of each, and each wave of a rollout that was opened, is due or is held up. The tenant's
    drift issue remembers it, in a job on GitHub after `ci drift-issue`. Without GITHUB_TOKEN each
    run reports what it finds. If the receiver is down, a warning says so, and the exit code is 0:
    the run's verdict is that of the drift.
    """
    from graphpolicy.commands.notify import nothing_read, tell, untold
    from graphpolicy.commands.written_reports import report_in
    from graphpolicy.github.drift_result import looks
    from graphpolicy.github.refusals import GitHubError
    from graphpolicy.github.tenant_issue import all_blind
    from graphpolicy.graph.webhook import post, webhook_address
    from graphpolicy.journal.provenance import origin

    console = context.console
    address = webhook_address(context.environment)
    run = origin(context.environment).get("run", "")
    with hub_of(context) if context.environment.get("GITHUB_TOKEN") else nullcontext() as hub:
        known = _issues(context, hub, label, author) if hub else None
        issues, memory = known or (), hub if known is not None else None
        try:
            seen = looks(report_in(report))
            why = "" if seen else f"{report} contains no tenants"
        except (OSError, ValueError, KeyError, TypeError):
            seen, why = (), f"{report} is not a report of drift"
        if why:
            console.warn(f"{why}: check the output of the step that runs `graphpolicy drift`")
            seen = all_blind(issues, why, context.tenant) or nothing_read(why, context.tenant)
        found = tuple(untold(seen, issues, remembers=memory is not None))
        if not any(each.news for each in found):
            console.say("there is nothing new to report")

        def send(body: bytes) -> str:
            return post(address, body, context.environment)

        try:
            for said, failed in tell(found, receiver, run, send, memory, label=label):
                (console.warn if failed else console.say)(said)
        except GitHubError as failure:
            console.warn(
                "the drift issues could not be updated, so the same news may be sent again: "
                f"{failure.text}; {failure.help}"
            )
    return Exit.DONE


def _issues(context: Context, hub: Hub, label: str, author: str) -> Sequence[Issue] | None:
    """The drift issues, None where they can't be read: then nothing is remembered."""
    from graphpolicy.github.refusals import GitHubError

    try:
        return hub.issues(label, author)
    except GitHubError as failure:
        context.console.warn(
            f"the drift issues can't be read, so everything is reported again: {failure.text}"
        )
        return None
