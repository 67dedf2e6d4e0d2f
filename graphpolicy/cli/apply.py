"""apply: plan, ask for approval, write, and read back every write."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.connect import policies_for
from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.options import (
    Context,
    connection_options,
    default_paths,
    filled,
    format_options,
    paths,
    verb_options,
)
from graphpolicy.cli.plan_context import base_of, base_option, plan_context
from graphpolicy.cli.writing import write_with, writing_options

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.commands.apply import Writing
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Report

Write = Callable[["Session", "Writing"], Coroutine[Any, Any, "Report"]]


@click.command()
@paths
@verb_options
@connection_options
@facts_option
@format_options("Report")
@writing_options
@base_option
@click.option(
    "--expect-digest",
    multiple=True,
    metavar="[NAME=]D",
    help="Apply only the plan with this digest; with several tenants, give one for each.",
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Apply each tenant separately, even if another can't be planned or is refused.",
)
@click.option("--resume", metavar="RUN", callback=filled, help="Continue an interrupted run.")
def apply(
    context: Context,
    path: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    facts: Facts,
    expect_digest: tuple[str, ...],
    resume: str | None,
    base: str | None,
    allow: tuple[str, ...],
    **flags: Any,
) -> int:
    """Plan, ask for approval, write, and read back every write.

    PATH may also be one plan file (PLAN.json): then exactly that plan is applied.
    """
    from graphpolicy.cli.approved_plan import (
        anew,
        consented_to,
        given_flags,
        plan_file_of,
        repeated,
    )
    from graphpolicy.commands.apply import apply as apply_policies
    from graphpolicy.commands.approved_plan import PlanFileError, accepting
    from graphpolicy.commands.plan_sources import planned_files, resumed_files
    from graphpolicy.journal.folder import check_records, find
    from graphpolicy.model import Report

    plan_file, files = plan_file_of(path)
    if sum(map(bool, (plan_file, expect_digest, resume))) > 1:
        raise click.UsageError("give only one of a plan file, --expect-digest and --resume.")
    check_records(context.state_dir)
    resumes = find(context.state_dir, resume) if resume else None
    if resumes:
        repeated(resumes, allow, context.console.typed)
        files = resumed_files(resumes, files, context.console.typed)
    console = context.console
    plans = given_flags(context, base)
    again = anew(context, plan_file, files, plans)
    try:
        if plan_file and not files:
            files = planned_files(plan_file, context.tenant, console.typed, again)
        files = files or default_paths()
        wanted = policies_for(context, files, facts, format_=format_, output=output, planned=True)
        policies, expected, consent = consented_to(
            wanted, context.tenant, plan_file, expect_digest, resumes, again=again
        )
    except PlanFileError as failure:
        console.problem(failure.text, failure.help)
        if format_ != "text" or output:
            report = Report("apply", (), findings=(failure.finding,))
            console.report(report, format_, output)
        return failure.exit_code
    see = ("plan", *files, *plans)
    again = (*again, *accepting(expected.values(), allow))
    going_on = (*plans, *accepting((), allow))
    before, lost = base_of(context, base, files, wanted)
    occasion = plan_context(context, facts, allow, base, lost)

    def run(session: Session, writing: Writing) -> Coroutine[Any, Any, Report]:
        return apply_policies(
            session,
            policies,
            writing,
            occasion,
            expected=expected,
            again=again,
            resume=("apply", *files, *going_on, "--resume"),
            base=before,
            resumes=resumes,
        )

    consent = {**consent, "allow": sorted({*allow})}
    given = bool(resume)
    return write_with(context, run, format_, output, consent=consent, given=given, see=see, **flags)
