"""ci open-wave: one pull request per rollout, which opens the next wave when it is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.flags import cache_for as cache_option, filled
from graphpolicy.cli.github_job import author_option, ground_of, hub_of
from graphpolicy.cli.options import Context, paths, tenant_options
from graphpolicy.cli.planning import keeping, plan_context_of

if TYPE_CHECKING:
    from graphpolicy.github.wave import RemovedRollout, WaveChange


@click.command("open-wave")
@paths
@tenant_options()
@author_option
@click.option(
    "--label",
    default="graphpolicy-wave",
    show_default=True,
    callback=filled,
    help="Label of the pull requests.",
)
@cache_option
def open_wave(
    context: Context, path: tuple[str, ...], author: str, label: str, cache_for: int | None
) -> int:
    """Open, update or close one pull request per rollout whose next wave is ready.

    Run it in a job on the branch to change. The pull request has the edit, the plan with its impact
    on people, and the message to them. A later run closes it when the wave is no longer ready. What
    someone else pushed to a pull request is left alone.
    """
    from graphpolicy.commands.open_wave import due_waves, removed
    from graphpolicy.commands.pull_request import propose
    from graphpolicy.commands.trend import Trend
    from graphpolicy.github.refusals import GitHubError
    from graphpolicy.journal.ledger import ROLLOUTS, Ledger
    from graphpolicy.model import Failure
    from graphpolicy.model.errors import UsageError, worst

    console = context.console
    ground = ground_of(context, author, label)
    policies = policies_for(context, path)
    plan_context = plan_context_of(context, (), None, path, policies, count="always")
    trend = Trend(Ledger(context.state_dir, context.now, {}, ROLLOUTS), console.warn)
    rolling = [desired for desired in policies if desired.rollouts]
    if not rolling:
        console.say("the files have no rollouts")
    codes = []
    with hub_of(context) as hub:
        found: list[RemovedRollout | WaveChange | Failure] = [*removed(hub, policies)]
        if rolling:
            found += connected(
                context,
                lambda session, say: due_waves(
                    keeping(session, cache_for, say), rolling, plan_context, trend, context.today
                ),
                rolling,
                people=True,
            )
        for one in found:
            if isinstance(one, Failure):
                console.failed(one)
                codes.append(one.exit_code)
                continue
            try:
                console.say(propose(hub, one, ground))
                codes.append(0)
            except (GitHubError, UsageError) as failure:
                console.problem(f"{one.tenant.name}: {failure.text}", failure.help)
                codes.append(failure.exit_code)
    return worst(codes)
