"""ci adopt-drift: one pull request per tenant, which updates its file to the live values."""

from __future__ import annotations

import click

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.flags import filled
from graphpolicy.cli.github_job import author_option, ground_of, hub_of
from graphpolicy.cli.options import Context, paths, tenant_options


@click.command("adopt-drift")
@paths
@tenant_options()
@author_option
@click.option(
    "--label",
    default="graphpolicy-adopt",
    show_default=True,
    callback=filled,
    help="Label of the pull requests.",
)
def adopt_drift(context: Context, path: tuple[str, ...], author: str, label: str) -> int:
    """Open, update or close one pull request per tenant that accepts its drift.

    Run it in a job on the branch to change. It makes the changes of `pull --update`, but only on
    GitHub: the checked-out files stay as they are. What someone else pushed to a pull request is
    left alone.
    """
    from graphpolicy.commands.adopt_drift import look
    from graphpolicy.commands.kept_snapshot import kept_for
    from graphpolicy.commands.pull_request import propose
    from graphpolicy.github.refusals import GitHubError
    from graphpolicy.model import Failure
    from graphpolicy.model.errors import UsageError, worst
    from graphpolicy.plan.plan_context import PlanContext

    console = context.console
    ground = ground_of(context, author, label)
    policies = policies_for(context, path)
    codes = []
    with hub_of(context) as hub:
        kept, now = (
            kept_for([one for one in policies if one.unmanaged != "ignore"], None),
            context.now(),
        )
        plan_context = PlanContext(context.today, now=now, kept=kept)
        found = connected(
            context, lambda session, _say: look(session, policies, plan_context), policies
        )
        for one in found:
            if isinstance(one, Failure):
                console.failed(one)
                codes.append(one.exit_code)
                continue
            for told in one.left:
                console.problem(f"{one.tenant.name}: {told}", "resolve it by hand")
            codes.append(1 if one.left else 0)
            try:
                console.say(propose(hub, one, ground))
            except (GitHubError, UsageError) as failure:
                console.problem(f"{one.tenant.name}: {failure.text}", failure.help)
                codes.append(failure.exit_code)
    return worst(codes)
