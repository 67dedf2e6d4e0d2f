"""impact: the people that a plan affects, or that a day affects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.announce import day
from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.flags import cache_for as cache_option, completing, filled
from graphpolicy.cli.options import Context, paths, tenant_options
from graphpolicy.cli.planning import base_option, keeping, names_option, plan_context_of

if TYPE_CHECKING:
    from graphpolicy.plan.impact_assessment import ImpactReport


@click.command()
@paths
@tenant_options("ImpactReport", facts=True)
@base_option
@click.option(
    "--on",
    metavar="DATE",
    callback=day,
    help="Count what Microsoft takes away by this day, such as 2027-02-01, if nothing is changed.",
)
@click.option(
    "--csv",
    "work_list",
    metavar="FILE",
    shell_complete=completing("files"),
    callback=filled,
    help="Write the people concerned to FILE: what they have, what they lose, what to do first.",
)
@names_option
@cache_option
def impact(
    context: Context,
    path: tuple[str, ...],
    *,
    base: str | None,
    on: str,
    work_list: str | None,
    names: bool,
    cache_for: int | None,
) -> int:
    """Count the people that a plan affects, and those it locks out. Never writes."""
    from graphpolicy.cli.options import check_places
    from graphpolicy.commands.impact import assess_each
    from graphpolicy.commands.trend import Trend
    from graphpolicy.journal.ledger import IMPACT, Ledger
    from graphpolicy.plan.impact_assessment import ImpactReport

    if on and on <= context.today:
        raise click.BadParameter(f"{on} is not after today, {context.today}.", param_hint="--on")
    if work_list == "-":  # a list of names may not mix with numbers that are passed on
        raise click.BadParameter("write the list to a file: it names people.", param_hint="--csv")
    check_places([work_list] if work_list else [])
    policies = policies_for(
        context, path, wrong=lambda found: ImpactReport((), file_findings=found), planned=True
    )
    plan_context = plan_context_of(context, (), base, path, policies, count="never")
    items = connected(
        context,
        lambda session, say: assess_each(
            keeping(session, cache_for, say),
            policies,
            plan_context,
            on,
            Trend(Ledger(context.state_dir, context.now, {}, IMPACT), context.console.warn),
            named=names or work_list is not None,
        ),
        policies,
    )
    report = ImpactReport(items, names)
    if work_list:
        _write(context, report, work_list)
    return context.console.answer(report)


def _write(context: Context, report: ImpactReport, file: str) -> None:
    """Write the work list, readable by its owner alone."""
    from graphpolicy.disk.output_files import write_file
    from graphpolicy.model import Failure
    from graphpolicy.plan.impact_assessment import Assessed, WorkList
    from graphpolicy.render import Style, render

    found = tuple(item for item in report.items if isinstance(item, Assessed))
    left = ", ".join(item.tenant.name for item in report.items if isinstance(item, Failure))
    if not found:
        context.console.problem(
            f"{file} was not written: the people of {left} could not be counted"
        )
        return
    write_file(file, render(WorkList(found), "csv", Style()), private=True)
    count = sum(len(item.work) for item in found)
    without = f"; the people of {left}, who could not be counted, are missing" if left else ""
    context.console.say(f"{file}: {count:,} {'person' if count == 1 else 'people'}{without}")
