"""The verbs about tenants' policies: plan, apply, drift, pull."""

from __future__ import annotations

import os
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.options import (
    Context,
    connection_options,
    format_options,
    paths,
    verb_options,
)

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.cli.progress import Progress
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Report
    from graphpolicy.plan import Planned


@click.command()
@paths
@verb_options
@connection_options
@facts_option
@format_options("text", "json")
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit 2 when there are changes and 6 when a rule refuses them.",
)
def plan(
    context: Context,
    path: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    facts: Facts,
    detailed_exitcode: bool,
) -> int:
    """Show what would change in the tenant, and for whom. Never writes."""
    from graphpolicy.commands import exit_codes

    report = _plans(context, "plan", path, facts)
    context.console.report(report, format_, output)
    return exit_codes.of_plan(report, detailed=detailed_exitcode)


@click.command()
@paths
@verb_options
@connection_options
@facts_option
@format_options("text", "json")
@click.option("--auto-approve", is_flag=True, help="Do not ask (for pipelines).")
@click.option("--confirm", metavar="NAME", help="The tenant's name, where a plan is risky.")
@click.option(
    "--verify-timeout",
    type=click.FloatRange(0, 600),
    default=30.0,
    show_default=True,
    help="Seconds that a write may take to show up.",
)
def apply(
    context: Context,
    path: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    facts: Facts,
    auto_approve: bool,
    confirm: str | None,
    verify_timeout: float,
) -> int:
    """Plan, ask, write, and read every write back."""
    from graphpolicy.cli.approval import Approval
    from graphpolicy.commands import exit_codes
    from graphpolicy.commands.apply import apply as apply_policies
    from graphpolicy.graph.write import Pace

    policies = policies_for(context, path)
    approval = Approval(context.console, format_, auto_approve=auto_approve, confirm=confirm)

    def run(session: Session, say: Progress) -> Coroutine[Any, Any, Report]:
        def approve(planned: Planned) -> bool:
            say.pause()
            return approval(planned.plan)

        pace = Pace(verify_timeout)
        return apply_policies(
            session, policies, approve, pace, say, today=context.today, facts=facts
        )

    report = connected(context, run)
    context.console.report(report, format_, output, brief=True)
    return exit_codes.of_apply(report)


@click.command()
@paths
@verb_options
@connection_options
@facts_option
@format_options("text", "json")
def drift(
    context: Context, path: tuple[str, ...], format_: str, output: tuple[str, ...], *, facts: Facts
) -> int:
    """Find what differs from the files. Never writes; exit 2 when something does."""
    from graphpolicy.commands import exit_codes

    report = _plans(context, "drift", path, facts)
    context.console.report(report, format_, output)
    return exit_codes.of_drift(report)


@click.command()
@verb_options
@connection_options
@click.option("-o", "--output", metavar="FILE", help="Write a new file instead of printing.")
def pull(context: Context, output: str | None) -> int:
    """Print the tenant's live policy as YAML."""
    from graphpolicy.commands.pull import pull as pull_policy
    from graphpolicy.commands.tenants import own_tenant

    if output and os.path.lexists(output):
        raise click.ClickException(f"{output} exists and is left as it is; name a new file")
    tenant = own_tenant(context.tenant, context.environment)
    text = connected(context, lambda session, _say: pull_policy(session.tenant(tenant), tenant))
    if output:
        context.console.write_file(output, text)
        context.console.say(f"`graphpolicy plan {output}` finds nothing to change")
    else:
        context.console.result(text)
    return 0


def _plans(context: Context, verb: str, path: tuple[str, ...], facts: Facts) -> Report:
    from graphpolicy.commands.planning import plan_each
    from graphpolicy.model import Failure, Report

    policies = policies_for(context, path)
    planned = connected(
        context, lambda session, _say: plan_each(session, policies, facts, today=context.today)
    )
    plans = tuple(item if isinstance(item, Failure) else item.plan for item in planned)
    return Report(verb, plans)
